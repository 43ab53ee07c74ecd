package value

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// cdnow are the customers of the CDNOW sample: calibration of 39 weeks, what they bought in
// the 39 after, and what they spent on average.
func cdnow(t testing.TB) (histories []History, later []int, spend []float64) {
	t.Helper()
	file, err := os.Open(dataFile(t, "cdnow_btyd_summary.csv"))
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // read only
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	number := func(text string) float64 {
		v, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		return v
	}
	for _, row := range rows[1:] {
		histories = append(histories, History{int(number(row[1])), number(row[2]), number(row[3])})
		later = append(later, int(number(row[4])))
		spend = append(spend, number(row[5]))
	}
	return histories, later, spend
}

type fitted struct {
	MLE struct {
		R, Alpha, A, B, LL float64
		SE                 struct{ R, Alpha, A, B float64 }
	} `json:"mle_exact_weeks"`
}

func TestFitsOfCDNOW(t *testing.T) {
	t.Parallel()
	var want struct {
		BG  fitted `json:"bgnbd_cdnow"`
		MBG fitted `json:"mbgnbd_cdnow"`
	}
	references(t, &want)
	histories, _, _ := cdnow(t)
	for model, w := range map[Model]fitted{BG: want.BG, MBG: want.MBG} {
		got, err := FitML(model, histories)
		require.NoError(t, err)
		require.InDelta(t, w.MLE.LL, got.LogLikelihood, 1e-5, model)
		require.InEpsilonSlice(t, []float64{w.MLE.R, w.MLE.Alpha, w.MLE.A, w.MLE.B}, []float64{got.R, got.Alpha, got.A, got.B}, 1e-5)
		require.InEpsilonSlice(t, []float64{w.MLE.SE.R, w.MLE.SE.Alpha, w.MLE.SE.A, w.MLE.SE.B}, got.StdErr[:], 2e-4)
		again, err := FitML(model, histories)
		require.NoError(t, err)
		require.Equal(t, got, again, "the same each time")
	}
}

func BenchmarkFitCDNOW(b *testing.B) {
	histories, _, _ := cdnow(b)
	for b.Loop() {
		if _, err := FitMAP(MBG, histories); err != nil {
			b.Fatal(err)
		}
	}
}
