package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// TestLoop plays the whole loop once on each database: everything happens by HTTP,
// against a real Temporal server, with stand-ins that refuse what the vendors would.
func TestLoop(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			l := loop{world: startWorld(t, kind)}
			l.begin(t)
			for _, chapter := range []struct {
				name string
				play func(*testing.T)
			}{
				{"each is asked once in their own language", l.invitations},
				{"whoever unsubscribes hears no more", l.unsubscribing},
				{"nobody is asked too often", l.suppression},
				{"opening a link records nothing", l.scanners},
				{"a closed ticket is asked about", l.ticket},
				{"an unhappy customer becomes a case", l.detractor},
				{"a case of an account takes what comes after", l.sameAccount},
				{"a stranger changes nothing", l.stranger},
				{"a resolved case is over", l.resolving},
				{"a promoter is asked for a referral", l.promoter},
				{"a change of mind counts", l.change},
				{"a case that nobody resolves is closed", l.closing},
				{"other systems take part", l.otherSystems},
				{"silence is answered by one reminder", l.silence},
				{"scores stand on the CRM records", l.signals},
				{"cxloop does not listen to itself", l.echo},
				{"everything came to its end", l.end},
			} {
				// What follows builds on it.
				if !t.Run(chapter.name, chapter.play) {
					t.FailNow()
				}
			}
		})
	}
}

// loop is the story with its people.
type loop struct {
	*world
	camille, tobias     customer // of Nordwind, an enterprise
	olivia, sanne, bram customer
	marcus              customer
	asked               map[string]*sandbox.Mail // invitations by address
	caseMessage         *sandbox.Message         // Nordwind's
	ticketCase          *sandbox.Message         // Marcus'
	acknowledged        *sandbox.Interaction
}

// begin casts everybody and starts what takes its time.
func (l *loop) begin(t *testing.T) {
	nordwind := l.company(t, "Nordwind", "enterprise")
	l.camille = l.customer(t, nordwind, "Camille", "fr")
	l.tobias = l.customer(t, nordwind, "Tobias", "de")
	l.olivia = l.customer(t, l.company(t, "Brightwater", "growth"), "Olivia", "en")
	polder := l.company(t, "Polder", "growth")
	l.sanne = l.customer(t, polder, "Sanne", "nl")
	l.bram = l.customer(t, polder, "Bram", "es")
	l.marcus = l.customer(t, l.company(t, "Highland", "starter"), "Marcus", "en")
	for _, c := range []customer{l.sanne, l.bram} {
		require.NoError(t, l.sandbox.SetProperty(sandbox.Contacts, c.id, "lifecyclestage", "customer", sandbox.SourceUser))
	}
	for _, c := range []customer{l.camille, l.tobias, l.olivia} {
		l.win(t, c.deal)
	}
	l.closeTicket(t, l.marcus)
	l.asked = map[string]*sandbox.Mail{}
}

func (l *loop) invitations(t *testing.T) {
	for _, c := range []struct {
		to               customer
		subject, heading string
		scores           int
	}{
		{l.camille, "Une question sur Acme", "Bonjour Camille,", 11},
		{l.tobias, "Eine Frage zu Acme", "Guten Tag Tobias,", 11},
		{l.olivia, "One question about Acme", "Hello Olivia,", 11},
		{l.sanne, "Did we make it easy?", "Hello Sanne,", 7}, // there are no Dutch texts
		{l.marcus, "How did we do?", "Hello Marcus,", 5},
	} {
		m := l.mail(t, c.to.email, "invite")
		l.asked[c.to.email] = m
		require.Equal(t, c.subject, m.Subject)
		require.Contains(t, m.Text(), c.heading)
		require.Contains(t, m.HTML(), c.heading)
		require.Equal(t, c.scores, strings.Count(m.HTML(), link(t, m)+"?score="), "links of scores")
		require.Contains(t, m.Text(), unsubscribeLink(t, m))
		require.Equal(t, "hello@acme.example", m.From.Email)
	}
}

func (l *loop) unsubscribing(t *testing.T) {
	m := l.mail(t, l.bram.email, "invite")
	address := unsubscribeLink(t, m)
	require.Equal(t, http.StatusOK, l.get(t, address).status)
	require.Zero(t, l.number(t, `SELECT count(*) FROM contacts WHERE unsubscribed_at IS NOT NULL`), "a GET unsubscribes nobody")
	a := l.post(t, address, "List-Unsubscribe", "One-Click")
	require.Equal(t, http.StatusOK, a.status)
	require.Contains(t, a.body, `lang="es"`)
	l.win(t, l.bram.deal)
	l.awaitSuppressed(t, l.bram, "won-deal-nps", survey.RuleUnsubscribed)
}

func (l *loop) awaitSuppressed(t *testing.T, c customer, program string, rule survey.Rule) {
	t.Helper()
	l.awaitNumber(t, 1, fmt.Sprintf("%s is not asked by %s: %s", c.email, program, rule), fmt.Sprintf(
		`SELECT count(*) FROM invitations WHERE state = 'suppressed' AND contact_key = '%s' AND program = '%s' AND rule = '%s'`,
		l.reference(t, c), program, rule))
}

func (l *loop) suppression(t *testing.T) {
	l.win(t, l.newDeal(t, l.olivia))
	l.closeTicket(t, l.olivia)
	l.awaitSuppressed(t, l.olivia, "won-deal-nps", survey.RuleAgainAfter)
	l.awaitSuppressed(t, l.olivia, "ticket-csat", survey.RuleQuarantine)
	require.Equal(t, []string{"invite"}, l.mails(l.olivia.email))
}

func (l *loop) scanners(t *testing.T) {
	for _, m := range l.asked {
		for score := range 6 {
			a := l.get(t, fmt.Sprintf("%s?score=%d", link(t, m), score))
			require.Contains(t, []int{http.StatusOK, http.StatusUnprocessableEntity}, a.status)
		}
	}
	require.Zero(t, l.number(t, `SELECT count(*) FROM responses`))
}

func (l *loop) detractor(t *testing.T) {
	page := link(t, l.asked[l.camille.email])
	a := l.post(t, page, "score", "2")
	require.Equal(t, http.StatusOK, a.status)
	require.Contains(t, a.body, `name="comment"`)
	// Tired of waiting for the comment, the account team hears of the score alone.
	m := l.message(t, escalationsChannel, "Camille", "the score", contains("2 of 10 (detractor)"))
	require.Contains(t, readable(m.Blocks), "Nordwind")
	a = l.post(t, page, "score", "2", "comment", "Trop lent & <cher>", "done", "1")
	require.Equal(t, http.StatusOK, a.status)
	m = l.message(t, escalationsChannel, "Camille", "the comment", contains("Trop lent &amp; &lt;cher&gt;"))
	for _, action := range []survey.CaseAction{survey.ActionAcknowledge, survey.ActionResolve} {
		require.Contains(t, string(m.Blocks), action)
	}
	l.acknowledged = l.click(t, m, survey.ActionAcknowledge, "U0GRACE")
	m = l.message(t, escalationsChannel, "Nordwind", "who took it", contains("Acknowledged by <@U0GRACE>"))
	require.NotContains(t, string(m.Blocks), survey.ActionAcknowledge)
	l.caseMessage = m
	l.awaitProperty(t, sandbox.Companies, l.camille.company, survey.SignalOpenCases, "1")
}

func (l *loop) sameAccount(t *testing.T) {
	l.give(t, l.asked[l.tobias.email], "5", "Der Export fehlt.")
	m := l.message(t, escalationsChannel, "Nordwind", "the second customer's comment", contains("Der Export fehlt."))
	require.Equal(t, l.caseMessage.TS, m.TS, "one case an account")
	require.Contains(t, readable(m.Blocks), "2 answers")
	require.Equal(t, 1, l.number(t, `SELECT count(*) FROM cases WHERE program = 'won-deal-nps'`))
}

func (l *loop) stranger(t *testing.T) {
	l.clickAs(t, l.acknowledged, survey.ActionContacted, "U0STRANGER")
	// The refusal is noted, and Slack asked to say so; it knows nobody to say it to.
	l.await(t, "the stranger's refusal", func(st *sandbox.State) bool {
		for _, r := range st.Refusals {
			if strings.HasSuffix(r.Path, "/chat.postEphemeral") && strings.Contains(r.Detail, "U0STRANGER") {
				return true
			}
		}
		return false
	})
	require.Equal(t, 1, l.number(t, `SELECT count(*) FROM case_events WHERE what = 'refused' AND actor = 'U0STRANGER'`))
	l.message(t, escalationsChannel, "Nordwind", "still in the same hands", contains("Acknowledged by <@U0GRACE>"))
}

func (l *loop) resolving(t *testing.T) {
	l.click(t, l.caseMessage, survey.ActionResolve, "U0JONAS")
	m := l.message(t, escalationsChannel, "Nordwind", "the end", contains("Resolved by <@U0JONAS>"))
	require.NotContains(t, string(m.Blocks), `"actions"`)
	require.Equal(t, l.caseMessage.TS, m.TS)
	l.clickAs(t, l.acknowledged, survey.ActionAcknowledge, "U0KENJI")
	l.await(t, "word to whoever clicked too late", func(st *sandbox.State) bool {
		for _, m := range st.Ephemerals() {
			if m.EphemeralTo == "U0KENJI" && strings.Contains(m.Text, "the case is over already (resolved)") {
				return true
			}
		}
		return false
	})
}

func (l *loop) promoter(t *testing.T) {
	l.give(t, l.asked[l.olivia.email], "9", "")
	m := l.mail(t, l.olivia.email, "ask")
	require.Equal(t, "Who else could use Acme?", m.Subject)
	require.NotEqual(t, unsubscribeLink(t, m), unsubscribeLink(t, l.asked[l.olivia.email]))
	page := link(t, m)
	require.Equal(t, http.StatusOK, l.get(t, page).status)
	clicked := `SELECT count(*) FROM asks WHERE clicked_at IS NOT NULL`
	require.Zero(t, l.number(t, clicked), "a GET is no click")
	a := l.post(t, page)
	require.Equal(t, http.StatusSeeOther, a.status)
	require.Equal(t, l.config.Programs[0].FollowUp.Referral.URL, a.header.Get("Location"))
	require.Equal(t, 1, l.number(t, clicked))
}

func (l *loop) change(t *testing.T) {
	l.awaitProperty(t, sandbox.Contacts, l.olivia.id, survey.SignalNPSLast, "9")
	m := l.asked[l.olivia.email]
	revision := fmt.Sprintf(`SELECT revision FROM responses WHERE contact_key = '%s'`, l.reference(t, l.olivia))
	l.give(t, m, "9", "")
	require.Equal(t, 1, l.number(t, revision), "the same answer again is no change")
	require.Equal(t, http.StatusOK, l.get(t, link(t, m)+"?change=1").status)
	l.give(t, m, "10", "Even better")
	require.Equal(t, 2, l.number(t, revision))
	l.awaitProperty(t, sandbox.Contacts, l.olivia.id, survey.SignalNPSLast, "10")
	require.Equal(t, []string{"invite", "ask"}, l.mails(l.olivia.email))
}

func (l *loop) ticket(t *testing.T) {
	m := l.asked[l.marcus.email]
	require.Equal(t, http.StatusUnprocessableEntity, l.post(t, link(t, m), "score", "6").status)
	l.give(t, m, "1", "Nobody called back")
	l.ticketCase = l.message(t, casesChannel, "Marcus", "the score", contains("1 of 5 (dissatisfied)"))
}

func (l *loop) closing(t *testing.T) {
	m := l.message(t, casesChannel, "Marcus", "closed by policy", contains("Closed: nobody resolved it in time"))
	require.Equal(t, l.ticketCase.TS, m.TS)
	require.NotContains(t, string(m.Blocks), `"actions"`)
}

func (l *loop) otherSystems(t *testing.T) {
	event := func(id, kind, contact, locale string) []byte {
		return fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":"test","type":%q,"data":{"contact":{"id":%q,"email":"%[3]s@other.example","first_name":"Inés","locale":%q}}}`,
			id, kind, contact, locale)
	}
	order := event("1", "order.delivered", "ines", "es-MX")
	for range 2 { // a delivery that is repeated counts once
		a := l.do(t, http.MethodPost, l.url+"/hooks/shop", webhookHeader(t, testShopSecret, "msg_1", order, time.Now()), order)
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.JSONEq(t, `{"received":1,"listened":1}`, a.body)
	}
	m := l.mail(t, "ines@other.example", "invite")
	require.Contains(t, m.HTML(), `lang="es"`)
	require.Equal(t, 1, l.number(t, `SELECT count(*) FROM inbox WHERE lane = 'order-csat'`))

	signed, token := event("2", "visit.ended", "ana", "de"), event("3", "visit.ended", "berta", "fr")
	a := l.do(t, http.MethodPost, l.url+"/v1/events?crm=shop", webhookHeader(t, testEventsSecret, "msg_2", signed, time.Now()), signed)
	require.Equal(t, http.StatusOK, a.status, a.body)
	a = l.do(t, http.MethodPost, l.url+"/v1/events?crm=shop", bearer(testSecret), token)
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.Contains(t, l.mail(t, "ana@other.example", "invite").HTML(), `lang="de"`)
	require.Contains(t, l.mail(t, "berta@other.example", "invite").HTML(), `lang="fr"`)
}

func (l *loop) silence(t *testing.T) {
	m := l.mail(t, l.sanne.email, "reminder")
	page := link(t, l.asked[l.sanne.email])
	require.Equal(t, page, link(t, m), "the reminder leads to the same survey")
	require.Equal(t, "Did we make it easy? One click tells us", m.Subject)
	require.True(t, eventually(func() bool { return l.get(t, page).status == http.StatusGone }), "the survey does not expire")
	a := l.post(t, page, "score", "7", "done", "1")
	require.Equal(t, http.StatusGone, a.status)
	require.Contains(t, a.body, "This survey has closed")
	require.Equal(t, []string{"invite", "reminder"}, l.mails(l.sanne.email))
	require.Equal(t, []string{"invite"}, l.mails(l.bram.email), "who unsubscribed is not reminded")
}

func (w *world) awaitProperty(t *testing.T, kind, id, name, value string) {
	t.Helper()
	w.await(t, fmt.Sprintf("%s %s: %s = %s", kind, id, name, value), func(st *sandbox.State) bool {
		return st.Record(kind, id).Get(name) == value
	})
}

func (l *loop) signals(t *testing.T) {
	for _, want := range []struct{ kind, id, name, value string }{
		{sandbox.Contacts, l.camille.id, survey.SignalNPSLast, "2"},
		{sandbox.Contacts, l.camille.id, survey.SignalNPSBand, "detractor"},
		{sandbox.Contacts, l.camille.id, survey.SignalOpenCases, "0"},
		{sandbox.Contacts, l.tobias.id, survey.SignalNPSLast, "5"},
		{sandbox.Companies, l.camille.company, survey.SignalAccountNPSN, "2"},
		{sandbox.Companies, l.camille.company, survey.SignalOpenCases, "0"},
		{sandbox.Contacts, l.olivia.id, survey.SignalNPSBand, "promoter"},
		{sandbox.Companies, l.olivia.company, survey.SignalAccountNPSN, "1"},
		{sandbox.Contacts, l.marcus.id, survey.SignalCSATLast, "1"},
		{sandbox.Contacts, l.marcus.id, survey.SignalOpenCases, "0"},
	} {
		l.awaitProperty(t, want.kind, want.id, want.name, want.value)
	}
	// Only what changed is written: no value follows itself.
	last := map[string]string{}
	for _, c := range l.calls.to("/batch/update") {
		var in struct {
			Inputs []struct {
				ID         string            `json:"id"`
				Properties map[string]string `json:"properties"`
			} `json:"inputs"`
		}
		require.NoError(t, json.Unmarshal(c.body, &in))
		for _, record := range in.Inputs {
			for name, value := range record.Properties {
				at := c.path + "/" + record.ID + "/" + name
				before, written := last[at]
				require.False(t, written && before == value, "%s: %q is written twice", at, value)
				last[at] = value
			}
		}
	}
	require.NotEmpty(t, last)
}

func (l *loop) echo(t *testing.T) {
	heard := `SELECT count(*) FROM inbox WHERE lane = 'echo-nps'`
	l.awaitDelivery(t, survey.SignalNPSLast, sandbox.SourceIntegration, "10")
	require.Zero(t, l.number(t, heard))
	require.NoError(t, l.sandbox.SetProperty(sandbox.Contacts, l.olivia.id, survey.SignalNPSLast, "3", sandbox.SourceUser))
	l.awaitNumber(t, 1, "a person's change of the same property is heard", heard)
}

func (l *loop) end(t *testing.T) {
	l.sandbox.Read(func(st *sandbox.State) {
		for _, r := range st.Refusals {
			if !strings.Contains(r.Detail, "U0STRANGER") {
				t.Errorf("%s refused %s %s: %s: %s", r.Vendor, r.Method, r.Path, r.Rule, r.Detail)
			}
		}
		once := map[string]string{}
		for _, m := range st.Mails {
			name := m.CustomArgs["cxloop_kind"] + "/" + m.CustomArgs["cxloop_id"]
			require.Empty(t, once[name], "mail %s was sent twice", name)
			once[name] = m.ID
		}
	})
	require.Zero(t, l.number(t, `SELECT count(*) FROM effects WHERE state <> 'done'`))
	require.Zero(t, l.number(t, `SELECT count(*) FROM cases WHERE ended_at IS NULL`))
	l.awaitWorkflows(t, 0, `WorkflowType = "CaseWorkflow" AND ExecutionStatus = "Running"`)
	l.awaitWorkflows(t, 0, `ExecutionStatus IN ("Failed", "Terminated", "TimedOut", "Canceled")`)
}

// awaitWorkflows waits until so many workflows match a query.
func (w *world) awaitWorkflows(t *testing.T, want int, query string) {
	t.Helper()
	c, err := temporalClient(w.config, w.logger())
	require.NoError(t, err)
	defer c.Close()
	require.True(t, eventually(func() bool {
		list, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		return err == nil && len(list.GetExecutions()) == want
	}), "want %d workflows with %s", want, query)
}
