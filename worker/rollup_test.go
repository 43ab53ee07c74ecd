package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
)

// failingScores fails once, does some, and ends all when it was asked again.
type failingScores struct {
	store.Scores
	end    context.CancelFunc
	leasts []int
}

func (s *failingScores) RollUpScores(_ context.Context, least int) (int, error) {
	if s.leasts = append(s.leasts, least); len(s.leasts) == 1 {
		return 0, errors.New("the database is away")
	}
	if len(s.leasts) == 2 {
		return least, nil
	}
	s.end()
	return 0, nil
}

func TestManyChangesAreRolledUpSoon(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	scores := &failingScores{end: cancel}
	var said strings.Builder
	require.NoError(t, rollUp(ctx, scores, time.Millisecond, slog.New(slog.NewTextHandler(&said, nil))))
	require.GreaterOrEqual(t, len(scores.leasts), 3, "it goes on after a failure")
	require.Equal(t, rollUpFrom, scores.leasts[0])
	require.Contains(t, said.String(), "the database is away")
}
