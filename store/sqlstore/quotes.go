package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
)

const selectQuotes = `SELECT ` + responseColumns + ` FROM responses r
	WHERE r.program = ? AND r.answered_at >= ? AND r.answered_at < ? AND r.recorded > 0 AND r.state <> 'withdrawn' AND r.sealed IS NOT NULL
	ORDER BY r.answered_at DESC, r.id DESC LIMIT ?`

// Quotes implements store.Quotes.
func (s *Store) Quotes(ctx context.Context, program string, from, to time.Time, limit int) ([]store.Quote, error) {
	q := s.read()
	found, err := q.responses(ctx, selectQuotes, program, from.UnixMilli(), to.UnixMilli(), limit)
	if err != nil {
		return nil, fmt.Errorf("read comments: %w", err)
	}
	var contacts, accounts []string
	for _, r := range found {
		if r.Comment != "" {
			contacts, accounts = append(contacts, r.ContactKey), append(accounts, r.AccountKey)
		}
	}
	people, err := q.people(ctx, contacts, "")
	if err != nil {
		return nil, err
	}
	companies, err := q.accounts(ctx, accounts)
	if err != nil {
		return nil, err
	}
	var out []store.Quote
	for _, r := range found {
		if r.Comment != "" {
			out = append(out, store.Quote{Response: r, Contact: people[r.ContactKey].Contact, Account: companies[r.AccountKey]})
		}
	}
	return out, nil
}
