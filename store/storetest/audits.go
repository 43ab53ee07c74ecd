package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// auditing is a program of auditors with a checklist of one item.
func auditing() survey.Program {
	p := program()
	p.ID, p.Metric, p.Of = "audit", survey.Audit, survey.Auditors
	p.Checklist, p.Bands = []survey.Item{{ID: "clean", Weight: 1}}, survey.AuditBands{Weak: 70, Passed: 90}
	return p
}

// audit takes an event of contact 0 for each account, by its number, -1 for none.
func (w world) audit(rules survey.ContactRules, now time.Time, accounts ...int) []store.Invitation {
	w.Helper()
	w.addEvents(len(accounts))
	req := underRules(auditing(), rules, w.admitRequest(w.claim(store.TopicEvent, now).ID, now, make([]int, len(accounts))...))
	req.Audit = true
	for i, account := range accounts {
		if account >= 0 {
			req.Candidates[i].AccountKey = accountKey(account)
		}
	}
	made, err := w.Store.Admit(w.Context(), req)
	w.must(err)
	return made
}

func (w world) saveAccounts(n int) {
	w.Helper()
	var accounts []survey.Account
	for i := range n {
		accounts = append(accounts, account(i))
	}
	w.must(w.SaveContacts(w.Context(), nil, accounts))
}

// openCasesAre wants account 1 to be told how many there are, and nobody else anything.
func (w world) openCasesAre(n string) {
	w.Helper()
	rows, err := w.DirtySignals(w.Context(), "hubspot", 100)
	w.must(err)
	require.Len(w.T, rows, 1)
	require.Equal(w.T, survey.ObjectAccount+" "+account(1).ID, rows[0].ObjectType+" "+rows[0].ObjectID)
	require.Equal(w.T, map[string]string{survey.SignalOpenCases: n}, rows[0].Values)
	w.must(w.SignalsPushed(w.Context(), "hubspot", rows, start))
	rows, err = w.DirtySignals(w.Context(), "hubspot", 100)
	w.must(err)
	require.Empty(w.T, rows, "nothing of the auditor")
}

var auditCases = map[string]func(world){
	"an audit is of its event's account": func(w world) {
		w.saveContacts(1)
		w.saveAccounts(3)
		made := w.audit(apart(), start, 1, 2, 1, -1)
		of := map[string]int{}
		for _, i := range made {
			of[i.AccountKey+string(i.Rule)]++
		}
		require.Equal(w.T, map[string]int{w.accountRef(1): 2, w.accountRef(2): 1, string(survey.RuleNoAccount): 1}, of)
		unsent, err := w.Unsent(w.Context(), made[0].Batch, start)
		w.must(err)
		for _, r := range unsent {
			require.Equal(w.T, r.Invitation.AccountKey, w.reference(r.Account.Key), "the mail names what is audited")
			require.Equal(w.T, w.accountRef(0), r.Contact.AccountKey, "the auditor's own account stays")
		}
	},

	"an audit counts for no gap and no account": func(w world) {
		w.saveContacts(2)
		w.saveAccounts(1)
		rules := apart()
		rules.PerAccount, rules.DailyCap = survey.AccountCap{Invitations: 1, Within: survey.Span(quarantine)}, 5
		for _, i := range w.audit(rules, start, 0, 0) {
			require.Empty(w.T, i.Rule)
			w.must(w.MarkSent(w.Context(), []string{i.ID}, start, start.Add(expiry)))
		}
		require.Empty(w.T, w.audit(rules, start, 0)[0].Rule, "waiting to be mailed")
		asked := w.decide(under("other", survey.Eligibility{}), rules, start, 0, contactKey(0))[contactKey(0)]
		require.Empty(w.T, asked.Rule, "the auditor is a customer too, of the very account")
		again := w.audit(rules, start, 0, 0)
		require.ElementsMatch(w.T, []survey.Rule{"", survey.RuleDailyCapOfAll}, []survey.Rule{again[0].Rule, again[1].Rule}, "mails are counted")
	},

	"a failed audit is the account's": func(w world) {
		w.saveContacts(2)
		w.saveAccounts(2)
		id := w.audit(apart(), start, 1)[0].ID
		w.must(w.MarkSent(w.Context(), []string{id}, start, start.Add(expiry)))
		failed := survey.Answers{"clean": {Chosen: []string{survey.ItemFailed}}}
		req := w.answerRequest(id, start, survey.Answer{Score: 0, Done: true, Answers: failed})
		req.Band = survey.Failed
		_, err := w.SaveAnswer(w.Context(), req)
		w.must(err)
		record := w.recordRequest(w.claim(store.TopicAnswer, start).ID, start)
		record.ContactSignals = func(r survey.Response) map[string]string { return survey.ContactSignals(auditing(), r) }
		recorded, err := w.Record(w.Context(), record)
		w.must(err)
		require.Len(w.T, recorded.Cases, 1)
		detail, err := w.Case(w.Context(), recorded.Cases[0])
		w.must(err)
		require.Equal(w.T, w.accountRef(1), detail.Case.AccountKey)
		require.Equal(w.T, failed, detail.Responses[0].Answers)
		w.openCasesAre("1")
		_, err = w.AdvanceCase(w.Context(), recorded.Cases[0], start, func(c *survey.Case, _ []survey.Click) store.Advance {
			c.State, c.EndedAt = survey.CaseClosed, start
			return store.Advance{}
		})
		w.must(err)
		w.openCasesAre("0")

		checklists, err := w.Checklists(w.Context(), "audit")
		w.must(err)
		require.Equal(w.T, []survey.Answers{failed}, checklists)
		checklists, err = w.Checklists(w.Context(), programID)
		w.must(err)
		require.Empty(w.T, checklists)
	},
}
