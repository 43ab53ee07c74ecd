package activities

import (
	"slices"
	"time"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/survey"
)

// forecastOfAccount is that of an account whose contacts are the customers: what they bring
// is added up (value.RollUp; without quantiles of contracts), and the risk and its interval
// are means by their values. A decile and drivers are of a single customer alone. The status
// is the worst of theirs.
func forecastOfAccount(at time.Time, contacts []survey.Forecast) survey.Forecast {
	said := slices.DeleteFunc(slices.Clone(contacts), func(f survey.Forecast) bool { return f.Status == "" })
	if len(said) == 1 {
		said[0].At = at
		return said[0]
	}
	out := survey.Forecast{At: at}
	var values []value.CustomerValue
	var risks riskMean
	for _, f := range said {
		out.Status, out.Version = out.Status.Worse(f.Status), f.Version
		risks.add(f)
		switch {
		case f.Orders != nil:
			values = append(values, valueOf(f))
			out.ValueBias = f.ValueBias
		case f.Value != nil: // of contracts
			addTo(&out.Value, *f.Value)
			addTo(&out.AtRisk, *f.AtRisk)
			out.ValueBias = f.ValueBias
		}
	}
	out.Risk, out.RiskLow, out.RiskHigh = risks.mean()
	if len(values) == 0 {
		return out
	}
	v := value.RollUp("", values)
	out.Orders, out.Purchase = &v.ExpectedOrders12m, &v.PPurchase90d
	if v.Valued {
		out.Value, out.ValueLow, out.ValueHigh, out.AtRisk = &v.CLV, &v.P10, &v.P90, &v.RevenueAtRisk
		out.ValueSD, out.Nothing = v.SD, v.Nothing
	}
	return out
}

// valueOf is what a forecast tells of a customer's value.
func valueOf(f survey.Forecast) value.CustomerValue {
	v := value.CustomerValue{Status: card.OK, ExpectedOrders12m: *f.Orders, PPurchase90d: *f.Purchase, Valued: f.Value != nil}
	if v.Valued {
		v.CLV, v.P10, v.P90, v.RevenueAtRisk = *f.Value, *f.ValueLow, *f.ValueHigh, *f.AtRisk
		v.SD, v.Nothing = f.ValueSD, f.Nothing
	}
	return v
}

// riskMean is a mean of risks by value. Who is worth next to nothing counts a little.
type riskMean struct{ weight, risk, low, high float64 }

func (m *riskMean) add(f survey.Forecast) {
	if f.Risk == nil {
		return
	}
	weight := 1.0
	if f.Value != nil {
		weight = max(1, *f.Value)
	}
	m.weight += weight
	m.risk += weight * *f.Risk
	m.low += weight * *f.RiskLow
	m.high += weight * *f.RiskHigh
}

// mean is nil of no risk.
func (m *riskMean) mean() (risk, low, high *float64) {
	if m.weight == 0 {
		return nil, nil, nil
	}
	return new(m.risk / m.weight), new(m.low / m.weight), new(m.high / m.weight)
}
