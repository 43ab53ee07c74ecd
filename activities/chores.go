package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// keepFor is how long one tidying begins pages, and pageFor how long a page may take:
// together less than the time of a local activity, 20 s.
const (
	keepFor = 10 * time.Second
	pageFor = 8 * time.Second
)

// chore is a part of housekeeping. page does some of it, in one transaction or a few, and
// returns how much that was, 0 where nothing is left.
type chore struct {
	name string
	page func(context.Context) (done int, err error)
}

// chores do pages of each in turn, so that none keeps the others waiting.
type chores struct {
	all []chore
	// first is the name of the one to begin with, "" for the first of all.
	first string
	// over reports that no page is begun any more.
	over func() bool
	// failed hears of each that failed.
	failed func(chore string, err error)
}

// do works until nothing is left or the time is over; one that fails is left out. next is
// the one whose turn it is then, "" where nothing is left. It is an error where nothing
// could be done at all.
func (c chores) do(ctx context.Context) (next string, failed []string, err error) {
	left := slices.Clone(c.all)
	if i := slices.IndexFunc(left, func(one chore) bool { return one.name == c.first }); i > 0 {
		left = append(left[i:], left[:i]...)
	}
	var why error
	worked := false
	for len(left) > 0 {
		one := left[0]
		if c.over() {
			next = one.name
			break
		}
		left = left[1:]
		done, err := one.do(ctx)
		switch {
		case err != nil:
			c.failed(one.name, err)
			failed, why = append(failed, one.name), errors.Join(why, fmt.Errorf("%s: %w", one.name, err))
		case done > 0:
			left = append(left, one)
		}
		worked = worked || err == nil
	}
	if worked {
		return next, failed, nil
	}
	return next, nil, why
}

func (c chore) do(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, pageFor)
	defer cancel()
	return c.page(ctx)
}

// chores are all parts of housekeeping, in the order in which one makes work for the next.
func (h *Housekeeping) chores(now time.Time, mix []string, did *Tidied) []chore {
	all := []chore{
		{"expire", func(ctx context.Context) (int, error) {
			return adds(&did.Expired)(h.Store.Expire(ctx, now))
		}},
		{"count_unanswered", func(ctx context.Context) (int, error) {
			counted, crms, err := h.Store.CountUnanswered(ctx, now)
			did.Silent += counted
			return counted, errors.Join(err, h.sync(ctx, crms))
		}},
		{"end_rechecks", func(ctx context.Context) (int, error) {
			return adds(&did.Unanswered)(h.Store.EndRechecks(ctx, now))
		}},
		{"settle_effects", func(ctx context.Context) (int, error) {
			settled, unknown, err := h.Store.SettleEffects(ctx, h.Clock.Real(now).Add(-stalledAfter), now)
			logUnknown(h.Log, unknown)
			did.Unknown += len(unknown)
			return settled, err
		}},
		{"purge_visits", func(ctx context.Context) (int, error) {
			return h.Store.PurgeVisits(ctx, h.Clock.Real(now).Add(-visitsKept))
		}},
	}
	for _, program := range mix {
		all = append(all, chore{"mix/" + program, func(ctx context.Context) (int, error) {
			_, err := h.Store.MixAnonymous(ctx, program, now)
			return 0, err // once a time
		}})
	}
	all = append(all, chore{"roll_up_scores", func(ctx context.Context) (int, error) {
		return h.Store.RollUpScores(ctx, 1)
	}})
	for _, objectType := range []string{survey.ObjectContact, survey.ObjectAccount} {
		if !h.Forecasting.Of(objectType) {
			all = append(all, chore{"take_back_forecasts/" + objectType, func(ctx context.Context) (int, error) {
				taken, crms, err := h.Store.TakeBackForecasts(ctx, objectType, now, takenBackAtOnce)
				return taken, errors.Join(err, h.sync(ctx, crms))
			}})
		}
	}
	return append(all,
		chore{"purge_models", func(ctx context.Context) (int, error) {
			return adds(&did.Models)(h.Store.PurgeModels(ctx, now.Add(-modelsKept)))
		}},
		chore{"purge_inbox", func(ctx context.Context) (int, error) {
			return adds(&did.Purged)(h.Store.PurgeInbox(ctx, now.Add(-inboxKept)))
		}},
		chore{"purge_batch_results", func(ctx context.Context) (int, error) {
			return h.Store.PurgeBatchResults(ctx, now.Add(-inboxKept))
		}},
	)
}

// adds adds what was done to a sum.
func adds(sum *int) func(done int, err error) (int, error) {
	return func(done int, err error) (int, error) {
		*sum += done
		return done, err
	}
}

// sync has CRMs written to.
func (h *Housekeeping) sync(ctx context.Context, crms []string) (err error) {
	for _, crm := range crms {
		err = errors.Join(err, h.Starter.Sync(ctx, crm))
	}
	return err
}
