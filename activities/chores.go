package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// keepFor is how long one tidying begins pages, pageFor how long a page may take, and
// tellFor how long CRMs' workflows are told of it: together less than the time of a local
// activity, 20 s.
const (
	keepFor = 10 * time.Second
	pageFor = 8 * time.Second
	tellFor = time.Second
)

// mixFor is how long the mix of a program may take, which is one transaction however many
// answers there are. It is begun when nearly all the time is left.
const mixFor = keepFor + pageFor - 2*time.Second

// chore is a part of housekeeping. page does some of it, in one transaction or a few, and
// returns how much that was, 0 where nothing is left. It may take as long as within.
type chore struct {
	name   string
	within time.Duration
	page   func(context.Context) (done int, err error)
}

// chores do pages of each in turn, so that none keeps the others waiting.
type chores struct {
	all []chore
	// first are the names of those to begin with.
	first []string
	// fits reports whether there is the time for a page that may take so long.
	fits func(time.Duration) bool
}

// failedChore is a part that could not be done.
type failedChore struct {
	name string
	err  error
}

// do works until nothing is left, the time is over or the context ends; one that fails is
// left out. next are those that had to be left. It is an error where nothing could be done
// at all, and where the context ended.
func (c chores) do(ctx context.Context) (next []string, failed []failedChore, err error) {
	left := c.inOrder()
	var why error
	worked := false
	for len(left) > 0 {
		one := left[0]
		left = left[1:]
		if ctx.Err() != nil || !c.fits(one.within) {
			next = append(next, one.name)
			continue
		}
		done, err := one.do(ctx)
		switch {
		case err != nil && ctx.Err() != nil: // which is no failure of its own
			next = append(next, one.name)
		case err != nil:
			failed, why = append(failed, failedChore{one.name, err}), errors.Join(why, fmt.Errorf("%s: %w", one.name, err))
		case done > 0:
			left = append(left, one)
		}
		worked = worked || err == nil
	}
	switch {
	case ctx.Err() != nil:
		return next, failed, ctx.Err()
	case worked:
		return next, failed, nil
	}
	return next, nil, why
}

// inOrder are all, those to begin with first.
func (c chores) inOrder() []chore {
	turn := func(one chore) int {
		if i := slices.Index(c.first, one.name); i >= 0 {
			return i
		}
		return len(c.first)
	}
	ordered := slices.Clone(c.all)
	slices.SortStableFunc(ordered, func(a, b chore) int { return cmp.Compare(turn(a), turn(b)) })
	return ordered
}

func (c chore) do(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, c.within)
	defer cancel()
	return c.page(ctx)
}

// chores are all parts of housekeeping: mixes, which need the time, and then the others in
// the order in which one makes work for the next. crms gets the CRMs to write to.
func (h *Housekeeping) chores(ctx context.Context, now time.Time, did *Tidied, crms map[string]bool) []chore {
	all := h.mixes(ctx, now)
	add := func(name string, page func(context.Context) (int, error)) {
		all = append(all, chore{name, pageFor, page})
	}
	toWrite := func(done int, found []string, err error) (int, error) {
		for _, crm := range found {
			crms[crm] = true
		}
		return done, err
	}
	add("expire", func(ctx context.Context) (int, error) {
		return adds(&did.Expired)(h.Store.Expire(ctx, now))
	})
	add("count_unanswered", func(ctx context.Context) (int, error) {
		return adds(&did.Silent)(toWrite(h.Store.CountUnanswered(ctx, now)))
	})
	add("end_rechecks", func(ctx context.Context) (int, error) {
		return adds(&did.Unanswered)(h.Store.EndRechecks(ctx, now))
	})
	add("settle_effects", func(ctx context.Context) (int, error) {
		settled, unknown, err := h.Store.SettleEffects(ctx, h.Clock.Real(now).Add(-stalledAfter), now)
		logUnknown(h.Log, unknown)
		did.Unknown += len(unknown)
		return settled, err
	})
	add("purge_visits", func(ctx context.Context) (int, error) {
		return h.Store.PurgeVisits(ctx, h.Clock.Real(now).Add(-visitsKept))
	})
	add("roll_up_scores", func(ctx context.Context) (int, error) {
		return h.Store.RollUpScores(ctx, 1)
	})
	for _, objectType := range []string{survey.ObjectContact, survey.ObjectAccount} {
		if !h.Forecasting.Of(objectType) {
			add("take_back_forecasts/"+objectType, func(ctx context.Context) (int, error) {
				return toWrite(h.Store.TakeBackForecasts(ctx, objectType, now, takenBackAtOnce))
			})
		}
	}
	add("purge_models", func(ctx context.Context) (int, error) {
		return adds(&did.Models)(h.Store.PurgeModels(ctx, now.Add(-modelsKept)))
	})
	add("purge_inbox", func(ctx context.Context) (int, error) {
		return adds(&did.Purged)(h.Store.PurgeInbox(ctx, now.Add(-inboxKept)))
	})
	add("purge_batch_results", func(ctx context.Context) (int, error) {
		return h.Store.PurgeBatchResults(ctx, now.Add(-inboxKept))
	})
	return all
}

// mixes are the mixes of anonymous answers, each done once a time. Where it cannot be found
// of which programs, that is a part that fails.
func (h *Housekeeping) mixes(ctx context.Context, now time.Time) []chore {
	ctx, cancel := context.WithTimeout(ctx, pageFor)
	defer cancel()
	programs, err := h.Store.ProgramsToMix(ctx)
	if err != nil {
		return []chore{{"find_mixes", 0, func(context.Context) (int, error) { return 0, err }}}
	}
	all := make([]chore, len(programs))
	for i, program := range programs {
		all[i] = chore{"mix/" + program, mixFor, func(ctx context.Context) (int, error) {
			_, err := h.Store.MixAnonymous(ctx, program, now)
			return 0, err
		}}
	}
	return all
}

// adds adds what was done to a sum.
func adds(sum *int) func(done int, err error) (int, error) {
	return func(done int, err error) (int, error) {
		*sum += done
		return done, err
	}
}

// sync has CRMs written to.
func (h *Housekeeping) sync(ctx context.Context, crms map[string]bool) (err error) {
	ctx, cancel := context.WithTimeout(ctx, tellFor)
	defer cancel()
	for _, crm := range slices.Sorted(maps.Keys(crms)) {
		err = errors.Join(err, h.Starter.Sync(ctx, crm))
	}
	return err
}
