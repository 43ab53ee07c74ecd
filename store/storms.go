package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Storm is the cases that a channel got too fast to read one by one. They are replies to
// one digest.
type Storm struct {
	ID      string
	Channel string
	// MessageTS is the digest's, "" before it is posted.
	MessageTS string
	// Shown is what the digest showed last: see StormShown.
	Shown string
	// OpenedAt is when the first of the cases came, LastAt when the last did.
	OpenedAt, LastAt time.Time
	// States counts the cases by their states, and Unposted those without a message.
	States   map[survey.CaseState]int
	Unposted int
	// Worst are the ids of cases that have not ended, the heaviest first.
	Worst []string
}

// PlaceCaseRequest is a case that is to be posted in a channel.
type PlaceCaseRequest struct {
	Case, Channel string
	At            time.Time
	// Weight puts the cases of a storm in order, the heaviest first.
	Weight int64
	Rule   survey.StormRule
	// NewID makes the id of a storm.
	NewID func() string
}

// Storms finds out which cases come too fast, and what became of those.
type Storms interface {
	// PlaceCase takes note of a case that is to be posted in a channel, and returns the id
	// of the storm that it belongs to, "" where it is posted by itself. The case that is
	// one too many within the rule's span begins a storm and takes the others of the span
	// with it, which goes on until no case came for as long.
	PlaceCase(ctx context.Context, req PlaceCaseRequest) (storm string, err error)
	// Storm returns a storm, with so many of the worst cases at most.
	Storm(ctx context.Context, id string, worst int) (Storm, error)
	// UnpostedCases returns the ids of a storm's cases that have no message, the heaviest
	// first.
	UnpostedCases(ctx context.Context, storm string, limit int) ([]string, error)
	// ThreadCase takes a case into its storm's thread. It reports false for one whose
	// message was begun in the channel before.
	ThreadCase(ctx context.Context, id string) (bool, error)
	// StormShown notes the digest's message and what it shows.
	StormShown(ctx context.Context, id, messageTS, shown string) error
}
