package activities

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// each calls do for every id, a few at once, and returns the first error.
func each(ctx context.Context, ids []string, atOnce int, do func(context.Context, string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, id := range ids {
		group.Go(func() error { return do(ctx, id) })
	}
	return group.Wait()
}
