package storetest

import (
	"fmt"
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
		w.beginCampaign()
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

	"by what a customer was when asked": func(w world) {
		w.saveProgram(program())
		w.askWith(0, "bank", "Bonn")
		w.askWith(1, "bank", "")
		w.askWith(0, "retail", "Bonn")
		industries := store.ScoreQuery{Metric: survey.NPS, By: []string{"industry"}}
		want := []store.ScoreCell{asked(2, "bank"), asked(1, "retail")}
		require.Equal(w.T, want, w.cells(industries))
		rolled, err := w.RollUpScores(w.Context(), 100)
		w.must(err)
		require.Zero(w.T, rolled, "so few can wait")
		rolled, err = w.RollUpScores(w.Context(), 1)
		w.must(err)
		require.NotZero(w.T, rolled)
		require.Equal(w.T, want, w.cells(industries))
		rolled, err = w.RollUpScores(w.Context(), 1)
		w.must(err)
		require.Zero(w.T, rolled, "once")

		both := store.ScoreQuery{Metric: survey.NPS, By: []string{"city", "industry"}}
		require.Equal(w.T, []store.ScoreCell{asked(1, "", "bank"), asked(1, "Bonn", "bank"), asked(1, "Bonn", "retail")}, w.cells(both))
		both.Where = map[string][]string{"city": {""}}
		require.Equal(w.T, []store.ScoreCell{asked(1, "", "bank")}, w.cells(both))
	},

	"of whom another tool asked": func(w world) {
		w.saveContacts(1)
		req := w.askedRequest("asked1", contactKey(0))
		req.Dimensions = survey.Dimensions{Declared: []survey.Dimension{{ID: "region", From: "account.region", MaxValues: 50}}}
		w.saveProgram(req.Program)
		_, err := w.AddAsked(w.Context(), req)
		w.must(err)
		_, err = w.AddAsked(w.Context(), w.askedRequest("asked2", ""))
		w.must(err)
		regions, channels := store.ScoreQuery{Metric: survey.NPS, By: []string{"region"}}, store.ScoreQuery{Metric: survey.NPS, By: []string{store.DimensionChannel}}
		require.Empty(w.T, w.cells(regions), "nobody knows how many were asked")
		require.Empty(w.T, w.cells(channels))
		w.done("asked1", start, 9)
		w.done("asked2", start, 9)
		w.record(start)
		one := store.ScoreCell{Key: []string{""}, Told: 1, Scores: map[int]int{9: 1}, Bands: map[survey.Band]int{survey.Promoter: 1}}
		other, both := one, one
		other.Key = []string{"emea"}
		both.Key, both.Told, both.Scores, both.Bands = []string{"api"}, 2, map[int]int{9: 2}, map[survey.Band]int{survey.Promoter: 2}
		for range 2 {
			require.Equal(w.T, []store.ScoreCell{one, other}, w.cells(regions))
			require.Equal(w.T, []store.ScoreCell{both}, w.cells(channels), "by a scan")
			_, err = w.RollUpScores(w.Context(), 1)
			w.must(err)
		}
	},

	"values that come when there are enough are others": func(w world) {
		w.saveProgram(program())
		for i, city := range []string{"Bonn", "Köln", "Ulm", "Köln", "Trier"} {
			w.askWith(i, "", city)
		}
		require.Equal(w.T, []store.ScoreCell{asked(2, "(other)"), asked(1, "Bonn"), asked(2, "Köln")},
			w.cells(store.ScoreQuery{Metric: survey.NPS, By: []string{"city"}}))
	},

	"a scan tells how far it is": func(w world) {
		w.saveProgram(program())
		w.askWith(0, "bank", "")
		var told []float64
		q := store.ScoreQuery{Metric: survey.NPS, By: []string{store.DimensionLanguage}, Progress: func(done float64) { told = append(told, done) }}
		require.Equal(w.T, []store.ScoreCell{asked(1, "fr-CA")}, w.cells(q))
		require.IsIncreasing(w.T, told)
		require.InDelta(w.T, 1, told[len(told)-1], 0)
	},

	"anonymous answers once they are released, of nobody": func(w world) {
		p := program()
		p.Anonymity = survey.Anonymity{Anonymous: true, Floor: survey.LeastFloor}
		w.saveProgram(p)
		w.saveContacts(6)
		ids := w.inviteUnder(p, start, upTo(6)...)
		q := store.ScoreQuery{Metric: survey.NPS, By: []string{store.DimensionProgram, "industry"}}
		w.unnamedAnswers(ids[:4])
		w.mix(2)
		want := asked(6, programID, "")
		want.Answered = 4
		require.Equal(w.T, []store.ScoreCell{want}, w.cells(q), "how many took part is known")
		w.unnamedAnswers(ids[4:])
		w.mix(2)
		cells := w.cells(q)
		require.Len(w.T, cells, 1)
		require.Equal(w.T, 6, cells[0].N())
		require.Equal(w.T, 6, cells[0].Answered)
		q.From = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
		require.Zero(w.T, w.cells(q)[0].N(), "of the whole month of the release, or not at all")
	},

	"many at once": func(w world) {
		const n = 12
		w.saveProgram(program())
		for i := range n {
			person, company := contact(i, i), account(i)
			person.Attributes["city"] = fmt.Sprintf("city %d", i)
			company.Attributes["industry"] = fmt.Sprintf("industry %d", i%3)
			w.must(w.SaveContacts(w.Context(), []survey.Contact{person}, []survey.Account{company}))
		}
		var requests []store.AdmitRequest
		for i := range n {
			w.addEvents(1)
			req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, i)
			req.Version, req.Dimensions = program().Version(), dimensions()
			requests = append(requests, req)
		}
		atOnce(w, n, func(i int) (int, error) {
			made, err := w.Admit(w.Context(), requests[i])
			if err == nil {
				err = w.MarkSent(w.Context(), []string{made[0].ID}, start, start.Add(expiry))
			}
			if err == nil && i%2 == 0 {
				_, err = w.RollUpScores(w.Context(), 1)
			}
			return 0, err
		})
		require.Equal(w.T, []store.ScoreCell{asked(4, "industry 0"), asked(4, "industry 1"), asked(4, "industry 2")},
			w.cells(store.ScoreQuery{Metric: survey.NPS, By: []string{"industry"}}))
		cities := w.cells(store.ScoreQuery{Metric: survey.NPS, By: []string{"city"}})
		require.Len(w.T, cities, 3, "two, and the others")
		require.Equal(w.T, asked(n-2, survey.OtherValue), cities[0])
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

// askWith asks a contact that has an industry and a city by now, long after it was asked
// before.
func (w world) askWith(i int, industry, city string) {
	w.Helper()
	now := start.Add(time.Duration(w.ids.Add(1)) * quarantine)
	person, company := contact(i, i), account(i)
	person.Attributes["city"], company.Attributes["industry"] = city, industry
	person.RefreshedAt = now
	w.must(w.SaveContacts(w.Context(), []survey.Contact{person}, []survey.Account{company}))
	w.addEvents(1)
	req := w.admitRequest(w.claim(store.TopicEvent, now).ID, now, i)
	req.Version, req.Dimensions = program().Version(), dimensions()
	made, err := w.Admit(w.Context(), req)
	w.must(err)
	w.mailed(made, now, i)
}

// asked is a cell in which nobody has answered.
func asked(n int, key ...string) store.ScoreCell {
	return store.ScoreCell{Key: key, Asked: n, Scores: map[int]int{}, Bands: map[survey.Band]int{}}
}
