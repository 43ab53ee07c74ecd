package activities

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Whatever becomes of a call, one record and one note are made.
func TestWhatIsInDoubtIsMadeOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		errs  []error
		works bool
		want  []string // calls of all tries
	}{
		{"killed after the record was made", []error{errors.New("killed")}, true, []string{"make task normal", "find record", "note"}},
		{"killed before it was", []error{deskError(integrations.Ambiguous)}, false, []string{"make task normal", "find record", "find record", "make task normal", "note"}},
		{"killed between record and note", []error{nil, errors.New("killed")}, true, []string{"make task normal", "note", "find note"}},
		{"no answer to the note", []error{nil, deskError(integrations.Ambiguous)}, false, []string{"make task normal", "note", "find note", "find note", "note"}},
		{"too many calls", []error{deskError(integrations.RetryAfter), nil, deskError(integrations.RetryAfter)}, false, []string{"make task normal", "make task normal", "note", "note"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, d := newFiling(t, survey.RecordTask), &desk{errs: c.errs, works: c.works}
			tries := 0
			for err := f.tell(d); err != nil; err = f.tell(d) {
				fails(t, FailureRetryAfter, err)
				f.pass(crmSettles)
				tries++
				require.Less(t, tries, 5)
			}
			var calls []string
			for _, call := range d.took() {
				if call[:4] == "note" {
					call = "note"
				}
				calls = append(calls, call)
			}
			// The first look comes at once here: time passed before.
			require.Equal(t, slices.Compact(c.want), slices.Compact(calls))
			require.Len(t, d.records, 1)
			require.Len(t, d.notes, 1)
			require.False(t, f.advance())
			require.Empty(t, f.unknownEffects())
		})
	}
}

// What may have been made of a case that has ended meanwhile is looked for and closed, and
// what was not is not made any more.
func TestWhatIsInDoubtOfACaseThatHasEnded(t *testing.T) {
	t.Parallel()
	for works, want := range map[bool][]string{
		true:  {"make task normal", "find record", "change 1 {closed  }"},
		false: {"make task normal", "find record"},
	} {
		f, d := newFiling(t, survey.RecordTask), &desk{errs: []error{deskError(integrations.Ambiguous)}, works: works}
		fails(t, FailureRetryAfter, f.tell(d))
		f.act(1, survey.ActionReject, "")
		require.True(t, f.advance())
		f.pass(crmSettles)
		f.must(f.tell(d))
		calls := slices.DeleteFunc(d.took(), func(call string) bool { return call[:4] == "note" })
		require.Equal(t, want, calls)
		require.False(t, f.advance())
		begun, err := f.store.BeginEffects(t.Context(), crmID, "", []string{store.RecordEffect(f.id)}, f.clock.Now(), f.clock.Now())
		f.must(err)
		require.Empty(t, begun.Doubtful, "nothing is left under way")
	}
}

// What a note in doubt was to tell stays the same, and what came after is in another.
func TestNoteInDoubtStaysTheSame(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordTask), &desk{errs: []error{nil, deskError(integrations.Ambiguous)}, works: true}
	fails(t, FailureRetryAfter, f.tell(d))
	f.act(1, survey.ActionContacted, "")
	f.advance()
	f.must(f.tell(d))
	require.Len(t, d.notes, 2)
	require.Equal(t, []string{"The case was opened. Score: 2 of 10 (detractor) “Too slow.”"}, d.notes[0].Lines)
	require.Equal(t, []string{"Somebody of the team contacted the customer."}, d.notes[1].Lines)
}
