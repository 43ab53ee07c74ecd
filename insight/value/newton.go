package value

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// slopes are the value of a function and its first and second derivatives, the second by
// rows.
type slopes struct {
	value    float64
	gradient []float64
	hessian  []float64
}

func newSlopes(dims int) slopes {
	return slopes{gradient: make([]float64, dims), hessian: make([]float64, dims*dims)}
}

func (s slopes) steepest() float64 {
	out := 0.0
	for _, g := range s.gradient {
		out = max(out, math.Abs(g))
	}
	return out
}

// place is where a search has come to.
type place struct {
	theta []float64
	slopes
}

// The search ends where no derivative is above flat; what is above steep is no optimum.
const (
	flat  = 1e-10
	steep = 1e-6

	maxSteps = 200
	// longestStep keeps a step of the logarithm of a parameter within e² times.
	longestStep = 2.0
)

// minimise searches by Newton's method, damped where the function is not convex. It ends
// early where enough says so.
func minimise(f func(theta []float64) slopes, start []float64, enough func(place) bool) place {
	at := place{append([]float64(nil), start...), f(start)}
	for range maxSteps {
		if at.steepest() <= flat || enough(at) {
			break
		}
		next, lower := at.descend(f)
		if !lower { // as near as floats allow
			break
		}
		at = next
	}
	return at
}

// descend makes a step, halved until it leads down.
func (p place) descend(f func(theta []float64) slopes) (place, bool) {
	step := p.step()
	down := 0.0
	for i, s := range step {
		down += s * p.gradient[i]
	}
	for part := 1.0; part > 1e-6; part /= 2 {
		theta := append([]float64(nil), p.theta...)
		for i, s := range step {
			theta[i] += part * s
		}
		if next := f(theta); next.value <= p.value+1e-4*part*down {
			return place{theta, next}, next.value < p.value || next.steepest() < p.steepest()
		}
	}
	return p, false
}

// step leads to the optimum of the parabola that the function is like, of which the
// curvature is raised until it has one.
func (p place) step() []float64 {
	dims := len(p.theta)
	gradient := mat.NewVecDense(dims, p.gradient)
	curvature := mat.NewSymDense(dims, append([]float64(nil), p.hessian...))
	var factor mat.Cholesky
	for raised := 0.0; !factor.Factorize(curvature); {
		more := max(1e-4*math.Abs(mat.Max(curvature)), 1e-8, 3*raised)
		for i := range dims {
			curvature.SetSym(i, i, curvature.At(i, i)+more)
		}
		raised += more
	}
	out := make([]float64, dims)
	if err := factor.SolveVecTo(mat.NewVecDense(dims, out), gradient); err != nil {
		// All but singular: straight down is a way too.
		copy(out, p.gradient)
	}
	longest := 0.0
	for i := range out {
		out[i] = -out[i]
		longest = max(longest, math.Abs(out[i]))
	}
	if longest > longestStep {
		for i := range out {
			out[i] *= longestStep / longest
		}
	}
	return out
}

// settled is how little is left to gain of the log-likelihood of all data where a search has
// found the optimum: with much data and little chance in it floats keep it from being flat.
const settled = 1e-4

// found reports whether a search has come to an optimum of the mean of n log-likelihoods.
func (p place) found(n float64) bool {
	inverse, ok := p.inverse()
	if !ok || p.steepest() <= steep {
		return ok
	}
	gradient := mat.NewVecDense(len(p.gradient), p.gradient)
	return n*mat.Inner(gradient, inverse, gradient)/2 <= settled
}

// inverse is that of the second derivatives; false where they are not those of an optimum.
func (p place) inverse() (*mat.SymDense, bool) {
	dims := len(p.theta)
	var factor mat.Cholesky
	if !factor.Factorize(mat.NewSymDense(dims, append([]float64(nil), p.hessian...))) {
		return nil, false
	}
	var out mat.SymDense
	return &out, factor.InverseTo(&out) == nil
}
