package activities

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
)

// Each part gets its turn, whatever others have to do or fail at.
func TestChores(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, c := range []struct {
		name  string
		pages map[string]int // that a part has left; one of less than none fails
		first string
		turns int // for which there is time
		done  string
		next  string
		fails string
		err   string
	}{
		{name: "nothing to do", pages: map[string]int{}, turns: 9, done: "a b c"},
		{name: "in turn until nothing is left", pages: map[string]int{"a": 2, "c": 1}, turns: 9, done: "a b c a c a"},
		{name: "no time", pages: map[string]int{"a": 9, "c": 1}, turns: 4, done: "a b c a", next: "c"},
		{name: "it goes on where it stopped", pages: map[string]int{"a": 9, "c": 1}, first: "c", turns: 5, done: "c a b c a", next: "a"},
		{name: "a part that is no more", pages: map[string]int{}, first: "z", turns: 9, done: "a b c"},
		{name: "one fails", pages: map[string]int{"a": -1, "c": 1}, turns: 9, done: "a b c c", fails: "a"},
		{name: "a failure took all the time", pages: map[string]int{"a": -1}, turns: 1, done: "a", next: "b", err: "a: broken"},
		{name: "all fail", pages: map[string]int{"a": -1, "b": -1, "c": -1}, turns: 9, done: "a b c", err: "c: broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var done, heard []string
			parts := chores{
				first: c.first, over: func() bool { return len(done) >= c.turns },
				failed: func(one string, err error) {
					require.ErrorIs(t, err, broken)
					heard = append(heard, one)
				},
			}
			for _, name := range []string{"a", "b", "c"} {
				parts.all = append(parts.all, chore{name, func(ctx context.Context) (int, error) {
					done = append(done, name)
					until, bounded := ctx.Deadline()
					require.True(t, bounded)
					require.LessOrEqual(t, time.Until(until), pageFor)
					if c.pages[name] < 0 {
						return 0, broken
					}
					c.pages[name]--
					return max(0, c.pages[name]+1), nil
				}})
			}
			next, failed, err := parts.do(t.Context())
			require.Equal(t, c.done, strings.Join(done, " "))
			require.Equal(t, c.next, next)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.fails, strings.Join(failed, " "))
			require.Equal(t, heard, failed)
		})
	}
	require.Less(t, keepFor+pageFor, 20*time.Second, "the time of a local activity")
}

// littered is a store with more to do than a page, in which one thing fails.
type littered struct {
	store.Store
	expired, purged int
	err             error
}

func (s *littered) Expire(context.Context, time.Time) (int, error) {
	s.expired--
	return max(0, s.expired+1), nil
}

func (s *littered) PurgeVisits(context.Context, time.Time) (int, error) { return 0, s.err }

func (s *littered) PurgeInbox(context.Context, time.Time) (int, error) {
	s.purged--
	return max(0, s.purged+1), nil
}

// What fails is told, comes again the next time, and holds up nothing else.
func TestHousekeepingGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	litter := &littered{Store: w.store, expired: 3, purged: 2, err: errors.New("locked")}
	keep := &Housekeeping{Store: litter, Clock: w.clock, Starter: &startList{}, Log: silent}
	did, err := keep.KeepHouse(t.Context())
	w.must(err)
	require.Equal(t, Tidied{Expired: 3 + 2 + 1, Purged: 2 + 1, Failed: []string{"purge_visits"}}, did)
	litter.err = nil
	did, err = keep.KeepHouse(t.Context())
	w.must(err)
	require.Equal(t, Tidied{}, did)
}

// Cases that cannot be begun hold up no others.
func TestWakingGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.openCase(person(6, "en"), "Too slow."), w.openCase(person(12, "en"), "Too dear.")
	require.NotEqual(t, first, second)
	w.pass(stalledAfter + time.Second)
	list := &startList{fail: "case " + first}
	_, err := (&Housekeeping{Store: w.store, Clock: w.clock, Starter: list}).WakeStalled(t.Context())
	require.ErrorContains(t, err, "temporal is away")
	require.Contains(t, list.begun, "case "+second)
}
