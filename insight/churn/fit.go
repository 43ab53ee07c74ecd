package churn

import (
	"fmt"
	"slices"

	"github.com/cxloop/cxloop/insight/card"
)

// Options are what customers are fitted by.
type Options struct {
	// Contractual is that customers leave by ending contracts, and not by staying away.
	Contractual bool
	// AsOf is until when events are known, in days since 1970-01-01 UTC. Later ones are not
	// looked at.
	AsOf float64
}

// Model forecasts who leaves within Horizon days. It is kept as JSON.
type Model struct {
	// Format is of what features are, and how they are computed.
	Format      int
	Contractual bool
	// AsOf is until when it knew things, in days since 1970-01-01 UTC.
	AsOf float64
	TwoStage
	Calibration Calibration
	// Proven are the groups of facts that may be called drivers.
	Proven []string
	// Cuts are the nine risks that part the customers of AsOf into tenths.
	Cuts []float64
	// Usual is what features and risks were like at AsOf.
	Usual []Spread
}

// format goes up when features or their order change: a model that was fitted to others says
// nothing then.
const format = 1

// Fitted says whether there is a model: of thin data, or kept by another version of cxloop
// that saw other features, there is none.
func (m Model) Fitted() bool { return m.Behaviour != nil && m.Facts != nil && m.Format == format }

// Fit fits a model and tests it: on behaviour first, then on facts, at one moment after the
// other, each forecast by what was known at it and by other customers. The card says whether
// it may be used, and why not. Customers whose data cannot be are left out, and counted in the
// card. It returns an error where one is there twice; too little data is no error but
// card.ThinData, and the model may not be Fitted.
//
// The same customers give the same numbers, whatever their order.
func Fit(customers []Customer, o Options) (Model, card.Card, error) {
	p, err := populationOf(customers, o)
	if err != nil {
		return Model{}, card.Card{}, err
	}
	return p.fit(o, len(customers))
}

func (p population) fit(o Options, given int) (Model, card.Card, error) {
	origins := p.origins(o.AsOf)
	byOrigin := make([][]row, len(origins))
	for i, at := range origins {
		byOrigin[i] = p.at(at)
	}
	rows := slices.Concat(byOrigin...)
	out := p.card(o, given, rows)
	if !enough(rows, minTrained) {
		judge(&out, nil, p)
		return Model{Format: format, Contractual: o.Contractual, AsOf: o.AsOf}, out, nil
	}
	tests, err := backtest(p, origins, byOrigin)
	if err != nil {
		return Model{}, card.Card{}, err
	}
	var c calibrator
	for _, t := range tests {
		c.apply(t.forecasts)
		out.Origins = append(out.Origins, t.Origin)
	}
	judge(&out, c.seen, p)
	m, err := p.model(o, rows, &c)
	if err != nil {
		return Model{}, card.Card{}, err
	}
	out.Calibration = m.Calibration.Name()
	for _, d := range out.Drivers {
		if d.Proven {
			m.Proven = append(m.Proven, d.Name)
		}
	}
	return m, out, nil
}

// model fits all rows: what is used, once the backtest says how good such a model is.
func (p population) model(o Options, rows []row, c *calibrator) (Model, error) {
	m := Model{Format: format, Contractual: o.Contractual, AsOf: o.AsOf, Calibration: c.fit(-1)}
	var err error
	if m.TwoStage, err = fitTwoStage(rows); err != nil {
		return Model{}, fmt.Errorf("churn: %w", err)
	}
	if err := m.doubt(rows); err != nil {
		return Model{}, fmt.Errorf("churn: %w", err)
	}
	now := m.columns(p.customers, o.AsOf)
	m.Cuts = quantiles(now[len(now)-1], deciles)
	for i, name := range m.watched() {
		m.Usual = append(m.Usual, spreadOf(name, now[i]))
	}
	return m, nil
}

// card begins a card with what there is.
func (p population) card(o Options, given int, rows []row) card.Card {
	out := card.Card{
		Model: "churn", Kind: "purchases", AsOf: o.AsOf, Horizon: Horizon,
		Features: append(names(behaviour(o.Contractual)), names(facts)...),
		Data: card.Data{
			Customers: given, Sampled: len(p.customers), LeftOut: p.leftOut, Rows: len(rows),
			From: min(p.first, o.AsOf), To: o.AsOf, Counts: map[string]int{},
		},
	}
	if o.Contractual {
		out.Kind = "contracts"
	}
	for _, r := range rows {
		out.Data.Happened += count(r.left)
	}
	for _, c := range p.customers {
		for kind, n := range map[string]int{
			"purchases": len(c.Purchases), "contracts": len(c.Contracts), "tickets": len(c.Tickets),
			"invitations": len(c.Invitations), "answers": len(c.Answers), "cases": len(c.Cases),
		} {
			out.Data.Counts[kind] += n
		}
	}
	return out
}
