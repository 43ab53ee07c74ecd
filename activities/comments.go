package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/insight/text"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Comments trains what reads comments, and has those read again that were read in another
// way.
type Comments struct {
	Store  store.Comments
	Reader *CommentReader
	Clock  survey.Clock
}

// Comments are trained on once a week, in scaled time: a little earlier, so that a run that
// begins at the same hour trains.
const trainedEvery = 7*24*time.Hour - time.Hour

// mostTrainedOn is how many responses are trained on at most, the latest; and so much
// feedback with a rating.
const mostTrainedOn = 40_000

// TextTrained is what came of a training.
type TextTrained struct {
	// Comments is how many there were, 0 where it was not time for a training.
	Comments int
	// Version is that of the model in use, "" for none, and Changed says that it is new.
	Version string
	Changed bool
}

// TrainText trains on the tenant's own comments where the last training is a week ago. What
// it makes is used from then on, in each language and of each topic where it reads comments
// better than what was there. It may be repeated.
func (a *Comments) TrainText(ctx context.Context) (TextTrained, error) {
	now := a.Clock.Now()
	last, err := a.Store.TextTrainings(ctx, 1)
	if err != nil {
		return TextTrained{}, err
	}
	if len(last) > 0 && now.Sub(last[0].At) < trainedEvery {
		return TextTrained{Version: last[0].Version}, nil
	}
	stop := heartbeats(ctx)
	defer stop()
	return a.train(ctx, now)
}

func (a *Comments) train(ctx context.Context, now time.Time) (TextTrained, error) {
	examples, err := a.examples(ctx)
	if err != nil {
		return TextTrained{}, err
	}
	earlier, err := a.Reader.latest(ctx)
	if err != nil {
		return TextTrained{}, err
	}
	m, trials := text.Train(earlier, examples)
	out := TextTrained{Comments: len(examples), Version: m.Version, Changed: m.Version != earlier.Version}
	kept := store.TextTraining{At: now, Version: m.Version, Comments: len(examples)}
	if trials == nil {
		trials = []text.Trial{}
	}
	if kept.Trials, err = json.Marshal(trials); err != nil {
		return TextTrained{}, fmt.Errorf("how comments were trained on: %w", err)
	}
	if out.Changed {
		if kept.Model, err = json.Marshal(m); err != nil {
			return TextTrained{}, fmt.Errorf("the model that reads comments: %w", err)
		}
	}
	return out, a.Store.SaveTextTraining(ctx, kept)
}

// examples are the comments of which the score, the rating or the causes are known.
func (a *Comments) examples(ctx context.Context) ([]text.Example, error) {
	responses, err := a.Store.LatestComments(ctx, mostTrainedOn)
	if err != nil {
		return nil, err
	}
	feedback, err := a.Store.RatedFeedback(ctx, mostTrainedOn)
	if err != nil {
		return nil, err
	}
	var all []text.Example
	for _, r := range responses {
		if r.Comment != "" {
			all = append(all, exampleOf(r))
		}
	}
	for _, f := range feedback {
		if f.Text != "" {
			all = append(all, text.Example{Comment: f.Text, Hint: f.Language, Person: f.ContactKey, At: epochDays(f.At), Score: labelOfStars(f.Rating)})
		}
	}
	return all, nil
}

func exampleOf(r survey.Response) text.Example {
	e := text.Example{Comment: r.Comment, Hint: r.Locale, Person: r.ContactKey, At: epochDays(r.AnsweredAt)}
	switch {
	case r.Band.Unhappy():
		e.Score = -1
	case r.Band.Happy():
		e.Score = 1
	}
	var given survey.QuestionAnswer
	if given, e.Asked = r.Answers[survey.Causes]; e.Asked {
		e.Topics = slices.DeleteFunc(slices.Clone(given.Chosen), func(id string) bool { return id == survey.OptionOther })
	}
	return e
}

// labelOfStars is what a rating says: one to two stars are unhappy, four to five happy.
func labelOfStars(stars float64) int {
	switch {
	case stars <= 2:
		return -1
	case stars >= 4:
		return 1
	}
	return 0
}

// epochDays is a moment in days since 1970-01-01 UTC.
func epochDays(t time.Time) float64 { return days(t.Sub(time.Unix(0, 0))) }

// readAtOnce is how many comments are read again in one transaction.
const readAtOnce = 200

// rereading is before which page an attempt was cut off, and what it read by.
type rereading struct {
	By   string
	Page store.CommentPage
}

// ReadComments has those comments read that were read in another way than now, or not at
// all, and returns how many. It goes on where an attempt before was cut off that read by the
// same: since then other topics may have been configured.
func (a *Comments) ReadComments(ctx context.Context) (read int, err error) {
	m, err := a.Reader.latest(ctx)
	if err != nil {
		return 0, err
	}
	before, err := a.Store.CommentsReadBy(ctx)
	if err != nil || before == m.Reads() {
		return 0, err
	}
	page := store.CommentPage{Limit: readAtOnce}
	if activity.HasHeartbeatDetails(ctx) {
		var earlier rereading
		if err := activity.GetHeartbeatDetails(ctx, &earlier); err != nil {
			return 0, fmt.Errorf("where an earlier attempt stopped: %w", err)
		}
		if earlier.By == m.Reads() {
			page = earlier.Page
		}
	}
	for {
		some, next, err := a.readPage(ctx, m, page)
		read += some
		switch {
		case err != nil:
			return read, err
		case next != "":
			page.After = next
		case page.Feedback:
			return read, a.Store.SaveCommentsReadBy(ctx, m.Reads())
		default:
			page = store.CommentPage{Feedback: true, Limit: readAtOnce}
		}
		activity.RecordHeartbeat(ctx, rereading{m.Reads(), page})
	}
}

func (a *Comments) readPage(ctx context.Context, m *text.Model, page store.CommentPage) (read int, next string, err error) {
	found, next, err := a.Store.CommentPage(ctx, page)
	if err != nil {
		return 0, "", err
	}
	var changed []store.KeptComment
	for _, c := range found {
		// What is written no more was read once: that goes, too.
		if now := readComment(m, c.Comment, c.Locale); now.By != c.Reading.By {
			c.Reading = now
			changed = append(changed, c)
		}
	}
	if len(changed) == 0 {
		return 0, next, nil
	}
	return len(changed), next, a.Store.SaveReadings(ctx, page.Feedback, changed)
}
