package sqlstore

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
)

// The grains of roll-ups.
const (
	grainDay   = "d"
	grainMonth = "m"
)

// maxFacet is how many dimensions are rolled up together, besides those that all groups have.
const maxFacet = 2

// span is some days of a grain.
type span struct {
	grain       string
	first, last int64
}

// isOfGroup tells the dimensions that all groups have.
func isOfGroup(dimension string) bool {
	switch dimension {
	case store.DimensionProgram, store.DimensionKind, store.DimensionTouchpoint, store.DimensionWave:
		return true
	}
	return false
}

// rolledUp says by which dimensions and in which spans a query finds its figures rolled up;
// ok is false where it does not.
func (s *scoreSum) rolledUp() (names []string, spans []span, ok bool) {
	for _, name := range s.dimensions() {
		if scanned[name] != "" {
			return nil, nil, false
		}
		if !isOfGroup(name) {
			names = append(names, name)
		}
	}
	spans = spansOf(s.query)
	daily := slices.ContainsFunc(spans, func(one span) bool { return one.grain == grainDay })
	return names, spans, len(names) < maxFacet || len(names) == maxFacet && !daily
}

// spansOf are the whole months of a query, and the days before and after them.
func spansOf(query store.ScoreQuery) []span {
	first, last := days(query)
	if query.Period == store.Day || query.Period == store.Week {
		return []span{{grainDay, first, last}}
	}
	months := span{grainMonth, monthOf(first), last}
	if months.first < first {
		months.first = monthAfter(first)
	}
	if !query.To.IsZero() {
		months.last = monthOf(last+1) - 1
	}
	if months.last < months.first {
		return []span{{grainDay, first, last}}
	}
	var spans []span
	for _, one := range []span{{grainDay, first, months.first - 1}, months, {grainDay, months.last + 1, last}} {
		if one.first <= one.last {
			spans = append(spans, one)
		}
	}
	return spans
}

func startOf(day int64) time.Time { return time.UnixMilli(day * dayMillis).UTC() }

func dayOf(t time.Time) int64 { return t.UnixMilli() / dayMillis }

// monthOf is the first day of a day's month, and monthAfter that of the next one.
func monthOf(day int64) int64 {
	t := startOf(min(day, math.MaxInt32))
	return dayOf(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
}

func monthAfter(day int64) int64 {
	t := startOf(day)
	return dayOf(time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC))
}

// addRolledUp adds what the roll-ups say, and what has changed since.
func (q session) addRolledUp(ctx context.Context, sum *scoreSum, names []string, spans []span) error {
	var facets []string
	for _, facet := range facetsOf(names) {
		facets = append(facets, facetName(facet))
	}
	groups, err := q.groupsOf(ctx, facets, sum.programs())
	if err != nil {
		return err
	}
	shares := map[int64][]share{}
	var ids []int64
	for id, g := range groups {
		if found := sum.sharesOf(g); len(found) > 0 {
			shares[id] = found
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, one := range spans {
		if err := q.addCells(ctx, sum, shares, ids, one); err != nil {
			return fmt.Errorf("read roll-ups: %w", err)
		}
	}
	return q.addChanges(ctx, sum)
}

// share is what a facet counts for, and how often.
type share struct {
	group *scoreGroup
	times int
}

// sharesOf are what the counts of a facet come to: they count for its values, and are taken
// from what is known of fewer of its dimensions, which other facets hold. So what has no
// value is what is left, and no dimension need be known of what came before it.
func (s *scoreSum) sharesOf(g *scoreGroup) []share {
	var out []share
	for _, names := range facetsOf(sortedKeys(g.dims)) {
		one := share{g.onto(names), 1}
		if (len(g.dims)-len(names))%2 == 1 {
			one.times = -1
		}
		if s.keyOf(one.group).counts {
			out = append(out, one)
		}
	}
	return out
}

const selectCells = `SELECT grp, day, what, score, n FROM score_cells WHERE grp {any} AND grain = ? AND day >= ? AND day <= ?`

// addCells adds the cells of groups in a span.
func (q session) addCells(ctx context.Context, sum *scoreSum, shares map[int64][]share, ids []int64, in span) error {
	text := selectCells
	if sum.query.Period == "" {
		text = `SELECT grp, MIN(day), what, score, SUM(n) FROM score_cells WHERE grp {any} AND grain = ? AND day >= ? AND day <= ? GROUP BY grp, what, score`
	}
	_, err := collect(ctx, q, func(row scanner) (_ struct{}, err error) {
		var id int64
		var f scoreFact
		err = row.Scan(&id, &f.day, &f.what, &f.score, &f.n)
		n := f.n
		for _, one := range shares[id] {
			f.group, f.n = one.group, n*one.times
			sum.add(f)
		}
		return struct{}{}, err
	}, text, q.numbers(ids), in.grain, in.first, in.last)
	return err
}

// addChanges adds what is not rolled up yet.
func (q session) addChanges(ctx context.Context, sum *scoreSum) error {
	first, last := days(sum.query)
	groups := map[int64]*scoreGroup{}
	var facts []scoreFact
	_, err := collect(ctx, q, func(row scanner) (id int64, err error) {
		var f scoreFact
		err = row.Scan(&id, &f.day, &f.what, &f.score, &f.n)
		if groups[id] == nil {
			groups[id] = &scoreGroup{}
		}
		f.group = groups[id]
		facts = append(facts, f)
		return id, err
	}, `SELECT grp, day, what, score, SUM(n) FROM score_changes WHERE day >= ? AND day <= ? GROUP BY grp, day, what, score`, first, last)
	if err != nil {
		return fmt.Errorf("read what is not rolled up: %w", err)
	}
	if err := q.describe(ctx, groups); err != nil {
		return err
	}
	for _, f := range facts {
		sum.add(f)
	}
	return nil
}
