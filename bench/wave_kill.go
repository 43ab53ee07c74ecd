package bench

import (
	"context"
	"errors"
	"time"

	"github.com/cxloop/cxloop/localserver"
	"github.com/cxloop/cxloop/sandbox"
)

// killsPerWave is how often the worker is killed, evenly over the wave's course.
const killsPerWave = 5

// kills are those that there were.
type kills struct {
	n int
	// done is how far the wave was at the last one.
	done int
	// peak is the most memory, in MB, that a killed worker had.
	peak float64
	// last is when the last one was, or what followed was last hastened.
	last time.Time
}

// kill kills the worker where the wave has come to the next point for it, and starts it
// again as an init system would; between and after that it spares the waits that follow.
func (w *wave) kill(ctx context.Context, p progress) error {
	// Each contact counts twice: when it is decided and when it is dealt with.
	done := 2*p.invitations - p.waiting
	due := 2 * w.contacts * (w.kills.n + 1) / (killsPerWave + 1)
	if w.kills.n == killsPerWave || done < due || done == w.kills.done {
		return w.settle(ctx)
	}
	peak, err := peakMB(w.pid())
	if err != nil {
		return err
	}
	if err := w.child.cmd.Process.Kill(); err != nil {
		return err
	}
	_ = w.child.cmd.Wait() // killed
	w.kills = kills{n: w.kills.n + 1, done: done, peak: max(w.kills.peak, peak), last: time.Now()}
	w.say("wave: killed the worker (%d of %d): %d invitations, %d of them wait for their mail", w.kills.n, killsPerWave, p.invitations, p.waiting)
	return w.startWorker(ctx)
}

// How long cxloop waits, in real time, for an event that proves a mail in doubt, and
// how long no call or attempt takes.
const (
	doubtLasts = 15 * time.Minute
	callLasts  = 30 * time.Second
)

// settle spares the waits that only time ends, when nothing was killed for a while: it
// gives up the attempts that killed workers held, and makes mails in doubt as old as
// they have to be to be given up. That is the same as waiting: the vendor has taken
// none of them, so that no event is still to come.
func (w *wave) settle(ctx context.Context) error {
	now := time.Now()
	if w.kills.n == 0 || now.Sub(w.kills.last) < callLasts {
		return nil
	}
	w.kills.last = now // not every time it is looked
	attempts := localserver.Hasten{Client: w.client, Namespace: w.server.Namespace, Longest: callLasts}
	if err := attempts.Activities(ctx); err != nil {
		w.say("wave: not hastened: %v", err)
	}
	pending, err := w.db.pending(ctx, now.Add(-doubtLasts), now.Add(-callLasts))
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	w.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.Mails {
			taken[effectOf(m)] = true
		}
	})
	for _, key := range pending {
		if !taken[key] {
			err = errors.Join(err, w.db.age(ctx, key, doubtLasts))
		}
	}
	return err
}
