package value

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// ordersDistribution is of how many purchases a customer makes within a span: mass[i] is
// the probability of count[i], of which the first is 0. Counts above some dozens stand for
// those about them.
type ordersDistribution struct {
	count, mass []float64
}

// The counts of a distribution: all up to exact, then each step times the one before, until
// less than rest is above.
const (
	exact = 48
	step  = 1.04
	rest  = 1e-6
)

// ordersWithin sets the predictive distribution of the number of purchases within a span.
//
// A customer who is active buys at a rate that is gamma(r+x, α+T) by what is known of them,
// and leaves after each purchase with a chance that is beta(a, b+x), or beta(a, b+x+1) of
// MBG/NBD. More than n purchases need n+1 of the first process and that the customer did
// not leave at the first n: P(N > n) = P(alive)·B(a, b'+n)/B(a, b')·P(NB ≥ n+1).
func (d *ordersDistribution) ordersWithin(p Params, h History, span float64) {
	d.count, d.mass = d.count[:0], d.mass[:0]
	rate := p.R + float64(h.X)
	stay := p.B + float64(h.X)
	if p.Model == MBG {
		stay++
	}
	z := span / (p.Alpha + h.Age + span)
	alive := p.Alive(h)
	// of n purchases by the negative binomial, and of more
	chance := math.Exp(rate * math.Log1p(-z))
	tail, survive := -math.Expm1(rate*math.Log1p(-z)), 1.0
	above := alive * tail
	d.add(0, 1-above)
	n := 1.0
	for ; n <= exact && above > rest; n++ {
		chance *= (rate + n - 1) / n * z
		tail = max(0, tail-chance)
		survive *= (stay + n - 1) / (p.A + stay + n - 1)
		next := alive * survive * tail
		d.add(n, above-next)
		above = next
	}
	for n--; above > rest && n < most; {
		to := math.Ceil(n * step)
		next := min(above, alive*ratioOfBetas(p.A, stay, to)*mathext.RegIncBeta(to+1, rate, z))
		d.add((n+1+to)/2, above-next)
		above, n = next, to
	}
	d.mass[len(d.mass)-1] += above
}

// most is more purchases than anybody makes.
const most = 1e12

func (d *ordersDistribution) add(count, mass float64) {
	d.count, d.mass = append(d.count, count), append(d.mass, mass)
}

// ratioOfBetas is B(a, b+n)/B(a, b).
func ratioOfBetas(a, b, n float64) float64 {
	return math.Exp(lgamma(b+n) - lgamma(b) - lgamma(a+b+n) + lgamma(a+b))
}

// quantile is the least count that is not surpassed with a probability.
func (d *ordersDistribution) quantile(probability float64) float64 {
	sum := 0.0
	for i, mass := range d.mass {
		if sum += mass; sum >= probability {
			return d.count[i]
		}
	}
	return d.count[len(d.count)-1]
}
