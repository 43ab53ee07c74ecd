package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
)

// BeginEffects implements store.Effects. It keeps the order of the keys.
func (s *Store) BeginEffects(ctx context.Context, vendor string, keys []string, at time.Time) (act, unknown []string, err error) {
	sorted := sortedUnique(slices.Clone(keys))
	rows := make([][]any, 0, len(sorted))
	for _, key := range sorted {
		rows = append(rows, []any{key, vendor, string(store.EffectPending), "", at.UnixMilli()})
	}
	err = s.write(ctx, func(q session) error {
		begun, err := insertReturning(ctx, q, `INSERT INTO effects (key, vendor, state, ref, at)`, rows,
			`ON CONFLICT (key) DO NOTHING RETURNING key`, scanOne[string])
		if err != nil {
			return err
		}
		begunHere := setOf(begun)
		earlier := slices.DeleteFunc(slices.Clone(sorted), func(key string) bool { return begunHere[key] })
		lost, err := q.loseEffects(ctx, earlier)
		if err != nil {
			return err
		}
		act, unknown = only(keys, begun), only(keys, lost)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("begin effects: %w", err)
	}
	return act, unknown, nil
}

// loseEffects makes pending effects of an earlier attempt unknown and returns
// those that are unknown.
func (q session) loseEffects(ctx context.Context, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	_, err := q.exec(ctx, `UPDATE effects SET state = ? WHERE key {any} AND state = ?`,
		store.EffectUnknown, q.list(keys), store.EffectPending)
	if err != nil {
		return nil, err
	}
	return collect(ctx, q, scanOne[string], `SELECT key FROM effects WHERE key {any} AND state = ?`,
		q.list(keys), store.EffectUnknown)
}

func setOf(keys []string) map[string]bool {
	set := make(map[string]bool, len(keys))
	for _, key := range keys {
		set[key] = true
	}
	return set
}

// only returns the keys that are chosen, in order, each once.
func only(keys, chosen []string) []string {
	left := setOf(chosen)
	var out []string
	for _, key := range keys {
		if left[key] {
			out = append(out, key)
			left[key] = false
		}
	}
	return out
}

// EndEffects implements store.Effects. What is done stays done.
func (s *Store) EndEffects(ctx context.Context, keys []string, state store.EffectState, ref string, at time.Time) error {
	return s.mark(ctx, "end effects", keys, `UPDATE effects SET state = ?, ref = ?, at = ? WHERE key {any} AND state <> ?`,
		[]any{state, ref, at.UnixMilli()}, []any{store.EffectDone})
}

// DropEffects implements store.Effects.
func (s *Store) DropEffects(ctx context.Context, keys []string) error {
	return s.mark(ctx, "drop effects", keys, `DELETE FROM effects WHERE key {any} AND state = ?`, nil, []any{store.EffectPending})
}

// UnknownEffects implements store.Effects.
func (s *Store) UnknownEffects(ctx context.Context, limit int) ([]store.Effect, error) {
	return collect(ctx, s.read(), func(row scanner) (e store.Effect, err error) {
		err = row.Scan(&e.Key, &e.Vendor, &e.State, &e.Ref, moment{&e.At})
		return e, err
	}, `SELECT key, vendor, state, ref, at FROM effects WHERE state = 'unknown' ORDER BY at, key LIMIT ?`, limit)
}
