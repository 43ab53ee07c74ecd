package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

var ownerCases = map[string]func(world){
	"owners as they were looked up last": func(w world) {
		none, err := w.Owner(w.Context(), "hubspot", "71")
		w.must(err)
		require.Equal(w.T, survey.Owner{ID: "71"}, none)
		first := survey.Owner{ID: "71", User: "U1", Zone: "Europe/Paris", At: start}
		w.must(w.SaveOwner(w.Context(), "hubspot", first))
		w.must(w.SaveOwner(w.Context(), "other", survey.Owner{ID: "71", Away: true, At: start}))
		got, err := w.Owner(w.Context(), "hubspot", "71")
		w.must(err)
		require.Equal(w.T, first, got)
		later := survey.Owner{ID: "71", Away: true, At: start.Add(24 * time.Hour)}
		w.must(w.SaveOwner(w.Context(), "hubspot", later))
		got, err = w.Owner(w.Context(), "hubspot", "71")
		w.must(err)
		require.Equal(w.T, later, got)
	},

	"a case has its account's owner": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		owner := survey.Owner{ID: "71", User: "U1", At: start}
		w.must(w.SaveOwner(w.Context(), "hubspot", owner))
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Zero(w.T, detail.Owner)
		_, err = w.AdvanceCase(w.Context(), id, start, func(c *survey.Case, _ []survey.Click) store.Advance {
			c.Owner = "71"
			return store.Advance{}
		})
		w.must(err)
		detail, err = w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, owner, detail.Owner)
	},

	"the open cases of accounts": func(w world) {
		w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(0, 0), contact(1, 1)}, []survey.Account{account(0), account(1)}))
		open, over := w.openCase(start, 0), w.openCase(start, 1)
		w.addClick(over, "k1", survey.ActionResolve)
		_, err := w.AdvanceCase(w.Context(), over, start, applyAll)
		w.must(err)
		found, err := w.OpenCases(w.Context(), []string{accountKey(0), accountKey(1), accountKey(2)})
		w.must(err)
		require.Equal(w.T, map[string]string{accountKey(0): open}, found)
		found, err = w.OpenCases(w.Context(), nil)
		w.must(err)
		require.Empty(w.T, found)
	},

	"a case that moves is posted anew": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.must(w.CaseShown(w.Context(), id, "C1", "1.2", 1))
		moved, err := w.AdvanceCase(w.Context(), id, start, func(c *survey.Case, _ []survey.Click) store.Advance {
			require.True(w.T, c.Follow("71", "U1"))
			return store.Advance{}
		})
		w.must(err)
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, moved, detail.Case)
		require.Equal(w.T, survey.CasePlace{Place: "U1", Moves: 1, Former: survey.CaseMessage{Channel: "C1", TS: "1.2"}}, detail.Case.CasePlace)
		require.Empty(w.T, detail.Case.MessageTS)
		w.must(w.CaseShown(w.Context(), id, "D1", "3.4", 2))
		detail, err = w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, []any{"D1", "3.4", 2}, []any{detail.Case.Channel, detail.Case.MessageTS, detail.Case.Shown})
	},
}
