package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const responseColumns = `r.id, r.invitation_id, r.program, r.version, r.contact_key, r.account_key, r.state, r.score, r.band,
	r.sealed, r.reading, r.done, r.revision, r.recorded, r.alerted_at, r.answered_at, r.changed_at,
	(SELECT i.locale FROM invitations i WHERE i.id = r.invitation_id)`

// responses reads what a query of responseColumns finds.
func (q session) responses(ctx context.Context, query string, args ...any) ([]survey.Response, error) {
	var seals [][]byte
	found, err := collect(ctx, q, func(row scanner) (r survey.Response, err error) {
		var sealed []byte
		err = row.Scan(&r.ID, &r.InvitationID, &r.Program, &r.Version, &r.ContactKey, &r.AccountKey, &r.State, &r.Score, &r.Band,
			&sealed, reading{&r.Reading}, &r.Done, &r.Revision, &r.Recorded, moment{&r.Alerted}, moment{&r.AnsweredAt}, moment{&r.ChangedAt}, &r.Locale)
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
	req.Visit.Item = req.InvitationID
	visitor, err := s.visitor(ctx, req.Visit)
	if err == nil {
		err = s.write(ctx, func(q session) error {
			saved, err = q.visitorsAnswer(ctx, req, visitor)
			return err
		})
	}
	if err != nil {
		return survey.Response{}, fmt.Errorf("save answer: %w", err)
	}
	if visitor != "" {
		if err := s.rejudge(ctx, req.Visit, visitor, req.Now); err != nil {
			return survey.Response{}, fmt.Errorf("judge the answers of one source: %w", err)
		}
	}
	return saved, nil
}

// visitorsAnswer keeps the answer of a visitor, with what it was seen to do.
func (q session) visitorsAnswer(ctx context.Context, req store.SaveAnswerRequest, visitor string) (survey.Response, error) {
	if visitor == "" {
		return q.saveAnswer(ctx, req, "", false)
	}
	all, v, err := q.visitsOf(ctx, req.InvitationID, visitor)
	if err != nil {
		return survey.Response{}, err
	}
	held, err := q.send(ctx, all, v, req.Visit, strconv.Itoa(req.Answer.Score))
	if err != nil {
		return survey.Response{}, err
	}
	if held {
		invitation, err := q.openInvitation(ctx, req)
		if err != nil {
			return survey.Response{}, err
		}
		return q.holdAnswer(ctx, all, v, req, invitation)
	}
	if v.state != visitAccepted {
		v.state = visitCounts
	}
	saved, err := q.saveAnswer(ctx, req, visitor, false)
	if err == nil {
		err = q.keepGiven(ctx, v, saved)
	}
	if err == nil {
		err = q.saveVisit(ctx, v)
	}
	if err == nil {
		err = q.replaceHeld(ctx, all, req.Now)
	}
	return saved, err
}

// openInvitation locks an invitation that takes a first answer.
func (q session) openInvitation(ctx context.Context, req store.SaveAnswerRequest) (store.Invitation, error) {
	i, err := scanInvitation(q.row(ctx, `SELECT `+invitationColumns+` FROM invitations i WHERE i.id = ? {lock}`, req.InvitationID))
	switch {
	case err != nil:
		return i, missing(err, "invitation", req.InvitationID)
	case i.State == survey.InvitationResponded:
		return i, nil
	case req.Over(i):
		return i, store.ErrExpired
	case i.State == survey.InvitationSuppressed || i.State == survey.InvitationCancelled:
		return i, store.ErrNotSent
	}
	return i, nil
}

// replaceHeld ends what is held of a mail whose reader has answered.
func (q session) replaceHeld(ctx context.Context, all mailVisits, now time.Time) error {
	for _, v := range all {
		if v.state != visitHeld || v.sealed == nil {
			continue
		}
		v.state = visitRejected
		if err := q.saveVisit(ctx, v); err != nil {
			return err
		}
		if err := q.noteVerdict(ctx, store.Verdict{Item: v.item, At: now, What: store.VerdictReplaced}); err != nil {
			return err
		}
	}
	return nil
}

// saveAnswer keeps an answer that counts, and whose it is. An operator's word takes
// one that came in time.
func (q session) saveAnswer(ctx context.Context, req store.SaveAnswerRequest, visitor string, inTime bool) (survey.Response, error) {
	// The invitation's lock keeps a second answer to it waiting.
	invitation, err := scanInvitation(q.row(ctx,
		`SELECT `+invitationColumns+` FROM invitations i WHERE i.id = ? {lock}`, req.InvitationID))
	if err != nil {
		return survey.Response{}, missing(err, "invitation", req.InvitationID)
	}
	before, err := q.responsesTo(ctx, req.InvitationID, "{lock}")
	if err != nil {
		return survey.Response{}, err
	}
	var saved survey.Response
	switch {
	case len(before) > 0 && before[0].State != survey.Withdrawn:
		saved = before[0]
		if !saved.Take(req.Answer) {
			return saved, nil
		}
		saved, err = q.nextAnswer(ctx, req, saved, visitor)
	default:
		if !inTime {
			if _, err := q.openInvitation(ctx, req); err != nil {
				return survey.Response{}, err
			}
		}
		saved, err = q.firstAnswer(ctx, req, invitation, before, visitor)
	}
	if err != nil {
		return survey.Response{}, err
	}
	return saved, q.requeueAnswer(ctx, saved, req.DueAt(saved))
}

// firstAnswer keeps the first answer that counts, in the place of one withdrawn before.
func (q session) firstAnswer(ctx context.Context, req store.SaveAnswerRequest, i store.Invitation, withdrawn []survey.Response, visitor string) (survey.Response, error) {
	now := toMillis(req.Now)
	r := survey.Response{
		InvitationID: i.ID, Program: i.Program, Version: i.Version, ContactKey: i.ContactKey,
		AccountKey: i.AccountKey, State: survey.Provisional, Band: req.Band, Locale: i.Locale,
		Revision: 1, AnsweredAt: now, ChangedAt: now,
	}
	r.Take(req.Answer)
	if len(withdrawn) > 0 {
		r.ID, r.Recorded, r.Revision = withdrawn[0].ID, withdrawn[0].Recorded, withdrawn[0].Revision+1
	} else {
		r.ID = req.NewID()
	}
	r.Reading = readBy(req.Read, r)
	sealed, err := q.sealResponse(ctx, r)
	if err != nil {
		return survey.Response{}, err
	}
	_, err = q.exec(ctx, `INSERT INTO responses (id, invitation_id, program, version, contact_key, account_key, state, score,
			band, sealed, reading, done, revision, recorded, answered_at, changed_at, visitor, score_group)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, (SELECT score_group FROM invitations WHERE id = ?))
		ON CONFLICT (invitation_id) DO UPDATE SET state = excluded.state, score = excluded.score, band = excluded.band,
			sealed = excluded.sealed, reading = excluded.reading, done = excluded.done, revision = excluded.revision, answered_at = excluded.answered_at,
			changed_at = excluded.changed_at, visitor = excluded.visitor`,
		r.ID, r.InvitationID, r.Program, r.Version, r.ContactKey, r.AccountKey, r.State, r.Score,
		r.Band, sealed, readingColumn(r.Reading), r.Done, r.Revision, millis(now), millis(now), visitor, i.ID)
	if err != nil {
		return survey.Response{}, err
	}
	if i.State == survey.InvitationExpired { // answered late
		if err := q.recountUnanswered(ctx, []string{i.ContactKey}, now); err != nil {
			return survey.Response{}, err
		}
	}
	_, err = q.exec(ctx, `UPDATE invitations SET answered_from = CASE WHEN state = ? THEN answered_from ELSE state END, state = ?, ended_at = ?
		WHERE id = ?`, survey.InvitationResponded, survey.InvitationResponded, millis(now), i.ID)
	return r, err
}

// nextAnswer keeps a response that took another answer.
func (q session) nextAnswer(ctx context.Context, req store.SaveAnswerRequest, r survey.Response, visitor string) (survey.Response, error) {
	r.Band, r.State, r.ChangedAt = req.Band, survey.Provisional, toMillis(req.Now)
	r.Revision++
	r.Reading = readBy(req.Read, r)
	sealed, err := q.sealResponse(ctx, r)
	if err != nil {
		return survey.Response{}, err
	}
	_, err = q.exec(ctx, `UPDATE responses SET state = ?, score = ?, band = ?, sealed = ?, reading = ?, done = ?, revision = ?, changed_at = ?, visitor = ?
		WHERE id = ?`, r.State, r.Score, r.Band, sealed, readingColumn(r.Reading), r.Done, r.Revision, millis(r.ChangedAt), visitor, r.ID)
	return r, err
}

// sourceAnswer is the inbox source of what the survey page takes.
const sourceAnswer = "survey"

// requeueAnswer makes a response's inbox item due. An item that is in a batch
// which Record has not dealt with stays there: Record reads the response as it is
// then.
func (q session) requeueAnswer(ctx context.Context, r survey.Response, due time.Time) error {
	payload, err := json.Marshal(store.AnswerItem{Version: r.Version})
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `INSERT INTO inbox (topic, lane, source, key, payload, due_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (topic, lane, source, key) DO UPDATE SET due_at = excluded.due_at, payload = excluded.payload, done_at = NULL,
			batch = CASE WHEN inbox.done_at IS NULL THEN inbox.batch END`,
		store.TopicAnswer, r.Program, sourceAnswer, r.ID, payload, due.UnixMilli())
	return err
}
