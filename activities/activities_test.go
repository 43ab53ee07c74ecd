package activities

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestFailuresAsTemporalSeesThem(t *testing.T) {
	t.Parallel()
	of := func(kind integrations.ErrorKind, after time.Duration, hint string) error {
		e := &integrations.Error{Vendor: "slack", Kind: kind, Code: "code", After: after, Hint: hint, Err: errors.New("refused")}
		return fmt.Errorf("wrapped: %w", e)
	}
	for name, c := range map[string]struct {
		err    error
		of     func(error) error
		kind   string
		delay  time.Duration
		final  bool
		benign bool
	}{
		"retry after":                  {of(integrations.RetryAfter, 4*time.Second, ""), failure, FailureRetryAfter, 4 * time.Second, false, true},
		"retry, nobody says when":      {of(integrations.RetryAfter, 0, ""), failure, FailureRetryAfter, 0, false, true},
		"permanent":                    {of(integrations.Permanent, 0, ""), failure, FailurePermanent, 0, true, false},
		"an operator can help":         {of(integrations.Permanent, 0, "check the token"), failure, FailureRetryAfter, 5 * time.Minute, false, false},
		"ambiguous":                    {of(integrations.Ambiguous, 0, ""), failure, FailureAmbiguous, 0, true, false},
		"of no kind":                   {of(0, 0, ""), failure, FailureAmbiguous, 0, true, false},
		"repeatable: ambiguous":        {of(integrations.Ambiguous, 0, ""), repeatable, FailureRetryAfter, 0, false, true},
		"repeatable: permanent":        {of(integrations.Permanent, 0, ""), repeatable, FailurePermanent, 0, true, false},
		"repeatable: retry after":      {of(integrations.RetryAfter, time.Second, ""), repeatable, FailureRetryAfter, time.Second, false, true},
		"repeatable: operator's error": {of(integrations.Permanent, 0, "check the token"), repeatable, FailureRetryAfter, 5 * time.Minute, false, false},
		"readable: permanent":          {of(integrations.Permanent, 0, ""), readable, FailureRetryAfter, 5 * time.Minute, false, false},
		"readable: ambiguous":          {of(integrations.Ambiguous, 0, ""), readable, FailureRetryAfter, 0, false, true},
		"readable: operator's error":   {of(integrations.Permanent, 0, "check the token"), readable, FailureRetryAfter, 5 * time.Minute, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.of(c.err)
			// Temporal reads the outermost error alone.
			e, ok := got.(*temporal.ApplicationError) //nolint:errorlint // that it is the outermost is the point
			require.True(t, ok, "%T", got)
			require.Equal(t, c.kind, e.Type())
			require.Equal(t, c.delay, e.NextRetryDelay())
			require.Equal(t, c.final, e.NonRetryable())
			require.Equal(t, c.benign, e.Category() == temporal.ApplicationErrorCategoryBenign)
			require.ErrorContains(t, e, "slack: ")
		})
	}
	untyped := errors.New("the database is away")
	require.Equal(t, untyped, failure(untyped), "left to the retry policy")
	require.Equal(t, untyped, repeatable(untyped))
	require.Equal(t, untyped, readable(untyped))
	ambiguous := &integrations.Error{Kind: integrations.Ambiguous, Err: errors.New("cut")}
	_ = repeatable(ambiguous)
	require.Equal(t, integrations.Ambiguous, ambiguous.Kind, "the vendor's error is left as it is")
	permanent := &integrations.Error{Kind: integrations.Permanent, Err: errors.New("no")}
	_ = readable(permanent)
	require.Empty(t, permanent.Hint, "the vendor's error is left as it is")
}

func TestProgramsOfOlderVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.program
	changed := w.program
	changed.Delay = survey.Span(2 * time.Hour)
	programs, err := NewPrograms(t.Context(), w.store, []survey.Program{changed})
	w.must(err)
	for _, want := range []survey.Program{old, changed, old} {
		got, err := programs.Get(t.Context(), "nps", want.Version())
		w.must(err)
		require.Equal(t, want, got)
	}
	_, err = programs.Get(t.Context(), "nps", "000000000000")
	require.ErrorIs(t, err, store.ErrNotFound)
	require.ErrorContains(t, err, "program nps, version 000000000000")
}
