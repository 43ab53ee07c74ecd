package activities

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"
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
	// first are the parts that the next tidying begins with.
	first atomic.Pointer[[]string]
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

// modelsKept is how long versions of models are known that are not in use: a year can be
// compared with the one before.
const modelsKept = 400 * 24 * time.Hour

// takenBackAtOnce bounds a transaction.
const takenBackAtOnce = 500

// Tidied is what KeepHouse did.
type Tidied struct {
	Expired, Purged int
	// Unknown is how many calls were left in doubt that nobody will ask about.
	Unknown int
	// Unanswered are the cases whose customers were asked again and said nothing.
	Unanswered int
	// Silent are the contacts of whom it was counted how often they did not answer.
	Silent int
	// Models are the versions and runs of models that were forgotten.
	Models int `json:",omitempty"`
	// Failed are the parts that could not be done, which the log explains.
	Failed []string `json:",omitempty"`
}

// KeepHouse marks invitations that have expired, counts whose they were, and ends the cases
// that ended with them, settles what calls were left in doubt, mixes anonymous answers, rolls
// scores up, takes back forecasts that are not made any more and forgets old inbox items and
// models. Of much to do it does some, and the rest the next time; of what fails Tidied tells.
func (h *Housekeeping) KeepHouse(ctx context.Context) (Tidied, error) {
	var did Tidied
	now, until := h.Clock.Now(), time.Now().Add(keepFor+pageFor)
	crms := map[string]bool{}
	parts := chores{
		all:  h.chores(ctx, now, &did, crms),
		fits: func(within time.Duration) bool { return time.Until(until) >= within },
	}
	if first := h.first.Load(); first != nil {
		parts.first = *first
	}
	next, failed, err := parts.do(ctx)
	h.first.Store(&next)
	// Once each, however many pages there were. WakeStalled makes up for what is not told.
	if why := h.sync(ctx, crms); why != nil && ctx.Err() == nil {
		failed = append(failed, failedChore{"sync", why})
	}
	for _, f := range failed {
		did.Failed = append(did.Failed, f.name)
		h.Log.Error("a part of the housekeeping failed; it comes again with the next", "part", f.name, "error", f.err)
	}
	return did, err
}

// Woken is what WakeStalled did.
type Woken struct {
	Batches, Invitations, Cases, Asks, CRMs, Campaigns, Leads int
	// Watched are the CRMs in which cases may have been closed without telling.
	Watched []string
	// Left is how many of them are begun the next time.
	Left int `json:",omitempty"`
}

// wakeFor is how long workflows are begun: less than the time of a local activity, 20 s.
const wakeFor = 12 * time.Second

// WakeStalled begins again what was given to a workflow that did not deal with it,
// because it was terminated, failed, or went with Temporal's database. For one that
// runs it changes nothing. One that cannot be begun holds up no other.
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
	woken := Woken{
		Batches: batches, Invitations: len(stalled.Invitations), Cases: len(stalled.Cases), Asks: len(stalled.AskBatches), CRMs: len(stalled.CRMs),
		Campaigns: len(stalled.Campaigns), Leads: len(stalled.LeadBatches), Watched: h.watched(watched),
	}
	woken.Left, err = h.wake(ctx, stalled)
	return woken, err
}

// wake begins workflows, and returns how many it left to the next housekeeping.
func (h *Housekeeping) wake(ctx context.Context, stalled store.Stalled) (left int, err error) {
	var group errgroup.Group
	group.SetLimit(startsAtOnce)
	until := time.Now().Add(wakeFor)
	begin := func(start func() error) {
		if time.Now().After(until) {
			left++
			return
		}
		group.Go(start)
	}
	each := func(ids []string, start func(context.Context, string) error) {
		for _, id := range ids {
			begin(func() error { return start(ctx, id) })
		}
	}
	for _, b := range stalled.Invitations {
		begin(func() error { return h.Starter.Invite(ctx, BatchRef(b)) })
	}
	for _, b := range stalled.LeadBatches {
		begin(func() error { return h.Starter.Leads(ctx, LeadsRef(b)) })
	}
	each(stalled.Campaigns, h.Starter.Campaign)
	each(stalled.CRMs, h.Starter.Sync)
	each(stalled.AskBatches, h.Starter.Ask)
	// Cases last: they may be many. In any order, so that none is left each time.
	rand.Shuffle(len(stalled.Cases), func(i, j int) { stalled.Cases[i], stalled.Cases[j] = stalled.Cases[j], stalled.Cases[i] })
	each(stalled.Cases, h.Starter.Case)
	return left, group.Wait()
}

// watched leaves out CRMs that are not configured any more: nobody is there to ask them.
func (h *Housekeeping) watched(crms []string) []string {
	return slices.DeleteFunc(crms, func(crm string) bool {
		_, configured := h.Filing[crm]
		return !configured
	})
}
