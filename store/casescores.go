package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// PastScore is what the contact of a case, or somebody else of its account, said in another
// answer.
type PastScore struct {
	Program string
	Version string // of the program
	Score   int
	Band    survey.Band
	At      time.Time
	// Other is set where it was somebody else of the account.
	Other bool
}

// PastScores keeps what was said before a case.
type PastScores interface {
	// PastScores returns up to limit scores of a case's contact and of others of its account
	// that count and are not in the case, newest first: of audits where its latest answer is
	// an audit, else of customers.
	PastScores(ctx context.Context, d CaseDetail, limit int) ([]PastScore, error)
}
