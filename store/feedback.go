package store

import (
	"context"

	"github.com/cxloop/cxloop/survey"
)

// Feedback keeps the comments that nobody asked for.
type Feedback interface {
	// SaveFeedback inserts a comment, or changes the one of its id where it says something
	// else, and returns it as it is kept: what it says under a key of its contact's, or of
	// its own without one.
	SaveFeedback(ctx context.Context, f survey.Feedback) (survey.Feedback, error)
	// LatestFeedback returns the latest comments of a kind, of all kinds for "", at most
	// limit, the newest first.
	LatestFeedback(ctx context.Context, kind survey.FeedbackKind, limit int) ([]survey.Feedback, error)
}
