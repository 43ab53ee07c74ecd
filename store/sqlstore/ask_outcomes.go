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
	k.clicked_at IS NOT NULL,
	(SELECT COUNT(*) FROM leads f WHERE f.ask_id = k.id AND f.state IN ('new', 'created', 'existing', 'refused')),
	(SELECT COUNT(*) FROM conversions v WHERE v.ask_id = k.id)
	FROM asks k WHERE (? = '' OR k.program = ?) ORDER BY k.created_at, k.id`

// AskOutcomes implements store.Asks.
func (s *Store) AskOutcomes(ctx context.Context, program string) ([]store.AskOutcome, error) {
	q := s.read()
	found, err := collect(ctx, q, func(row scanner) (o store.AskOutcome, err error) {
		var why, facts string
		err = row.Scan(&o.ID, &o.Program, &o.Kind, &o.State, &o.Rule, &o.ContactKey, &o.AccountKey, moment{&o.CreatedAt}, &why, &facts,
			&o.Opened, &o.Clicked, &o.Referred, &o.Converted)
		if err == nil && why != "" { // asks from before there were turns have none
			err = json.Unmarshal([]byte(why), &o.Why)
		}
		if err == nil && facts != "" {
			o.Facts = &survey.AskFacts{}
			err = json.Unmarshal([]byte(facts), o.Facts)
		}
		return o, err
	}, selectAskOutcomes, program, program)
	if err == nil {
		err = q.askRevenues(ctx, program, found)
	}
	if err != nil {
		return nil, fmt.Errorf("outcomes of asks: %w", err)
	}
	return found, nil
}

// askRevenues adds what the deals are worth that came of asks.
func (q session) askRevenues(ctx context.Context, program string, asks []store.AskOutcome) error {
	type worth struct {
		ask, currency string
		amount        int64
	}
	worths, err := collect(ctx, q, func(row scanner) (w worth, err error) {
		err = row.Scan(&w.ask, &w.currency, &w.amount)
		return w, err
	}, `SELECT v.ask_id, v.currency, CAST(SUM(v.amount) AS BIGINT) FROM conversions v
		WHERE v.amount IS NOT NULL AND (? = '' OR v.program = ?) GROUP BY v.ask_id, v.currency`, program, program)
	if err != nil {
		return err
	}
	byAsk := map[string]map[string]survey.Hundredths{}
	for _, w := range worths {
		if byAsk[w.ask] == nil {
			byAsk[w.ask] = map[string]survey.Hundredths{}
		}
		byAsk[w.ask][w.currency] = survey.Hundredths(w.amount)
	}
	for i := range asks {
		asks[i].Revenue = byAsk[asks[i].ID]
	}
	return nil
}
