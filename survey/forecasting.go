package survey

// Forecasting says how it is forecast what customers are worth and who will leave.
type Forecasting struct {
	// Customer is ObjectContact or ObjectAccount, "" where nothing is forecast.
	Customer string `yaml:"customer"`
	// Contracts: customers leave by ending theirs, and not by buying no more.
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
	StaleAfter Span `yaml:"stale_after"`
}

// Of reports whether there are forecasts of a type of records: where contacts are the
// customers, accounts have those made of theirs.
func (f Forecasting) Of(objectType string) bool {
	return f.Customer == objectType || f.Customer == ObjectContact && objectType == ObjectAccount
}

// Wanted reports whether anything is to be forecast.
func (f Forecasting) Wanted() bool { return f.Customer != "" }
