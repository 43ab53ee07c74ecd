package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// planAftercare puts what the customers of a case are due into the inbox, once a round:
// items whose key is the case's id, and whose source the round that was resolved.
func (q session) planAftercare(ctx context.Context, c survey.Case, due store.Aftercare) error {
	var rows [][]any
	for _, one := range []struct {
		topic store.Topic
		at    time.Time
	}{{store.TopicThanks, due.ThanksAt}, {store.TopicRecheck, due.RecheckAt}} {
		if !one.at.IsZero() {
			rows = append(rows, []any{string(one.topic), c.Program, roundSource(c.Round), c.ID, nil, one.at.UnixMilli()})
		}
	}
	if _, err := q.insert(ctx, `INSERT INTO inbox (topic, lane, source, key, payload, due_at)`, rows, `ON CONFLICT DO NOTHING`); err != nil {
		return fmt.Errorf("plan what comes after the end: %w", err)
	}
	return nil
}

// endAftercare calls off what the customers of re-opened cases were due.
func (q session) endAftercare(ctx context.Context, cases []string, now time.Time) error {
	if len(cases) == 0 {
		return nil
	}
	for _, end := range []struct {
		update string
		args   []any
	}{
		{`UPDATE thanks SET state = ?, rule = ? WHERE case_id {any} AND state = ?`,
			[]any{survey.AskSuppressed, survey.RuleOpenCase, q.list(cases), survey.AskWaiting}},
		{`UPDATE invitations SET state = ?, rule = ?, ended_at = ? WHERE recheck {any} AND recheck <> '' AND state = ?`,
			[]any{survey.InvitationCancelled, survey.RuleOpenCase, now.UnixMilli(), q.list(cases), survey.InvitationAdmitted}},
		{`UPDATE inbox SET done_at = ? WHERE topic = 'thanks' AND key {any} AND done_at IS NULL`, []any{now.UnixMilli(), q.list(cases)}},
		{`UPDATE inbox SET done_at = ? WHERE topic = 'recheck' AND key {any} AND done_at IS NULL`, []any{now.UnixMilli(), q.list(cases)}},
	} {
		if _, err := q.exec(ctx, end.update, end.args...); err != nil {
			return fmt.Errorf("call off what comes after the end: %w", err)
		}
	}
	return nil
}

// selectToAskAgain finds the cases whose customers are to be asked again, or were and may
// answer still.
const selectToAskAgain = `
SELECT key FROM inbox WHERE topic = 'recheck' AND key {any} AND done_at IS NULL
UNION
SELECT recheck FROM invitations WHERE recheck {any} AND recheck <> '' AND state IN ('admitted', 'sent', 'delivered', 'unknown')`

func (q session) toAskAgain(ctx context.Context, cases []string) (map[string]bool, error) {
	if len(cases) == 0 {
		return nil, nil
	}
	found, err := collect(ctx, q, scanOne[string], selectToAskAgain, q.list(cases), q.list(cases))
	if err != nil {
		return nil, fmt.Errorf("read who is to be asked again: %w", err)
	}
	return setOf(found), nil
}
