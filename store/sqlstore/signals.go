package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// signal is a value for a CRM record, which is known by its reference.
type signal struct {
	crm, objectType, record, name, value string
	// asOf is the age of what the value tells: an older one does not replace it.
	asOf time.Time
}

func signalsOf(objectType, reference string, values map[string]string, asOf time.Time) []signal {
	out := make([]signal, 0, len(values))
	for name, value := range values {
		out = append(out, signal{crmOf(reference), objectType, reference, name, value, asOf})
	}
	return out
}

func (s signal) compareRecord(o signal) int {
	return slices.Compare(
		[]string{s.crm, s.objectType, s.record, s.name},
		[]string{o.crm, o.objectType, o.record, o.name})
}

// setSignals sets values, in order of their records, and returns the CRMs that
// now have something to be pushed of it, sorted.
func (q session) setSignals(ctx context.Context, values []signal) ([]string, error) {
	slices.SortStableFunc(values, func(a, b signal) int {
		if c := a.compareRecord(b); c != 0 {
			return c
		}
		return b.asOf.Compare(a.asOf)
	})
	values = slices.CompactFunc(values, func(a, b signal) bool { return a.compareRecord(b) == 0 })
	rows := make([][]any, 0, len(values))
	for _, v := range values {
		rows = append(rows, []any{v.crm, v.objectType, v.record, v.name, v.value, v.asOf.UnixMilli()})
	}
	type set struct {
		crm   string
		dirty bool
	}
	done, err := insertReturning(ctx, q, `INSERT INTO signals (crm, object_type, record, name, value, as_of)`, rows,
		`ON CONFLICT (crm, object_type, record, name) DO UPDATE SET value = excluded.value, as_of = excluded.as_of,
			refused = CASE WHEN signals.value = excluded.value THEN signals.refused END
		WHERE signals.as_of <= excluded.as_of
		RETURNING crm, dirty_in IS NOT NULL`, func(row scanner) (s set, err error) {
			err = row.Scan(&s.crm, &s.dirty)
			return s, err
		})
	if err != nil {
		return nil, fmt.Errorf("set signals: %w", err)
	}
	var crms []string
	for _, s := range done {
		if s.dirty {
			crms = append(crms, s.crm)
		}
	}
	return sortedUnique(crms), nil
}

// responseSignals are the values that a batch's changed responses put on their
// contacts and accounts.
func (q session) responseSignals(ctx context.Context, all []*decided, req store.RecordRequest) ([]signal, error) {
	var out []signal
	var accounts []string
	for _, d := range all {
		if !d.changed || d.ContactKey == "" {
			continue
		}
		if d.State == survey.Withdrawn {
			values, err := q.signalsWithout(ctx, d, req)
			if err != nil {
				return nil, err
			}
			out = append(out, signalsOf(survey.ObjectContact, d.ContactKey, values, req.Now)...)
		} else {
			out = append(out, signalsOf(survey.ObjectContact, d.ContactKey, req.ContactSignals(d.Response), d.AnsweredAt)...)
		}
		if d.AccountKey != "" && slices.Contains(npsBands, d.Band) {
			accounts = append(accounts, d.AccountKey)
		}
	}
	counts, err := q.accountCounts(ctx, sortedUnique(accounts))
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		out = append(out, signalsOf(survey.ObjectAccount, c.key, req.AccountSignals(c.AccountCounts), req.Now)...)
	}
	return out, nil
}

// signalsWithout are the values that a contact has without a response that was
// withdrawn: those of the latest one of the same metric that counts, or empty ones.
func (q session) signalsWithout(ctx context.Context, d *decided, req store.RecordRequest) (map[string]string, error) {
	bands := []survey.Band{}
	for _, of := range [][]survey.Band{npsBands, {survey.Dissatisfied, survey.Satisfied}, {survey.Hard, survey.Easy}} {
		if slices.Contains(of, d.Band) {
			bands = of
		}
	}
	found, err := q.responses(ctx, `SELECT `+responseColumns+` FROM responses r
		WHERE r.contact_key = ? AND r.recorded > 0 AND r.state <> 'withdrawn' AND (r.program = ? OR r.band {any})
		ORDER BY r.answered_at DESC, r.id DESC LIMIT 1`, d.ContactKey, d.Program, q.list(bandNames(bands)))
	if err != nil {
		return nil, fmt.Errorf("latest response of a contact: %w", err)
	}
	if len(found) > 0 {
		found[0].Version = d.Version // of the same metric, and known to the request
		return req.ContactSignals(found[0]), nil
	}
	values := req.ContactSignals(d.Response)
	for name := range values {
		values[name] = ""
	}
	return values, nil
}

// npsBands are the bands that only responses to NPS programs have.
var npsBands = []survey.Band{survey.Detractor, survey.Passive, survey.Promoter}

// auditBands are the bands that only audits have.
var auditBands = []survey.Band{survey.Failed, survey.Weak, survey.Passed}

type accountCount struct {
	key string
	store.AccountCounts
}

// accountCounts counts the recorded NPS responses of accounts, of each contact
// the latest alone.
func (q session) accountCounts(ctx context.Context, keys []string) ([]accountCount, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	counts, err := collect(ctx, q, func(row scanner) (c accountCount, err error) {
		err = row.Scan(&c.key, &c.N, &c.Promoters, &c.Detractors)
		return c, err
	}, `SELECT account_key, COUNT(*), COUNT(CASE WHEN band = ? THEN 1 END), COUNT(CASE WHEN band = ? THEN 1 END) FROM (
			SELECT account_key, band,
				ROW_NUMBER() OVER (PARTITION BY account_key, contact_key ORDER BY answered_at DESC, id DESC) AS place
			FROM responses WHERE account_key {any} AND recorded > 0 AND state <> 'withdrawn' AND band {any}) latest
		WHERE place = 1 GROUP BY account_key`,
		survey.Promoter, survey.Detractor, q.list(keys), q.list(bandNames(npsBands)))
	if err != nil {
		return nil, fmt.Errorf("count responses of accounts: %w", err)
	}
	return counts, nil
}

func bandNames(bands []survey.Band) []string {
	names := make([]string, 0, len(bands))
	for _, b := range bands {
		names = append(names, string(b))
	}
	return names
}

// openCaseSignals count the open cases that contacts have responses in, and those
// of accounts. An auditor has none: the case is the account's alone.
func (q session) openCaseSignals(ctx context.Context, contacts, accounts []string, now time.Time) ([]signal, error) {
	ofContacts, err := q.countByKey(ctx, contacts, `
		SELECT r.contact_key, COUNT(DISTINCT c.id) FROM responses r
		JOIN case_responses l ON l.response_id = r.id
		JOIN cases c ON c.id = l.case_id AND c.ended_at IS NULL
		WHERE r.contact_key {any} AND NOT r.band {any} GROUP BY r.contact_key`, q.list(bandNames(auditBands)))
	if err != nil {
		return nil, err
	}
	accounts = slices.DeleteFunc(slices.Clone(accounts), func(key string) bool { return key == "" })
	ofAccounts, err := q.countByKey(ctx, accounts, `
		SELECT account_key, COUNT(*) FROM cases WHERE account_key {any} AND account_key <> '' AND ended_at IS NULL
		GROUP BY account_key`)
	if err != nil {
		return nil, err
	}
	var out []signal
	add := func(objectType string, keys []string, counts map[string]int) {
		for _, key := range keys {
			value := map[string]string{survey.SignalOpenCases: strconv.Itoa(counts[key])}
			out = append(out, signalsOf(objectType, key, value, now)...)
		}
	}
	add(survey.ObjectContact, contacts, ofContacts)
	add(survey.ObjectAccount, accounts, ofAccounts)
	return out, nil
}

func (q session) countByKey(ctx context.Context, keys []string, query string, more ...any) (map[string]int, error) {
	type count struct {
		key string
		n   int
	}
	if len(keys) == 0 {
		return nil, nil
	}
	counts, err := collect(ctx, q, func(row scanner) (c count, err error) {
		err = row.Scan(&c.key, &c.n)
		return c, err
	}, query, append([]any{q.list(keys)}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("count open cases: %w", err)
	}
	out := make(map[string]int, len(counts))
	for _, c := range counts {
		out[c.key] = c.n
	}
	return out, nil
}

// The first records with changed values, and these. They are two statements, because in one
// PostgreSQL looks for each value among the records, seconds for a hundred of them, as long as
// it has not analysed what was just written.
const (
	dirtyRecords = `SELECT DISTINCT object_type, record FROM signals WHERE dirty_in = ? ORDER BY object_type, record LIMIT ?`
	dirtyValues  = `SELECT object_type, record, name, value FROM signals WHERE dirty_in = ? AND object_type = ? AND record {any} ORDER BY record, name`
)

func scanSignal(row scanner) (s signal, err error) {
	err = row.Scan(&s.objectType, &s.record, &s.name, &s.value)
	return s, err
}

// DirtySignals implements store.Signals.
func (s *Store) DirtySignals(ctx context.Context, crm string, limit int) ([]store.SignalRow, error) {
	q := s.read()
	first, err := collect(ctx, q, func(row scanner) (s signal, err error) {
		err = row.Scan(&s.objectType, &s.record)
		return s, err
	}, dirtyRecords, crm, limit)
	if err != nil {
		return nil, fmt.Errorf("look for signals of %s: %w", crm, err)
	}
	if len(first) == 0 {
		return nil, nil
	}
	var records []string
	for _, f := range first {
		if f.objectType == first[0].objectType {
			records = append(records, f.record)
		}
	}
	values, err := collect(ctx, q, scanSignal, dirtyValues, crm, first[0].objectType, q.list(records))
	if err != nil {
		return nil, fmt.Errorf("read signals of %s: %w", crm, err)
	}
	if len(values) == 0 {
		return nil, nil
	}
	ids, err := q.recordIDs(ctx, values)
	if err != nil {
		return nil, fmt.Errorf("read records of %s: %w", crm, err)
	}
	var rows []store.SignalRow
	for i, v := range values {
		if i == 0 || values[i-1].record != v.record {
			if ids[v.record] == "" {
				return nil, fmt.Errorf("signals of %s %s, which is not there", v.objectType, v.record)
			}
			rows = append(rows, store.SignalRow{ObjectType: v.objectType, Record: v.record, ObjectID: ids[v.record], Values: map[string]string{}})
		}
		rows[len(rows)-1].Values[v.name] = v.value
	}
	return rows, nil
}

// recordIDs finds the CRM's own ids of the records of signals, which are of one type.
func (q session) recordIDs(ctx context.Context, of []signal) (map[string]string, error) {
	references := make([]string, len(of))
	for i, v := range of {
		references[i] = v.record
	}
	references = slices.Compact(references)
	ids := make(map[string]string, len(references))
	if of[0].objectType == survey.ObjectContact {
		found, err := q.people(ctx, references, "")
		for reference, p := range found {
			ids[reference] = p.ID
		}
		return ids, err
	}
	found, err := q.accounts(ctx, references)
	for reference, a := range found {
		ids[reference] = a.ID
	}
	return ids, err
}

// SignalsPushed implements store.Signals.
func (s *Store) SignalsPushed(ctx context.Context, crm string, rows []store.SignalRow, at time.Time) error {
	outcome := func(value string) []any { return []any{value, at.UnixMilli(), nil, nil, nil} }
	return s.noteSignals(ctx, crm, rows, outcome, `pushed = excluded.pushed, pushed_at = excluded.pushed_at,
		refused = NULL, refused_at = NULL, reason = NULL`)
}

// SignalsRefused implements store.Signals.
func (s *Store) SignalsRefused(ctx context.Context, crm string, rows []store.SignalRow, reason string, at time.Time) error {
	outcome := func(value string) []any { return []any{nil, nil, value, at.UnixMilli(), reason} }
	return s.noteSignals(ctx, crm, rows, outcome, `refused = excluded.refused, refused_at = excluded.refused_at, reason = excluded.reason`)
}

func pushedRows(crm string, rows []store.SignalRow, outcome func(value string) []any) [][]any {
	var signals []signal
	for _, row := range rows {
		for name, value := range row.Values {
			signals = append(signals, signal{crm: crm, objectType: row.ObjectType, record: row.Record, name: name, value: value})
		}
	}
	slices.SortFunc(signals, signal.compareRecord)
	signals = slices.CompactFunc(signals, func(a, b signal) bool { return a.compareRecord(b) == 0 })
	out := make([][]any, 0, len(signals))
	for _, s := range signals {
		out = append(out, append([]any{s.crm, s.objectType, s.record, s.name, s.value, 0}, outcome(s.value)...))
	}
	return out
}

func (s *Store) noteSignals(ctx context.Context, crm string, rows []store.SignalRow, outcome func(value string) []any, set string) error {
	values := pushedRows(crm, rows, outcome)
	err := s.write(ctx, func(q session) error {
		_, err := q.insert(ctx, `INSERT INTO signals (crm, object_type, record, name, value, as_of,
			pushed, pushed_at, refused, refused_at, reason)`, values,
			`ON CONFLICT (crm, object_type, record, name) DO UPDATE SET `+set)
		return err
	})
	if err != nil {
		return fmt.Errorf("note signals: %w", err)
	}
	return nil
}
