package bench

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/cxloop/cxloop/insight/value"
)

// ModelOptions say what models of value are measured with.
type ModelOptions struct {
	// Customers is how many are made up, and fitted and scored.
	Customers int
	// Data is a folder with CDNOW's customers, "" where there is none.
	Data string
}

// modelReport is what the process that fitted the models says.
type modelReport struct {
	FitSeconds float64 `json:"fit_s"`
	CLVSeconds float64 `json:"clv_s"`
	PeakMB     float64 `json:"peak_mb"`
	// CDNOW is nil without its data.
	CDNOW *cdnowReport `json:"cdnow,omitempty"`
}

// cdnowReport is of CDNOW's sample: 39 weeks to fit, and as many to forecast.
type cdnowReport struct {
	FitMillis float64 `json:"fit_ms"`
	AUC       float64 `json:"auc"`
	ECE       float64 `json:"ece"`
	Brier     float64 `json:"brier"`
	BiasPct   float64 `json:"bias_pct"`
}

// modelFigures are of the models of what customers are worth, in a process of their own, of
// which the memory is known.
func (r *run) modelFigures(ctx context.Context, _ []Figure) ([]Figure, error) {
	r.say("models: value of %d customers, on two processors", r.Customers)
	if r.Data == "" {
		r.say("models: CXLOOP_TESTDATA is not set: no figures of CDNOW's customers")
	}
	cmd := exec.CommandContext(ctx, r.Program, "bench-models", "--customers", strconv.Itoa(r.Customers), "--data", r.Data)
	cmd.Stderr = r.Progress
	body, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("the process that fits models: %w", err)
	}
	var report modelReport
	if err := json.Unmarshal(body, &report); err != nil {
		return nil, err
	}
	return report.figures(r.Customers), nil
}

func (m modelReport) figures(customers int) (out []Figure) {
	if c := m.CDNOW; c != nil {
		out = append(out,
			figure("model.fit_cdnow_ms", c.FitMillis, "ms", "≤ 5"),
			figure("model.cdnow_auc", c.AUC, "", "≥ 0.76"),
			figure("model.cdnow_ece", c.ECE, "", "≤ 0.06"),
			figure("model.cdnow_brier", c.Brier, "", "≤ 0.162"),
			figure("model.cdnow_bias_pct", c.BiasPct, "%", ""))
	}
	target := func(text string) string {
		if customers != 1_000_000 {
			return ""
		}
		return text
	}
	return append(out,
		figure("model.fit_1m_s", m.FitSeconds, "s", target("≤ 3")),
		figure("model.clv_1m_s", m.CLVSeconds, "s", target("≤ 2")),
		figure("model.rss_mb", m.PeakMB, "MB", target("≤ 300")))
}

// RunModels fits and scores models of value and writes a report.
func RunModels(o ModelOptions, out io.Writer) error {
	runtime.GOMAXPROCS(2)
	var report modelReport
	if o.Data != "" {
		cdnow, err := measureCDNOW(filepath.Join(o.Data, "data", "cdnow_btyd_summary.csv"))
		if err != nil {
			return err
		}
		report.CDNOW = cdnow
	}
	customers := madeUp(o.Customers)
	runtime.GC() // what making them up left behind is none of the model's time
	began := time.Now()
	model, err := value.FitValue(customers, value.Options{Margin: 0.5, DiscountYear: 0.1})
	if err != nil {
		return err
	}
	report.FitSeconds = time.Since(began).Seconds()
	began = time.Now()
	total := 0.0
	for page := range slices.Chunk(customers, scoredAtOnce) {
		for _, v := range model.ScoreAll(page) {
			total += v.CLV
		}
	}
	report.CLVSeconds = time.Since(began).Seconds()
	if !(total > 0) {
		return fmt.Errorf("the model is %s, and all customers are worth %g", model.Status, total)
	}
	if report.PeakMB, err = peakMB(os.Getpid()); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(report)
}

// scoredAtOnce is a page of customers, as whoever scores all of them reads.
const scoredAtOnce = 50_000

// madeUp are customers of three years who buy as CDNOW's do: by MBG/NBD and Gamma-Gamma of
// the parameters that are published of them, in whole days.
func madeUp(n int) []value.Customer {
	src := rand.NewPCG(1, 2)
	random := rand.New(src)
	rates, chances := distuv.Gamma{Alpha: 0.525, Beta: 6.183 * 7, Src: src}, distuv.Beta{Alpha: 0.891, Beta: 1.614, Src: src}
	worths := distuv.Gamma{Alpha: 3.74, Beta: 15.44, Src: src}
	out := make([]value.Customer, n)
	for i := range out {
		rate, leaves, worth := rates.Rand(), chances.Rand(), worths.Rand()
		age := math.Ceil(random.Float64() * 3 * 365)
		c := value.Customer{ID: strconv.Itoa(i), History: value.History{Age: age}}
		spent := 0.0
		for day := 0.0; day < age; day += random.ExpFloat64() / rate {
			if whole := math.Floor(day); whole > c.Recency {
				c.X, c.Recency = c.X+1, whole
			}
			spent += distuv.Gamma{Alpha: 6.25, Beta: worth, Src: src}.Rand()
			if random.Float64() < leaves {
				break
			}
		}
		c.Spend = value.Spend{Purchases: c.X + 1, Mean: spent / float64(c.X+1)}
		out[i] = c
	}
	return out
}

// measureCDNOW fits the sample as often as gives a steady time, and forecasts the 39 weeks
// that followed.
func measureCDNOW(path string) (*cdnowReport, error) {
	holdouts, err := readCDNOW(path)
	if err != nil {
		return nil, err
	}
	histories := make([]value.History, len(holdouts))
	for i, h := range holdouts {
		histories[i] = h.History
	}
	times := make([]float64, 51)
	for i := range times {
		began := time.Now()
		if _, err := value.FitMAP(value.MBG, histories); err != nil {
			return nil, err
		}
		times[i] = float64(time.Since(began)) / float64(time.Millisecond)
	}
	slices.Sort(times)
	test, err := value.Backtest(holdouts, 39*7, value.Options{Margin: 1})
	if err != nil {
		return nil, err
	}
	a := test.Active
	return &cdnowReport{times[len(times)/2], a.AUC, a.ECE, a.Brier, test.Orders.BiasPct}, nil
}

// readCDNOW reads what the R package BTYD tells of each customer: id, repeat purchases, weeks
// from the first to the last and to the end, purchases after it, mean spend.
func readCDNOW(path string) ([]value.Holdout, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // read only
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	const week = 7
	out := make([]value.Holdout, 0, len(rows))
	for i, row := range rows[1:] {
		var numbers [5]float64
		for j := range numbers {
			if numbers[j], err = strconv.ParseFloat(row[j+1], 64); err != nil {
				return nil, fmt.Errorf("%s: customer %d: %w", path, i+1, err)
			}
		}
		h := value.Holdout{Orders: int(numbers[3])}
		h.History = value.History{X: int(numbers[0]), Recency: week * numbers[1], Age: week * numbers[2]}
		if h.X > 0 {
			h.Spend = value.Spend{Purchases: h.X, Mean: numbers[4]}
		}
		out = append(out, h)
	}
	return out, nil
}
