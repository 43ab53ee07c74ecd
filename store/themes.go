package store

import (
	"context"
	"time"
)

// CauseCount is how often one cause of unhappiness was named in a span of time.
type CauseCount struct {
	Cause string
	// Program and Version are the latest under which it was named.
	Program, Version string
	// Customers are those who chose it, or wrote of a topic of its id, each once, and Accounts
	// theirs. Written is how many of them only wrote of it.
	Customers, Accounts, Written int
	// Cases are those that were resolved with it.
	Cases int
}

// Themes counts what makes customers unhappy. Of anonymous programs nothing is counted.
type Themes interface {
	// CauseCounts counts the causes of unhappy answers given, the topics of their comments, and
	// the causes of cases resolved, from a moment until before another, in the order of their ids.
	CauseCounts(ctx context.Context, from, to time.Time) ([]CauseCount, error)
}
