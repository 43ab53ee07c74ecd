package activities

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// slackUserFresh is how long what Slack said of a user is believed.
const slackUserFresh = 24 * time.Hour

// Cases moves cases on. Its activities touch the database alone.
type Cases struct {
	Store store.Store
	Clock survey.Clock
}

// Advanced is where a case stands after its clicks.
type Advanced struct {
	// UnknownUsers have clicked and have to be looked up before anything is
	// applied; the rest is then zero.
	UnknownUsers []string
	Ended        bool
	// Show is set when the message does not show the present revision.
	Show bool
	// CloseAt is when the case is closed by policy, on the real clock.
	CloseAt time.Time
	// Refused are clicks that changed nothing.
	Refused []RefusedClick
}

// RefusedClick is a click that changed nothing, and why.
type RefusedClick struct {
	User   string
	Reason string
}

// unknownUserReason is what somebody reads who may not act.
const unknownUserReason = "you are not an active member of this workspace, so nothing was changed"

// Advance applies the pending clicks of a case and its closing by policy.
func (a *Cases) Advance(ctx context.Context, caseID string) (Advanced, error) {
	clicks, err := a.Store.PendingClicks(ctx, caseID)
	if err != nil {
		return Advanced{}, err
	}
	now := a.Clock.Now()
	allowed, unknown, err := a.clickers(ctx, clicks)
	if err != nil || len(unknown) > 0 {
		return Advanced{UnknownUsers: unknown}, err
	}
	var out Advanced
	state, err := a.Store.AdvanceCase(ctx, caseID, now, func(c *survey.Case, clicks []survey.Click) store.Advance {
		var made store.Advance
		out.Refused = nil
		note := func(e store.CaseEvent) { made.History = append(made.History, e) }
		refuse := func(click survey.Click, reason string) {
			out.Refused = append(out.Refused, RefusedClick{User: click.User, Reason: reason})
			note(store.CaseEvent{At: click.At, What: "refused", User: click.User, Note: reason})
		}
		for _, click := range clicks {
			may, known := allowed[click.User]
			if !known { // it came after the look above and is taken the next time
				continue
			}
			made.Done = append(made.Done, click.ID)
			if !may {
				refuse(click, unknownUserReason)
				continue
			}
			changed, err := c.Apply(click)
			switch {
			case err != nil:
				refuse(click, err.Error())
			case changed:
				note(store.CaseEvent{At: click.At, What: string(click.Action), User: click.User})
			}
		}
		if c.CloseByPolicy(now) {
			note(store.CaseEvent{At: now, What: "closed", Note: "nobody resolved it in time"})
		}
		return made
	})
	if err != nil {
		return Advanced{}, err
	}
	out.Ended, out.Show, out.CloseAt = state.State.Ended(), state.Shown < state.Revision, a.Clock.Real(state.CloseAt)
	return out, nil
}

func (a *Cases) clickers(ctx context.Context, clicks []survey.Click) (allowed map[string]bool, unknown []string, err error) {
	if len(clicks) == 0 {
		return nil, nil, nil
	}
	var ids []string
	seen := map[string]bool{}
	for _, click := range clicks {
		if !seen[click.User] {
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

// Asks decides who is asked for a referral. Its activities touch the database
// alone.
type Asks struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
}

// Plan says when the asks of a batch go out, on the real clock; zero where the
// batch has none waiting.
func (a *Asks) Plan(ctx context.Context, batch string) (time.Time, error) {
	waiting, err := a.Store.WaitingAsks(ctx, batch)
	if err != nil {
		return time.Time{}, err
	}
	var latest time.Time
	for _, ask := range waiting {
		program, err := a.Programs.Get(ctx, ask.Program, ask.Version)
		if err != nil {
			return time.Time{}, err
		}
		if at := ask.CreatedAt.Add(program.FollowUp.Referral.Delay.Std()); at.After(latest) {
			latest = at
		}
	}
	if latest.IsZero() {
		return latest, nil
	}
	return a.Clock.Real(latest), nil
}

// Admit decides the asks of a batch and returns how many are to be sent.
func (a *Asks) Admit(ctx context.Context, batch string) (int, error) {
	now := a.Clock.Now()
	admitted, err := a.Store.AdmitAsks(ctx, batch, now, func(r store.AskRecipient) survey.Rule {
		program, err := a.Programs.Get(ctx, r.Ask.Program, r.Ask.Version)
		if err != nil {
			return survey.RuleNoContact
		}
		return survey.AdmitAsk(program.FollowUp.Referral, r.Facts, now)
	})
	return len(admitted), err
}
