package web

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cxloop/cxloop/store"
)

func item(key string) []store.Item { return []store.Item{{Topic: store.TopicEvent, Key: key}} }

func TestIntakeGroupsWhatComesInDuringACommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		gate := make(chan struct{})
		in := &intake{commit: func(_ context.Context, items []store.Item) (int, error) {
			sizes = append(sizes, len(items))
			<-gate
			return len(items), nil
		}}
		var wg sync.WaitGroup
		add := func(key string) {
			if err := in.add(t.Context(), item(key)); err != nil {
				t.Error(err)
			}
		}
		wg.Go(func() { add("first") })
		synctest.Wait() // the first commit runs, alone
		for range 50 {
			wg.Go(func() { add("later") })
		}
		synctest.Wait()
		close(gate)
		wg.Wait()
		if len(sizes) != 2 || sizes[0] != 1 || sizes[1] != 50 {
			t.Errorf("transactions of %v items: want [1 50]", sizes)
		}
		add("afterwards")
		if len(sizes) != 3 {
			t.Errorf("%d transactions: want a third for what comes later", len(sizes))
		}
	})
}

func TestIntakeFailsNobodyForAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := errors.New("refused")
		gate := make(chan struct{})
		in := &intake{commit: func(_ context.Context, items []store.Item) (int, error) {
			<-gate
			for _, i := range items {
				if i.Key == "bad" {
					return 0, bad
				}
			}
			return len(items), nil
		}}
		var wg sync.WaitGroup
		for _, key := range []string{"first", "good", "bad", "good too"} {
			wg.Go(func() {
				err := in.add(t.Context(), item(key))
				if (err != nil) != (key == "bad") {
					t.Errorf("%s: %v", key, err)
				}
			})
			synctest.Wait()
		}
		close(gate)
		wg.Wait()
	})
}

func TestIntakeWaitsNoLongerThanTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		defer close(gate)
		in := &intake{commit: func(context.Context, []store.Item) (int, error) {
			<-gate
			return 0, nil
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := in.add(ctx, item("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v: want a deadline", err)
		}
	})
}

func TestIntakeOfNothingIsDurableAtOnce(t *testing.T) {
	t.Parallel()
	if err := (&intake{}).add(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
