package store

import (
	"context"
	"errors"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// ErrAnswered is returned where an anonymous answer to an invitation was given before
// and cannot be changed: it was given elsewhere, or is mixed with others by now.
var ErrAnswered = errors.New("the survey was answered, by nobody knows whom")

// Anonymous keeps answers without any link to those who gave them. An invitation tells
// that it was answered, but not when; an answer tells neither whose it is nor when it
// was given.
type Anonymous interface {
	// SaveAnonymous keeps a step of an anonymous answer: the first answer to an invitation
	// marks it responded; a later one changes the answer that the same secret gave, until
	// MixAnonymous has mixed it twice. It refuses as SaveAnswer does, and with ErrAnswered.
	// No case, ask or signal follows, and nothing is put into the inbox.
	SaveAnonymous(ctx context.Context, req SaveAnonymousRequest) (survey.AnonymousAnswer, error)
	// AnonymousAnswer returns the answer to an invitation that a secret gave and may still
	// change.
	AnonymousAnswer(ctx context.Context, invitationID, secret string) (survey.AnonymousAnswer, error)
	// ProgramsToMix returns the programs with answers that were not mixed twice, sorted.
	ProgramsToMix(ctx context.Context) ([]string, error)
	// MixAnonymous takes from the database what it knows of the order of a program's
	// answers, and releases those that were mixed twice as soon as they are as many as its
	// highest floor was. It returns how many were released.
	MixAnonymous(ctx context.Context, program string, now time.Time) (released int, err error)
	// Results returns what is to be shown of the responses of a program that is anonymous,
	// or was. Those of another are none: ScoreCells counts them.
	Results(ctx context.Context, program string) (Results, error)
	// Checklists returns the answers to the checklist of each audit of a program that is
	// recorded and not withdrawn.
	Checklists(ctx context.Context, program string) ([]survey.Answers, error)
}

// SaveAnonymousRequest is one step of the page of an anonymous survey.
type SaveAnonymousRequest struct {
	InvitationID string
	// Secret is what the respondent's browser alone holds.
	Secret string
	Answer survey.Answer
	Band   survey.Band
	Now    time.Time
	// Late is for how long after the expiry a first answer is still taken.
	Late survey.Span
}

// Results are what the responses of a program come to that is anonymous, or was.
type Results struct {
	// Asked is how many invitations reached or may have reached somebody, Answered how
	// many of them were answered.
	Asked, Answered int
	// Blocks are the responses by month, the oldest first; anonymous ones by lot.
	Blocks []survey.Block
	// Waiting is how many anonymous answers are not released yet.
	Waiting int
	// Floor is the highest that an anonymous version of the program had, 0 without one: then
	// all else is zero, too.
	Floor int
	// Said is what the released anonymous answers hold besides the score, in no order.
	Said []survey.AnonymousAnswer
}
