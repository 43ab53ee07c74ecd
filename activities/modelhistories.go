package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// span is from the first to the last of some days.
type span struct {
	from, to float64
	n        int
}

func (s *span) add(day float64) {
	if s.n == 0 {
		s.from, s.to = day, day
	}
	s.from, s.to = min(s.from, day), max(s.to, day)
	s.n++
}

// buyer is what somebody bought. The amount of what was paid in another currency is not
// known, and what is told of times before 1970 is not known.
func (m *Models) buyer(h store.CustomerHistory, run store.ModelRun) value.Buyer {
	b := value.Buyer{Purchases: make([]value.Purchase, 0, len(h.Purchases))}
	for _, p := range h.Purchases {
		if day := dayOf(p.At); day > 0 {
			amount, known := m.amount(p, run)
			b.Purchases = append(b.Purchases, value.Purchase{Day: day, Amount: amount, Unpriced: !known, Cancelled: orNever(dayOf(takenBack(p)))})
		}
	}
	return b
}

// takenBack is when a purchase was cancelled, or all that was paid for it given back; zero of
// one that stands.
func takenBack(p survey.Purchase) time.Time {
	if !p.CancelledAt.IsZero() || p.Worth == nil || p.Worth.Amount == 0 {
		return p.CancelledAt
	}
	left := p.Worth.Amount
	for _, r := range p.Refunds {
		if left -= r.Amount; left <= 0 {
			return r.At
		}
	}
	return time.Time{}
}

// amount is what was paid, after refunds, as far as that is known in the one currency. What
// was taken back had it until then.
func (m *Models) amount(p survey.Purchase, run store.ModelRun) (amount float64, known bool) {
	if !takenBack(p).IsZero() {
		p.CancelledAt, p.Refunds = time.Time{}, nil
	}
	net, known := p.NetAt(run.At)
	if !known || net.Currency != m.Rules.Currency {
		return 0, false
	}
	return float64(net.Amount) / 100, true
}

// eachHistory reads all customers until a run's moment.
func (m *Models) eachHistory(ctx context.Context, run store.ModelRun, do func(store.CustomerHistory)) error {
	page := store.SnapshotPage{Of: m.Rules.Customer, Until: run.At, Limit: historiesAtOnce}
	for {
		histories, err := m.Store.Snapshot(ctx, page)
		if err != nil {
			return err
		}
		for _, h := range histories {
			do(h)
		}
		activity.RecordHeartbeat(ctx)
		if len(histories) < page.Limit {
			return nil
		}
		page.After = histories[len(histories)-1].Key
	}
}

// dayOf is a moment in days since 1970 in UTC, with fractions.
func dayOf(t time.Time) float64 {
	return float64(t.UnixMilli()) / float64(24*time.Hour/time.Millisecond)
}
