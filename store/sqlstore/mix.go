package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// ProgramsToMix implements store.Anonymous.
func (s *Store) ProgramsToMix(ctx context.Context) ([]string, error) {
	programs, err := collect(ctx, s.read(), scanOne[string], `SELECT DISTINCT program FROM anonymous_answers WHERE age < ? ORDER BY program`, mixes)
	if err != nil {
		return nil, fmt.Errorf("find anonymous answers to mix: %w", err)
	}
	return programs, nil
}

// MixAnonymous implements store.Anonymous. Without it the database could tell an answer's
// invitation by the transaction that wrote both, and the order of answers by that of
// their rows.
func (s *Store) MixAnonymous(ctx context.Context, program string, now time.Time) (released int, err error) {
	err = s.write(ctx, func(q session) error {
		released, err = q.mix(ctx, program, now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("mix anonymous answers of %s: %w", program, err)
	}
	return released, nil
}

func (q session) mix(ctx context.Context, program string, now time.Time) (released int, err error) {
	floor, err := q.highestFloor(ctx, program)
	if err != nil {
		return 0, err
	}
	// All answered invitations get one transaction, and so do all answers. This one waits
	// for those who answer now, and keeps others waiting.
	_, err = q.exec(ctx, `UPDATE invitations SET state = state WHERE program = ? AND state = 'responded'`, program)
	if err != nil {
		return 0, err
	}
	rows, err := q.anonymousRows(ctx, `program = ? {lock}`, program)
	if err != nil {
		return 0, err
	}
	last := 0
	var ready []*anonymousRow
	for i := range rows {
		r := &rows[i]
		last = max(last, r.lot)
		if r.age = min(r.age+1, mixes); r.age == mixes && r.lot == 0 {
			ready = append(ready, r)
		}
	}
	if len(ready) >= max(floor, survey.LeastFloor) {
		released = len(ready)
		for _, r := range ready {
			r.lot, r.released = last+1, now.UTC().Format(survey.MonthLayout)
		}
	}
	return released, q.rewriteAnonymous(ctx, program, rows)
}

// rewriteAnonymous writes all answers of a program anew, in the order of their keys. Those
// that nobody may change any more get new keys.
func (q session) rewriteAnonymous(ctx context.Context, program string, rows []anonymousRow) error {
	for i := range rows {
		if rows[i].age == mixes {
			rows[i].key = newAnonymousKey()
		}
	}
	slices.SortFunc(rows, func(a, b anonymousRow) int { return cmp.Compare(a.key, b.key) })
	if _, err := q.exec(ctx, `DELETE FROM anonymous_answers WHERE program = ?`, program); err != nil {
		return err
	}
	return q.insertAnonymous(ctx, rows)
}

// highestFloor is the highest that a kept version of a program promises, 0 where none is
// anonymous: a floor that is lowered later counts for nobody who answered under the
// higher one.
func (q session) highestFloor(ctx context.Context, program string) (int, error) {
	bodies, err := collect(ctx, q, scanOne[string], `SELECT body FROM programs WHERE id = ?`, program)
	floor := 0
	for _, body := range bodies {
		var p survey.Program
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return 0, fmt.Errorf("program %s: %w", program, err)
		}
		if p.Anonymous {
			floor = max(floor, p.Floor, survey.LeastFloor)
		}
	}
	return floor, err
}
