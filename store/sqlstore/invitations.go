package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const invitationColumns = `i.id, i.program, i.version, i.batch, i.item_id, i.contact_key, i.account_key, i.channel, i.state, i.rule,
	i.facts, i.locale, i.due_at, i.created_at, i.sent_at, i.expires_at, i.reminded_at, i.ended_at, i.variant, i.recheck`

func invitationFields(i *store.Invitation) []any {
	return []any{
		&i.ID, &i.Program, &i.Version, &i.Batch, &i.ItemID, &i.ContactKey, &i.AccountKey, &i.Channel, &i.State, &i.Rule,
		&i.Facts, &i.Locale, moment{&i.DueAt}, moment{&i.CreatedAt}, moment{&i.SentAt}, moment{&i.ExpiresAt},
		moment{&i.RemindedAt}, moment{&i.EndedAt}, &i.Variant, &i.Recheck,
	}
}

func scanInvitation(row scanner) (i store.Invitation, err error) {
	err = row.Scan(invitationFields(&i)...)
	return i, err
}

const selectRecipients = `SELECT ` + invitationColumns + `, ` + contactColumns + `, ` + accountColumns + `
	FROM invitations i
	LEFT JOIN contacts c ON c.key = i.contact_key
	LEFT JOIN accounts a ON a.key = i.account_key `

// recipients reads what a query of selectRecipients finds.
func (q session) recipients(ctx context.Context, where string, args ...any) ([]store.Recipient, error) {
	type row struct {
		invitation store.Invitation
		person     person
		company    company
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		err = sc.Scan(slices.Concat(invitationFields(&r.invitation), r.person.columns(), r.company.columns())...)
		return r, err
	}, selectRecipients+where, args...)
	if err != nil {
		return nil, err
	}
	var parts []sealedPart
	for i := range rows {
		parts = append(parts, rows[i].person.part(), rows[i].company.part())
	}
	if err := q.open(ctx, parts); err != nil {
		return nil, err
	}
	out := make([]store.Recipient, len(rows))
	for i, r := range rows {
		out[i] = store.Recipient{Invitation: r.invitation, Contact: r.person.Contact, Account: r.company.Account, Bounced: r.person.bounced, DeadNumber: r.person.deadNumber}
	}
	return out, nil
}

// reachable keeps the recipients that a reminder may go to.
const reachable = ` AND CASE WHEN i.channel = 'sms' THEN c.phone_hash IS NOT NULL AND NOT ` + isDeadNumber + `
	ELSE c.address_hash IS NOT NULL AND NOT ` + isDead + ` END AND NOT ` + hasLeft + ` `

// Unsent implements store.Invitations. The invitations of those who unsubscribed
// were cancelled by Unsubscribe.
func (s *Store) Unsent(ctx context.Context, batch string, now time.Time) ([]store.Recipient, error) {
	return s.read().recipients(ctx, `WHERE i.batch = ? AND i.state = ? AND i.due_at <= ? AND NOT `+hasLeft+` AND NOT `+hasLeftProgram("i.program")+` ORDER BY i.id`,
		batch, survey.InvitationAdmitted, now.UnixMilli())
}

// Unanswered implements store.Invitations.
func (s *Store) Unanswered(ctx context.Context, req store.UnansweredRequest) ([]store.Recipient, error) {
	where := reachable
	if req.NotDuringCase {
		where += withoutCase
	}
	return s.read().recipients(ctx, `WHERE i.batch = ? AND i.state IN (?, ?) AND i.sent_at <= ? AND i.expires_at > ? AND i.reminders < ? AND i.recheck = ''`+
		where+`AND NOT `+hasLeftProgram("i.program")+` ORDER BY i.id`,
		req.Batch, survey.InvitationSent, survey.InvitationDelivered, req.SentBy.UnixMilli(), req.Now.UnixMilli(), req.Reminder)
}

// withoutCase keeps the recipients who have no open case.
const withoutCase = `AND NOT EXISTS (SELECT 1 FROM cases o WHERE o.ended_at IS NULL
	AND (o.account_key = i.account_key AND o.account_key <> '' OR o.contact_key = i.contact_key AND o.account_key = '')) `

// Invitation implements store.Invitations.
func (s *Store) Invitation(ctx context.Context, id string) (store.Recipient, error) {
	found, err := s.read().recipients(ctx, `WHERE i.id = ?`, id)
	return single(found, err, "invitation", id)
}

// MarkSent implements store.Invitations. The first time counts. A mail that was
// on its way when its invitation was cancelled is sent all the same; an answer
// that came before this note stays an answer.
func (s *Store) MarkSent(ctx context.Context, ids []string, at, expires time.Time) error {
	err := s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `
			UPDATE invitations SET sent_at = ?, asked_at = ?, expires_at = ?,
				state = CASE WHEN state = ? THEN state ELSE ? END,
				ended_at = CASE WHEN state = ? THEN ended_at END
			WHERE id {any} AND sent_at IS NULL AND state <> ?`,
			at.UnixMilli(), at.UnixMilli(), expires.UnixMilli(), survey.InvitationResponded, survey.InvitationSent,
			survey.InvitationResponded, q.list(ids), survey.InvitationSuppressed)
		if err != nil {
			return err
		}
		return q.settleDelivery(ctx, ids, at)
	})
	if err != nil {
		return fmt.Errorf("mark invitations sent: %w", err)
	}
	return nil
}

// MarkUnknown implements store.Invitations.
func (s *Store) MarkUnknown(ctx context.Context, ids []string, at, expires time.Time) error {
	return s.mark(ctx, "mark invitations unknown", ids, `UPDATE invitations SET state = ?, asked_at = ?, expires_at = ? WHERE id {any} AND state = ?`,
		[]any{survey.InvitationUnknown, at.UnixMilli(), expires.UnixMilli()}, []any{survey.InvitationAdmitted})
}

// MarkReminded implements store.Invitations.
func (s *Store) MarkReminded(ctx context.Context, ids []string, number int, at time.Time) error {
	return s.mark(ctx, "mark invitations reminded", ids,
		`UPDATE invitations SET reminded_at = ?, reminders = ? WHERE id {any} AND reminders < ?`,
		[]any{at.UnixMilli(), number}, []any{number})
}

// whyUnreachable is the rule by which the contact of an invitation cannot be mailed, ”
// where it can: then the vendor refused the mail.
const whyUnreachable = `COALESCE((SELECT CASE WHEN invitations.channel = 'sms'
		THEN CASE WHEN c.phone_hash IS NULL THEN 'no_phone' WHEN ` + isDeadNumber + ` THEN 'bounced' END
		ELSE CASE WHEN c.address_hash IS NULL THEN 'no_address' WHEN ` + isDead + ` THEN 'bounced' END END
	FROM contacts c WHERE c.key = invitations.contact_key), '')`

// MarkCancelled implements store.Invitations. What was sent stays sent.
func (s *Store) MarkCancelled(ctx context.Context, ids []string, at time.Time) error {
	return s.mark(ctx, "mark invitations cancelled", ids,
		`UPDATE invitations SET state = ?, ended_at = ?, rule = `+whyUnreachable+` WHERE id {any} AND state IN (?, ?)`,
		[]any{survey.InvitationCancelled, at.UnixMilli()}, []any{survey.InvitationAdmitted, survey.InvitationUnknown})
}

// mark runs an update of the records of ids, whose parameters stand before and
// after that of the ids.
func (s *Store) mark(ctx context.Context, what string, ids []string, update string, before, after []any) error {
	err := s.write(ctx, func(q session) error {
		args := append(append(before[:len(before):len(before)], q.list(ids)), after...)
		_, err := q.exec(ctx, update, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
