package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// What comes in a second, with Temporal and without.
const (
	hooksPerSecond   = 50
	answersPerSecond = 20
	// upSeconds is for how long it comes in while Temporal runs.
	upSeconds = 15
	// drainPatience is after how long what was not dealt with is lost.
	drainPatience = 2 * time.Minute
)

// outage is customers whose deals are won and who answer before, while and after
// Temporal is down.
type outage struct {
	*world
	// early are mailed at first and answer while Temporal runs, when the deals of
	// late and silent are won. late answer while it is down, when the deals of held
	// are won. silent never answer.
	early, late, silent, held *play
}

// acks are how long requests took to be acknowledged.
type acks struct{ hooks, answers []time.Duration }

// outageFigures measure what the world outside notices while Temporal is down, and
// what comes of what it was promised.
func (r *run) outageFigures(ctx context.Context, before []Figure) ([]Figure, error) {
	w, err := r.newWorld(ctx, loopSetting)
	if err != nil {
		return nil, err
	}
	o := outage{world: w}
	figures, err := o.measure(ctx, before)
	if err != nil {
		err = w.explain(err)
	}
	return figures, errors.Join(err, w.close())
}

func (o *outage) measure(ctx context.Context, before []Figure) ([]Figure, error) {
	began := time.Now()
	if err := o.cast(); err != nil {
		return nil, err
	}
	o.say("outage: %d webhooks and %d answers a second for %d s while Temporal runs", hooksPerSecond, answersPerSecond, upSeconds)
	up, letters, err := o.whileUp(ctx)
	if err != nil {
		return nil, err
	}
	if err := o.killTemporal(); err != nil {
		return nil, err
	}
	o.say("outage: the same for %d s after Temporal was killed", o.Down)
	down, err := o.bear(ctx, o.late, letters, o.held)
	if err != nil {
		return nil, err
	}
	figures := []Figure{
		figure("intake.ack_p99_ms", p99(down.hooks), "ms", "< 50").beside(p99(up.hooks)),
		figure("answer.post_p99_ms", p99(down.answers), "ms", "< 50").beside(p99(up.answers)),
	}
	if err := o.startTemporal(ctx); err != nil {
		return nil, err
	}
	o.say("outage: Temporal is back")
	after, err := o.resume(ctx, began, before)
	return append(figures, after...), err
}

// resume measures what follows from the moment at which Temporal is back, and holds
// cxloop to what it acknowledged since the load began.
func (o *outage) resume(ctx context.Context, began time.Time, before []Figure) ([]Figure, error) {
	back := time.Now()
	err := o.drain(ctx)
	drained := time.Now()
	if err == nil {
		err = o.awaitClosed(ctx, began, closePatience) // what is done twice is done later
	}
	if err = errors.Join(err, o.outcomes()); err != nil {
		return nil, err
	}
	resumed, err := o.firstSince(ctx, back)
	if err != nil {
		return nil, err
	}
	loops := float64(o.held.count) + float64(o.late.count)/2 // who answered had their mail before
	perSecond := figure("outage.drained_per_s", loops/drained.Sub(resumed).Seconds(), "1/s", "≈ loop.per_s")
	if at := slices.IndexFunc(before, func(f Figure) bool { return f.Name == "loop.per_s" }); at >= 0 {
		perSecond = perSecond.beside(before[at].Value)
	}
	return []Figure{
		figure("outage.resumed_s", resumed.Sub(back).Seconds(), "s", ""),
		perSecond,
		figure("outage.lost", 0, "", "0"), // else there are no figures
	}, nil
}

func (o *outage) cast() (err error) {
	hooks, answers := hooksPerSecond*upSeconds, answersPerSecond*o.Down
	for _, part := range []struct {
		play **play
		load load
	}{
		{&o.early, load{count: answersPerSecond * upSeconds, score: usualScore, resolve: true}},
		{&o.late, load{count: answers, score: usualScore, resolve: true}},
		{&o.silent, load{count: max(0, hooks-answers)}},
		{&o.held, load{count: hooksPerSecond * o.Down, score: usualScore, resolve: true}},
	} {
		if *part.play, err = o.world.cast(part.load); err != nil {
			return err
		}
	}
	return nil
}

// whileUp returns the mails of those who answer later.
func (o *outage) whileUp(ctx context.Context) (acks, map[int]*sandbox.Mail, error) {
	if err := o.early.winDeals(ctx); err != nil {
		return acks{}, nil, err
	}
	letters, err := o.early.awaitMails(ctx, inviteMail, o.early.count)
	if err != nil {
		return acks{}, nil, err
	}
	up, err := o.bear(ctx, o.early, letters, o.late, o.silent)
	if err != nil {
		return acks{}, nil, err
	}
	if err := o.early.end(ctx); err != nil {
		return acks{}, nil, err
	}
	if _, err := o.silent.awaitMails(ctx, inviteMail, o.silent.count); err != nil {
		return acks{}, nil, err
	}
	letters, err = o.late.awaitMails(ctx, inviteMail, o.late.count)
	return up, letters, err
}

// bear sends the webhooks of won deals and answers at the same time.
func (o *outage) bear(ctx context.Context, answering *play, letters map[int]*sandbox.Mail, winning ...*play) (took acks, err error) {
	var deals []string
	for _, p := range winning {
		deals = append(deals, p.deals...)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		took.hooks, err = steady(ctx, hooksPerSecond, len(deals), func(ctx context.Context, i int) error { return o.deliver(ctx, deals[i]) })
		return err
	})
	group.Go(func() (err error) {
		took.answers, err = steady(ctx, answersPerSecond, answering.count, func(ctx context.Context, i int) error {
			return answering.answer(ctx, i, letters[i])
		})
		return err
	})
	return took, group.Wait()
}

// drain returns when all that waited, and all that came of it, has been dealt with.
func (o *outage) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainPatience)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return o.held.answerMails(ctx) })
	group.Go(func() error { return o.held.end(ctx) })
	group.Go(func() error { return o.late.end(ctx) })
	return group.Wait()
}

// end returns when all answers have led to what they are to lead to.
func (p *play) end(ctx context.Context) error {
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return p.workCases(running) })
	group.Go(func() error {
		_, err := p.awaitMails(running, askMail, p.promoters)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return p.awaitScores(ctx)
}

// fate is what came of one customer.
type fate struct {
	invited, asked, shown int
	score                 string
}

// outcomes compares what was acknowledged with what came of it. Its error names
// what was lost, and what was done twice.
func (o *outage) outcomes() error {
	var wrong []string
	for _, p := range []*play{o.early, o.late, o.silent, o.held} {
		for i, got := range p.fates() {
			if want := p.due(i); got != want {
				wrong = append(wrong, fmt.Sprintf("customer %d: %+v, not %+v", p.first+i, got, want))
			}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	const named = 5
	return fmt.Errorf("of %d customers what was acknowledged was lost or done twice, such as %s", len(wrong), strings.Join(wrong[:min(named, len(wrong))], "; "))
}

// due is what is to come of a customer who did all that the load says.
func (p *play) due(customer int) fate {
	want := fate{invited: 1}
	if p.score == nil {
		return want
	}
	score := p.score(p.first + customer)
	want.score = strconv.Itoa(score)
	switch {
	case score >= 9:
		want.asked = 1
	case score <= 6:
		want.shown = 1
	}
	return want
}

func (p *play) fates() []fate {
	fates := make([]fate, p.count)
	p.sandbox.Read(func(st *sandbox.State) {
		for i := range fates {
			fates[i].score = st.ContactByEmail(p.address(i)).Get(survey.SignalNPSLast)
		}
		for _, m := range st.Mails {
			i, ok := p.index(m.To.Email)
			switch {
			case !ok:
			case m.CustomArgs["cxloop_kind"] == inviteMail:
				fates[i].invited++
			case m.CustomArgs["cxloop_kind"] == askMail:
				fates[i].asked++
			}
		}
		for _, id := range channelIDs() {
			for _, m := range st.Messages(id) {
				if i, ok := p.index(m.Text); ok {
					fates[i].shown++
				}
			}
		}
	})
	return fates
}
