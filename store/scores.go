package store

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// The dimensions that every score has. Those that the configuration declares have its ids.
const (
	DimensionProgram    = "program"
	DimensionTouchpoint = "touchpoint"
	DimensionKind       = "kind"
	// DimensionWave is the id of the campaign that the invitation is of.
	DimensionWave = "wave"
	// DimensionOwner is the CRM's id of the account's owner when it was asked.
	DimensionOwner = survey.OwnerDimension
	// These are counted by a scan.
	DimensionChannel  = "channel"
	DimensionVariant  = "variant"
	DimensionLanguage = "language"
)

// Period is what time is cut into, in UTC. The zero Period is all time together.
type Period string

// The periods.
const (
	Day     Period = "day"
	Week    Period = "week" // from Monday on
	Month   Period = "month"
	Quarter Period = "quarter"
)

// Start is the beginning of the period that a moment is in; the zero time for the zero Period.
func (p Period) Start(t time.Time) time.Time {
	t = t.UTC()
	year, month, day := t.Date()
	switch p {
	case Day:
	case Week:
		const daysInWeek = 7
		day -= (int(t.Weekday()) + daysInWeek - int(time.Monday)) % daysInWeek
	case Month:
		day = 1
	case Quarter:
		const monthsInQuarter = 3
		month, day = month-(month-1)%monthsInQuarter, 1
	default:
		return time.Time{}
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Check returns an error unless it is one of the periods, or the zero one.
func (p Period) Check() error {
	switch p {
	case "", Day, Week, Month, Quarter:
		return nil
	}
	return fmt.Errorf("period %q: want day, week, month or quarter", p)
}

// ScoreQuery asks for counts of one metric's scores.
type ScoreQuery struct {
	// Metric is the one counted, by the version of the program that asked. It is required:
	// the scores of two metrics have nothing in common.
	Metric survey.Metric
	// Programs are those counted, all without any.
	Programs []string
	// From and To are the days counted, To itself no more; each zero for no end.
	From, To time.Time
	// Period and By are what is counted apart.
	Period Period
	By     []string
	// Where are the values of dimensions that count, "" for none known.
	Where map[string][]string
	// Progress is told how much of a scan is done, from 0 to 1; nil tells nobody. Figures by
	// one dimension are rolled up and need none, and those by two in whole months; program,
	// touchpoint, kind and wave come on top of that.
	Progress func(done float64)
}

// ScoreCell is what one combination of dimensions comes to in one period. What was asked
// and answered counts when it was asked, and a score when it was first answered: a period's
// response rate is about those who were asked in it.
type ScoreCell struct {
	// Key are the values of the query's By, in its order; "" where none is known of the
	// time when they were asked.
	Key []string
	// Period is the beginning of the period, zero without one.
	Period time.Time
	// Asked is how many invitations went out, or may have, and Answered how many of them
	// were answered.
	Asked, Answered int
	// Told is how many answers another tool asked for and told of. They are in Scores, and
	// neither in Asked nor in Answered: nobody knows how many it asked.
	Told int
	// Scores and Bands count the responses that are recorded and not withdrawn.
	Scores map[int]int
	Bands  map[survey.Band]int
}

// N is how many scores the cell has.
func (c ScoreCell) N() int {
	n := 0
	for _, count := range c.Bands {
		n += count
	}
	return n
}

// Scores counts what was asked and answered.
type Scores interface {
	// ScoreCells returns the cells of a query that have anything, in order of period and key.
	// They are exact as of one moment. Anonymous answers count once they are released, in the
	// month of that if it begins in the query's time, and with no dimension but program,
	// touchpoint and kind.
	ScoreCells(ctx context.Context, q ScoreQuery) ([]ScoreCell, error)
	// RollUpScores adds some of what changed to the roll-ups and returns how many changes, 0
	// where fewer than least wait. Figures are exact without it, and slower the more wait.
	RollUpScores(ctx context.Context, least int) (rolled int, err error)
}
