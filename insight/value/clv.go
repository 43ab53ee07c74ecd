package value

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/cxloop/cxloop/insight/card"
)

// Times of value models are in days.
const (
	// Year is what "12 months" are, in twelve months of equal length.
	Year = 365.0
	// Quarter is what "90 days" are.
	Quarter = 90.0

	months = 12
)

// Customer is what a value model knows of one: a history in days, and what they paid.
type Customer struct {
	ID string `json:"id"`
	History
	// Spend is of all purchases that are known to have cost something; Purchases is 0 where none
	// is, and nothing is said of what such a customer is worth.
	Spend
	// Unpriced purchases are those whose amount is not known. They count for how often somebody
	// buys, and not for how much.
	Unpriced int `json:"unpriced,omitempty"`
}

// Options are what a value model takes from who asks.
type Options struct {
	// Margin is the share of revenue that is left after the costs of what was sold, above 0
	// and at most 1.
	Margin float64 `json:"margin"`
	// DiscountYear is how much less money is worth a year later: 0.1 for 10 %, from 0.
	DiscountYear float64 `json:"discount_year"`
}

var errOptions = errors.New("value: want a margin above 0 and at most 1, and a discount rate from 0 to 10")

func (o Options) valid() error {
	if !(o.Margin > 0 && o.Margin <= 1) || !(o.DiscountYear >= 0 && o.DiscountYear <= 10) {
		return fmt.Errorf("%w: %g, %g", errOptions, o.Margin, o.DiscountYear)
	}
	return nil
}

// The least that a model is fitted to: anything less gives numbers that the next purchase
// overthrows.
const (
	MinRepeatBuyers = 25
	MinCycles       = 2.0
)

// FormatVersion is of what is computed by a ValueModel, and how: it goes up when the same
// customers would get other numbers.
const FormatVersion = 1

// ValueModel says what customers without a contract are worth. Its JSON is all there is.
type ValueModel struct {
	Version int         `json:"version"`
	Status  card.Status `json:"status"`
	// Reason says why the status is not ok, and Warnings what to beware of where it is.
	Reason   string   `json:"reason,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Options

	// Customers are how many there were, LeftOut those whose data cannot be, RepeatBuyers those
	// of the others who bought on two days at least,
	// CycleDays the mean time from a purchase to the next, 0 without any, and Cycles how many
	// of these the longest history spans.
	Customers    int          `json:"customers"`
	LeftOut      card.LeftOut `json:"left_out,omitempty"`
	RepeatBuyers int          `json:"repeat_buyers"`
	CycleDays    float64      `json:"cycle_days"`
	Cycles       float64      `json:"cycles"`

	// Params are of MBG/NBD, or of BG/NBD where that alone could be fitted.
	Params
	// CrossCheck is the other model's number of purchases of the next 12 months, of all
	// customers, by that of this one; 0 where there is nothing to compare.
	CrossCheck float64 `json:"cross_check,omitempty"`
	// Worth is of purchases; nil where nothing is known of amounts, and no value is given.
	Worth *GammaGamma `json:"worth,omitempty"`
}

// CustomerValue is what a model says of a customer. Money is of the currency of Spend.
type CustomerValue struct {
	ID     string      `json:"id"`
	Status card.Status `json:"status"`
	// Band is by recency alone, and there for everybody whose history can be.
	Band Recency `json:"band"`

	// ExpectedOrders12m are purchases of the next 12 months, and PPurchase90d the probability
	// of at least one within 90 days. Without the status ok they are 0 and mean nothing.
	ExpectedOrders12m float64 `json:"expected_orders_12m"`
	PPurchase90d      float64 `json:"p_purchase_90d"`

	// Valued says that the amounts below are known, for which one of the customer's purchases
	// has to be.
	Valued bool `json:"valued"`
	// OrderValue is what the next purchase brings on average: revenue, neither margin nor
	// discounted.
	OrderValue float64 `json:"order_value"`
	// CLV is the mean of the margin of the next 12 months, discounted by month, and P10, P50
	// and P90 are quantiles of it: of ten customers like this one brings less than P10.
	CLV float64 `json:"clv"`
	P10 float64 `json:"p10"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	// SD is the standard deviation of it, and Nothing the probability that it is 0.
	SD      float64 `json:"sd"`
	Nothing float64 `json:"nothing"`
	// RevenueAtRisk is the revenue of the next 12 months that would be lost by this customer
	// leaving in that time, on average: what they would buy if they stayed, less what is
	// expected, as far as they are active still.
	RevenueAtRisk float64 `json:"revenue_at_risk"`
}

// FitValue fits a model to customers, or says that there are too few of them: a status of
// the model, and no error, which is of options that cannot be. Customers whose data cannot be
// are left out and counted.
func FitValue(customers []Customer, o Options) (ValueModel, error) {
	if err := o.valid(); err != nil {
		return ValueModel{}, err
	}
	m := ValueModel{Version: FormatVersion, Status: card.OK, Options: o, Customers: len(customers)}
	customers = m.usable(customers)
	d, err := dataOf(len(customers), func(i int) (History, error) { return customers[i].History, nil })
	switch {
	case errors.Is(err, errNoHistories): // nobody, or nobody for any time
		d = &data{}
	case err != nil:
		return ValueModel{}, err
	}
	m.describe(d)
	switch {
	case m.RepeatBuyers < MinRepeatBuyers:
		return m.thin("%d customers bought again, and %d are the least to say more than how long ago", m.RepeatBuyers, MinRepeatBuyers), nil
	case m.Cycles < MinCycles:
		return m.thin("what is known spans %.2f times the %.0f days between two purchases, and %g times is the least", m.Cycles, m.CycleDays, MinCycles), nil
	}
	if !m.fitOrders(d) {
		return m.thin("neither MBG/NBD nor BG/NBD can be fitted to these purchases"), nil
	}
	m.fitWorth(customers)
	return m, nil
}

func (m ValueModel) thin(format string, args ...any) ValueModel {
	m.Status, m.Reason = card.ThinData, fmt.Sprintf(format, args...)
	return m
}

func (m *ValueModel) warn(format string, args ...any) {
	m.Warnings = append(m.Warnings, fmt.Sprintf(format, args...))
}

// describe counts what the rule of thin data is about.
func (m *ValueModel) describe(d *data) {
	m.RepeatBuyers = d.repeat()
	gaps, between := 0.0, 0.0
	for _, r := range d.rows {
		gaps += r.weight * r.x
		between += r.weight * r.recency
	}
	if between > 0 {
		m.CycleDays = between / gaps * d.scale
		m.Cycles = longestAge * gaps / between
	}
}

// apart is how far the two models may differ before it is said.
const apart = 0.2

func (m *ValueModel) fitOrders(d *data) bool {
	fit, err := d.fit(MBG, true)
	check, errCheck := d.fit(BG, true)
	switch {
	case err != nil && errCheck != nil:
		return false
	case err != nil:
		m.Params = check.Params
		m.warn("MBG/NBD cannot be fitted: BG/NBD is used")
		return true
	}
	m.Params = fit.Params
	if errCheck != nil {
		m.warn("BG/NBD, the cross-check, cannot be fitted")
		return true
	}
	expected := d.expected(fit.Params, Year)
	if expected == 0 { // everybody has left for sure
		return true
	}
	m.CrossCheck = d.expected(check.Params, Year) / expected
	if math.Abs(m.CrossCheck-1) > apart {
		m.warn("BG/NBD expects %.2f times as many purchases: what is expected hangs on the model", m.CrossCheck)
	}
	return true
}

func (m *ValueModel) fitWorth(customers []Customer) {
	var spends []Spend
	orders, unpriced, free := 0, 0, 0
	for _, c := range customers {
		if c.Purchases > 0 {
			spends = append(spends, c.Spend)
		}
		orders += 1 + c.X
		unpriced += c.Unpriced
		free += max(0, 1+c.X-c.Purchases-c.Unpriced)
	}
	worth, err := fitSpend(spends, true)
	if err != nil {
		m.warn("what a purchase is worth is not known, and no value is given: amounts are known of %d customers", len(spends))
		return
	}
	m.Worth = &worth
	if unpriced+free > 0 {
		m.warn("of %d days with purchases %d have an amount that is not known and %d cost nothing: they count for how often customers buy, and not for how much", orders, unpriced, free)
	}
	if without := len(customers) - len(spends); without > 0 {
		m.warn("%d of %d customers get no value: no amount of theirs is known", without, len(customers))
	}
	if math.Abs(worth.Correlation) > Correlated {
		m.warn("how often and how much customers buy goes together (correlation %.2f), which the value leaves out", worth.Correlation)
	}
}

// What is wrong with customers who are left out.
var (
	errTimes  = errors.New("times out of order")
	errAmount = errors.New("an amount that cannot be")
)

// check returns what is wrong with a customer, without telling any of their data.
func (c Customer) check() error {
	if c.History.valid() != nil {
		return errTimes
	}
	if c.Purchases != 0 && c.Spend.valid() != nil {
		return errAmount
	}
	return nil
}

// usable are the customers who can be; the others are counted.
func (m *ValueModel) usable(customers []Customer) []Customer {
	for _, c := range customers {
		if err := c.check(); err != nil {
			m.LeftOut.Add(err.Error())
		}
	}
	if m.LeftOut == nil {
		return customers
	}
	return slices.DeleteFunc(slices.Clone(customers), func(c Customer) bool { return c.check() != nil })
}
