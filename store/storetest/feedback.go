package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

var feedbackCases = map[string]func(world){
	"is kept once, and as it was last said": func(w world) {
		w.saveContacts(1)
		f := survey.Feedback{
			ID: "f1", Source: "g2", SourceID: "r/1", Kind: survey.FeedbackReview, ContactKey: contactKey(0), AccountKey: accountKey(0),
			Text: "Ça traîne", Rating: 2.5, Language: "fr", URL: "https://example.com/1", At: start,
		}
		first, err := w.SaveFeedback(w.Context(), f)
		w.must(err)
		require.Equal(w.T, 1, first.Revision)
		require.Equal(w.T, w.contactRef(0), first.ContactKey)
		again, err := w.SaveFeedback(w.Context(), f)
		w.must(err)
		require.Equal(w.T, first, again)
		f.Text, f.ContactKey, f.AccountKey = "Ça va mieux", "", ""
		changed, err := w.SaveFeedback(w.Context(), f)
		w.must(err)
		require.Equal(w.T, 2, changed.Revision)
		require.Equal(w.T, first.ContactKey, changed.ContactKey, "whose it is was said before")
		found, err := w.LatestFeedback(w.Context(), "", 10)
		w.must(err)
		require.Equal(w.T, []survey.Feedback{changed}, found)
	},

	"the latest of a kind": func(w world) {
		for i, kind := range []survey.FeedbackKind{survey.FeedbackChat, survey.FeedbackCall, survey.FeedbackChat} {
			_, err := w.SaveFeedback(w.Context(), survey.Feedback{
				ID: w.newID(), Source: "s", SourceID: "1", Kind: kind, Text: "x", At: start.Add(time.Duration(i) * time.Hour),
			})
			w.must(err)
		}
		chats, err := w.LatestFeedback(w.Context(), survey.FeedbackChat, 10)
		w.must(err)
		require.Len(w.T, chats, 2)
		require.Equal(w.T, start.Add(2*time.Hour), chats[0].At)
		one, err := w.LatestFeedback(w.Context(), "", 1)
		w.must(err)
		require.Equal(w.T, chats[:1], one)
	},
}
