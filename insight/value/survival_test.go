package value

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// telco are IBM's customers, by the kind of their contract.
func telco(t *testing.T) (all []Contract, byKind map[string][]Contract) {
	t.Helper()
	file, err := os.Open(dataFile(t, "telco_churn_ibm.csv"))
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // read only
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	byKind = map[string][]Contract{}
	const tenure, kind, churn = 5, 15, 20
	for _, row := range rows[1:] {
		lasted, err := strconv.ParseFloat(row[tenure], 64)
		require.NoError(t, err)
		c := Contract{lasted, row[churn] == "Yes"}
		all = append(all, c)
		byKind[row[kind]] = append(byKind[row[kind]], c)
	}
	return all, byKind
}

func TestSurvivalOfTelco(t *testing.T) {
	t.Parallel()
	var want struct {
		KM struct {
			T, S, Lo, Hi []float64
			SE           []float64 `json:"greenwood_se"`
			Chi          float64   `json:"logrank_contract_chisq_2df"`
		} `json:"kaplan_meier_telco"`
	}
	references(t, &want)
	all, byKind := telco(t)
	steps, err := KaplanMeier(all)
	require.NoError(t, err)
	require.NotEmpty(t, want.KM.T)
	for i, at := range want.KM.T {
		got := SurvivalAt(steps, at)
		require.InEpsilonSlice(t, []float64{want.KM.S[i], want.KM.SE[i], want.KM.Lo[i], want.KM.Hi[i]},
			[]float64{got.Survival, got.StdErr, got.Low, got.High}, 1e-7)
	}
	require.Equal(t, 1.0, SurvivalAt(steps, 0.5).Survival)
	require.Len(t, byKind, 3)
	chi2, df, p, err := LogRank([][]Contract{byKind["Month-to-month"], byKind["One year"], byKind["Two year"]})
	require.NoError(t, err)
	require.Equal(t, 2, df)
	require.InEpsilon(t, want.KM.Chi, chi2, 1e-9)
	require.Less(t, p, 1e-12)
}

func TestSurvivalOfNothing(t *testing.T) {
	t.Parallel()
	steps, err := KaplanMeier([]Contract{{3, false}})
	require.NoError(t, err)
	require.Empty(t, steps)
	steps, err = KaplanMeier([]Contract{{3, true}})
	require.NoError(t, err)
	require.Equal(t, []SurvivalStep{{At: 3, AtRisk: 1, Ended: 1}}, steps, "all have left")
	_, err = KaplanMeier([]Contract{{-1, true}})
	require.ErrorContains(t, err, "contract 0 lasted -1")
	_, _, _, err = LogRank([][]Contract{{{3, true}}})
	require.ErrorIs(t, err, errGroups)
	_, _, _, err = LogRank([][]Contract{{{3, false}}, {{4, false}}})
	require.ErrorIs(t, err, errGroups)
}

func TestSBGOfThePaper(t *testing.T) {
	t.Parallel()
	type mle struct{ Alpha, Beta, LL float64 }
	type kinds struct{ Regular, Highend mle }
	var want struct {
		SBG struct {
			Regular  []int                `json:"survivors_regular_y0_12"`
			Highend  []int                `json:"survivors_highend_y0_12"`
			Seven    kinds                `json:"mle_calib_years_0_7"`
			Four     kinds                `json:"mle_calib_years_0_4"`
			Twelve   kinds                `json:"mle_calib_years_0_12"`
			Survival map[string][]float64 `json:"recomputed_S_at_published"`
		} `json:"sbg_paper"`
	}
	references(t, &want)
	for years, w := range map[int]kinds{4: want.SBG.Four, 7: want.SBG.Seven, 12: want.SBG.Twelve} {
		for _, c := range []struct {
			left []int
			want mle
		}{{want.SBG.Regular, w.Regular}, {want.SBG.Highend, w.Highend}} {
			got, err := FitSBG(c.left[:years+1])
			require.NoError(t, err)
			require.InDelta(t, c.want.LL, got.LogLikelihood, 1e-5)
			require.InEpsilonSlice(t, []float64{c.want.Alpha, c.want.Beta}, []float64{got.Alpha, got.Beta}, 2e-5)
		}
	}
	for name, m := range map[string]SBG{"regular(.704,1.182)": {Alpha: 0.704, Beta: 1.182}, "highend(.668,3.806)": {Alpha: 0.668, Beta: 3.806}} {
		require.NotEmpty(t, want.SBG.Survival[name])
		for periods, survival := range want.SBG.Survival[name] {
			require.InEpsilon(t, survival, m.Survival(periods), 1e-12)
		}
	}
	for _, left := range [][]int{{5}, {0, 0}, {5, 6}, nil} {
		_, err := FitSBG(left)
		require.ErrorIs(t, err, errCohort)
	}
}
