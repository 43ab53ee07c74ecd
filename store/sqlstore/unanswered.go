package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// expiredAtOnce is how many invitations one transaction ends: on SQLite all others wait for
// it. A wave ends within moments.
const expiredAtOnce = 1000

// expireSome passes over what somebody is just answering.
const expireSome = `UPDATE invitations SET state = 'expired', ended_at = ? WHERE id IN (SELECT id FROM invitations
	WHERE state IN ('sent', 'delivered', 'unknown') AND expires_at <= ? ORDER BY expires_at LIMIT ? {skip}) RETURNING contact_key`

// Expire implements store.Invitations.
func (s *Store) Expire(ctx context.Context, now time.Time) (expired int, err error) {
	err = s.write(ctx, func(q session) error {
		contacts, err := collect(ctx, q, scanOne[string], expireSome, now.UnixMilli(), now.UnixMilli(), expiredAtOnce)
		if err != nil {
			return err
		}
		expired = len(contacts)
		return q.recountUnanswered(ctx, contacts, now)
	})
	if err != nil {
		return 0, fmt.Errorf("expire invitations: %w", err)
	}
	return expired, nil
}

// recountUnanswered has it counted how many invitations contacts left unanswered.
func (q session) recountUnanswered(ctx context.Context, contacts []string, now time.Time) error {
	var rows [][]any
	for _, contact := range sortedUnique(contacts) {
		if contact != "" {
			rows = append(rows, []any{contact, now.UnixMilli()})
		}
	}
	_, err := q.insert(ctx, `INSERT INTO unanswered (contact_key, due_at)`, rows, `ON CONFLICT (contact_key) DO UPDATE SET due_at = excluded.due_at`)
	if err != nil {
		return fmt.Errorf("note who did not answer: %w", err)
	}
	return nil
}

// countedAtOnce is how many contacts one transaction counts for.
const countedAtOnce = 500

// CountUnanswered implements store.Signals.
func (s *Store) CountUnanswered(ctx context.Context, now time.Time) (counted int, crms []string, err error) {
	others, err := s.read().programsOfOthers(ctx)
	if err == nil {
		err = s.write(ctx, func(q session) (err error) {
			counted, crms, err = q.countUnanswered(ctx, others, now)
			return err
		})
	}
	if err != nil {
		return 0, nil, fmt.Errorf("count unanswered invitations: %w", err)
	}
	return counted, sortedUnique(crms), nil
}

// programsOfOthers are the programs of which a kept version asks others than customers, or
// keeps no link to who answered: that somebody did not answer is nothing to tell of them.
func (q session) programsOfOthers(ctx context.Context) ([]string, error) {
	bodies, err := collect(ctx, q, scanOne[string], `SELECT body FROM programs`)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, body := range bodies {
		var p survey.Program
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return nil, fmt.Errorf("read a program: %w", err)
		}
		if p.Of != survey.Customers || p.Anonymous {
			ids = append(ids, p.ID)
		}
	}
	return sortedUnique(ids), nil
}

const (
	dueUnanswered = `SELECT contact_key FROM unanswered WHERE due_at <= ? ORDER BY due_at, contact_key LIMIT ? {skip}`
	// Of what may never have been mailed nobody can be said to have left it unanswered.
	selectUnanswered = `SELECT i.contact_key, COUNT(*), MIN(i.asked_at) FROM invitations i JOIN contacts c ON c.key = i.contact_key
		WHERE i.contact_key {any} AND i.asked_at > ? AND i.state = 'expired' AND i.sent_at IS NOT NULL AND NOT i.audit AND NOT i.program {any}
		GROUP BY i.contact_key`
)

// unanswered is what a contact left unanswered.
type unanswered struct {
	contact string
	n       int
	oldest  int64
}

func (q session) countUnanswered(ctx context.Context, others []string, now time.Time) (counted int, crms []string, err error) {
	due, err := collect(ctx, q, scanOne[string], dueUnanswered, now.UnixMilli(), countedAtOnce)
	if err != nil || len(due) == 0 {
		return 0, nil, err
	}
	since := now.Add(-survey.UnansweredSpan)
	found, err := collect(ctx, q, func(row scanner) (u unanswered, err error) {
		err = row.Scan(&u.contact, &u.n, &u.oldest)
		return u, err
	}, selectUnanswered, q.list(due), since.UnixMilli(), q.list(others))
	if err != nil {
		return 0, nil, err
	}
	none := setOf(due)
	var values []signal
	var again [][]any
	for _, u := range found {
		delete(none, u.contact)
		values = append(values, signalsOf(survey.ObjectContact, u.contact, map[string]string{survey.SignalUnanswered: strconv.Itoa(u.n)}, now)...)
		again = append(again, []any{u.contact, time.UnixMilli(u.oldest).Add(survey.UnansweredSpan).UnixMilli()})
	}
	if crms, err = q.setSignals(ctx, values); err != nil {
		return 0, nil, err
	}
	if _, err := q.insert(ctx, `INSERT INTO unanswered (contact_key, due_at)`, again, `ON CONFLICT (contact_key) DO UPDATE SET due_at = excluded.due_at`); err != nil {
		return 0, nil, err
	}
	also, err := q.forgetUnanswered(ctx, slices.Sorted(maps.Keys(none)), now)
	return len(due), append(crms, also...), err
}

// forgetUnanswered is for contacts who left nothing unanswered any more. Of one of whom
// nothing was ever told nothing is told now. It returns the CRMs that are told.
func (q session) forgetUnanswered(ctx context.Context, contacts []string, now time.Time) (crms []string, err error) {
	ofCRM := map[string][]string{}
	for _, contact := range contacts {
		ofCRM[crmOf(contact)] = append(ofCRM[crmOf(contact)], contact)
	}
	for _, crm := range slices.Sorted(maps.Keys(ofCRM)) {
		n, err := q.exec(ctx, `UPDATE signals SET value = '0', as_of = ?, refused = CASE WHEN value = '0' THEN refused END
			WHERE crm = ? AND object_type = ? AND name = ? AND record {any}`,
			now.UnixMilli(), crm, survey.ObjectContact, survey.SignalUnanswered, q.list(ofCRM[crm]))
		if err != nil {
			return nil, err
		}
		if n > 0 {
			crms = append(crms, crm)
		}
	}
	_, err = q.exec(ctx, `DELETE FROM unanswered WHERE contact_key {any}`, q.list(contacts))
	return crms, err
}
