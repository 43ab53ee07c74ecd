package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// TestDelivery lets mails bounce and be reported as spam, and mails two customers half
// a day apart inside their windows.
func TestDelivery(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := startWorld(t, kind)
			east, west := w.plan(t, "east", "Etc/GMT-6"), w.plan(t, "west", "Etc/GMT+6")
			w.unwanted(t)
			w.insideWindow(t, east, "east@other.example", 6*time.Hour)
			w.insideWindow(t, west, "west@other.example", -6*time.Hour)
		})
	}
}

// happens sends an event about a contact of the shop and returns what the store knows
// the contact by.
func (w *world) happens(t *testing.T, kind, id, zone string) string {
	t.Helper()
	body := fmt.Appendf(nil, `{"specversion":"1.0","id":"%s of %s","source":"test","type":%[1]q,
		"data":{"contact":{"id":%[2]q,"email":"%[2]s@other.example","timezone":%[3]q}}}`, kind, id, zone)
	a := w.do(t, http.MethodPost, w.url+"/v1/events?crm=shop", bearer(testSecret), body)
	require.Equal(t, http.StatusOK, a.status, a.body)
	return w.referenceOf(t, "shop", id)
}

func (w *world) plan(t *testing.T, id, zone string) string {
	t.Helper()
	return w.happens(t, "visit.planned", id, zone)
}

// unwanted asks customers of whose mails SendGrid tells no good, and then again.
func (w *world) unwanted(t *testing.T) {
	for id, want := range map[string]struct {
		state survey.InvitationState
		rule  survey.Rule
	}{
		"bounce":      {survey.InvitationBounced, survey.RuleBounced},
		"drop":        {survey.InvitationBounced, survey.RuleBounced},
		"complaint":   {survey.InvitationDelivered, survey.RuleUnsubscribed},
		"unsubscribe": {survey.InvitationDelivered, survey.RuleUnsubscribed},
		"block":       {survey.InvitationSent, survey.RuleQuarantine},
	} {
		who := w.happens(t, "visit.ended", id, "")
		w.mail(t, id+"@other.example", "invite")
		w.awaitNumber(t, 1, id+" is "+string(want.state), fmt.Sprintf(
			`SELECT count(*) FROM invitations i JOIN mail_events e ON e.item = i.id WHERE i.contact_key = '%s' AND i.state = '%s'
				AND e.what = '%s'`, who, want.state, map[string]string{
				"bounce": "bounced", "drop": "dropped", "complaint": "complaint", "unsubscribe": "unsubscribed", "block": "blocked",
			}[id]))
		w.happens(t, "order.delivered", id, "")
		w.awaitNumber(t, 1, id+" is not asked again", fmt.Sprintf(
			`SELECT count(*) FROM invitations WHERE contact_key = '%s' AND state = 'suppressed' AND rule = '%s'`, who, want.rule))
	}
}

// insideWindow waits for a mail and looks at the clock where its reader is.
func (w *world) insideWindow(t *testing.T, who, email string, offset time.Duration) {
	t.Helper()
	w.mail(t, email, "invite")
	w.awaitNumber(t, 1, email+" is noted as sent", fmt.Sprintf(
		`SELECT count(*) FROM invitations WHERE contact_key = '%s' AND sent_at IS NOT NULL`, who))
	var due, sent int64
	require.NoError(t, w.db.QueryRow(fmt.Sprintf(
		`SELECT due_at, sent_at FROM invitations WHERE contact_key = '%s'`, who)).Scan(&due, &sent))
	// A second is 48 minutes here: a mail may be noted a while after it was due.
	const opens, closes, late = 0, 12, 3
	hour := func(ms int64) int { return time.UnixMilli(ms).UTC().Add(offset).Hour() }
	require.True(t, hour(due) >= opens && hour(due) < closes, "due at %d", hour(due))
	require.Less(t, hour(sent), closes+late)
}
