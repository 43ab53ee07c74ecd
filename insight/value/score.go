package value

import "math"

// Recency is how long ago a customer last bought, by what is usual between two purchases.
type Recency string

// The bands of recency.
const (
	// RecentlyBought is within one cycle of purchases.
	RecentlyBought Recency = "recent"
	// OverdueToBuy is within two.
	OverdueToBuy Recency = "overdue"
	// QuietForLong is longer ago.
	QuietForLong Recency = "quiet"
)

// Where nobody bought twice, a cycle is taken to be this many days.
const defaultCycle = 180

func (m ValueModel) band(h History) Recency {
	cycle := m.CycleDays
	if cycle == 0 {
		cycle = defaultCycle
	}
	switch silence := h.Age - h.Recency; {
	case silence <= cycle:
		return RecentlyBought
	case silence <= 2*cycle:
		return OverdueToBuy
	}
	return QuietForLong
}

// Score says what a customer is worth. Whoever's history cannot be gets StatusThin.
func (m ValueModel) Score(c Customer) CustomerValue {
	return m.scorer().score(c)
}

// scorer is a model with what is the same for all customers.
type scorer struct {
	model ValueModel
	// discounts are of the ends of the months.
	discounts [months]float64
}

func (m ValueModel) scorer() *scorer {
	s := &scorer{model: m}
	for i := range s.discounts {
		s.discounts[i] = math.Pow(1+m.DiscountYear, -float64(i+1)/months)
	}
	return s
}

func (s *scorer) score(c Customer) CustomerValue {
	m := &s.model
	out := CustomerValue{ID: c.ID, Status: m.Status, Band: m.band(c.History)}
	if c.check() != nil {
		out.Status = StatusThin
	}
	if out.Status != StatusOK {
		return out
	}
	orders, discounted := s.orders(c.History)
	out.ExpectedOrders12m = orders
	out.PPurchase90d = m.Active(c.History, Quarter)
	if m.Worth == nil {
		return out
	}
	out.Valued = true
	out.OrderValue = m.Worth.Expected(c.Spend)
	out.CLV = discounted * out.OrderValue * m.Margin
	alive := m.Alive(c.History)
	stay := alive * (m.R + float64(c.X)) / (m.Alpha + c.Age) * Year
	out.RevenueAtRisk = max(0, stay-orders) * out.OrderValue
	d := m.ordersWithin(c.History, Year)
	out.Nothing = d.mass[0]
	if orders > 0 { // the mean discount stands for that of each purchase: about 1 % off
		s.spread(&out, d, c.Spend, m.Margin*discounted/orders)
	}
	return out
}

// orders are the expected purchases of 12 months, and the same discounted by month.
func (s *scorer) orders(h History) (all, discounted float64) {
	for i, factor := range s.discounts {
		until := s.model.Expected(h, Year*float64(i+1)/months)
		until = max(until, all)
		discounted += (until - all) * factor
		all = until
	}
	return all, discounted
}

// spread fills in the quantiles and the standard deviation of a value that is scale times
// the revenue.
func (s *scorer) spread(out *CustomerValue, d ordersDistribution, spend Spend, scale float64) {
	r := s.model.Worth.revenueOf(spend, d)
	scale *= r.unit
	out.P10, out.P50, out.P90 = scale*r.quantile(0.1), scale*r.quantile(0.5), scale*r.quantile(0.9)
	out.SD = scale * r.deviation()
}
