package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const responseColumns = `r.id, r.invitation_id, r.program, r.version, r.contact_key, r.account_key, r.state, r.score, r.band,
	r.sealed, r.done, r.revision, r.recorded, r.alerted_at, r.answered_at, r.changed_at`

// responses reads what a query of responseColumns finds.
func (q session) responses(ctx context.Context, query string, args ...any) ([]survey.Response, error) {
	var seals [][]byte
	found, err := collect(ctx, q, func(row scanner) (r survey.Response, err error) {
		var sealed []byte
		err = row.Scan(&r.ID, &r.InvitationID, &r.Program, &r.Version, &r.ContactKey, &r.AccountKey, &r.State, &r.Score, &r.Band,
			&sealed, &r.Done, &r.Revision, &r.Recorded, moment{&r.Alerted}, moment{&r.AnsweredAt}, moment{&r.ChangedAt})
		seals = append(seals, sealed)
		return r, err
	}, query, args...)
	if err == nil {
		err = q.openResponses(ctx, found, seals)
	}
	return found, err
}

// ResponseOf implements store.Responses.
func (s *Store) ResponseOf(ctx context.Context, invitationID string) (survey.Response, error) {
	found, err := s.read().responsesTo(ctx, invitationID, "")
	return single(found, err, "response to invitation", invitationID)
}

// responsesTo reads the response to an invitation, where there is one; lock is
// "{lock}" to lock it.
func (q session) responsesTo(ctx context.Context, invitationID, lock string) ([]survey.Response, error) {
	return q.responses(ctx, `SELECT `+responseColumns+` FROM responses r WHERE r.invitation_id = ? `+lock, invitationID)
}

// SaveAnswer implements store.Responses.
func (s *Store) SaveAnswer(ctx context.Context, req store.SaveAnswerRequest) (survey.Response, error) {
	var saved survey.Response
	req.Answer = storableAnswer(req.Answer)
	err := s.write(ctx, func(q session) error {
		// The invitation's lock keeps a second answer to it waiting.
		invitation, err := scanInvitation(q.row(ctx,
			`SELECT `+invitationColumns+` FROM invitations i WHERE i.id = ? {lock}`, req.InvitationID))
		if err != nil {
			return missing(err, "invitation", req.InvitationID)
		}
		before, err := q.responsesTo(ctx, req.InvitationID, "{lock}")
		if err != nil {
			return err
		}
		if len(before) == 0 {
			saved, err = q.firstAnswer(ctx, req, invitation)
		} else if saved = before[0]; saved.Take(req.Answer) {
			saved, err = q.nextAnswer(ctx, req, saved)
		} else {
			return nil
		}
		if err != nil {
			return err
		}
		return q.requeueAnswer(ctx, saved, req)
	})
	if err != nil {
		return survey.Response{}, fmt.Errorf("save answer: %w", err)
	}
	return saved, nil
}

func (q session) firstAnswer(ctx context.Context, req store.SaveAnswerRequest, i store.Invitation) (survey.Response, error) {
	switch {
	case i.State == survey.InvitationExpired || !i.ExpiresAt.IsZero() && !req.Now.Before(i.ExpiresAt):
		return survey.Response{}, store.ErrExpired
	case i.State == survey.InvitationSuppressed || i.State == survey.InvitationCancelled:
		return survey.Response{}, store.ErrNotSent
	}
	now := toMillis(req.Now)
	r := survey.Response{
		ID: req.NewID(), InvitationID: i.ID, Program: i.Program, Version: i.Version, ContactKey: i.ContactKey,
		AccountKey: i.AccountKey, State: survey.Provisional, Band: req.Band,
		Revision: 1, AnsweredAt: now, ChangedAt: now,
	}
	r.Take(req.Answer)
	sealed, err := q.sealResponse(ctx, r)
	if err != nil {
		return survey.Response{}, err
	}
	_, err = q.exec(ctx, `INSERT INTO responses (id, invitation_id, program, version, contact_key, account_key, state, score,
			band, sealed, done, revision, recorded, answered_at, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
		r.ID, r.InvitationID, r.Program, r.Version, r.ContactKey, r.AccountKey, r.State, r.Score,
		r.Band, sealed, r.Done, r.Revision, millis(now), millis(now))
	if err != nil {
		return survey.Response{}, err
	}
	_, err = q.exec(ctx, `UPDATE invitations SET state = ?, ended_at = ? WHERE id = ?`, survey.InvitationResponded, millis(now), i.ID)
	return r, err
}

// nextAnswer keeps a response that took another answer.
func (q session) nextAnswer(ctx context.Context, req store.SaveAnswerRequest, r survey.Response) (survey.Response, error) {
	r.Band, r.State, r.ChangedAt = req.Band, survey.Provisional, toMillis(req.Now)
	r.Revision++
	sealed, err := q.sealResponse(ctx, r)
	if err != nil {
		return survey.Response{}, err
	}
	_, err = q.exec(ctx, `UPDATE responses SET state = ?, score = ?, band = ?, sealed = ?, done = ?, revision = ?, changed_at = ?
		WHERE id = ?`, r.State, r.Score, r.Band, sealed, r.Done, r.Revision, millis(r.ChangedAt), r.ID)
	return r, err
}

// sourceAnswer is the inbox source of what the survey page takes.
const sourceAnswer = "survey"

// requeueAnswer makes a response's inbox item due. An item that is in a batch
// which Record has not dealt with stays there: Record reads the response as it is
// then.
func (q session) requeueAnswer(ctx context.Context, r survey.Response, req store.SaveAnswerRequest) error {
	payload, err := json.Marshal(store.AnswerItem{Version: r.Version})
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `INSERT INTO inbox (topic, lane, source, key, payload, due_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (topic, lane, source, key) DO UPDATE SET due_at = excluded.due_at, payload = excluded.payload, done_at = NULL,
			batch = CASE WHEN inbox.done_at IS NULL THEN inbox.batch END`,
		store.TopicAnswer, r.Program, sourceAnswer, r.ID, payload, req.DueAt(r).UnixMilli())
	return err
}
