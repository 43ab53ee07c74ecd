package value

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Spend is what a customer paid: the mean over purchases, in one currency.
type Spend struct {
	// Purchases is how many the mean is of, at least 1.
	Purchases int `json:"purchases"`
	// Mean is above 0 and at most MostMoney.
	Mean float64 `json:"mean"`
}

// MostMoney is more than any purchase, in any currency.
const MostMoney = 1e15

func (s Spend) valid() error {
	if s.Purchases < 1 || !(s.Mean > 0 && s.Mean <= MostMoney) {
		return fmt.Errorf("%d purchases of %g on average", s.Purchases, s.Mean)
	}
	return nil
}

// GammaGamma is the model of what a purchase is worth (Fader and Hardie 2013, note 025):
// each customer's purchases are gamma(p, ν) about a mean of their own, and ν is gamma(q, γ).
// Q is above 1, so that there is a mean.
type GammaGamma struct {
	P     float64 `json:"p"`
	Q     float64 `json:"q"`
	Gamma float64 `json:"gamma"`
	// LogLikelihood is of N customers.
	LogLikelihood float64 `json:"log_likelihood"`
	N             int     `json:"n"`
	// Correlation is Pearson's, of how often and how much customers buy. The model takes the
	// two as independent.
	Correlation float64 `json:"correlation"`
}

// Correlated is from where on Correlation makes the model's independence doubtful.
const Correlated = 0.3

// Mean is what a purchase of anybody is worth on average.
func (g GammaGamma) Mean() float64 { return g.Gamma * g.P / (g.Q - 1) }

// Expected is what the next purchase of a customer is worth on average: their own mean,
// drawn to that of all the more, the fewer purchases it is of. Purchases may be 0.
func (g GammaGamma) Expected(s Spend) float64 {
	x := float64(s.Purchases)
	return g.P * (g.Gamma + x*s.Mean) / (g.P*x + g.Q - 1)
}

// The prior of the fit: log-normal with a standard deviation of 1 about these p, q−1 and γ,
// for spends of mean 1.
var spendPrior = [3]float64{math.Log(6), math.Log(2.7), math.Log(0.45)}

var errNoSpend = errors.New("value: nobody bought anything")

// FitSpendMAP fits by the most probable parameters under a weak prior: for use. Where all pay
// about the same there are none, and the model is that of one price.
func FitSpendMAP(spends []Spend) (GammaGamma, error) { return fitSpend(slices.Clone(spends), true) }

// FitSpendML fits by maximum likelihood.
func FitSpendML(spends []Spend) (GammaGamma, error) { return fitSpend(slices.Clone(spends), false) }

// fitSpend sorts what it is given.
func fitSpend(spends []Spend, withPrior bool) (GammaGamma, error) {
	mean, err := sortSpends(spends)
	if err != nil {
		return GammaGamma{}, err
	}
	f := spendObjective{spends: spends, mean: mean, prior: withPrior}
	end := minimise(f.at, spendPrior[:], func(place) bool { return false })
	if !end.found(float64(len(spends))) {
		if withPrior && onePrice(spends, mean) {
			return f.ofOnePrice(), nil
		}
		return GammaGamma{}, errNoFit
	}
	n := float64(len(spends))
	out := GammaGamma{P: math.Exp(end.theta[0]), Q: 1 + math.Exp(end.theta[1]), Gamma: math.Exp(end.theta[2]) * mean, N: len(spends)}
	f.prior = false
	out.LogLikelihood = -f.at(end.theta).value*n - n*math.Log(mean)
	out.Correlation = correlation(spends)
	return out, nil
}

// steady is the standard deviation of means, as a share of their mean, up to which all purchases
// have about one price: the likelihood has no optimum then, or one that floats do not find.
const steady = 0.05

func onePrice(spends []Spend, mean float64) bool {
	squares := 0.0
	for _, s := range spends {
		off := s.Mean/mean - 1
		squares += off * off / float64(len(spends))
	}
	return squares <= steady*steady
}

// certain is how large p and q are where all have one price: what is spent differs from it by
// about a seven-hundredth.
const certain = 1e6

// ofOnePrice is the model of those whose purchases have about one price.
func (f spendObjective) ofOnePrice() GammaGamma {
	n := float64(len(f.spends))
	out := GammaGamma{P: certain, Q: certain, Gamma: (certain - 1) / certain, N: len(f.spends)}
	f.prior = false
	at := f.at([]float64{math.Log(out.P), math.Log(out.Q - 1), math.Log(out.Gamma)})
	out.LogLikelihood = -at.value*n - n*math.Log(f.mean)
	out.Gamma *= f.mean
	return out
}

// sortSpends puts spends in order, so that sums are the same whatever the order was, and
// returns the mean of all means.
func sortSpends(spends []Spend) (mean float64, err error) {
	if len(spends) == 0 {
		return 0, errNoSpend
	}
	for i, s := range spends {
		if err := s.valid(); err != nil {
			return 0, fmt.Errorf("value: spend %d: %w", i, err)
		}
	}
	slices.SortFunc(spends, func(a, b Spend) int {
		if a.Purchases != b.Purchases {
			return a.Purchases - b.Purchases
		}
		return cmp.Compare(a.Mean, b.Mean)
	})
	for _, s := range spends {
		mean += s.Mean / float64(len(spends))
	}
	return mean, nil
}

// correlation is Pearson's of how often and how much; 0 where one of the two is all alike.
func correlation(spends []Spend) float64 {
	n := float64(len(spends))
	often, much := 0.0, 0.0
	for _, s := range spends {
		often += float64(s.Purchases) / n
		much += s.Mean / n
	}
	var both, oftens, muches float64
	for _, s := range spends {
		x, y := float64(s.Purchases)-often, s.Mean-much
		both += x * y / n
		oftens += x * x / n
		muches += y * y / n
	}
	if !(oftens > 0 && muches > 0) {
		return 0
	}
	return both / math.Sqrt(oftens*muches)
}

// spendObjective is the mean of the negative log-likelihood of sorted spends, and of the
// prior, by log p, log(q−1) and log γ.
type spendObjective struct {
	spends []Spend
	mean   float64
	prior  bool
}

func (f spendObjective) at(theta []float64) slopes {
	out := newSlopes(3)
	for _, v := range theta {
		if !(math.Abs(v) < far) {
			out.value = math.Inf(1)
			return out
		}
	}
	p, less, gamma := math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2])
	for spends := f.spends; len(spends) > 0; {
		n := 1
		for n < len(spends) && spends[n].Purchases == spends[0].Purchases {
			n++
		}
		f.add(&out, spends[:n], p, 1+less, gamma)
		spends = spends[n:]
	}
	n := float64(len(f.spends))
	out.negate([]float64{p, less, gamma}, n)
	if f.prior {
		out.addPrior(theta, spendPrior[:], n)
	}
	return out
}

// add takes in spends of one number of purchases.
func (f spendObjective) add(into *slopes, spends []Spend, p, q, gamma float64) {
	w, x := float64(len(spends)), float64(spends[0].Purchases)
	var logs, all, per, squares float64 // log m, log(γ+mx), and 1 by that
	for _, s := range spends {
		m := s.Mean / f.mean
		sum := gamma + m*x
		logs += math.Log(m)
		all += math.Log(sum)
		per += 1 / sum
		squares += 1 / (sum * sum)
	}
	psi := mathext.Digamma
	px := p * x
	both, second := psi(px+q), trigamma(px+q)
	into.value += w*(lgamma(px+q)-lgamma(px)-lgamma(q)+q*math.Log(gamma)+px*math.Log(x)) + (px-1)*logs - (px+q)*all
	g, h := into.gradient, into.hessian
	g[0] += x * (w*(both-psi(px)+math.Log(x)) + logs - all)
	g[1] += w*(both-psi(q)+math.Log(gamma)) - all
	g[2] += w*q/gamma - (px+q)*per
	h[0] += w * x * x * (second - trigamma(px))
	h[4] += w * (second - trigamma(q))
	h[8] += (px+q)*squares - w*q/(gamma*gamma)
	pq, pGamma, qGamma := w*x*second, -x*per, w/gamma-per
	h[1], h[3] = h[1]+pq, h[3]+pq
	h[2], h[6] = h[2]+pGamma, h[6]+pGamma
	h[5], h[7] = h[5]+qGamma, h[7]+qGamma
}
