// Package card is what is written down of a fit: the data it saw, how good it was on what it
// had not seen, and whether it may be used. Cards are kept, compared and shown as JSON.
package card

import "fmt"

// Status says what may be done with a model.
type Status string

// The statuses, as they are written to CRMs; Leapt is of none that is used, and never is.
const (
	// OK is a model whose numbers may be used.
	OK Status = "ok"
	// ThinData is too little to fit or to test a model by.
	ThinData Status = "thin_data"
	// Stale is a model that is too old, or whose customers have changed since.
	Stale Status = "stale"
	// NotBetterThanBase is a model that a simpler rule is as good as.
	NotBetterThanBase Status = "not_better_than_base"
	// Suppressed is a model, or a customer, that somebody decided to have no numbers of.
	Suppressed Status = "suppressed"
	// Leapt is a model that is far from the one before: see Leap.
	Leapt Status = "leapt"
)

// Card is the record of one fit.
type Card struct {
	// Model is what was fitted: churn, value.
	Model string `json:"model"`
	// Kind is what it was fitted to: purchases, contracts.
	Kind string `json:"kind,omitempty"`
	// Version names the fit. Whoever keeps the card gives it.
	Version string `json:"version,omitempty"`
	// AsOf is until when things were known, in days since 1970-01-01 UTC.
	AsOf float64 `json:"as_of"`
	// Horizon is how far ahead is forecast, in days.
	Horizon float64 `json:"horizon_days"`
	Data    Data    `json:"data"`
	// Origins are the moments at which a backtest forecast, in order.
	Origins []Origin `json:"origins,omitempty"`
	// Metrics are of the backtest.
	Metrics []Metric `json:"metrics,omitempty"`
	// Baselines are the simple rules that the model has to beat.
	Baselines []Baseline `json:"baselines,omitempty"`
	Drivers   []Driver   `json:"drivers,omitempty"`
	// Lasting is of contracts.
	Lasting *Lasting `json:"lasting,omitempty"`
	// Features are what the model sees, and Calibration how its forecasts are corrected.
	Features    []string `json:"features,omitempty"`
	Calibration string   `json:"calibration,omitempty"`
	Status      Status   `json:"status"`
	// Reasons are the sentences that explain Status; each check that failed has one.
	Reasons []string `json:"reasons,omitempty"`
	// Leaps are from the version published before, and LeapAccepted that somebody said they
	// are right.
	Leaps        []Leap `json:"leaps,omitempty"`
	LeapAccepted bool   `json:"leap_accepted,omitempty"`
}

// Published says whether the model's numbers may be used.
func (c Card) Published() bool { return c.Status == OK }

// Metric finds a metric by its name.
func (c Card) Metric(name string) (Metric, bool) {
	for _, m := range c.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Data is what a model was fitted to.
type Data struct {
	// Customers were given, and Sampled of them used. LeftOut are how many of those given cannot
	// be, by what is wrong with them.
	Customers int     `json:"customers"`
	Sampled   int     `json:"sampled"`
	LeftOut   LeftOut `json:"left_out,omitempty"`
	// Rows are customers at moments, and Happened how many of these came to what is forecast.
	Rows     int `json:"rows"`
	Happened int `json:"happened"`
	// From and To are the first and the last event, in days since 1970-01-01 UTC.
	From float64 `json:"from"`
	To   float64 `json:"to"`
	// Counts are how many events of each kind there are: purchases, tickets, answers.
	Counts map[string]int `json:"counts,omitempty"`
	// Recency is how many customers are in each band of recency, where they are buyers.
	Recency map[string]int `json:"recency,omitempty"`
}

// Origin is one moment of a backtest: what was known before it was fitted to, and what came
// after it was forecast.
type Origin struct {
	At       float64 `json:"at"` // days since 1970-01-01 UTC
	Trained  int     `json:"trained"`
	Tested   int     `json:"tested"`
	Happened int     `json:"happened"`
}

// The names of metrics.
const (
	Brier      = "brier"       // mean squared error of probabilities, 0 to 1
	BrierSkill = "brier_skill" // 1 − Brier over that of the base rate known before; above 0 is better
	LogLoss    = "log_loss"    // nats
	AUC        = "auc"         // 0 to 1
	ECE        = "ece"         // expected calibration error, ten bins of as many forecasts, 0 to 1
	Slope      = "slope"       // calibration slope, 1 where forecasts are neither bold nor timid
	Lift       = "lift"        // of the tenth with the highest forecasts
	Bias       = "bias"        // sum of the forecasts over what came, less 1
)

// Interval is a figure with its 95 % interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Metric is a named figure of a backtest.
type Metric struct {
	Name string `json:"name"`
	Interval
}

// Baseline is how a simple rule did on the same forecasts.
type Baseline struct {
	Name  string  `json:"name"`
	Brier float64 `json:"brier"`
	// Gain is its Brier score less the model's, with the 95 % interval of the paired
	// bootstrap: the model beats it where Low is above 0.
	Gain Interval `json:"gain"`
}

// Beaten says whether the model is better by more than chance.
func (b Baseline) Beaten() bool { return b.Gain.Low > 0 }

// NotBeaten is the reason of a card whose model has not Beaten it.
func (b Baseline) NotBeaten() string {
	return fmt.Sprintf("It is not surely better than %s: the Brier score gains %.4f, between %.4f and %.4f.", b.Name, b.Gain.Value, b.Gain.Low, b.Gain.High)
}

// Driver is a fact that may be what moves a forecast.
type Driver struct {
	Name string `json:"name"`
	// Gain is how much worse the Brier score is without the fact, with an interval that
	// allows for all facts that were tried.
	Gain Interval `json:"gain"`
	// Proven is that Gain excludes 0. A fact that is not proven is shown as a fact, and never
	// as a driver.
	Proven bool `json:"proven"`
}
