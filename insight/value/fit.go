package value

import (
	"errors"
	"math"
)

// Fit is a model that was fitted.
type Fit struct {
	Params
	// LogLikelihood is of all histories, without the prior.
	LogLikelihood float64
	// StdErr are the standard errors of R, Alpha, A and B, of a fit by maximum likelihood.
	StdErr [dims]float64
	// N is how many histories there were, and Repeat how many with a repeat purchase.
	N, Repeat int
}

const dims = 4 // r, α, a, b

// Prior keeps parameters in bounds where there is little to learn from: each is log-normal
// with a standard deviation of 1, about these, for times of which the longest is 10. By
// maximum likelihood more than half of all samples of 25 customers have no finite optimum.
var prior = [dims]float64{math.Log(0.5), math.Log(1.5), math.Log(0.8), math.Log(2.5)}

// starts are where the search begins, as logarithms: from a single one it may end at a
// false optimum.
var starts = [][dims]float64{prior, {0, 0, 0, 0}, {-1.5, -0.5, -0.5, 0.5}}

var errNoFit = errors.New("value: the model cannot be fitted to these histories")

// FitMAP fits by the most probable parameters under a weak prior: for use. The order of the
// histories does not matter.
func FitMAP(model Model, histories []History) (Fit, error) { return fit(model, histories, true) }

// FitML fits by maximum likelihood: to compare with what others computed. Of little data it
// often fails.
func FitML(model Model, histories []History) (Fit, error) { return fit(model, histories, false) }

func fit(model Model, histories []History, withPrior bool) (Fit, error) {
	d, err := newData(histories)
	if err != nil {
		return Fit{}, err
	}
	return d.fit(model, withPrior)
}

func (d *data) fit(model Model, withPrior bool) (Fit, error) {
	f := objective{model: model, data: d, prior: withPrior}
	best := f.search()
	variance, ok := best.inverse()
	if best.steepest() > steep || !ok {
		return Fit{}, errNoFit
	}
	out := Fit{Params: f.params(best.theta, d.scale), N: int(d.n), Repeat: d.repeat()}
	for i, v := range [dims]float64{out.R, out.Alpha, out.A, out.B} { // by the delta method
		out.StdErr[i] = v * math.Sqrt(variance.At(i, i)/d.n)
	}
	f.prior = false
	out.LogLikelihood = -f.at(best.theta).value * d.n
	for _, r := range d.rows { // densities are of times in their own unit
		out.LogLikelihood -= r.weight * r.x * math.Log(d.scale)
	}
	return out, nil
}

func (f *objective) params(theta []float64, scale float64) Params {
	return Params{f.model, math.Exp(theta[0]), math.Exp(theta[1]) * scale, math.Exp(theta[2]), math.Exp(theta[3])}
}

// sample is of how many customers the search looks where the optimum is: of more only the
// last steps are made with all.
const sample = 4096

// search looks from every start and returns the best place.
func (f *objective) search() place {
	rough := *f
	if len(f.data.rows) > sample {
		rough.data = f.data.thin(sample)
	}
	var optima []place
	for _, start := range starts {
		optima = rough.explore(optima, start[:])
	}
	if rough.data != f.data {
		found := optima
		optima = nil
		for _, o := range found {
			optima = f.explore(optima, o.theta)
		}
	}
	// From afar the search ends at parameters by which nobody leaves.
	still := rough.nobodyLeaves()
	if !(lowest(optima).value < f.at(still).value) {
		optima = f.explore(optima, still)
	}
	return lowest(optima)
}

// near is how close the logarithms of all parameters are where a search need not go on: the
// rest of the way to that optimum is down.
const near = 0.1

// explore adds the optimum that a start leads to, unless it is one of those known.
func (f *objective) explore(known []place, start []float64) []place {
	end := minimise(f.at, start, func(p place) bool { return amid(known, p) })
	if math.IsInf(end.value, 0) || amid(known, end) {
		return known
	}
	return append(known, end)
}

func amid(known []place, p place) bool {
	for _, k := range known {
		apart := 0.0
		for i, v := range k.theta {
			apart = max(apart, math.Abs(v-p.theta[i]))
		}
		if apart < near && k.value <= p.value {
			return true
		}
	}
	return false
}

// lowest is the best place; without any it is one from which nothing leads on.
func lowest(places []place) place {
	best := place{theta: make([]float64, dims), slopes: newSlopes(dims)}
	best.value = math.Inf(1)
	best.gradient[0] = math.Inf(1)
	for _, p := range places {
		if p.value < best.value {
			best = p
		}
	}
	return best
}

// objective is the mean of the negative log-likelihood, and of the prior, by the logarithms
// of the parameters.
type objective struct {
	model Model
	data  *data
	prior bool
}

// far is where a search has lost its way: e^far of anything is no parameter.
const far = 40

func (f *objective) at(theta []float64) slopes {
	out := newSlopes(dims)
	for _, v := range theta {
		if !(math.Abs(v) < far) {
			out.value = math.Inf(1)
			return out
		}
	}
	p := f.params(theta, 1)
	f.data.sum(p, &out)
	out.negate([]float64{p.R, p.Alpha, p.A, p.B}, f.data.n)
	if f.prior {
		out.addPrior(theta, prior[:], f.data.n)
	}
	return out
}

// negate turns a sum of log-likelihoods and its derivatives by parameters into the negative
// mean and those by the logarithms of the parameters.
func (s *slopes) negate(by []float64, n float64) {
	dims := len(by)
	s.value /= -n
	for i, p := range by {
		s.gradient[i] *= -p / n
		for j, q := range by {
			s.hessian[i*dims+j] *= -p * q / n
		}
		s.hessian[i*dims+i] += s.gradient[i]
	}
}

// addPrior adds that of normal logarithms with a standard deviation of 1 about some.
func (s *slopes) addPrior(theta, about []float64, n float64) {
	for i, v := range theta {
		off := v - about[i]
		s.value += off * off / 2 / n
		s.gradient[i] += off / n
		s.hessian[i*len(theta)+i] += 1 / n
	}
}

// nobodyLeaves is where the model is as good as NBD, at the most likely parameters of that.
func (f *objective) nobodyLeaves() []float64 {
	nbd := func(theta []float64) slopes {
		out := newSlopes(2)
		if !(math.Abs(theta[0]) < far && math.Abs(theta[1]) < far) {
			out.value = math.Inf(1)
			return out
		}
		r, alpha := math.Exp(theta[0]), math.Exp(theta[1])
		f.data.sumNBD(r, alpha, &out)
		out.negate([]float64{r, alpha}, f.data.n)
		return out
	}
	found := minimise(nbd, prior[:2], func(place) bool { return false })
	return []float64{found.theta[0], found.theta[1], -6, 0}
}
