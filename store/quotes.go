package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Quote is an answer with a comment, and whose it is: zero where nobody knows.
type Quote struct {
	Response survey.Response
	Contact  survey.Contact
	Account  survey.Account
}

// Quotes finds what customers wrote.
type Quotes interface {
	// Quotes returns answers to a program that have a comment, given from a moment until
	// before another, the newest first: those among the latest limit answers. Anonymous
	// answers and those that were withdrawn are not among them.
	Quotes(ctx context.Context, program string, from, to time.Time, limit int) ([]Quote, error)
}
