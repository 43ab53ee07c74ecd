package sqlstore

import (
	"context"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// countBehaviour counts all that is known by CRM, source and kind. It reads the whole table.
const countBehaviour = `SELECT crm, source, kind, COUNT(*), COUNT(DISTINCT NULLIF(contact_key, '')), COUNT(DISTINCT NULLIF(account_key, '')),
		MIN(started_at), MAX(started_at), COUNT(CASE WHEN started_at IS NOT NULL AND ended_at IS NULL THEN 1 END),
		COUNT(CASE WHEN started_at IS NULL THEN 1 END), COUNT(CASE WHEN amount IS NULL THEN 1 END),
		COUNT(CASE WHEN contact_key = '' THEN 1 END), COUNT(CASE WHEN account_key = '' THEN 1 END)
	FROM behaviour GROUP BY crm, source, kind ORDER BY crm, source, kind`

// BehaviourSources implements store.Behaviour.
func (s *Store) BehaviourSources(ctx context.Context) ([]store.BehaviourSource, error) {
	q := s.read()
	out, err := collect(ctx, q, func(row scanner) (b store.BehaviourSource, err error) {
		err = row.Scan(&b.CRM, &b.Source, &b.Kind, &b.N, &b.Contacts, &b.Accounts, moment{&b.First}, moment{&b.Last}, &b.Open,
			&b.NoStart, &b.NoAmount, &b.NoContact, &b.NoAccount)
		b.Currencies = map[string]int{}
		return b, err
	}, countBehaviour)
	if err != nil {
		return nil, fmt.Errorf("count behaviour: %w", err)
	}
	type key struct {
		crm, source string
		kind        survey.BehaviourKind
	}
	at := make(map[key]map[string]int, len(out))
	for _, b := range out {
		at[key{b.CRM, b.Source, b.Kind}] = b.Currencies
	}
	_, err = collect(ctx, q, func(row scanner) (none struct{}, err error) {
		var k key
		var currency string
		var n int
		if err = row.Scan(&k.crm, &k.source, &k.kind, &currency, &n); err == nil && at[k] != nil {
			at[k][currency] = n
		}
		return none, err
	}, `SELECT crm, source, kind, currency, COUNT(*) FROM behaviour WHERE amount IS NOT NULL GROUP BY crm, source, kind, currency`)
	if err != nil {
		return nil, fmt.Errorf("count currencies: %w", err)
	}
	return out, nil
}

func (q session) putBehaviourCursor(ctx context.Context, c store.BehaviourCursor) error {
	_, err := q.exec(ctx, `INSERT INTO behaviour_cursors (crm, object_type, since, began_at, ended_at, after, done, total)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (crm, object_type) DO UPDATE SET since = excluded.since, began_at = excluded.began_at,
		ended_at = excluded.ended_at, after = excluded.after, done = excluded.done, total = excluded.total`,
		c.CRM, c.ObjectType, millis(c.Since), millis(c.BeganAt), millis(c.EndedAt), c.After, c.Done, c.Total)
	if err != nil {
		return fmt.Errorf("keep how far %ss of %s are read: %w", c.ObjectType, c.CRM, err)
	}
	return nil
}

// BehaviourCursors implements store.Behaviour.
func (s *Store) BehaviourCursors(ctx context.Context) ([]store.BehaviourCursor, error) {
	found, err := collect(ctx, s.read(), func(row scanner) (c store.BehaviourCursor, err error) {
		err = row.Scan(&c.CRM, &c.ObjectType, moment{&c.Since}, moment{&c.BeganAt}, moment{&c.EndedAt}, &c.After, &c.Done, &c.Total)
		return c, err
	}, `SELECT crm, object_type, since, began_at, ended_at, after, done, total FROM behaviour_cursors ORDER BY crm, object_type`)
	if err != nil {
		return nil, fmt.Errorf("read how far behaviour is read: %w", err)
	}
	return found, nil
}
