package value

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// ordersDistribution is of how many purchases a customer makes within a span: mass[i] is
// the probability of count[i]. Counts above some dozens stand for those about them.
type ordersDistribution struct {
	count, mass []float64
}

// The counts of a distribution: all up to exact, then each step times the one
// before until less than rest is above.
const (
	exact = 48
	step  = 1.04
	rest  = 1e-7
)

// ordersWithin is the predictive distribution of the number of purchases within a span.
//
// A customer who is active buys at a rate that is gamma(r+x, α+T) by what is known of them,
// and leaves after each purchase with a chance that is beta(a, b+x), or beta(a, b+x+1) of
// MBG/NBD. More than n purchases need n+1 of the first process and that the customer did
// not leave at the first n: P(N > n) = P(alive)·B(a, b'+n)/B(a, b')·P(NB ≥ n+1).
func (p Params) ordersWithin(h History, span float64) ordersDistribution {
	rate, age := p.R+float64(h.X), p.Alpha+h.Age
	stay := p.B + float64(h.X)
	if p.Model == MBG {
		stay++
	}
	z := span / (age + span)
	alive := p.Alive(h)
	var d ordersDistribution
	above := alive * -math.Expm1(rate*math.Log1p(-z)) // P(N > 0)
	d.add(0, 1-above)
	logMass, tail := rate*math.Log1p(-z), -math.Expm1(rate*math.Log1p(-z))
	survive := 1.0
	for n := 1.0; n <= exact && above > rest; n++ {
		logMass += math.Log((rate + n - 1) / n * z) // of the negative binomial
		tail = max(0, tail-math.Exp(logMass))
		survive *= (stay + n - 1) / (p.A + stay + n - 1)
		next := alive * survive * tail
		d.add(n, above-next)
		above = next
	}
	for n := float64(exact); above > rest && n < 1e15; {
		to := math.Ceil(n * step)
		next := alive * ratioOfBetas(p.A, stay, to) * mathext.RegIncBeta(to+1, rate, z)
		next = min(next, above)
		d.add((n+1+to)/2, above-next)
		above, n = next, to
	}
	d.mass[len(d.mass)-1] += above
	return d
}

func (d *ordersDistribution) add(count, mass float64) {
	d.count, d.mass = append(d.count, count), append(d.mass, mass)
}

// ratioOfBetas is B(a, b+n)/B(a, b).
func ratioOfBetas(a, b, n float64) float64 {
	return math.Exp(lgamma(b+n) - lgamma(b) - lgamma(a+b+n) + lgamma(a+b))
}
