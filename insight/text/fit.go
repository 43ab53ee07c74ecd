package text

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"github.com/cxloop/cxloop/insight/predict"
)

// labelled is a comment of which it is known whether something holds.
type labelled struct {
	buckets []uint32 // of its features
	words   []uint32 // those that are whole words
	holds   bool
	// person is who wrote it, by number. Examples come in the order of these.
	person int
}

// penalty is λ of λ/2·Σw²; comments count 1 each on average.
const penalty = 1.0

// leastPersons is how many people must have used an n-gram for a model to know it: what
// one or two wrote, a name perhaps, is in none.
const leastPersons = 3

// fitClassifier fits a logistic regression with a penalty, in which both outcomes count
// for as much when balanced. It is deterministic. Both outcomes have to be there.
func fitClassifier(examples []labelled, balanced bool) *Classifier {
	p := newProblem(examples, balanced)
	start := make([]float64, len(p.buckets)+1)
	settings := &optimize.Settings{GradientThreshold: 1e-5, MajorIterations: 200, Converger: optimize.NeverTerminate{}}
	result, err := optimize.Minimize(optimize.Problem{Func: p.loss, Grad: p.gradient}, start, settings, &optimize.LBFGS{})
	c := &Classifier{Fitted{Comments: len(examples), Slope: 1}, make([]float32, buckets)}
	if result == nil || err != nil && !finite(result.X) {
		return c // it says nothing of any comment, and wins nowhere
	}
	c.Intercept = result.X[0]
	for i, bucket := range p.buckets {
		c.weights[bucket] = float32(result.X[i+1])
	}
	return c
}

func finite(values []float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// problem is what is minimised. Its variables are the intercept and a weight of each
// bucket that enough people used.
type problem struct {
	buckets []uint32
	rows    []row
	n       float64 // of rows
}

// row is a comment: its columns, each as often as it has the feature.
type row struct {
	columns []int32
	share   float64
	holds   float64 // 1 or 0
	weight  float64
}

func newProblem(examples []labelled, balanced bool) *problem {
	p := &problem{buckets: known(examples), n: float64(len(examples))}
	column := make([]int32, buckets)
	for i, bucket := range p.buckets {
		column[bucket] = int32(i + 1)
	}
	holding := 0
	for _, e := range examples {
		if e.holds {
			holding++
		}
	}
	for _, e := range examples {
		r := row{share: share(len(e.buckets)), weight: 1}
		of := len(examples) - holding
		if e.holds {
			r.holds, of = 1, holding
		}
		if balanced {
			r.weight = p.n / 2 / float64(of)
		}
		for _, bucket := range e.buckets {
			if at := column[bucket]; at > 0 {
				r.columns = append(r.columns, at)
			}
		}
		p.rows = append(p.rows, r)
	}
	return p
}

// known are the buckets that enough people used, in order.
func known(examples []labelled) []uint32 {
	users, last := make([]int32, buckets), make([]int32, buckets)
	for _, e := range examples {
		for _, bucket := range e.buckets {
			if who := int32(e.person) + 1; last[bucket] != who {
				last[bucket] = who
				users[bucket]++
			}
		}
	}
	var out []uint32
	for bucket, n := range users {
		if n >= leastPersons {
			out = append(out, uint32(bucket))
		}
	}
	return out
}

func (p *problem) logit(r row, x []float64) float64 {
	sum := 0.0
	for _, column := range r.columns {
		sum += x[column]
	}
	return x[0] + sum*r.share
}

// loss is the mean of the comments' log-losses, with their part of the penalty.
func (p *problem) loss(x []float64) float64 {
	sum := 0.0
	for _, w := range x[1:] {
		sum += penalty / 2 * w * w
	}
	for _, r := range p.rows {
		z := p.logit(r, x)
		sum += r.weight * (max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) - r.holds*z)
	}
	return sum / p.n
}

func (p *problem) gradient(into, x []float64) {
	into[0] = 0
	for i, w := range x[1:] {
		into[i+1] = penalty * w
	}
	for _, r := range p.rows {
		off := r.weight * (predict.Sigmoid(p.logit(r, x)) - r.holds)
		into[0] += off
		for _, column := range r.columns {
			into[column] += off * r.share
		}
	}
	for i := range into {
		into[i] /= p.n
	}
}
