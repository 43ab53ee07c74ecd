package value

import (
	"math"

	"github.com/cxloop/cxloop/insight/card"
)

// Figure is a size that all values of a model hang on, before margin and discount.
type Figure struct {
	Name string
	// Value is above 0.
	Value float64
}

// Figures are what a model says of whoever has just bought for the first time, of whom it
// knows nothing but what is usual: the same customer to all models. What one knows of a real
// customer hides a mistake in what was told: the model of before is misled by it as well.
func (m ValueModel) Figures() []Figure {
	if m.Status != card.OK {
		return nil
	}
	out := figures(nil, "the orders within 12 months of who has just bought first", m.Expected(History{}, Year))
	if m.Worth != nil {
		out = figures(out, "the mean purchase", m.Worth.Mean())
	}
	return out
}

// Figures are what a contract brings in a year, the geometric mean, and how many contracts a
// customer has, which who fits has counted.
func (m ContractModel) Figures(contractsEach float64) []Figure {
	if m.Hazard == nil {
		return nil
	}
	revenue := math.Expm1(m.Hazard.Mean[len(hazardRow(1, nil))]) // the first of Agreement.features
	out := figures(nil, "the contracts of a customer", contractsEach)
	return figures(out, "what a contract brings in a year", revenue)
}

// figures leaves out what is nothing: there is no factor from it, nor to it.
func figures(of []Figure, name string, v float64) []Figure {
	if !(v > 0) || math.IsInf(v, 0) {
		return of
	}
	return append(of, Figure{name, v})
}

// leapFactor is the factor by which a figure may differ from that of the fit before. A season
// or a campaign moves it by less, and amounts in cents, or told ten times, by more.
const leapFactor = 3

// Leaps are the figures that differ by a factor of more than 3, up or down, from those of a
// version before.
func Leaps(version string, before, now []Figure) (out []card.Leap) {
	for _, b := range before {
		for _, n := range now {
			if b.Name == n.Name && (n.Value > leapFactor*b.Value || b.Value > leapFactor*n.Value) {
				out = append(out, card.Leap{Of: n.Name, From: version, Before: b.Value, Now: n.Value})
			}
		}
	}
	return out
}
