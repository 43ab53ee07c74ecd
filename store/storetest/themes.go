package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// blame has a contact give a score and causes for it.
func (w world) blame(now time.Time, contact, score int, causes ...string) {
	w.Helper()
	_, err := w.SaveAnswer(w.Context(), w.answerRequest(w.invite(now, contact)[0], now, survey.Answer{
		Score: score, Answers: survey.Answers{survey.Causes: {Chosen: causes}}, Done: true,
	}))
	w.must(err)
	w.record(now)
}

var themeCases = map[string]func(world){
	"causes are counted by customer and by account": func(w world) {
		w.saveContacts(5)
		w.blame(start, 0, 2, "price", "support")
		w.blame(start.Add(quarantine), 0, 3, "price")
		w.blame(start.Add(time.Hour), 1, 6, "price")
		w.blame(start.Add(2*time.Hour), 2, 9, "price")

		counts, err := w.CauseCounts(w.Context(), start, start.Add(quarantine+time.Second))
		w.must(err)
		require.Equal(w.T, []store.CauseCount{
			{Cause: "price", Program: programID, Version: "v1", Customers: 2, Accounts: 1},
			{Cause: "support", Program: programID, Version: "v1", Customers: 1, Accounts: 1},
		}, counts, "of a promoter nothing, and a customer once")

		counts, err = w.CauseCounts(w.Context(), start.Add(time.Hour), start.Add(quarantine))
		w.must(err)
		require.Len(w.T, counts, 1, "from a moment until before another")
		require.Equal(w.T, 1, counts[0].Customers)
	},

	"whoever wrote of a cause counts once with those who chose it": func(w world) {
		w.saveContacts(5)
		read := func(topics ...string) func(comment, locale string) survey.Reading {
			return func(string, string) survey.Reading { return survey.Reading{By: "test", Topics: topics} }
		}
		for i, c := range []struct {
			score  int
			causes []string
			topics []string
		}{
			{2, []string{"price"}, []string{"price", "parking"}},
			{3, nil, []string{"price"}},
			{4, nil, []string{"parking"}},
			{10, nil, []string{"parking"}},
		} {
			req := w.answerRequest(w.invite(start, i)[0], start, survey.Answer{
				Score: c.score, Comment: "Where to park?", Answers: survey.Answers{survey.Causes: {Chosen: c.causes}}, Done: true,
			})
			req.Read = read(c.topics...)
			_, err := w.SaveAnswer(w.Context(), req)
			w.must(err)
		}
		w.record(start)
		counts, err := w.CauseCounts(w.Context(), start, start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, []store.CauseCount{
			{Cause: "parking", Program: programID, Version: "v1", Customers: 2, Accounts: counts[0].Accounts, Written: 2},
			{Cause: "price", Program: programID, Version: "v1", Customers: 2, Accounts: counts[1].Accounts, Written: 1},
		}, counts)
	},

	"and by what cases were resolved with": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		_, err := w.AdvanceCase(w.Context(), id, start, func(c *survey.Case, _ []survey.Click) store.Advance {
			c.State, c.EndedAt, c.Cause = survey.CaseResolved, start.Add(time.Hour), "delivery"
			return store.Advance{}
		})
		w.must(err)
		counts, err := w.CauseCounts(w.Context(), start, start.Add(time.Hour))
		w.must(err)
		require.Empty(w.T, counts)
		counts, err = w.CauseCounts(w.Context(), start.Add(time.Hour), start.Add(2*time.Hour))
		w.must(err)
		require.Equal(w.T, []store.CauseCount{{Cause: "delivery", Program: programID, Version: "v1", Cases: 1}}, counts)
	},
}
