package insight

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// npsReferences are the worked values of scores.
type npsReferences struct {
	OneSample []struct {
		Promoters, Passives, Detractors int
		Score95                         [2]float64 `json:"score95"`
		Adjusted                        [2]float64 `json:"adjwald95_clipped"`
	} `json:"one_sample"`
	TwoSample []struct {
		X, Y     [3]int
		Adjusted bool
		Diff     float64    `json:"diff100"`
		P        float64    `json:"p_two_sided"`
		CI       [2]float64 `json:"ci95"`
	} `json:"two_sample"`
	Sizes []struct {
		P, D, MOE float64
		N         int
	} `json:"sample_size"`
	Detect []struct {
		P1, D1, P2, D2 float64
		N              int `json:"n_per_group"`
	} `json:"sample_size_detect_diff"`
	Bounds []struct {
		Sent, Answered int
		NPS            float64 `json:"nps100"`
		Low, High      float64
	} `json:"nonresponse_bounds"`
	Shrunk []struct {
		Counts   [3]int     `json:"counts_P_N_D"`
		Prior    [3]float64 `json:"prior_P_N_D"`
		Strength float64    `json:"prior_strength"`
		Mean     float64    `json:"post_mean100"`
		SD       float64    `json:"post_sd100"`
		CI       [2]float64 `json:"approx95"`
	} `json:"dirichlet_shrinkage"`
	BH struct {
		P, Q []float64
	} `json:"benjamini_hochberg"`
	Weighted struct {
		NPS float64    `json:"nps100"`
		SE  float64    `json:"se_linearised100"`
		N   float64    `json:"kish_neff"`
		CI  [2]float64 `json:"ci95"`
	} `json:"weighted"`
}

func readReferences(t *testing.T) npsReferences {
	t.Helper()
	root := os.Getenv("CXLOOP_TESTDATA")
	if root == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	body, err := os.ReadFile(filepath.Join(root, "data", "reference_values.json"))
	require.NoError(t, err)
	var all struct {
		NPS npsReferences `json:"nps"`
	}
	require.NoError(t, json.Unmarshal(body, &all))
	return all.NPS
}

func TestScoreInterval(t *testing.T) {
	t.Parallel()
	want := readReferences(t)
	require.NotEmpty(t, want.OneSample)
	for _, c := range want.OneSample {
		s := NPSOf(c.Promoters, c.Detractors, c.Promoters+c.Passives+c.Detractors)
		low, high := s.ScoreInterval()
		require.InDelta(t, c.Score95[0], low, 1e-6, c)
		require.InDelta(t, c.Score95[1], high, 1e-6, c)
		require.InDelta(t, c.Adjusted[0], s.Low, 1e-9)
		require.InDelta(t, c.Adjusted[1], s.High, 1e-9)
	}
}

func TestReferencesOfScores(t *testing.T) {
	t.Parallel()
	want := readReferences(t)
	of := func(c [3]int) NPS { return NPSOf(c[0], c[2], c[0]+c[1]+c[2]) }
	for _, c := range want.TwoSample {
		if c.Adjusted {
			got := CompareNPS(of(c.Y), of(c.X))
			require.InDelta(t, c.P, got.P, 1e-9)
			require.InDelta(t, c.CI[0], got.Low, 1e-9)
			require.InDelta(t, c.CI[1], got.High, 1e-9)
		}
	}
	for _, c := range want.Sizes {
		require.Equal(t, c.N, NPSSampleSize(c.P, c.D, c.MOE))
	}
	for _, c := range want.Detect {
		require.Equal(t, c.N, NPSDetectSize(c.P1, c.D1, c.P2, c.D2))
	}
	for _, c := range want.Bounds {
		low, high := NonResponseBounds(NPS{N: c.Answered, Score: c.NPS}, c.Sent)
		require.InDelta(t, c.Low, low, 1e-9)
		require.InDelta(t, c.High, high, 1e-9)
	}
	for _, c := range want.Shrunk {
		whole := NPS{N: 10, Promoters: int(10*c.Prior[0] + 0.5), Detractors: int(10*c.Prior[2] + 0.5)}
		got := Shrink(of(c.Counts), whole, c.Strength)
		require.InDelta(t, c.Mean, got.Score, 1e-9)
		require.InDelta(t, c.CI[0], got.Low, 1e-9)
		require.InDelta(t, c.CI[1], got.High, 1e-9)
	}
	require.InDeltaSlice(t, want.BH.Q, BenjaminiHochberg(want.BH.P), 1e-12)

	got := Stratify([]Stratum{{NPSOf(30, 10, 50), 0.5}, {NPSOf(10, 20, 50), 1.5}, {NPS{}, 3}})
	w := want.Weighted
	require.InDeltaSlice(t, []float64{w.NPS, w.SE, w.N, w.CI[0], w.CI[1]}, []float64{got.Score, got.StdErr, got.Effective, got.Low, got.High}, 1e-9)
}
