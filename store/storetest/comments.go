package storetest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// loud reads a comment as angry where it holds a "!", and tells which language it was
// asked in.
func loud(comment, locale string) survey.Reading {
	r := survey.Reading{By: "test/1", Language: locale, Confidence: 0.5, Topics: []string{"noise"}}
	if strings.Contains(comment, "!") {
		r.Tone, r.Sentiment, r.Marks = survey.Angry, -1, []survey.Mark{{From: 0, To: 1, Weight: -1}}
	}
	return r
}

// readings are what the comments of a program say, by their sentiments.
func (w world) readings(filter store.CommentFilter) map[float64]store.ReadComment {
	w.Helper()
	out := map[float64]store.ReadComment{}
	w.must(w.EachReading(w.Context(), filter, func(c store.ReadComment) { out[c.Sentiment] = c }))
	return out
}

var commentCases = map[string]func(world){
	"a comment is read when it is given, and again when it is changed": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		req := w.answerRequest(id, start, survey.Answer{Score: 9, Comment: "Late!"})
		req.Read = loud
		saved, err := w.SaveAnswer(w.Context(), req)
		w.must(err)
		require.Equal(w.T, loud("Late!", "fr-CA"), saved.Reading)
		kept, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, saved, kept)
		req.Answer.Comment = "Fine"
		saved, err = w.SaveAnswer(w.Context(), req)
		w.must(err)
		require.Empty(w.T, saved.Reading.Tone)
		req.Answer.Comment = ""
		saved, err = w.SaveAnswer(w.Context(), req)
		w.must(err)
		require.False(w.T, saved.Reading.Read(), "nothing is written any more")
	},

	"else when it is recorded": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		_, err := w.SaveAnswer(w.Context(), w.answerRequest(id, start, survey.Answer{Score: 9, Comment: "Late!", Done: true}))
		w.must(err)
		batch := w.claim(store.TopicAnswer, start)
		req, seen := w.recordRequest(batch.ID, start), survey.Reading{}
		req.Read = loud
		decide := req.Decide
		req.Decide = func(r survey.Response, fits bool) (store.Decision, error) {
			seen = r.Reading
			return decide(r, fits)
		}
		_, err = w.Record(w.Context(), req)
		w.must(err)
		require.Equal(w.T, survey.Angry, seen.Tone, "before it is decided what the answer leads to")
		found := w.readings(store.CommentFilter{Program: programID})
		require.Equal(w.T, map[float64]store.ReadComment{-1: {Reading: seen, Band: survey.Promoter, At: start}}, found)
		require.Empty(w.T, w.readings(store.CommentFilter{Program: "other"}))
		require.Empty(w.T, w.readings(store.CommentFilter{Program: programID, From: start.Add(time.Millisecond)}))
		require.Empty(w.T, w.readings(store.CommentFilter{Program: programID, To: start}))
		latest, err := w.LatestComments(w.Context(), 10)
		w.must(err)
		require.Len(w.T, latest, 1)
		require.Equal(w.T, "Late!", latest[0].Comment)
	},

	"pages of comments are read again": func(w world) {
		w.saveContacts(3)
		for i, id := range w.invite(start, 0, 1, 2) {
			answer := survey.Answer{Score: 9, Comment: "Late!", Done: true}
			if i == 2 {
				answer.Comment = "" // is on no page
			}
			_, err := w.SaveAnswer(w.Context(), w.answerRequest(id, start, answer))
			w.must(err)
		}
		w.record(start)
		first, next, err := w.CommentPage(w.Context(), store.CommentPage{Limit: 1})
		w.must(err)
		require.Len(w.T, first, 1)
		require.Equal(w.T, first[0].ID, next)
		rest, next, err := w.CommentPage(w.Context(), store.CommentPage{After: next, Limit: 5})
		w.must(err)
		require.Len(w.T, rest, 1)
		require.Empty(w.T, next)
		require.Equal(w.T, "fr-CA", rest[0].Locale)
		first[0].Reading, rest[0].Reading = loud("Late!", ""), loud("Late!", "")
		rest[0].Comment = "what it was when it was read"
		w.must(w.SaveReadings(w.Context(), false, append(first, rest...)))
		again, _, err := w.CommentPage(w.Context(), store.CommentPage{Limit: 5})
		w.must(err)
		require.Equal(w.T, []bool{true, false}, []bool{again[0].Reading.Read(), again[1].Reading.Read()}, "what was changed since is left")
		first[0].Reading = survey.Reading{}
		w.must(w.SaveReadings(w.Context(), false, first))
		require.Empty(w.T, w.readings(store.CommentFilter{Program: programID}))
	},

	"so is feedback": func(w world) {
		f := survey.Feedback{ID: "f1", Source: "g2", SourceID: "r/1", Kind: survey.FeedbackReview, Text: "Slow!", Language: "fr", At: start, Reading: loud("Slow!", "fr")}
		kept, err := w.SaveFeedback(w.Context(), f)
		w.must(err)
		require.Equal(w.T, f.Reading, kept.Reading)
		require.Len(w.T, w.readings(store.CommentFilter{}), 1)
		page, next, err := w.CommentPage(w.Context(), store.CommentPage{Feedback: true, Limit: 5})
		w.must(err)
		require.Empty(w.T, next)
		require.Equal(w.T, []store.KeptComment{{ID: "f1", Comment: "Slow!", Locale: "fr", Reading: f.Reading}}, page)
		page[0].Reading.By = "test/2"
		w.must(w.SaveReadings(w.Context(), true, page))
		require.Equal(w.T, "test/2", w.readings(store.CommentFilter{})[-1].By)
	},

	"the model of the latest training that made one": func(w world) {
		version, err := w.TextVersion(w.Context())
		w.must(err)
		require.Empty(w.T, version)
		body, err := w.TextModel(w.Context())
		w.must(err)
		require.Nil(w.T, body)
		trained := store.TextTraining{At: start, Version: "v1", Comments: 120, Trials: []byte(`[]`), Model: []byte(`{"version":"v1"}`)}
		w.must(w.SaveTextTraining(w.Context(), trained))
		refused := store.TextTraining{At: start.Add(time.Hour), Version: "v1", Comments: 130, Trials: []byte(`[{}]`)}
		w.must(w.SaveTextTraining(w.Context(), refused))
		w.must(w.SaveTextTraining(w.Context(), refused))
		version, err = w.TextVersion(w.Context())
		w.must(err)
		require.Equal(w.T, "v1", version)
		body, err = w.TextModel(w.Context())
		w.must(err)
		require.JSONEq(w.T, `{"version":"v1"}`, string(body))
		all, err := w.TextTrainings(w.Context(), 5)
		w.must(err)
		trained.Model = nil
		require.Equal(w.T, []store.TextTraining{refused, trained}, all)
		for day := range 5 {
			newer := store.TextTraining{At: start.AddDate(0, 0, day+1), Version: "v2", Trials: []byte(`[]`), Model: []byte(`{"version":"v2"}`)}
			w.must(w.SaveTextTraining(w.Context(), newer))
		}
		body, err = w.TextModel(w.Context())
		w.must(err)
		require.JSONEq(w.T, `{"version":"v2"}`, string(body))
	},
}
