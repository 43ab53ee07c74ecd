package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// deferredAtMost is how long, in real time, a mail is tried again whose recipient's side
// puts it off. Mail servers give up after some days (RFC 5321, 4.5.4.1); a survey is stale
// before.
const deferredAtMost = 24 * time.Hour

// longDeferred reports whether it is time to give up mails that are put off.
func (m *Mail) longDeferred(ctx context.Context) bool {
	first := activity.GetInfo(ctx).ScheduledTime // of all attempts
	return m.Clock.Real(m.Clock.Now()).Sub(first) >= deferredAtMost
}

// bounce keeps that there is no such mailbox, as events tell it that come later: the mail
// was made, and came back.
func (m *Mail) bounce(ctx context.Context, l letter, out outcome) error {
	now := m.Clock.Now()
	event := store.MailEvent{Kind: string(l.kind), ID: l.id, Address: l.contact.Email, At: now}
	bounced := event
	bounced.What = survey.MailBounced
	taken, err := m.Store.TakeMailEvents(ctx, store.MailEventsRequest{
		Events: []store.MailEvent{event, bounced}, Now: now, Guard: m.Guard,
	})
	if err != nil {
		return err
	}
	for _, p := range taken.Paused {
		m.Log.Error(store.PausedItself, "program", p.Program, "why", p.Why, "events", p.Events, "mails", p.Mails)
	}
	if err := out.sent(ctx, []string{l.id}); err != nil || len(taken.Paused) == 0 {
		return err
	}
	return unpaused(ctx, m.Store, l.program) // the rest waits
}
