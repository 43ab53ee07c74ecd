package activities

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Asks decides who is asked for something after an answer. Its activities touch the
// database alone.
type Asks struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
	// Rules are those of all programs, Reads the CRMs that tell what they ask for.
	Rules condition.AskRules
	Reads []string
}

// PlannedAsks says when the asks of a batch go out.
type PlannedAsks struct {
	// Asks is how many wait.
	Asks int
	// At is when the first of them is due, on the real clock.
	At time.Time
	// CRMs are those to read the contacts from again by then, sorted.
	CRMs []string `json:",omitempty"`
}

// PlanAsks says when the asks of a batch go out.
func (a *Asks) PlanAsks(ctx context.Context, in AnswersRef) (PlannedAsks, error) {
	waiting, err := a.Store.WaitingAsks(ctx, in.Batch)
	if err != nil {
		return PlannedAsks{}, err
	}
	planned := PlannedAsks{Asks: len(waiting)}
	var due time.Time
	for _, r := range waiting {
		program, err := a.Programs.Get(ctx, r.Ask.Program, r.Ask.Version)
		if err != nil {
			return PlannedAsks{}, err
		}
		due = earlier(due, program.FollowUp.AskTiming(r.Ask.Kind).DueAt(r.Ask.CreatedAt, r.Contact.Timezone))
	}
	if planned.Asks > 0 {
		planned.At, planned.CRMs = a.Clock.Real(due), a.toRead(waiting)
	}
	return planned, nil
}

// AdmitAsks decides the asks of a batch and returns how many are to be sent.
func (a *Asks) AdmitAsks(ctx context.Context, in AnswersRef) (int, error) {
	admitted, err := admitAsks(ctx, a.Store, a.Programs, a.Rules, in.Batch, a.Clock.Now())
	return len(admitted), err
}

// admitAsks decides what is undecided and returns what is admitted and not sent.
func admitAsks(ctx context.Context, s store.Store, programs *Programs, rules condition.AskRules, batch string, now time.Time) ([]store.AskRecipient, error) {
	waiting, err := s.WaitingAsks(ctx, batch)
	if err != nil {
		return nil, err
	}
	followUps := map[string]survey.FollowUp{}
	for _, r := range waiting {
		program, err := programs.Get(ctx, r.Ask.Program, r.Ask.Version)
		if err != nil {
			return nil, err
		}
		followUps[r.Ask.Program+"@"+r.Ask.Version] = program.FollowUp
	}
	return s.AdmitAsks(ctx, batch, now, func(r *store.AskRecipient) survey.Rule {
		rules.Tell(&r.Facts, r.Contact, r.Account, now)
		return followUps[r.Ask.Program+"@"+r.Ask.Version].AdmitAsk(r.Ask.Kind, r.Facts, now)
	})
}
