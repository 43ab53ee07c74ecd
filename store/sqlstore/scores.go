package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
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
			if err := q.scanScores(ctx, sum); err != nil {
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
		first = survey.DayOf(query.From).UnixMilli() / dayMillis
	}
	if !query.To.IsZero() {
		last = survey.DayOf(query.To.Add(24*time.Hour-1)).UnixMilli()/dayMillis - 1
	}
	return first, last
}

// scanned are the dimensions that an invitation has.
var scanned = map[string]string{
	store.DimensionProgram: "i.program", store.DimensionTouchpoint: "i.touchpoint", store.DimensionKind: "i.kind",
	store.DimensionWave: "i.campaign", store.DimensionChannel: "i.channel", store.DimensionVariant: "i.variant",
	store.DimensionLanguage: "i.locale",
}

// scanScores adds what the records of invitations and responses say.
func (q session) scanScores(ctx context.Context, sum *scoreSum) error {
	names := slices.Clone(sum.query.By)
	names = sortedUnique(slices.AppendSeq(names, maps.Keys(sum.query.Where)))
	columns := []string{"i.program", "i.version"}
	for _, name := range names {
		if column, is := scanned[name]; is {
			columns = append(columns, column)
		} else {
			columns = append(columns, "''")
		}
	}
	listed := strings.Join(columns, ", ")
	first, last := days(sum.query)
	groups := map[string]*scoreGroup{}
	read := func(text string) error {
		facts, err := collect(ctx, q, func(row scanner) (f scoreFact, err error) {
			values := make([]string, len(columns))
			into := make([]any, 0, len(columns))
			for i := range values {
				into = append(into, &values[i])
			}
			err = row.Scan(append(into, &f.day, &f.what, &f.score, &f.n)...)
			f.group = groupOf(groups, names, values)
			return f, err
		}, text, first*dayMillis, (last+1)*dayMillis)
		for _, f := range facts {
			sum.add(f)
		}
		return err
	}
	for _, text := range []string{
		fmt.Sprintf(`SELECT %s, r.answered_at / 86400000 AS day, r.band, r.score, COUNT(*) FROM responses r JOIN invitations i ON i.id = r.invitation_id
			WHERE r.recorded > 0 AND r.state <> 'withdrawn' AND r.answered_at >= ? AND r.answered_at < ? GROUP BY %s, day, r.band, r.score`, listed, listed),
		fmt.Sprintf(`SELECT %s, %s / 86400000 AS day, 'asked', 0, COUNT(*) FROM invitations i WHERE %s AND %s >= ? AND %s < ? GROUP BY %s, day`,
			listed, askedAt, wasAsked, askedAt, askedAt, listed),
		fmt.Sprintf(`SELECT %s, %s / 86400000 AS day, 'answered', 0, COUNT(*) FROM invitations i WHERE i.state = 'responded' AND %s >= ? AND %s < ? GROUP BY %s, day`,
			listed, askedAt, askedAt, askedAt, listed),
	} {
		if err := read(text); err != nil {
			return err
		}
	}
	return nil
}

// Of an invitation i: when it went out, or may have, and whether it did.
const (
	askedAt  = `COALESCE(i.sent_at, i.asked_at)`
	wasAsked = `i.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')`
)

// groupOf is the group of a row of program, version and the values of dimensions.
func groupOf(groups map[string]*scoreGroup, names, values []string) *scoreGroup {
	at := strings.Join(values, "\x00")
	if g := groups[at]; g != nil {
		return g
	}
	g := &scoreGroup{program: values[0], version: values[1], dims: map[string]string{}}
	for i, name := range names {
		g.dims[name] = values[i+2]
	}
	groups[at] = g
	return g
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
		begins, err := time.Parse("2006-01", month)
		f.day = begins.UnixMilli() / dayMillis
		f.group = groupOf(groups, []string{store.DimensionProgram}, []string{program, "", program})
		return f, err
	}, `SELECT program, released, band, score, COUNT(*) FROM anonymous_answers WHERE lot > 0 GROUP BY program, released, band, score`)
	if err != nil {
		return err
	}
	if err := q.describeAnonymous(ctx, sum, groups); err != nil {
		return err
	}
	for _, f := range facts {
		if f.day >= first && f.day <= last {
			sum.add(f)
		}
	}
	return nil
}

// describeAnonymous tells of the groups of anonymous programs what one of their versions
// does: an answer does not tell of which it is.
func (q session) describeAnonymous(ctx context.Context, sum *scoreSum, groups map[string]*scoreGroup) error {
	type row struct {
		version string
		survey.Program
	}
	for _, g := range groups {
		rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
			err = sc.Scan(&r.version, asJSON{&r.Program})
			return r, err
		}, `SELECT version, body FROM programs WHERE id = ? ORDER BY version`, g.program)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.Anonymous {
				g.version = r.version
				g.dims[store.DimensionTouchpoint], g.dims[store.DimensionKind] = r.AtTouchpoint(), string(r.Kind)
			}
		}
	}
	return nil
}
