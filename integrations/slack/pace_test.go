package slack

import (
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
			require.NoError(t, paces.take(t.Context(), "C1"))
		}
		require.Equal(t, 4*time.Second, time.Since(began))
		require.NoError(t, paces.take(t.Context(), "C2"))
		require.Equal(t, 4*time.Second, time.Since(began), "another channel")

		for range 4 {
			go func() { _ = paces.take(t.Context(), "C1") }()
		}
		synctest.Wait()
		err := paces.take(t.Context(), "C1")
		require.Equal(t, integrations.RetryAfter, integrations.KindOf(err), "too far ahead")
		time.Sleep(paceKept)
		require.NoError(t, paces.take(t.Context(), "C3"))
		require.Len(t, paces.byChannel, 1, "what rests is forgotten")
	})
}

func TestNoPaceIsNoPace(t *testing.T) {
	t.Parallel()
	var paces channelPaces
	require.NoError(t, paces.take(t.Context(), "C1"))
}
