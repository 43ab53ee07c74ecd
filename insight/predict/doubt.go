package predict

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Doubt estimates the covariance of what was fitted to the examples, and keeps it. Examples
// of one group, as rows of one customer are, may come out alike: it is the sandwich estimator
// over groups (Liang and Zeger 1986), to which the penalty belongs as the observations that a
// prior is worth. Groups are numbered from 0.
func (m *Logistic) Doubt(examples []Example, group []int, o LogisticOptions) error {
	if len(group) != len(examples) {
		return fmt.Errorf("predict: %d examples are in %d groups", len(examples), len(group))
	}
	d := newDesign(examples, m)
	_, curvature := m.slopes(d, o)
	var factor mat.Cholesky
	if !factor.Factorize(curvature) {
		return fmt.Errorf("predict: the regression has no single optimum")
	}
	groups := 0
	for _, g := range group {
		groups = max(groups, g+1)
	}
	sums := mat.NewDense(groups, d.size, nil)
	for i, happens := range d.happens {
		row := d.row(i)
		off := Sigmoid(m.logit(row[1:], d.offsets[i]))
		if happens {
			off--
		}
		sum := sums.RawRowView(group[i])
		for j, v := range row {
			sum[j] += off * v
		}
		if o.FixedIntercept {
			sum[0] = 0
		}
	}
	var spread, half, covariance mat.Dense
	spread.Mul(sums.T(), sums)
	for j := 1; j < d.size; j++ {
		spread.Set(j, j, spread.At(j, j)+o.Penalty)
	}
	if err := factor.SolveTo(&half, &spread); err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	if err := factor.SolveTo(&covariance, half.T()); err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	m.Covariance = covariance.RawMatrix().Data
	return nil
}

// Variance is that of the log-odds of an example, by Covariance; 0 without.
func (m *Logistic) Variance(x []float64) float64 {
	size := len(m.Coef) + 1
	if len(m.Covariance) != size*size {
		return 0
	}
	row := make([]float64, size)
	row[0] = 1
	m.scaled(x, row[1:])
	sum := 0.0
	for i, v := range row {
		for j, w := range row {
			sum += v * m.Covariance[i*size+j] * w
		}
	}
	return max(0, sum)
}

// Contributions are what each feature adds to the log-odds of an example beside one with
// average features.
func (m *Logistic) Contributions(x []float64) []float64 {
	out := make([]float64, len(x))
	m.scaled(x, out)
	for j, c := range m.Coef {
		out[j] *= c
	}
	return out
}
