package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// customers are a page of a snapshot while it is filled.
type customers struct {
	session
	keys  any // the parameter of {any}
	until int64
	byKey map[string]*store.CustomerHistory
}

// Snapshot implements store.Behaviour. It makes the same few queries for every page.
func (s *Store) Snapshot(ctx context.Context, page store.SnapshotPage) ([]store.CustomerHistory, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return nil, err
	}
	reads, ok := map[string]snapshotReads{survey.ObjectContact: ofContacts, survey.ObjectAccount: ofAccounts}[page.Of]
	if !ok {
		return nil, fmt.Errorf("snapshot of %q: want %s or %s", page.Of, survey.ObjectContact, survey.ObjectAccount)
	}
	q := s.read()
	statement, args := reads.customers, []any{hash.reference(page.After), page.Limit}
	if page.Keys != nil {
		statement, args = reads.chosen, []any{q.list(hash.references(page.Keys))}
	}
	out, err := collect(ctx, q, func(row scanner) (c store.CustomerHistory, err error) {
		err = row.Scan(&c.Key, &c.CRM, &c.AccountKey)
		return c, err
	}, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("snapshot: read %ss: %w", page.Of, err)
	}
	keys := make([]string, len(out))
	filled := customers{session: q, until: page.Until.UnixMilli(), byKey: make(map[string]*store.CustomerHistory, len(out))}
	for i := range out {
		keys[i] = out[i].Key
		filled.byKey[out[i].Key] = &out[i]
	}
	filled.keys = q.list(keys)
	if err := filled.fill(ctx, reads); err != nil {
		return nil, fmt.Errorf("snapshot of %ss: %w", page.Of, err)
	}
	return out, nil
}

// snapshotReads are the statements of a snapshot. All but the first two begin with the key of
// the customer, and take the keys and the moment.
type snapshotReads struct {
	customers, chosen, behaviour, invitations, answers, cases string
}

const (
	pastInvitation = `i.contact_key, i.program, i.kind, i.asked_at, r.answered_at FROM invitations i
		LEFT JOIN responses r ON r.invitation_id = i.id AND r.recorded > 0 AND r.state <> 'withdrawn' AND r.answered_at < ?`
	reachedBefore = `i.asked_at < ? AND i.state NOT IN ('suppressed', 'cancelled', 'bounced') AND i.state <> 'admitted' AND NOT i.audit`

	pastAnswer = `r.contact_key, r.id, r.program, r.version, i.kind, r.score, r.band, r.answered_at, r.reading FROM responses r
		JOIN invitations i ON i.id = r.invitation_id`
	countsBefore = `r.answered_at < ? AND r.recorded > 0 AND r.state <> 'withdrawn' AND NOT i.audit`

	pastCase = `c.id, c.program, c.opened_at, c.acked_at, c.ended_at, c.state, c.progress FROM `
)

// ofContacts finds a contact's cases by its answers that are in them.
var ofContacts = snapshotReads{
	customers: `SELECT key, crm, account_key FROM contacts WHERE key > ? ORDER BY key LIMIT ?`,
	chosen:    `SELECT key, crm, account_key FROM contacts WHERE key {any} ORDER BY key`,
	behaviour: `SELECT b.contact_key, ` + behaviourColumns + ` FROM behaviour b WHERE b.contact_key {any} AND b.started_at < ?
		ORDER BY b.started_at, b.key`,
	invitations: `SELECT i.contact_key, ` + pastInvitation + ` WHERE i.contact_key {any} AND ` + reachedBefore + ` ORDER BY i.asked_at, i.id`,
	answers:     `SELECT r.contact_key, ` + pastAnswer + ` WHERE r.contact_key {any} AND ` + countsBefore + ` ORDER BY r.answered_at, r.id`,
	cases: `SELECT linked.contact_key, ` + pastCase + ` (SELECT DISTINCT r.contact_key, m.case_id FROM responses r
			JOIN case_responses m ON m.response_id = r.id WHERE r.contact_key {any}) linked
		JOIN cases c ON c.id = linked.case_id WHERE c.opened_at < ? ORDER BY c.opened_at, c.id`,
}

// ofAccounts finds what no source told the account of by its contact.
var ofAccounts = snapshotReads{
	customers: `SELECT key, crm, '' FROM accounts WHERE key > ? ORDER BY key LIMIT ?`,
	chosen:    `SELECT key, crm, '' FROM accounts WHERE key {any} ORDER BY key`,
	behaviour: `SELECT b.account_key, ` + behaviourColumns + ` FROM behaviour b WHERE b.account_key {any} AND b.started_at < ?
		UNION ALL SELECT p.account_key, ` + behaviourColumns + ` FROM contacts p JOIN behaviour b ON b.contact_key = p.key
			WHERE p.account_key {any} AND p.account_key <> '' AND b.account_key = '' AND b.started_at < ?
		ORDER BY 10, 2`,
	invitations: `SELECT i.account_key, ` + pastInvitation + ` WHERE i.account_key {any} AND ` + reachedBefore + ` ORDER BY i.asked_at, i.id`,
	answers:     `SELECT r.account_key, ` + pastAnswer + ` WHERE r.account_key {any} AND ` + countsBefore + ` ORDER BY r.answered_at, r.id`,
	cases: `SELECT c.account_key, ` + pastCase + ` cases c WHERE c.account_key {any} AND c.account_key <> '' AND c.ended_at IS NULL AND c.opened_at < ?
		UNION ALL SELECT c.account_key, ` + pastCase + ` cases c WHERE c.account_key {any} AND c.account_key <> '' AND c.ended_at IS NOT NULL AND c.opened_at < ?
		ORDER BY 4, 2`,
}

func (c customers) fill(ctx context.Context, reads snapshotReads) error {
	if len(c.byKey) == 0 {
		return nil
	}
	metrics, err := c.metrics(ctx)
	if err != nil {
		return err
	}
	if err := c.behaviours(ctx, reads.behaviour); err != nil {
		return err
	}
	if err := c.invitations(ctx, reads.invitations); err != nil {
		return err
	}
	if err := c.answers(ctx, reads.answers, metrics); err != nil {
		return err
	}
	return c.cases(ctx, reads.cases)
}

// each runs a statement for all customers: scan reads a row behind the customer's key,
// and returns what adds it.
func (c customers) each(ctx context.Context, statement string, scan func(row scanner, key *string) (func(*store.CustomerHistory), error), args ...any) error {
	_, err := collect(ctx, c.session, func(row scanner) (none struct{}, err error) {
		var key string
		add, err := scan(row, &key)
		if err == nil && c.byKey[key] != nil {
			add(c.byKey[key])
		}
		return none, err
	}, statement, args...)
	return err
}

// withKeys are the arguments of a statement that names the customers n times, each time
// with the moment behind them.
func (c customers) withKeys(statement string) []any {
	var args []any
	for range strings.Count(statement, "{any}") {
		args = append(args, c.keys, c.until)
	}
	return args
}

func (c customers) behaviours(ctx context.Context, statement string) error {
	type owned struct {
		customer string
		behaviourRow
	}
	found, err := collect(ctx, c.session, func(row scanner) (o owned, err error) {
		err = row.Scan(append([]any{&o.customer}, o.fields()...)...)
		return o, err
	}, statement, c.withKeys(statement)...)
	if err != nil {
		return fmt.Errorf("read behaviour: %w", err)
	}
	var keys []string
	for _, o := range found {
		if o.Kind != survey.TicketKind {
			keys = append(keys, o.key)
		}
	}
	changes, err := c.behaviourChanges(ctx, keys, `AND at < ? ORDER BY at, id`, c.until)
	if err != nil {
		return err
	}
	for _, o := range found {
		if history := c.byKey[o.customer]; history != nil {
			o.Changes = changes[o.key]
			o.addTo(history, time.UnixMilli(c.until))
		}
	}
	return nil
}

// addTo adds what a row tells to its customer's history before a moment.
func (r behaviourRow) addTo(h *store.CustomerHistory, until time.Time) {
	var worth *survey.Worth
	if !r.Worth.AsOf.IsZero() {
		worth = &r.Worth.Value
	}
	ended := r.End.Value
	if !ended.Before(until) && r.Kind != survey.SubscriptionKind {
		ended = time.Time{}
	}
	switch r.Kind {
	case survey.PurchaseKind:
		p := survey.Purchase{
			ContactKey: r.Contact.Value, AccountKey: r.Account.Value, Source: r.Source, At: r.Start.Value.At, Worth: worth, CancelledAt: ended,
		}
		for _, c := range r.Changes {
			p.Refunds = append(p.Refunds, survey.Refund{At: c.At, Amount: c.Amount})
		}
		h.Purchases = append(h.Purchases, p)
	case survey.SubscriptionKind:
		s := survey.Subscription{
			ContactKey: r.Contact.Value, AccountKey: r.Account.Value, Source: r.Source, StartedAt: r.Start.Value.At, Worth: worth,
			Months: r.Months.Value, RenewsAt: r.RenewsAt.Value, EndsAt: ended,
		}
		for _, c := range r.Changes {
			s.Renewals = append(s.Renewals, c.At)
		}
		h.Subscriptions = append(h.Subscriptions, s)
	case survey.TicketKind:
		h.Tickets = append(h.Tickets, survey.Ticket{
			ContactKey: r.Contact.Value, AccountKey: r.Account.Value, Source: r.Source, OpenedAt: r.Start.Value.At, ClosedAt: ended,
		})
	}
}

func (c customers) invitations(ctx context.Context, statement string) error {
	err := c.each(ctx, statement, func(row scanner, key *string) (func(*store.CustomerHistory), error) {
		var i store.PastInvitation
		err := row.Scan(key, &i.ContactKey, &i.Program, &i.Kind, moment{&i.AskedAt}, moment{&i.AnsweredAt})
		return func(h *store.CustomerHistory) { h.Invitations = append(h.Invitations, i) }, err
	}, c.until, c.keys, c.until)
	if err != nil {
		return fmt.Errorf("read invitations: %w", err)
	}
	return nil
}

func (c customers) answers(ctx context.Context, statement string, metrics map[[2]string]survey.Metric) error {
	err := c.each(ctx, statement, func(row scanner, key *string) (func(*store.CustomerHistory), error) {
		var a store.PastAnswer
		var said survey.Reading
		err := row.Scan(key, &a.ContactKey, &a.ID, &a.Program, &a.Version, &a.Kind, &a.Score, &a.Band, moment{&a.At}, reading{&said})
		if said.Read() {
			a.Sentiment = &said.Sentiment
		}
		a.Metric = metrics[[2]string{a.Program, a.Version}]
		return func(h *store.CustomerHistory) { h.Answers = append(h.Answers, a) }, err
	}, c.keys, c.until)
	if err != nil {
		return fmt.Errorf("read answers: %w", err)
	}
	return nil
}

func (c customers) cases(ctx context.Context, statement string) error {
	until := time.UnixMilli(c.until)
	// before is a moment as it was known at the snapshot.
	before := func(t time.Time) time.Time {
		if !t.Before(until) {
			return time.Time{}
		}
		return t
	}
	err := c.each(ctx, statement, func(row scanner, key *string) (func(*store.CustomerHistory), error) {
		var k store.PastCase
		var progress survey.CaseProgress
		err := row.Scan(key, &k.ID, &k.Program, moment{&k.OpenedAt}, moment{&k.AcknowledgedAt}, moment{&k.EndedAt}, &k.State, asJSON{&progress})
		k.AcknowledgedAt, k.ContactedAt, k.EndedAt = before(k.AcknowledgedAt), before(progress.ContactedAt), before(k.EndedAt)
		if k.EndedAt.IsZero() {
			k.State = survey.CaseOpen
		}
		return func(h *store.CustomerHistory) { h.Cases = append(h.Cases, k) }, err
	}, c.withKeys(statement)...)
	if err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	return nil
}

// metrics are those of the versions of programs that ran.
func (q session) metrics(ctx context.Context) (map[[2]string]survey.Metric, error) {
	out := map[[2]string]survey.Metric{}
	_, err := collect(ctx, q, func(row scanner) (none struct{}, err error) {
		var id, version, body string
		if err = row.Scan(&id, &version, &body); err != nil {
			return none, err
		}
		var p struct{ Metric survey.Metric }
		err = json.Unmarshal([]byte(body), &p)
		out[[2]string{id, version}] = p.Metric
		return none, err
	}, `SELECT id, version, body FROM programs`)
	if err != nil {
		return nil, fmt.Errorf("read the metrics of programs: %w", err)
	}
	return out, nil
}
