package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Results implements store.Anonymous.
func (s *Store) Results(ctx context.Context, program string) (out store.Results, err error) {
	q := s.read()
	out.Floor, err = q.highestFloor(ctx, program)
	if err == nil && out.Floor > 0 {
		err = q.countAll(ctx, program, &out)
	}
	if err == nil && out.Floor > 0 {
		err = q.anonymousResults(ctx, program, &out)
	}
	if err != nil {
		return store.Results{}, fmt.Errorf("results of %s: %w", program, err)
	}
	return out, nil
}

// countAll counts who was asked and answered, and the responses with a name from before a
// program was anonymous.
func (q session) countAll(ctx context.Context, program string, out *store.Results) error {
	err := q.row(ctx, `SELECT COUNT(*), COUNT(CASE WHEN state = 'responded' THEN 1 END) FROM invitations
		WHERE program = ? AND channel <> 'api' AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')`, program).Scan(&out.Asked, &out.Answered)
	if err == nil {
		out.Blocks, err = q.namedBlocks(ctx, program)
	}
	return err
}

// namedBlocks counts responses that are recorded and not withdrawn, by the month of their answer.
func (q session) namedBlocks(ctx context.Context, program string) ([]survey.Block, error) {
	type row struct {
		month string
		survey.ScoreCount
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		var day int64
		err = sc.Scan(&day, &r.Score, &r.Band, &r.N)
		r.month = startOf(day).Format(survey.MonthLayout)
		return r, err
	}, `SELECT answered_at / 86400000, score, band, COUNT(*) FROM responses WHERE program = ? AND recorded > 0 AND state <> ?
		GROUP BY answered_at / 86400000, score, band ORDER BY 1, 2`, program, survey.Withdrawn)
	var blocks []survey.Block
	for _, r := range rows {
		if n := len(blocks); n == 0 || blocks[n-1].From != r.month {
			blocks = append(blocks, survey.Block{From: r.month, To: r.month})
		}
		blocks[len(blocks)-1].Add(r.ScoreCount)
	}
	return blocks, err
}

func (q session) anonymousResults(ctx context.Context, program string, out *store.Results) error {
	rows, err := q.anonymousRows(ctx, `program = ? ORDER BY lot, score, key`, program)
	if err != nil {
		return err
	}
	lot := 0
	var said []anonymousRow
	for _, r := range rows {
		if r.lot == 0 {
			out.Waiting++
			continue
		}
		if r.lot != lot {
			out.Blocks = append(out.Blocks, survey.Block{From: r.released, To: r.released})
			lot = r.lot
		}
		out.Blocks[len(out.Blocks)-1].Add(survey.ScoreCount{Score: r.Score, Band: r.Band, N: 1})
		said = append(said, r)
	}
	slices.SortStableFunc(out.Blocks, func(a, b survey.Block) int { return cmp.Compare(a.From, b.From) })
	if err := q.openAnonymousRows(ctx, said); err != nil {
		return err
	}
	for _, r := range said {
		out.Said = append(out.Said, r.AnonymousAnswer)
	}
	return nil
}

// Checklists implements store.Anonymous.
func (s *Store) Checklists(ctx context.Context, program string) ([]survey.Answers, error) {
	q := s.read()
	found, err := q.responses(ctx, `SELECT `+responseColumns+` FROM responses r WHERE r.program = ? AND r.recorded > 0 AND r.state <> ?
		AND r.band {any}`, program, survey.Withdrawn, q.list(bandNames(auditBands)))
	if err != nil {
		return nil, fmt.Errorf("audits of %s: %w", program, err)
	}
	answers := make([]survey.Answers, len(found))
	for i, r := range found {
		answers[i] = r.Answers
	}
	return answers, nil
}
