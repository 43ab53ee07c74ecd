package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// leadSubject is what the key of a lead is for, and where its sealed part stands.
func leadSubject(id string) string { return "lead/" + id }

// sourceLead names the leads among the items of the inbox.
const sourceLead = "referral"

// isLead tells of a row f of leads that its details are kept.
const isLead = `f.state IN ('new', 'created', 'existing', 'refused')`

// leadBody is what a lead's row seals, as JSON.
type leadBody struct {
	survey.Friend
	// Record is the CRM's own id of the contact that it made, or had.
	Record string `json:"record,omitempty"`
}

// TakeLead implements store.Referrals. What the store knows of the address decides what the
// form is; only of a lead a key is made and anything sealed.
func (s *Store) TakeLead(ctx context.Context, req store.TakeLeadRequest) (state survey.LeadState, err error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return "", err
	}
	address := hash.address(req.Friend.Email)
	if state, err = s.read().leadState(ctx, req, address); err != nil {
		return "", fmt.Errorf("take a lead: %w", err)
	}
	var sealed []byte
	if state == survey.LeadNew {
		if sealed, err = s.sealLead(ctx, req.ID, leadBody{Friend: storableFriend(req.Friend)}); err != nil {
			return "", err
		}
	}
	err = s.write(ctx, func(q session) error {
		state, err = q.takeLead(ctx, req, state, address, sealed)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("take a lead: %w", err)
	}
	return state, nil
}

// leadState says what a form is by what the store knows of its address, unless it came
// before: then what it was.
func (q session) leadState(ctx context.Context, req store.TakeLeadRequest, address any) (survey.LeadState, error) {
	var state survey.LeadState
	err := q.row(ctx, `SELECT state FROM leads WHERE id = ?`, req.ID).Scan(&state)
	if !errors.Is(err, sql.ErrNoRows) {
		return state, err
	}
	var own, known, before bool
	err = q.row(ctx, `SELECT EXISTS (SELECT 1 FROM contacts c WHERE c.key = k.contact_key AND c.address_hash = ?),
		EXISTS (SELECT 1 FROM contacts c WHERE c.address_hash = ?), EXISTS (SELECT 1 FROM leads f WHERE f.address_hash = ?)
		FROM asks k WHERE k.id = ?`, address, address, address, req.AskID).Scan(&own, &known, &before)
	switch {
	case err != nil:
		return "", missing(err, "ask", req.AskID)
	case own:
		return survey.LeadOwn, nil
	case before:
		return survey.LeadDuplicate, nil
	case known:
		return survey.LeadKnown, nil
	}
	return survey.LeadNew, nil
}

func (s *Store) sealLead(ctx context.Context, id string, body leadBody) ([]byte, error) {
	subject := leadSubject(id)
	keys, err := s.keys.ensure(ctx, []string{subject})
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(body)
	return keys[subject].seal(subject, plain), err
}

func storableFriend(f survey.Friend) survey.Friend {
	for _, text := range []*string{&f.FirstName, &f.LastName, &f.Email, &f.Company, &f.Message, &f.Locale, &f.Consent} {
		*text = storableText(*text)
	}
	return f
}

// takeLead keeps a form under the lock of its ask. Of two with the same address at the same
// moment the second is a duplicate.
func (q session) takeLead(ctx context.Context, req store.TakeLeadRequest, state survey.LeadState, address any, sealed []byte) (survey.LeadState, error) {
	var k store.Ask
	err := q.row(ctx, `SELECT `+askColumns+` FROM asks k WHERE k.id = ? {lock}`, req.AskID).Scan(askFields(&k)...)
	if err != nil {
		return "", missing(err, "ask", req.AskID)
	}
	var today int
	err = q.row(ctx, `SELECT COUNT(*) FROM leads WHERE ask_id = ? AND created_at > ? AND id <> ?`,
		req.AskID, req.At.Add(-24*time.Hour).UnixMilli(), req.ID).Scan(&today)
	if err != nil {
		return "", err
	}
	if today >= survey.MaxLeadsADay {
		return "", store.ErrTooManyLeads
	}
	if state != survey.LeadNew {
		return state, q.insertLead(ctx, req, k, state, nil, nil, `ON CONFLICT (id) DO NOTHING`)
	}
	if err := q.insertLead(ctx, req, k, state, address, sealed, `ON CONFLICT DO NOTHING`); err != nil {
		return "", err
	}
	// Where the address is another lead's by now, there is no row yet.
	if err := q.insertLead(ctx, req, k, survey.LeadDuplicate, nil, nil, `ON CONFLICT (id) DO NOTHING`); err != nil {
		return "", err
	}
	if err := q.row(ctx, `SELECT state FROM leads WHERE id = ?`, req.ID).Scan(&state); err != nil || state != survey.LeadNew {
		return state, err
	}
	if _, err := q.exec(ctx, `UPDATE asks SET state = ? WHERE id = ? AND state <> ?`, survey.AskReferred, k.ID, survey.AskConverted); err != nil {
		return "", err
	}
	_, err = q.exec(ctx, `INSERT INTO inbox (topic, lane, source, key, due_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		store.TopicLead, crmOf(k.ContactKey), sourceLead, req.ID, req.At.UnixMilli())
	return state, err
}

func (q session) insertLead(ctx context.Context, req store.TakeLeadRequest, k store.Ask, state survey.LeadState, address any, sealed []byte, tail string) error {
	var body any
	if sealed != nil {
		body = sealed
	}
	row := []any{req.ID, k.ID, k.Program, k.Version, crmOf(k.ContactKey), k.ContactKey, k.AccountKey, string(state), address, body, req.At.UnixMilli()}
	_, err := q.insert(ctx, `INSERT INTO leads (id, ask_id, program, version, crm, contact_key, account_key, state, address_hash, sealed, created_at)`,
		[][]any{row}, tail)
	return err
}

const leadColumns = `f.id, f.ask_id, f.program, f.version, f.crm, f.contact_key, f.account_key, f.state, f.reason,
	f.created_at, f.taken_at, f.thanks, f.thanked_at`

func leadFields(l *store.Lead) []any {
	return []any{
		&l.ID, &l.AskID, &l.Program, &l.Version, &l.CRM, &l.ContactKey, &l.AccountKey, &l.State, &l.Reason,
		moment{&l.CreatedAt}, moment{&l.TakenAt}, &l.Thanks, moment{&l.ThankedAt},
	}
}

// stepLeads names BeginLeads' entry in batch_results.
const stepLeads = "leads"

// BeginLeads implements store.Referrals.
func (s *Store) BeginLeads(ctx context.Context, batch string, now time.Time, signals func(store.ReferralCounts) map[string]string) (store.LeadsBegun, error) {
	var out store.LeadsBegun
	err := s.write(ctx, func(q session) error {
		return q.onceFor(ctx, batch, stepLeads, now, &out, func() error {
			items, err := q.batchItems(ctx, batch)
			if err != nil {
				return err
			}
			ids := make([]string, len(items))
			for i, item := range items {
				ids[i] = item.Key
			}
			promoters, err := collect(ctx, q, scanOne[string], `SELECT DISTINCT contact_key FROM leads WHERE id {any} ORDER BY contact_key`, q.list(ids))
			if err != nil {
				return err
			}
			if out.Leads, err = q.exec(ctx, `UPDATE leads SET batch = ? WHERE id {any} AND batch = ''`, batch, q.list(ids)); err != nil {
				return err
			}
			if out.CRMs, err = q.setReferralSignals(ctx, promoters, now, signals); err != nil {
				return err
			}
			return q.finishItems(ctx, batch, now)
		})
	})
	if err != nil {
		return store.LeadsBegun{}, fmt.Errorf("begin leads of batch %s: %w", batch, err)
	}
	return out, nil
}

// setReferralSignals counts what promoters brought and returns the CRMs that have
// something to be pushed of it.
func (q session) setReferralSignals(ctx context.Context, promoters []string, now time.Time, signals func(store.ReferralCounts) map[string]string) ([]string, error) {
	var values []signal
	for _, promoter := range promoters {
		var n store.ReferralCounts
		err := q.row(ctx, `SELECT (SELECT COUNT(*) FROM leads f WHERE f.contact_key = ? AND `+isLead+`),
			(SELECT COUNT(*) FROM conversions v WHERE v.contact_key = ?)`, promoter, promoter).Scan(&n.Referred, &n.Won)
		if err != nil {
			return nil, fmt.Errorf("count referrals: %w", err)
		}
		values = append(values, signalsOf(survey.ObjectContact, promoter, signals(n), now)...)
	}
	return q.setSignals(ctx, values)
}

// NewLeads implements store.Referrals.
func (s *Store) NewLeads(ctx context.Context, batch string) ([]store.LeadDetail, error) {
	q := s.read()
	found, err := q.leadRows(ctx, `WHERE f.batch = ? AND f.state = 'new' ORDER BY f.created_at, f.id`, batch)
	if err != nil {
		return nil, fmt.Errorf("leads of batch %s: %w", batch, err)
	}
	out := make([]store.LeadDetail, len(found))
	for i, l := range found {
		out[i] = store.LeadDetail{Lead: l.lead, Friend: l.body.Friend, Promoter: l.promoter.Contact}
	}
	return out, nil
}

// leadRow is a lead with its promoter.
type leadRow struct {
	lead     store.Lead
	body     leadBody
	sealed   []byte
	promoter person
	company  company
	// leftProgram, lastThanked and begun are for the decision about thanks.
	leftProgram bool
	lastThanked time.Time
	begun       bool
}

var selectLeads = `SELECT ` + leadColumns + `, f.sealed, ` + hasLeftProgram("f.program") + `,
	(SELECT MAX(o.thanked_at) FROM leads o WHERE o.contact_key = f.contact_key AND o.id <> f.id),
	EXISTS (SELECT 1 FROM effects e WHERE e.key = 'mail/referred/' || f.id), ` + contactColumns + `, ` + accountColumns + `
	FROM leads f
	LEFT JOIN contacts c ON c.key = f.contact_key
	LEFT JOIN accounts a ON a.key = f.account_key `

// leadRows reads what a query of selectLeads finds.
func (q session) leadRows(ctx context.Context, where string, args ...any) ([]*leadRow, error) {
	found, err := collect(ctx, q, func(row scanner) (*leadRow, error) {
		var l leadRow
		fields := append(leadFields(&l.lead), &l.sealed, &l.leftProgram, moment{&l.lastThanked}, &l.begun)
		err := row.Scan(slices.Concat(fields, l.promoter.columns(), l.company.columns())...)
		return &l, err
	}, selectLeads+where, args...)
	if err != nil {
		return nil, err
	}
	var parts []sealedPart
	for _, l := range found {
		subject := leadSubject(l.lead.ID)
		parts = append(parts, l.promoter.part(), l.company.part(),
			sealedPart{subject, subject, l.sealed, func(plain []byte) error { return json.Unmarshal(plain, &l.body) }})
	}
	return found, q.open(ctx, parts)
}

// LeadTaken implements store.Referrals. The CRM's own id is sealed with the rest, and kept
// as a reference besides.
func (s *Store) LeadTaken(ctx context.Context, outcome store.LeadOutcome, at time.Time) error {
	hash, err := s.hasher(ctx)
	if err != nil {
		return err
	}
	found, err := s.read().leadRows(ctx, `WHERE f.id = ?`, outcome.ID)
	l, err := single(found, err, "lead", outcome.ID)
	if err != nil {
		return err
	}
	var record string
	sealed := l.sealed
	if outcome.Record != "" {
		record, l.body.Record = hash.reference(survey.RecordKey(l.lead.CRM, outcome.Record)), outcome.Record
		if sealed, err = s.sealLead(ctx, outcome.ID, l.body); err != nil {
			return err
		}
	}
	err = s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `UPDATE leads SET state = ?, reason = ?, record_key = ?, sealed = ?, taken_at = ? WHERE id = ? AND state = 'new'`,
			outcome.State, outcome.Reason, record, sealed, at.UnixMilli(), outcome.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("note lead %s: %w", outcome.ID, err)
	}
	return nil
}

// RefusedLeads implements store.Referrals.
func (s *Store) RefusedLeads(ctx context.Context, limit int) ([]store.Lead, error) {
	return collect(ctx, s.read(), func(row scanner) (l store.Lead, err error) {
		err = row.Scan(leadFields(&l)...)
		return l, err
	}, `SELECT `+leadColumns+` FROM leads f WHERE f.state = 'refused' ORDER BY f.created_at, f.id LIMIT ?`, limit)
}

// RetryLead implements store.Referrals.
func (s *Store) RetryLead(ctx context.Context, id, batch string) (again store.LeadBatch, err error) {
	err = s.write(ctx, func(q session) error {
		n, err := q.exec(ctx, `UPDATE leads SET state = 'new', reason = '', batch = ?, taken_at = NULL WHERE id = ? AND state = 'refused'`, batch, id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		again.Batch = batch
		return q.row(ctx, `SELECT crm FROM leads WHERE id = ?`, id).Scan(&again.CRM)
	})
	if err != nil {
		return store.LeadBatch{}, fmt.Errorf("send lead %s again: %w", id, err)
	}
	return again, nil
}
