package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// TestCasesInTheCRM follows cases in the CRM: each is a task there that is opened and
// closed with it, and ends it where it is closed there.
func TestCasesInTheCRM(t *testing.T) {
	t.Parallel()
	f := filing{startWorld(t, databases[0])}
	slow := f.failing(t, "Error", sandbox.FaultServerError) // found out after half a minute
	f.closedHere(t)
	f.closedThere(t)
	f.madeOnce(t, f.failing(t, "Cut", sandbox.FaultCut), f.failing(t, "Limit", sandbox.FaultRateLimitRetryAfter), slow)
	f.awaitNumber(t, 0, "the CRM knows how all cases stand", `SELECT count(*) FROM case_records WHERE told = 0`)
	require.Zero(t, f.number(t, `SELECT count(*) FROM effects WHERE state <> 'done'`))
}

type filing struct{ *world }

// complain has a customer answer with a comment, and returns them with their case's message.
func (f filing) complain(t *testing.T, name, comment string) (customer, *sandbox.Message) {
	t.Helper()
	c := f.customer(t, f.company(t, name+" Ltd", "growth"), name, "en")
	f.win(t, c.deal)
	f.give(t, f.mail(t, c.email, "invite"), "2", comment)
	return c, f.message(t, casesChannel, name, "posted", contains("Acknowledge"))
}

// about returns what the CRM has of a type about a company, the oldest first.
func (f filing) about(kind string, c customer) []*sandbox.Record {
	var found []*sandbox.Record
	f.sandbox.Read(func(st *sandbox.State) {
		for _, r := range st.Records(kind) {
			for _, a := range r.Associations[sandbox.Companies] {
				if a.ToID == c.company && (len(found) == 0 || found[len(found)-1] != r) {
					found = append(found, r)
				}
			}
		}
	})
	return found
}

func (f filing) awaitTask(t *testing.T, c customer, status string) *sandbox.Record {
	t.Helper()
	require.True(t, eventually(func() bool {
		tasks := f.about(sandbox.Tasks, c)
		return len(tasks) == 1 && tasks[0].Get("hs_task_status") == status
	}), "want one task of %s: %s, got %v", c.name, status, f.about(sandbox.Tasks, c))
	return f.about(sandbox.Tasks, c)[0]
}

func (f filing) awaitNotes(t *testing.T, c customer, texts ...string) {
	t.Helper()
	var all string
	require.True(t, eventually(func() bool {
		all = ""
		for _, n := range f.about(sandbox.Notes, c) {
			all += n.Get("hs_note_body") + "\n"
		}
		for _, text := range texts {
			if strings.Count(all, text) != 1 {
				return false
			}
		}
		return true
	}), "notes on %s: %s", c.name, all)
}

func (f filing) closedHere(t *testing.T) {
	c, m := f.complain(t, "Filed", "Slow & <dear>")
	task := f.awaitTask(t, c, "NOT_STARTED")
	require.Equal(t, "Detractor: Filed, Filed Ltd", task.Get("hs_task_subject"))
	require.Equal(t, "MEDIUM", task.Get("hs_task_priority"))
	require.Equal(t, c.id, task.Associations[sandbox.Contacts][0].ToID)
	f.awaitNotes(t, c, "The case was opened. Score: 2 of 10 (detractor) “Slow &amp; &lt;dear&gt;”")
	f.click(t, m, survey.ActionAcknowledge, "U0GRACE")
	m = f.message(t, casesChannel, c.name, "taken", contains("Acknowledged by <@U0GRACE>"))
	f.awaitNotes(t, c, "acknowledged the case")
	f.click(t, m, survey.ActionResolve, "U0GRACE")
	f.awaitTask(t, c, "COMPLETED")
	f.awaitNotes(t, c, "The case was opened", "acknowledged the case", "resolved the case")
}

// closedThere completes a task in the CRM, which does not tell of it, and one that it does.
func (f filing) closedThere(t *testing.T) {
	c, _ := f.complain(t, "There", "Slow")
	task := f.awaitTask(t, c, "NOT_STARTED")
	require.NoError(t, f.sandbox.SetProperty(sandbox.Tasks, task.ID, "hs_task_status", "COMPLETED", sandbox.SourceUser))
	f.message(t, casesChannel, c.name, "resolved in the CRM", contains("it was closed in the CRM"))
	require.Equal(t, 1, f.number(t, `SELECT count(*) FROM case_events WHERE what = 'crm_closed' AND target = 'hubspot' AND actor = ''`))
	f.awaitNotes(t, c, "closed in the CRM")
	require.Len(t, f.awaitTask(t, c, "COMPLETED").History["hs_task_status"], 2, "it is not closed again")
}

// failing has the CRM fail while the task of a customer's case is made.
func (f filing) failing(t *testing.T, name string, kind sandbox.FaultKind) customer {
	t.Helper()
	c := f.customer(t, f.company(t, name+" Ltd", "growth"), name, "en")
	f.win(t, c.deal)
	m := f.mail(t, c.email, "invite")
	var before int64
	f.sandbox.Read(func(st *sandbox.State) { before = st.Counts.Faults })
	f.sandbox.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Kinds: []sandbox.FaultKind{kind}, Path: "/tasks", Count: 1, RetryAfter: 2 * time.Second})
	f.give(t, m, "1", "It broke")
	f.await(t, "the fault "+string(kind), func(st *sandbox.State) bool { return st.Counts.Faults == before+1 })
	return c
}

// madeOnce requires one task of each, whatever the CRM answered.
func (f filing) madeOnce(t *testing.T, customers ...customer) {
	for _, c := range customers {
		f.awaitTask(t, c, "NOT_STARTED")
		f.awaitNotes(t, c, "The case was opened")
		f.message(t, casesChannel, c.name, "shown all the same", contains("Acknowledge"))
	}
}
