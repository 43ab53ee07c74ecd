package hubspot

import (
	"context"

	"github.com/cxloop/cxloop/survey"
)

// EnsureForecasts is EnsureProperties for what is forecast: of companies, and of contacts
// where these are the customers (survey.Forecasting).
func (c *Client) EnsureForecasts(ctx context.Context, customer string, dryRun bool) (missing []string, err error) {
	all := []propertiesOf{{companies, forecastProperties()}}
	if customer == survey.ObjectContact {
		all = append(all, propertiesOf{contacts, forecastProperties()})
	}
	return c.ensure(ctx, all, dryRun)
}

// forecastProperties are what models say of a contact or company.
func forecastProperties() []property {
	return []property{
		number(survey.SignalChurnRisk, "CX: churn risk in 90 days", "Probability of leaving within 90 days, 0 to 1, written by cxloop"),
		number(survey.SignalChurnRiskLow, "CX: churn risk, at least", "The 80 % interval of the churn risk begins here, written by cxloop"),
		number(survey.SignalChurnRiskHigh, "CX: churn risk, at most", "The 80 % interval of the churn risk ends here, written by cxloop"),
		number(survey.SignalRiskDecile, "CX: churn risk decile", "1 to 10: 10 is the tenth of customers who are most at risk, written by cxloop"),
		line(survey.SignalRiskDrivers, "CX: what drives the risk", "Up to three things that put this customer's risk above that of others, no proof of a cause, separated by ;, written by cxloop"),
		number(survey.SignalPurchase, "CX: buys within 90 days", "Probability of a purchase within 90 days, 0 to 1, written by cxloop"),
		number(survey.SignalOrders, "CX: orders in 12 months", "How many are expected, on average, written by cxloop"),
		number(survey.SignalValue, "CX: value of 12 months", "What is expected of the next 12 months, discounted, in the currency of cxloop's configuration, written by cxloop"),
		number(survey.SignalValueLow, "CX: value, one in ten brings less", "10 % quantile of the value, written by cxloop"),
		number(survey.SignalValueHigh, "CX: value, one in ten brings more", "90 % quantile of the value, written by cxloop"),
		number(survey.SignalValueBias, "CX: past values were off by, %", "By how many per cent such forecasts were too high (or too low, below 0) in all when tested on the past, written by cxloop"),
		number(survey.SignalRevenueAtRisk, "CX: revenue at risk", "What would be lost of the next 12 months by this customer leaving, on average, written by cxloop"),
		choice(survey.SignalRecencyBand, "CX: last purchase", "How long ago, by the usual gap between two purchases; empty where purchases are forecast, written by cxloop",
			option{Label: "Recent: within one usual gap", Value: string(survey.BandRecent)},
			option{Label: "Cooling: within two", Value: string(survey.BandCooling)},
			option{Label: "Dormant: longer ago", Value: string(survey.BandDormant)}),
		choice(survey.SignalModelStatus, "CX: forecasts", "Whether the forecasts of this record are to be relied on, or why there are none, written by cxloop", modelStatuses()...),
		choice(survey.SignalChurnStatus, "CX: forecast of churn", "The same of the churn risk alone; empty of who has left already, written by cxloop", modelStatuses()...),
		choice(survey.SignalValueStatus, "CX: forecast of value", "The same of purchases and value alone; empty where there is none to forecast, written by cxloop", modelStatuses()...),
		line(survey.SignalModelVersion, "CX: model", "By which models the forecasts were made, written by cxloop"),
		moment(survey.SignalsAsOf, "CX: forecasts of", "When the forecasts were made, written by cxloop"),
	}
}

func modelStatuses() []option {
	return []option{
		{Label: "OK", Value: string(survey.ModelOK)},
		{Label: "Old", Value: string(survey.ModelStale)},
		{Label: "No better than simple rules", Value: string(survey.ModelNoBetter)},
		{Label: "Too little data", Value: string(survey.ModelThinData)},
		{Label: "Not forecast any more", Value: string(survey.ModelSuppressed)},
	}
}
