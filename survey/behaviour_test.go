package survey

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Statements come in any order, and some twice.
func TestMergeBehaviourInAnyOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	moment := func() time.Time { return time.UnixMilli(random.Int64N(4)).UTC() }
	// Some statements are silent about each thing, and moments often are the same.
	said := func() time.Time {
		if random.IntN(3) == 0 {
			return time.Time{}
		}
		return time.UnixMilli(1000 + random.Int64N(3)).UTC()
	}
	statement := func() Behaviour {
		var b Behaviour
		if at := said(); !at.IsZero() {
			b.Contact = Tell([]string{"a", "b"}[random.IntN(2)], at)
		}
		if at := said(); !at.IsZero() {
			b.Start = Tell(Start{At: moment(), Guessed: random.IntN(2) == 0}, at)
		}
		if at := said(); !at.IsZero() {
			b.Worth = Tell(Worth{Amount: Hundredths(random.IntN(3)), Currency: []string{"EUR", "USD"}[random.IntN(2)]}, at)
		}
		if at := said(); !at.IsZero() {
			b.End = Tell(moment(), at)
		}
		if at := said(); !at.IsZero() {
			b.RenewsAt = Tell(moment(), at)
		}
		if at := said(); !at.IsZero() {
			b.Months = Tell(random.IntN(3), at)
		}
		if at := said(); !at.IsZero() {
			b.Changes = []BehaviourChange{{ID: []string{"1", "2"}[random.IntN(2)], What: Refunded, At: moment(), Amount: Hundredths(random.IntN(3)), AsOf: at}}
		}
		return b
	}
	merged := func(all []Behaviour) Behaviour {
		var out Behaviour
		for _, b := range all {
			out = out.Merge(b)
		}
		slices.SortFunc(out.Changes, func(a, b BehaviourChange) int { return int(a.ID[0]) - int(b.ID[0]) })
		return out
	}
	for range 2000 {
		all := []Behaviour{statement(), statement(), statement(), statement()}
		want := merged(all)
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		require.Equal(t, want, merged(append(all, all[random.IntN(len(all))])))
	}
}

func TestMergeBehaviour(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	guessed := func(n int) Behaviour { return Behaviour{Start: Tell(Start{At: day(n), Guessed: true}, day(n))} }
	told := Behaviour{Start: Tell(Start{At: day(9)}, day(1))}
	require.Equal(t, day(3), guessed(5).Merge(guessed(3)).Start.Value.At, "the earliest that was heard of it")
	require.Equal(t, day(9), guessed(5).Merge(told).Merge(guessed(3)).Start.Value.At, "what was told")
	worth := func(n int, amount Hundredths) Behaviour { return Behaviour{Worth: Tell(Worth{Amount: amount}, day(n))} }
	require.Equal(t, Hundredths(5), worth(1, 9).Merge(worth(2, 5)).Worth.Value.Amount, "corrected")
	require.Equal(t, Hundredths(5), worth(2, 5).Merge(worth(1, 9)).Worth.Value.Amount, "an older one came late")
}

func TestNamesSystem(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"shop", "https://shop.example.com/orders", "urn:erp_2-eu"} {
		require.True(t, NamesSystem(name), name)
	}
	for _, name := range []string{"", "tool of Lena", "lena@nordwind.example", "Zoë", strings.Repeat("x", 65)} {
		require.False(t, NamesSystem(name), name)
	}
}

func TestPurchaseNetAt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	later := at.Add(time.Hour)
	p := Purchase{At: at, Worth: &Worth{Amount: 1000, Currency: "EUR"}, Refunds: []Refund{{later, 400}}}
	net := func(p Purchase, at time.Time) Hundredths {
		worth, known := p.NetAt(at)
		require.True(t, known)
		require.Equal(t, "EUR", worth.Currency)
		return worth.Amount
	}
	require.Equal(t, Hundredths(1000), net(p, at))
	require.Equal(t, Hundredths(600), net(p, later))
	p.Refunds = append(p.Refunds, Refund{later, 700})
	require.Zero(t, net(p, later), "more was given back than paid")
	p.Refunds, p.CancelledAt = nil, later
	require.Equal(t, Hundredths(1000), net(p, at))
	require.Zero(t, net(p, later))
	require.Equal(t, Hundredths(1000), p.Worth.Amount, "it stays as it was")
	p.Worth = nil
	_, known := p.NetAt(at)
	require.False(t, known)
}
