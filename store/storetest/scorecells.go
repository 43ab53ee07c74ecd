package storetest

import (
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// saveProgram keeps a program, by which the metric of its scores is known.
func (w world) saveProgram(p survey.Program) survey.Program {
	w.Helper()
	w.must(w.SaveProgram(w.Context(), p))
	return p
}

// cells runs a query that no test expects to fail.
func (w world) cells(q store.ScoreQuery) []store.ScoreCell {
	w.Helper()
	cells, err := w.ScoreCells(w.Context(), q)
	w.must(err)
	return cells
}

var scoreCellCases = map[string]func(world){
	"what was asked counts when it was, a score when it was given": func(w world) {
		p := w.saveProgram(program())
		w.saveContacts(4)
		ids := w.inviteUnder(p, start, 0, 1, 2, 3)
		later := start.AddDate(0, 1, 0)
		w.done(ids[0], start, 9)
		w.done(ids[1], start, 3)
		w.record(start)
		w.done(ids[2], start.Add(expiry-time.Hour), 9)
		q := store.ScoreQuery{Metric: survey.NPS, By: []string{store.DimensionProgram}}
		march := store.ScoreCell{
			Key: []string{p.ID}, Asked: 4, Answered: 3,
			Scores: map[int]int{3: 1, 9: 1}, Bands: map[survey.Band]int{survey.Detractor: 1, survey.Promoter: 1},
		}
		require.Equal(w.T, []store.ScoreCell{march}, w.cells(q), "what is not recorded is no score")
		require.Equal(w.T, 2, march.N())

		w.record(later)
		march.Scores[9], march.Bands[survey.Promoter] = 2, 2
		require.Equal(w.T, []store.ScoreCell{march}, w.cells(q))

		q.Period = store.Day
		cells := w.cells(q)
		require.Len(w.T, cells, 2)
		require.Equal(w.T, start.Truncate(24*time.Hour), cells[0].Period)
		require.Equal(w.T, 0, cells[1].Asked)
		require.Equal(w.T, map[int]int{9: 1}, cells[1].Scores)

		q.From, q.To = start.AddDate(0, 0, 1), later
		require.Equal(w.T, cells[1:], w.cells(q))
		q.Where = map[string][]string{store.DimensionTouchpoint: {"elsewhere"}}
		require.Empty(w.T, w.cells(q))
	},

	"whatever happens, as a recount has it": func(w world) {
		const steps, everySteps, queries = 400, 20, 8
		relational, satisfied := program(), program()
		relational.ID, relational.Kind, relational.Touchpoint = "relational", survey.Relational, "yearly"
		satisfied.ID, satisfied.Metric = "satisfied", survey.CSAT
		c := recount{world: w, random: rand.New(rand.NewPCG(6, 4)), now: start}
		for _, p := range []survey.Program{program(), relational, satisfied} {
			c.programs = append(c.programs, w.saveProgram(p))
		}
		for n := range steps {
			c.step()
			if n%everySteps > 0 {
				continue
			}
			for range queries {
				q := c.query()
				require.Equal(w.T, c.cells(q), w.cells(q), "after %d steps: %+v", n, q)
			}
		}
		require.NotEmpty(w.T, w.cells(store.ScoreQuery{Metric: survey.NPS, By: []string{"industry", "tier"}}))
	},

	"of one metric": func(w world) {
		p := program()
		p.Metric = survey.CSAT
		w.saveProgram(p)
		w.saveContacts(1)
		w.inviteUnder(p, start, 0)
		require.Empty(w.T, w.cells(store.ScoreQuery{Metric: survey.NPS}))
		require.Equal(w.T, 1, w.cells(store.ScoreQuery{Metric: survey.CSAT})[0].Asked)
		_, err := w.ScoreCells(w.Context(), store.ScoreQuery{})
		require.ErrorContains(w.T, err, "a metric is wanted")
		_, err = w.ScoreCells(w.Context(), store.ScoreQuery{Metric: survey.NPS, Period: "year"})
		require.ErrorContains(w.T, err, "want day, week, month or quarter")
	},
}

// inviteUnder is invite by a version of the tests' program that is kept.
func (w world) inviteUnder(p survey.Program, now time.Time, contacts ...int) []string {
	w.Helper()
	w.addEvents(len(contacts))
	req := w.admitRequest(w.claim(store.TopicEvent, now).ID, now, contacts...)
	req.Version = p.Version()
	made, err := w.Admit(w.Context(), req)
	w.must(err)
	return w.mailed(made, now, contacts...)
}
