package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// Two events about one auditor in a batch: each audit is of its event's account, and the
// auditor's own account stays what it was.
func TestAuditsAreOfTheEventsAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program = auditProgram()
	w.must(w.store.SaveProgram(t.Context(), w.program))
	auditor := person(0, "en")
	w.must(w.store.SaveContacts(t.Context(), []survey.Contact{auditor}, nil))
	before, err := w.store.Contacts(t.Context(), []string{auditor.Key})
	w.must(err)
	require.NotEmpty(t, before[auditor.Key].AccountKey)
	visit := func(account string) survey.Event {
		e := w.event(auditor)
		delete(e.Data, "account")
		if account != "" {
			e.Data["account"] = map[string]any{"id": account, "name": "Store " + account}
		}
		return e
	}
	batch := w.arrive(visit("s1"), visit("s2"), visit("s1"), visit(""))
	_, err = w.invitations().PrepareInvitations(t.Context(), batch)
	w.must(err)
	admitted, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, 1, admitted.Suppressed, "the event without an account")
	waiting, err := w.store.Unsent(t.Context(), batch.Batch, start.Add(day))
	w.must(err)
	var of []string
	for _, r := range waiting {
		of = append(of, r.Account.Name)
		require.Equal(t, auditor.FirstName, r.Contact.FirstName)
	}
	require.ElementsMatch(t, []string{"Store s1", "Store s2", "Store s1"}, of)
	after, err := w.store.Contacts(t.Context(), []string{auditor.Key})
	w.must(err)
	require.Equal(t, before[auditor.Key].AccountKey, after[auditor.Key].AccountKey)
}
