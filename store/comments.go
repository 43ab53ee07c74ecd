package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// TextTraining is one attempt to train what reads comments.
type TextTraining struct {
	At time.Time
	// Version names the model in use after it, "" where the lexicon reads alone.
	Version string
	// Comments is how many there were to train on.
	Comments int
	// Trials is JSON: how the models of it did.
	Trials []byte
	// Model is JSON, nil where the model before stays in use.
	Model []byte
}

// ReadComment is what a comment says, of a response or of feedback.
type ReadComment struct {
	survey.Reading
	// Band is "" of feedback.
	Band survey.Band
	At   time.Time
}

// CommentFilter chooses comments that were read.
type CommentFilter struct {
	// Program is whose; "" is for feedback.
	Program string
	// From and To bound when it was said, To left out; zero for no bound.
	From, To time.Time
}

// CommentPage is comments in the order of their ids.
type CommentPage struct {
	// Feedback asks for comments that nobody asked for, else for those of responses.
	Feedback bool
	// After is the id of the last one before the page, "" for the first page.
	After string
	Limit int
}

// KeptComment is a comment with what it said when it was read.
type KeptComment struct {
	ID      string
	Comment string // "" where nothing is written any more
	Locale  string
	Reading survey.Reading
}

// Comments keeps what comments say, and what reads them.
type Comments interface {
	// TextVersion returns the version of the model in use, "" for none.
	TextVersion(ctx context.Context) (string, error)
	// TextModel returns the model in use as JSON, nil for none.
	TextModel(ctx context.Context) ([]byte, error)
	// TextTrainings returns the latest attempts without their models, the newest first.
	TextTrainings(ctx context.Context, limit int) ([]TextTraining, error)
	// SaveTextTraining keeps an attempt, and the models of the latest few. Doing it twice for
	// a moment changes nothing.
	SaveTextTraining(ctx context.Context, t TextTraining) error
	// CommentsReadBy names by what all comments were read, "" where some never were, and
	// SaveCommentsReadBy keeps it.
	CommentsReadBy(ctx context.Context) (string, error)
	SaveCommentsReadBy(ctx context.Context, by string) error
	// RatedFeedback returns the latest feedback with a rating, at most so much.
	RatedFeedback(ctx context.Context, limit int) ([]survey.Feedback, error)
	// LatestComments returns the latest responses that were read, anonymous ones and audits
	// left out, at most so many.
	LatestComments(ctx context.Context, limit int) ([]survey.Response, error)
	// CommentPage returns comments whether they were read or not, and where the next page
	// begins: "" where there is none.
	CommentPage(ctx context.Context, page CommentPage) (comments []KeptComment, next string, err error)
	// SaveReadings keeps what comments said that are as they were read: "" of a comment that
	// was changed since is left out. A reading by nothing takes away what was kept.
	SaveReadings(ctx context.Context, feedback bool, read []KeptComment) error
	// EachReading calls do with each comment that a filter chooses and that was read, in no
	// order. What was withdrawn is left out.
	EachReading(ctx context.Context, filter CommentFilter, do func(ReadComment)) error
}
