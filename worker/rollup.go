package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/cxloop/cxloop/store"
)

// Each figure goes through the changes of scores that are not rolled up, some hundred a
// millisecond: where rollUpFrom wait, as after a wave, housekeeping comes too late.
const (
	rollUpEvery = 10 * time.Second
	rollUpFrom  = 5000
)

// rollUp keeps the changes of scores few until the context ends.
func rollUp(ctx context.Context, scores store.Scores, every time.Duration, log *slog.Logger) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for {
			rolled, err := scores.RollUpScores(ctx, rollUpFrom)
			if err != nil && ctx.Err() == nil {
				log.Warn("scores are not rolled up", "error", err)
			}
			if rolled == 0 {
				break
			}
		}
	}
}
