package activities

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Housekeeping keeps the database in order, and finds what a lost workflow has left
// behind.
type Housekeeping struct {
	Store   store.Store
	Clock   survey.Clock
	Starter Starter
	Filing  map[string]CaseFiling // as of Cases
	// Forecasting says of whom there are forecasts: all others are taken back.
	Forecasting survey.Forecasting
	Log         *slog.Logger
}

// stalledAfter is how long after its time something has to wait before a workflow
// is begun for it again.
const stalledAfter = time.Hour

// inboxKept is how long an inbox item is known after it is done. Vendors repeat a
// delivery for a day at most (HubSpot and SendGrid: 24 h).
const inboxKept = 30 * 24 * time.Hour

// visitsKept is how long it is known what visitors did with a mail's links, by which an
// answer is held or withdrawn. What is held stays until somebody decides.
const visitsKept = 30 * 24 * time.Hour

// Tidied is what KeepHouse did.
type Tidied struct {
	Expired, Purged int
	// Unknown is how many calls were left in doubt that nobody will ask about.
	Unknown int
	// Unanswered are the cases whose customers were asked again and said nothing.
	Unanswered int
	// Silent are the contacts of whom it was counted how often they did not answer.
	Silent int
}

// KeepHouse marks invitations that have expired, counts whose they were, and ends the cases
// that ended with them, settles what calls were left in doubt, mixes anonymous answers, rolls
// scores up, takes back forecasts that are not made any more and forgets old inbox items.
func (h *Housekeeping) KeepHouse(ctx context.Context) (Tidied, error) {
	now := h.Clock.Now()
	expired, err := h.Store.Expire(ctx, now)
	if err != nil {
		return Tidied{}, err
	}
	silent, told, err := h.Store.CountUnanswered(ctx, now)
	if err != nil {
		return Tidied{}, err
	}
	for _, crm := range told {
		if err := h.Starter.Sync(ctx, crm); err != nil {
			return Tidied{}, err
		}
	}
	unanswered, err := h.Store.EndRechecks(ctx, now)
	if err != nil {
		return Tidied{}, err
	}
	unknown, err := h.Store.SettleEffects(ctx, h.Clock.Real(now).Add(-stalledAfter), now)
	if err != nil {
		return Tidied{}, err
	}
	logUnknown(h.Log, unknown)
	if _, err := h.Store.PurgeVisits(ctx, h.Clock.Real(now).Add(-visitsKept)); err != nil {
		return Tidied{}, err
	}
	if _, err := h.Store.MixAnonymous(ctx, now); err != nil {
		return Tidied{}, err
	}
	if _, err := h.Store.RollUpScores(ctx); err != nil {
		return Tidied{}, err
	}
	if err := h.takeBackForecasts(ctx, now); err != nil {
		return Tidied{}, err
	}
	purged, err := h.Store.PurgeInbox(ctx, now.Add(-inboxKept))
	return Tidied{Expired: expired, Purged: purged, Unknown: len(unknown), Unanswered: unanswered, Silent: silent}, err
}

// takenBackAtOnce bounds a transaction, and takingBack how long one tidying takes forecasts
// back: the next goes on.
const (
	takenBackAtOnce = 500
	takingBack      = 3 * time.Second
)

// takeBackForecasts has CRMs forget what was forecast of those of whom nothing is forecast
// any more, so that nobody relies on it for ever.
func (h *Housekeeping) takeBackForecasts(ctx context.Context, now time.Time) error {
	began := time.Now()
	for _, objectType := range []string{survey.ObjectContact, survey.ObjectAccount} {
		if h.Forecasting.Of(objectType) {
			continue
		}
		for more := true; more && time.Since(began) < takingBack; {
			taken, crms, err := h.Store.TakeBackForecasts(ctx, objectType, now, takenBackAtOnce)
			if err != nil {
				return err
			}
			for _, crm := range crms {
				if err := h.Starter.Sync(ctx, crm); err != nil {
					return err
				}
			}
			more = taken == takenBackAtOnce
		}
	}
	return nil
}

// Woken is what WakeStalled did.
type Woken struct {
	Batches, Invitations, Cases, Asks, CRMs, Campaigns, Leads int
	// Watched are the CRMs in which cases may have been closed without telling.
	Watched []string
}

// WakeStalled begins again what was given to a workflow that did not deal with it,
// because it was terminated, failed, or went with Temporal's database. For one that
// runs it changes nothing.
func (h *Housekeeping) WakeStalled(ctx context.Context) (Woken, error) {
	batches, err := h.Store.Reclaim(ctx)
	if err != nil {
		return Woken{}, err
	}
	stalled, err := h.Store.Stalled(ctx, h.Clock.Now().Add(-stalledAfter))
	if err != nil {
		return Woken{}, err
	}
	watched, err := h.Store.WatchedCRMs(ctx)
	if err != nil {
		return Woken{}, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startsAtOnce)
	for _, b := range stalled.Invitations {
		group.Go(func() error { return h.Starter.Invite(ctx, BatchRef(b)) })
	}
	each := func(ids []string, start func(context.Context, string) error) {
		for _, id := range ids {
			group.Go(func() error { return start(ctx, id) })
		}
	}
	for _, b := range stalled.LeadBatches {
		group.Go(func() error { return h.Starter.Leads(ctx, LeadsRef(b)) })
	}
	// Cases last: they may be many.
	each(stalled.Campaigns, h.Starter.Campaign)
	each(stalled.CRMs, h.Starter.Sync)
	each(stalled.AskBatches, h.Starter.Ask)
	each(stalled.Cases, h.Starter.Case)
	woken := Woken{batches, len(stalled.Invitations), len(stalled.Cases), len(stalled.AskBatches), len(stalled.CRMs), len(stalled.Campaigns), len(stalled.LeadBatches), h.watched(watched)}
	return woken, group.Wait()
}

// watched leaves out CRMs that are not configured any more: nobody is there to ask them.
func (h *Housekeeping) watched(crms []string) []string {
	return slices.DeleteFunc(crms, func(crm string) bool {
		_, configured := h.Filing[crm]
		return !configured
	})
}
