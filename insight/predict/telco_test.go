package predict

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func dataFile(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("CXLOOP_TESTDATA")
	if root == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	return filepath.Join(root, "data", name)
}

// telco are IBM's customers as examples of the reference's features.
func telco(t *testing.T) []Example {
	t.Helper()
	file, err := os.Open(dataFile(t, "telco_churn_ibm.csv"))
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // read only
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	var examples []Example
	for _, row := range rows[1:] {
		is := func(name, value string) float64 {
			if row[column[name]] == value {
				return 1
			}
			return 0
		}
		number := func(name string) float64 {
			v, err := strconv.ParseFloat(row[column[name]], 64)
			require.NoError(t, err)
			return v
		}
		tenure := number("tenure")
		examples = append(examples, Example{Happens: row[column["Churn"]] == "Yes", X: []float64{
			tenure, math.Log1p(tenure), number("MonthlyCharges"), number("SeniorCitizen"), is("Partner", "Yes"), is("Dependents", "Yes"),
			is("InternetService", "Fiber optic"), is("InternetService", "No"), is("Contract", "One year"), is("Contract", "Two year"),
			is("PaperlessBilling", "Yes"), is("PaymentMethod", "Electronic check"), is("TechSupport", "Yes"), is("OnlineSecurity", "Yes"),
		}})
	}
	return examples
}

type quality struct {
	N         int
	Base, AUC float64
	LogLoss   float64 `json:"logloss"`
	Brier     float64
	Skill     float64 `json:"brier_skill"`
	ECE       float64 `json:"ece10_eqmass"`
	Lift      float64 `json:"top_decile_lift"`
	Mean      float64 `json:"mean_p"`
}

func TestLogisticOfTelco(t *testing.T) {
	t.Parallel()
	examples := telco(t)
	body, err := os.ReadFile(dataFile(t, "reference_values.json"))
	require.NoError(t, err)
	var all struct {
		Telco struct {
			Train     int `json:"n_train"`
			Features  []string
			Lambda    float64 `json:"lambda_L2"`
			Intercept float64
			Coef      map[string]float64
			Test      quality
			First     []float64 `json:"p_test_first5"`
		} `json:"logistic_telco"`
	}
	require.NoError(t, json.Unmarshal(body, &all))
	want := all.Telco
	var train, test []Example
	for i, e := range examples {
		if i%5 == 0 {
			test = append(test, e)
		} else {
			train = append(train, e)
		}
	}
	require.Len(t, train, want.Train)
	m, err := FitLogistic(train, LogisticOptions{Penalty: want.Lambda})
	require.NoError(t, err)
	require.InDelta(t, want.Intercept, m.Intercept, 1e-7)
	for i, name := range want.Features {
		require.InDelta(t, want.Coef[name], m.Coef[i], 1e-7, name)
	}
	var forecasts []Forecast
	for i, e := range test {
		p := m.Predict(e.X, 0)
		if i < len(want.First) {
			require.InDelta(t, want.First[i], p, 1e-8)
		}
		forecasts = append(forecasts, Forecast{p, e.Happens})
	}
	want.Test.require(t, QualityOf(forecasts))
}

func (w quality) require(t *testing.T, got Quality) {
	t.Helper()
	require.Equal(t, w.N, got.N)
	require.InDeltaSlice(t, []float64{w.Base, w.AUC, w.LogLoss, w.Brier, w.Skill, w.ECE, w.Lift, w.Mean},
		[]float64{got.Base, got.AUC, got.LogLoss, got.Brier, got.BrierSkill, got.ECE, got.Lift, got.Mean}, 1e-8)
}
