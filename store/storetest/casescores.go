package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// later is after every quarantine.
const later = 100 * 24 * time.Hour

// scoreCases take contacts 0 and 1, who are of one account, 5 of another and 7 of none.
var scoreCases = map[string]func(world){
	"scores before a case are of its contact and its account": func(w world) {
		w.saveContacts(2)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(5, 1), contact(7, -1)}, nil))
		for i, c := range []int{0, 1, 5, 7} {
			w.done(w.invite(start.Add(time.Duration(i)*time.Minute), c)[0], start.Add(time.Duration(i)*time.Minute), 10-i)
		}
		w.record(start.Add(time.Hour))
		id := w.openCase(start.Add(later), 0)
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		scores, err := w.PastScores(w.Context(), detail, 10)
		w.must(err)
		require.Equal(w.T, []store.PastScore{
			{Program: programID, Version: "v1", Score: 9, Band: survey.Promoter, At: start.Add(time.Minute), Other: true},
			{Program: programID, Version: "v1", Score: 10, Band: survey.Promoter, At: start},
		}, scores)
		scores, err = w.PastScores(w.Context(), detail, 1)
		w.must(err)
		require.Len(w.T, scores, 1)
	},

	"scores that count no more are not before a case": func(w world) {
		w.saveContacts(1)
		item := w.invite(start, 0)[0]
		w.done(item, start, 9)
		w.record(start)
		w.must(w.ExcludeAnswer(w.Context(), store.Verdict{Item: item, At: start, Who: "ada", What: store.VerdictRejected, Why: "a test"}))
		w.record(start)
		id := w.openCase(start.Add(later), 0)
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		scores, err := w.PastScores(w.Context(), detail, 10)
		w.must(err)
		require.Empty(w.T, scores)
	},

	"what was answered without a name is before no case": func(w world) {
		w.saveContacts(2)
		for i, id := range w.invite(start, 0, 1) {
			_, err := w.unnamed(id, "a secret", survey.Answer{Score: i, Comment: "Signed Zoë"})
			w.must(err)
		}
		detail, err := w.Case(w.Context(), w.openCase(start.Add(later), 0))
		w.must(err)
		require.Len(w.T, detail.Responses, 1)
		scores, err := w.PastScores(w.Context(), detail, 10)
		w.must(err)
		require.Empty(w.T, scores)
	},
}
