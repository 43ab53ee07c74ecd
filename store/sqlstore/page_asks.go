package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// selectPageAsk reads what decides about an ask on the page, but earlier asks.
const selectPageAsk = `SELECT r.id, r.contact_key, r.band,
	EXISTS (SELECT 1 FROM cases o WHERE o.account_key = r.account_key AND o.account_key <> '' AND o.ended_at IS NULL)
		OR EXISTS (SELECT 1 FROM cases o WHERE o.contact_key = r.contact_key AND o.account_key = '' AND o.ended_at IS NULL)
	FROM responses r WHERE r.invitation_id = ? AND r.state <> 'withdrawn' AND r.contact_key <> ''`

// PageAsk implements store.Asks.
func (s *Store) PageAsk(ctx context.Context, invitationID string) (store.PageAsk, error) {
	out := store.PageAsk{Facts: survey.AskFacts{HasAddress: true}} // the page needs none
	var id, contact string
	q := s.read()
	err := q.row(ctx, selectPageAsk, invitationID).Scan(&id, &contact, &out.Facts.Band, &out.Facts.OpenCase)
	if err != nil {
		return store.PageAsk{}, fmt.Errorf("ask on the page: %w", missing(err, "response to", invitationID))
	}
	rows, err := q.askRows(ctx, []string{contact})
	if err != nil {
		return store.PageAsk{}, fmt.Errorf("ask on the page: %w", err)
	}
	out.History, _ = askHistory(rows, contact, id)
	return out, nil
}

// PageAskClicked implements store.Asks.
func (s *Store) PageAskClicked(ctx context.Context, click store.PageAskClick) (id string, err error) {
	why, err := json.Marshal(click.Choice)
	if err != nil {
		return "", err
	}
	err = s.write(ctx, func(q session) error {
		found, err := q.responsesTo(ctx, click.InvitationID, "{lock}")
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0].State == survey.Withdrawn {
			return fmt.Errorf("response to %s: %w", click.InvitationID, store.ErrNotFound)
		}
		r, now := found[0], click.At.UnixMilli()
		return q.row(ctx, `INSERT INTO asks (id, batch, response_id, program, version, contact_key, account_key, kind, turn, state, rule, why,
				created_at, due_at, asked_at, clicked_at) VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?)
			ON CONFLICT (response_id) DO UPDATE SET
				state = CASE WHEN asks.state IN (`+cameOf+`) THEN asks.state ELSE excluded.state END, rule = '', kind = excluded.kind,
				asked_at = COALESCE(asks.asked_at, excluded.asked_at), clicked_at = COALESCE(asks.clicked_at, excluded.clicked_at)
			RETURNING id`,
			click.NewID, r.ID, r.Program, r.Version, r.ContactKey, r.AccountKey, click.Choice.Kind, click.Choice.Turn, survey.AskClicked, string(why),
			now, now, now, now).Scan(&id)
	})
	if err != nil {
		return "", fmt.Errorf("ask on the page: %w", err)
	}
	return id, nil
}
