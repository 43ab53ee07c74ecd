package value

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// week is what CDNOW's times are in.
const week = 7.0

var usual = Options{Margin: 0.4, DiscountYear: 0.1}

// cdnowHoldout are CDNOW's customers in days, with what they bought in 39 weeks more. Spends
// are of repeat purchases.
func cdnowHoldout(t testing.TB) []Holdout {
	t.Helper()
	histories, later, means := cdnow(t)
	out := make([]Holdout, len(histories))
	for i, h := range histories {
		out[i].History = History{h.X, h.Recency * week, h.Age * week}
		out[i].Orders = later[i]
		if h.X > 0 {
			out[i].Spend = Spend{h.X, means[i]}
		}
	}
	return out
}

func TestBacktestOfCDNOW(t *testing.T) {
	t.Parallel()
	got, err := Backtest(cdnowHoldout(t), 39*week, usual)
	require.NoError(t, err)
	require.Equal(t, card.OK, got.Model.Status)
	require.Equal(t, 946, got.Model.RepeatBuyers)
	require.InEpsilon(t, 1882, got.Orders.Actual, 1e-12)
	require.InDelta(t, -16.4, got.Orders.BiasPct, 0.1)
	require.Greater(t, got.Active.AUC, 0.759)
	require.Less(t, got.Active.Brier, 0.1615)
	require.Less(t, got.Active.ECE, 0.056)
	require.InDelta(t, 0.928, got.Covered, 0.001)
}

// cdnowBuyers are all customers of CDNOW; days are since 1997-01-01.
func cdnowBuyers(t testing.TB) (buyers []Buyer) {
	t.Helper()
	file, err := os.Open(dataFile(t, "cdnow_master.csv"))
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // read only
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	first := time.Date(1997, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, row := range rows[1:] {
		if n := len(buyers); n == 0 || buyers[n-1].ID != row[0] {
			buyers = append(buyers, Buyer{ID: row[0]})
		}
		day, err := time.Parse("20060102", row[1])
		require.NoError(t, err)
		amount, err := strconv.ParseFloat(row[3], 64)
		require.NoError(t, err)
		last := &buyers[len(buyers)-1].Purchases
		*last = append(*last, Purchase{Day: day.Sub(first).Hours() / 24, Amount: amount})
	}
	return buyers
}

// Ninety days are forecast well, and the probability to be active by BG/NBD ranks backwards.
func TestBacktestOfAllOfCDNOW(t *testing.T) {
	t.Parallel()
	holdouts := HoldoutAt(cdnowBuyers(t), 39*week, Quarter)
	got, err := Backtest(holdouts, Quarter, usual)
	require.NoError(t, err)
	require.Equal(t, 23570, got.Customers)
	require.Greater(t, got.Active.AUC, 0.765)
	require.Greater(t, got.Active.AUC, got.ByRecency)
	require.Less(t, got.Active.Brier, 0.118)
	require.Less(t, got.Active.ECE, 0.033)
	require.InDelta(t, -18.2, got.Orders.BiasPct, 0.1)
	require.InDelta(t, -24.5, got.Revenue.BiasPct, 0.1)
	backwards := Params{BG, 0.243, 4.414 * week, 0.793, 2.426}
	alive := make([]predict.Forecast, len(holdouts))
	for i, h := range holdouts {
		alive[i] = predict.Forecast{P: backwards.Alive(h.History), Happens: h.Orders > 0}
	}
	require.InDelta(t, 0.333, predict.QualityOf(alive).AUC, 0.005)

	c := got.Card(10000)
	require.Equal(t, card.OK, c.Status)
	skill, _ := c.Metric(card.BrierSkill)
	require.InDelta(t, 0.193, skill.Value, 0.001)
	require.Greater(t, skill.Low, 0.17)
	bias, _ := c.Metric(card.Bias)
	require.InDelta(t, -0.182, bias.Value, 0.001)
	require.Less(t, bias.High, -0.13, "and that is no chance")
	_, err = json.Marshal(c)
	require.NoError(t, err)
}

// A model that was written down and read again says the same.
func TestModelAsJSON(t *testing.T) {
	t.Parallel()
	customers := played(400)
	m, err := FitValue(customers, usual)
	require.NoError(t, err)
	require.Equal(t, card.OK, m.Status, m.Reason)
	body, err := json.Marshal(m)
	require.NoError(t, err)
	var again ValueModel
	require.NoError(t, json.Unmarshal(body, &again))
	require.Equal(t, m.ScoreAll(customers), again.ScoreAll(customers))
}

// played are customers who buy as the models say; times are whole days within two years.
func played(n int) []Customer {
	src := rand.NewPCG(5, 6)
	random := rand.New(src)
	out := make([]Customer, n)
	for i := range out {
		rate := distuv.Gamma{Alpha: 0.6, Beta: 40, Src: src}.Rand()
		leaves := distuv.Beta{Alpha: 0.9, Beta: 1.6, Src: src}.Rand()
		worth := distuv.Gamma{Alpha: 6, Beta: distuv.Gamma{Alpha: 4, Beta: 15, Src: src}.Rand(), Src: src}
		b := Buyer{ID: strconv.Itoa(i)}
		for day := float64(random.IntN(700)); day < 730; day += random.ExpFloat64() / rate {
			b.Purchases = append(b.Purchases, Purchase{Day: day, Amount: worth.Rand()})
			if random.Float64() < leaves {
				break
			}
		}
		out[i], _ = b.At(730)
	}
	return out
}

// Neither the order of customers nor the number of threads changes a bit.
func TestFitsAreDeterministic(t *testing.T) {
	customers := played(3 * alone / 2)
	m, err := FitValue(customers, usual)
	require.NoError(t, err)
	values := m.ScoreAll(customers)
	require.Equal(t, values[7], m.Score(customers[7]))

	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	slices.Reverse(customers)
	again, err := FitValue(customers, usual)
	require.NoError(t, err)
	require.Equal(t, m, again)
	slices.Reverse(values)
	require.Equal(t, values, again.ScoreAll(customers))
}

func TestThinData(t *testing.T) {
	t.Parallel()
	repeated := func(n int, recency, age float64) (out []Customer) {
		for range n {
			out = append(out, Customer{History: History{1, recency, age}, Spend: Spend{2, 10}}, Customer{History: History{Age: age}})
		}
		return out
	}
	for name, c := range map[string]struct {
		customers []Customer
		reason    string
		bands     []Recency
	}{
		"nobody":          {nil, "0 customers bought again", nil},
		"since today":     {[]Customer{{}}, "0 customers bought again", []Recency{RecentlyBought}},
		"few":             {repeated(24, 100, 250), "24 customers bought again, and 25 are the least", []Recency{OverdueToBuy, QuietForLong}},
		"less than twice": {repeated(100, 100, 199), "1.99 times the 100 days between two purchases", []Recency{RecentlyBought, OverdueToBuy}},
	} {
		m, err := FitValue(c.customers, usual)
		require.NoError(t, err, name)
		require.Equal(t, card.ThinData, m.Status, name)
		require.Contains(t, m.Reason, c.reason, name)
		for i, band := range c.bands {
			require.Equal(t, CustomerValue{Status: card.ThinData, Band: band}, m.Score(c.customers[i]), name)
		}
	}
	got, err := Backtest([]Holdout{{Customer: Customer{History: History{Age: 4}}}}, Quarter, usual)
	require.NoError(t, err)
	require.Equal(t, card.ThinData, got.Card(1).Status)
}

// Of amounts that are not known there is no value, and the rest is there.
func TestWithoutAmounts(t *testing.T) {
	t.Parallel()
	customers := played(400)
	for i := range customers {
		customers[i].Spend = Spend{}
	}
	m, err := FitValue(customers, usual)
	require.NoError(t, err)
	require.Contains(t, m.Warnings[0], "amounts are known of 0 customers")
	v := m.Score(customers[0])
	require.Positive(t, v.PPurchase90d)
	require.False(t, v.Valued)
	require.Zero(t, v.CLV)
}

func TestMistakesOfValues(t *testing.T) {
	t.Parallel()
	_, err := FitValue(nil, Options{Margin: 40, DiscountYear: 0.1})
	require.ErrorIs(t, err, errOptions)
	_, err = Backtest(nil, 90, usual)
	require.ErrorIs(t, err, errNoHoldout)
	m := ValueModel{Status: card.OK, Params: Params{MBG, 1, 1, 1, 1}}
	require.Equal(t, card.ThinData, m.Score(Customer{History: History{X: -1}}).Status)
}

// Who cannot be says nothing, and is no reason to say nothing of others.
func TestWhoCannotBeIsLeftOut(t *testing.T) {
	t.Parallel()
	good := played(400)
	want, err := FitValue(good, usual)
	require.NoError(t, err)
	bad := []Customer{
		{ID: "late", History: History{X: 1, Recency: 5, Age: 4}}, {ID: "never", History: History{X: -1}}, {ID: "nan", History: History{X: 1, Recency: math.NaN(), Age: 4}},
		{ID: "rich", History: History{Age: 4}, Spend: Spend{1, 2 * MostMoney}},
	}
	got, err := FitValue(slices.Concat(bad[:2], good, bad[2:]), usual)
	require.NoError(t, err)
	require.Equal(t, []any{404, card.LeftOut{"times out of order": 3, "an amount that cannot be": 1}}, []any{got.Customers, got.LeftOut})
	for i, v := range got.ScoreAll(bad) {
		require.Equal(t, CustomerValue{ID: bad[i].ID, Status: card.ThinData}, v)
	}
	got.Customers, got.LeftOut = want.Customers, nil
	require.Equal(t, want, got)
	require.Equal(t, want.Bands(good), got.Bands(append(bad, good...)))

	holdouts := make([]Holdout, 0, len(good)+len(bad))
	for _, c := range append(bad, good...) {
		holdouts = append(holdouts, Holdout{Customer: c, Orders: c.X % 2, Revenue: float64(c.X%2) * 10})
	}
	with, err := Backtest(holdouts, Quarter, usual)
	require.NoError(t, err)
	without, err := Backtest(holdouts[len(bad):], Quarter, usual)
	require.NoError(t, err)
	require.Equal(t, without, with)
}

// What nobody told the amount of counts for how often somebody buys, and not for how much:
// neither in the fit nor in its test, and both say so.
func TestAmountsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	b := Buyer{"a", []Purchase{{Day: 10, Amount: 30}, {Day: 20, Unpriced: true}, {Day: 30, Amount: 50}, {Day: 30.5, Unpriced: true}, {Day: 40}, {Day: 51, Unpriced: true}, {Day: 55, Amount: 20}}}
	got, _ := b.At(50)
	require.Equal(t, Customer{ID: "a", History: History{X: 3, Recency: 30, Age: 40}, Spend: Spend{1, 30}, Unpriced: 2}, got)
	require.Equal(t, []Holdout{{Customer: got, Orders: 2, Unpriced: 1, Revenue: 20}}, HoldoutAt([]Buyer{b}, 50, 10))

	customers := played(400)
	customers[0].Spend, customers[0].Unpriced = Spend{}, customers[0].X+1
	m, err := FitValue(customers, usual)
	require.NoError(t, err)
	require.Contains(t, strings.Join(m.Warnings, "\n"), "1 of 400 customers get no value")
	require.Contains(t, strings.Join(m.Warnings, "\n"), fmt.Sprintf("%d have an amount that is not known and 0 cost nothing", customers[0].Unpriced))
	v := m.Score(customers[0])
	require.Positive(t, v.ExpectedOrders12m)
	require.False(t, v.Valued)
	require.Zero(t, v.CLV)

	// Half of what comes has no known amount: the bias is that of the rest.
	holdouts := make([]Holdout, len(customers))
	for i, c := range customers {
		holdouts[i] = Holdout{Customer: c, Orders: 2 * (c.X % 2), Revenue: float64(2*(c.X%2)) * c.Mean}
	}
	all, err := Backtest(holdouts, Quarter, usual)
	require.NoError(t, err)
	for i := range holdouts {
		holdouts[i].Unpriced, holdouts[i].Revenue = holdouts[i].Orders/2, holdouts[i].Revenue/2
	}
	half, err := Backtest(holdouts, Quarter, usual)
	require.NoError(t, err)
	require.InDelta(t, all.Revenue.BiasPct, half.Revenue.BiasPct, 1e-9)
	require.InDelta(t, all.Revenue.Actual/2, half.Revenue.Actual, 1e-6)
}

func TestBuyerAt(t *testing.T) {
	t.Parallel()
	b := Buyer{"a", []Purchase{
		{Day: 30.5, Amount: 20, Cancelled: 40}, {Day: 10.2, Amount: 5}, {Day: 10.9}, {Day: 20, Amount: -3}, {Day: 40, Amount: 9},
		{Day: 15, Amount: 7, Cancelled: 39}, {Day: 45, Amount: 7, Cancelled: 46},
	}}
	_, known := b.At(10)
	require.False(t, known)
	got, known := b.At(40)
	require.True(t, known)
	require.Equal(t, Customer{ID: "a", History: History{X: 2, Recency: 20, Age: 30}, Spend: Spend{2, 12.5}}, got)
	require.Equal(t, []Holdout{{Customer: got, Orders: 1, Revenue: 9}}, HoldoutAt([]Buyer{b, {ID: "b", Purchases: []Purchase{{Day: 41, Amount: 1}}}}, 40, 10))
}

// Whatever customers there are: numbers are numbers, and in order.
func FuzzValue(f *testing.F) {
	f.Add([]byte("\x00\x00\x09\x10\x01\x08\x10\x20"), uint16(40), 0.4, 0.1, 3.0)
	f.Add([]byte("\xff\x01\xff\xff\x00\x00\x01\x00"), uint16(900), 1.0, 9.0, 1e14)
	f.Fuzz(func(t *testing.T, seed []byte, n uint16, margin, discount, worth float64) {
		customers := make([]Customer, n%1000)
		at := func(i int) float64 {
			if len(seed) == 0 {
				return 0
			}
			return float64(seed[i%len(seed)])
		}
		for i := range customers {
			age := at(i) * at(i+1) / 7
			h := History{X: int(math.Pow(at(3*i+2), at(i+3)/64)), Age: age}
			if h.X > 0 {
				h.Recency = age * at(5*i+4) / 255
			}
			customers[i].History = h
			if math.Abs(worth) > 1e-12 && math.Abs(worth) <= MostMoney/1e3 {
				customers[i].Spend = Spend{int(at(i)) * 3, math.Abs(worth) * (1 + at(2*i+5))}
				if customers[i].Purchases == 0 {
					customers[i].Spend = Spend{}
				}
			}
		}
		m, err := FitValue(customers, Options{margin, discount})
		if err != nil {
			if (Options{margin, discount}).valid() == nil {
				t.Fatal(err)
			}
			return
		}
		if _, err := json.Marshal(m); err != nil {
			t.Fatalf("%v: %+v", err, m)
		}
		values := m.ScoreAll(customers)
		for i, v := range values {
			sound(t, v, customers[i], m)
		}
		if len(values) > 0 {
			sound(t, RollUp("a", values[:min(len(values), 7)]), Customer{}, m)
		}
	})
}

func sound(t *testing.T, v CustomerValue, c Customer, m ValueModel) {
	if v.Status != m.Status || !(v.PPurchase90d >= 0 && v.PPurchase90d <= 1 && v.Nothing >= 0 && v.Nothing <= 1+1e-12) {
		t.Fatalf("%+v of %+v by %+v", v, c, m)
	}
	for _, number := range []float64{v.ExpectedOrders12m, v.OrderValue, v.CLV, v.P10, v.P50, v.P90, v.SD, v.RevenueAtRisk} {
		if !(number >= 0) || math.IsInf(number, 0) {
			t.Fatalf("%+v of %+v by %+v", v, c, m)
		}
	}
	if v.P10 > v.P50 || v.P50 > v.P90 {
		t.Fatalf("%+v of %+v by %+v", v, c, m)
	}
}

// Who is silent for longer buys less, who spent more is worth more, and a higher margin or a
// lower discount rate makes everybody worth more.
func TestValueIsMonotonic(t *testing.T) {
	t.Parallel()
	m := ValueModel{Status: card.OK, Options: usual, Params: Params{MBG, 0.52, 43, 0.89, 1.61}, Worth: &GammaGamma{P: 6.25, Q: 3.74, Gamma: 15.44}}
	of := func(m ValueModel, silence, mean float64) CustomerValue {
		return m.Score(Customer{History: History{4, 200, 200 + silence}, Spend: Spend{5, mean}})
	}
	before := of(m, 0, 30)
	for silence := 20.0; silence < 1000; silence += 20 {
		now := of(m, silence, 30)
		for i, pair := range [][2]float64{{before.PPurchase90d, now.PPurchase90d}, {before.ExpectedOrders12m, now.ExpectedOrders12m}, {before.CLV, now.CLV}, {before.P90, now.P90}, {now.Nothing, before.Nothing}} {
			require.GreaterOrEqual(t, pair[0], pair[1], "%d after %g days", i, silence)
		}
		before = now
	}
	require.Greater(t, of(m, 10, 31).CLV, of(m, 10, 30).CLV)
	require.Greater(t, of(m, 10, 31).P50, of(m, 10, 30).P50)
	less := m
	less.DiscountYear = 0.2
	require.Less(t, of(less, 10, 30).CLV, of(m, 10, 30).CLV)
	more := m
	more.Margin = 0.8
	require.InEpsilon(t, 2*of(m, 10, 30).CLV, of(more, 10, 30).CLV, 1e-12)
}
