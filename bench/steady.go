package bench

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// steady sends n requests, so many a second, each when its time has come and
// however long those before it take. It returns how long each took from the moment
// at which it was to be sent: a server that stands still for a second delays all
// requests of that second, not one.
func steady(ctx context.Context, rate float64, n int, send func(ctx context.Context, i int) error) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	group, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for i := range n {
		at := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		select {
		case <-ctx.Done():
			return nil, group.Wait()
		case <-time.After(time.Until(at)):
		}
		group.Go(func() error {
			err := send(ctx, i)
			took[i] = time.Since(at)
			return err
		})
	}
	return took, group.Wait()
}
