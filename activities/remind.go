package activities

import (
	"context"
	"slices"
	"time"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// unanswered are those of a batch to remind.
func unanswered(ctx context.Context, s store.Store, rules survey.ContactRules, in RemindInput, now time.Time) ([]store.Recipient, error) {
	return s.Unanswered(ctx, store.UnansweredRequest{
		Batch: in.Batch, SentBy: in.SentBy, Now: now, Reminder: in.number(), NotDuringCase: rules.NotDuringCase,
	})
}

// stillMeant leaves out those whom the program's expressions do not mean any more, by
// what is known of contact and account now.
func (a asking) stillMeant(ctx context.Context, in BatchRef, recipients []store.Recipient) ([]store.Recipient, error) {
	conditions, err := a.programs.Conditions(ctx, in.Program, in.Version)
	if err != nil || !conditions.AsksPeople() {
		return recipients, err
	}
	now := a.clock.Now()
	return slices.DeleteFunc(recipients, func(r store.Recipient) bool {
		return !conditions.StillHold(condition.Facts{Contact: r.Contact, Account: r.Account, Now: now})
	}), nil
}

// remindAt is when, on the real clock, the first of those who were mailed by a moment is
// to be reminded after a while; zero where that is none.
func (a asking) remindAt(program survey.Program, mailed []store.Recipient, sentBy time.Time, after survey.Span) time.Time {
	if after == 0 {
		return time.Time{}
	}
	due := sentBy.Add(after.Std())
	var first time.Time
	for _, r := range mailed {
		first = earlier(first, program.As(r.Invitation.Variant).MailAt(due, r.Contact.Timezone))
	}
	if first.IsZero() { // an earlier attempt mailed them: their own zones are looked at then
		first = program.MailAt(due, "")
	}
	return a.clock.Real(first)
}
