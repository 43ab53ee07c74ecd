package value

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat"
)

// Spend is what a customer paid: the mean over purchases, in one currency.
type Spend struct {
	// Purchases is how many the mean is of, at least 1.
	Purchases int `json:"purchases"`
	// Mean is above 0.
	Mean float64 `json:"mean"`
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

// FitSpendMAP fits by the most probable parameters under a weak prior: for use.
func FitSpendMAP(spends []Spend) (GammaGamma, error) { return fitSpend(spends, true) }

// FitSpendML fits by maximum likelihood.
func FitSpendML(spends []Spend) (GammaGamma, error) { return fitSpend(spends, false) }

func fitSpend(spends []Spend, withPrior bool) (GammaGamma, error) {
	if len(spends) == 0 {
		return GammaGamma{}, errNoSpend
	}
	mean := 0.0
	for i, s := range spends {
		if s.Purchases < 1 || !(s.Mean > 0) || math.IsInf(s.Mean, 0) {
			return GammaGamma{}, fmt.Errorf("value: spend %d: %d purchases of %g on average", i, s.Purchases, s.Mean)
		}
		mean += s.Mean / float64(len(spends))
	}
	f := spendObjective{spends: spends, mean: mean, prior: withPrior}
	problem := optimize.Problem{
		Func: func(theta []float64) float64 { value, _ := f.compute(theta); return value },
		Grad: func(into, theta []float64) { _, grad := f.compute(theta); copy(into, grad[:]) },
	}
	settings := &optimize.Settings{GradientThreshold: 1e-9, MajorIterations: 300, Converger: optimize.NeverTerminate{}}
	found, err := optimize.Minimize(problem, spendPrior[:], settings, &optimize.BFGS{})
	if found == nil || err != nil && steepest(f, found.X) > 1e-5 {
		return GammaGamma{}, errNoFit
	}
	out := GammaGamma{P: math.Exp(found.X[0]), Q: 1 + math.Exp(found.X[1]), Gamma: math.Exp(found.X[2]) * mean, N: len(spends)}
	f.prior = false
	plain, _ := f.compute(found.X)
	out.LogLikelihood = -plain*float64(out.N) - float64(out.N)*math.Log(mean)
	out.Correlation = correlation(spends)
	return out, nil
}

func steepest(f spendObjective, theta []float64) float64 {
	_, grad := f.compute(theta)
	return max(math.Abs(grad[0]), math.Abs(grad[1]), math.Abs(grad[2]))
}

func correlation(spends []Spend) float64 {
	often, much := make([]float64, len(spends)), make([]float64, len(spends))
	for i, s := range spends {
		often[i], much[i] = float64(s.Purchases), s.Mean
	}
	r := stat.Correlation(often, much, nil)
	if math.IsNaN(r) { // all alike
		return 0
	}
	return r
}

type spendObjective struct {
	spends []Spend
	mean   float64
	prior  bool
}

// compute returns the mean of the negative log-likelihood, and its derivatives by log p,
// log(q−1) and log γ.
func (f spendObjective) compute(theta []float64) (value float64, grad [3]float64) {
	for _, v := range theta {
		if !(math.Abs(v) < far) {
			return math.Inf(1), grad
		}
	}
	p, q1, gamma := math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2])
	q := 1 + q1
	psi := mathext.Digamma
	logGamma, psiQ, lnGammaQ := theta[2], psi(q), lgamma(q)
	for _, s := range f.spends {
		x, m := float64(s.Purchases), s.Mean/f.mean
		px := p * x
		all := math.Log(gamma + m*x)
		value += lgamma(px+q) - lgamma(px) - lnGammaQ + q*logGamma + (px-1)*math.Log(m) + px*math.Log(x) - (px+q)*all
		both := psi(px + q)
		grad[0] += x * (both - psi(px) + math.Log(m) + math.Log(x) - all)
		grad[1] += both - psiQ + logGamma - all
		grad[2] += q/gamma - (px+q)/(gamma+m*x)
	}
	n := float64(len(f.spends))
	value /= -n
	for i, d := range [3]float64{p, q1, gamma} {
		grad[i] *= -d / n
		if f.prior {
			off := theta[i] - spendPrior[i]
			value += off * off / 2 / n
			grad[i] += off / n
		}
	}
	return value, grad
}
