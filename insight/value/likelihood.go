package value

import "math"

// logLikelihood is the logarithm of the density of a customer's history.
func (p Params) logLikelihood(h History) float64 {
	x := float64(h.X)
	ofX := lgamma(p.R+x) - lgamma(p.R) + p.R*math.Log(p.Alpha) + lgamma(p.A+p.B) - lgamma(p.B)
	stays := -(p.R + x) * math.Log(p.Alpha+h.Age)
	leaves := math.Log(p.A) - (p.R+x)*math.Log(p.Alpha+h.Recency)
	if p.Model == MBG {
		return ofX + lgamma(p.B+x) - lgamma(p.A+p.B+x+1) + logSum(stays+math.Log(p.B+x), leaves)
	}
	ofX += lgamma(p.B+x) - lgamma(p.A+p.B+x)
	if h.X == 0 {
		return ofX + stays
	}
	return ofX + logSum(stays, leaves-math.Log(p.B+x-1))
}

func lgamma(v float64) float64 {
	out, _ := math.Lgamma(v)
	return out
}

// logSum is log(eᵘ + eᵛ).
func logSum(u, v float64) float64 {
	high, low := max(u, v), min(u, v)
	return high + math.Log1p(math.Exp(low-high))
}
