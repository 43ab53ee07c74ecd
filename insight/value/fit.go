package value

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/optimize"
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

// FitMAP fits by the most probable parameters under a weak prior: for use.
func FitMAP(model Model, histories []History) (Fit, error) { return fit(model, histories, true) }

// FitML fits by maximum likelihood: to compare with what others computed. Of little data it
// often fails.
func FitML(model Model, histories []History) (Fit, error) { return fit(model, histories, false) }

func fit(model Model, histories []History, withPrior bool) (Fit, error) {
	d, err := newData(histories)
	if err != nil {
		return Fit{}, err
	}
	f := objective{model: model, data: d, prior: withPrior}
	best, err := f.search()
	if err != nil {
		return Fit{}, err
	}
	out := Fit{Params: f.params(best, d.scale), N: len(histories)}
	for _, h := range histories {
		if h.X > 0 {
			out.Repeat++
		}
	}
	out.LogLikelihood = -f.plain(best) * d.n
	for _, r := range d.rows { // densities are of times in their own unit
		out.LogLikelihood -= r.weight * d.xs[r.x] * math.Log(d.scale)
	}
	out.StdErr, err = f.standardErrors(best, out.Params)
	return out, err
}

func (f *objective) params(theta []float64, scale float64) Params {
	return Params{f.model, math.Exp(theta[0]), math.Exp(theta[1]) * scale, math.Exp(theta[2]), math.Exp(theta[3])}
}

// search looks from every start and returns the best place.
func (f *objective) search() ([]float64, error) {
	var best []float64
	least := math.Inf(1)
	for _, start := range starts {
		problem := optimize.Problem{Func: f.value, Grad: f.gradient}
		settings := &optimize.Settings{GradientThreshold: 1e-9, MajorIterations: 300, Converger: optimize.NeverTerminate{}}
		found, err := optimize.Minimize(problem, start[:], settings, &optimize.BFGS{})
		// A line search that gets no further has come as near as floats allow.
		if found == nil || err != nil && f.steepness(found.X) > 1e-5 {
			continue
		}
		if found.F < least {
			least, best = found.F, found.X
		}
	}
	if best == nil || f.steepness(best) > 1e-5 {
		return nil, errNoFit
	}
	return best, nil
}

func (f *objective) steepness(theta []float64) float64 {
	var gradient [dims]float64
	f.gradient(gradient[:], theta)
	steepest := 0.0
	for _, g := range gradient {
		steepest = max(steepest, math.Abs(g))
	}
	return steepest
}

// objective is the mean of the negative log-likelihood, and of the prior, by the logarithms
// of the parameters.
type objective struct {
	model Model
	data  *data
	prior bool

	// What was last computed, since value and gradient come as one.
	at   [dims]float64
	last float64
	grad [dims]float64
	done bool
}

func (f *objective) value(theta []float64) float64 {
	f.compute(theta)
	return f.last
}

func (f *objective) gradient(into, theta []float64) {
	f.compute(theta)
	copy(into, f.grad[:])
}

// plain is the value without the prior.
func (f *objective) plain(theta []float64) float64 {
	bare := objective{model: f.model, data: f.data}
	return bare.value(theta)
}

// far is where a search has lost its way: e^far of anything is no parameter.
const far = 40

func (f *objective) compute(theta []float64) {
	if f.done && f.at == [dims]float64(theta) {
		return
	}
	f.at, f.done = [dims]float64(theta), true
	for _, v := range theta {
		if !(math.Abs(v) < far) {
			f.last, f.grad = math.Inf(1), [dims]float64{}
			return
		}
	}
	sum, grad := f.data.sum(f.params(theta, 1))
	f.last = -sum / f.data.n
	for i := range grad {
		f.grad[i] = -grad[i] * math.Exp(theta[i]) / f.data.n
		if f.prior {
			off := theta[i] - prior[i]
			f.last += off * off / 2 / f.data.n
			f.grad[i] += off / f.data.n
		}
	}
}

// ofX is what depends on the number of purchases alone.
type ofX struct {
	log, r, a, b float64
}

func (p Params) forX(x float64) ofX {
	left := p.A + p.B + x
	if p.Model == MBG {
		left++
	}
	psi := mathext.Digamma
	both := psi(p.A+p.B) - psi(left)
	return ofX{
		log: lgamma(p.R+x) - lgamma(p.R) + p.R*math.Log(p.Alpha) + lgamma(p.A+p.B) - lgamma(p.B) + lgamma(p.B+x) - lgamma(left),
		r:   psi(p.R+x) - psi(p.R) + math.Log(p.Alpha),
		a:   both,
		b:   both - psi(p.B) + psi(p.B+x),
	}
}

// sum is the log-likelihood of all rows and its derivatives by r, α, a and b.
func (d *data) sum(p Params) (total float64, grad [dims]float64) {
	logs := make([]float64, len(d.times))
	for i, t := range d.times {
		logs[i] = math.Log(p.Alpha + t)
	}
	byX := make([]ofX, len(d.xs))
	for i, x := range d.xs {
		byX[i] = p.forX(x)
	}
	logA := math.Log(p.A)
	for _, r := range d.rows {
		x, w := d.xs[r.x], r.weight
		of := byX[r.x]
		rate := p.R + x
		stay := -rate * logs[r.age]
		leave := logA - rate*logs[r.recency]
		stayed, chance := 1.0, 0.0 // BG/NBD: nobody leaves before the second purchase
		switch {
		case p.Model == MBG:
			stay += math.Log(p.B + x)
			stayed, chance = split(stay, leave)
			total += w * (of.log + logSum(stay, leave))
			grad[3] += w * stayed / (p.B + x)
		case x > 0:
			leave -= math.Log(p.B + x - 1)
			stayed, chance = split(stay, leave)
			total += w * (of.log + logSum(stay, leave))
			grad[3] -= w * chance / (p.B + x - 1)
		default:
			total += w * (of.log + stay)
		}
		grad[0] += w * (of.r - stayed*logs[r.age] - chance*logs[r.recency])
		grad[1] += w * (p.R/p.Alpha - rate*(stayed/(p.Alpha+d.times[r.age])+chance/(p.Alpha+d.times[r.recency])))
		grad[2] += w * (of.a + chance/p.A)
		grad[3] += w * of.b
	}
	return total, grad
}

// split is how much of eᵘ + eᵛ is each.
func split(u, v float64) (first, second float64) {
	second = 1 / (1 + math.Exp(u-v))
	return 1 - second, second
}

// nudge is for derivatives of gradients.
const nudge = 1e-5

// standardErrors come from the curvature at the optimum, by the delta method. It returns an
// error where that is no optimum.
func (f *objective) standardErrors(theta []float64, p Params) (out [dims]float64, err error) {
	curvature := mat.NewSymDense(dims, nil)
	var up, down [dims]float64
	rows := [dims][dims]float64{}
	for i := range dims {
		moved := append([]float64(nil), theta...)
		moved[i] = theta[i] + nudge
		f.gradient(up[:], moved)
		moved[i] = theta[i] - nudge
		f.gradient(down[:], moved)
		for j := range dims {
			rows[i][j] = (up[j] - down[j]) / (2 * nudge) * f.data.n
		}
	}
	for i := range dims {
		for j := i; j < dims; j++ {
			curvature.SetSym(i, j, (rows[i][j]+rows[j][i])/2)
		}
	}
	var cholesky mat.Cholesky
	if !cholesky.Factorize(curvature) {
		return out, errNoFit
	}
	var inverse mat.SymDense
	if err := cholesky.InverseTo(&inverse); err != nil {
		return out, errNoFit
	}
	for i, v := range [dims]float64{p.R, p.Alpha, p.A, p.B} {
		out[i] = v * math.Sqrt(inverse.At(i, i))
	}
	return out, nil
}
