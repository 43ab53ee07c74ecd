package sqlstore

import (
	"context"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// ListCases implements store.Cases.
func (s *Store) ListCases(ctx context.Context, filter store.CaseFilter) ([]survey.Case, error) {
	where, args := `ended_at IS NULL`, []any{}
	q := s.read()
	if len(filter.States) > 0 {
		states := make([]string, len(filter.States))
		for i, state := range filter.States {
			states[i] = string(state)
		}
		where, args = `state {any}`, append(args, q.list(states))
	}
	if filter.Program != "" {
		where, args = where+` AND program = ?`, append(args, filter.Program)
	}
	found, err := collect(ctx, q, scanCase, `SELECT `+caseColumns+` FROM cases WHERE `+where+` ORDER BY opened_at, id LIMIT ?`,
		append(args, filter.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	return found, nil
}
