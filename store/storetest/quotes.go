package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// says has a contact give a score with a comment.
func (w world) says(now time.Time, contact, score int, comment string) survey.Response {
	w.Helper()
	r, err := w.SaveAnswer(w.Context(), w.answerRequest(w.invite(now, contact)[0], now, survey.Answer{Score: score, Comment: comment, Done: true}))
	w.must(err)
	w.record(now)
	return r
}

var quoteCases = map[string]func(world){
	"comments come with whose they are, the newest first": func(w world) {
		w.saveContacts(4)
		w.says(start, 0, 2, "Too slow")
		w.says(start.Add(time.Hour), 1, 9, "")
		w.says(start.Add(2*time.Hour), 2, 9, "Kind people")
		w.says(start.Add(3*time.Hour), 3, 9, "Later")

		quotes, err := w.Quotes(w.Context(), programID, start, start.Add(3*time.Hour), 10)
		w.must(err)
		require.Equal(w.T, []string{"Kind people", "Too slow"}, commentsOf(quotes))
		require.NotEmpty(w.T, quotes[0].Contact.LastName)
		require.NotEqual(w.T, quotes[0].Contact.ID, quotes[1].Contact.ID)

		quotes, err = w.Quotes(w.Context(), programID, start, start.Add(time.Hour), 10)
		w.must(err)
		require.Equal(w.T, []string{"Too slow"}, commentsOf(quotes))
		quotes, err = w.Quotes(w.Context(), "another", start, start.Add(day), 10)
		w.must(err)
		require.Empty(w.T, quotes)
	},
}

func commentsOf(quotes []store.Quote) (out []string) {
	for _, q := range quotes {
		out = append(out, q.Response.Comment)
	}
	return out
}
