package slack

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
)

func TestEachChannelHasItsPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		paces := channelPaces{perSecond: PerChannel, byChannel: map[string]*channelPace{}}
		began := time.Now()
		for range channelBurst + 4 {
			require.NoError(t, paces.take(t.Context(), "C1", false))
		}
		require.Equal(t, 4*time.Second, time.Since(began))
		require.NoError(t, paces.take(t.Context(), "C2", false))
		require.Equal(t, 4*time.Second, time.Since(began), "another channel")

		for range 4 {
			go func() { _ = paces.take(t.Context(), "C1", false) }()
		}
		synctest.Wait()
		err := paces.take(t.Context(), "C1", false)
		require.Equal(t, integrations.RetryAfter, integrations.KindOf(err), "too far ahead")
		time.Sleep(paceKept)
		require.NoError(t, paces.take(t.Context(), "C3", false))
		require.Len(t, paces.byChannel, 1, "what rests is forgotten")
	})
}

// Replies go where nothing else does, and never take the last turn.
func TestRepliesGoLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		paces := channelPaces{perSecond: PerChannel, byChannel: map[string]*channelPace{}}
		began := time.Now()
		var replied []time.Duration
		done := make(chan time.Duration)
		for range 3 {
			go func() {
				if paces.take(t.Context(), "C1", true) == nil {
					done <- time.Since(began)
				}
			}()
			synctest.Wait()
		}
		replied = append(replied, <-done)
		require.NoError(t, paces.take(t.Context(), "C1", false))
		require.Zero(t, time.Since(began), "the case goes at once")
		replied = append(replied, <-done, <-done)
		require.Equal(t, []time.Duration{0, 2 * time.Second, 3 * time.Second}, replied)

		for range channelBurst + 3 {
			go func() { _ = paces.take(t.Context(), "C1", false) }()
		}
		synctest.Wait()
		err := paces.take(t.Context(), "C1", true)
		require.Equal(t, integrations.RetryAfter, integrations.KindOf(err), "others fill the channel")
		time.Sleep(time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, paces.take(ctx, "C1", true), "nothing to wait for")
		require.ErrorIs(t, paces.take(ctx, "C1", true), context.Canceled)
	})
}

func TestNoPaceIsNoPace(t *testing.T) {
	t.Parallel()
	var paces channelPaces
	require.NoError(t, paces.take(t.Context(), "C1", false))
}
