package survey

import (
	"slices"
	"time"
)

// FeedbackKind says where a comment comes from that nobody asked for.
type FeedbackKind string

// The kinds of feedback.
const (
	FeedbackReview FeedbackKind = "review"
	FeedbackTicket FeedbackKind = "ticket"
	FeedbackChat   FeedbackKind = "chat"
	FeedbackCall   FeedbackKind = "call"
	FeedbackOther  FeedbackKind = "other"
)

// FeedbackKinds are all kinds, in the order in which they are listed.
var FeedbackKinds = []FeedbackKind{FeedbackReview, FeedbackTicket, FeedbackChat, FeedbackCall, FeedbackOther}

// Known reports whether it is one of FeedbackKinds.
func (k FeedbackKind) Known() bool { return slices.Contains(FeedbackKinds, k) }

// The limits of feedback: its text in characters, and its rating in stars.
const (
	MaxFeedback = 20_000
	MinRating   = 1.0
	MaxRating   = 5.0
)

// Feedback is a comment that nobody asked for: a touchpoint of its own.
type Feedback struct {
	ID string `json:"id"`
	// Source and SourceID are what the system that it comes from calls itself and it.
	Source   string       `json:"source"`
	SourceID string       `json:"source_id"`
	Kind     FeedbackKind `json:"kind"`
	// ContactKey and AccountKey are "" where nobody knows whose it is.
	ContactKey string `json:"contact_key,omitempty"`
	AccountKey string `json:"account_key,omitempty"`
	Text       string `json:"text"`
	// Rating is in stars, MinRating to MaxRating, 0 where there is none.
	Rating   float64 `json:"rating,omitempty"`
	Language string  `json:"language,omitempty"`
	URL      string  `json:"url,omitempty"`
	// Reading is what the text says.
	Reading Reading `json:"reading,omitzero"`
	// At is when it was said.
	At time.Time `json:"at"`
	// Revision counts the changes, from 1.
	Revision int `json:"revision"`
}
