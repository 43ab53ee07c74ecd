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
		err        error
		repeatable bool
		kind       string
		delay      time.Duration
		final      bool
		benign     bool
	}{
		"retry after":                  {of(integrations.RetryAfter, 4*time.Second, ""), false, FailureRetryAfter, 4 * time.Second, false, true},
		"retry, nobody says when":      {of(integrations.RetryAfter, 0, ""), false, FailureRetryAfter, 0, false, true},
		"permanent":                    {of(integrations.Permanent, 0, ""), false, FailurePermanent, 0, true, false},
		"an operator can help":         {of(integrations.Permanent, 0, "check the token"), false, FailureRetryAfter, 5 * time.Minute, false, false},
		"ambiguous":                    {of(integrations.Ambiguous, 0, ""), false, FailureAmbiguous, 0, true, false},
		"of no kind":                   {of(0, 0, ""), false, FailureAmbiguous, 0, true, false},
		"repeatable: ambiguous":        {of(integrations.Ambiguous, 0, ""), true, FailureRetryAfter, 0, false, true},
		"repeatable: permanent":        {of(integrations.Permanent, 0, ""), true, FailurePermanent, 0, true, false},
		"repeatable: retry after":      {of(integrations.RetryAfter, time.Second, ""), true, FailureRetryAfter, time.Second, false, true},
		"repeatable: operator's error": {of(integrations.Permanent, 0, "check the token"), true, FailureRetryAfter, 5 * time.Minute, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := failure(c.err)
			if c.repeatable {
				got = repeatable(c.err)
			}
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
	ambiguous := &integrations.Error{Kind: integrations.Ambiguous, Err: errors.New("cut")}
	_ = repeatable(ambiguous)
	require.Equal(t, integrations.Ambiguous, ambiguous.Kind, "the vendor's error is left as it is")
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

func TestHousekeeping(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(people(2)...)
	_, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	w.answer(ids[1], survey.Answer{Score: 8, Done: true})
	keep := &Housekeeping{Store: w.store, Clock: w.clock}
	look := func(want Tidied) {
		t.Helper()
		got, err := keep.KeepHouse(t.Context())
		w.must(err)
		require.Equal(t, want, got)
	}
	w.pass(14*day - time.Second)
	look(Tidied{})
	w.pass(time.Second)
	look(Tidied{Expired: 1})
	require.Equal(t, []survey.InvitationState{survey.InvitationExpired, survey.InvitationResponded}, w.states(ids))
	w.pass(16*day - time.Hour)
	look(Tidied{})
	w.pass(time.Second)
	look(Tidied{Purged: 2})
	look(Tidied{})
}
