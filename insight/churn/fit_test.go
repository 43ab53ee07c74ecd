package churn

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// driven is a tenant whose customers leave for silence and open cases.
func driven(contractual bool) tenant {
	return tenant{contractual: contractual, customers: 4000, days: 720, bySilence: 1.6, byCase: 1.8, seed: 3}
}

func fitted(t *testing.T, of tenant) (Model, card.Card, []Customer) {
	t.Helper()
	customers, _ := of.made()
	m, c, err := Fit(customers, Options{Contractual: of.contractual, AsOf: of.asOf()})
	require.NoError(t, err)
	return m, c, customers
}

func TestTruthIsFound(t *testing.T) {
	t.Parallel()
	for name, contractual := range map[string]bool{"purchases": false, "contracts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, c, customers := fitted(t, driven(contractual))
			require.Equal(t, card.OK, c.Status, c.Reasons)
			require.Equal(t, name, c.Kind)
			require.Len(t, c.Origins, testOrigins)
			require.Equal(t, []string{Silence, OpenCases}, m.Proven)
			var tried []string
			for _, d := range c.Drivers {
				tried = append(tried, d.Name)
			}
			require.Equal(t, []string{Silence, LastScore, ScoreChange, Sentiment, OpenCases}, tried)
			skill, _ := c.Metric(card.BrierSkill)
			require.Positive(t, skill.Low)
			gain, _ := c.Metric(SurveyGain)
			require.Positive(t, gain.Low)
			slope, _ := c.Metric(card.Slope)
			require.InDelta(t, 1, slope.Value, 0.25)
			checkRanking(t, m, customers)
		})
	}
}

// checkRanking is that those whom the truth threatens are told from the others, and why.
func checkRanking(t *testing.T, m Model, customers []Customer) {
	t.Helper()
	var threatened, others, told int
	var high, low float64
	deciles := map[int]int{}
	for _, c := range customers {
		s, ok := m.Score(c, m.AsOf)
		if !ok {
			continue
		}
		deciles[s.Decile]++
		v := see(c.sorted(), m.AsOf)
		if v.openCases > 0 || v.unanswered > 1 && !v.answered {
			threatened, high = threatened+1, high+s.Risk
			told += count(len(s.Drivers) > 0)
		} else if v.openCases == 0 && v.unanswered == 0 {
			others, low = others+1, low+s.Risk
		}
		require.NotContains(t, s.Drivers, LastScore)
	}
	require.Greater(t, threatened, 20)
	require.Greater(t, high/float64(threatened), low/float64(others)+0.05)
	require.Greater(t, told, threatened/2)
	for decile := 1; decile <= 10; decile++ {
		require.InEpsilon(t, deciles[1], deciles[decile], 0.5, "decile %d", decile)
	}
}

func TestChanceIsNoModel(t *testing.T) {
	t.Parallel()
	m, c, _ := fitted(t, tenant{contractual: true, customers: 1000, days: 720, seed: 2})
	require.Equal(t, card.NotBetterThanBase, c.Status)
	require.NotEmpty(t, c.Reasons)
	require.Contains(t, c.Reasons[0], "base_rate")
	require.Empty(t, m.Proven)
}

func TestBehaviourAloneProvesNoFact(t *testing.T) {
	t.Parallel()
	m, c, _ := fitted(t, tenant{customers: 800, days: 720, seed: 3})
	require.Equal(t, card.OK, c.Status, c.Reasons)
	require.Empty(t, m.Proven)
}

func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	of := driven(false)
	of.customers = 400
	customers, _ := of.made()
	o := Options{AsOf: of.asOf()}
	m, c, err := Fit(customers, o)
	require.NoError(t, err)
	again, cardAgain, err := Fit(reversed(customers), o)
	require.NoError(t, err)
	require.Equal(t, m, again)
	require.Equal(t, c, cardAgain)
}

func TestModelIsKeptAsJSON(t *testing.T) {
	t.Parallel()
	of := driven(true)
	of.customers = 600
	m, c, customers := fitted(t, of)
	body, err := json.Marshal(m)
	require.NoError(t, err)
	var kept Model
	require.NoError(t, json.Unmarshal(body, &kept))
	for _, customer := range customers {
		want, ok := m.Score(customer, m.AsOf)
		got, okToo := kept.Score(customer, m.AsOf)
		require.Equal(t, ok, okToo)
		require.Equal(t, want, got)
	}
	body, err = json.Marshal(c)
	require.NoError(t, err)
	var again card.Card
	require.NoError(t, json.Unmarshal(body, &again))
	require.Equal(t, c, again)
}

func TestThinData(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]tenant{
		"nobody":       {days: 720},
		"few":          {customers: 30, days: 720, seed: 1},
		"a few months": {customers: 1000, days: 300, seed: 1},
		"days":         {customers: 1000, days: 20, seed: 1},
	} {
		for _, contractual := range []bool{true, false} {
			of.contractual = contractual
			m, c, customers := fitted(t, of)
			require.Equal(t, card.ThinData, c.Status, name)
			require.NotEmpty(t, c.Reasons, name)
			_, err := json.Marshal([]any{m, c})
			require.NoError(t, err, name)
			for _, customer := range customers {
				checkScore(t, m, customer, of.asOf())
			}
		}
	}
}

func checkScore(t *testing.T, m Model, c Customer, asOf float64) {
	t.Helper()
	s, ok := m.Score(c, asOf)
	if !ok {
		require.Equal(t, Score{}, s)
		return
	}
	require.True(t, 0 <= s.Lo80 && s.Lo80 <= s.Risk && s.Risk <= s.Hi80 && s.Hi80 <= 1, "%+v", s)
	if s.Lo80 > 0.01 && s.Hi80 < 0.99 {
		middle := predict.LogitOf(s.Risk)
		require.InDelta(t, middle-predict.LogitOf(s.Lo80), predict.LogitOf(s.Hi80)-middle, 1e-6, "as far down as up, in log-odds")
	}
	require.True(t, s.Decile >= 1 && s.Decile <= 10, "%+v", s)
	require.LessOrEqual(t, len(s.Drivers), maxDrivers)
}

func TestOddCustomersHaveLegalScores(t *testing.T) {
	t.Parallel()
	of := driven(false)
	of.customers = 500
	m, _, _ := fitted(t, of)
	of.contractual = true
	ofContracts, _, _ := fitted(t, of)
	many := Customer{ID: "many"}
	for i := range 1000 {
		many.Purchases = append(many.Purchases, Purchase{At: of.asOf() - 1, Amount: 1e12})
		many.Tickets = append(many.Tickets, Ticket{Opened: of.asOf() - float64(i)/10})
		many.Cases = append(many.Cases, Case{Opened: of.asOf() - 3})
		many.Contracts = append(many.Contracts, Contract{Start: 1, Term: 1e-9, Amount: 1e12})
		many.Invitations = append(many.Invitations, Invitation{Sent: of.asOf() - 100})
		many.Answers = append(many.Answers, Answer{At: of.asOf() - 1})
	}
	for _, c := range []Customer{
		{}, many,
		{Purchases: []Purchase{{At: of.asOf(), Amount: 5}}},
		{Purchases: []Purchase{{At: of.asOf() - 1e-9, Amount: -5}}, Contracts: []Contract{{Start: of.asOf() - 1e-9, Amount: -1}}},
		{Purchases: []Purchase{{At: of.asOf() - year}}, Contracts: []Contract{{Start: 0}}},
	} {
		checkScore(t, m, c, of.asOf())
		checkScore(t, ofContracts, c, of.asOf())
	}
}

func TestOfManyCustomersTheSameAreUsed(t *testing.T) {
	t.Parallel()
	const many = MaxCustomers + 5000
	var customers []Customer
	for i := range many {
		customers = append(customers, Customer{ID: strconv.Itoa(i)})
	}
	first, err := populationOf(customers, Options{AsOf: 10})
	require.NoError(t, err)
	second, err := populationOf(reversed(customers), Options{AsOf: 10})
	require.NoError(t, err)
	require.Equal(t, first, second)
	_, c, err := Fit(customers, Options{AsOf: 10})
	require.NoError(t, err)
	require.Equal(t, many, c.Data.Customers)
	require.Equal(t, MaxCustomers, c.Data.Sampled)
}

func TestModelOfOtherFeaturesSaysNothing(t *testing.T) {
	t.Parallel()
	of := driven(true)
	of.customers = 600
	m, _, customers := fitted(t, of)
	m.Format++
	require.False(t, m.Fitted())
	for _, c := range customers {
		_, ok := m.Score(c, m.AsOf)
		require.False(t, ok)
	}
}

func TestOddTenantsHaveNoOddNumbers(t *testing.T) {
	t.Parallel()
	const from, days = opened, 900.0
	for name, of := range map[string]func(i int) Customer{
		"all buy on the same days": func(int) Customer {
			return Customer{Purchases: []Purchase{{At: from}, {At: from + 300}, {At: from + 600}}}
		},
		"all leave at once": func(int) Customer {
			return Customer{Contracts: []Contract{{Start: from, End: from + 800}}}
		},
		"nobody leaves": func(i int) Customer {
			return Customer{Contracts: []Contract{{Start: from + float64(i), Amount: -5}}, Purchases: everyDays(5, from, days)}
		},
		"who leaves is plain": func(i int) Customer {
			if i%2 == 0 {
				return Customer{Purchases: everyDays(10, from, days), Contracts: []Contract{{Start: from}}, Tickets: []Ticket{{Opened: from}}}
			}
			end := from + float64(i%9)*100
			return Customer{Purchases: everyDays(10, from, end-from), Contracts: []Contract{{Start: from, End: end + 1}}}
		},
		"amounts are huge": func(i int) Customer {
			end := 100 + float64(i*37%800)
			c := Customer{Purchases: everyDays(3+float64(i%50), from, end), Contracts: []Contract{{Start: from, End: from + end, Amount: 1e18}}}
			for j := range c.Purchases {
				c.Purchases[j].Amount = 1e18 * float64(i%3-1)
			}
			return c
		},
	} {
		var customers []Customer
		for i := range 240 {
			c := of(i)
			c.ID = strconv.Itoa(i)
			customers = append(customers, c)
		}
		for _, contractual := range []bool{false, true} {
			m, c, err := Fit(customers, Options{Contractual: contractual, AsOf: from + days})
			require.NoError(t, err, name)
			drift, err := m.Drift(customers, from+days+Horizon)
			require.NoError(t, err, name)
			_, err = json.Marshal([]any{m, c, drift})
			require.NoError(t, err, "%s: NaN and infinity are no JSON", name)
			for _, customer := range customers {
				checkScore(t, m, customer, from+days)
			}
		}
	}
}

// everyDays are purchases at equal distances.
func everyDays(gap, from, days float64) (out []Purchase) {
	for at := 0.0; at <= days; at += gap {
		out = append(out, Purchase{At: from + at, Amount: 10})
	}
	return out
}

func TestNoticeIsNoForecast(t *testing.T) {
	t.Parallel()
	of := driven(true)
	of.customers = 600
	m, _, _ := fitted(t, of)
	for name, test := range map[string]struct {
		contracts []Contract
		certain   bool
	}{
		"goes on":                {[]Contract{{Start: opened}}, false},
		"ends soon":              {[]Contract{{Start: opened, End: of.asOf() + 40}}, true},
		"ends later":             {[]Contract{{Start: opened, End: of.asOf() + 100}}, false},
		"ends, another goes on":  {[]Contract{{Start: opened, End: of.asOf() + 40}, {Start: opened}}, false},
		"ends, another is ready": {[]Contract{{Start: opened, End: of.asOf() + 40}, {Start: of.asOf() + 40}}, false},
	} {
		s, ok := m.Score(Customer{Contracts: test.contracts}, of.asOf())
		require.True(t, ok, name)
		require.Equal(t, test.certain, s.Risk == 1, name)
		if test.certain {
			require.Equal(t, Score{1, 1, 1, 10, []string{Notice}}, s, name)
		}
	}
}

// Who cannot be is left out and counted, and changes nothing of the others.
func TestWhoCannotBeIsLeftOut(t *testing.T) {
	t.Parallel()
	nan, below := math.NaN(), -2.0
	of := tenant{customers: 500, days: 720, seed: 5}
	customers, _ := of.made()
	want, wantCard, err := Fit(customers, Options{AsOf: of.asOf()})
	require.NoError(t, err)
	wrong := map[string]Customer{
		"a purchase that cannot be":    {Purchases: []Purchase{{At: 1}, {At: 1, Amount: math.Inf(-1)}}},
		"a contract that cannot be":    {Contracts: []Contract{{Start: 5, End: 4}}},
		"a ticket that cannot be":      {Tickets: []Ticket{{Opened: 3}, {Opened: -1}}},
		"an invitation that cannot be": {Invitations: []Invitation{{Sent: math.Inf(1)}}},
		"an answer that cannot be":     {Answers: []Answer{{At: 1, Score: 1, Sentiment: &below}}},
		"a case that cannot be":        {Cases: []Case{{Opened: latest + 1}}},
	}
	leftOut := card.LeftOut{}
	for what, c := range wrong {
		require.Equal(t, what, c.Wrong())
		c.ID, leftOut[what] = what, 1
		customers = append(customers, c)
		_, ok := want.Score(c, of.asOf())
		require.False(t, ok, what)
	}
	customers = append(customers, Customer{ID: "nan", Purchases: []Purchase{{At: nan}}})
	leftOut["a purchase that cannot be"]++
	got, gotCard, err := Fit(customers, Options{AsOf: of.asOf()})
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, leftOut, gotCard.Data.LeftOut)
	require.Equal(t, []int{507, 500}, []int{gotCard.Data.Customers, gotCard.Data.Sampled})
	gotCard.Data.Customers, gotCard.Data.LeftOut = 500, nil
	require.Equal(t, wantCard, gotCard)
	_, err = got.Drift(customers, of.asOf()+90)
	require.NoError(t, err)
}

func TestFitSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, _, err := Fit([]Customer{{ID: "x"}, {ID: "x"}}, Options{AsOf: 10})
	require.ErrorContains(t, err, "twice")
	_, _, err = Fit(nil, Options{AsOf: math.NaN()})
	require.ErrorContains(t, err, "no day")
}

// A tenth of the customers that a model was fitted to is in each decile, the customers at the
// edges too: who is on one does not change sides with the last digit of a float.
func TestDecilesAreTenths(t *testing.T) {
	t.Parallel()
	of := tenant{customers: 1000, days: 720, seed: 8}
	customers, _ := of.made()
	m, _, err := Fit(customers, Options{AsOf: of.asOf()})
	require.NoError(t, err)
	counts := map[int]int{}
	n := 0
	for _, c := range customers {
		if s, ok := m.Score(c, of.asOf()); ok {
			counts[s.Decile]++
			n++
		}
	}
	for decile := 1; decile <= 10; decile++ {
		require.InDelta(t, float64(n)/10, counts[decile], 1.01, decile)
	}
	columns := m.columns(customers, of.asOf())
	risks := columns[len(columns)-1]
	for _, cut := range m.Cuts {
		require.Contains(t, risks, cut)
	}
}
