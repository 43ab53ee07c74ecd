package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// SaveContacts implements store.Invitations. A contact that was read earlier than
// what is kept changes nothing. An account that a contact names is kept even
// where nothing but its key is known.
func (s *Store) SaveContacts(ctx context.Context, contacts []survey.Contact, accounts []survey.Account) error {
	contactRows, err := rowsOf(contacts, func(c survey.Contact) string { return c.Key }, contactRow)
	if err != nil {
		return err
	}
	accountRows, err := rowsOf(accounts, func(a survey.Account) string { return a.Key }, accountRow)
	if err != nil {
		return err
	}
	named, err := rowsOf(accountsNamed(contacts), func(a survey.Account) string { return a.Key }, accountRow)
	if err != nil {
		return err
	}
	return s.write(ctx, func(q session) error {
		_, err := q.insert(ctx, `INSERT INTO contacts (key, crm, id, account_key, email, first_name, last_name, locale, timezone, attributes, refreshed_at)`,
			contactRows, `ON CONFLICT (key) DO UPDATE SET account_key = excluded.account_key, email = excluded.email,
				first_name = excluded.first_name, last_name = excluded.last_name, locale = excluded.locale,
				timezone = excluded.timezone, attributes = excluded.attributes, refreshed_at = excluded.refreshed_at
			WHERE excluded.refreshed_at >= contacts.refreshed_at`)
		if err != nil {
			return fmt.Errorf("save contacts: %w", err)
		}
		const intoAccounts = `INSERT INTO accounts (key, crm, id, name, attributes)`
		_, err = q.insert(ctx, intoAccounts, accountRows,
			`ON CONFLICT (key) DO UPDATE SET name = excluded.name, attributes = excluded.attributes`)
		if err != nil {
			return fmt.Errorf("save accounts: %w", err)
		}
		if _, err = q.insert(ctx, intoAccounts, named, `ON CONFLICT DO NOTHING`); err != nil {
			return fmt.Errorf("save named accounts: %w", err)
		}
		return nil
	})
}

// rowsOf makes the rows of values in order of their keys, each key once with its
// last value: rows are always locked in that order.
func rowsOf[T any](values []T, key func(T) string, row func(T) ([]any, error)) ([][]any, error) {
	last := map[string]T{}
	for _, v := range values {
		last[key(v)] = v
	}
	rows := make([][]any, 0, len(last))
	for _, k := range slices.Sorted(maps.Keys(last)) {
		r, err := row(last[k])
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func contactRow(c survey.Contact) ([]any, error) {
	attributes, err := json.Marshal(c.Attributes)
	if err != nil {
		return nil, fmt.Errorf("attributes of contact %s: %w", c.Key, err)
	}
	return []any{
		c.Key, c.CRM, c.ID, c.AccountKey, c.Email, c.FirstName, c.LastName, c.Locale, c.Timezone,
		string(attributes), c.RefreshedAt.UnixMilli(),
	}, nil
}

func accountRow(a survey.Account) ([]any, error) {
	attributes, err := json.Marshal(a.Attributes)
	if err != nil {
		return nil, fmt.Errorf("attributes of account %s: %w", a.Key, err)
	}
	return []any{a.Key, a.CRM, a.ID, a.Name, string(attributes)}, nil
}

func accountsNamed(contacts []survey.Contact) []survey.Account {
	var out []survey.Account
	for _, c := range contacts {
		if c.AccountKey != "" {
			crm, id := splitKey(c.AccountKey)
			out = append(out, survey.Account{Key: c.AccountKey, CRM: crm, ID: id})
		}
	}
	return out
}

// splitKey is the inverse of survey.RecordKey.
func splitKey(key string) (crm, id string) {
	crm, id, _ = strings.Cut(key, "/")
	return crm, id
}

// person is a contact with what the rules ask.
type person struct {
	survey.Contact
	unsubscribed bool
}

// The columns of a contact c and an account a, which a LEFT JOIN may leave null.
const (
	contactColumns = `COALESCE(c.key, ''), COALESCE(c.crm, ''), COALESCE(c.id, ''), COALESCE(c.account_key, ''),
		COALESCE(c.email, ''), COALESCE(c.first_name, ''), COALESCE(c.last_name, ''), COALESCE(c.locale, ''),
		COALESCE(c.timezone, ''), COALESCE(c.attributes, 'null'), c.refreshed_at, c.unsubscribed_at IS NOT NULL`
	accountColumns = `COALESCE(a.key, ''), COALESCE(a.crm, ''), COALESCE(a.id, ''), COALESCE(a.name, ''),
		COALESCE(a.attributes, 'null')`
)

func (p *person) columns() []any {
	return []any{
		&p.Key, &p.CRM, &p.ID, &p.AccountKey, &p.Email, &p.FirstName, &p.LastName, &p.Locale, &p.Timezone,
		jsonText{&p.Attributes}, moment{&p.RefreshedAt}, &p.unsubscribed,
	}
}

func accountFields(a *survey.Account) []any {
	return []any{&a.Key, &a.CRM, &a.ID, &a.Name, jsonText{&a.Attributes}}
}

// jsonText reads a column that holds JSON.
type jsonText struct{ into any }

// Scan implements sql.Scanner.
func (j jsonText) Scan(column any) error {
	switch text := column.(type) {
	case string:
		return json.Unmarshal([]byte(text), j.into)
	case []byte:
		return json.Unmarshal(text, j.into)
	}
	return fmt.Errorf("column holds %T where JSON is wanted", column)
}

// people reads contacts; lock is "{lock}" to lock them in order of their keys.
func (q session) people(ctx context.Context, keys []string, lock string) (map[string]person, error) {
	found, err := collect(ctx, q, func(row scanner) (p person, err error) {
		err = row.Scan(p.columns()...)
		return p, err
	}, `SELECT `+contactColumns+` FROM contacts c WHERE c.key {any} ORDER BY c.key `+lock, q.list(keys))
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	out := make(map[string]person, len(found))
	for _, p := range found {
		out[p.Key] = p
	}
	return out, nil
}

// lockAccounts locks accounts in order of their keys.
func (q session) lockAccounts(ctx context.Context, keys []string) error {
	_, err := collect(ctx, q, scanOne[string], `SELECT key FROM accounts WHERE key {any} ORDER BY key {lock}`, q.list(keys))
	if err != nil {
		return fmt.Errorf("lock accounts: %w", err)
	}
	return nil
}

// Contacts implements store.Invitations.
func (s *Store) Contacts(ctx context.Context, keys []string) (map[string]survey.Contact, error) {
	found, err := s.read().people(ctx, keys, "")
	if err != nil {
		return nil, err
	}
	out := make(map[string]survey.Contact, len(found))
	for key, p := range found {
		out[key] = p.Contact
	}
	return out, nil
}

// Accounts implements store.Invitations.
func (s *Store) Accounts(ctx context.Context, keys []string) (map[string]survey.Account, error) {
	found, err := s.read().accounts(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[string]survey.Account, len(found))
	for _, a := range found {
		out[a.Key] = a
	}
	return out, nil
}

func (q session) accounts(ctx context.Context, keys []string) ([]survey.Account, error) {
	found, err := collect(ctx, q, func(row scanner) (a survey.Account, err error) {
		err = row.Scan(accountFields(&a)...)
		return a, err
	}, `SELECT `+accountColumns+` FROM accounts a WHERE a.key {any} ORDER BY a.key`, q.list(keys))
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return found, nil
}

// Unsubscribe implements store.Invitations. It ends what is admitted and not yet
// sent.
func (s *Store) Unsubscribe(ctx context.Context, contactKey string, at time.Time) error {
	return s.write(ctx, func(q session) error {
		n, err := q.exec(ctx, `UPDATE contacts SET unsubscribed_at = COALESCE(unsubscribed_at, ?) WHERE key = ?`, at.UnixMilli(), contactKey)
		if err != nil {
			return fmt.Errorf("unsubscribe: %w", err)
		}
		if n == 0 {
			return fmt.Errorf("contact %s: %w", contactKey, store.ErrNotFound)
		}
		_, err = q.exec(ctx, `UPDATE invitations SET state = ?, ended_at = ? WHERE contact_key = ? AND state = ?`,
			survey.InvitationCancelled, at.UnixMilli(), contactKey, survey.InvitationAdmitted)
		if err != nil {
			return fmt.Errorf("cancel invitations: %w", err)
		}
		_, err = q.exec(ctx, `UPDATE asks SET state = ?, rule = ? WHERE contact_key = ? AND state = ?`,
			survey.AskSuppressed, survey.RuleUnsubscribed, contactKey, survey.AskWaiting)
		if err != nil {
			return fmt.Errorf("suppress asks: %w", err)
		}
		return nil
	})
}
