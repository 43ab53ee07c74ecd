package config

import "github.com/cxloop/cxloop/survey"

// Models says how it is forecast what customers are worth and who will leave.
type Models struct {
	// Customer is survey.ObjectContact or survey.ObjectAccount, "" where nothing is
	// forecast.
	Customer string `yaml:"customer"`
	// Contracts: customers leave by ending theirs.
	Contracts bool `yaml:"contracts"`
	// Currency of values, ISO 4217.
	Currency string `yaml:"currency"`
	// Margin is the share of a price that is left, above 0 to 1. DiscountRate is a year's,
	// 0 to 1.
	Margin       float64 `yaml:"margin"`
	DiscountRate float64 `yaml:"discount_rate"`
	// Cron is when, in UTC unless it begins with CRON_TZ=.
	Cron string `yaml:"cron"`
	// StaleAfter is how long a model is good that none better comes after.
	StaleAfter survey.Span `yaml:"stale_after"`
}

// Wanted reports whether anything is to be forecast.
func (m Models) Wanted() bool { return m.Customer != "" }

func newModels() Models {
	return Models{Margin: 1, DiscountRate: 0.1, Cron: "0 2 * * *", StaleAfter: survey.Span(60 * day)}
}

// checkModels reports forecasts of nobody, and values in no currency.
func (d *document) checkModels(m Models) {
	at := path{"models"}
	if d.failed(at) || d.value(at) == nil && !m.Wanted() {
		return
	}
	if !m.Wanted() {
		d.add(at.join("customer"), "is required: contact where people buy for themselves, account where companies do")
	}
	if m.Currency == "" {
		d.add(at.join("currency"), "is required: values are in one currency, for example EUR")
	}
	if m.StaleAfter < survey.Span(day) {
		d.add(at.join("stale_after"), "%s is too short: models are fitted once a day at most", m.StaleAfter)
	}
}
