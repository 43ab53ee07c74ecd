package value

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// references reads the reference values, or skips where the test data is not at hand.
func references(t *testing.T, into any) {
	t.Helper()
	body, err := os.ReadFile(dataFile(t, "reference_values.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, into))
}

func dataFile(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("CXLOOP_TESTDATA")
	if root == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	return filepath.Join(root, "data", name)
}

type recomputed struct {
	Recomputed map[string]json.RawMessage `json:"recomputed_at_published_params"`
}

func TestReferenceValues(t *testing.T) {
	t.Parallel()
	var want struct {
		BG  recomputed `json:"bgnbd_cdnow"`
		MBG recomputed `json:"mbgnbd_cdnow"`
	}
	references(t, &want)
	compared := 0
	for _, c := range []struct {
		params Params
		want   recomputed
	}{
		{Params{BG, 0.243, 4.414, 0.793, 2.426}, want.BG},
		{Params{MBG, 0.525, 6.183, 0.891, 1.614}, want.MBG},
	} {
		for what, of := range map[string]func(h History) float64{
			"p_alive":       c.params.Alive,
			"p_active_13":   func(h History) float64 { return c.params.Active(h, 13) },
			"cond_E(t=39)":  func(h History) float64 { return c.params.Expected(h, 39) },
			"cond_E(t=520)": func(h History) float64 { return c.params.Expected(h, 520) },
			"ll_i":          c.params.logLikelihood,
		} {
			if c.want.Recomputed[what] == nil {
				continue
			}
			var values map[string]float64
			require.NoError(t, json.Unmarshal(c.want.Recomputed[what], &values))
			for customer, value := range values {
				var h History
				_, err := fmt.Sscanf(customer, "x=%d,tx=%g,T=%g", &h.X, &h.Recency, &h.Age)
				require.NoError(t, err)
				require.InEpsilon(t, value, of(h), 1e-10, "%s %s of %s", c.params.Model, what, customer)
				compared++
			}
		}
	}
	require.Greater(t, compared, 40)
}

// What lifetimes answers NaN to.
func TestOneTimeBuyerOfLittleData(t *testing.T) {
	t.Parallel()
	p := Params{BG, 0.11, 2.24, 0.31, 0.5}
	require.InEpsilon(t, 0.564588615532784, p.Expected(History{Age: 1}, 30), 1e-12)
}

func FuzzExpected(f *testing.F) {
	f.Add(true, 0.5, 6.0, 0.9, 1.6, 2, 0.8, 40.0, 52.0)
	f.Add(false, 0.1, 2.0, 1.0, 1.0, 1000, 1.0, 38.0, 520.0)
	f.Fuzz(func(t *testing.T, mbg bool, r, alpha, a, b float64, x int, recency, age, span float64) {
		squeeze := func(v, low, high float64) float64 {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				v = 0
			}
			return low * math.Pow(high/low, math.Abs(math.Mod(v, 1000))/1000)
		}
		p := Params{BG, squeeze(r, 0.01, 50), squeeze(alpha, 0.01, 500), squeeze(a, 0.01, 50), squeeze(b, 0.01, 50)}
		if mbg {
			p.Model = MBG
		}
		h := History{X: min(max(x, 0), 5000), Age: squeeze(age, 0.1, 5000)}
		if h.X > 0 {
			h.Recency = squeeze(recency, 0.001, 1) * h.Age
		}
		s := squeeze(span, 0.01, 1000)
		alive, active, expected, longer := p.Alive(h), p.Active(h, s), p.Expected(h, s), p.Expected(h, 2*s)
		for name, v := range map[string]float64{"alive": alive, "active": active, "expected": expected} {
			if math.IsNaN(v) || v < 0 || name != "expected" && v > 1 {
				t.Fatalf("%s %v of %+v by %+v in %v", name, v, h, p, s)
			}
		}
		if longer < expected*(1-1e-9) {
			t.Fatalf("fewer in a longer span: %v, %v: %+v by %+v in %v", expected, longer, h, p, s)
		}
	})
}
