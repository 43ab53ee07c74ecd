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
		first []string
		long  string // one that is begun with the whole time alone
		turns int    // for which there is time
		done  string
		next  string
		fails string
		err   string
	}{
		{name: "nothing to do", pages: map[string]int{}, turns: 9, done: "a b c"},
		{name: "in turn until nothing is left", pages: map[string]int{"a": 2, "c": 1}, turns: 9, done: "a b c a c a"},
		{name: "no time", pages: map[string]int{"a": 9, "c": 1}, turns: 4, done: "a b c a", next: "c a"},
		{name: "it goes on where it stopped", pages: map[string]int{"a": 9, "c": 1}, first: []string{"c"}, turns: 5, done: "c a b c a", next: "a"},
		{name: "a part that is no more", pages: map[string]int{}, first: []string{"z"}, turns: 9, done: "a b c"},
		{name: "what was left goes before what was not", pages: map[string]int{}, first: []string{"c", "b"}, turns: 2, done: "c b", next: "a"},
		{name: "no time for a long one", pages: map[string]int{"a": 1}, long: "b", turns: 9, done: "a c a", next: "b"},
		{name: "a long one goes first then", pages: map[string]int{"a": 1}, first: []string{"b"}, long: "b", turns: 9, done: "b a c a"},
		{name: "one fails", pages: map[string]int{"a": -1, "c": 1}, turns: 9, done: "a b c c", fails: "a"},
		{name: "a failure took all the time", pages: map[string]int{"a": -1}, turns: 1, done: "a", next: "b c", err: "a: broken"},
		{name: "all fail", pages: map[string]int{"a": -1, "b": -1, "c": -1}, turns: 9, done: "a b c", err: "c: broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var done []string
			parts := chores{
				first: c.first,
				fits: func(within time.Duration) bool {
					return len(done) < c.turns && (within < mixFor || len(done) == 0)
				},
			}
			for _, name := range []string{"a", "b", "c"} {
				within := pageFor
				if name == c.long {
					within = mixFor
				}
				parts.all = append(parts.all, chore{name, within, func(ctx context.Context) (int, error) {
					done = append(done, name)
					until, bounded := ctx.Deadline()
					require.True(t, bounded)
					require.LessOrEqual(t, time.Until(until), within)
					if c.pages[name] < 0 {
						return 0, broken
					}
					c.pages[name]--
					return max(0, c.pages[name]+1), nil
				}})
			}
			next, failed, err := parts.do(t.Context())
			require.Equal(t, c.done, strings.Join(done, " "))
			require.Equal(t, c.next, strings.Join(next, " "))
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			if c.fails == "" {
				require.Empty(t, failed)
				return
			}
			require.Equal(t, []failedChore{{c.fails, broken}}, failed)
		})
	}
	require.Less(t, keepFor+pageFor+tellFor, 20*time.Second, "the time of a local activity")
}

// What the end of the context broke off is no failure, and comes first the next time.
func TestChoresEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	parts := chores{fits: func(time.Duration) bool { return true }}
	for _, name := range []string{"a", "b", "c"} {
		parts.all = append(parts.all, chore{name, pageFor, func(ctx context.Context) (int, error) {
			if name == "b" {
				cancel()
			}
			return 0, ctx.Err()
		}})
	}
	next, failed, err := parts.do(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"b", "c"}, next)
	require.Empty(t, failed)
}

// littered is a store with more to do than a page, in which one thing fails.
type littered struct {
	store.Store
	expired, purged, silent int
	err, unmixed            error
}

func (s *littered) Expire(context.Context, time.Time) (int, error) {
	s.expired--
	return max(0, s.expired+1), nil
}

func (s *littered) ProgramsToMix(context.Context) ([]string, error) { return nil, s.unmixed }

func (s *littered) CountUnanswered(context.Context, time.Time) (int, []string, error) {
	s.silent--
	if s.silent < 0 {
		return 0, nil, nil
	}
	return 1, []string{"hubspot"}, nil
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
	litter := &littered{Store: w.store, expired: 3, purged: 2, silent: 3, err: errors.New("locked"), unmixed: errors.New("locked")}
	list := &startList{fail: "sync hubspot"}
	keep := &Housekeeping{Store: litter, Clock: w.clock, Starter: list, Log: silent}
	did, err := keep.KeepHouse(t.Context())
	w.must(err)
	require.Equal(t, Tidied{
		Expired: 3 + 2 + 1, Purged: 2 + 1, Silent: 3, Failed: []string{"find_mixes", "purge_visits", "sync"},
	}, did)
	require.Equal(t, []string{"sync hubspot"}, list.begun, "once, however many pages")
	litter.err, litter.unmixed = nil, nil
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
