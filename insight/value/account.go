package value

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/cxloop/cxloop/insight/card"
)

// RollUp says what an account is worth by its contacts, who are taken to buy independently
// of each other. It has the status ok only where all have it, and amounts where all have
// them; its band is the most recent one of theirs. There has to be one contact.
func RollUp(id string, contacts []CustomerValue) CustomerValue {
	out := contacts[0]
	out.ID = id
	if len(contacts) == 1 {
		return out
	}
	quiet, nothing, variance := 1-out.PPurchase90d, out.Nothing, out.SD*out.SD
	for _, c := range contacts[1:] {
		out.Band = laterOf(out.Band, c.Band)
		if c.Status != card.OK {
			out.Status = c.Status
		}
		out.Valued = out.Valued && c.Valued
		out.ExpectedOrders12m += c.ExpectedOrders12m
		quiet *= 1 - c.PPurchase90d
		out.CLV += c.CLV
		out.RevenueAtRisk += c.RevenueAtRisk
		nothing *= c.Nothing
		variance += c.SD * c.SD
	}
	if out.Status != card.OK {
		return CustomerValue{ID: id, Status: out.Status, Band: out.Band}
	}
	out.PPurchase90d = 1 - quiet
	if !out.Valued {
		return CustomerValue{ID: id, Status: out.Status, Band: out.Band, ExpectedOrders12m: out.ExpectedOrders12m, PPurchase90d: out.PPurchase90d}
	}
	if out.ExpectedOrders12m > 0 {
		out.OrderValue = 0
		for _, c := range contacts {
			out.OrderValue += c.OrderValue * (c.ExpectedOrders12m / out.ExpectedOrders12m)
		}
	}
	out.Nothing, out.SD = nothing, math.Sqrt(variance)
	out.P10, out.P50, out.P90 = sumQuantile(0.1, out), sumQuantile(0.5, out), sumQuantile(0.9, out)
	return out
}

func laterOf(a, b Recency) Recency {
	for _, band := range []Recency{RecentlyBought, OverdueToBuy, QuietForLong} {
		if a == band || b == band {
			return band
		}
	}
	return ""
}

// sumQuantile is a quantile of a sum: 0 as often as all are, and above it gamma with the
// mean and the variance that are left.
func sumQuantile(probability float64, v CustomerValue) float64 {
	some := 1 - v.Nothing
	if v.Nothing >= probability || v.CLV <= 0 || some <= 0 {
		return 0
	}
	mean := v.CLV / some
	variance := (v.SD*v.SD+v.CLV*v.CLV)/some - mean*mean
	if variance <= 1e-12*mean*mean {
		return mean
	}
	shape := mean * mean / variance
	return mathext.GammaIncRegInv(shape, (probability-v.Nothing)/some) * variance / mean
}
