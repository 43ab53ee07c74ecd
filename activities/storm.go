package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/store"
)

// StormTold is what TellStorm did.
type StormTold struct {
	// More is set when there are more cases to post.
	More bool
}

const (
	// digestCases is how many cases a digest names.
	digestCases = 15
	// digestEvery is how often it is kept up to date while cases are posted.
	digestEvery = 5 * time.Second
	// stormPosts bounds one activity, so that its time-out can be short: a channel takes one
	// message a second.
	stormPosts = 100
)

// TellStorm posts a storm's digest, or makes it show what became of the cases, and posts
// those without a message in its thread, the worst first, until all are there or it has
// done its share.
func (s *Slack) TellStorm(ctx context.Context, in StormRef) (StormTold, error) {
	refused := map[string]bool{}
	var told time.Time
	for range stormPosts {
		if time.Since(told) >= digestEvery {
			if err := s.tellDigest(ctx, in.Storm); err != nil {
				return StormTold{}, err
			}
			told = time.Now()
		}
		unposted, err := s.Store.UnpostedCases(ctx, in.Storm, 1+len(refused))
		if err != nil {
			return StormTold{}, err
		}
		next := slices.IndexFunc(unposted, func(id string) bool { return !refused[id] })
		if next < 0 {
			return StormTold{}, s.tellDigest(ctx, in.Storm)
		}
		if err := s.postInStorm(ctx, unposted[next]); err != nil {
			if !permanent(err) {
				return StormTold{}, err
			}
			// The others do not wait for it. The case's own workflow tries again.
			refused[unposted[next]] = true
			s.Log.Error("Slack does not take a case of a storm", "case", unposted[next], "error", err)
		}
		activity.RecordHeartbeat(ctx)
		if err := timeForACall(ctx); err != nil {
			return StormTold{}, err
		}
	}
	return StormTold{More: true}, nil
}

// postInStorm posts a case in the thread of its storm's digest.
func (s *Slack) postInStorm(ctx context.Context, id string) error {
	if _, err := s.Store.ThreadCase(ctx, id); err != nil {
		return err
	}
	detail, err := s.Store.Case(ctx, id)
	if err != nil {
		return err
	}
	if err := s.show(ctx, detail); err != nil {
		return err
	}
	// What came meanwhile was left to this: only now is there a message to change.
	if detail, err = s.Store.Case(ctx, id); err != nil {
		return err
	}
	return s.show(ctx, detail)
}

// permanent reports whether Slack refuses something for good.
func permanent(err error) bool {
	e, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && e.NonRetryable()
}

// tellDigest posts a storm's digest once and updates it from then on, where what it counts
// has changed.
func (s *Slack) tellDigest(ctx context.Context, id string) error {
	storm, err := s.Store.Storm(ctx, id, digestCases)
	if err != nil {
		return err
	}
	shown := fingerprint(storm)
	if storm.MessageTS != "" && storm.Shown == shown {
		return nil
	}
	message, err := s.digest(ctx, storm)
	if err != nil {
		return err
	}
	if storm.MessageTS == "" {
		posted, err := s.postOnce(ctx, store.StormEffect(id), place{channel: storm.Channel}, message)
		if err != nil {
			return err
		}
		if !posted.now {
			shown = "" // it may be older
		}
		return s.Store.StormShown(context.WithoutCancel(ctx), id, posted.ts, shown)
	}
	if err := s.Client.Update(ctx, storm.Channel, storm.MessageTS, message); err != nil {
		return repeatable(err)
	}
	return s.Store.StormShown(ctx, id, storm.MessageTS, shown)
}

// fingerprint tells what a digest shows from what it showed.
func fingerprint(storm store.Storm) string {
	text := fmt.Sprint(storm.Unposted, storm.Worst)
	for _, state := range slices.Sorted(maps.Keys(storm.States)) {
		text += fmt.Sprint(" ", state, storm.States[state])
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
