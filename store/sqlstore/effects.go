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

const effectColumns = `key, vendor, state, ref, at, tried_at`

func scanEffect(row scanner) (e store.Effect, err error) {
	err = row.Scan(&e.Key, &e.Vendor, &e.State, &e.Ref, moment{&e.At}, moment{&e.TriedAt})
	return e, err
}

// BeginEffects implements store.Effects. It keeps the order of the keys.
func (s *Store) BeginEffects(ctx context.Context, vendor, where string, keys []string, at, tried time.Time) (store.Begun, error) {
	return s.begin(ctx, vendor, where, keys, at, tried, 0)
}

func (s *Store) begin(ctx context.Context, vendor, where string, keys []string, at, tried time.Time, most int) (begun store.Begun, err error) {
	sorted := sortedUnique(slices.Clone(keys))
	err = s.write(ctx, func(q session) error {
		begun = store.Begun{}
		ended, err := q.lockMailed(ctx, sorted)
		if err != nil {
			return err
		}
		rows := make([][]any, 0, len(sorted))
		for _, key := range sorted {
			if !ended[key] {
				rows = append(rows, []any{key, vendor, string(store.EffectPending), where, at.UnixMilli(), tried.UnixMilli()})
			}
		}
		act, err := insertReturning(ctx, q, `INSERT INTO effects (`+effectColumns+`)`, rows,
			`ON CONFLICT (key) DO NOTHING RETURNING key`, scanOne[string])
		if err != nil {
			return err
		}
		begun.Act = only(keys, act)
		if begun.Over, err = q.overTheDay(ctx, vendor, begun.Act, at, most); err != nil {
			return err
		}
		begun.Act = begun.Act[:len(begun.Act)-len(begun.Over)]
		mine := setOf(act)
		earlier := slices.DeleteFunc(sorted, func(key string) bool { return mine[key] })
		if len(earlier) == 0 {
			return nil
		}
		return q.partEffects(ctx, earlier, &begun)
	})
	if err != nil {
		return store.Begun{}, fmt.Errorf("begin effects: %w", err)
	}
	return begun, nil
}

// lockMailed locks the invitations whose mails effects name, so that no better program
// takes them over while their mails are begun. It returns the effects of those that
// are suppressed or cancelled.
func (q session) lockMailed(ctx context.Context, keys []string) (map[string]bool, error) {
	var ids []string
	for _, key := range keys {
		if kind, id, ok := store.ParseMailEffect(key); ok && kind == store.MailInvite {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	type row struct {
		id    string
		state survey.InvitationState
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.id, &r.state)
		return r, err
	}, `SELECT id, state FROM invitations WHERE id {any} ORDER BY id {lock}`, q.list(ids))
	ended := map[string]bool{}
	for _, r := range rows {
		ended[store.MailEffect(store.MailInvite, r.id)] = r.state == survey.InvitationSuppressed || r.state == survey.InvitationCancelled
	}
	return ended, err
}

// partEffects adds effects of earlier attempts to begun.
func (q session) partEffects(ctx context.Context, keys []string, begun *store.Begun) error {
	effects, err := collect(ctx, q, scanEffect, `SELECT `+effectColumns+` FROM effects WHERE key {any} ORDER BY key`, q.list(keys))
	for _, e := range effects {
		switch e.State {
		case store.EffectPending:
			begun.Doubtful = append(begun.Doubtful, e)
		case store.EffectUnknown:
			begun.Unknown = append(begun.Unknown, e)
		default:
			begun.Done = append(begun.Done, e)
		}
	}
	return err
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

// EndEffects implements store.Effects. The first id counts.
func (s *Store) EndEffects(ctx context.Context, keys []string, ref string, at time.Time) error {
	return s.mark(ctx, "end effects", keys, `UPDATE effects SET state = ?, ref = ?, at = ? WHERE key {any} AND state <> ?`,
		[]any{store.EffectDone, ref, at.UnixMilli()}, []any{store.EffectDone})
}

// DropEffects implements store.Effects.
func (s *Store) DropEffects(ctx context.Context, keys []string) error {
	return s.mark(ctx, "drop effects", keys, `DELETE FROM effects WHERE key {any} AND state = ?`, nil, []any{store.EffectPending})
}

// RetryEffect implements store.Effects.
func (s *Store) RetryEffect(ctx context.Context, doubtful store.Effect, tried time.Time) (mine bool, err error) {
	err = s.write(ctx, func(q session) error {
		n, err := q.exec(ctx, `UPDATE effects SET state = ?, tried_at = ? WHERE key = ? AND state = ? AND tried_at = ?`,
			store.EffectPending, tried.UnixMilli(), doubtful.Key, doubtful.State, doubtful.TriedAt.UnixMilli())
		mine = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("begin effect %s again: %w", doubtful.Key, err)
	}
	return mine, nil
}

// LoseEffects implements store.Effects.
func (s *Store) LoseEffects(ctx context.Context, keys []string, at time.Time) (unknown []string, err error) {
	err = s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `UPDATE effects SET state = ?, at = ? WHERE key {any} AND state = ?`,
			store.EffectUnknown, at.UnixMilli(), q.list(keys), store.EffectPending)
		if err != nil {
			return err
		}
		unknown, err = collect(ctx, q, scanOne[string], `SELECT key FROM effects WHERE key {any} AND state = ? ORDER BY key`,
			q.list(keys), store.EffectUnknown)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lose effects: %w", err)
	}
	return unknown, nil
}

// ProveEffects implements store.Effects. It writes only where something was in doubt,
// which is seldom.
func (s *Store) ProveEffects(ctx context.Context, refs map[string]string, at time.Time) (proved int, err error) {
	doubtful, err := s.read().inDoubt(ctx, refs, "")
	if err != nil || len(doubtful) == 0 {
		return 0, err
	}
	err = s.write(ctx, func(q session) error {
		proved, err = q.proveEffects(ctx, refs, at)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prove effects: %w", err)
	}
	return proved, nil
}

// inDoubt are the effects that are not done; lock is "{lock}" to lock them.
func (q session) inDoubt(ctx context.Context, refs map[string]string, lock string) ([]string, error) {
	return collect(ctx, q, scanOne[string], `SELECT key FROM effects WHERE key {any} AND state <> 'done' ORDER BY key `+lock,
		q.list(slices.Sorted(maps.Keys(refs))))
}

func (q session) proveEffects(ctx context.Context, refs map[string]string, at time.Time) (proved int, err error) {
	keys, err := q.inDoubt(ctx, refs, "{lock}")
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if err := q.endEffect(ctx, key, refs[key], at); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// settledAtOnce is how many effects one transaction settles.
const settledAtOnce = 1000

// SettleEffects implements store.Effects.
func (s *Store) SettleEffects(ctx context.Context, since, at time.Time) (settled int, unknown []string, err error) {
	err = s.write(ctx, func(q session) error {
		keys, err := collect(ctx, q, scanOne[string], `SELECT key FROM effects WHERE state = 'pending' AND key IN
			(SELECT key FROM effects WHERE state = 'pending' AND tried_at < ? ORDER BY tried_at LIMIT ?) ORDER BY key {lock}`,
			since.UnixMilli(), settledAtOnce)
		if settled = len(keys); err != nil || settled == 0 {
			return err
		}
		_, err = q.exec(ctx, `UPDATE effects SET state = ?, at = ? WHERE key {any} AND EXISTS
			(SELECT 1 FROM invitations i JOIN responses r ON r.invitation_id = i.id WHERE effects.key = 'mail/invite/' || i.id)`,
			store.EffectDone, at.UnixMilli(), q.list(keys))
		if err != nil {
			return err
		}
		unknown, err = collect(ctx, q, scanOne[string], `UPDATE effects SET state = ?, at = ? WHERE key {any} AND state = 'pending' RETURNING key`,
			store.EffectUnknown, at.UnixMilli(), q.list(keys))
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("settle effects: %w", err)
	}
	slices.Sort(unknown)
	return settled, unknown, nil
}

// UnknownEffects implements store.Effects.
func (s *Store) UnknownEffects(ctx context.Context, limit int) ([]store.Effect, error) {
	return collect(ctx, s.read(), scanEffect,
		`SELECT `+effectColumns+` FROM effects WHERE state = 'unknown' ORDER BY at, key LIMIT ?`, limit)
}
