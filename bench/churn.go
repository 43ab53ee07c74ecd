package bench

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/churn"
)

// churnFigures are of the model of who will leave, of all CDNOW's customers: how long a fit
// takes with its tests, and what these say.
func (r *run) churnFigures(context.Context, []Figure) ([]Figure, error) {
	if r.Data == "" {
		r.say("churn: CXLOOP_TESTDATA is not set: nothing is measured")
		return nil, nil
	}
	customers, asOf, err := readPurchases(filepath.Join(r.Data, "data", "cdnow_master.csv"))
	if err != nil {
		return nil, err
	}
	r.say("churn: %d customers of CDNOW", len(customers))
	began := time.Now()
	_, c, err := churn.Fit(customers, churn.Options{AsOf: asOf})
	if err != nil {
		return nil, err
	}
	out := []Figure{figure("churn.fit_cdnow_s", time.Since(began).Seconds(), "s", "")}
	for _, metric := range []struct{ name, target string }{
		{card.AUC, "≥ 0.77"}, {card.ECE, "≤ 0.02"}, {card.BrierSkill, "> 0"}, {card.Slope, ""}, {card.Lift, ""},
	} {
		if m, ok := c.Metric(metric.name); ok {
			out = append(out, figure("churn.cdnow_"+metric.name, m.Value, "", metric.target))
		}
	}
	for _, b := range c.Baselines {
		out = append(out, figure("churn.cdnow_over_"+b.Name, 100*b.Gain.Value/b.Brier, "% Brier", "> 0"))
	}
	return out, nil
}

// readPurchases reads purchases that are in order of customers: customer, day as 19970101,
// number of CDs, dollars. All is known to the day of the last one.
func readPurchases(path string) (customers []churn.Customer, asOf float64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close() //nolint:errcheck // read only
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, 0, err
	}
	const day = 24 * 60 * 60
	for i, row := range rows[1:] {
		at, err := time.Parse("20060102", row[1])
		if err != nil {
			return nil, 0, fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
		amount, err := strconv.ParseFloat(row[3], 64)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
		if len(customers) == 0 || customers[len(customers)-1].ID != row[0] {
			customers = append(customers, churn.Customer{ID: row[0]})
		}
		c := &customers[len(customers)-1]
		c.Purchases = append(c.Purchases, churn.Purchase{At: float64(at.Unix() / day), Amount: amount})
		asOf = max(asOf, float64(at.Unix()/day+1))
	}
	return customers, asOf, nil
}
