package value

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"slices"
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

// A search that begins at 100 is led to where nobody leaves, which is no better than NBD: a
// fit is better than that, and than what any of its starts leads to.
func TestFitBeatsFalseOptima(t *testing.T) {
	t.Parallel()
	histories, _, _ := cdnow(t)
	d, err := newData(histories)
	require.NoError(t, err)
	for _, model := range []Model{BG, MBG} {
		f := objective{model: model, data: d}
		best := f.search()
		for i, start := range append([][dims]float64{{4.6, 4.6, 4.6, 4.6}}, starts...) {
			end := minimise(f.at, start[:], func(place) bool { return false })
			require.LessOrEqual(t, best.value, end.value+1e-12, "%s %d", model, i)
		}
		require.Less(t, best.value*d.n, f.at(f.nobodyLeaves()).value*d.n-100)
	}
}

// Fits to few customers, most of which have no maximum of the likelihood, all succeed, and
// forecast as well as those that somebody else's prior gave.
func TestFitsOfFewCustomers(t *testing.T) {
	t.Parallel()
	var want struct {
		Thin struct {
			Brier map[int]float64 `json:"brier_median_map"`
		} `json:"thin_data_go_200_subsamples_cdnow_bgnbd"`
	}
	references(t, &want)
	histories, later, _ := cdnow(t)
	for size, median := range map[int]float64{25: want.Thin.Brier[25], 100: want.Thin.Brier[100], 400: want.Thin.Brier[400]} {
		random := rand.New(rand.NewPCG(7, uint64(size)))
		var briers []float64
		for range 200 {
			var few []History
			for _, i := range random.Perm(len(histories))[:size] {
				few = append(few, histories[i])
			}
			got, err := FitMAP(BG, few)
			require.NoError(t, err)
			brier := 0.0
			for i, h := range histories {
				off := got.Active(h, 39)
				if later[i] > 0 {
					off--
				}
				brier += off * off / float64(len(histories))
			}
			briers = append(briers, brier)
		}
		slices.Sort(briers)
		require.LessOrEqual(t, briers[100], median+0.001, size)
	}
}
