package sqlstore

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// behaviourRow is one purchase, subscription or ticket. Its contact and account are
// references, the ids of its changes keyed hashes, and it has none of its own but its key.
type behaviourRow struct {
	key string
	survey.Behaviour
}

const behaviourColumns = `b.key, b.kind, b.crm, b.source, b.contact_key, b.contact_said, b.account_key, b.account_said,
	b.started_at, b.start_guessed, b.start_said, b.amount, b.currency, b.worth_said, b.ended_at, b.end_said, b.next_at, b.renewal_said, b.months, b.months_said`

func (r *behaviourRow) fields() []any {
	return []any{
		&r.key, &r.Kind, &r.CRM, &r.Source, &r.Contact.Value, moment{&r.Contact.AsOf}, &r.Account.Value, moment{&r.Account.AsOf},
		moment{&r.Start.Value.At}, &r.Start.Value.Guessed, moment{&r.Start.AsOf}, orZero{(*int64)(&r.Worth.Value.Amount)}, &r.Worth.Value.Currency,
		moment{&r.Worth.AsOf}, moment{&r.End.Value}, moment{&r.End.AsOf}, moment{&r.RenewsAt.Value}, moment{&r.RenewsAt.AsOf}, &r.Months.Value, moment{&r.Months.AsOf},
	}
}

func (r *behaviourRow) values() []any {
	var amount any
	if !r.Worth.AsOf.IsZero() {
		amount = int64(r.Worth.Value.Amount)
	}
	return []any{
		r.key, string(r.Kind), r.CRM, r.Source, r.Contact.Value, millis(r.Contact.AsOf), r.Account.Value, millis(r.Account.AsOf),
		millis(r.Start.Value.At), r.Start.Value.Guessed, millis(r.Start.AsOf), amount, r.Worth.Value.Currency,
		millis(r.Worth.AsOf), millis(r.End.Value), millis(r.End.AsOf), millis(r.RenewsAt.Value), millis(r.RenewsAt.AsOf), r.Months.Value, millis(r.Months.AsOf),
	}
}

// orZero reads a number's column: 0 for null.
type orZero struct{ n *int64 }

// Scan implements sql.Scanner.
func (z orZero) Scan(column any) error {
	switch n := column.(type) {
	case nil:
		*z.n = 0
	case int64:
		*z.n = n
	default:
		return fmt.Errorf("column holds %T where a number is wanted", column)
	}
	return nil
}

// SaveBehaviour implements store.Behaviour.
func (s *Store) SaveBehaviour(ctx context.Context, told []survey.Behaviour) (store.BehaviourSaved, error) {
	return s.saveBehaviourAnd(ctx, told, func(session) error { return nil })
}

// TakeBehaviour implements store.Behaviour.
func (s *Store) TakeBehaviour(ctx context.Context, batch string, told []survey.Behaviour, now time.Time) (store.BehaviourSaved, error) {
	return s.saveBehaviourAnd(ctx, told, func(q session) error { return q.finishItems(ctx, batch, now) })
}

// SaveBehaviourPage implements store.Behaviour.
func (s *Store) SaveBehaviourPage(ctx context.Context, told []survey.Behaviour, c store.BehaviourCursor) (store.BehaviourSaved, error) {
	return s.saveBehaviourAnd(ctx, told, func(q session) error { return q.putBehaviourCursor(ctx, c) })
}

// saveBehaviourAnd saves what was told and does something else in the same transaction.
func (s *Store) saveBehaviourAnd(ctx context.Context, told []survey.Behaviour, also func(session) error) (store.BehaviourSaved, error) {
	var saved store.BehaviourSaved
	if len(told) > store.MaxBehaviour {
		return saved, fmt.Errorf("save behaviour: %d at once: at most %d are taken", len(told), store.MaxBehaviour)
	}
	write, err := s.behaviourWriter(ctx, told)
	if err == nil {
		err = s.write(ctx, func(q session) (err error) {
			if saved, err = write(ctx, q); err != nil {
				return err
			}
			return also(q)
		})
	}
	if err != nil {
		return store.BehaviourSaved{}, fmt.Errorf("save behaviour: %w", err)
	}
	return saved, nil
}

// behaviourWriter prepares what needs the keystore, and returns what writes it all in a
// transaction.
func (s *Store) behaviourWriter(ctx context.Context, told []survey.Behaviour) (func(context.Context, session) (store.BehaviourSaved, error), error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return nil, err
	}
	contacts, accounts := ownersOf(told)
	keys, err := s.keys.ensure(ctx, subjectsOf(hash, contacts, accounts))
	if err != nil {
		return nil, err
	}
	contactRows, err := rowsOf(contacts, func(c survey.Contact) ([]any, error) { return contactRow(c, hash, keys) })
	if err != nil {
		return nil, err
	}
	accountRows, err := rowsOf(accounts, func(a survey.Account) ([]any, error) { return accountRow(a, hash, keys) })
	if err != nil {
		return nil, err
	}
	rows := behaviourRows(hash, told)
	return func(ctx context.Context, q session) (store.BehaviourSaved, error) {
		if err := q.keepOwners(ctx, contactRows, accountRows); err != nil {
			return store.BehaviourSaved{}, err
		}
		return q.saveBehaviour(ctx, rows)
	}, nil
}

// ownersOf are the contacts and accounts that behaviour names by their keys, each once,
// with nothing but their ids.
func ownersOf(told []survey.Behaviour) ([]survey.Contact, []survey.Account) {
	var contacts []survey.Contact
	var accounts []survey.Account
	for _, b := range told {
		if id, ok := recordID(b.CRM, b.Contact.Value); ok {
			contacts = append(contacts, survey.Contact{Key: b.Contact.Value, CRM: b.CRM, ID: id, AccountKey: b.Account.Value, RefreshedAt: time.UnixMilli(0)})
		}
		if id, ok := recordID(b.CRM, b.Account.Value); ok {
			accounts = append(accounts, survey.Account{Key: b.Account.Value, CRM: b.CRM, ID: id})
		}
	}
	return lastOf(contacts, contactKey), lastOf(accounts, accountKey)
}

// recordID is the CRM's own id in a key; ok is false for a reference, and for none.
func recordID(crm, key string) (id string, ok bool) {
	prefix := survey.RecordKey(crm, "")
	if len(key) <= len(prefix) || key[:len(prefix)] != prefix {
		return "", false
	}
	return key[len(prefix):], true
}

func (q session) keepOwners(ctx context.Context, contacts, accounts [][]any) error {
	_, err := q.insert(ctx, `INSERT INTO contacts (key, crm, account_key, sealed, address_hash, phone_hash, refreshed_at)`, contacts, `ON CONFLICT DO NOTHING`)
	if err != nil {
		return fmt.Errorf("keep contacts: %w", err)
	}
	if _, err := q.insert(ctx, `INSERT INTO accounts (key, crm, sealed)`, accounts, `ON CONFLICT DO NOTHING`); err != nil {
		return fmt.Errorf("keep accounts: %w", err)
	}
	return nil
}

// behaviourRows merges what is told of the same, as the store knows it, in order of the
// keys.
func behaviourRows(hash hasher, told []survey.Behaviour) []behaviourRow {
	byKey := map[string]behaviourRow{}
	for _, b := range told {
		key := b.CRM + ":" + hash.hash("behaviour", string(b.Kind)+"\x00"+b.CRM+"\x00"+b.Source+"\x00"+b.ID)
		b.ID = ""
		if !survey.NamesSystem(b.Source) {
			b.Source = hash.hash("behaviour source", b.Source)[:8]
		}
		b.Contact.Value, b.Account.Value = hash.reference(b.Contact.Value), hash.reference(b.Account.Value)
		b.Contact.AsOf, b.Account.AsOf, b.Start.AsOf, b.Worth.AsOf = inMillis(b.Contact.AsOf), inMillis(b.Account.AsOf), inMillis(b.Start.AsOf), inMillis(b.Worth.AsOf)
		b.Start.Value.At, b.End.Value, b.End.AsOf = inMillis(b.Start.Value.At), inMillis(b.End.Value), inMillis(b.End.AsOf)
		b.RenewsAt.Value, b.RenewsAt.AsOf, b.Months.AsOf = inMillis(b.RenewsAt.Value), inMillis(b.RenewsAt.AsOf), inMillis(b.Months.AsOf)
		b.Changes = slices.Clone(b.Changes)
		for i, c := range b.Changes {
			b.Changes[i].ID, b.Changes[i].At, b.Changes[i].AsOf = hash.hash("behaviour change", c.What+"\x00"+c.ID), inMillis(c.At), inMillis(c.AsOf)
		}
		if known, ok := byKey[key]; ok {
			b = known.Merge(b)
		}
		byKey[key] = behaviourRow{key: key, Behaviour: b}
	}
	rows := make([]behaviourRow, 0, len(byKey))
	for _, row := range byKey {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b behaviourRow) int { return strings.Compare(a.key, b.key) })
	return rows
}

// inMillis is a moment as the database keeps it.
func inMillis(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return toMillis(t)
}

// saveBehaviour merges rows, which are in order of their keys, into those that are kept.
func (q session) saveBehaviour(ctx context.Context, rows []behaviourRow) (saved store.BehaviourSaved, err error) {
	added, kept, err := q.lockBehaviour(ctx, rows)
	if err != nil {
		return saved, err
	}
	var merged []behaviourRow
	var changes [][]any
	for _, row := range rows {
		was, known := kept[row.key]
		if !known {
			continue
		}
		fresh, news := row.changesBeyond(was.Changes)
		row.Behaviour = was.Merge(row.Behaviour)
		row.Changes = was.Changes
		switch {
		case added[row.key]:
			saved.New++
		case !news && row.SaysAs(was.Behaviour):
			saved.Same++
		default:
			saved.Changed++
		}
		if added[row.key] || !reflect.DeepEqual(row.Behaviour, was.Behaviour) { // be it that it was told again, later
			merged = append(merged, row)
		}
		changes = append(changes, fresh...)
	}
	if err := q.nameAccounts(ctx, merged); err != nil {
		return saved, err
	}
	return saved, q.putBehaviour(ctx, merged, changes)
}

// lockBehaviour locks the kept rows of keys, those of new ones after adding them empty, so
// that of two that tell of the same at once one waits for the other. What is told of known
// ones only, and is not known, is not kept.
func (q session) lockBehaviour(ctx context.Context, rows []behaviourRow) (added map[string]bool, kept map[string]behaviourRow, err error) {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = row.key
	}
	added, kept = map[string]bool{}, map[string]behaviourRow{}
	if q.waits { // else nobody writes beside this
		if err := q.addEmpty(ctx, rows, added); err != nil {
			return nil, nil, err
		}
	}
	found, err := q.behaviour(ctx, `SELECT `+behaviourColumns+` FROM behaviour b WHERE b.key {any} ORDER BY b.key {lock}`, q.list(keys))
	if err != nil {
		return nil, nil, err
	}
	changes, err := q.behaviourChanges(ctx, keys, `ORDER BY id`)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range found {
		row.Changes = changes[row.key]
		kept[row.key] = row
	}
	for _, row := range rows {
		if _, known := kept[row.key]; !known && !row.OnlyKnown {
			added[row.key], kept[row.key] = true, row.empty()
		}
	}
	return added, kept, nil
}

// addEmpty adds what is not known yet, and notes its keys.
func (q session) addEmpty(ctx context.Context, rows []behaviourRow, added map[string]bool) error {
	var empty [][]any
	for _, row := range rows {
		if !row.OnlyKnown {
			nothing := row.empty()
			empty = append(empty, nothing.values())
		}
	}
	fresh, err := insertReturning(ctx, q, intoBehaviour, empty, `ON CONFLICT DO NOTHING RETURNING key`, scanOne[string])
	if err != nil {
		return fmt.Errorf("add behaviour: %w", err)
	}
	for _, key := range fresh {
		added[key] = true
	}
	return nil
}

// empty is the row before anything was told.
func (r *behaviourRow) empty() behaviourRow {
	return behaviourRow{key: r.key, Behaviour: survey.Behaviour{Kind: r.Kind, CRM: r.CRM, Source: r.Source}}
}

// changesBeyond are the rows of the changes that are not among those known; news is set
// where one of them says something else.
func (r behaviourRow) changesBeyond(known []survey.BehaviourChange) (out [][]any, news bool) {
	for _, c := range r.Changes {
		same := slices.IndexFunc(known, func(k survey.BehaviourChange) bool { return k.ID == c.ID })
		if same < 0 || c.Supersedes(known[same]) {
			out = append(out, []any{r.key, c.ID, c.What, c.At.UnixMilli(), int64(c.Amount), c.AsOf.UnixMilli()})
			news = news || same < 0 || !c.SaysAs(known[same])
		}
	}
	return out, news
}

// nameAccounts gives what belongs to nobody's account that of its contact, as long as no
// source tells another.
func (q session) nameAccounts(ctx context.Context, rows []behaviourRow) error {
	var contacts []string
	for _, row := range rows {
		if row.Account.Value == "" && row.Contact.Value != "" {
			contacts = append(contacts, row.Contact.Value)
		}
	}
	if len(contacts) == 0 {
		return nil
	}
	type pair struct{ contact, account string }
	found, err := collect(ctx, q, func(row scanner) (p pair, err error) {
		err = row.Scan(&p.contact, &p.account)
		return p, err
	}, `SELECT key, account_key FROM contacts WHERE key {any}`, q.list(sortedUnique(contacts)))
	if err != nil {
		return fmt.Errorf("accounts of contacts: %w", err)
	}
	accountOf := make(map[string]string, len(found))
	for _, p := range found {
		accountOf[p.contact] = p.account
	}
	for i := range rows {
		if rows[i].Account.Value == "" {
			rows[i].Account.Value = accountOf[rows[i].Contact.Value]
		}
	}
	return nil
}

const intoBehaviour = `INSERT INTO behaviour (key, kind, crm, source, contact_key, contact_said, account_key, account_said,
	started_at, start_guessed, start_said, amount, currency, worth_said, ended_at, end_said, next_at, renewal_said, months, months_said)`

func (q session) putBehaviour(ctx context.Context, rows []behaviourRow, changes [][]any) error {
	values := make([][]any, len(rows))
	for i := range rows {
		values[i] = rows[i].values()
	}
	_, err := q.insert(ctx, intoBehaviour, values, `ON CONFLICT (key) DO UPDATE SET
		contact_key = excluded.contact_key, contact_said = excluded.contact_said, account_key = excluded.account_key, account_said = excluded.account_said,
		started_at = excluded.started_at, start_guessed = excluded.start_guessed, start_said = excluded.start_said,
		amount = excluded.amount, currency = excluded.currency, worth_said = excluded.worth_said, ended_at = excluded.ended_at,
		end_said = excluded.end_said, next_at = excluded.next_at, renewal_said = excluded.renewal_said,
		months = excluded.months, months_said = excluded.months_said`)
	if err != nil {
		return fmt.Errorf("put behaviour: %w", err)
	}
	_, err = q.insert(ctx, `INSERT INTO behaviour_changes (key, id, what, at, amount, said)`, changes,
		`ON CONFLICT (key, id) DO UPDATE SET what = excluded.what, at = excluded.at, amount = excluded.amount, said = excluded.said`)
	if err != nil {
		return fmt.Errorf("put changes of behaviour: %w", err)
	}
	return nil
}

// behaviour reads what a query of behaviourColumns finds, without changes.
func (q session) behaviour(ctx context.Context, query string, args ...any) ([]behaviourRow, error) {
	found, err := collect(ctx, q, func(row scanner) (r behaviourRow, err error) {
		err = row.Scan(r.fields()...)
		return r, err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read behaviour: %w", err)
	}
	return found, nil
}

// behaviourChanges reads the changes of keys that a condition and an order choose.
func (q session) behaviourChanges(ctx context.Context, keys []string, rest string, args ...any) (map[string][]survey.BehaviourChange, error) {
	out := map[string][]survey.BehaviourChange{}
	if len(keys) == 0 {
		return out, nil
	}
	_, err := collect(ctx, q, func(row scanner) (none struct{}, err error) {
		var key string
		var c survey.BehaviourChange
		if err = row.Scan(&key, &c.ID, &c.What, moment{&c.At}, (*int64)(&c.Amount), moment{&c.AsOf}); err == nil {
			out[key] = append(out[key], c)
		}
		return none, err
	}, `SELECT key, id, what, at, amount, said FROM behaviour_changes WHERE key {any} `+rest, append([]any{q.list(keys)}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read changes of behaviour: %w", err)
	}
	return out, nil
}
