package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// TestFaults lets vendors fail in every way while the loop runs: what certainly did
// nothing is repeated when the vendor wants it, what may have done its work is not.
func TestFaults(t *testing.T) {
	t.Parallel()
	f := faulty{startWorld(t, databases[0])}
	mailed := f.mail(t)
	f.slack(t, mailed)
	f.crm(t)
	f.operator(t, &mailed[1])
	// By now a repetition would have come.
	for _, c := range mailed {
		require.Equal(t, c.calls, f.callsFor(c.email), "calls to mail %s", c.email)
		require.Len(t, f.mails(c.email), c.mails, "mails to %s", c.email)
	}
}

type faulty struct{ *world }

// mailed is a customer and what came of mailing them.
type mailed struct {
	customer
	calls, mails int
}

func (f faulty) fail(vendor sandbox.Vendor, path string, kind sandbox.FaultKind) {
	f.sandbox.SetFaults(vendor, sandbox.Faults{Rate: 1, Kinds: []sandbox.FaultKind{kind}, Path: path, Count: 1, RetryAfter: 2 * time.Second})
}

// awaitFault returns about when the next fault happened.
func (f faulty) awaitFault(t *testing.T, number int64) time.Time {
	t.Helper()
	f.await(t, fmt.Sprintf("fault %d", number), func(st *sandbox.State) bool { return st.Counts.Faults == number })
	return time.Now()
}

// waited requires that something came after the two seconds that Retry-After asked
// for, less what it took to see the fault.
func waited(t *testing.T, fault, repeated time.Time) {
	t.Helper()
	require.GreaterOrEqual(t, repeated.Sub(fault), 1900*time.Millisecond, "Retry-After was 2 s")
}

func (f faulty) callsFor(email string) int {
	n := 0
	for _, c := range f.calls.to("/mail/send") {
		n += strings.Count(string(c.body), email)
	}
	return n
}

func (f faulty) mail(t *testing.T) []mailed {
	var all []mailed
	for i, kind := range []struct {
		fault        sandbox.FaultKind
		state        survey.InvitationState
		calls, mails int
	}{
		{sandbox.FaultRateLimitRetryAfter, survey.InvitationDelivered, 2, 1},
		// Events may still come of these, for a quarter of an hour.
		{sandbox.FaultServerError, survey.InvitationAdmitted, 1, 0},
		{sandbox.FaultCutBefore, survey.InvitationAdmitted, 1, 0},
		{sandbox.FaultCut, survey.InvitationDelivered, 1, 1},
		{"", survey.InvitationDelivered, 1, 1},
	} {
		name := fmt.Sprintf("Mail%d", i)
		c := f.customer(t, f.company(t, name, "growth"), name, "en")
		if kind.fault != "" {
			f.fail(sandbox.SendGrid, "", kind.fault)
		}
		f.win(t, c.deal)
		if kind.fault != "" {
			at := f.awaitFault(t, int64(i)+1)
			if kind.fault == sandbox.FaultRateLimitRetryAfter {
				waited(t, at, f.world.mail(t, c.email, "invite").At)
			}
		}
		f.awaitNumber(t, 1, fmt.Sprintf("after %q the invitation is %s", kind.fault, kind.state), fmt.Sprintf(
			`SELECT count(*) FROM invitations WHERE contact_key = '%s' AND state = '%s'`, f.reference(t, c), kind.state))
		all = append(all, mailed{c, kind.calls, kind.mails})
	}
	f.awaitNumber(t, 3, "the event of the cut call proves it", `SELECT count(*) FROM effects WHERE vendor = 'sendgrid' AND state = 'done'`)
	require.Equal(t, 2, f.number(t, `SELECT count(*) FROM effects WHERE vendor = 'sendgrid' AND state = 'pending'`))
	require.Contains(t, f.log.String(), "waiting for the vendor's events")
	return all
}

// slack lets Slack fail for customers who were mailed. What may have been posted is
// looked for in the channel, and posted again only where it is not there.
func (f faulty) slack(t *testing.T, customers []mailed) {
	for _, turn := range []struct {
		customer mailed
		fault    sandbox.FaultKind
	}{
		{customers[4], sandbox.FaultServerError}, // takes longest
		{customers[0], sandbox.FaultRateLimitRetryAfter},
		{customers[3], sandbox.FaultCut},
	} {
		c := turn.customer
		f.fail(sandbox.Slack, "chat.postMessage", turn.fault)
		before := f.faults()
		f.give(t, f.world.mail(t, c.email, "invite"), "3", "It broke")
		at := f.awaitFault(t, before+1)
		if turn.fault == sandbox.FaultRateLimitRetryAfter {
			waited(t, at, f.message(t, casesChannel, c.name, "posted", contains("It broke")).At)
		}
	}
	f.awaitNumber(t, 3, "each case is shown", `SELECT count(*) FROM effects WHERE vendor = 'slack' AND state = 'done'`)
	require.Zero(t, f.number(t, `SELECT count(*) FROM effects WHERE vendor = 'slack' AND state <> 'done'`))
	// A change of a message may be made twice.
	f.fail(sandbox.Slack, "chat.update", sandbox.FaultServerError)
	m := f.message(t, casesChannel, "Mail0", "posted", contains("Acknowledge"))
	f.click(t, m, survey.ActionAcknowledge, "U0GRACE")
	f.message(t, casesChannel, "Mail0", "who took it", contains("Acknowledged by <@U0GRACE>"))
	for name, want := range map[string]int{"Mail0": 1, "Mail3": 1, "Mail4": 1} {
		n := 0
		f.sandbox.Read(func(st *sandbox.State) {
			for _, m := range st.Messages(casesChannel) {
				if strings.Contains(m.Text, name) {
					n++
				}
			}
		})
		require.Equal(t, want, n, "messages about %s", name)
	}
}

// operator decides, on the page, that a mail in doubt was not sent and has it sent.
func (f faulty) operator(t *testing.T, c *mailed) {
	a, err := newApp(t.Context(), f.config, f.logger())
	require.NoError(t, err)
	defer func() { require.NoError(t, a.close()) }()
	var id string
	require.NoError(t, f.db.QueryRowContext(t.Context(), fmt.Sprintf(
		`SELECT id FROM invitations WHERE contact_key = '%s'`, f.reference(t, c.customer))).Scan(&id))
	key, now := store.MailEffect(store.MailInvite, id), a.clock.Now()
	require.NoError(t, a.store.MarkUnknown(t.Context(), []string{id}, now, now.Add(24*time.Hour)))
	_, err = a.store.LoseEffects(t.Context(), []string{key}, now)
	require.NoError(t, err)
	header := formHeader()
	header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("ada:"+testSecret)))
	page := f.do(t, http.MethodGet, f.url+"/effects", header, nil)
	require.Contains(t, page.body, key)
	form := []byte(url.Values{"key": {key}, "decision": {"repeat"}}.Encode())
	decided := f.do(t, http.MethodPost, f.url+"/effects", header, form)
	require.Equal(t, http.StatusOK, decided.status, decided.body)
	require.Contains(t, decided.body, "It is made again now.")
	require.Equal(t, http.StatusNotFound, f.do(t, http.MethodPost, f.url+"/effects", header, form).status, "a second click")
	c.calls, c.mails = 2, 1
	f.world.mail(t, c.email, "invite")
}

func (f faulty) faults() (n int64) {
	f.sandbox.Read(func(st *sandbox.State) { n = st.Counts.Faults })
	return n
}

// crm lets HubSpot fail while a customer is read and while the score is written.
func (f faulty) crm(t *testing.T) {
	f.sandbox.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 6, Kinds: []sandbox.FaultKind{
		sandbox.FaultRateLimitRetryAfter, sandbox.FaultServerError, sandbox.FaultCutBefore, sandbox.FaultCut,
	}})
	before := f.faults()
	c := f.customer(t, f.company(t, "Reading", "growth"), "Rita", "en")
	f.win(t, c.deal)
	m := f.world.mail(t, c.email, "invite")
	f.awaitFault(t, before+6)

	f.fail(sandbox.HubSpot, "/batch/update", sandbox.FaultCut)
	f.give(t, m, "8", "")
	f.awaitFault(t, before+7)
	f.awaitNumber(t, 0, "everything is written", `SELECT count(*) FROM signals WHERE dirty_in IS NOT NULL`)
	record := f.sandbox.Record(sandbox.Contacts, c.id)
	require.Equal(t, "8", record.Get(survey.SignalNPSLast))
	require.Len(t, record.History[survey.SignalNPSLast], 1)
	require.Equal(t, http.StatusOK, f.get(t, link(t, m)).status)
}
