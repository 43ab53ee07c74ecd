package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// fewCases is the rule of these tests: a third case within ten minutes is one too many.
var fewCases = survey.StormRule{After: 2, Within: survey.Span(10 * time.Minute)}

// openCases opens a case of each of so many accounts, and returns their ids.
func (w world) openCases(n int) []string {
	w.Helper()
	ids := make([]string, n)
	for i := range ids {
		w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(i, i)}, []survey.Account{account(i)}))
		ids[i] = w.openCase(start, i)
	}
	return ids
}

// place places a case some minutes after the start.
func (w world) place(id, channel string, minutes int, weight int64) string {
	w.Helper()
	storm, err := w.PlaceCase(w.Context(), store.PlaceCaseRequest{
		Case: id, Channel: channel, At: start.Add(time.Duration(minutes) * time.Minute), Weight: weight, Rule: fewCases,
		NewID: func() string { return fmt.Sprintf("%s-%d", channel, minutes) },
	})
	w.must(err)
	return storm
}

var stormCases = map[string]func(world){
	"a storm begins with one case too many and ends after a quiet span": func(w world) {
		ids := w.openCases(8)
		require.Empty(w.T, w.place(ids[0], "C1", 0, 1))
		require.Empty(w.T, w.place(ids[1], "C1", 8, 3))
		require.Empty(w.T, w.place(ids[2], "C2", 9, 1), "another channel")
		require.Empty(w.T, w.place(ids[3], "C1", 11, 2), "the first one is too old")
		require.Equal(w.T, "C1-12", w.place(ids[4], "C1", 12, 9))
		require.Equal(w.T, "C1-12", w.place(ids[4], "C1", 13, 9), "it is there already")
		require.Equal(w.T, "C1-12", w.place(ids[1], "C1", 13, 3), "it is taken along")
		require.Empty(w.T, w.place(ids[0], "C1", 13, 1))
		require.Equal(w.T, "C1-12", w.place(ids[5], "C1", 21, 4), "it goes on")
		require.Equal(w.T, "C1-12", w.place(ids[6], "C1", 30, 5))
		require.Empty(w.T, w.place(ids[7], "C1", 41, 5), "it is over")

		storm, err := w.Storm(w.Context(), "C1-12", 2)
		w.must(err)
		require.Equal(w.T, store.Storm{
			ID: "C1-12", Channel: "C1", OpenedAt: start.Add(8 * time.Minute), LastAt: start.Add(30 * time.Minute),
			States: map[survey.CaseState]int{survey.CaseOpen: 5}, Unposted: 5, Worst: []string{ids[4], ids[6]},
		}, storm)
		_, err = w.Storm(w.Context(), "none", 2)
		require.ErrorIs(w.T, err, store.ErrNotFound)
	},

	"the cases of a storm in their order": func(w world) {
		ids := w.openCases(3)
		for i, id := range ids {
			w.place(id, "C1", i, int64(i))
		}
		detail, err := w.Case(w.Context(), ids[0])
		w.must(err)
		require.Equal(w.T, []string{"C1-2", ""}, []string{detail.Storm, detail.Thread})

		w.must(w.StormShown(w.Context(), "C1-2", "1.5", "3 open"))
		w.begin(store.CaseEffect(ids[1]))
		for i, want := range []bool{true, false, true} {
			threaded, err := w.ThreadCase(w.Context(), ids[i])
			w.must(err)
			require.Equal(w.T, want, threaded, "its message was begun in the channel before")
		}
		w.begin(store.CaseEffect(ids[2]))
		threaded, err := w.ThreadCase(w.Context(), ids[2])
		w.must(err)
		require.True(w.T, threaded, "it was in the thread that it was begun")

		unposted, err := w.UnpostedCases(w.Context(), "C1-2", 2)
		w.must(err)
		require.Equal(w.T, []string{ids[2], ids[1]}, unposted)
		w.must(w.CaseShown(w.Context(), ids[2], "C1", "1.7", 1))
		unposted, err = w.UnpostedCases(w.Context(), "C1-2", 2)
		w.must(err)
		require.Equal(w.T, []string{ids[1], ids[0]}, unposted)

		detail, err = w.Case(w.Context(), ids[2])
		w.must(err)
		require.Equal(w.T, []string{"C1-2", "1.5"}, []string{detail.Storm, detail.Thread})
		w.addClick(ids[2], "k1", survey.ActionResolve)
		_, err = w.AdvanceCase(w.Context(), ids[2], start, applyAll)
		w.must(err)
		storm, err := w.Storm(w.Context(), "C1-2", 9)
		w.must(err)
		require.Equal(w.T, []string{ids[1], ids[0]}, storm.Worst, "what is resolved needs nobody")
		require.Equal(w.T, map[survey.CaseState]int{survey.CaseOpen: 2, survey.CaseResolved: 1}, storm.States)
		require.Equal(w.T, []any{2, "1.5", "3 open"}, []any{storm.Unposted, storm.MessageTS, storm.Shown})
		_, err = w.ThreadCase(w.Context(), "none")
		require.ErrorIs(w.T, err, store.ErrNotFound)
		require.ErrorIs(w.T, w.StormShown(w.Context(), "none", "1.5", ""), store.ErrNotFound)
	},

	"a case whose place changes before it is posted": func(w world) {
		ids := w.openCases(4)
		for i, id := range ids[:3] {
			w.place(id, "C1", i, 1)
		}
		require.Empty(w.T, w.place(ids[0], "C2", 3, 1))
		storm, err := w.Storm(w.Context(), "C1-2", 9)
		w.must(err)
		require.Equal(w.T, 2, storm.Unposted)
	},

	"many workers place cases at once": func(w world) {
		const n = 12
		ids := w.openCases(n)
		var group errgroup.Group
		storms := make([]string, n)
		for i, id := range ids {
			group.Go(func() (err error) {
				storms[i], err = w.PlaceCase(w.Context(), store.PlaceCaseRequest{
					Case: id, Channel: "C1", At: start, Rule: fewCases, NewID: func() string { return "S" + id },
				})
				return err
			})
		}
		w.must(group.Wait())
		begun := map[string]bool{}
		alone := 0
		for _, storm := range storms {
			if storm == "" {
				alone++
			} else {
				begun[storm] = true
			}
		}
		require.Len(w.T, begun, 1, "one storm")
		require.Equal(w.T, fewCases.After, alone)
	},
}
