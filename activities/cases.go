package activities

import (
	"context"
	"errors"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// slackUserFresh is how long what Slack said of a user is believed.
const slackUserFresh = 24 * time.Hour

// Cases moves cases on. Its activities touch the database alone.
type Cases struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
	// SLA is what is promised for cases, and Route says by whose hours and to whom.
	SLA   survey.SLA
	Route func(store.CaseDetail) survey.CaseRoute
	// OwnerOf is the CRM's id of an account's owner, "" where there is none.
	OwnerOf func(survey.Account) string
	// Filing is what CRMs are told, by their ids; the others hear of no case.
	Filing map[string]CaseFiling
	// Storm says when the cases of a channel become a storm; Facts name what a customer is
	// worth, which puts them in order.
	Storm survey.StormRule
	Facts survey.CaseFacts
	NewID func() string
}

// Advanced is where a case stands after its clicks.
type Advanced struct {
	// UnknownUsers have clicked and have to be looked up; their clicks wait.
	UnknownUsers []string
	// OwnerUnknown is set when the owner of the account is to be looked up, OwnerFirst
	// when that is to be done before the case is shown: it goes to them.
	OwnerUnknown bool `json:",omitempty"`
	OwnerFirst   bool `json:",omitempty"`
	Ended        bool
	// CRM is the one whose signals an end changes.
	CRM string
	// Storm is the id of the storm whose digest is to tell of the case, or "".
	Storm string `json:",omitempty"`
	// Show is set when the message does not show the present revision, unless the storm
	// posts it.
	Show bool
	// File is set when the CRM does not know how the case stands.
	File bool
	// LookAt is when to look at the case though nobody did anything, on the real clock.
	// Histories know it by the first reason for that.
	LookAt time.Time `json:"CloseAt"`
	// Refused are clicks that changed nothing.
	Refused []RefusedClick
}

// RefusedClick is a click that changed nothing, and why.
type RefusedClick struct {
	User   string
	Reason string
	// Code is that of a survey.ClickRefusal, "" of another reason.
	Code string `json:",omitempty"`
}

// unknownUser is why somebody may not act.
var unknownUser = survey.ClickRefusal{Code: survey.RefusedUser, Reason: "you are not an active member of this workspace"}

// CaseRef names a case.
type CaseRef struct{ Case string }

// Why a case is closed by policy.
const closedByAge = "age"

// AdvanceCase applies the pending clicks of a case and what time brought.
func (a *Cases) AdvanceCase(ctx context.Context, in CaseRef) (Advanced, error) {
	clicks, err := a.Store.PendingClicks(ctx, in.Case)
	if err != nil {
		return Advanced{}, err
	}
	now := a.Clock.Now()
	allowed, unknown, err := a.clickers(ctx, clicks)
	if err != nil {
		return Advanced{}, err
	}
	detail, err := a.owned(ctx, in.Case)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Advanced{}, err
	}
	_, filed := a.Filing[detail.Case.CRM]
	team := survey.CaseTeam{Owner: detail.Owner, Route: a.Route(detail), NoTasks: !filed}
	follow := following(team)
	rule, err := a.caseRule(ctx, detail.Case)
	if err != nil {
		return Advanced{}, err
	}
	out := Advanced{UnknownUsers: unknown}
	state, err := a.Store.AdvanceCase(ctx, in.Case, now, func(c *survey.Case, clicks []survey.Click) store.Advance {
		var made store.Advance
		out.Refused, out.OwnerUnknown = nil, false
		note := func(e store.CaseEvent) { made.History = append(made.History, e) }
		refuse := func(click survey.Click, why error) {
			refused := RefusedClick{User: click.User, Reason: why.Error()}
			if why, ok := errors.AsType[survey.ClickRefusal](why); ok {
				refused.Code = why.Code
			}
			out.Refused = append(out.Refused, refused)
			note(store.CaseEvent{At: click.At, What: "refused", User: click.User, Note: refused.Reason})
		}
		for _, click := range clicks {
			if click.Action == survey.ActionAccountChanged {
				if c.State.Ended() {
					made.Done = append(made.Done, click.ID)
				}
				out.OwnerUnknown = !c.State.Ended() // the account is read before the case follows it
				continue
			}
			may, known := allowed[click.User]
			if click.Action == survey.ActionClosedInCRM { // by who may in the CRM
				may, known = true, true
			}
			if !known {
				continue
			}
			made.Done = append(made.Done, click.ID)
			if !may {
				refuse(click, unknownUser)
				continue
			}
			changed, err := c.Apply(click)
			switch {
			case err != nil:
				refuse(click, err)
			case changed:
				if c.State == survey.CaseResolved {
					made.Aftercare = aftercare(rule, now)
				}
				a.SLA.Follow(c, team, click.At)
				note(store.CaseEvent{
					At: click.At, What: string(click.Action), User: click.User,
					Target: click.Target, Choice: chosen(click), Note: click.Note,
				})
			}
		}
		if follow(c) {
			note(store.CaseEvent{At: now, What: "owner", Target: detail.Owner.User})
		}
		if until := c.SnoozedUntil; c.Wake(now) {
			a.SLA.Follow(c, team, until)
			note(store.CaseEvent{At: now, What: "woke"})
		}
		if c.CloseByPolicy(now) {
			note(store.CaseEvent{At: now, What: "closed", Choice: closedByAge})
		}
		made.History = append(made.History, a.tick(c, team, now)...)
		return made
	})
	if errors.Is(err, store.ErrNotFound) { // clicked in a message of another database
		return Advanced{Ended: true}, nil
	}
	if err != nil {
		return Advanced{}, err
	}
	out.Ended, out.CRM = state.State.Ended(), state.CRM
	changed := out.OwnerUnknown
	out.OwnerUnknown = changed || !out.Ended && detail.Owner.ID != "" && staleOwner(detail.Owner)
	out.OwnerFirst = changed || out.OwnerUnknown && team.Route.ToOwner
	out.Show = state.Shown < state.Revision || state.Former.TS != ""
	if out.Storm, err = a.storm(ctx, detail, state, team.Route); err != nil {
		return Advanced{}, err
	}
	if out.Storm != "" && state.MessageTS == "" {
		out.Show = false
	} else if !out.Show {
		out.Storm = "" // there is nothing new
	}
	if !out.Ended {
		out.LookAt = a.Clock.Real(state.NextAt)
	}
	out.File, err = a.toFile(ctx, state, a.OwnerOf(detail.Account))
	return out, err
}

// chosen is what a click chose, as the history keeps it: of a snooze when it ends.
func chosen(click survey.Click) string {
	if click.Action == survey.ActionSnooze {
		return click.Until.UTC().Format(time.RFC3339)
	}
	return click.Choice
}

func (a *Cases) clickers(ctx context.Context, clicks []survey.Click) (allowed map[string]bool, unknown []string, err error) {
	if len(clicks) == 0 {
		return nil, nil, nil
	}
	var ids []string
	seen := map[string]bool{}
	for _, click := range clicks {
		if !seen[click.User] && click.User != "" {
			seen[click.User] = true
			ids = append(ids, click.User)
		}
	}
	allowed, err = a.Store.SlackUsers(ctx, ids, time.Now().Add(-slackUserFresh))
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if _, ok := allowed[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	return allowed, unknown, nil
}
