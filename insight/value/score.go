package value

import (
	"math"

	"github.com/cxloop/cxloop/insight/card"
)

// Recency is how long ago a customer last bought, by what is usual between two purchases.
type Recency string

// The bands of recency.
const (
	// RecentlyBought is within one cycle of purchases.
	RecentlyBought Recency = "recent"
	// OverdueToBuy is within two.
	OverdueToBuy Recency = "cooling"
	// QuietForLong is longer ago.
	QuietForLong Recency = "dormant"
)

// Where nobody bought twice, a cycle is taken to be this many days.
const defaultCycle = 180

// Band says how recently a customer bought: by the cycle of those the model was fitted to,
// of a model of thin data too.
func (m ValueModel) Band(h History) Recency {
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

// Bands are how many customers are in each band.
func (m ValueModel) Bands(customers []Customer) map[string]int {
	out := map[string]int{}
	for _, c := range customers {
		if c.check() == nil {
			out[string(m.Band(c.History))]++
		}
	}
	return out
}

// Score says what a customer is worth. Whoever's history cannot be gets the status
// thin_data, and no band.
func (m *ValueModel) Score(c Customer) CustomerValue {
	return m.ScoreAll([]Customer{c})[0]
}

// ScoreAll is Score of many, on all processors, with those who have bought alike worked out
// once.
func (m *ValueModel) ScoreAll(customers []Customer) []CustomerValue {
	out := make([]CustomerValue, len(customers))
	if m.Status != card.OK {
		for i, c := range customers {
			if out[i] = (CustomerValue{ID: c.ID, Status: m.Status}); c.check() == nil {
				out[i].Band = m.Band(c.History)
			}
		}
		return out
	}
	kinds, kindOf := kindsOf(customers)
	outlooks := m.outlooks(kinds)
	for i, c := range customers {
		if kindOf[i] == unlike {
			out[i] = CustomerValue{ID: c.ID, Status: card.ThinData}
			continue
		}
		out[i] = m.valueOf(c, &outlooks[kindOf[i]])
	}
	return out
}

// kind is what outlooks depend on.
type kind struct {
	History
	purchases int
}

// unlike is the kind of a customer that cannot be.
const unlike = -1

// kindsOf returns the different kinds, and which of them each customer is of.
func kindsOf(customers []Customer) (kinds []kind, of []int32) {
	of = make([]int32, len(customers))
	known := map[kind]int32{}
	for i, c := range customers {
		if c.check() != nil {
			of[i] = unlike
			continue
		}
		k := kind{c.History, c.Purchases}
		number, seen := known[k]
		if !seen {
			number = int32(len(kinds))
			known[k] = number
			kinds = append(kinds, k)
		}
		of[i] = number
	}
	return kinds, of
}

// outlook is what is expected of customers of a kind. Money is in the unit of each one's
// spend.
type outlook struct {
	orders, discounted, ofStayers float64
	p90d, nothing                 float64
	p10, p50, p90, deviation      float64
}

// page is how many kinds a thread works out at a time.
const page = 512

func (m *ValueModel) outlooks(kinds []kind) []outlook {
	out := make([]outlook, len(kinds))
	discounts := m.discounts()
	inParallel((len(kinds)+page-1)/page, func(i int) {
		var buffer ordersDistribution
		for k := i * page; k < min(len(kinds), (i+1)*page); k++ {
			out[k] = m.outlook(kinds[k], discounts, &buffer)
		}
	})
	return out
}

// discounts are of the ends of the months.
func (o Options) discounts() (out [months]float64) {
	for i := range out {
		out[i] = math.Pow(1+o.DiscountYear, -float64(i+1)/months)
	}
	return out
}

func (m *ValueModel) outlook(k kind, discounts [months]float64, buffer *ordersDistribution) (out outlook) {
	alive := m.Alive(k.History)
	for i, factor := range discounts {
		until := max(out.orders, alive*m.expectedOfActive(k.History, Year*float64(i+1)/months))
		out.discounted += (until - out.orders) * factor
		out.orders = until
	}
	out.ofStayers = max(out.orders, alive*(m.R+float64(k.X))/(m.Alpha+k.Age)*Year)
	out.p90d = m.Active(k.History, Quarter)
	if m.Worth == nil {
		return out
	}
	buffer.ordersWithin(m.Params, k.History, Year)
	r := m.Worth.revenueOf(k.purchases, buffer)
	out.nothing = buffer.mass[0]
	out.p10 = r.quantile(0.1)
	out.p50 = max(out.p10, r.quantile(0.5))
	out.p90 = max(out.p50, r.quantile(0.9))
	out.deviation = r.deviation()
	return out
}

func (m *ValueModel) valueOf(c Customer, o *outlook) CustomerValue {
	out := CustomerValue{ID: c.ID, Status: card.OK, Band: m.Band(c.History), ExpectedOrders12m: o.orders, PPurchase90d: o.p90d}
	if m.Worth == nil || c.Purchases == 0 { // what others pay says nothing of what this one does
		return out
	}
	out.Valued = true
	out.OrderValue = m.Worth.Expected(c.Spend)
	out.CLV = o.discounted * out.OrderValue * m.Margin
	out.RevenueAtRisk = (o.ofStayers - o.orders) * out.OrderValue
	out.Nothing = o.nothing
	if o.orders > 0 { // the mean discount stands for that of each purchase: about 1 % off
		scale := m.Margin * o.discounted / o.orders * m.Worth.unit(c.Spend)
		out.P10, out.P50, out.P90, out.SD = scale*o.p10, scale*o.p50, scale*o.p90, scale*o.deviation
	}
	return out
}
