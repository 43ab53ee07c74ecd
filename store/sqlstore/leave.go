package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// hasLeftProgram tells that the contact c unsubscribed from the mails of a program, which
// a column holds, or another contact with its address did.
func hasLeftProgram(column string) string {
	return `(EXISTS (SELECT 1 FROM left_programs l WHERE l.contact_key = c.key AND l.program = ` + column + `)
		OR EXISTS (SELECT 1 FROM contacts other JOIN left_programs l ON l.contact_key = other.key AND l.program = ` + column + `
			WHERE other.address_hash = c.address_hash))`
}

// leave stops the mails of a program, or all where it is "", to contacts and to all
// others with their addresses.
func (q session) leave(ctx context.Context, references []string, program string, at time.Time) error {
	if program == "" {
		return q.unsubscribe(ctx, references, at)
	}
	persons, err := q.lockPersons(ctx, references)
	if err != nil {
		return err
	}
	same := keysIn(persons)
	rows := make([][]any, len(references))
	for i, reference := range references {
		rows[i] = []any{reference, program, at.UnixMilli()}
	}
	if _, err := q.insert(ctx, `INSERT INTO left_programs (contact_key, program, at)`, rows, `ON CONFLICT DO NOTHING`); err != nil {
		return fmt.Errorf("leave program %s: %w", program, err)
	}
	_, err = q.exec(ctx, `UPDATE invitations SET state = ?, rule = ?, ended_at = ? WHERE contact_key {any} AND program = ? AND state = ?`,
		survey.InvitationCancelled, survey.RuleUnsubscribedProgram, at.UnixMilli(), q.list(same), program, survey.InvitationAdmitted)
	if err != nil {
		return fmt.Errorf("cancel invitations: %w", err)
	}
	_, err = q.exec(ctx, `UPDATE asks SET state = ?, rule = ? WHERE contact_key {any} AND program = ? AND state = ?`,
		survey.AskSuppressed, survey.RuleUnsubscribedProgram, q.list(same), program, survey.AskWaiting)
	if err != nil {
		return fmt.Errorf("suppress asks: %w", err)
	}
	return nil
}

// resubscribe takes back that a visitor unsubscribed its contact, with what that
// cancelled. Housekeeping begins what is overdue by now.
func (q session) resubscribe(ctx context.Context, v *visit) error {
	if v.leftAt.IsZero() {
		return nil
	}
	persons, err := q.lockPersons(ctx, []string{v.contact})
	if err != nil {
		return err
	}
	at, rule := v.leftAt.UnixMilli(), survey.RuleUnsubscribed
	var n int
	if v.leftProgram == "" {
		n, err = q.exec(ctx, `UPDATE contacts SET unsubscribed_at = NULL WHERE key = ? AND unsubscribed_at = ?`, v.contact, at)
	} else {
		rule = survey.RuleUnsubscribedProgram
		n, err = q.exec(ctx, `DELETE FROM left_programs WHERE contact_key = ? AND program = ? AND at = ?`, v.contact, v.leftProgram, at)
	}
	if err != nil || n == 0 { // the contact had left before
		return err
	}
	_, err = q.exec(ctx, `UPDATE invitations SET state = ?, rule = '', ended_at = NULL
		WHERE contact_key {any} AND state = ? AND rule = ? AND ended_at = ?`,
		survey.InvitationAdmitted, q.list(keysIn(persons)), survey.InvitationCancelled, rule, at)
	if err != nil {
		return fmt.Errorf("restore invitations: %w", err)
	}
	_, err = q.exec(ctx, `UPDATE asks SET state = ?, rule = '' WHERE contact_key {any} AND state = ? AND rule = ? AND due_at >= ?`,
		survey.AskWaiting, q.list(keysIn(persons)), survey.AskSuppressed, rule, at)
	if err != nil {
		return fmt.Errorf("restore asks: %w", err)
	}
	return nil
}

// UnsubscribeByForm implements store.Visits.
func (s *Store) UnsubscribeByForm(ctx context.Context, req store.UnsubscribeRequest) (held bool, err error) {
	visitor, err := s.visitor(ctx, req.Visit)
	if err != nil {
		return false, err
	}
	err = s.write(ctx, func(q session) error {
		all, v, err := q.visitsOf(ctx, req.Visit.Item, visitor)
		if err != nil {
			return err
		}
		if visitor == "" {
			return q.leave(ctx, []string{req.ContactKey}, req.Program, req.At)
		}
		if held, err = q.send(ctx, all, v, req.Visit, ""); err != nil {
			return err
		}
		if held {
			err = q.hold(ctx, all, v, req.At)
		} else {
			err = q.leave(ctx, []string{req.ContactKey}, req.Program, req.At)
		}
		if err != nil {
			return err
		}
		v.leftAt, v.leftProgram = toMillis(req.At), req.Program
		return q.saveVisit(ctx, v)
	})
	if err == nil && visitor != "" {
		err = s.rejudge(ctx, req.Visit, visitor, req.At)
	}
	if err != nil {
		return false, fmt.Errorf("unsubscribe: %w", err)
	}
	return held, nil
}

// whoLeft are those of persons who left a program, by who they are.
func (q session) whoLeft(ctx context.Context, persons map[string]string, program string) (map[string]bool, error) {
	keys, err := collect(ctx, q, scanOne[string], `SELECT contact_key FROM left_programs WHERE contact_key {any} AND program = ?`,
		q.list(keysIn(persons)), program)
	if err != nil {
		return nil, fmt.Errorf("read who left program %s: %w", program, err)
	}
	left := make(map[string]bool, len(keys))
	for _, key := range keys {
		left[persons[key]] = true
	}
	return left, nil
}
