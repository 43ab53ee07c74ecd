package sqlstore

import (
	"context"
	"fmt"
)

const openCasesOfAccounts = `SELECT account_key, id FROM cases WHERE account_key {any} AND account_key <> '' AND ended_at IS NULL`

// OpenCases implements store.Cases.
func (s *Store) OpenCases(ctx context.Context, accountKeys []string) (map[string]string, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return nil, err
	}
	type open struct{ account, id string }
	q := s.read()
	found, err := collect(ctx, q, func(row scanner) (o open, err error) {
		err = row.Scan(&o.account, &o.id)
		return o, err
	}, openCasesOfAccounts, q.list(hash.references(accountKeys)))
	if err != nil {
		return nil, fmt.Errorf("read open cases of accounts: %w", err)
	}
	byReference := make(map[string]string, len(found))
	for _, o := range found {
		byReference[o.account] = o.id
	}
	out := map[string]string{}
	for _, key := range accountKeys {
		if id, ok := byReference[hash.reference(key)]; ok {
			out[key] = id
		}
	}
	return out, nil
}
