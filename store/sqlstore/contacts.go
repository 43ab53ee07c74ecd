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
	hash, err := s.hasher(ctx)
	if err != nil {
		return err
	}
	contacts, accounts, named := lastOf(contacts, contactKey), lastOf(accounts, accountKey), lastOf(accountsNamed(contacts), accountKey)
	keys, err := s.keys.ensure(ctx, subjectsOf(hash, contacts, slices.Concat(accounts, named)))
	if err != nil {
		return err
	}
	contactRows, err := rowsOf(contacts, func(c survey.Contact) ([]any, error) { return contactRow(c, hash, keys) })
	if err != nil {
		return err
	}
	inAccounts := func(a survey.Account) ([]any, error) { return accountRow(a, hash, keys) }
	accountRows, err := rowsOf(accounts, inAccounts)
	if err != nil {
		return err
	}
	namedRows, err := rowsOf(named, inAccounts)
	if err != nil {
		return err
	}
	return s.write(ctx, func(q session) error { return q.saveContacts(ctx, contactRows, accountRows, namedRows) })
}

func (q session) saveContacts(ctx context.Context, contacts, accounts, named [][]any) error {
	_, err := q.insert(ctx, `INSERT INTO contacts (key, crm, account_key, sealed, address_hash, phone_hash, refreshed_at)`,
		contacts, `ON CONFLICT (key) DO UPDATE SET account_key = excluded.account_key, sealed = excluded.sealed,
			address_hash = excluded.address_hash, phone_hash = excluded.phone_hash, refreshed_at = excluded.refreshed_at
		WHERE excluded.refreshed_at >= contacts.refreshed_at`)
	if err != nil {
		return fmt.Errorf("save contacts: %w", err)
	}
	const intoAccounts = `INSERT INTO accounts (key, crm, sealed)`
	if _, err = q.insert(ctx, intoAccounts, accounts, `ON CONFLICT (key) DO UPDATE SET sealed = excluded.sealed`); err != nil {
		return fmt.Errorf("save accounts: %w", err)
	}
	if _, err = q.insert(ctx, intoAccounts, named, `ON CONFLICT DO NOTHING`); err != nil {
		return fmt.Errorf("save named accounts: %w", err)
	}
	return nil
}

func contactKey(c survey.Contact) string { return c.Key }
func accountKey(a survey.Account) string { return a.Key }

// lastOf keeps each key once, with its last value.
func lastOf[T any](values []T, key func(T) string) []T {
	last := map[string]T{}
	for _, v := range values {
		last[key(v)] = v
	}
	return slices.Collect(maps.Values(last))
}

func subjectsOf(hash hasher, contacts []survey.Contact, accounts []survey.Account) []string {
	var out []string
	for _, c := range contacts {
		out = append(out, contactSubject(hash.reference(c.Key)))
	}
	for _, a := range accounts {
		out = append(out, accountSubject(hash.reference(a.Key)))
	}
	return out
}

// rowsOf makes the rows of values in order of their first columns, the references: rows
// are always locked in that order.
func rowsOf[T any](values []T, row func(T) ([]any, error)) ([][]any, error) {
	rows := make([][]any, 0, len(values))
	for _, v := range values {
		r, err := row(v)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	return rows, nil
}

func contactRow(c survey.Contact, hash hasher, keys map[string]dataKey) ([]any, error) {
	reference := hash.reference(c.Key)
	sealed, err := sealContact(c, reference, keys)
	return []any{reference, c.CRM, hash.reference(c.AccountKey), sealed, hash.address(c.Email), hash.phone(c.Phone), c.RefreshedAt.UnixMilli()}, err
}

func accountRow(a survey.Account, hash hasher, keys map[string]dataKey) ([]any, error) {
	reference := hash.reference(a.Key)
	sealed, err := sealAccount(a, reference, keys)
	return []any{reference, a.CRM, sealed}, err
}

func accountsNamed(contacts []survey.Contact) []survey.Account {
	var out []survey.Account
	for _, c := range contacts {
		if crm, id, ok := strings.Cut(c.AccountKey, "/"); ok {
			out = append(out, survey.Account{Key: c.AccountKey, CRM: crm, ID: id})
		}
	}
	return out
}

// person is a contact with what the rules ask.
type person struct {
	survey.Contact
	unsubscribed bool
	bounced      bool // the address is dead
	deadNumber   bool
	sealed       []byte
}

// company is an account with what its row seals.
type company struct {
	survey.Account
	sealed []byte
}

// isDead says whether a mail to the address of a contact c came back for good.
const isDead = `EXISTS (SELECT 1 FROM dead_addresses d WHERE d.address_hash = c.address_hash)`

// The columns of a contact c and an account a, which a LEFT JOIN may leave null.
const (
	contactColumns = `COALESCE(c.key, ''), COALESCE(c.crm, ''), COALESCE(c.account_key, ''), c.sealed, c.refreshed_at, ` + hasLeft + `, ` + isDead + `, ` + isDeadNumber
	accountColumns = `COALESCE(a.key, ''), COALESCE(a.crm, ''), a.sealed`
)

func (p *person) columns() []any {
	return []any{&p.Key, &p.CRM, &p.AccountKey, &p.sealed, moment{&p.RefreshedAt}, &p.unsubscribed, &p.bounced, &p.deadNumber}
}

func (c *company) columns() []any { return []any{&c.Key, &c.CRM, &c.sealed} }

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

// people reads contacts by their references; lock is "{lock}" to lock them in order of
// these.
func (q session) people(ctx context.Context, references []string, lock string) (map[string]person, error) {
	found, err := collect(ctx, q, func(row scanner) (p person, err error) {
		err = row.Scan(p.columns()...)
		return p, err
	}, `SELECT `+contactColumns+` FROM contacts c WHERE c.key {any} ORDER BY c.key `+lock, q.list(references))
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	parts := make([]sealedPart, len(found))
	for i := range found {
		parts[i] = found[i].part()
	}
	if err := q.open(ctx, parts); err != nil {
		return nil, err
	}
	out := make(map[string]person, len(found))
	for _, p := range found {
		out[p.Key] = p
	}
	return out, nil
}

// lockContacts locks contacts in order of their references.
func (q session) lockContacts(ctx context.Context, references []string) error {
	_, err := collect(ctx, q, scanOne[string], `SELECT key FROM contacts WHERE key {any} ORDER BY key {lock}`, q.list(references))
	if err != nil {
		return fmt.Errorf("lock contacts: %w", err)
	}
	return nil
}

// lockAccounts locks accounts in order of their keys.
func (q session) lockAccounts(ctx context.Context, keys []string) error {
	_, err := collect(ctx, q, scanOne[string], `SELECT key FROM accounts WHERE key {any} ORDER BY key {lock}`, q.list(keys))
	if err != nil {
		return fmt.Errorf("lock accounts: %w", err)
	}
	return nil
}

// Reference is what the store knows a contact or an account by, whose key is given.
func (s *Store) Reference(ctx context.Context, key string) (string, error) {
	hash, err := s.hasher(ctx)
	return hash.reference(key), err
}

// ReferencesAt returns what the store knows the contacts by that have a mail address,
// whatever the cases of its letters, in order.
func (s *Store) ReferencesAt(ctx context.Context, address string) ([]string, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return nil, err
	}
	return collect(ctx, s.read(), scanOne[string], `SELECT key FROM contacts WHERE address_hash = ? ORDER BY key`, hash.address(address))
}

// Contacts implements store.Invitations.
func (s *Store) Contacts(ctx context.Context, keys []string) (map[string]survey.Contact, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.read().people(ctx, hash.references(keys), "")
	if err != nil {
		return nil, err
	}
	out := make(map[string]survey.Contact, len(found))
	for _, key := range keys {
		if p, ok := found[hash.reference(key)]; ok {
			out[key] = p.Contact
		}
	}
	return out, nil
}

// Accounts implements store.Invitations.
func (s *Store) Accounts(ctx context.Context, keys []string) (map[string]survey.Account, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.read().accounts(ctx, hash.references(keys))
	if err != nil {
		return nil, err
	}
	out := make(map[string]survey.Account, len(found))
	for _, key := range keys {
		if a, ok := found[hash.reference(key)]; ok {
			out[key] = a
		}
	}
	return out, nil
}

// accounts reads accounts by their references.
func (q session) accounts(ctx context.Context, references []string) (map[string]survey.Account, error) {
	found, err := collect(ctx, q, func(row scanner) (c company, err error) {
		err = row.Scan(c.columns()...)
		return c, err
	}, `SELECT `+accountColumns+` FROM accounts a WHERE a.key {any}`, q.list(references))
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	parts := make([]sealedPart, len(found))
	for i := range found {
		parts[i] = found[i].part()
	}
	if err := q.open(ctx, parts); err != nil {
		return nil, err
	}
	out := make(map[string]survey.Account, len(found))
	for _, c := range found {
		out[c.Key] = c.Account
	}
	return out, nil
}

// Unsubscribe implements store.Invitations. It ends what is admitted and not yet
// sent, of others with the address too.
func (s *Store) Unsubscribe(ctx context.Context, contactKey string, at time.Time) error {
	hash, err := s.hasher(ctx)
	if err != nil {
		return err
	}
	contactKey = hash.reference(contactKey)
	return s.write(ctx, func(q session) error {
		references, err := collect(ctx, q, scanOne[string], `SELECT key FROM contacts WHERE key = ?`, contactKey)
		if err == nil && len(references) == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("contact %s: %w", contactKey, err)
		}
		return q.unsubscribe(ctx, references, at)
	})
}

// unsubscribe stops the mails to contacts and to all others with their addresses.
func (q session) unsubscribe(ctx context.Context, references []string, at time.Time) error {
	persons, err := q.lockPersons(ctx, references)
	if err != nil {
		return err
	}
	same := keysIn(persons)
	_, err = q.exec(ctx, `UPDATE contacts SET unsubscribed_at = COALESCE(unsubscribed_at, ?) WHERE key {any}`,
		at.UnixMilli(), q.list(references))
	if err != nil {
		return fmt.Errorf("unsubscribe: %w", err)
	}
	return q.cancelAll(ctx, same, at)
}

// cancelAll ends what is not yet sent to contacts, who unsubscribed.
func (q session) cancelAll(ctx context.Context, references []string, at time.Time) error {
	_, err := q.exec(ctx, `UPDATE invitations SET state = ?, rule = ?, ended_at = ? WHERE contact_key {any} AND state = ?`,
		survey.InvitationCancelled, survey.RuleUnsubscribed, at.UnixMilli(), q.list(references), survey.InvitationAdmitted)
	if err != nil {
		return fmt.Errorf("cancel invitations: %w", err)
	}
	_, err = q.exec(ctx, `UPDATE asks SET state = ?, rule = ? WHERE contact_key {any} AND state = ?`,
		survey.AskSuppressed, survey.RuleUnsubscribed, q.list(references), survey.AskWaiting)
	if err != nil {
		return fmt.Errorf("suppress asks: %w", err)
	}
	return nil
}
