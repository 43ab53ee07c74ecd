package integrations

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// A call that would wait long is put off: the turn is not lost by it.
func TestPacePutsOff(t *testing.T) {
	t.Parallel()
	require.NoError(t, NewPace(0).Take(t.Context(), "v"))
	pace := NewPace(0.1)
	require.NoError(t, pace.Take(t.Context(), "v"))
	for range 2 {
		err := pace.Take(t.Context(), "v")
		e, _ := errors.AsType[*Error](err)
		require.NotNil(t, e)
		require.Equal(t, RetryAfter, e.Kind)
		require.InDelta(t, 10, e.After.Seconds(), 2)
		require.ErrorContains(t, err, "v.rate is used up")
	}
}

func TestPaceEndsWithItsContext(t *testing.T) {
	t.Parallel()
	pace := NewPace(1)
	require.NoError(t, pace.Take(t.Context(), "v"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := pace.Take(ctx, "v")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "cancelled", CodeOf(err))
}
