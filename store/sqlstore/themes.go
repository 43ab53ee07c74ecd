package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// selectUnhappy names the bands as the index does, which it would not be used without.
const selectUnhappy = `SELECT ` + responseColumns + ` FROM responses r
	WHERE r.band IN ('detractor', 'dissatisfied', 'hard', 'failed') AND r.answered_at >= ? AND r.answered_at < ?
	AND r.recorded > 0 AND r.state <> 'withdrawn' ORDER BY r.answered_at, r.id`

// CauseCounts implements store.Themes.
func (s *Store) CauseCounts(ctx context.Context, from, to time.Time) ([]store.CauseCount, error) {
	q := s.read()
	counted := causeCounter{}
	unhappy, err := q.responses(ctx, selectUnhappy, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read unhappy answers: %w", err)
	}
	for _, r := range unhappy {
		for _, cause := range r.Answers[survey.Causes].Chosen {
			counted.said(cause, r)
		}
		for _, topic := range r.Reading.Topics {
			counted.wrote(topic, r)
		}
	}
	if err := q.countResolved(ctx, from, to, counted); err != nil {
		return nil, fmt.Errorf("read resolved cases: %w", err)
	}
	return counted.counts(), nil
}

func (q session) countResolved(ctx context.Context, from, to time.Time, counted causeCounter) error {
	type row struct {
		program, version string
		survey.CaseProgress
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.program, &r.version, asJSON{&r.CaseProgress})
		return r, err
	}, `SELECT program, version, progress FROM cases WHERE ended_at >= ? AND ended_at < ? ORDER BY ended_at, id`,
		from.UnixMilli(), to.UnixMilli())
	for _, r := range rows {
		if r.Cause != "" {
			counted.of(r.Cause, r.program, r.version).cases++
		}
	}
	return err
}

type causeCounter map[string]*causeTally

type causeTally struct {
	program, version string
	// customers are those who named it, and whether they chose it.
	customers map[string]bool
	accounts  map[string]bool
	cases     int
}

func (c causeCounter) of(cause, program, version string) *causeTally {
	t := c[cause]
	if t == nil {
		t = &causeTally{customers: map[string]bool{}, accounts: map[string]bool{}}
		c[cause] = t
	}
	t.program, t.version = program, version
	return t
}

func (c causeCounter) said(cause string, r survey.Response) {
	t := c.of(cause, r.Program, r.Version)
	t.customers[t.by(r)] = true
}

// wrote counts whoever wrote of a topic, unless they chose it, too. It has the words of the
// program under which it was chosen.
func (c causeCounter) wrote(topic string, r survey.Response) {
	t := c[topic]
	if t == nil {
		t = c.of(topic, r.Program, r.Version)
	}
	if who := t.by(r); !t.customers[who] {
		t.customers[who] = false
	}
}

// by counts the account of a response and returns who gave it: without a name somebody behind
// a public link, where each answer is a customer's.
func (t *causeTally) by(r survey.Response) string {
	if r.ContactKey == "" {
		return r.ID
	}
	if r.AccountKey != "" {
		t.accounts[r.AccountKey] = true
	}
	return r.ContactKey
}

// written is how many wrote of it and did not choose it.
func (t *causeTally) written() int {
	n := 0
	for _, chose := range t.customers {
		if !chose {
			n++
		}
	}
	return n
}

func (c causeCounter) counts() []store.CauseCount {
	var out []store.CauseCount
	for _, cause := range slices.Sorted(maps.Keys(c)) {
		t := c[cause]
		out = append(out, store.CauseCount{
			Cause: cause, Program: t.program, Version: t.version,
			Customers: len(t.customers), Accounts: len(t.accounts), Written: t.written(), Cases: t.cases,
		})
	}
	return out
}
