package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// TestSMS asks customers by SMS: one answers and becomes a case, one says nothing and is
// reminded, one stops, and the others' numbers are of no use.
func TestSMS(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := startWorld(t, kind)
			w.stays(t, "olaf", "+49 1511 2345601")
			w.stays(t, "rosa", "01511 2345602")
			w.stays(t, "tess", "+4915112345603")

			m := w.sms(t, "+4915112345601", 1)
			require.Regexp(t, `^Acme: how are we doing\? One question, one minute: http\S+ Reply STOP to opt out\.$`, m.Body)
			page := linkOf(t, m)
			require.Equal(t, http.StatusOK, w.get(t, page).status)
			a := w.post(t, page, "score", "1", "comment", "The bed was cold", "done", "1")
			require.Equal(t, http.StatusOK, a.status, a.body)
			w.message(t, casesChannel, "olaf", "The bed was cold", contains("The bed was cold"))

			w.sms(t, "+4915112345602", 2)
			w.stopping(t)
			w.uselessNumbers(t)
		})
	}
}

// stays has a contact of the shop with a number, and no address, spend a night. It
// returns what the store knows the contact by.
func (w *world) stays(t *testing.T, id, number string) string {
	t.Helper()
	return w.staysAgain(t, id, number, "1")
}

func (w *world) staysAgain(t *testing.T, id, number, night string) string {
	t.Helper()
	body := fmt.Appendf(nil, `{"specversion":"1.0","id":"night %s of %s","source":"test","type":"stay.ended",
		"data":{"contact":{"id":%[2]q,"first_name":%[2]q,"phone":%[3]q}}}`, night, id, number)
	a := w.do(t, http.MethodPost, w.url+"/v1/events?crm=shop", bearer(testSecret), body)
	require.Equal(t, http.StatusOK, a.status, a.body)
	return w.referenceOf(t, "shop", id)
}

// sms waits until a number got so many SMS, and returns the last.
func (w *world) sms(t *testing.T, number string, n int) (last *sandbox.SMS) {
	t.Helper()
	w.await(t, fmt.Sprintf("%d SMS to %s", n, number), func(st *sandbox.State) bool {
		all := st.SMSTo(number)
		if len(all) >= n {
			last = all[n-1]
		}
		return last != nil
	})
	return last
}

func linkOf(t *testing.T, m *sandbox.SMS) string {
	t.Helper()
	found := regexp.MustCompile(`http://\S+/s/[A-Za-z0-9._-]+`).FindString(m.Body)
	require.NotEmpty(t, found, m.Body)
	return found
}

// stopping has a customer reply STOP, who is asked no more until START, nor is another
// contact with the number.
func (w *world) stopping(t *testing.T) {
	w.sms(t, "+4915112345603", 1)
	require.NoError(t, w.sandbox.ReplySMS("+4915112345603", "stop"))
	w.awaitNumber(t, 1, "the number is stopped", `SELECT count(*) FROM stopped_numbers`)
	w.awaitRule(t, w.staysAgain(t, "tess", "+4915112345603", "2"), survey.RuleUnsubscribed)
	w.awaitRule(t, w.stays(t, "tess at work", "+4915112345603"), survey.RuleUnsubscribed)
	require.NoError(t, w.sandbox.ReplySMS("+4915112345603", "START"))
	w.awaitNumber(t, 0, "the number is not stopped", `SELECT count(*) FROM stopped_numbers`)
	w.awaitRule(t, w.stays(t, "tess at home", "+4915112345603"), survey.RuleAgainAfter)
}

func (w *world) awaitRule(t *testing.T, who string, rule survey.Rule) {
	t.Helper()
	w.awaitNumber(t, 1, fmt.Sprintf("%s is not asked: %s", who, rule), fmt.Sprintf(
		`SELECT count(*) FROM invitations WHERE contact_key = '%s' AND state = 'suppressed' AND rule = '%s'`, who, rule))
}

func (w *world) uselessNumbers(t *testing.T) {
	w.awaitRule(t, w.stays(t, "nobody", "call me"), survey.RuleNoPhone)
	for number, want := range map[string]struct {
		state survey.InvitationState
		rule  survey.Rule
	}{
		"+4915112330005": {survey.InvitationBounced, ""}, // told later
		"+15005550004":   {survey.InvitationCancelled, survey.RuleUnsubscribed},
	} {
		who := w.stays(t, "guest of "+number, number)
		w.awaitNumber(t, 1, number+" is "+string(want.state), fmt.Sprintf(
			`SELECT count(*) FROM invitations WHERE contact_key = '%s' AND state = '%s' AND rule = '%s'`, who, want.state, want.rule))
	}
	w.awaitRule(t, w.stays(t, "guest with a dead number", "+4915112330005"), survey.RuleBounced)
}

// TestSMSInDoubt breaks off the call after Twilio did its work, and no callback of the SMS is
// taken, since its signature is another's: the SMS is found in the list, and is not sent again.
func TestSMSInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	twilio := &w.config.Twilio
	twilio.APIKey, twilio.APISecret = twilio.AccountSID, twilio.AuthToken
	twilio.AuthToken = w.config.Security.EventsSecret
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)
	w.sandbox.SetFaults(sandbox.Twilio, sandbox.Faults{Rate: 1, Kinds: []sandbox.FaultKind{sandbox.FaultCut}, Count: 1})
	who := w.stays(t, "olaf", "+4915112345601")
	w.awaitNumber(t, 1, "the SMS is noted as sent", fmt.Sprintf(
		`SELECT count(*) FROM invitations WHERE contact_key = '%s' AND state = 'sent'`, who))
	w.awaitNumber(t, 1, "its effect is done", `SELECT count(*) FROM effects WHERE vendor = 'twilio' AND state = 'done'`)
	w.sms(t, "+4915112345601", 1)
	sent, lookUps := 0, 0
	for _, c := range w.calls.to("/Messages.json") {
		switch {
		case c.method == http.MethodGet:
			lookUps++
			require.Contains(t, c.query, url.QueryEscape("+4915112345601"))
		case strings.Contains(string(c.body), url.QueryEscape("kind="+store.MailInvite)):
			sent++
		}
	}
	require.Equal(t, 1, sent)
	require.Equal(t, 1, lookUps, "it is found at the first look")
}

// bySMS asks a marked person by SMS, who answers and then stops.
func (p *privacy) bySMS(t *testing.T) {
	// The call breaks off: the SMS is looked up by its number.
	p.sandbox.SetFaults(sandbox.Twilio, sandbox.Faults{Rate: 1, Kinds: []sandbox.FaultKind{sandbox.FaultCut}, Count: 1})
	p.kim = marked{stem: "Blorptexterkim", phone: "+4930777888888", comment: "Signed Blorptexterkim"}
	p.stays(t, p.kim.stem, p.kim.phone)
	page := linkOf(t, p.sms(t, p.kim.phone, 1))
	require.Equal(t, http.StatusOK, p.post(t, page, "score", "2", "comment", p.kim.comment, "done", "1").status)
	p.message(t, casesChannel, p.kim.stem, "the comment", contains(p.kim.comment))
	require.NoError(t, p.sandbox.ReplySMS(p.kim.phone, "STOP"))
	p.awaitNumber(t, 1, "the number is stopped", `SELECT count(*) FROM stopped_numbers`)
}
