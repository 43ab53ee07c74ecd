package config

import "github.com/cxloop/cxloop/survey"

func newForecasting() survey.Forecasting {
	return survey.Forecasting{Margin: 1, DiscountRate: 0.1, Cron: "0 2 * * *", StaleAfter: survey.Span(60 * day)}
}

// checkModels reports forecasts of nobody, and values in no currency.
func (d *document) checkModels(f survey.Forecasting) {
	at := path{"models"}
	if d.failed(at) || d.value(at) == nil && !f.Wanted() {
		return
	}
	if !f.Wanted() {
		d.add(at.join("customer"), "is required: contact where people buy for themselves, account where companies do")
	}
	if f.Currency == "" {
		d.add(at.join("currency"), "is required: values are in one currency, for example EUR")
	}
	if f.StaleAfter < survey.Span(day) {
		d.add(at.join("stale_after"), "%s is too short: models are fitted once a day at most", f.StaleAfter)
	}
}
