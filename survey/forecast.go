package survey

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The names of what is forecast of a customer, and of an account whose contacts are the
// customers. Probabilities are 0 to 1, money is in the currency of the configuration.
const (
	SignalChurnRisk     = "cx_churn_risk_90d"        // probability of leaving within 90 days
	SignalChurnRiskLow  = "cx_churn_risk_90d_lo80"   // its 80 % interval begins
	SignalChurnRiskHigh = "cx_churn_risk_90d_hi80"   // and ends
	SignalRiskDecile    = "cx_churn_risk_decile"     // 1 to 10, 10 for the tenth most at risk
	SignalRiskDrivers   = "cx_risk_drivers"          // up to MaxDrivers names, separated by ;
	SignalPurchase      = "cx_p_purchase_90d"        // probability of a purchase within 90 days
	SignalOrders        = "cx_expected_orders_12m"   // count
	SignalValue         = "cx_clv_12m"               // money, discounted
	SignalValueLow      = "cx_clv_12m_p10"           // money: one in ten is worth less
	SignalValueHigh     = "cx_clv_12m_p90"           // money: one in ten is worth more
	SignalValueBias     = "cx_clv_backtest_bias_pct" // per cent: above 0, past forecasts were too high
	SignalRevenueAtRisk = "cx_revenue_at_risk"       // money
	SignalRecencyBand   = "cx_recency_band"          // a RecencyBand, where purchases are not forecast
	SignalModelStatus   = "cx_model_status"          // a ModelStatus, of all numbers
	SignalChurnStatus   = "cx_churn_model_status"    // a ModelStatus, of the risk
	SignalValueStatus   = "cx_value_model_status"    // a ModelStatus, of purchases and money
	SignalModelVersion  = "cx_model_version"         // of the models, separated by ;
	SignalsAsOf         = "cx_signals_asof"          // RFC 3339, UTC: when the values were computed
)

// MaxDrivers is how many drivers of a risk are told.
const MaxDrivers = 3

// ModelStatus says whether the numbers of a customer are to be relied on, or why there
// are none.
type ModelStatus string

// The statuses. The worse come later.
const (
	ModelOK         ModelStatus = "ok"
	ModelStale      ModelStatus = "stale"                // fitted too long ago
	ModelNoBetter   ModelStatus = "not_better_than_base" // no model beats simple rules
	ModelThinData   ModelStatus = "thin_data"            // too little is known
	ModelSuppressed ModelStatus = "suppressed"           // nothing is forecast of such records any more
)

// Told reports whether a status is of numbers that are there. The others are why there are
// none.
func (s ModelStatus) Told() bool { return s == ModelOK || s == ModelStale }

// RecencyBand is how long ago a customer bought, by what is usual between two purchases.
type RecencyBand string

// The bands.
const (
	BandRecent  RecencyBand = "recent"  // within one usual gap between two purchases
	BandCooling RecencyBand = "cooling" // within two
	BandDormant RecencyBand = "dormant" // longer ago
)

// RecencyBands are all of them, the latest first.
var RecencyBands = []RecencyBand{BandRecent, BandCooling, BandDormant}

// Forecast is what models say of one customer at a moment. A number that nobody can tell
// is nil.
type Forecast struct {
	At time.Time `json:"at"`
	// Status is that of the numbers that are there, or why there is none (Overall): "" of who is
	// no customer, of whom nothing is said.
	Status ModelStatus `json:"status"`
	// ChurnStatus is of Risk, and ValueStatus of Purchase, Orders and Value: "" where there is
	// nothing of that kind to forecast, as of who has left.
	ChurnStatus ModelStatus `json:"churn_status,omitempty"`
	ValueStatus ModelStatus `json:"value_status,omitempty"`
	// Version names the models of the numbers that are there.
	Version string `json:"version,omitempty"`
	// Band is of buyers whose purchases are not forecast.
	Band RecencyBand `json:"band,omitempty"`

	Risk     *float64 `json:"risk,omitempty"`
	RiskLow  *float64 `json:"risk_lo80,omitempty"`
	RiskHigh *float64 `json:"risk_hi80,omitempty"`
	// Decile is 1 to 10, 0 without a Risk.
	Decile  int      `json:"decile,omitempty"`
	Drivers []string `json:"drivers,omitempty"`

	Purchase *float64 `json:"p_purchase,omitempty"`
	Orders   *float64 `json:"orders,omitempty"`
	// Value is of the next twelve months, ValueLow and ValueHigh are its quantiles at 10
	// and 90 %. ValueBias is that of the model's backtest, in per cent.
	Value     *float64 `json:"clv,omitempty"`
	ValueLow  *float64 `json:"clv_p10,omitempty"`
	ValueHigh *float64 `json:"clv_p90,omitempty"`
	ValueBias *float64 `json:"bias_pct,omitempty"`
	AtRisk    *float64 `json:"revenue_at_risk,omitempty"`
	// ValueSD is the standard deviation of the value, and Nothing the probability that it is
	// 0: an account's quantiles are made of those of its contacts.
	ValueSD float64 `json:"clv_sd,omitempty"`
	Nothing float64 `json:"clv_nothing,omitempty"`
}

// What has to move before a forecast is written anew: account teams are not to read of
// changes that are none.
const (
	movedProbability = 0.02
	movedShare       = 0.10 // of a number of orders and of money
	leastOrders      = 0.1
	leastMoney       = 1
	rounding         = 1e-9 // 0.52 and 0.50 do differ by 0.02
)

// Overall is what some statuses come to: the worst one of those whose numbers are there, and
// where there is no number the worst of the reasons.
func Overall(statuses ...ModelStatus) ModelStatus {
	var told, reason ModelStatus
	for _, s := range statuses {
		if s.Told() {
			told = told.Worse(s)
		} else {
			reason = reason.Worse(s)
		}
	}
	return cmp.Or(told, reason)
}

// Moved reports whether f differs enough from what was written to be written: in a
// status, the decile, the band, in a number that came or went, in a probability by 0.02, or
// in orders or money by a tenth (and at least a tenth of an order, one unit of the
// currency). Ends of intervals, drivers, the bias and versions go along, and make no
// difference by themselves.
func (f Forecast) Moved(written Forecast) bool {
	if f.Status != written.Status || f.ChurnStatus != written.ChurnStatus || f.ValueStatus != written.ValueStatus ||
		f.Decile != written.Decile || f.Band != written.Band {
		return true
	}
	by := func(now, then *float64, enough func(then float64) float64) bool {
		if now == nil || then == nil {
			return now != then
		}
		return math.Abs(*now-*then) >= enough(*then)*(1-rounding)
	}
	share := func(least float64) func(float64) float64 {
		return func(then float64) float64 { return max(least, movedShare*math.Abs(then)) }
	}
	probability := func(float64) float64 { return movedProbability }
	return by(f.Risk, written.Risk, probability) || by(f.Purchase, written.Purchase, probability) ||
		by(f.Orders, written.Orders, share(leastOrders)) ||
		by(f.Value, written.Value, share(leastMoney)) || by(f.AtRisk, written.AtRisk, share(leastMoney))
}

// WithValueOf is f with what another forecast says of purchases to come and of value.
func (f Forecast) WithValueOf(other Forecast) Forecast {
	f.ValueStatus, f.Band = other.ValueStatus, other.Band
	f.Purchase, f.Orders = other.Purchase, other.Orders
	f.Value, f.ValueLow, f.ValueHigh, f.ValueBias, f.AtRisk = other.Value, other.ValueLow, other.ValueHigh, other.ValueBias, other.AtRisk
	f.ValueSD, f.Nothing = other.ValueSD, other.Nothing
	return f
}

// Signals are the values of f by name: "" for those that written has and f has no more.
func (f Forecast) Signals(written Forecast) map[string]string {
	values := f.values()
	for name := range written.values() {
		if _, kept := values[name]; !kept {
			values[name] = ""
		}
	}
	return values
}

func (f Forecast) values() map[string]string {
	values := map[string]string{}
	if f.Status == "" {
		return values
	}
	number := func(name string, v *float64, digits int) {
		if v != nil {
			values[name] = strconv.FormatFloat(*v, 'f', digits, 64)
		}
	}
	number(SignalChurnRisk, f.Risk, 3)
	number(SignalChurnRiskLow, f.RiskLow, 3)
	number(SignalChurnRiskHigh, f.RiskHigh, 3)
	number(SignalPurchase, f.Purchase, 3)
	number(SignalOrders, f.Orders, 2)
	number(SignalValue, f.Value, 2)
	number(SignalValueLow, f.ValueLow, 2)
	number(SignalValueHigh, f.ValueHigh, 2)
	number(SignalValueBias, f.ValueBias, 1)
	number(SignalRevenueAtRisk, f.AtRisk, 2)
	if f.Decile > 0 {
		values[SignalRiskDecile] = strconv.Itoa(f.Decile)
	}
	if len(f.Drivers) > 0 {
		values[SignalRiskDrivers] = strings.Join(f.Drivers[:min(MaxDrivers, len(f.Drivers))], ";")
	}
	for name, v := range map[string]string{
		SignalModelVersion: f.Version, SignalRecencyBand: string(f.Band),
		SignalChurnStatus: string(f.ChurnStatus), SignalValueStatus: string(f.ValueStatus),
	} {
		if v != "" {
			values[name] = v
		}
	}
	values[SignalModelStatus] = string(f.Status)
	values[SignalsAsOf] = f.At.UTC().Format(time.RFC3339)
	return values
}

// Worse is the worse of two statuses; "" is better than all.
func (s ModelStatus) Worse(other ModelStatus) ModelStatus {
	if slices.Index(modelStatuses, other) > slices.Index(modelStatuses, s) {
		return other
	}
	return s
}

var modelStatuses = []ModelStatus{ModelOK, ModelStale, ModelNoBetter, ModelThinData, ModelSuppressed}
