package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// ScoreCells implements store.Scores.
func (s *Store) ScoreCells(ctx context.Context, query store.ScoreQuery) ([]store.ScoreCell, error) {
	var sum *scoreSum
	err := query.Period.Check()
	if err == nil && query.Metric == "" {
		err = errors.New("a metric is wanted")
	}
	if err == nil {
		err = s.snapshot(ctx, func(q session) error {
			metrics, err := s.versionMetrics(ctx, q)
			if err != nil {
				return err
			}
			sum = newScoreSum(query, metrics)
			if names, spans, ok := sum.rolledUp(); ok {
				err = q.addRolledUp(ctx, sum, names, spans)
			} else {
				err = q.scanScores(ctx, sum)
			}
			if err != nil {
				return err
			}
			return q.addAnonymous(ctx, sum)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("count scores: %w", err)
	}
	return sum.sorted(), nil
}

// snapshot runs reads that see the database as of one moment.
func (d *database) snapshot(ctx context.Context, do func(session) error) error {
	tx, err := d.reader.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return do(session{d.dialect, tx, d.keys})
}

// versionMetrics are the metrics of all kept versions of programs. What a version is called
// by is made of what it says, so that what was read once stays true.
func (s *Store) versionMetrics(ctx context.Context, q session) (map[programVersion]survey.Metric, error) {
	type row struct {
		programVersion
		survey.Program
	}
	known := s.metrics.Load()
	versions, err := collect(ctx, q, func(sc scanner) (v programVersion, err error) {
		err = sc.Scan(&v.program, &v.version)
		return v, err
	}, `SELECT id, version FROM programs`)
	if err != nil {
		return nil, err
	}
	if known != nil && !slices.ContainsFunc(versions, func(v programVersion) bool { _, is := (*known)[v]; return !is }) {
		return *known, nil
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.program, &r.version, asJSON{&r.Program})
		return r, err
	}, `SELECT id, version, body FROM programs`)
	if err != nil {
		return nil, err
	}
	metrics := make(map[programVersion]survey.Metric, len(rows))
	for _, r := range rows {
		metrics[r.programVersion] = r.Metric
	}
	s.metrics.Store(&metrics)
	return metrics, nil
}

// days are the first day of a query and the last, since 1970.
func days(query store.ScoreQuery) (first, last int64) {
	last = math.MaxInt32
	if !query.From.IsZero() {
		first = dayOf(query.From)
	}
	if !query.To.IsZero() {
		last = dayOf(query.To.Add(24*time.Hour-1)) - 1
	}
	return first, last
}

// addAnonymous adds the anonymous answers that are released.
func (q session) addAnonymous(ctx context.Context, sum *scoreSum) error {
	first, last := days(sum.query)
	groups := map[string]*scoreGroup{}
	facts, err := collect(ctx, q, func(row scanner) (f scoreFact, err error) {
		var program, month string
		if err = row.Scan(&program, &month, &f.what, &f.score, &f.n); err != nil {
			return f, err
		}
		begins, err := time.Parse(survey.MonthLayout, month)
		f.day = dayOf(begins)
		if groups[program] == nil {
			groups[program] = &scoreGroup{program: program}
		}
		f.group = groups[program]
		return f, err
	}, `SELECT program, released, band, score, COUNT(*) FROM anonymous_answers WHERE program {any} AND lot > 0 GROUP BY program, released, band, score`, q.list(sum.programs()))
	if err != nil {
		return err
	}
	for _, g := range groups {
		if err := q.describeAnonymous(ctx, g); err != nil {
			return err
		}
	}
	for _, f := range facts {
		if f.day >= first && f.day <= last {
			sum.add(f)
		}
	}
	return nil
}

// describeAnonymous tells of the group of an anonymous program what one of its versions does:
// an answer does not tell of which it is.
func (q session) describeAnonymous(ctx context.Context, g *scoreGroup) error {
	type row struct {
		version string
		survey.Program
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.version, asJSON{&r.Program})
		return r, err
	}, `SELECT version, body FROM programs WHERE id = ? ORDER BY version`, g.program)
	for _, r := range rows {
		if r.Anonymous {
			g.version, g.touchpoint, g.kind = r.version, r.AtTouchpoint(), string(r.Kind)
		}
	}
	return err
}
