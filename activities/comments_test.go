package activities

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/text"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// commented has many people answer in words of a tenant's own, which no lexicon knows.
func (w *world) commented(n int) {
	w.Helper()
	people := make([]survey.Contact, n)
	for i := range people {
		people[i] = person(i, "en")
	}
	_, ids := w.admit(people...)
	for i, id := range ids {
		answer := survey.Answer{Score: 10, Comment: fmt.Sprintf("the zorb opens in round %d", i%7), Done: true}
		if i%3 == 0 {
			answer = survey.Answer{Score: 2, Comment: fmt.Sprintf("our zorb never opens in round %d", i%7), Done: true}
		}
		w.answer(id, answer)
	}
	w.record()
}

// computes runs an activity of the comments.
func computes[T any](w *world, c *Comments, activity any) (out T) {
	w.Helper()
	env := (&testsuite.WorkflowTestSuite{}).NewTestActivityEnvironment()
	env.RegisterActivity(c)
	value, err := env.ExecuteActivity(activity)
	w.must(err)
	w.must(value.Get(&out))
	return out
}

func TestCommentsAreTrainedOnAndReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commented(150)
	reader := w.reader()
	c := &Comments{Store: w.store, Reader: reader, Clock: w.clock}
	readBy := func() map[string]int {
		by := map[string]int{}
		w.must(w.store.EachReading(t.Context(), store.CommentFilter{Program: w.program.ID}, func(r store.ReadComment) { by[r.By]++ }))
		return by
	}
	lexicon := (&text.Model{}).Reads()
	require.Equal(t, map[string]int{lexicon: 150}, readBy())

	trained := computes[TextTrained](w, c, c.TrainText)
	require.True(t, trained.Changed)
	require.Equal(t, 150, trained.Comments)
	version, err := w.store.TextVersion(t.Context())
	w.must(err)
	require.Equal(t, trained.Version, version)
	all, err := w.store.TextTrainings(t.Context(), 5)
	w.must(err)
	var trials []text.Trial
	w.must(json.Unmarshal(all[0].Trials, &trials))
	require.Equal(t, card.OK, trials[0].Status)

	require.Equal(t, 150, computes[int](w, c, c.ReadComments))
	require.Equal(t, map[string]int{version + lexicon[len("lexicon"):]: 150}, readBy())
	require.Zero(t, computes[int](w, c, c.ReadComments), "they were read so")
	reading := reader.Reader(t.Context())("the zorb never opens", "en")
	require.Less(t, reading.Sentiment, -0.3)
	require.Contains(t, reading.About("the zorb never opens", "", -1), "never")

	require.Equal(t, TextTrained{Version: version}, computes[TextTrained](w, c, c.TrainText), "it is not time for a training")
	w.pass(8 * 24 * time.Hour)
	require.Equal(t, TextTrained{Comments: 150, Version: version}, computes[TextTrained](w, c, c.TrainText), "nothing was said since")
}

// What one attempt read by other topics, the next does not take for read by its own.
func TestCommentsAreReadFromTheBeginningByWhatIsNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commented(3)
	c := &Comments{Store: w.store, Reader: w.reader(), Clock: w.clock}
	var unread []store.KeptComment
	page, _, err := w.store.CommentPage(t.Context(), store.CommentPage{Limit: 10})
	w.must(err)
	for _, one := range page {
		one.Reading = survey.Reading{}
		unread = append(unread, one)
	}
	w.must(w.store.SaveReadings(t.Context(), false, unread))
	again := func(by string) (read int) {
		env := (&testsuite.WorkflowTestSuite{}).NewTestActivityEnvironment()
		env.RegisterActivity(c)
		env.SetHeartbeatDetails(rereading{by, store.CommentPage{After: unread[1].ID, Limit: readAtOnce}})
		value, err := env.ExecuteActivity(c.ReadComments)
		w.must(err)
		w.must(value.Get(&read))
		return read
	}
	require.Equal(t, 3, again("other topics"))
	w.must(w.store.SaveReadings(t.Context(), false, unread))
	w.must(w.store.SaveCommentsReadBy(t.Context(), ""))
	require.Equal(t, 1, again((&text.Model{}).Reads()))
}

func TestUnreadCommentsAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.store.SaveFeedback(t.Context(), survey.Feedback{
		ID: "f1", Source: "g2", SourceID: "1", Kind: survey.FeedbackReview, Text: "Trop cher", Language: "fr", Rating: 2, At: w.clock.Now(),
	})
	w.must(err)
	c := &Comments{Store: w.store, Reader: w.reader(), Clock: w.clock}
	require.Equal(t, 1, computes[int](w, c, c.ReadComments))
	found, err := w.store.LatestFeedback(t.Context(), "", 1)
	w.must(err)
	require.Equal(t, []string{"price"}, found[0].Reading.Topics)
	examples, err := c.examples(t.Context())
	w.must(err)
	require.Equal(t, -1, examples[0].Score)
}
