package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// An answer proves the mail, also before it is noted as sent.
const countOfVariants = `SELECT i.variant, r.score, COUNT(*), COUNT(CASE WHEN r.id IS NULL AND i.state IN ('sent', 'delivered') AND i.expires_at > ? THEN 1 END)
	FROM invitations i LEFT JOIN responses r ON r.invitation_id = i.id AND r.state <> 'withdrawn'
	WHERE i.program = ? AND i.version {any} AND (i.sent_at IS NOT NULL OR r.id IS NOT NULL)
	GROUP BY i.variant, r.score`

// VariantCounts implements store.Variants.
func (s *Store) VariantCounts(ctx context.Context, p survey.Program, now time.Time) ([]store.VariantCount, error) {
	versions, err := s.versionsThatTry(ctx, p)
	if err != nil {
		return nil, err
	}
	type row struct {
		variant string
		score   sql.NullInt64
		n, open int
	}
	rows, err := collect(ctx, s.read(), func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.variant, &r.score, &r.n, &r.open)
		return r, err
	}, countOfVariants, now.UnixMilli(), p.ID, s.read().list(versions))
	if err != nil {
		return nil, fmt.Errorf("count variants of %s: %w", p.ID, err)
	}
	counts := make([]store.VariantCount, len(p.Variants))
	for i, v := range p.Variants {
		counts[i] = store.VariantCount{Variant: v.ID, Scores: map[int]int{}}
		for _, r := range rows {
			if r.variant != v.ID {
				continue
			}
			counts[i].Sent += r.n
			counts[i].Open += r.open
			if r.score.Valid {
				counts[i].Scores[int(r.score.Int64)] += r.n
			}
		}
	}
	return counts, nil
}

// versionsThatTry are the kept versions of a program with its variants.
func (s *Store) versionsThatTry(ctx context.Context, p survey.Program) ([]string, error) {
	type kept struct {
		version string
		program survey.Program
	}
	all, err := collect(ctx, s.read(), func(sc scanner) (k kept, err error) {
		err = sc.Scan(&k.version, jsonText{&k.program})
		return k, err
	}, `SELECT version, body FROM programs WHERE id = ? ORDER BY version`, p.ID)
	if err != nil {
		return nil, fmt.Errorf("read versions of %s: %w", p.ID, err)
	}
	var versions []string
	for _, k := range all {
		if p.TriesTheSame(k.program) {
			versions = append(versions, k.version)
		}
	}
	return versions, nil
}
