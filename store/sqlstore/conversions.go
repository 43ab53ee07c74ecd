package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// stepCredit names CreditDeals' entry in batch_results.
const stepCredit = "credit"

// CreditDeals implements store.Referrals.
func (s *Store) CreditDeals(ctx context.Context, batch string, won []store.Won, now time.Time, signals func(store.ReferralCounts) map[string]string) (store.Credited, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return store.Credited{}, err
	}
	var out store.Credited
	err = s.write(ctx, func(q session) error {
		return q.onceFor(ctx, batch, stepCredit, now, &out, func() error {
			out = store.Credited{}
			promoters := map[string]bool{}
			for _, w := range won {
				promoter, err := q.credit(ctx, hash, w)
				if err != nil {
					return err
				}
				if promoter != "" {
					out.Deals++
					promoters[promoter] = true
				}
			}
			if out.CRMs, err = q.setReferralSignals(ctx, slices.Sorted(maps.Keys(promoters)), now, signals); err != nil {
				return err
			}
			return q.finishItems(ctx, batch, now)
		})
	})
	if err != nil {
		return store.Credited{}, fmt.Errorf("credit won deals of batch %s: %w", batch, err)
	}
	return out, nil
}

// selectWonLead finds the first lead that the contacts of a deal are: by the record that
// the CRM made of it, by an address that the event tells, or by that of a known contact.
const selectWonLead = `SELECT f.id, f.ask_id, f.program, f.contact_key FROM leads f
	WHERE f.state = 'created' AND f.crm = ? AND (f.record_key {any} AND f.record_key <> '' OR f.address_hash {any}
		OR f.address_hash IN (SELECT c.address_hash FROM contacts c WHERE c.key {any}))
	ORDER BY f.created_at, f.id LIMIT 1`

// credit credits the ask that a won deal is due to. It returns the promoter, "" where there
// is none, or the deal was credited before.
func (q session) credit(ctx context.Context, hash hasher, w store.Won) (promoter string, err error) {
	var addresses []string
	for _, address := range w.Addresses {
		if hashed, ok := hash.address(address).(string); ok {
			addresses = append(addresses, hashed)
		}
	}
	records := q.list(hash.references(w.Contacts))
	var lead, ask, program string
	err = q.row(ctx, selectWonLead, w.CRM, records, q.list(addresses), records).Scan(&lead, &ask, &program, &promoter)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the lead of a deal: %w", err)
	}
	var amount any
	if w.Amount != nil {
		amount = int64(*w.Amount)
	}
	deal := w.CRM + ":" + hash.hash("deal", survey.RecordKey(w.CRM, w.Deal))
	n, err := q.exec(ctx, `INSERT INTO conversions (deal, lead_id, ask_id, program, contact_key, amount, currency, won_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, deal, lead, ask, program, promoter, amount, w.Currency, w.At.UnixMilli())
	if err != nil || n == 0 {
		return "", err
	}
	_, err = q.exec(ctx, `UPDATE asks SET state = ? WHERE id = ?`, survey.AskConverted, ask)
	return promoter, err
}

// ReferralFigures implements store.Referrals.
func (s *Store) ReferralFigures(ctx context.Context, since, until time.Time) ([]store.ReferralFigure, error) {
	from, to := int64(0), int64(1)<<62
	if !since.IsZero() {
		from = since.UnixMilli()
	}
	if !until.IsZero() {
		to = until.UnixMilli()
	}
	byProgram := map[string]*store.ReferralFigure{}
	of := func(program string) *store.ReferralFigure {
		if byProgram[program] == nil {
			byProgram[program] = &store.ReferralFigure{
				Program: program, Leads: map[survey.LeadState]int{}, Revenue: map[string]survey.Hundredths{},
			}
		}
		return byProgram[program]
	}
	q := s.read()
	_, err := collect(ctx, q, func(row scanner) (none struct{}, err error) {
		var program string
		var state survey.LeadState
		var n, thanked int
		if err = row.Scan(&program, &state, &n, &thanked); err == nil {
			of(program).Leads[state] = n
			of(program).Thanked += thanked
		}
		return none, err
	}, `SELECT f.program, f.state, COUNT(*), COUNT(CASE WHEN f.thanks = 'sent' THEN 1 END) FROM leads f
		JOIN asks k ON k.id = f.ask_id WHERE k.created_at >= ? AND k.created_at < ? GROUP BY f.program, f.state`, from, to)
	if err != nil {
		return nil, fmt.Errorf("count leads: %w", err)
	}
	_, err = collect(ctx, q, func(row scanner) (none struct{}, err error) {
		var program, currency string
		var n, known int
		var sum int64
		if err = row.Scan(&program, &currency, &n, &known, &sum); err == nil {
			of(program).Won += n
			if known > 0 {
				of(program).Revenue[currency] += survey.Hundredths(sum)
			}
		}
		return none, err
	}, `SELECT v.program, v.currency, COUNT(*), COUNT(v.amount), CAST(COALESCE(SUM(v.amount), 0) AS BIGINT) FROM conversions v
		JOIN asks k ON k.id = v.ask_id WHERE k.created_at >= ? AND k.created_at < ? GROUP BY v.program, v.currency`, from, to)
	if err != nil {
		return nil, fmt.Errorf("count won deals: %w", err)
	}
	out := make([]store.ReferralFigure, 0, len(byProgram))
	for _, program := range slices.Sorted(maps.Keys(byProgram)) {
		out = append(out, *byProgram[program])
	}
	return out, nil
}
