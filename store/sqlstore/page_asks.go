package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// selectPageAsk reads what decides about an ask on the page, the ask of its mail apart.
const selectPageAsk = `SELECT r.id, r.band,
	EXISTS (SELECT 1 FROM cases o WHERE o.account_key = r.account_key AND o.account_key <> '' AND o.ended_at IS NULL)
		OR EXISTS (SELECT 1 FROM cases o WHERE o.contact_key = r.contact_key AND o.account_key = '' AND o.ended_at IS NULL),
	(SELECT MAX(p.asked_at) FROM asks p WHERE p.contact_key = r.contact_key AND p.response_id <> r.id AND p.state <> 'suppressed')
	FROM responses r WHERE r.invitation_id = ? AND r.state <> 'withdrawn' AND r.contact_key <> ''`

// PageAsk implements store.Asks.
func (s *Store) PageAsk(ctx context.Context, invitationID string) (survey.AskFacts, error) {
	facts := survey.AskFacts{HasAddress: true} // the page needs none
	var id string
	err := s.read().row(ctx, selectPageAsk, invitationID).Scan(&id, &facts.Band, &facts.OpenCase, moment{&facts.LastAsked})
	if err != nil {
		return survey.AskFacts{}, fmt.Errorf("ask on the page: %w", missing(err, "response to", invitationID))
	}
	return facts, nil
}

// PageAskClicked implements store.Asks.
func (s *Store) PageAskClicked(ctx context.Context, invitationID, newID string, at time.Time) error {
	err := s.write(ctx, func(q session) error {
		found, err := q.responsesTo(ctx, invitationID, "{lock}")
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0].State == survey.Withdrawn {
			return fmt.Errorf("response to %s: %w", invitationID, store.ErrNotFound)
		}
		r, now := found[0], at.UnixMilli()
		_, err = q.exec(ctx, `INSERT INTO asks (id, batch, response_id, program, version, contact_key, account_key, state, rule,
				created_at, due_at, asked_at, clicked_at) VALUES (?, '', ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?)
			ON CONFLICT (response_id) DO UPDATE SET state = excluded.state, asked_at = COALESCE(asks.asked_at, excluded.asked_at),
				clicked_at = COALESCE(asks.clicked_at, excluded.clicked_at)`,
			newID, r.ID, r.Program, r.Version, r.ContactKey, r.AccountKey, survey.AskClicked, now, now, now, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("ask on the page: %w", err)
	}
	return nil
}
