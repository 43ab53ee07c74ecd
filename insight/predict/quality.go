package predict

import (
	"cmp"
	"math"
	"slices"
)

// Forecast is a probability, and whether it happened.
type Forecast struct {
	P       float64 // 0 to 1
	Happens bool
}

// Quality is how good forecasts are. Those that need both outcomes are NaN without.
type Quality struct {
	N, Happened int
	// Base is the share that happened, and Mean that of the forecasts.
	Base, Mean float64
	// AUC is the probability that one that happened was given more than one that did not.
	AUC float64
	// LogLoss and Brier are means; BrierSkill is 1 − Brier over that of always saying Base.
	LogLoss, Brier, BrierSkill float64
	// ECE is the expected calibration error over ten bins of as many forecasts each.
	ECE float64
	// Lift is how much more often it happened in the tenth with the highest forecasts.
	Lift float64
	// Slope of a regression of what happened on the logits: 1 for calibrated forecasts, less
	// for too bold ones.
	Slope float64
}

const bins = 10

// QualityOf measures forecasts. There has to be one.
func QualityOf(forecasts []Forecast) Quality {
	out := Quality{N: len(forecasts)}
	n := float64(out.N)
	sorted := slices.Clone(forecasts)
	slices.SortStableFunc(sorted, func(a, b Forecast) int { return cmp.Compare(a.P, b.P) })
	for _, f := range sorted {
		y := 0.0
		if f.Happens {
			out.Happened++
			y = 1
		}
		out.Mean += f.P / n
		out.Brier += (f.P - y) * (f.P - y) / n
		out.LogLoss += LogLoss(f.P, f.Happens) / n
	}
	out.Base = float64(out.Happened) / n
	out.BrierSkill = 1 - out.Brier/(out.Base*(1-out.Base))
	out.AUC = auc(sorted, out.Happened)
	out.ECE = ece(sorted)
	out.Lift = lift(forecasts) / out.Base
	out.Slope = slope(sorted, out.Happened)
	return out
}

// auc is the rank sum of those that happened (Mann and Whitney), with ties halved.
func auc(sorted []Forecast, happened int) float64 {
	rest := len(sorted) - happened
	if happened == 0 || rest == 0 {
		return math.NaN()
	}
	ranks := 0.0
	for i := 0; i < len(sorted); {
		j, in := i, 0
		for ; j < len(sorted) && sorted[j].P == sorted[i].P; j++ {
			if sorted[j].Happens {
				in++
			}
		}
		ranks += float64(in) * float64(i+1+j) / 2
		i = j
	}
	h := float64(happened)
	return (ranks - h*(h+1)/2) / (h * float64(rest))
}

func ece(sorted []Forecast) float64 {
	sum := 0.0
	for _, bin := range split(sorted) {
		said, was := 0.0, 0.0
		for _, f := range bin {
			said += f.P
			if f.Happens {
				was++
			}
		}
		sum += math.Abs(said-was) / float64(len(sorted))
	}
	return sum
}

// split parts forecasts into bins whose sizes differ by one at most, the larger first.
func split(sorted []Forecast) (parts [][]Forecast) {
	size, more := len(sorted)/bins, len(sorted)%bins
	for i := 0; len(sorted) > 0; i++ {
		take := size
		if i < more {
			take++
		}
		parts, sorted = append(parts, sorted[:take]), sorted[take:]
	}
	return parts
}

// lift takes the first of equal forecasts.
func lift(forecasts []Forecast) float64 {
	falling := slices.Clone(forecasts)
	slices.SortStableFunc(falling, func(a, b Forecast) int { return cmp.Compare(b.P, a.P) })
	top := falling[:max(1, len(falling)/bins)]
	in := 0
	for _, f := range top {
		if f.Happens {
			in++
		}
	}
	return float64(in) / float64(len(top))
}

func slope(forecasts []Forecast, happened int) float64 {
	if happened == 0 || happened == len(forecasts) {
		return math.NaN()
	}
	examples := make([]Example, len(forecasts))
	for i, f := range forecasts {
		examples[i] = Example{X: []float64{LogitOf(f.P)}, Happens: f.Happens}
	}
	m, err := FitLogistic(examples, LogisticOptions{Penalty: 1e-9})
	if err != nil || m.Scale[0] == 0 {
		return math.NaN()
	}
	return m.Coef[0] / m.Scale[0]
}
