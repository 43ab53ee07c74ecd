package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// recovering is a program that asks again a day after a case was resolved, and opens
// cases for more than unhappy scores.
const recovering = `    trigger: {event: visit.ended}
    follow_up: {case: {resurvey: 1d, passives: true, when: "response.score == 10 && account.tier == 'watched'", priority: high}}
`

// visited sends an event about somebody of a company, by whose end they are asked.
func (w *world) visited(t *testing.T, name, company, tier string) {
	t.Helper()
	a := w.do(t, http.MethodPost, w.url+"/v1/events?crm=shop", bearer(testSecret), fmt.Appendf(nil,
		`{"specversion":"1.0","id":"visit-%s","source":"test","type":"visit.ended","data":{
			"contact":{"id":"%s","email":"%s@other.example","first_name":"%s","locale":"en"},"account":{"id":"%s","name":"%s","tier":"%s"}}}`,
		name, name, strings.ToLower(name), name, company, company, tier))
	require.Equal(t, http.StatusOK, a.status, a.body)
}

// again waits for the mail that asks a customer again, and says why.
func (w *world) again(t *testing.T, name string) *sandbox.Mail {
	t.Helper()
	var found *sandbox.Mail
	w.await(t, name+" is asked again", func(st *sandbox.State) bool {
		for _, m := range st.MailsTo(strings.ToLower(name) + "@other.example") {
			if m.CustomArgs["cxloop_kind"] == "invite" && m.Subject == "Acme once more: is it better now?" {
				found = m
			}
		}
		return found != nil
	})
	require.Contains(t, found.Text(), "A few weeks ago you told us what was not right.")
	return found
}

// TestRecovery follows cases past their end: customers are thanked and asked again, and
// what they say then tells whether they recovered.
func TestRecovery(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kind)
			w.yaml = []byte(strings.Replace(string(w.yaml), "    trigger: {event: visit.ended}\n", recovering, 1))
			c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
			require.NoError(t, err)
			c.Temporal.Local = true
			w.config = c
			require.NoError(t, w.setup().database(t.Context()))
			w.startTemporal(t, searchAttributes())
			require.NoError(t, w.setup().outside(t.Context()))
			w.startApp(t)
			people := [][2]string{{"Ada", "Alder"}, {"Bea", "Birch"}, {"Cleo", "Cedar"}, {"Carl", "Cedar"}, {"Dora", "Dogwood"}, {"Eve", "Elm"}, {"Finn", "Fir"}}
			for _, p := range people {
				w.visited(t, p[0], p[1], map[bool]string{true: "watched"}[p[1] == "Fir"])
			}
			give := func(name, score, comment string) {
				w.give(t, w.mail(t, strings.ToLower(name)+"@other.example", "invite"), score, comment)
			}
			resolved := func(account string) {
				m := w.message(t, casesChannel, account, "a case", contains(string(survey.ActionResolve)))
				w.click(t, m, survey.ActionResolve, "U0GRACE")
				w.awaitNumber(t, 1, account+"'s case is resolved", w.casesOf(t, account, "state = 'resolved'"))
			}

			for _, name := range []string{"Ada", "Bea", "Cleo"} {
				give(name, "2", "It broke.")
			}
			for _, account := range []string{"Alder", "Birch", "Cedar"} {
				resolved(account)
			}
			give("Carl", "1", "It broke for me too.")
			w.awaitNumber(t, 1, "Cedar's case is open again", w.casesOf(t, "Cedar", `state = 'open' AND progress LIKE '%"priority":"high"%'`))
			resolved("Cedar")
			for _, name := range []string{"Ada", "Bea"} {
				m := w.mail(t, strings.ToLower(name)+"@other.example", "thanks")
				require.Equal(t, "You said, we did", m.Subject)
				require.Contains(t, m.Text(), "We have followed up what you told us.")
				require.NotContains(t, m.Text(), "Settled by phone.", "the team's note is the team's")
			}

			give("Dora", "9", "Nice people, but I will cancel.")
			w.awaitNumber(t, 1, "a happy score with an angry comment is a case", w.casesOf(t, "Dogwood", `progress LIKE '%"origin":"contradiction"%'`))
			give("Eve", "7", "")
			w.awaitNumber(t, 1, "a passive one is of low priority", w.casesOf(t, "Elm", `progress LIKE '%"priority":"low"%'`))
			give("Finn", "10", "")
			w.awaitNumber(t, 1, "and a condition opens one", w.casesOf(t, "Fir", `progress LIKE '%"priority":"high"%' AND progress LIKE '%"origin":"condition"%'`))

			w.give(t, w.again(t, "Ada"), "9", "Much better.")
			w.awaitNumber(t, 1, "Alder has recovered", w.casesOf(t, "Alder", "state = 'recovered'"))
			w.give(t, w.again(t, "Bea"), "3", "It is as it was.")
			w.awaitNumber(t, 1, "Birch has not", w.casesOf(t, "Birch", "state = 'unrecovered'"))
			w.awaitNumber(t, 1, "and has another case", w.casesOf(t, "Birch", `state = 'open' AND progress LIKE '%"earlier"%'`))
			w.again(t, "Cleo")
			w.again(t, "Carl")
			require.Equal(t, []string{"invite", "thanks", "invite"}, w.mails("ada@other.example"))
			require.Zero(t, w.number(t, `SELECT count(*) FROM effects WHERE state = 'unknown'`))
			require.Zero(t, w.number(t, `SELECT count(*) FROM cases c WHERE c.ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM case_events e
				WHERE e.case_id = c.id AND e.what IN ('case_resolve', 'case_reject', 'closed'))`), "cases that ended silently")
			w.awaitWorkflows(t, 0, `WorkflowType = "ThanksWorkflow" AND ExecutionStatus = "Running"`)
			w.awaitWorkflows(t, 0, `ExecutionStatus IN ("Failed", "Terminated", "TimedOut", "Canceled")`)
		})
	}
}

// casesOf counts the cases of a company of the shop that are as a condition says.
func (w *world) casesOf(t *testing.T, account, are string) string {
	t.Helper()
	return fmt.Sprintf(`SELECT count(*) FROM cases WHERE account_key = '%s' AND %s`, w.referenceOf(t, "shop", account), are)
}
