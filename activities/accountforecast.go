package activities

import (
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/survey"
)

// forecastOfAccount is that of an account whose contacts are the customers: what they bring
// is added up (value.RollUp; without quantiles of contracts), unless that of one of them is
// not known, and the risk and its interval are means by their values. A decile and drivers are
// of a single customer alone.
func forecastOfAccount(at time.Time, contacts []survey.Forecast) survey.Forecast {
	said := slices.DeleteFunc(slices.Clone(contacts), func(f survey.Forecast) bool { return f.Status == "" })
	if len(said) == 1 {
		said[0].At = at
		return said[0]
	}
	out := survey.Forecast{At: at}
	var risks riskMean
	churns := make([]survey.ModelStatus, len(said))
	for i, f := range said {
		risks.add(f)
		churns[i] = f.ChurnStatus
		out.ValueStatus = out.ValueStatus.Worse(f.ValueStatus)
	}
	out.ChurnStatus = survey.Overall(churns...)
	out.Risk, out.RiskLow, out.RiskHigh = risks.mean()
	if out.ValueStatus.Told() {
		addUp(&out, said)
	} else {
		out.Band = latestBand(said)
	}
	out.Status = survey.Overall(out.ChurnStatus, out.ValueStatus)
	out.Version = versionsOf(out, said)
	return out
}

// addUp adds up what contacts bring: what purchases do, or contracts.
func addUp(out *survey.Forecast, contacts []survey.Forecast) {
	var values []value.CustomerValue
	for _, f := range contacts {
		switch {
		case f.Orders != nil:
			values = append(values, valueOf(f))
		case f.Value != nil: // of contracts
			addTo(&out.Value, *f.Value)
			addTo(&out.AtRisk, *f.AtRisk)
		}
		if f.ValueBias != nil {
			out.ValueBias = f.ValueBias
		}
	}
	if len(values) == 0 {
		return
	}
	v := value.RollUp("", values)
	out.Orders, out.Purchase = &v.ExpectedOrders12m, &v.PPurchase90d
	if !v.Valued {
		out.ValueBias = nil
		return
	}
	out.Value, out.ValueLow, out.ValueHigh, out.AtRisk = &v.CLV, &v.P10, &v.P90, &v.RevenueAtRisk
	out.ValueSD, out.Nothing = v.SD, v.Nothing
}

// latestBand is that of the contact who bought last, "" where none bought.
func latestBand(contacts []survey.Forecast) survey.RecencyBand {
	for _, band := range survey.RecencyBands {
		if slices.ContainsFunc(contacts, func(f survey.Forecast) bool { return f.Band == band }) {
			return band
		}
	}
	return ""
}

// versionsOf names the models of the contacts' numbers of the kinds that are told.
func versionsOf(told survey.Forecast, contacts []survey.Forecast) string {
	var versions []string
	for _, kind := range ModelKinds {
		status := told.ValueStatus
		if kind == ChurnModel {
			status = told.ChurnStatus
		}
		for _, f := range contacts {
			for v := range strings.SplitSeq(f.Version, ";") {
				if status.Told() && strings.HasPrefix(v, string(kind)+"-") && !slices.Contains(versions, v) {
					versions = append(versions, v)
				}
			}
		}
	}
	return strings.Join(versions, ";")
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
