package value

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// revenue is the predictive distribution of what a customer's purchases within a span bring
// in all, in a unit of their own.
//
// By Gamma-Gamma a customer's ν is gamma(px+q, γ+x·m) by what they spent, and n purchases
// bring gamma(pn, ν): the unit γ+x·m times a beta prime variable of pn and px+q.
type revenue struct {
	orders *ordersDistribution
	p, q   float64
}

func (g GammaGamma) revenueOf(purchases int, orders *ordersDistribution) revenue {
	return revenue{orders: orders, p: g.P, q: g.P*float64(purchases) + g.Q}
}

func (g GammaGamma) unit(s Spend) float64 { return g.Gamma + float64(s.Purchases)*s.Mean }

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

// The revenue is looked for as t = ∛(s·q/p): the cube root of what n purchases bring is all
// but normal (Paulson 1942).

// below is the probability of less than t, from 0 up.
func (r revenue) below(t float64) float64 {
	sum := r.orders.mass[0]
	ninthQ := 1 / (9 * r.q)
	for i, mass := range r.orders.mass[1:] {
		n := r.orders.count[i+1]
		pn := r.p * n
		if pn < 1 {
			s := t * t * t * r.p / r.q
			sum += mass * mathext.RegIncBeta(pn, r.q, s/(1+s))
			continue
		}
		root := t * perRoot(n)
		ninth := 1 / (9 * pn)
		z := (root*(1-ninthQ) - (1 - ninth)) / math.Sqrt(root*root*ninthQ+ninth)
		sum += mass * normalBelow(z)
	}
	return sum
}

// normalBelow is the distribution function of the standard normal, to 1e-5.
func normalBelow(z float64) float64 {
	at := (z + farthest) * perStep
	switch {
	case at <= 0:
		return 0
	case at >= 2*farthest*perStep:
		return 1
	}
	i := int(at)
	low := normals[i]
	return low + (at-float64(i))*(normals[i+1]-low)
}

// A table is ten times as fast as math.Erfc, which is most of what quantiles cost.
const (
	farthest = 5 // standard deviations
	perStep  = 64
)

var normals = func() (out [2*farthest*perStep + 1]float64) {
	for i := range out {
		out[i] = math.Erfc((farthest-float64(i)/perStep)/math.Sqrt2) / 2
	}
	return out
}()

// perRoots are 1/∛n.
var perRoots = func() (out [exact + 1]float64) {
	for n := range out {
		out[n] = 1 / math.Cbrt(float64(n))
	}
	return out
}()

func perRoot(n float64) float64 {
	if n <= exact {
		return perRoots[int(n)]
	}
	return 1 / math.Cbrt(n)
}

// precise is how exact the cube roots of quantiles are, as a share of them.
const precise = 1e-4

// quantile is the least revenue, in units, that is not surpassed with a probability.
func (r revenue) quantile(probability float64) float64 {
	if r.orders.mass[0] >= probability {
		return 0
	}
	// Whoever buys as often as at this quantile brings about as much.
	low, high := 0.0, math.Cbrt(max(1, r.orders.quantile(probability)))
	under, over := r.orders.mass[0]-probability, r.below(high)-probability
	for over < 0 {
		low, under = high, over
		high *= 1.5
		over = r.below(high) - probability
	}
	// Regula falsi (Illinois), with halving in between for where the function has steps.
	for i := 0; high-low > precise*high && i < 100; i++ {
		middle := (low + high) / 2
		if i%3 < 2 {
			middle = low + (high-low)*under/(under-over)
		}
		switch off := r.below(middle) - probability; {
		case math.Abs(off) < precise/10:
			low, high = middle, middle
		case off < 0:
			low, under = middle, off
			over /= 2
		default:
			high, over = middle, off
			under /= 2
		}
	}
	t := (low + high) / 2
	return t * t * t * r.p / r.q
}
