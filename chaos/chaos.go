// Package chaos holds cxloop to its promises while everything around it breaks:
// its processes and servers are killed, the vendors fail, and at the end it is
// counted what was lost and what was done twice.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/sandbox"
)

// Options say how much chaos there is. All are required.
type Options struct {
	// Program is the cxloop binary.
	Program string
	// Seed makes what people do, what is killed and how the vendors fail repeatable.
	Seed uint64
	// Loops is how many customers there are, Kills how often a process of cxloop is
	// killed, every 2.5 seconds or so.
	Loops, Kills int
	// Out takes the counts and, as its last line, the verdict. Progress takes what
	// happens meanwhile.
	Out, Progress io.Writer
}

// ErrBroken is returned where a promise was broken, which Options.Out tells.
var ErrBroken = errors.New("a promise was broken")

// faultShare is how many of the calls to vendors, and of theirs to cxloop, fail while
// there is chaos.
const faultShare = 0.3

// Run starts everything, breaks it, waits until all has come to its end, and
// counts. The logs of a run that broke a promise are kept.
func Run(ctx context.Context, o Options) (err error) {
	folder, err := os.MkdirTemp("", "cxloop-chaos-")
	if err != nil {
		return err
	}
	w, err := newWorld(ctx, o, folder)
	if err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	r := run{
		Options: o, world: w, plan: newPlan(o.Seed, o.Loops, o.Kills), strikes: map[target]int{}, aged: map[string]time.Time{},
	}
	c, err := r.play(ctx)
	err = errors.Join(err, w.close())
	if err != nil {
		return fmt.Errorf("%w (the logs are in %s)", err, folder)
	}
	for _, line := range c.lines {
		fmt.Fprintln(o.Out, line)
	}
	if len(c.broken) > 0 {
		fmt.Fprintf(o.Out, "the logs are in %s\n", folder)
		fmt.Fprintf(o.Out, "chaos: seed %d: BROKEN: %s\n", o.Seed, joined(c.broken))
		return ErrBroken
	}
	fmt.Fprintf(o.Out, "chaos: seed %d: all promises kept\n", o.Seed)
	return os.RemoveAll(folder)
}

// run is one run under way.
type run struct {
	Options
	*world
	plan   plan
	people *people
	// struck are the moments at which a call's outcome may not have been noted: a
	// worker or its database was killed, or the call given up.
	struck []time.Time
	// strikes are how often each part was killed, exposed how many calls each vendor got
	// while there was chaos.
	strikes map[target]int
	exposed map[sandbox.Vendor]int64
	// aged are the mails in doubt that were made older, with when each was tried.
	aged map[string]time.Time
}

func (r *run) say(format string, args ...any) { fmt.Fprintf(r.Progress, format+"\n", args...) }

func (r *run) play(ctx context.Context) (*count, error) {
	var err error
	if r.people, err = newPeople(r.world, r.plan.visits); err != nil {
		return nil, err
	}
	living, end := context.WithCancel(ctx)
	defer end()
	group, living := errgroup.WithContext(living)
	group.Go(func() error { return r.people.live(living) })
	group.Go(func() error {
		defer end()
		return r.wreckAndWait(living)
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	r.say("counting")
	return r.count(ctx)
}

func (r *run) wreckAndWait(ctx context.Context) error {
	r.say("chaos: %d customers, %d strikes, %g %% of the calls to vendors fail", len(r.plan.visits), len(r.plan.strikes), faultShare*100)
	r.faults(faultShare)
	began := time.Now()
	for i, s := range r.plan.strikes {
		if !pause(ctx, time.Until(began.Add(s.at))) {
			return ctx.Err()
		}
		from := time.Now()
		if err := r.strike(ctx, s.target); err != nil {
			return err
		}
		if s.target == workerProcess || s.target == postgresServer { // which is away for a while
			r.struck = append(r.struck, from, time.Now())
		}
		r.strikes[s.target]++
		if (i+1)%10 == 0 {
			r.say("%d of %d strikes", i+1, len(r.plan.strikes))
		}
	}
	if !pause(ctx, time.Until(began.Add(r.plan.span))) {
		return ctx.Err()
	}
	r.faults(0)
	r.exposed = r.sandbox.Snapshot().Counts.Requests
	return r.waitQuiet(ctx)
}

var vendors = []sandbox.Vendor{sandbox.HubSpot, sandbox.Slack, sandbox.SendGrid}

// faults has a share of the calls to each vendor fail in every way there is, and of the
// vendors' own calls.
func (r *run) faults(share float64) {
	for i, v := range vendors {
		hang := 11 * time.Second // a second longer than the callers wait
		if v == sandbox.SendGrid {
			hang = 2 * time.Second // the next mail of a batch is to go out within mailGrace
		}
		r.sandbox.SetFaults(v, sandbox.Faults{
			Seed: r.Seed + uint64(i), Rate: share, Kinds: sandbox.FaultKinds, RetryAfter: time.Second, Hang: hang,
		})
	}
	r.network.fail(share)
}
