package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// How many changes are rolled up in one transaction. Changes of a day count in the same cells:
// of ten times as many, twice as many cells are written.
const (
	foldLeast = 1000
	foldMost  = 32_000
)

// How long a transaction may roll up scores: where others wait for it, and where they do not.
const (
	foldAlone  = 100 * time.Millisecond
	foldBeside = time.Second
)

// RollUpScores implements store.Scores.
func (s *Store) RollUpScores(ctx context.Context, least int) (rolled int, err error) {
	var waiting int
	if err := s.read().row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM score_changes LIMIT ?) waiting`, least).Scan(&waiting); err != nil {
		return 0, fmt.Errorf("count changes of scores: %w", err)
	}
	if waiting < least {
		return 0, nil
	}
	atOnce := max(int(s.foldAtOnce.Load()), foldLeast)
	var begun time.Time
	err = s.write(ctx, func(q session) error {
		begun = s.now()
		rolled, err = q.fold(ctx, atOnce)
		return err
	})
	s.foldAtOnce.Store(int64(s.dialect.nextFold(atOnce, rolled, s.now().Sub(begun))))
	if err != nil {
		return 0, fmt.Errorf("roll up scores: %w", err)
	}
	return rolled, nil
}

// nextFold is how many changes to roll up at once after some took so long.
func (d dialect) nextFold(atOnce, rolled int, took time.Duration) int {
	limit := foldAlone
	if d.waits {
		limit = foldBeside
	}
	switch {
	case took > limit:
		return max(atOnce/2, foldLeast)
	case took < limit/2 && rolled == atOnce:
		return min(atOnce*2, foldMost)
	}
	return atOnce
}

// scoreCell is where a roll-up counts.
type scoreCell struct {
	group int64
	grain string
	day   int64
	what  string
	score int
}

// fold adds changes to the roll-ups of all facets of their groups, and forgets them. Changes
// that another process is folding are left to it.
func (q session) fold(ctx context.Context, most int) (int, error) {
	groups := map[int64]*scoreGroup{}
	var ids []int64
	facts, err := collect(ctx, q, func(row scanner) (f scoreFact, err error) {
		var id, group int64
		err = row.Scan(&id, &group, &f.day, &f.what, &f.score, &f.n)
		ids = append(ids, id)
		if groups[group] == nil {
			groups[group] = &scoreGroup{}
		}
		f.group = groups[group]
		return f, err
	}, `SELECT id, grp, day, what, score, n FROM score_changes ORDER BY id LIMIT ? {skip}`, most)
	if err != nil || len(facts) == 0 {
		return 0, err
	}
	if err := q.describe(ctx, groups); err != nil {
		return 0, err
	}
	facets, err := q.facetIDs(ctx, groups)
	if err != nil {
		return 0, err
	}
	cells := map[scoreCell]int{}
	for _, f := range facts {
		for _, one := range facets[f.group] {
			cells[scoreCell{one.id, grainMonth, monthOf(f.day), f.what, f.score}] += f.n
			if len(one.dims) < maxFacet {
				cells[scoreCell{one.id, grainDay, f.day, f.what, f.score}] += f.n
			}
		}
	}
	if err := q.addToCells(ctx, cells); err != nil {
		return 0, err
	}
	_, err = q.exec(ctx, `DELETE FROM score_changes WHERE id {any}`, q.numbers(ids))
	return len(facts), err
}

// facetIDs are the facets of groups, with their ids.
func (q session) facetIDs(ctx context.Context, groups map[int64]*scoreGroup) (map[*scoreGroup][]*scoreGroup, error) {
	facets := map[*scoreGroup][]*scoreGroup{}
	var all []*scoreGroup
	for _, g := range groups {
		if g.facet == "" { // not described: of an invitation that was made before there were groups
			continue
		}
		for _, names := range facetsOf(sortedKeys(g.dims)) {
			one := g.onto(names)
			facets[g] = append(facets[g], one)
			all = append(all, one)
		}
	}
	return facets, q.number(ctx, all)
}

// addToCells writes counts in the order of their cells, as all do.
func (q session) addToCells(ctx context.Context, counts map[scoreCell]int) error {
	cells := slices.SortedFunc(maps.Keys(counts), func(a, b scoreCell) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.grain, b.grain), cmp.Compare(a.day, b.day),
			cmp.Compare(a.what, b.what), cmp.Compare(a.score, b.score))
	})
	var rows [][]any
	for _, c := range cells {
		if counts[c] != 0 {
			rows = append(rows, []any{c.group, c.grain, c.day, c.what, c.score, counts[c]})
		}
	}
	_, err := q.insert(ctx, `INSERT INTO score_cells (grp, grain, day, what, score, n)`, rows,
		`ON CONFLICT (grp, grain, day, what, score) DO UPDATE SET n = score_cells.n + excluded.n`)
	return err
}
