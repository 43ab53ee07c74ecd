package value

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// revenue is the predictive distribution of what a customer's purchases within a span bring
// in all, in a unit of their own.
//
// By Gamma-Gamma a customer's ν is gamma(px+q, γ+x·m) by what they spent, and n purchases
// bring gamma(pn, ν): (γ+x·m) times a beta prime variable of pn and px+q.
type revenue struct {
	orders ordersDistribution
	p, q   float64
	unit   float64
}

func (g GammaGamma) revenueOf(s Spend, orders ordersDistribution) revenue {
	x := float64(s.Purchases)
	return revenue{orders: orders, p: g.P, q: g.P*x + g.Q, unit: g.Gamma + x*s.Mean}
}

// least of q for a standard deviation: below 2 there is none.
const least = 2.5

func (r revenue) deviation() float64 {
	q := max(r.q, least)
	mean, square := 0.0, 0.0
	for i, mass := range r.orders.mass {
		pn := r.p * r.orders.count[i]
		mean += mass * pn / (q - 1)
		square += mass * pn * (pn + 1) / ((q - 1) * (q - 2))
	}
	return math.Sqrt(max(0, square-mean*mean))
}

// below is the probability of less than s.
func (r revenue) below(s float64) float64 {
	sum := r.orders.mass[0]
	for i, mass := range r.orders.mass[1:] {
		sum += mass * betaPrime(r.p*r.orders.count[i+1], r.q, s)
	}
	return sum
}

// betaPrime is the distribution function of a beta prime variable.
func betaPrime(a, b, s float64) float64 { return mathext.RegIncBeta(a, b, s/(1+s)) }

// precise is how exact quantiles are, as a share of them.
const precise = 1e-4

// quantile is the least revenue that is not surpassed with this probability.
func (r revenue) quantile(probability float64) float64 {
	if r.orders.mass[0] >= probability {
		return 0
	}
	low, high := 0.0, 1.0
	for r.below(high) < probability && high < math.MaxFloat64/4 {
		low, high = high, 2*high
	}
	for high-low > precise*high && high > math.SmallestNonzeroFloat64*4 {
		middle := (low + high) / 2
		if r.below(middle) < probability {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
