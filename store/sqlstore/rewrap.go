package sqlstore

import (
	"context"
	"fmt"
)

// Masters counts the keys by the ids of the master keys that wrap them.
func (k *Keys) Masters(ctx context.Context) (map[string]int, error) {
	type row struct {
		master string
		n      int
	}
	rows, err := collect(ctx, k.read(), func(s scanner) (r row, err error) {
		err = s.Scan(&r.master, &r.n)
		return r, err
	}, `SELECT master, COUNT(*) FROM keys GROUP BY master`)
	if err != nil {
		return nil, fmt.Errorf("keystore: %w", err)
	}
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.master] = r.n
	}
	return counts, nil
}

// Rewrap wraps all keys by the first master key, after which the others are not needed
// any more. It returns how many were wrapped by another.
func (k *Keys) Rewrap(ctx context.Context) (rewrapped int, err error) {
	for {
		var some int
		err := k.write(ctx, func(q session) (err error) {
			some, err = k.rewrapSome(ctx, q)
			return err
		})
		if rewrapped += some; err != nil || some == 0 {
			return rewrapped, err
		}
	}
}

func (k *Keys) rewrapSome(ctx context.Context, q session) (int, error) {
	type row struct {
		subject, master string
		wrapped         []byte
	}
	rows, err := collect(ctx, q, func(s scanner) (r row, err error) {
		err = s.Scan(&r.subject, &r.master, &r.wrapped)
		return r, err
	}, `SELECT subject, master, wrapped FROM keys WHERE master <> ? ORDER BY subject LIMIT ? {lock}`, k.current, purgeAtOnce)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		key, err := k.unwrap(r.subject, r.master, r.wrapped)
		if err != nil {
			return 0, err
		}
		_, err = q.exec(ctx, `UPDATE keys SET wrapped = ?, master = ? WHERE subject = ?`, k.wrap(r.subject, key), k.current, r.subject)
		if err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
