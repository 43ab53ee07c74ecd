package effect

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/cxloop/cxloop/insight"
)

// changeOf is the mean of changes with its t interval.
func changeOf(moved []float64) Change {
	out := Change{N: len(moved), Evidence: insight.EvidenceOf(len(moved))}
	if out.Evidence == insight.Hidden {
		return out
	}
	slices.Sort(moved) // the same sum whatever the order
	n := float64(len(moved))
	for _, v := range moved {
		out.Mean += v / n
	}
	var squares float64
	for _, v := range moved {
		squares += (v - out.Mean) * (v - out.Mean)
	}
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * math.Sqrt(squares/(n-1)/n)
	out.Low, out.High = out.Mean-half, out.Mean+half
	return out
}
