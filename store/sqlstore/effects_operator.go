package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// RepeatEffect implements store.Effects.
func (s *Store) RepeatEffect(ctx context.Context, key, batch string, at time.Time) (begin store.Stalled, err error) {
	err = s.write(ctx, func(q session) error {
		begin = store.Stalled{}
		if caseID, ok := store.ParseCaseEffect(key); ok {
			begin.Cases = []string{caseID}
			return q.unknownEffect(ctx, `UPDATE effects SET state = 'pending' WHERE key = ? AND state = ?`, key)
		}
		if err := q.unknownEffect(ctx, `DELETE FROM effects WHERE key = ? AND state = ?`, key); err != nil {
			return err
		}
		kind, id, _ := store.ParseMailEffect(key)
		switch kind {
		case store.MailInvite:
			begin.Invitations, err = q.inviteAgain(ctx, id, batch, at)
		case store.MailAsk:
			begin.AskBatches = []string{batch}
			err = q.putBack(ctx, `UPDATE asks SET state = ?, batch = ? WHERE id = ? AND state IN (?, ?)`,
				survey.AskWaiting, batch, id, survey.AskWaiting, survey.AskUnknown)
		default:
			err = store.ErrNotRepeated
		}
		return err
	})
	if err != nil {
		return store.Stalled{}, fmt.Errorf("repeat effect %s: %w", key, err)
	}
	return begin, nil
}

// unknownEffect changes an effect that has to be unknown.
func (q session) unknownEffect(ctx context.Context, change, key string) error {
	n, err := q.exec(ctx, change, key, store.EffectUnknown)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return err
}

// inviteAgain makes an invitation a batch of its own that is admitted: the workflow of
// its first batch is past it.
func (q session) inviteAgain(ctx context.Context, id, batch string, at time.Time) ([]store.InvitationBatch, error) {
	err := q.putBack(ctx, `UPDATE invitations SET state = ?, batch = ?, expires_at = NULL WHERE id = ? AND state IN (?, ?)`,
		survey.InvitationAdmitted, batch, id, survey.InvitationAdmitted, survey.InvitationUnknown)
	if err != nil {
		return nil, err
	}
	if _, _, err := q.once(ctx, batch, stepAdmit, at); err != nil {
		return nil, err
	}
	again := store.InvitationBatch{Batch: batch}
	err = q.row(ctx, `SELECT program, version FROM invitations WHERE id = ?`, id).Scan(&again.Program, &again.Version)
	return []store.InvitationBatch{again}, err
}

// putBack runs an update of one record that has to be as the update wants it.
func (q session) putBack(ctx context.Context, update string, args ...any) error {
	n, err := q.exec(ctx, update, args...)
	if err == nil && n == 0 {
		err = store.ErrNotRepeated
	}
	return err
}

// AcceptEffect implements store.Effects. A case's message has to be found, not
// believed in: without its place it could not be updated.
func (s *Store) AcceptEffect(ctx context.Context, key string, at time.Time) error {
	err := s.write(ctx, func(q session) error {
		if _, _, ok := store.ParseMailEffect(key); !ok {
			return store.ErrNotFound
		}
		var state store.EffectState
		err := q.row(ctx, `SELECT state FROM effects WHERE key = ?`, key).Scan(&state)
		if err := missing(err, "effect", key); err != nil {
			return err
		}
		if state != store.EffectUnknown {
			return store.ErrNotFound
		}
		return q.endEffect(ctx, key, "", at)
	})
	if err != nil {
		return fmt.Errorf("accept effect %s: %w", key, err)
	}
	return nil
}

// endEffect notes that an effect is done, and that a mail that was unknown is sent. It
// counts from when it was given up, as its expiry does.
func (q session) endEffect(ctx context.Context, key, ref string, at time.Time) error {
	_, err := q.exec(ctx, `UPDATE effects SET state = ?, ref = ?, at = ? WHERE key = ?`, store.EffectDone, ref, at.UnixMilli(), key)
	if err != nil {
		return err
	}
	kind, id, _ := store.ParseMailEffect(key)
	switch kind {
	case store.MailInvite:
		_, err = q.exec(ctx, `UPDATE invitations SET state = ?, sent_at = asked_at WHERE id = ? AND state = ?`,
			survey.InvitationSent, id, survey.InvitationUnknown)
	case store.MailAsk:
		_, err = q.exec(ctx, `UPDATE asks SET state = ?, sent_at = COALESCE(sent_at, ?) WHERE id = ? AND state = ?`,
			survey.AskSent, at.UnixMilli(), id, survey.AskUnknown)
	}
	return err
}
