package sqlstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// mixes is how many mixes an answer goes through before it can no longer be changed. The
// first may come a moment after it.
const mixes = 2

// programSubject names the key that seals the anonymous answers of a program. One for
// each answer would tell in the keystore when it was made.
func programSubject(program string) string { return "program/" + program }

func anonymousPlace(program string) string { return "anonymous/" + program }

// anonymousRow is an answer with what only its row knows.
type anonymousRow struct {
	survey.AnonymousAnswer
	key, released string
	sealed        []byte
	age, lot      int
}

const anonymousColumns = `key, program, score, band, sealed, done, age, lot, released`

func (q session) anonymousRows(ctx context.Context, where string, args ...any) ([]anonymousRow, error) {
	return collect(ctx, q, func(row scanner) (r anonymousRow, err error) {
		err = row.Scan(&r.key, &r.Program, &r.Score, &r.Band, &r.sealed, &r.Done, &r.age, &r.lot, &r.released)
		return r, err
	}, `SELECT `+anonymousColumns+` FROM anonymous_answers WHERE `+where, args...)
}

func (q session) insertAnonymous(ctx context.Context, rows []anonymousRow) error {
	values := make([][]any, len(rows))
	for i, r := range rows {
		values[i] = []any{r.key, r.Program, r.Score, string(r.Band), r.sealed, r.Done, r.age, r.lot, r.released}
	}
	_, err := q.insert(ctx, `INSERT INTO anonymous_answers (`+anonymousColumns+`)`, values, "")
	return err
}

// anonymousKey is what an answer is known by while it may be changed: without the secret
// nobody can make it, whatever keys they have.
func (s *Store) anonymousKey(ctx context.Context, invitationID, secret string) (string, error) {
	hash, err := s.hasher(ctx)
	return hash.hash("anonymous", invitationID+"\x00"+secret), err
}

// newAnonymousKey is what an answer is known by that nobody may change.
func newAnonymousKey() string { return strings.ToLower(rand.Text()) }

// SaveAnonymous implements store.Anonymous.
func (s *Store) SaveAnonymous(ctx context.Context, req store.SaveAnonymousRequest) (survey.AnonymousAnswer, error) {
	key, err := s.anonymousKey(ctx, req.InvitationID, req.Secret)
	if err != nil {
		return survey.AnonymousAnswer{}, err
	}
	req.Answer = storableAnswer(req.Answer)
	var saved survey.AnonymousAnswer
	err = s.write(ctx, func(q session) error {
		// Mixing locks the invitations too.
		invitation, err := q.openInvitation(ctx, store.SaveAnswerRequest{InvitationID: req.InvitationID, Now: req.Now, Late: req.Late})
		if err != nil {
			return err
		}
		saved, err = q.saveAnonymous(ctx, req, invitation, key)
		return err
	})
	if err != nil {
		return survey.AnonymousAnswer{}, fmt.Errorf("save anonymous answer: %w", err)
	}
	return saved, nil
}

func (q session) saveAnonymous(ctx context.Context, req store.SaveAnonymousRequest, i store.Invitation, key string) (survey.AnonymousAnswer, error) {
	if i.State == survey.InvitationResponded {
		before, err := q.openAnonymous(ctx, key)
		if err != nil {
			return survey.AnonymousAnswer{}, err
		}
		before.Keep(req.Answer, req.Band)
		if before.sealed, err = q.sealAnonymous(ctx, before.AnonymousAnswer); err != nil {
			return survey.AnonymousAnswer{}, err
		}
		_, err = q.exec(ctx, `UPDATE anonymous_answers SET score = ?, band = ?, sealed = ?, done = ? WHERE key = ?`,
			before.Score, before.Band, before.sealed, before.Done, key)
		return before.AnonymousAnswer, err
	}
	first := anonymousRow{key: key}
	first.Program = i.Program
	first.Keep(req.Answer, req.Band)
	sealed, err := q.sealAnonymous(ctx, first.AnonymousAnswer)
	if err != nil {
		return survey.AnonymousAnswer{}, err
	}
	first.sealed = sealed
	if err := q.insertAnonymous(ctx, []anonymousRow{first}); err != nil {
		return survey.AnonymousAnswer{}, err
	}
	_, err = q.exec(ctx, `UPDATE invitations SET state = ?, ended_at = NULL WHERE id = ?`, survey.InvitationResponded, i.ID)
	return first.AnonymousAnswer, err
}

// AnonymousAnswer implements store.Anonymous.
func (s *Store) AnonymousAnswer(ctx context.Context, invitationID, secret string) (survey.AnonymousAnswer, error) {
	key, err := s.anonymousKey(ctx, invitationID, secret)
	if err != nil {
		return survey.AnonymousAnswer{}, err
	}
	found, err := s.read().openAnonymous(ctx, key)
	return found.AnonymousAnswer, err
}

// openAnonymous reads the answer that may still be changed by a key.
func (q session) openAnonymous(ctx context.Context, key string) (anonymousRow, error) {
	rows, err := q.anonymousRows(ctx, `key = ? {lock}`, key)
	if err == nil && len(rows) == 0 {
		err = store.ErrAnswered
	}
	if err == nil {
		err = q.openAnonymousRows(ctx, rows)
	}
	if err != nil {
		return anonymousRow{}, err
	}
	return rows[0], nil
}

// sealAnonymous seals what was said besides the score: nil for nothing.
func (q session) sealAnonymous(ctx context.Context, a survey.AnonymousAnswer) ([]byte, error) {
	plain, err := encodeResponse(a.Response())
	if err != nil || len(plain) == 0 {
		return nil, err
	}
	subject := programSubject(a.Program)
	keys, err := q.keys.ensure(ctx, []string{subject})
	if err != nil {
		return nil, err
	}
	return keys[subject].seal(anonymousPlace(a.Program), plain), nil
}

func (q session) openAnonymousRows(ctx context.Context, rows []anonymousRow) error {
	parts := make([]sealedPart, len(rows))
	for i := range rows {
		a := &rows[i].AnonymousAnswer
		parts[i] = sealedPart{programSubject(a.Program), anonymousPlace(a.Program), rows[i].sealed, func(plain []byte) error {
			r := a.Response()
			err := decodeResponse(plain, &r)
			a.Comment, a.Answers = r.Comment, r.Answers
			return err
		}}
	}
	return q.open(ctx, parts)
}
