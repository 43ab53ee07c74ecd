package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// withdraw takes back the answer of a visitor, where it is the one that counts: the
// latest other one counts again, or none. It reports whether it did.
func (q session) withdraw(ctx context.Context, all mailVisits, v *visit, now time.Time) (bool, error) {
	found, err := q.responsesTo(ctx, v.item, "{lock}")
	if err != nil || len(found) == 0 || found[0].State == survey.Withdrawn {
		return false, err
	}
	var owner string
	if err := q.row(ctx, `SELECT visitor FROM responses WHERE id = ?`, found[0].ID).Scan(&owner); err != nil {
		return false, err
	}
	if owner != v.visitor {
		return false, nil
	}
	return true, q.takeBack(ctx, found[0], all.latestCounted(v), now)
}

// exclude takes back the answer that counts because an operator says so.
func (q session) exclude(ctx context.Context, all mailVisits, d store.Verdict) error {
	found, err := q.responsesTo(ctx, d.Item, "{lock}")
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].State == survey.Withdrawn {
		return fmt.Errorf("answer to %s: %w", d.Item, store.ErrNotFound)
	}
	// All that its visitors gave is out: the operator has seen the answer, not who gave it.
	for _, v := range all {
		if v.sealed != nil {
			v.state = visitRejected
			if err := q.saveVisit(ctx, v); err != nil {
				return err
			}
		}
	}
	return q.takeBack(ctx, found[0], nil, d.At)
}

// takeBack makes a new revision of a response: another visitor's answer, or withdrawn.
// What was recorded is dealt with again, by ResponseWorkflow; what was not is not.
func (q session) takeBack(ctx context.Context, r survey.Response, by *visit, now time.Time) error {
	r.Revision++
	owner := ""
	if by == nil {
		r.State = survey.Withdrawn
	} else {
		given, err := q.given(ctx, []*visit{by})
		if err != nil {
			return err
		}
		g := given[0]
		r.Reading = survey.Reading{} // Record has the comment read
		r.State, r.Score, r.Band, r.Comment, r.Answers, r.Done = survey.Provisional, g.Score, g.Band, g.Comment, g.Answers, g.Done
		r.ChangedAt, owner = by.answeredAt, by.visitor
	}
	sealed, err := q.sealResponse(ctx, r)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `UPDATE responses SET state = ?, score = ?, band = ?, sealed = ?, reading = ?, done = ?, revision = ?, changed_at = ?, visitor = ?,
		alerted_at = NULL WHERE id = ?`, r.State, r.Score, r.Band, sealed, readingColumn(r.Reading), r.Done, r.Revision, millis(r.ChangedAt), owner, r.ID)
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	if by == nil {
		// It waits for its reader again; expired meanwhile, housekeeping ends it.
		_, err = q.exec(ctx, `UPDATE invitations SET ended_at = NULL, state = CASE WHEN answered_from <> '' THEN answered_from
			WHEN sent_at IS NULL THEN 'admitted' ELSE 'sent' END WHERE id = ? AND state = 'responded'`, r.InvitationID)
		if err != nil {
			return fmt.Errorf("reopen invitation: %w", err)
		}
	}
	if by == nil && r.Recorded == 0 {
		_, err = q.exec(ctx, `UPDATE inbox SET done_at = ?, payload = NULL WHERE topic = ? AND lane = ? AND source = ? AND key = ?
			AND batch IS NULL AND done_at IS NULL`, now.UnixMilli(), store.TopicAnswer, r.Program, sourceAnswer, r.ID)
		return err
	}
	return q.requeueAnswer(ctx, r, now)
}
