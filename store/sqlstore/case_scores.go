package sqlstore

import (
	"context"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// PastScores implements store.PastScores.
func (s *Store) PastScores(ctx context.Context, d store.CaseDetail, limit int) ([]store.PastScore, error) {
	contact, audits := d.Case.ContactKey, false
	if len(d.Responses) > 0 {
		contact, audits = d.Responses[0].ContactKey, d.Responses[0].Band.OfAudit()
	}
	q := s.read()
	scores, err := collect(ctx, q, func(row scanner) (p store.PastScore, err error) {
		err = row.Scan(&p.Program, &p.Version, &p.Score, &p.Band, moment{&p.At}, &p.Other)
		return p, err
	}, `SELECT r.program, r.version, r.score, r.band, r.answered_at, r.contact_key <> ? FROM responses r
		WHERE (r.contact_key = ? AND r.contact_key <> '' OR r.account_key = ? AND r.account_key <> '')
		AND r.state <> ? AND (r.band {any}) = ?
		AND NOT EXISTS (SELECT 1 FROM case_responses l WHERE l.case_id = ? AND l.response_id = r.id)
		ORDER BY r.answered_at DESC, r.id DESC LIMIT ?`,
		contact, contact, d.Case.AccountKey, survey.Withdrawn, q.list(bandNames(auditBands)), audits, d.Case.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("scores before case %s: %w", d.Case.ID, err)
	}
	return scores, nil
}
