package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/storetest"
	"github.com/cxloop/cxloop/survey"
)

// world is a real database with a dispatcher, in a bubble whose clock moves when
// everything waits. In place of Temporal stands what the test says.
type world struct {
	*testing.T
	store store.Store
	began time.Time
	keys  int

	mu sync.Mutex
	// answer is Temporal's; nil takes everything.
	answer func(store.Batch) error
	taken  []taken
	said   []string
	// workflows are the ids that were said of batches that were handed over.
	workflows []string
}

// taken is a batch that was handed over, and when.
type taken struct {
	lane  string
	items int
	after time.Duration
}

// inBubble runs a test with a world.
func inBubble(t *testing.T, test func(*world)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, began: time.Now()}
		database := storetest.SQLite(t)
		w.store = database
		test(w)
	})
}

func (w *world) handOver(_ context.Context, b store.Batch) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.answer != nil {
		if err := w.answer(b); err != nil {
			return err
		}
	}
	w.taken = append(w.taken, taken{b.Lane, b.Items, time.Since(w.began)})
	return nil
}

func (w *world) answers(answer func(store.Batch) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// Enabled, Handle, WithAttrs and WithGroup make the world a slog.Handler that
// keeps what was said.
func (w *world) Enabled(context.Context, slog.Level) bool { return true }

func (w *world) Handle(_ context.Context, r slog.Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Message != "handed over" {
		w.said = append(w.said, r.Message)
		return nil
	}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "workflow_id" {
			w.workflows = append(w.workflows, a.Value.String())
		}
		return true
	})
	return nil
}

func (w *world) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w *world) WithGroup(string) slog.Handler      { return w }

// dispatcher runs until the test ends.
func (w *world) dispatcher(inbox store.Inbox) *Dispatcher {
	d := New(inbox, nil, survey.Clock{}, slog.New(w), noop.Tracer{})
	for _, l := range d.lines {
		l.handOver = w.handOver
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	w.Cleanup(func() {
		stop()
		require.NoError(w.T, <-done)
	})
	synctest.Wait()
	return d
}

// add puts n items of a lane into the inbox, due after a wait.
func (w *world) add(topic store.Topic, lane string, n int, due time.Duration) {
	w.Helper()
	items := make([]store.Item, n)
	for i := range items {
		w.keys++
		items[i] = store.Item{
			Topic: topic, Lane: lane, Source: "test", Key: fmt.Sprint(w.keys), Payload: []byte(`{}`), DueAt: time.Now().Add(due),
		}
	}
	added, err := w.store.AddItems(w.Context(), items)
	require.NoError(w.T, err)
	require.Equal(w.T, n, added)
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// handed returns what was handed over since the last call, in order of time, then
// of lane.
func (w *world) handed() []taken {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.taken
	w.taken = nil
	slices.SortStableFunc(got, func(a, b taken) int { return cmp.Or(cmp.Compare(a.after, b.after), cmp.Compare(a.lane, b.lane)) })
	return got
}

// log returns what was said since the last call.
func (w *world) log() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.said
	w.said = nil
	return got
}

func (w *world) backlog(topic store.Topic) int {
	w.Helper()
	waiting, err := w.store.Backlog(w.Context())
	require.NoError(w.T, err)
	return waiting[topic]
}

func TestFirstGoesAtOnceAndItsFollowersTogether(t *testing.T) {
	// When those that follow go: a second after the first, and of answers half a second,
	// seen at the next look.
	for topic, together := range map[store.Topic]time.Duration{
		store.TopicEvent: 1250 * time.Millisecond, store.TopicAnswer: 750 * time.Millisecond,
	} {
		t.Run(string(topic), func(t *testing.T) {
			inBubble(t, func(w *world) {
				d := w.dispatcher(w.store)
				add := func(lane string) {
					w.add(topic, lane, 1, 0)
					d.Notify(topic)
					synctest.Wait()
				}
				w.pass(100 * time.Millisecond)
				add("a")
				require.Equal(t, []taken{{"a", 1, 100 * time.Millisecond}}, w.handed())
				for range 3 {
					w.pass(100 * time.Millisecond)
					add("a")
				}
				add("b")
				require.Equal(t, []taken{{"b", 1, 400 * time.Millisecond}}, w.handed(), "each lane gathers for itself")
				w.pass(5 * time.Second)
				require.Equal(t, []taken{{"a", 3, together}}, w.handed())
				add("a")
				require.Len(t, w.handed(), 1, "it is quiet again: the next goes at once")
			})
		})
	}
}

func TestLogLeadsFromABatchToItsWorkflow(t *testing.T) {
	for topic, want := range map[store.Topic]string{
		store.TopicEvent: "^invite/a/[a-z0-9]{16}$", store.TopicAnswer: "^respond/[a-z0-9]{16}$", store.TopicClick: "^case/a$",
	} {
		t.Run(string(topic), func(t *testing.T) {
			inBubble(t, func(w *world) {
				w.dispatcher(w.store)
				w.add(topic, "a", 1, 0)
				w.pass(time.Second)
				require.Len(t, w.handed(), 1)
				w.mu.Lock()
				defer w.mu.Unlock()
				require.Len(t, w.workflows, 1)
				require.Regexp(t, want, w.workflows[0])
			})
		})
	}
}

func TestClicksDoNotGather(t *testing.T) {
	inBubble(t, func(w *world) {
		d := w.dispatcher(w.store)
		for range 3 {
			w.add(store.TopicClick, "case1", 1, 0)
			d.Notify(store.TopicClick)
			require.Equal(t, []taken{{"case1", 1, 0}}, w.handed())
		}
	})
}

func TestStormGoesInFullBatchesAtOnce(t *testing.T) {
	inBubble(t, func(w *world) {
		w.add(store.TopicEvent, "storm", 2*store.MaxBatch+100, 0)
		w.add(store.TopicEvent, "calm", 1, 0)
		w.dispatcher(w.store)
		require.Equal(t, []taken{{"calm", 1, 0}, {"storm", store.MaxBatch, 0}, {"storm", store.MaxBatch, 0}, {"storm", 100, 0}}, w.handed())
	})
}

func TestItemsThatNobodyTells(t *testing.T) {
	inBubble(t, func(w *world) {
		w.dispatcher(w.store)
		w.pass(100 * time.Millisecond)
		w.add(store.TopicEvent, "of another process", 1, 0)
		w.add(store.TopicAnswer, "due later", 1, 10*time.Second)
		w.pass(time.Minute)
		got := w.handed()
		require.Equal(t, taken{"of another process", 1, pollEvery}, got[0])
		require.Equal(t, "due later", got[1].lane)
		require.GreaterOrEqual(t, got[1].after, 10100*time.Millisecond)
		require.Less(t, got[1].after, 10100*time.Millisecond+pollEvery)
		require.Len(t, got, 2)
	})
}

var errAway = errors.New("temporal is away")

func TestWhatTemporalDoesNotTakeIsKept(t *testing.T) {
	inBubble(t, func(w *world) {
		calls := map[string]int{}
		w.answers(func(b store.Batch) error { calls[b.ID]++; return errAway })
		d := w.dispatcher(w.store)
		w.add(store.TopicEvent, "a", 2, 0)
		d.Notify(store.TopicEvent)
		const outage = 3 * time.Minute // far beyond the lease
		for range outage / (200 * time.Millisecond) {
			d.Notify(store.TopicEvent) // a storm of webhooks meanwhile
			w.pass(200 * time.Millisecond)
		}
		require.Len(t, calls, 1, "the same batch each time")
		for _, n := range calls {
			require.InDelta(t, outage/retryEvery, n, 2, "a try a second, however much comes in and however often the lease ends")
		}
		require.Equal(t, []string{"the inbox cannot be handed over; it is kept and tried again"}, w.log(), "said once")
		w.add(store.TopicEvent, "b", 1, 0)
		w.answers(nil)
		w.pass(retryEvery)
		got := w.handed()
		require.Len(t, got, 2)
		require.Equal(t, []any{"a", 2, "b", 1}, []any{got[0].lane, got[0].items, got[1].lane, got[1].items})
		require.Equal(t, []string{"the inbox is handed over again"}, w.log())
		w.pass(2 * lease)
		require.Empty(t, w.handed())
	})
}

func TestNoMoreIsClaimedThanCanBeKept(t *testing.T) {
	inBubble(t, func(w *world) {
		lanes := map[string]bool{}
		w.answers(func(b store.Batch) error { lanes[b.Lane] = true; return errAway })
		w.dispatcher(w.store)
		for i := range maxStuck {
			w.add(store.TopicEvent, fmt.Sprintf("%03d", i), 1, 0)
		}
		w.pass(2 * retryEvery)
		w.add(store.TopicEvent, "one too many", 1, 0)
		w.pass(2 * lease)
		require.Len(t, lanes, maxStuck)
		require.NotContains(t, lanes, "one too many")
		w.answers(nil)
		w.pass(2 * retryEvery)
		require.Len(t, w.handed(), maxStuck+1)
	})
}

func TestProgramThatIsNotConfigured(t *testing.T) {
	inBubble(t, func(w *world) {
		ids := map[string]bool{}
		w.answers(func(b store.Batch) error {
			if b.Lane != "gone" {
				return nil
			}
			ids[b.ID] = true
			return fmt.Errorf("1 events: %w", errNotConfigured)
		})
		w.add(store.TopicEvent, "gone", 1, 0)
		w.add(store.TopicEvent, "nps", 1, 0)
		d := w.dispatcher(w.store)
		require.Equal(t, []taken{{"nps", 1, 0}}, w.handed())
		w.add(store.TopicEvent, "nps2", 1, 0)
		d.Notify(store.TopicEvent)
		require.Equal(t, []taken{{"nps2", 1, 0}}, w.handed(), "it holds up no others")
		require.Equal(t, []string{"claimed items stay in the inbox"}, w.log())
		w.pass(lease - time.Second)
		require.Empty(t, w.log())
		w.pass(2 * time.Second)
		require.Equal(t, []string{"claimed items stay in the inbox"}, w.log())
		w.answers(nil) // as after a restart with the program
		w.pass(2 * lease)
		got := w.handed()
		require.Len(t, got, 1)
		require.Equal(t, "gone", got[0].lane)
		require.Len(t, ids, 1)
	})
}

func TestTwoDispatchersShareTheWork(t *testing.T) {
	inBubble(t, func(w *world) {
		const lanes, rounds = 20, 5
		seen := map[string]int{}
		w.answers(func(b store.Batch) error { seen[b.ID]++; return nil })
		one, other := w.dispatcher(w.store), w.dispatcher(w.store)
		for range rounds {
			for lane := range lanes {
				w.add(store.TopicEvent, fmt.Sprint(lane), 3, 0)
				one.Notify(store.TopicEvent)
				other.Notify(store.TopicEvent)
			}
			w.pass(300 * time.Millisecond)
		}
		w.pass(lease + 2*time.Second)
		items := 0
		for _, b := range w.handed() {
			items += b.items
		}
		require.Equal(t, lanes*rounds*3, items)
		for id, times := range seen {
			require.Equal(t, 1, times, id)
		}
	})
}

// flakyInbox fails where it is told to.
type flakyInbox struct {
	store.Inbox
	mu                sync.Mutex
	claim, handedOver error
}

func (f *flakyInbox) fail(claim, handedOver error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.claim, f.handedOver = claim, handedOver
}

func (f *flakyInbox) failing() (claim, handedOver error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.claim, f.handedOver
}

func (f *flakyInbox) ClaimBatches(ctx context.Context, topic store.Topic, now time.Time, lease time.Duration, skip []string) ([]store.Batch, error) {
	if err, _ := f.failing(); err != nil {
		return nil, err
	}
	return f.Inbox.ClaimBatches(ctx, topic, now, lease, skip)
}

func (f *flakyInbox) HandedOver(ctx context.Context, batches []string) error {
	if _, err := f.failing(); err != nil {
		return err
	}
	return f.Inbox.HandedOver(ctx, batches)
}

func TestDatabaseAway(t *testing.T) {
	inBubble(t, func(w *world) {
		inbox := &flakyInbox{Inbox: w.store}
		inbox.fail(errors.New("the database is away"), nil)
		d := w.dispatcher(inbox)
		w.add(store.TopicClick, "case1", 1, 0)
		w.pass(10 * time.Second)
		require.Len(t, w.log(), len(d.lines), "said once for each topic")
		inbox.fail(nil, nil)
		w.pass(retryEvery)
		require.Len(t, w.handed(), 1)
		require.Len(t, w.log(), len(d.lines), "it works again, also where nothing waits")
	})
}

func TestHandOverThatCouldNotBeNoted(t *testing.T) {
	inBubble(t, func(w *world) {
		ids := map[string]bool{}
		w.answers(func(b store.Batch) error { ids[b.ID] = true; return nil })
		inbox := &flakyInbox{Inbox: w.store}
		inbox.fail(nil, errors.New("the database is away"))
		w.dispatcher(inbox)
		w.add(store.TopicEvent, "a", 1, 0)
		w.pass(2 * retryEvery)
		require.Len(t, w.handed(), 1)
		inbox.fail(nil, nil)
		w.pass(2 * lease)
		require.Len(t, w.handed(), 1, "once more, after the lease")
		require.Len(t, ids, 1, "under the same id, by which Temporal knows it")
		w.pass(2 * lease)
		require.Empty(t, w.handed())
	})
}

func TestNotifyNeverBlocks(t *testing.T) {
	t.Parallel()
	d := New(nil, nil, survey.Clock{}, slog.New(slog.DiscardHandler), noop.Tracer{})
	for range 1000 { // nobody listens
		d.Notify(store.TopicEvent)
		d.Notify("no such topic")
	}
}

func TestNothingWaitsAfterTheStop(t *testing.T) {
	inBubble(t, func(w *world) {
		w.answers(func(store.Batch) error { return errAway })
		w.add(store.TopicEvent, "a", 1, 0)
		w.dispatcher(w.store) // the clean-up waits for its end, while it is down
		require.Equal(t, 1, w.backlog(store.TopicEvent), "what was not handed over is kept")
	})
}
