package value

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The distribution of a new customer's purchases, and its mean, are those that are published
// of BG/NBD.
func TestReferenceDistributions(t *testing.T) {
	t.Parallel()
	var want struct {
		BG struct {
			Recomputed struct {
				Expected map[string]float64 `json:"E_X_t"`
				Masses   []float64          `json:"pmf_t39"`
			} `json:"recomputed_at_published_params"`
		} `json:"bgnbd_cdnow"`
	}
	references(t, &want)
	p := Params{BG, 0.243, 4.414, 0.793, 2.426}
	recomputed := want.BG.Recomputed
	require.NotEmpty(t, recomputed.Expected)
	for span, expected := range recomputed.Expected {
		require.InEpsilon(t, expected, p.Expected(History{}, number(t, span)), 1e-10, span)
	}
	var d ordersDistribution
	d.ordersWithin(p, History{}, 39)
	require.NotEmpty(t, recomputed.Masses)
	for n, mass := range recomputed.Masses {
		require.InEpsilon(t, mass, d.mass[n], 1e-10, n)
	}
}

// The forecasts of the 39 weeks that followed, at the most likely parameters, and how often
// what came was within the 10 % and the 90 % quantile.
func TestReferenceForecasts(t *testing.T) {
	t.Parallel()
	type check struct {
		Mass      float64 `json:"model_mass"`
		Empirical float64
	}
	var want struct {
		BG struct {
			Holdout struct {
				Sum       float64 `json:"sum_cond_E"`
				Actual    float64
				MAE, RMSE float64
			} `json:"holdout_39w_at_mle"`
		} `json:"bgnbd_cdnow"`
		Intervals struct {
			BG  check `json:"cdnow2357_39w_bg"`
			MBG check `json:"cdnow2357_39w_mbg"`
		} `json:"predictive_interval_check"`
	}
	references(t, &want)
	histories, later, _ := cdnow(t)
	for model, interval := range map[Model]check{BG: want.Intervals.BG, MBG: want.Intervals.MBG} {
		fit, err := FitML(model, histories)
		require.NoError(t, err)
		var orders tally
		var d ordersDistribution
		covered, mass := 0.0, 0.0
		n := float64(len(histories))
		for i, h := range histories {
			orders.add(fit.Expected(h, 39), float64(later[i]))
			d.ordersWithin(fit.Params, h, 39)
			low, high := d.quantile(0.1), d.quantile(0.9)
			if x := float64(later[i]); low <= x && x <= high {
				covered += 1 / n
			}
			for j, count := range d.count {
				if low <= count && count <= high {
					mass += d.mass[j] / n
				}
			}
		}
		require.InDelta(t, interval.Mass, mass, 0.002, model)
		require.InDelta(t, interval.Empirical, covered, 0.002, model)
		if model == BG {
			w, got := want.BG.Holdout, orders.against()
			require.InEpsilon(t, w.Sum, got.Expected, 1e-5)
			require.InEpsilon(t, w.Actual, got.Actual, 1e-12)
			require.InEpsilon(t, w.MAE, got.MAE, 1e-5)
			require.InEpsilon(t, w.RMSE, got.RMSE, 1e-5)
		}
	}
}

// What was published is rounded, and by parameters with more digits.
func TestPublishedValues(t *testing.T) {
	t.Parallel()
	// Names with commas are nothing for tags.
	var want struct {
		BG struct{ Published map[string]json.RawMessage } `json:"bgnbd_cdnow"`
		GG struct{ Published map[string]json.RawMessage } `json:"gamma_gamma_cdnow"`
	}
	references(t, &want)
	read := func(from map[string]json.RawMessage, name string, into any) {
		require.NoError(t, json.Unmarshal(from[name], into), name)
	}
	var ofOne, nobody float64
	var expected map[string]float64
	var masses, worths []float64
	read(want.BG.Published, "E_Y39_x2_tx30.43_T38.86", &ofOne)
	read(want.BG.Published, "E_X_t(Hardie Excel, in lifetimes tests)", &expected)
	read(want.BG.Published, "R_BTYD_P(X(39)=0)", &nobody)
	read(want.BG.Published, "R_BTYD_P(X(30)=11..20)", &masses)
	read(want.GG.Published, "cond_mean_first10_customers(Hardie spreadsheet, in lifetimes tests)", &worths)

	bg, gg := Params{BG, 0.243, 4.414, 0.793, 2.426}, GammaGamma{P: 6.25, Q: 3.74, Gamma: 15.44}
	require.InDelta(t, ofOne, bg.Expected(History{2, 30.43, 38.86}, 39), 5e-4)
	require.Len(t, expected, 6)
	for span, orders := range expected {
		require.InEpsilon(t, orders, bg.Expected(History{}, number(t, span)), 4e-3, span)
	}
	var d ordersDistribution
	d.ordersWithin(bg, History{}, 39)
	require.InDelta(t, nobody, d.mass[0], 1e-6)
	d.ordersWithin(bg, History{}, 30)
	require.Len(t, masses, 10)
	for i, mass := range masses {
		require.InEpsilon(t, mass, d.mass[11+i], 1e-6, i)
	}
	histories, _, means := cdnow(t)
	require.Len(t, worths, 10)
	for i, worth := range worths {
		require.InEpsilon(t, worth, gg.Expected(Spend{histories[i].X, means[i]}), 2e-3, i)
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}
