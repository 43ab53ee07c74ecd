package sqlstore

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// What of a score fact is no band.
const (
	factAsked    = "asked"
	factAnswered = "answered"
	factTold     = "told"
)

const dayMillis = 86_400_000

// scoreFact is a count of what happened on a day, or in the month that begins with it.
type scoreFact struct {
	group *scoreGroup
	day   int64 // since 1970
	what  string
	score int
	n     int
}

// scoreSum adds facts up to the cells of a query.
type scoreSum struct {
	query store.ScoreQuery
	// metrics are those of versions of programs, see versionMetrics.
	metrics map[programVersion]survey.Metric
	cells   map[cellKey]*store.ScoreCell
	// starts are the beginnings of days' periods.
	starts map[int64]time.Time
	// kept are the keys of groups, "" for one that does not count.
	kept map[*scoreGroup]groupKey
}

type cellKey struct {
	period int64
	joined string
}

type groupKey struct {
	counts bool
	key    []string
	joined string
}

type programVersion struct{ program, version string }

func newScoreSum(query store.ScoreQuery, metrics map[programVersion]survey.Metric) *scoreSum {
	return &scoreSum{
		query: query, metrics: metrics,
		cells: map[cellKey]*store.ScoreCell{}, starts: map[int64]time.Time{}, kept: map[*scoreGroup]groupKey{},
	}
}

// dimensions are those that the query names, each once.
func (s *scoreSum) dimensions() []string {
	return sortedUnique(slices.AppendSeq(slices.Clone(s.query.By), maps.Keys(s.query.Where)))
}

// programs are those that have a version of the query's metric, in order.
func (s *scoreSum) programs() []string {
	var found []string
	for v, metric := range s.metrics {
		if metric == s.query.Metric && (len(s.query.Programs) == 0 || slices.Contains(s.query.Programs, v.program)) {
			found = append(found, v.program)
		}
	}
	return sortedUnique(found)
}

// progress tells how much of a scan is done.
func (s *scoreSum) progress(done float64) {
	if s.query.Progress != nil {
		s.query.Progress(done)
	}
}

// keyOf is the key of a group's cells.
func (s *scoreSum) keyOf(g *scoreGroup) groupKey {
	if k, known := s.kept[g]; known {
		return k
	}
	k := groupKey{counts: s.counts(g)}
	for _, dimension := range s.query.By {
		k.key = append(k.key, g.value(dimension))
	}
	k.joined = strings.Join(k.key, "\x00")
	s.kept[g] = k
	return k
}

func (s *scoreSum) counts(g *scoreGroup) bool {
	if s.metrics[programVersion{g.program, g.version}] != s.query.Metric {
		return false
	}
	if len(s.query.Programs) > 0 && !slices.Contains(s.query.Programs, g.program) {
		return false
	}
	for dimension, values := range s.query.Where {
		if !slices.Contains(values, g.value(dimension)) {
			return false
		}
	}
	return true
}

// add counts a fact.
func (s *scoreSum) add(f scoreFact) {
	k := s.keyOf(f.group)
	if !k.counts || f.n == 0 {
		return
	}
	start := s.startOf(f.day)
	at := cellKey{start.Unix(), k.joined}
	c := s.cells[at]
	if c == nil {
		c = &store.ScoreCell{Key: k.key, Period: start, Scores: map[int]int{}, Bands: map[survey.Band]int{}}
		s.cells[at] = c
	}
	switch f.what {
	case factAsked:
		c.Asked += f.n
	case factAnswered:
		c.Answered += f.n
	case factTold:
		c.Told += f.n
	default:
		addTo(c.Scores, f.score, f.n)
		addTo(c.Bands, survey.Band(f.what), f.n)
	}
}

// startOf is the beginning of the query's period that a day is in.
func (s *scoreSum) startOf(day int64) time.Time {
	start, known := s.starts[day]
	if !known {
		start = s.query.Period.Start(startOf(day))
		s.starts[day] = start
	}
	return start
}

// addTo counts, and forgets what comes to nothing.
func addTo[K comparable](counts map[K]int, of K, n int) {
	counts[of] += n
	if counts[of] == 0 {
		delete(counts, of)
	}
}

// sorted are the cells that have anything.
func (s *scoreSum) sorted() []store.ScoreCell {
	var out []store.ScoreCell
	for _, c := range s.cells {
		if c.Asked != 0 || c.Answered != 0 || c.Told != 0 || len(c.Scores) > 0 {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b store.ScoreCell) int {
		return cmp.Or(a.Period.Compare(b.Period), slices.Compare(a.Key, b.Key))
	})
	return out
}
