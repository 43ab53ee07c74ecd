package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// RepeatInvitations implements store.Effects.
func (s *Store) RepeatInvitations(ctx context.Context, program string, newBatch func() string, at time.Time) (again []store.InvitationBatch, mails int, err error) {
	err = s.write(ctx, func(q session) error {
		again, mails = nil, 0
		ids, err := q.unknownMails(ctx, store.MailInvite)
		if err != nil {
			return err
		}
		type invitation struct{ id, version string }
		found, err := collect(ctx, q, func(row scanner) (i invitation, err error) {
			err = row.Scan(&i.id, &i.version)
			return i, err
		}, `SELECT a.id, a.version FROM invitations a WHERE a.id {any} AND a.program = ? AND `+invitedAgain+` ORDER BY a.id {lock}`, q.list(ids), program)
		if err != nil {
			return err
		}
		ofVersion := map[string][]string{}
		for _, i := range found {
			ofVersion[i.version] = append(ofVersion[i.version], i.id)
		}
		for version, ids := range ofVersion {
			for some := range slices.Chunk(ids, store.MaxCampaignBatch) {
				batch := store.InvitationBatch{Program: program, Version: version, Batch: newBatch()}
				if err := q.mailAgain(ctx, some, batch.Batch, at); err != nil {
					return err
				}
				again = append(again, batch)
			}
		}
		mails = len(found)
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("repeat unknown invitations of program %s: %w", program, err)
	}
	return again, mails, nil
}

// mailAgain makes locked invitations whose mails are unknown a batch that is admitted. A
// mail that is proved meanwhile stays done.
func (q session) mailAgain(ctx context.Context, ids []string, batch string, at time.Time) error {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = store.MailEffect(store.MailInvite, id)
	}
	if _, err := q.exec(ctx, `DELETE FROM effects WHERE key {any} AND state = ?`, q.list(keys), store.EffectUnknown); err != nil {
		return err
	}
	_, err := q.exec(ctx, `UPDATE invitations SET state = ?, batch = ?, expires_at = NULL WHERE id {any}`, survey.InvitationAdmitted, batch, q.list(ids))
	if err == nil {
		_, _, err = q.once(ctx, batch, stepAdmit, at)
	}
	return err
}

// unknownMails are what unknown mails of a kind are about.
func (q session) unknownMails(ctx context.Context, kind string) ([]string, error) {
	keys, err := collect(ctx, q, scanOne[string], `SELECT key FROM effects WHERE state = 'unknown' AND key LIKE ?`, store.MailEffect(kind, "%"))
	for i, key := range keys {
		_, keys[i], _ = store.ParseMailEffect(key)
	}
	return keys, err
}

// AcceptMails implements store.Effects.
func (s *Store) AcceptMails(ctx context.Context, program string, at time.Time) (mails int, err error) {
	err = s.write(ctx, func(q session) error {
		mails = 0
		var keys []string
		for _, kind := range []string{store.MailInvite, store.MailReminder, store.MailSecondReminder} {
			ids, err := q.unknownMails(ctx, kind)
			if err != nil {
				return err
			}
			ids, err = collect(ctx, q, scanOne[string], `SELECT id FROM invitations WHERE id {any} AND program = ? ORDER BY id {lock}`, q.list(ids), program)
			if err != nil {
				return err
			}
			for _, id := range ids {
				keys = append(keys, store.MailEffect(kind, id))
			}
		}
		keys, err := collect(ctx, q, scanOne[string], `SELECT key FROM effects WHERE key {any} AND state = 'unknown' ORDER BY key {lock}`, q.list(keys))
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := q.endEffect(ctx, key, "", at); err != nil {
				return err
			}
		}
		mails = len(keys)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("accept unknown mails of program %s: %w", program, err)
	}
	return mails, nil
}
