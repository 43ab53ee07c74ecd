package activities

import (
	"context"
	"log/slog"
	"slices"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// parcel is one mail or SMS to one person.
type parcel interface {
	// effect is the key of the call that sends it.
	effect() string
	// item is the id of the invitation or the ask.
	item() string
}

// outcome says what is kept of mails by what became of them.
type outcome struct {
	sent, unknown, refused func(ctx context.Context, ids []string) error
	// held counts those that wait for another day.
	held *heldBack
}

// ledger is where it is kept what became of calls.
type ledger struct {
	store store.Store
	clock survey.Clock
	log   *slog.Logger
}

// settle says of parcels that an earlier attempt began what it could not say any more.
// It returns those of which nobody knows yet what became of them, and those that were
// called off.
func settle[P parcel](ctx context.Context, earlier []P, begun store.Begun, out outcome) (doubtful []P, err error) {
	done, earlier := split(earlier, keysOfEffects(begun.Done))
	unknown, doubtful := split(earlier, keysOfEffects(begun.Unknown))
	if len(done) > 0 {
		if err := out.sent(ctx, itemsOf(done)); err != nil {
			return nil, err
		}
	}
	if len(unknown) > 0 {
		if err := out.unknown(ctx, itemsOf(unknown)); err != nil {
			return nil, err
		}
	}
	return doubtful, nil
}

// end keeps that parcels were sent; ref is the vendor's id of the call.
func end[P parcel](ctx context.Context, l ledger, parcels []P, ref string, out outcome) error {
	if err := l.store.EndEffects(ctx, effectsOf(parcels), ref, l.clock.Now()); err != nil {
		return err
	}
	return out.sent(ctx, itemsOf(parcels))
}

// giveUp leaves parcels in doubt to an operator, but for those that are proved at the last
// moment.
func giveUp[P parcel](ctx context.Context, l ledger, parcels []P, out outcome) error {
	if len(parcels) == 0 {
		return nil
	}
	// In this order news that come between are not overlooked.
	if err := out.unknown(ctx, itemsOf(parcels)); err != nil {
		return err
	}
	lost, err := l.store.LoseEffects(ctx, effectsOf(parcels), l.clock.Now())
	if err != nil {
		return err
	}
	logUnknown(l.log, lost)
	if _, proved := split(parcels, lost); len(proved) > 0 {
		return out.sent(ctx, itemsOf(proved))
	}
	return nil
}

func keysOfEffects(effects []store.Effect) []string {
	keys := make([]string, len(effects))
	for i, e := range effects {
		keys[i] = e.Key
	}
	return keys
}

func effectsOf[P parcel](parcels []P) []string {
	keys := make([]string, len(parcels))
	for i, p := range parcels {
		keys[i] = p.effect()
	}
	return keys
}

func itemsOf[P parcel](parcels []P) []string {
	ids := make([]string, len(parcels))
	for i, p := range parcels {
		ids[i] = p.item()
	}
	return ids
}

// split parts parcels into those whose effect is among keys and the others.
func split[P parcel](parcels []P, keys []string) (among, others []P) {
	keys = slices.Sorted(slices.Values(keys))
	for _, p := range parcels {
		if _, ok := slices.BinarySearch(keys, p.effect()); ok {
			among = append(among, p)
		} else {
			others = append(others, p)
		}
	}
	return among, others
}
