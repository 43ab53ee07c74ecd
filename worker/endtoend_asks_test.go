package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// asksYAML asks after each of several visits, a day apart: first for a review, then for a
// testimonial, then for a referral; and after a call for a referral alone.
const asksYAML = `contact_rules: {quarantine: 24h, touchpoint_again: 0, marketing_consent: "contact.hs_legal_basis.contains('consent')", open_ticket: "has(account.open_tickets) && account.open_tickets > 0"}
fields: {account.open_tickets: number}
programs:
  - id: visit-nps
    template: nps
    trigger: {event: visit.ended}
    again_after: 24h
    reminder: "0"
    follow_up:
      asks: {order: [review, testimonial, referral]}
      review: {delay: 30m, window: "off", sites: [{name: Google, url: "%[1]s/google"}, {name: G2, url: "%[1]s/g2"}]}
      testimonial: {delay: 30m, window: "off"}
      referral: {delay: 30m, window: "off", url: "%[1]s/recommend"}
  - id: call-nps
    template: nps
    trigger: {event: call.ended}
    reminder: "0"
    follow_up: {referral: {delay: 30m, window: "off", url: "%[1]s/recommend"}}
  - id: won-deal-nps
    template: nps
    trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}
    reminder: "0"
    follow_up: {referral: {delay: 4h, window: "off", url: "%[1]s/recommend"}}
`

// askedStem is part of names and words, and of nothing else.
const askedStem = "Umbrawockel"

// asksWorld is a world in which much is asked of those who answer.
type asksWorld struct {
	*world
	visits map[string]int
	// asks are when somebody's last invitation was seen, in real time.
	asks map[string]time.Time
}

// asked has an event ask somebody of an account, and returns the mail.
func (w *asksWorld) asked(t *testing.T, kind, id string, account map[string]any, attributes string) *sandbox.Mail {
	t.Helper()
	w.visits[id]++
	company, err := json.Marshal(account)
	require.NoError(t, err)
	body := fmt.Appendf(nil, `{"specversion":"1.0","id":"%s of %s, %d","source":"test","type":%[1]q,
		"data":{"contact":{"id":%[2]q,"email":"%[2]s@other.example","first_name":"Uma","last_name":"%[6]s"%[4]s},"account":%[5]s}}`,
		kind, id, w.visits[id], attributes, company, askedStem)
	a := w.do(t, http.MethodPost, w.url+"/v1/events?crm=shop", bearer(testSecret), body)
	require.Equal(t, http.StatusOK, a.status, a.body)
	var last *sandbox.Mail
	w.await(t, fmt.Sprintf("invitation %d of %s", w.visits[id], id), func(st *sandbox.State) bool {
		n := 0
		for _, m := range st.Mails {
			if m.To.Email == id+"@other.example" && m.CustomArgs["cxloop_kind"] == store.MailInvite {
				last, n = m, n+1
			}
		}
		return n == w.visits[id]
	})
	w.asks[id] = time.Now()
	return last
}

// refused waits until a rule said no to an ask of a kind.
func (w *asksWorld) refused(t *testing.T, id string, kind survey.AskKind, rule survey.Rule) {
	t.Helper()
	w.awaitNumber(t, 1, fmt.Sprintf("%s is not asked for a %s: %s", id, kind, rule), fmt.Sprintf(
		`SELECT count(*) FROM asks WHERE contact_key = '%s' AND kind = '%s' AND state = 'suppressed' AND rule = '%s' AND why <> ''`,
		w.referenceOf(t, "shop", id), kind, rule))
}

// ask returns the mail of an ask, the last of n.
func (w *asksWorld) ask(t *testing.T, id string, n int) *sandbox.Mail {
	t.Helper()
	var last *sandbox.Mail
	w.await(t, fmt.Sprintf("ask %d of %s", n, id), func(st *sandbox.State) bool {
		found := 0
		for _, m := range st.Mails {
			if m.To.Email == id+"@other.example" && m.CustomArgs["cxloop_kind"] == store.MailAsk {
				last, found = m, found+1
			}
		}
		return found == n
	})
	return last
}

const optedIn = `,"hs_legal_basis":"Freely given consent from contact"`

// TestAsks asks for reviews, testimonials and referrals in turns, a detractor for a review
// too, and nobody without consent; with an open case or an open ticket for a review alone.
func TestAsks(t *testing.T) {
	t.Parallel()
	base := newWorld(t, databases[0])
	head, _, _ := bytes.Cut(base.yaml, []byte("calendars:"))
	head = bytes.Replace(head, []byte("    type: hubspot\n"), []byte("    type: hubspot\n    contact_properties: [hs_legal_basis]\n"), 1)
	base.yaml = fmt.Appendf(head, asksYAML, "https://reviews.example")
	c, err := config.LoadBytes("cxloop.yaml", base.yaml, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	base.config.CRM, base.config.Programs, base.config.ContactRules, base.config.AskRules = c.CRM, c.Programs, c.ContactRules, c.AskRules
	base.level, base.temporalFile = slog.LevelDebug, filepath.Join(t.TempDir(), "temporal.db")
	require.NoError(t, base.setup().database(t.Context()))
	base.startTemporal(t, searchAttributes())
	require.NoError(t, base.setup().outside(t.Context()))
	base.startApp(t)
	w := &asksWorld{base, map[string]int{}, map[string]time.Time{}}
	acme, quiet := map[string]any{"id": "acme", "name": "Acme Works"}, map[string]any{"id": "quiet", "name": askedStem + " Ltd", "open_tickets": "0"}

	uma := w.asked(t, "visit.ended", "uma", quiet, optedIn)
	w.give(t, uma, "10", "Never a bad day")
	tom := w.asked(t, "visit.ended", "tom", acme, optedIn)
	w.give(t, tom, "1", "Never a good day")
	w.detractorReviews(t)

	t.Run("nobody without consent", func(t *testing.T) {
		w.give(t, w.asked(t, "visit.ended", "vic", quiet, ""), "10", "Fine")
		w.refused(t, "vic", survey.AskReview, survey.RuleNoConsent)
		w.give(t, w.asked(t, "call.ended", "wes", quiet, `,"hs_legal_basis":"Legitimate interest – other"`), "10", "Fine")
		w.refused(t, "wes", survey.AskReferral, survey.RuleNoConsent)
	})
	t.Run("no referral with an open case or ticket", func(t *testing.T) {
		w.give(t, w.asked(t, "call.ended", "xan", acme, optedIn), "10", "Fine")
		w.refused(t, "xan", survey.AskReferral, survey.RuleOpenCase)
		busy := map[string]any{"id": "busy", "name": "Busy Inc", "open_tickets": "2"}
		w.give(t, w.asked(t, "call.ended", "yan", busy, optedIn), "10", "Fine")
		w.refused(t, "yan", survey.AskReferral, survey.RuleOpenTicket)
		w.give(t, w.asked(t, "visit.ended", "zoe", busy, optedIn), "3", "Slow")
		require.Equal(t, "Would you tell others what you think of Acme?", w.ask(t, "zoe", 1).Subject, "a ticket keeps nobody from a review")
	})
	t.Run("what the CRM tells by then counts", func(t *testing.T) { w.consentWithdrawn(t) })
	w.threeTurns(t, quiet)
	require.Equal(t, []string{"invite", "ask"}, w.mails("tom@other.example"))
	require.Empty(t, w.mailsOfKind("vic", store.MailAsk))

	found := newScanner(askedStem)
	found.scanTemporal(t, base)
	found.scanLogs(base)
	found.scanStore(t, base)
	require.Empty(t, found.leaked())
}

// detractorReviews has tom, who is not content, go on to write a review.
func (w *asksWorld) detractorReviews(t *testing.T) {
	m := w.ask(t, "tom", 1)
	require.Equal(t, "Would you tell others what you think of Acme?", m.Subject)
	page := link(t, m)
	require.Equal(t, http.StatusOK, w.get(t, page).status)
	a := w.post(t, page, "site", "1")
	require.Equal(t, http.StatusSeeOther, a.status)
	require.Equal(t, "https://reviews.example/g2", a.header.Get("Location"))
	require.Equal(t, 1, w.number(t, fmt.Sprintf(`SELECT count(*) FROM asks WHERE contact_key = '%s' AND state = 'clicked'`, w.referenceOf(t, "shop", "tom"))))
	require.Equal(t, 1, w.number(t, fmt.Sprintf(`SELECT count(*) FROM cases WHERE contact_key = '%s' AND ended_at IS NULL`, w.referenceOf(t, "shop", "tom"))))
}

// consentWithdrawn has two customers of the CRM answer, of whom one withdraws the consent
// before the mail is due, and the other gives it.
func (w *asksWorld) consentWithdrawn(t *testing.T) {
	const consent = "Freely given consent from contact"
	company := w.company(t, "Nordwind", "standard")
	given, withdrawn := w.customer(t, company, "Greta", "en"), w.customer(t, company, "Wanda", "en")
	basis := func(c customer, value string) {
		require.NoError(t, w.sandbox.SetProperty(sandbox.Contacts, c.id, "hs_legal_basis", value, sandbox.SourceUser))
	}
	basis(withdrawn, consent)
	for _, c := range []customer{given, withdrawn} {
		w.win(t, c.deal)
		w.give(t, w.mail(t, c.email, "invite"), "10", "")
	}
	basis(withdrawn, "")
	basis(given, consent)
	w.mail(t, given.email, "ask")
	w.awaitNumber(t, 1, "consent was withdrawn", fmt.Sprintf(
		`SELECT count(*) FROM asks WHERE contact_key = '%s' AND state = 'suppressed' AND rule = 'no_consent'`, w.reference(t, withdrawn)))
	require.Equal(t, []string{"invite"}, w.mails(withdrawn.email))
}

// threeTurns has uma answer three times, each a day after the other: she is asked for
// something else each time, gives a testimonial, and withdraws it.
func (w *asksWorld) threeTurns(t *testing.T, account map[string]any) {
	require.Equal(t, "Would you tell others what you think of Acme?", w.ask(t, "uma", 1).Subject)
	w.awaitDay(t, "uma")
	w.give(t, w.asked(t, "visit.ended", "uma", account, optedIn), "9", "Always there for us. "+askedStem)
	m := w.ask(t, "uma", 2)
	require.Equal(t, "May Acme quote you?", m.Subject)
	page := link(t, m)
	require.Contains(t, w.get(t, page).body, "Always there for us")
	require.Equal(t, http.StatusUnprocessableEntity, w.post(t, page, "named", "full").status)
	require.Equal(t, http.StatusOK, w.post(t, page, "consent", "1", "named", "full", "company", "1").status)
	file := writeFile(t, string(w.yaml))
	got := cxloop(t, "testimonials", "--json", "-c", file)
	require.Zero(t, got.code, got.errOut)
	require.Contains(t, got.out, `"words":"Always there for us. `+askedStem+`","name":"Uma `+askedStem+`","company":"`+askedStem+` Ltd"`)
	require.Contains(t, w.post(t, page, "withdraw", "1").body, "You are not quoted")
	got = cxloop(t, "testimonials", "-c", file)
	require.Equal(t, "Nothing may be quoted.\n", got.out, got.errOut)

	w.awaitDay(t, "uma")
	w.give(t, w.asked(t, "visit.ended", "uma", account, optedIn), "10", "Best")
	require.Equal(t, "Who else could use Acme?", w.ask(t, "uma", 3).Subject)
}

// dayInReal is how long a day takes, and a little more.
const dayInReal = 31 * time.Second

// awaitDay waits until the last invitation of somebody is a day ago.
func (w *asksWorld) awaitDay(t *testing.T, id string) {
	t.Helper()
	asked := w.asks[id]
	require.True(t, within(time.Minute, func() bool { return time.Since(asked) > dayInReal }), id)
}

func (w *asksWorld) mailsOfKind(id, kind string) (found []string) {
	for _, k := range w.mails(id + "@other.example") {
		if k == kind {
			found = append(found, k)
		}
	}
	return found
}
