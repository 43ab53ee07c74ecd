package churn

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/insight/card"
)

const deciles = 10

// riskName is what risks are called among the features that are watched.
const riskName = "risk"

// Spread is how a feature, or the risk, was distributed.
type Spread struct {
	Name string
	// Edges part values: one of at most the first is in the first bin, one above the last in
	// the last.
	Edges []float64
	// Counts are one more than Edges.
	Counts []int
}

// quantiles part values into as many of the same size, as far as values differ.
func quantiles(values []float64, parts int) (cuts []float64) {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	for i := 1; i < parts; i++ {
		cuts = append(cuts, sorted[min(len(sorted)-1, len(sorted)*i/parts)])
	}
	return cuts
}

func spreadOf(name string, values []float64) Spread {
	s := Spread{Name: name, Edges: slices.Compact(quantiles(values, deciles))}
	s.Counts = s.count(values)
	return s
}

func (s Spread) count(values []float64) []int {
	counts := make([]int, len(s.Edges)+1)
	for _, v := range values {
		counts[sort.SearchFloat64s(s.Edges, v)]++
	}
	return counts
}

// Shift is how far a distribution has moved.
type Shift struct {
	Name string `json:"name"`
	// PSI is the population stability index, Σ(a−b)·ln(a/b) over bins (Siddiqi 2006); half a
	// customer is added to each bin.
	PSI float64 `json:"psi"`
	// Chance is what it would be on average if nothing had moved.
	Chance float64 `json:"chance"`
}

// bigShift is a PSI, above that of chance, from which on a model is for others than it was
// fitted to.
const bigShift = 0.25

// Big says whether it has moved far: by more than 0.25 beyond chance.
func (s Shift) Big() bool { return s.PSI > bigShift+s.Chance }

func (s Spread) shift(values []float64) Shift {
	counts := s.count(values)
	bins := float64(len(counts))
	before, now := 0.0, float64(len(values))
	for _, n := range s.Counts {
		before += float64(n)
	}
	out := Shift{Name: s.Name}
	if before == 0 || now == 0 {
		return out
	}
	out.Chance = (bins - 1) * (1/before + 1/now)
	for i, n := range counts {
		a := (float64(s.Counts[i]) + 0.5) / (before + bins/2)
		b := (float64(n) + 0.5) / (now + bins/2)
		out.PSI += (b - a) * math.Log(b/a)
	}
	return out
}

// Drift is what has changed since a model was fitted.
type Drift struct {
	// Status is card.OK, or card.Stale for the Reasons.
	Status  card.Status `json:"status"`
	Reasons []string    `json:"reasons,omitempty"`
	Risk    Shift       `json:"risk"`
	// Features are in the order of the model's.
	Features []Shift `json:"features,omitempty"`
	// Forecast of Happened customers are how many were to leave and how many left, of those of
	// a horizon ago; Customers is 0 where the model is younger than that.
	Customers int     `json:"customers"`
	Forecast  float64 `json:"forecast"`
	Happened  int     `json:"happened"`
}

// Drift compares customers as they are at a moment, in days since 1970-01-01 UTC, with those
// that the model was fitted to, and what it said a horizon before with what came: the
// calibration in the large. A model that is not Fitted is stale. It leaves out whom Fit does,
// and returns an error where Fit does.
func (m Model) Drift(customers []Customer, asOf float64) (Drift, error) {
	if !m.Fitted() {
		return Drift{Status: card.Stale, Reasons: []string{"There is no model, or one of features that this version of cxloop does not compute."}}, nil
	}
	p, err := populationOf(customers, Options{Contractual: m.Contractual, AsOf: asOf})
	if err != nil {
		return Drift{}, err
	}
	out := Drift{Status: card.OK}
	now := m.columns(p.customers, asOf)
	for i, usual := range m.Usual {
		out.Features = append(out.Features, usual.shift(now[i]))
	}
	last := len(out.Features) - 1
	out.Risk, out.Features = out.Features[last], out.Features[:last]
	if out.Risk.Big() {
		out.Reasons = append(out.Reasons, fmt.Sprintf("Risks have moved: their stability index is %.2f, of which %.2f may be chance.", out.Risk.PSI, out.Risk.Chance))
	}
	out.compare(m, p, asOf-Horizon)
	if len(out.Reasons) > 0 {
		out.Status = card.Stale
		for _, f := range out.Features {
			if f.Big() {
				out.Reasons = append(out.Reasons, fmt.Sprintf("%s has moved: its stability index is %.2f.", f.Name, f.PSI))
			}
		}
	}
	return out, nil
}

// compare adds what became of those that the model would have scored at a moment that it did
// not know yet.
func (d *Drift) compare(m Model, p population, at float64) {
	if at < m.AsOf {
		return
	}
	for _, c := range p.customers {
		if score, ok := m.forecast(c, at); ok {
			d.Customers++
			d.Forecast += score.Risk
			d.Happened += count(left(c, at, m.Contractual))
		}
	}
	if d.Customers == 0 {
		return
	}
	came := insight.ShareOf(d.Happened, d.Customers)
	said := d.Forecast / float64(d.Customers)
	if chance := said >= came.Low && said <= came.High; !chance && math.Abs(said-came.Rate) > maxBias*came.Rate {
		d.Reasons = append(d.Reasons, fmt.Sprintf("Of %d customers %.0f were to leave, and %d did.", d.Customers, d.Forecast, d.Happened))
	}
}

// watched names what columns returns.
func (m Model) watched() []string {
	return append(append(names(behaviour(m.Contractual)), names(facts)...), riskName)
}

// columns are the features of the customers of a moment, by feature, and their risks last.
func (m Model) columns(customers []Customer, asOf float64) [][]float64 {
	out := make([][]float64, len(m.watched()))
	for _, c := range customers {
		v := see(c, asOf)
		if !current(v, m.Contractual) {
			continue
		}
		x, y := values(behaviour(m.Contractual), v), values(facts, v)
		for i, value := range append(append(x, y...), m.Calibration.predict(m.logit(x, y))) {
			out[i] = append(out[i], value)
		}
	}
	return out
}
