// Package predict makes probabilities of what will happen from what is known of customers,
// calibrates them, and says how good they are.
package predict

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Example is one customer at one moment, and what came of it.
type Example struct {
	// X are the features, of one length in all examples.
	X []float64
	// Offset is added to the logit as it is: what another model says.
	Offset  float64
	Happens bool
}

// Logistic is a logistic regression.
type Logistic struct {
	Intercept float64
	// Coef are of features less Mean, divided by Scale.
	Coef, Mean, Scale []float64
	// Covariance is that of Intercept and Coef, row by row, where it was asked for.
	Covariance []float64 `json:",omitempty"`
}

// LogisticOptions are how a regression is fitted.
type LogisticOptions struct {
	// Penalty is λ of λ/2·Σw², of the coefficients of scaled features; above 0. 1/Penalty
	// is the variance of a normal prior.
	Penalty float64
	// FixedIntercept keeps the intercept at 0: the offset has one.
	FixedIntercept bool
}

var errExamples = errors.New("predict: there is nothing to fit")

// FitLogistic fits by the most probable coefficients: it minimises the sum of the log-loss
// and the penalty by Newton's method. Features are centred and scaled by their standard
// deviation in the examples (of the population); one that is the same in all has no effect.
func FitLogistic(examples []Example, o LogisticOptions) (*Logistic, error) {
	if len(examples) == 0 {
		return nil, errExamples
	}
	k := len(examples[0].X)
	for i, e := range examples {
		if len(e.X) != k {
			return nil, fmt.Errorf("predict: example %d has %d features, and those before %d", i, len(e.X), k)
		}
		if !finite(e.Offset) || !finite(e.X...) {
			return nil, fmt.Errorf("predict: example %d has a feature or an offset that is no number", i)
		}
	}
	m := &Logistic{Coef: make([]float64, k)}
	m.Mean, m.Scale = moments(examples, k)
	if err := m.search(newDesign(examples, m), o); err != nil {
		return nil, err
	}
	return m, nil
}

// search goes on from where the coefficients are.
func (m *Logistic) search(d *design, o LogisticOptions) error {
	loss := m.loss(d, o)
	for range maxSteps {
		before := loss
		moved, now, err := m.newton(d, o, before)
		if err != nil {
			return err
		}
		if moved < 1e-9 || before-now < 1e-13*math.Abs(before) {
			break
		}
		loss = now
	}
	return nil
}

// maxSteps is far more than Newton's method needs for a convex function.
const maxSteps = 100

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

func moments(examples []Example, k int) (mean, scale []float64) {
	mean, scale = make([]float64, k), make([]float64, k)
	n := float64(len(examples))
	for _, e := range examples {
		for j, v := range e.X {
			mean[j] += v / n
		}
	}
	for _, e := range examples {
		for j, v := range e.X {
			scale[j] += (v - mean[j]) * (v - mean[j]) / n
		}
	}
	for j := range scale {
		scale[j] = math.Sqrt(scale[j])
		if scale[j] <= 1e-12*max(1, math.Abs(mean[j])) {
			scale[j] = 0
		}
	}
	return mean, scale
}

// design is the examples with their features scaled, one row after the other.
type design struct {
	size    int // of a row: 1 for the intercept, and the features
	rows    []float64
	offsets []float64
	happens []bool
}

func newDesign(examples []Example, m *Logistic) *design {
	size := len(m.Mean) + 1
	d := &design{
		size: size, rows: make([]float64, size*len(examples)),
		offsets: make([]float64, len(examples)), happens: make([]bool, len(examples)),
	}
	for i, e := range examples {
		row := d.row(i)
		row[0] = 1
		m.scaled(e.X, row[1:])
		d.offsets[i], d.happens[i] = e.Offset, e.Happens
	}
	return d
}

func (d *design) row(i int) []float64 { return d.rows[i*d.size : (i+1)*d.size] }

// newton makes one step, halved until the loss is no greater, and returns how far it went
// and the loss there.
func (m *Logistic) newton(d *design, o LogisticOptions, loss float64) (moved, now float64, err error) {
	gradient, hessian := m.slopes(d, o)
	var factor mat.Cholesky
	if !factor.Factorize(hessian) {
		return 0, loss, errors.New("predict: the regression has no single optimum: is the penalty above 0?")
	}
	var step mat.VecDense
	if err := factor.SolveVecTo(&step, gradient); err != nil {
		return 0, loss, fmt.Errorf("predict: %w", err)
	}
	before := *m
	before.Coef = append([]float64(nil), m.Coef...)
	for part := 1.0; part > 1e-8; part /= 2 {
		m.Intercept = before.Intercept - part*step.AtVec(0)
		for j := range m.Coef {
			m.Coef[j] = before.Coef[j] - part*step.AtVec(j+1)
		}
		if now = m.loss(d, o); now <= loss {
			return part * mat.Norm(&step, math.Inf(1)), now, nil
		}
	}
	m.Intercept, m.Coef = before.Intercept, before.Coef
	return 0, loss, nil
}

// slopes are the derivatives of the loss, of which the first is by the intercept.
func (m *Logistic) slopes(d *design, o LogisticOptions) (*mat.VecDense, *mat.SymDense) {
	size := d.size
	gradient, hessian := make([]float64, size), make([]float64, size*size)
	for n, happens := range d.happens {
		row := d.row(n)
		p := Sigmoid(m.logit(row[1:], d.offsets[n]))
		weight, off := p*(1-p), p
		if happens {
			off = p - 1
		}
		for i, v := range row {
			if v == 0 {
				continue
			}
			gradient[i] += off * v
			v *= weight
			into := hessian[i*size : (i+1)*size]
			for j := i; j < size; j++ {
				into[j] += v * row[j]
			}
		}
	}
	for j, w := range m.Coef {
		gradient[j+1] += o.Penalty * w
		hessian[(j+1)*size+j+1] += o.Penalty
	}
	if o.FixedIntercept {
		gradient[0] = 0
		for j := range size {
			hessian[j] = 0
		}
		hessian[0] = 1
	}
	return mat.NewVecDense(size, gradient), mat.NewSymDense(size, hessian)
}

func (m *Logistic) loss(d *design, o LogisticOptions) float64 {
	sum := 0.0
	for i, happens := range d.happens {
		sum += logLoss(m.logit(d.row(i)[1:], d.offsets[i]), happens)
	}
	for _, w := range m.Coef {
		sum += o.Penalty / 2 * w * w
	}
	return sum
}

func (m *Logistic) scaled(x, into []float64) {
	for j, v := range x {
		into[j] = 0
		if m.Scale[j] > 0 {
			into[j] = (v - m.Mean[j]) / m.Scale[j]
		}
	}
}

func (m *Logistic) logit(scaled []float64, offset float64) float64 {
	sum := m.Intercept + offset
	for j, v := range scaled {
		sum += m.Coef[j] * v
	}
	return sum
}

// Logit is the log-odds of an example.
func (m *Logistic) Logit(x []float64, offset float64) float64 {
	row := make([]float64, len(x))
	m.scaled(x, row)
	return m.logit(row, offset)
}

// Predict is the probability that it happens.
func (m *Logistic) Predict(x []float64, offset float64) float64 { return Sigmoid(m.Logit(x, offset)) }

// Sigmoid is 1/(1+e⁻ᵗ).
func Sigmoid(t float64) float64 {
	if t >= 0 {
		return 1 / (1 + math.Exp(-t))
	}
	e := math.Exp(t)
	return e / (1 + e)
}

// LogitOf undoes Sigmoid, with probabilities kept from 0 and 1 by 1e-12.
func LogitOf(p float64) float64 {
	p = min(max(p, 1e-12), 1-1e-12)
	return math.Log(p / (1 - p))
}

// LogLoss is that of a probability, in nats, with it kept from 0 and 1 by 1e-12.
func LogLoss(p float64, happens bool) float64 { return logLoss(LogitOf(p), happens) }

func logLoss(logit float64, happens bool) float64 {
	if happens {
		logit = -logit
	}
	return max(logit, 0) + math.Log1p(math.Exp(-math.Abs(logit)))
}
