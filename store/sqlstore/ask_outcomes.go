package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// selectAskOutcomes reads asks with what came of them. A mail was opened where its link
// was, or where the vendor says so.
const selectAskOutcomes = `SELECT k.id, k.program, k.kind, k.state, k.rule, k.contact_key, k.account_key, k.created_at, k.why, k.facts,
	k.seen_at IS NOT NULL OR k.clicked_at IS NOT NULL OR EXISTS (SELECT 1 FROM mail_events e WHERE e.item = k.id AND e.kind = 'ask' AND e.what = 'opened'),
	k.clicked_at IS NOT NULL
	FROM asks k WHERE (? = '' OR k.program = ?) ORDER BY k.created_at, k.id`

// AskOutcomes implements store.Asks.
func (s *Store) AskOutcomes(ctx context.Context, program string) ([]store.AskOutcome, error) {
	q := s.read()
	found, err := collect(ctx, q, func(row scanner) (o store.AskOutcome, err error) {
		var why, facts string
		err = row.Scan(&o.ID, &o.Program, &o.Kind, &o.State, &o.Rule, &o.ContactKey, &o.AccountKey, moment{&o.CreatedAt}, &why, &facts,
			&o.Opened, &o.Clicked)
		if err == nil && why != "" { // asks from before there were turns have none
			err = json.Unmarshal([]byte(why), &o.Why)
		}
		if err == nil && facts != "" {
			o.Facts = &survey.AskFacts{}
			err = json.Unmarshal([]byte(facts), o.Facts)
		}
		return o, err
	}, selectAskOutcomes, program, program)
	if err != nil {
		return nil, fmt.Errorf("outcomes of asks: %w", err)
	}
	return found, nil
}
