package chaos

import (
	"context"

	"github.com/cxloop/cxloop/sandbox"
)

// wrongScores are the counts that differ from a recount: of what was asked, was answered, was
// told by other tools, and of each score, by program, in all that is rolled up by it alone and what is not yet.
const wrongScores = `SELECT program || ' ' || what || ' ' || score, SUM(n) FROM (
		SELECT g.program, c.what, c.score, c.n FROM score_cells c JOIN score_groups g ON g.id = c.grp WHERE g.facet = '' AND c.grain = 'm'
		UNION ALL SELECT g.program, c.what, c.score, c.n FROM score_changes c JOIN score_groups g ON g.id = c.grp
		UNION ALL SELECT program, 'asked', 0, -1 FROM invitations WHERE channel <> 'api' AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
		UNION ALL SELECT program, CASE WHEN channel = 'api' THEN 'told' ELSE 'answered' END, 0, -1 FROM invitations WHERE state = 'responded'
		UNION ALL SELECT program, band, score, -1 FROM responses WHERE recorded > 0 AND state <> 'withdrawn'
	) counted GROUP BY program, what, score HAVING SUM(n) <> 0`

// countScores holds the roll-ups of scores against a recount.
func (r *run) countScores(ctx context.Context, c *count, _ *sandbox.State) error {
	var wrong []string
	err := r.rows(ctx, wrongScores, func(figure, by string) { wrong = append(wrong, figure+": off by "+by) })
	if err != nil {
		return err
	}
	rolledUp, err := r.number(ctx, `SELECT COALESCE(SUM(c.n), 0) FROM score_cells c JOIN score_groups g ON g.id = c.grp WHERE g.facet = '' AND c.grain = 'm'`)
	c.add("asked, answered and scores rolled up: %d", rolledUp)
	c.must("scores rolled up wrong", wrong)
	return err
}
