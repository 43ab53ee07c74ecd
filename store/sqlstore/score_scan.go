package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/cxloop/cxloop/store"
)

// scanned are the dimensions that no group has: those of an invitation i.
var scanned = map[string]string{
	store.DimensionChannel: "i.channel", store.DimensionVariant: "i.variant", store.DimensionLanguage: "i.locale",
}

// Of an invitation i: whether it counts, and as what.
// They are written as the triggers have them.
const (
	wasAsked = `i.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') AND (i.channel <> 'api' OR i.state = 'responded')`
	countsAs = `CASE WHEN i.channel = 'api' THEN 'told' WHEN i.state = 'responded' THEN 'answered' ELSE 'asked' END`
)

// The statements of a scan, each for a column list twice: of an invitation i and, where it
// has one, its response r.
const (
	scanResponses = `SELECT %s, r.answered_at / 86400000 AS day, r.band, r.score, COUNT(*) FROM responses r JOIN invitations i ON i.id = r.invitation_id
		WHERE r.program = ? AND r.answered_at >= ? AND r.answered_at < ? AND r.recorded > 0 AND r.state <> 'withdrawn' GROUP BY %s, day, r.band, r.score`
	scanAsked = `SELECT %s, i.sent_at / 86400000 AS day, ` + countsAs + ` AS what, 0, COUNT(*) FROM invitations i
		WHERE i.program = ? AND i.sent_at >= ? AND i.sent_at < ? AND ` + wasAsked + ` GROUP BY %s, day, what`
	// Few have not been noted as sent, and these have an index of their own.
	scanUnnoted = `SELECT %s, i.asked_at / 86400000 AS day, ` + countsAs + ` AS what, 0, COUNT(*) FROM invitations i
		WHERE i.program = ? AND i.sent_at IS NULL AND i.asked_at >= ? AND i.asked_at < ? AND ` + wasAsked + ` GROUP BY %s, day, what`
)

// scanDays is how many days are scanned at once.
const scanDays = 31

// scan is one way through the records of invitations and responses.
type scan struct {
	sum *scoreSum
	// columns are read besides the group, and names what they are the values of.
	columns, names []string
	groups         map[string]*scoreGroup
	whole          map[int64]*scoreGroup
}

// scanScores adds what the records of invitations and responses say.
func (q session) scanScores(ctx context.Context, sum *scoreSum) error {
	s := scan{sum: sum, columns: []string{"i.score_group"}, groups: map[string]*scoreGroup{}}
	for _, name := range sum.dimensions() {
		if column, is := scanned[name]; is {
			s.columns, s.names = append(s.columns, column), append(s.names, name)
		}
	}
	var err error
	programs := sum.programs()
	if s.whole, err = q.groupsOf(ctx, []string{facetWhole}, programs); err != nil {
		return err
	}
	for done, program := range programs {
		progress := func(part float64) { sum.progress((float64(done) + part) / float64(len(programs))) }
		if err := q.scanProgram(ctx, s, program, progress); err != nil {
			return fmt.Errorf("scan %s: %w", program, err)
		}
	}
	return nil
}

// scanProgram reads the records of a program, some days after another.
func (q session) scanProgram(ctx context.Context, s scan, program string, progress func(float64)) error {
	first, last := days(s.sum.query)
	var begin, end int64
	err := q.row(ctx, `SELECT COALESCE(MIN(at), 0) / 86400000, COALESCE(MAX(at), -1) / 86400000 FROM (
		SELECT MIN(sent_at) AS at FROM invitations WHERE program = ? AND sent_at IS NOT NULL
		UNION ALL SELECT MAX(sent_at) FROM invitations WHERE program = ? AND sent_at IS NOT NULL
		UNION ALL SELECT MIN(answered_at) FROM responses WHERE program = ?
		UNION ALL SELECT MAX(answered_at) FROM responses WHERE program = ?) ends`, program, program, program, program).Scan(&begin, &end)
	if err != nil {
		return err
	}
	begin, end = max(first, begin), min(last, end)
	if err := q.scanPart(ctx, s, scanUnnoted, program, first, last+1); err != nil {
		return err
	}
	for from := begin; from <= end; from += scanDays {
		progress(float64(from-begin) / float64(end-begin+1))
		to := min(from+scanDays, end+1)
		for _, text := range []string{scanResponses, scanAsked} {
			if err := q.scanPart(ctx, s, text, program, from, to); err != nil {
				return err
			}
		}
	}
	progress(1)
	return nil
}

// scanPart adds what one of the statements finds of some days.
func (q session) scanPart(ctx context.Context, s scan, text, program string, from, to int64) error {
	columns := strings.Join(s.columns, ", ")
	facts, err := collect(ctx, q, func(row scanner) (f scoreFact, err error) {
		var id int64
		values := make([]string, len(s.names))
		into := []any{&id}
		for i := range values {
			into = append(into, &values[i])
		}
		err = row.Scan(append(into, &f.day, &f.what, &f.score, &f.n)...)
		f.group = s.group(id, values)
		return f, err
	}, fmt.Sprintf(text, columns, columns), program, from*dayMillis, to*dayMillis)
	for _, f := range facts {
		if f.group == nil { // of none, from before there were groups
			continue
		}
		s.sum.add(f)
		if f.what == factAnswered {
			f.what = factAsked
			s.sum.add(f)
		}
	}
	return err
}

// group is the one of an id, with the values that were read besides it.
func (s scan) group(id int64, values []string) *scoreGroup {
	whole := s.whole[id]
	if whole == nil || len(values) == 0 {
		return whole
	}
	key := fmt.Sprint(id, "\x1f", strings.Join(values, "\x1f"))
	if g := s.groups[key]; g != nil {
		return g
	}
	g := *whole
	g.dims = maps.Clone(whole.dims)
	for i, name := range s.names {
		g.dims[name] = values[i]
	}
	s.groups[key] = &g
	return &g
}
