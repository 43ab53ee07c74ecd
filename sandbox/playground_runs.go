package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// keptRuns is how many played scenarios the page shows, maxRuns how many may play at once.
	keptRuns = 12
	maxRuns  = 8
)

var errTooManyRuns = errors.New("enough is happening already: wait until a scenario has ended")

// States of a run and of its steps.
const (
	stateWaiting = "waiting"
	stateRunning = "running"
	stateDone    = "done"
	stateFailed  = "failed"
)

// run is one scenario as it is played.
type run struct {
	ID    int       `json:"id"`
	Title string    `json:"title"`
	State string    `json:"state"`
	Steps []runStep `json:"steps"`
}

// runStep is one step of a run, as the page shows it.
type runStep struct {
	Title  string `json:"title"`
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"`
	// See names what the step is about: record/<type>/<id>, mail/<id> or slack/<channel>/<ts>.
	See string `json:"see,omitempty"`
}

// scenario is a story that a button of the page plays.
type scenario struct {
	name, title, about string
	steps              []step
	// demo says that only the playground's own programs take what it tells.
	demo bool
}

// offered are the scenarios that the programs let play.
func (p *playground) offered() []*scenario {
	if !p.opts.OwnPrograms {
		return scenarios
	}
	return slices.DeleteFunc(slices.Clone(scenarios), func(s *scenario) bool { return s.demo })
}

// step is one thing that a scenario does or waits for, and how long that may take.
type step struct {
	title  string
	within time.Duration
	do     act
}

// act does a step and returns what is worth telling of it and what to look at; see runStep.
type act func(ctx context.Context, p *playground, c *cast) (detail, see string, err error)

// cast is who takes part in a run, filled in by its first step.
type cast struct {
	since   time.Time
	company *Record
	contact *Record
	// objects are the deals or tickets that the run is about.
	objects []*Record
	// people are the contacts of a run with many.
	people []*Record
	// past is what the people did before, and companies are theirs, in the same order.
	past      []pastCustomer
	companies []*Record
	// tell changes the detail of the step that is being played; it may be called under the sandbox's lock.
	tell func(detail string)
}

// play starts a scenario and returns the run's number. It returns ErrNotFound for an unknown name, errTooManyRuns when
// too many are being played.
func (p *playground) play(name string) (int, error) {
	offered := p.offered()
	i := slices.IndexFunc(offered, func(s *scenario) bool { return s.name == name })
	if i < 0 {
		return 0, fmt.Errorf("scenario %q: %w", name, ErrNotFound)
	}
	sc := offered[i]
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.playing >= maxRuns {
		return 0, errTooManyRuns
	}
	p.playing++
	p.nextRun++
	r := &run{ID: p.nextRun, Title: sc.title, State: stateRunning}
	for _, s := range sc.steps {
		r.Steps = append(r.Steps, runStep{Title: s.title, State: stateWaiting})
	}
	p.runs = capped(p.runs, r, keptRuns)
	go p.perform(r, sc)
	return r.ID, nil
}

// perform plays a run to its end or to its first failure. It ends when the sandbox is closed, because every step that
// takes long waits on it.
func (p *playground) perform(r *run, sc *scenario) {
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.playing--
	}()
	c := &cast{since: p.s.now()}
	for i, s := range sc.steps {
		p.update(r, i, func(shown *runStep) { shown.State = stateRunning })
		c.tell = func(detail string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			r.Steps[i].Detail = detail
		}
		ctx, cancel := context.WithTimeout(context.Background(), s.within)
		detail, see, err := s.do(ctx, p, c)
		cancel()
		p.update(r, i, func(shown *runStep) {
			shown.State, shown.Detail, shown.See = stateDone, detail, see
			if err != nil {
				shown.State, shown.Detail = stateFailed, explain(err, s.within)
			}
		})
		if err != nil {
			return
		}
	}
}

func explain(err error, within time.Duration) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("not within %s; it may still come", within)
	}
	return err.Error()
}

// update changes a step, derives the run's state from its steps, and tells the page.
func (p *playground) update(r *run, i int, f func(shown *runStep)) {
	p.mu.Lock()
	f(&r.Steps[i])
	switch {
	case r.Steps[i].State == stateFailed:
		r.State = stateFailed
	case i == len(r.Steps)-1 && r.Steps[i].State == stateDone:
		r.State = stateDone
	}
	p.mu.Unlock()
	p.s.change(func(*State) {})
}

// shownRuns returns copies of the runs, newest first.
func (p *playground) shownRuns() []run {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := []run{}
	for _, r := range newest(p.runs, keptRuns) {
		c := *r
		c.Steps = slices.Clone(r.Steps)
		out = append(out, c)
	}
	return out
}
