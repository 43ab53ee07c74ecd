package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// What of a mail in doubt can be mailed again: what is not dealt with in another way,
// of those who want mails.
var (
	hasUnsubscribed  = `EXISTS (SELECT 1 FROM contacts c WHERE c.key = a.contact_key AND (` + hasLeft + ` OR ` + hasLeftProgram("a.program") + `))`
	invitedAgain     = `(a.state IN ('admitted', 'unknown') AND NOT ` + hasUnsubscribed + `)`
	leadThankedAgain = `(a.thanks IN ('waiting', 'unknown') AND NOT ` + hasUnsubscribed + `)`
	askedAgain       = `(a.state IN ('waiting', 'unknown') AND NOT ` + hasUnsubscribed + `)`
)

// effectSubjects are where the subjects of effects are, by the beginnings of the
// effects' keys.
var effectSubjects = map[string]string{
	store.MailEffect(store.MailInvite, ""):         `SELECT a.id, a.program, a.state, ` + hasUnsubscribed + `, ` + invitedAgain + ` FROM invitations a`,
	store.MailEffect(store.MailReminder, ""):       `SELECT a.id, a.program, a.state, ` + hasUnsubscribed + `, 1 = 0 FROM invitations a`,
	store.MailEffect(store.MailSecondReminder, ""): `SELECT a.id, a.program, a.state, ` + hasUnsubscribed + `, 1 = 0 FROM invitations a`,
	store.MailEffect(store.MailAsk, ""):            `SELECT a.id, a.program, a.state, ` + hasUnsubscribed + `, ` + askedAgain + ` FROM asks a`,
	store.MailEffect(store.MailThanks, ""):         `SELECT a.id, a.program, a.state, ` + hasUnsubscribed + `, 1 = 0 FROM thanks a`,
	store.MailEffect(store.MailReferred, ""):       `SELECT a.id, a.program, a.thanks, ` + hasUnsubscribed + `, ` + leadThankedAgain + ` FROM leads a`,
	store.CaseEffect(""):                           `SELECT a.id, a.program, a.state, 1 = 0, 1 = 1 FROM cases a`,
}

// EffectSubjects implements store.Effects.
func (s *Store) EffectSubjects(ctx context.Context, keys []string) (map[string]store.EffectSubject, error) {
	found := map[string]store.EffectSubject{}
	filed := map[string][]string{} // keys by their cases
	for _, key := range keys {
		if id, ok := store.ParseFiledEffect(key); ok {
			filed[id] = append(filed[id], key)
		}
	}
	if err := s.filedSubjects(ctx, filed, found); err != nil {
		return nil, err
	}
	for kind, query := range effectSubjects {
		about := map[string][]string{} // keys by the id of what they are about
		for _, key := range keys {
			if id, ok := strings.CutPrefix(key, kind); ok {
				id, _, _ = strings.Cut(id, "/") // what of a case is posted besides its first message
				about[id] = append(about[id], key)
			}
		}
		q := s.read()
		_, err := collect(ctx, q, func(row scanner) (id string, err error) {
			var subject store.EffectSubject
			err = row.Scan(&id, &subject.Program, &subject.State, &subject.Unsubscribed, &subject.Repeatable)
			for _, key := range about[id] {
				found[key] = subject
			}
			return id, err
		}, query+` WHERE a.id {any}`, q.list(slices.Collect(maps.Keys(about))))
		if err != nil {
			return nil, fmt.Errorf("what effects %s are about: %w", kind, err)
		}
	}
	return found, nil
}

// filedSubjects adds what effects in CRMs are about, whose keys are given by their cases.
func (s *Store) filedSubjects(ctx context.Context, keys map[string][]string, found map[string]store.EffectSubject) error {
	q := s.read()
	_, err := collect(ctx, q, func(row scanner) (id string, err error) {
		about := store.EffectSubject{Repeatable: true}
		err = row.Scan(&id, &about.Program, &about.State)
		for _, key := range keys[id] {
			found[key] = about
		}
		return id, err
	}, `SELECT id, program, state FROM cases WHERE id {any}`, q.list(slices.Sorted(maps.Keys(keys))))
	if err != nil {
		return fmt.Errorf("what effects in CRMs are about: %w", err)
	}
	return nil
}

// RepeatEffect implements store.Effects.
func (s *Store) RepeatEffect(ctx context.Context, key, batch string, at time.Time) (begin store.Stalled, err error) {
	err = s.write(ctx, func(q session) error {
		begin = store.Stalled{}
		if caseID, ok := store.ParseCaseEffect(key); ok {
			begin.Cases = []string{caseID}
			return q.unknownEffect(ctx, `UPDATE effects SET state = 'pending' WHERE key = ? AND state = ?`, key)
		}
		if caseID, ok := store.ParseFiledEffect(key); ok {
			begin.Cases = []string{caseID}
			return q.fileAgain(ctx, `DELETE FROM effects WHERE key = ? AND state = ?`, key, caseID)
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
			err = q.putBack(ctx, `UPDATE asks AS a SET state = ?, batch = ? WHERE a.id = ? AND `+askedAgain,
				survey.AskWaiting, batch, id)
		case store.MailReferred:
			begin.LeadBatches, err = q.leadThankAgain(ctx, id, batch)
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

// fileAgain changes an unknown effect of a case in the CRM, and has the CRM told of the
// case when it is next looked at.
func (q session) fileAgain(ctx context.Context, change, key, caseID string) error {
	if err := q.unknownEffect(ctx, change, key); err != nil {
		return err
	}
	_, err := q.exec(ctx, `UPDATE case_records SET told = 0 WHERE case_id = ?`, caseID)
	return err
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
	err := q.putBack(ctx, `UPDATE invitations AS a SET state = ?, batch = ?, expires_at = NULL WHERE a.id = ? AND `+invitedAgain,
		survey.InvitationAdmitted, batch, id)
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

// leadThankAgain makes a lead a batch of its own whose promoter is to be thanked.
func (q session) leadThankAgain(ctx context.Context, id, batch string) ([]store.LeadBatch, error) {
	err := q.putBack(ctx, `UPDATE leads AS a SET thanks = ?, batch = ? WHERE a.id = ? AND `+leadThankedAgain, survey.LeadThanksWaiting, batch, id)
	if err != nil {
		return nil, err
	}
	again := store.LeadBatch{Batch: batch}
	err = q.row(ctx, `SELECT crm FROM leads WHERE id = ?`, id).Scan(&again.CRM)
	return []store.LeadBatch{again}, err
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
		if caseID, ok := store.ParseFiledEffect(key); ok {
			return q.fileAgain(ctx, `UPDATE effects SET state = 'done' WHERE key = ? AND state = ?`, key, caseID)
		}
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
		if err == nil {
			err = q.settleDelivery(ctx, []string{id}, at)
		}
	case store.MailAsk:
		_, err = q.exec(ctx, `UPDATE asks SET state = ?, sent_at = COALESCE(sent_at, ?) WHERE id = ? AND state = ?`,
			survey.AskSent, at.UnixMilli(), id, survey.AskUnknown)
	case store.MailThanks:
		_, err = q.exec(ctx, `UPDATE thanks SET state = ?, sent_at = ? WHERE id = ? AND state = ?`,
			survey.AskSent, at.UnixMilli(), id, survey.AskUnknown)
	case store.MailReferred:
		_, err = q.exec(ctx, `UPDATE leads SET thanks = ? WHERE id = ? AND thanks = ?`, survey.LeadThanksSent, id, survey.LeadThanksUnknown)
	}
	return err
}
