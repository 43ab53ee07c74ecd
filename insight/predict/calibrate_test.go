package predict

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// unseen are the log-odds of each example by a model of the four fifths that it is not in,
// scaled as the whole is: what the reference was calibrated by.
func unseen(t *testing.T, examples []Example, o LogisticOptions) []Outcome {
	t.Helper()
	const folds = 5
	out := make([]Outcome, len(examples))
	mean, scale := moments(examples, len(examples[0].X))
	for fold := range folds {
		var part []Example
		for i, e := range examples {
			if i%folds != fold {
				part = append(part, e)
			}
		}
		m := &Logistic{Coef: make([]float64, len(mean)), Mean: mean, Scale: scale}
		require.NoError(t, m.search(newDesign(part, m), o))
		for i := fold; i < len(examples); i += folds {
			out[i] = Outcome{m.Logit(examples[i].X, 0), examples[i].Happens}
		}
	}
	return out
}

func TestCalibrationOfTelco(t *testing.T) {
	t.Parallel()
	examples := telco(t)
	body, err := os.ReadFile(dataFile(t, "reference_values.json"))
	require.NoError(t, err)
	var all struct {
		Telco struct {
			Platt struct {
				A, B float64
				Test quality
			}
			Isotonic struct {
				Knots int `json:"n_knots"`
				Test  quality
			}
		} `json:"logistic_telco"`
	}
	require.NoError(t, json.Unmarshal(body, &all))
	var train, test []Example
	for i, e := range examples {
		if i%5 == 0 {
			test = append(test, e)
		} else {
			train = append(train, e)
		}
	}
	o := LogisticOptions{Penalty: 1}
	m, err := FitLogistic(train, o)
	require.NoError(t, err)
	outcomes := unseen(t, train, o)
	platt, err := FitPlatt(outcomes)
	require.NoError(t, err)
	require.InDelta(t, all.Telco.Platt.A, platt.A, 1e-7)
	require.InDelta(t, all.Telco.Platt.B, platt.B, 1e-7)
	isotonic, err := FitIsotonic(outcomes)
	require.NoError(t, err)
	require.Len(t, isotonic.At, all.Telco.Isotonic.Knots)
	var byPlatt, byIsotonic []Forecast
	for _, e := range test {
		logit := m.Logit(e.X, 0)
		byPlatt = append(byPlatt, Forecast{platt.Predict(logit), e.Happens})
		byIsotonic = append(byIsotonic, Forecast{isotonic.Predict(logit), e.Happens})
	}
	all.Telco.Platt.Test.require(t, QualityOf(byPlatt))
	all.Telco.Isotonic.Test.require(t, QualityOf(byIsotonic))
}

func TestCalibrationsCorrectBoldness(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(1, 2))
	var outcomes []Outcome
	for range 20000 {
		true := source.NormFloat64() - 1
		outcomes = append(outcomes, Outcome{3*true + 2, source.Float64() < Sigmoid(true)})
	}
	platt, err := FitPlatt(outcomes)
	require.NoError(t, err)
	require.InDelta(t, 1.0/3, platt.A, 0.02)
	require.InDelta(t, -2.0/3, platt.B, 0.06)
	require.InDelta(t, 0.01, math.Sqrt(platt.Var[0]), 0.005)
	isotonic, err := FitIsotonic(outcomes)
	require.NoError(t, err)
	last := 0.0
	for logit := -20.0; logit <= 20; logit += 0.1 {
		p := isotonic.Predict(logit)
		require.GreaterOrEqual(t, p, last)
		require.LessOrEqual(t, p, 1.0)
		last = p
		if math.Abs(logit+1) < 4 {
			require.InDelta(t, Sigmoid((logit-2)/3), p, 0.06, logit)
		}
	}
}

func TestIsotonicOfEqualLogits(t *testing.T) {
	t.Parallel()
	m, err := FitIsotonic([]Outcome{{2, false}, {1, true}, {2, true}, {1, false}, {1, false}, {2, true}})
	require.NoError(t, err)
	require.Equal(t, []float64{1, 2}, m.At)
	require.InDeltaSlice(t, []float64{1.0 / 3, 2.0 / 3}, m.P, 1e-12)
	require.InDelta(t, 0.5, m.Predict(1.5), 1e-12)
}

func TestCalibrationsOfOddOutcomes(t *testing.T) {
	t.Parallel()
	_, err := FitPlatt([]Outcome{{1, true}, {2, true}})
	require.ErrorIs(t, err, errOutcomes)
	_, err = FitIsotonic([]Outcome{{1, false}})
	require.ErrorIs(t, err, errOutcomes)
	for name, outcomes := range map[string][]Outcome{
		"separable": {{-3, false}, {-2, false}, {2, true}, {3, true}},
		"same":      {{1, false}, {1, true}, {1, true}, {1, false}},
		"backwards": {{-3, true}, {3, false}, {-2, true}, {2, false}},
	} {
		platt, err := FitPlatt(outcomes)
		require.NoError(t, err, name)
		isotonic, err := FitIsotonic(outcomes)
		require.NoError(t, err, name)
		for _, logit := range []float64{-700, -1, 0, 1, 700} {
			for _, p := range []float64{platt.Predict(logit), isotonic.Predict(logit)} {
				require.True(t, p >= 0 && p <= 1, "%s: %g at %g", name, p, logit)
			}
			require.False(t, math.IsNaN(platt.Variance(logit, 1)), name)
		}
	}
}
