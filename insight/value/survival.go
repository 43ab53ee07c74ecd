package value

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/cxloop/cxloop/insight"
)

// Contract is a customer with a contract: how long it has lasted, and whether it has ended.
type Contract struct {
	Lasted float64 // at least 0
	Ended  bool
}

// SurvivalStep is where a survival curve falls.
type SurvivalStep struct {
	At float64
	// AtRisk were there until then, and Ended of them ended then.
	AtRisk, Ended int
	// Survival is the share that lasts longer than At, with Greenwood's standard error.
	Survival, StdErr float64
	// Low and High bound the 95 % interval on the log(−log) scale, which stays between 0
	// and 1.
	Low, High float64
}

func checkContracts(contracts []Contract) error {
	for i, c := range contracts {
		if !(c.Lasted >= 0) || math.IsInf(c.Lasted, 0) {
			return fmt.Errorf("value: contract %d lasted %g", i, c.Lasted)
		}
	}
	return nil
}

// KaplanMeier estimates how long contracts last (Kaplan and Meier 1958): a step for each
// time at which one ended, those that have not ended counting as far as they are known.
func KaplanMeier(contracts []Contract) ([]SurvivalStep, error) {
	if err := checkContracts(contracts); err != nil {
		return nil, err
	}
	var steps []SurvivalStep
	survival, greenwood := 1.0, 0.0
	for _, at := range endsOf(contracts) {
		risk, ended := float64(at.risk), float64(at.ended)
		survival *= 1 - ended/risk
		greenwood += ended / (risk * (risk - ended))
		step := SurvivalStep{At: at.time, AtRisk: at.risk, Ended: at.ended, Survival: survival}
		if survival > 0 { // after the last one there is nothing to estimate by
			step.StdErr = survival * math.Sqrt(greenwood)
			half := insight.Z95 * math.Sqrt(greenwood) / math.Abs(math.Log(survival))
			step.Low = math.Pow(survival, math.Exp(half))
			step.High = math.Pow(survival, math.Exp(-half))
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// SurvivalAt reads a curve: the step that holds at a time; before the first, that all last.
func SurvivalAt(steps []SurvivalStep, time float64) SurvivalStep {
	i, exact := slices.BinarySearchFunc(steps, time, func(s SurvivalStep, t float64) int {
		switch {
		case s.At < t:
			return -1
		case s.At > t:
			return 1
		}
		return 0
	})
	if exact {
		return steps[i]
	}
	if i == 0 {
		return SurvivalStep{Survival: 1, Low: 1, High: 1}
	}
	return steps[i-1]
}

type ending struct {
	time        float64
	risk, ended int
}

// endsOf are the times at which contracts ended, in order, with how many were there.
func endsOf(contracts []Contract) []ending {
	sorted := slices.Clone(contracts)
	slices.SortFunc(sorted, func(a, b Contract) int {
		if a.Lasted < b.Lasted {
			return -1
		}
		if a.Lasted > b.Lasted {
			return 1
		}
		return 0
	})
	var ends []ending
	for i := 0; i < len(sorted); {
		at := ending{time: sorted[i].Lasted, risk: len(sorted) - i}
		for ; i < len(sorted) && sorted[i].Lasted == at.time; i++ {
			if sorted[i].Ended {
				at.ended++
			}
		}
		if at.ended > 0 {
			ends = append(ends, at)
		}
	}
	return ends
}

var errGroups = errors.New("value: want at least two groups in which a contract is at risk when one ends")

// LogRank tests whether contracts of groups last equally long (Mantel 1966): the statistic,
// its degrees of freedom and P.
func LogRank(groups [][]Contract) (chi2 float64, df int, p float64, err error) {
	var all []Contract
	for _, g := range groups {
		if err := checkContracts(g); err != nil {
			return 0, 0, 0, err
		}
		all = append(all, g...)
	}
	k := len(groups)
	if k < 2 {
		return 0, 0, 0, errGroups
	}
	over := make([]float64, k) // observed less expected
	variance := mat.NewSymDense(k, nil)
	for _, at := range endsOf(all) {
		n, d := float64(at.risk), float64(at.ended)
		risk := make([]float64, k)
		for g, group := range groups {
			for _, c := range group {
				if c.Lasted >= at.time {
					risk[g]++
				}
				if c.Ended && c.Lasted == at.time {
					over[g]++
				}
			}
			over[g] -= d * risk[g] / n
		}
		if n == 1 {
			continue
		}
		scale := d * (n - d) / (n - 1)
		for i := range k {
			for j := i; j < k; j++ {
				v := -risk[i] * risk[j] / (n * n)
				if i == j {
					v += risk[i] / n
				}
				variance.SetSym(i, j, variance.At(i, j)+scale*v)
			}
		}
	}
	df = k - 1
	var factor mat.Cholesky // the last group follows from the others
	if !factor.Factorize(variance.SliceSym(0, df).(*mat.SymDense)) {
		return 0, 0, 0, errGroups
	}
	var solved mat.VecDense
	first := mat.NewVecDense(df, over[:df])
	if err := factor.SolveVecTo(&solved, first); err != nil {
		return 0, 0, 0, errGroups
	}
	chi2 = mat.Dot(first, &solved)
	return chi2, df, distuv.ChiSquared{K: float64(df)}.Survival(chi2), nil
}
