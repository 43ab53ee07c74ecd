package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Responses deals with answers. Its activities touch the database alone.
type Responses struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
	NewID    func() string
	// Comments reads what nothing has read when it came in.
	Comments *CommentReader
}

// AnswersRef names a batch of answers.
type AnswersRef struct{ Batch string }

// RecordResponses scores a batch of answers, records it and says what it led to.
func (a *Responses) RecordResponses(ctx context.Context, in AnswersRef) (store.Recorded, error) {
	programs, err := a.programsOf(ctx, in.Batch)
	if err != nil {
		return store.Recorded{}, err
	}
	now := a.Clock.Now()
	fits, err := a.fits(ctx, programs, now)
	if err != nil {
		return store.Recorded{}, err
	}
	return a.Store.Record(ctx, store.RecordRequest{
		Batch: in.Batch, Now: now, NewID: a.NewID, Fits: fits, Read: a.Comments.Reader(ctx),
		Decide: func(r survey.Response, fits bool) (store.Decision, error) {
			program, ok := programs[r.Version]
			if !ok {
				return store.Decision{}, fmt.Errorf("program %s, version %s is not that of its inbox item", r.Program, r.Version)
			}
			r.Alerted = now // it is looked at for the last time before it is final
			return store.Decision{
				Final: program.IsFinal(r, now), Next: program.Next(r, fits, now), DueAt: program.DueAt(r),
				CaseCloseAt:  now.Add(program.FollowUp.Case.CloseAfter.Std()),
				ReopenWithin: program.FollowUp.Case.ReopenWithin,
			}, nil
		},
		ChooseAsk: func(r survey.Response, h survey.AskHistory) (survey.AskChoice, time.Time, bool) {
			program := programs[r.Version]
			asks := program.FollowUp
			choice, ok := asks.ChooseAsk(program.AskAnswer(r), h, now)
			// Where the contact is in another zone than the calendar, PlanAsks knows better.
			return choice, asks.AskTiming(choice.Kind).DueAt(now, ""), ok
		},
		ContactSignals: func(r survey.Response) map[string]string { return survey.ContactSignals(programs[r.Version], r) },
		AccountSignals: accountSignals,
	})
}

// fits asks the programs' expressions that open cases, nil where none has one.
func (a *Responses) fits(ctx context.Context, programs map[string]survey.Program, now time.Time) (func(survey.Response, survey.Contact, survey.Account) bool, error) {
	conditions := map[string]*condition.Program{}
	for version, program := range programs {
		if program.FollowUp.Case.When == "" {
			continue
		}
		var err error
		if conditions[version], err = a.Programs.Conditions(ctx, program.ID, version); err != nil {
			return nil, err
		}
	}
	if len(conditions) == 0 {
		return nil, nil
	}
	return func(r survey.Response, contact survey.Contact, account survey.Account) bool {
		c, has := conditions[r.Version]
		return has && c.OpensCase(condition.Facts{Response: r, Contact: contact, Account: account, Now: now})
	}, nil
}

// programsOf finds the versions that a batch's responses are to, before the
// transaction that asks for them begins: it must not wait for another one.
func (a *Responses) programsOf(ctx context.Context, batch string) (map[string]survey.Program, error) {
	items, err := a.Store.BatchItems(ctx, batch)
	if err != nil {
		return nil, err
	}
	programs := map[string]survey.Program{}
	for _, item := range items {
		var answer store.AnswerItem
		if err := json.Unmarshal(item.Payload, &answer); err != nil {
			return nil, fmt.Errorf("inbox item %d: %w", item.ID, err)
		}
		if _, ok := programs[answer.Version]; ok {
			continue
		}
		if programs[answer.Version], err = a.Programs.Get(ctx, item.Lane, answer.Version); err != nil {
			return nil, err
		}
	}
	return programs, nil
}

func accountSignals(c store.AccountCounts) map[string]string {
	out := map[string]string{survey.SignalAccountNPSN: strconv.Itoa(c.N)}
	if c.N >= survey.MinGroup {
		out[survey.SignalAccountNPS] = fmt.Sprintf("%.1f", insight.NPSOf(c.Promoters, c.Detractors, c.N).Score)
	}
	return out
}

// Starter begins workflows and wakes those that run, each idempotently.
type Starter interface {
	// Invite starts the workflow of a batch of invitations.
	Invite(ctx context.Context, batch BatchRef) error
	// Campaign starts the workflow of a campaign that was begun before.
	Campaign(ctx context.Context, id string) error
	// Case starts or wakes the workflow of a case.
	Case(ctx context.Context, caseID string) error
	// Ask starts the workflow of a batch's asks.
	Ask(ctx context.Context, batch string) error
	// Leads starts the workflow of a batch of leads.
	Leads(ctx context.Context, batch LeadsRef) error
	// Storm starts or wakes the workflow of a storm of cases.
	Storm(ctx context.Context, storm string) error
	// Sync starts or wakes the workflow that writes to a CRM.
	Sync(ctx context.Context, crm string) error
}

// Starts hands on what a batch of answers led to. Many workflows are begun at
// once through the client: as children they would cost their parent an event each
// and tie their lives to it.
type Starts struct {
	Starter Starter
	syncs   gathered
}

const (
	// startsAtOnce bounds the calls to Temporal under way.
	startsAtOnce = 8
	// syncsGather is for how long those wait for each other who wake the same CRM's workflow,
	// which itself waits for longer: each time costs it a task. syncTimeout is of the call.
	syncsGather = 2 * time.Second
	syncTimeout = 10 * time.Second
)

// FollowUps starts or wakes the workflows of the cases, the asks and the CRMs that
// a batch of answers touched. It may be repeated.
func (a *Starts) FollowUps(ctx context.Context, in FollowUpsInput) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startsAtOnce)
	for _, crm := range in.Recorded.CRMs { // first, as they may wait for others
		group.Go(func() error { return a.WakeSync(ctx, CRMRef{CRM: crm}) })
	}
	for _, id := range in.Recorded.Cases {
		group.Go(func() error { return a.Starter.Case(ctx, id) })
	}
	if in.Recorded.Asks > 0 {
		group.Go(func() error { return a.Starter.Ask(ctx, in.Batch) })
	}
	return group.Wait()
}

// WakeSync starts or wakes the workflow that writes to a CRM. It may be repeated.
func (a *Starts) WakeSync(ctx context.Context, in CRMRef) error {
	return a.syncs.do(ctx, in.CRM, syncsGather, syncTimeout, func(ctx context.Context) error { return a.Starter.Sync(ctx, in.CRM) })
}

// StormRef names a storm of cases.
type StormRef struct{ Storm string }

// WakeStorm has a storm's digest and thread looked at.
func (a *Starts) WakeStorm(ctx context.Context, in StormRef) error {
	return a.Starter.Storm(ctx, in.Storm)
}

// FollowUpsInput is what a batch of answers led to.
type FollowUpsInput struct {
	Batch    string
	Recorded store.Recorded
}
