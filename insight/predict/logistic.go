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
	for range maxSteps {
		moved, err := m.newton(examples, o)
		if err != nil {
			return nil, err
		}
		if moved < 1e-12 {
			break
		}
	}
	return m, nil
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

// newton makes one step, halved until the loss is no greater, and returns how far it went.
func (m *Logistic) newton(examples []Example, o LogisticOptions) (moved float64, err error) {
	gradient, hessian, loss := m.slopes(examples, o)
	var factor mat.Cholesky
	if !factor.Factorize(hessian) {
		return 0, errors.New("predict: the regression has no single optimum: is the penalty above 0?")
	}
	var step mat.VecDense
	if err := factor.SolveVecTo(&step, gradient); err != nil {
		return 0, fmt.Errorf("predict: %w", err)
	}
	before := *m
	before.Coef = append([]float64(nil), m.Coef...)
	for part := 1.0; part > 1e-8; part /= 2 {
		m.Intercept = before.Intercept - part*step.AtVec(0)
		for j := range m.Coef {
			m.Coef[j] = before.Coef[j] - part*step.AtVec(j+1)
		}
		if m.loss(examples, o) <= loss {
			return part * mat.Norm(&step, math.Inf(1)), nil
		}
	}
	m.Intercept, m.Coef = before.Intercept, before.Coef
	return 0, nil
}

// slopes are the derivatives of the loss, of which the first is by the intercept.
func (m *Logistic) slopes(examples []Example, o LogisticOptions) (*mat.VecDense, *mat.SymDense, float64) {
	size := len(m.Coef) + 1
	gradient, hessian := make([]float64, size), make([]float64, size*size)
	row := make([]float64, size)
	row[0] = 1
	for _, e := range examples {
		m.scaled(e.X, row[1:])
		p := Sigmoid(m.logit(row[1:], e.Offset))
		weight, off := p*(1-p), p
		if e.Happens {
			off = p - 1
		}
		for i, v := range row {
			gradient[i] += off * v
			for j := i; j < size; j++ {
				hessian[i*size+j] += weight * v * row[j]
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
	return mat.NewVecDense(size, gradient), mat.NewSymDense(size, hessian), m.loss(examples, o)
}

func (m *Logistic) loss(examples []Example, o LogisticOptions) float64 {
	sum := 0.0
	row := make([]float64, len(m.Coef))
	for _, e := range examples {
		m.scaled(e.X, row)
		sum += logLoss(m.logit(row, e.Offset), e.Happens)
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

func logLoss(logit float64, happens bool) float64 {
	if happens {
		logit = -logit
	}
	return max(logit, 0) + math.Log1p(math.Exp(-math.Abs(logit)))
}
