package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
)

const recordColumns = `case_id, crm, kind, id, state, priority, owner_id, round, told, noted, tried_at`

func scanRecord(row scanner) (r store.CaseRecord, err error) {
	err = row.Scan(&r.Case, &r.CRM, &r.Kind, &r.ID, &r.State, &r.Priority, &r.OwnerID, &r.Round, &r.Told, &r.Noted, moment{&r.TriedAt})
	return r, err
}

// Filing implements store.CaseRecords.
func (s *Store) Filing(ctx context.Context, caseID string, noted []string) (f store.Filing, err error) {
	f.Record, err = s.CaseRecord(ctx, caseID)
	f.Begun = err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Filing{}, err
	}
	q := s.read()
	err = q.row(ctx, `SELECT EXISTS (SELECT 1 FROM case_events WHERE case_id = ? AND id > ? AND what {any})`,
		caseID, f.Record.Noted, q.list(noted)).Scan(&f.Unnoted)
	return f, err
}

// CaseRecord implements store.CaseRecords.
func (s *Store) CaseRecord(ctx context.Context, caseID string) (store.CaseRecord, error) {
	r, err := scanRecord(s.read().row(ctx, `SELECT `+recordColumns+` FROM case_records WHERE case_id = ?`, caseID))
	return r, missing(err, "record of case", caseID)
}

// SaveCaseRecord implements store.CaseRecords.
func (s *Store) SaveCaseRecord(ctx context.Context, r store.CaseRecord) error {
	err := s.write(ctx, func(q session) error {
		_, err := q.insert(ctx, `INSERT INTO case_records (`+recordColumns+`)`, [][]any{{
			r.Case, r.CRM, string(r.Kind), r.ID, string(r.State), string(r.Priority), r.OwnerID, r.Round, r.Told, r.Noted, r.TriedAt.UnixMilli(),
		}}, `ON CONFLICT (case_id) DO UPDATE SET kind = excluded.kind, id = excluded.id, state = excluded.state, priority = excluded.priority,
			owner_id = excluded.owner_id, round = excluded.round, told = excluded.told, noted = excluded.noted, tried_at = excluded.tried_at`)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the record of case %s: %w", r.Case, err)
	}
	return nil
}

// isOpenRecord is written so that it finds its index.
const isOpenRecord = `r.state = 'open' AND r.id <> ''`

// OpenRecords implements store.CaseRecords.
func (s *Store) OpenRecords(ctx context.Context, crm, after string, limit int) ([]store.CaseRecord, error) {
	found, err := collect(ctx, s.read(), scanRecord, `SELECT r.case_id, r.crm, r.kind, r.id, r.state, r.priority, r.owner_id, r.round, r.told, r.noted, r.tried_at
		FROM case_records r JOIN cases c ON c.id = r.case_id
		WHERE r.crm = ? AND r.case_id > ? AND `+isOpenRecord+` AND c.ended_at IS NULL ORDER BY r.case_id LIMIT ?`, crm, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read open records of crm %s: %w", crm, err)
	}
	return found, nil
}

// WatchedCRMs implements store.CaseRecords.
func (s *Store) WatchedCRMs(ctx context.Context) ([]string, error) {
	crms, err := collect(ctx, s.read(), scanOne[string], `SELECT DISTINCT r.crm FROM case_records r JOIN cases c ON c.id = r.case_id
		WHERE `+isOpenRecord+` AND c.ended_at IS NULL ORDER BY r.crm`)
	if err != nil {
		return nil, fmt.Errorf("look for CRMs with open records: %w", err)
	}
	return crms, nil
}

// RecordsOf implements store.CaseRecords.
func (s *Store) RecordsOf(ctx context.Context, crm string, records, cases []string) ([]store.CaseRecord, error) {
	q := s.read()
	found, err := collect(ctx, q, scanRecord, `SELECT `+recordColumns+` FROM case_records WHERE crm = ? AND id {any} AND id <> ''
		UNION SELECT `+recordColumns+` FROM case_records WHERE crm = ? AND case_id {any} ORDER BY case_id`,
		crm, q.list(records), crm, q.list(cases))
	if err != nil {
		return nil, fmt.Errorf("read records of crm %s: %w", crm, err)
	}
	return found, nil
}

// unfiledCases are those of which a CRM was begun to be told before a moment, and was not
// to the end. After a week nobody tries any more.
func (q session) unfiledCases(ctx context.Context, since time.Time) ([]string, error) {
	return collect(ctx, q, scanOne[string], `SELECT case_id FROM case_records
		WHERE told = 0 AND tried_at < ? AND tried_at > ? ORDER BY case_id`,
		since.UnixMilli(), since.Add(-unfiledFor).UnixMilli())
}

const unfiledFor = 7 * 24 * time.Hour
