package activities

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCallsOnTheHeelsOfOneAreOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gathered
		began := time.Now()
		var calls []time.Duration
		call := func(context.Context) error {
			calls = append(calls, time.Since(began))
			return nil
		}
		do := func() error { return g.do(t.Context(), "hubspot", 2*time.Second, time.Second, call) }
		require.NoError(t, do())
		require.Zero(t, time.Since(began), "the first waits for nothing")
		var asked sync.WaitGroup
		for range 3 {
			asked.Go(func() { assert.NoError(t, do()) })
			time.Sleep(500 * time.Millisecond)
		}
		asked.Wait()
		require.Equal(t, []time.Duration{0, 2 * time.Second}, calls)
		require.NoError(t, g.do(t.Context(), "other", time.Minute, time.Second, call))
		require.Equal(t, 2*time.Second, time.Since(began), "of another key")
		time.Sleep(time.Minute)
		require.NoError(t, do())
		require.Equal(t, 62*time.Second, time.Since(began), "after a long time")
	})
}

// A call that has begun tells nothing of what changed since.
func TestCallUnderWayIsNotShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gathered
		var calls atomic.Int32
		slow := func(context.Context) error {
			calls.Add(1)
			time.Sleep(3 * time.Second)
			return nil
		}
		var first sync.WaitGroup
		first.Go(func() { assert.NoError(t, g.do(t.Context(), "hubspot", time.Second, time.Minute, slow)) })
		time.Sleep(2 * time.Second)
		require.NoError(t, g.do(t.Context(), "hubspot", time.Second, time.Minute, slow))
		first.Wait()
		require.EqualValues(t, 2, calls.Load())
	})
}

func TestSharedCallFailsForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gathered
		down := errors.New("Temporal is down")
		fails := func(context.Context) error { return down }
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, g.do(t.Context(), "hubspot", time.Minute, time.Second, fails), down)
		var asked sync.WaitGroup
		asked.Go(func() {
			assert.ErrorIs(t, g.do(impatient, "hubspot", time.Minute, time.Second, fails), context.DeadlineExceeded)
		})
		synctest.Wait()
		require.ErrorIs(t, g.do(t.Context(), "hubspot", time.Minute, time.Second, fails), down, "goes on for the others")
		asked.Wait()
		panics := func(context.Context) error { panic("nothing there") }
		require.EqualError(t, g.do(t.Context(), "panics", time.Minute, time.Second, panics), "panic: nothing there")
		times := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		require.ErrorIs(t, g.do(t.Context(), "slow", time.Minute, time.Second, times), context.DeadlineExceeded)
	})
}
