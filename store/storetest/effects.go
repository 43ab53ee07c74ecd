package storetest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (w world) begin(keys ...string) (act, unknown []string) {
	w.Helper()
	act, unknown, err := w.BeginEffects(w.Context(), "sendgrid", keys, start)
	w.must(err)
	return act, unknown
}

var effectCases = map[string]func(world){
	"an effect is acted on once": func(w world) {
		act, unknown := w.begin("b", "a", "b")
		require.Equal(w.T, []string{"b", "a"}, act)
		require.Empty(w.T, unknown)
		w.must(w.EndEffects(w.Context(), []string{"a"}, store.EffectDone, "ref", start))
		act, unknown = w.begin("a", "b", "c")
		require.Equal(w.T, []string{"c"}, act)
		require.Equal(w.T, []string{"b"}, unknown, "nobody can tell what became of it")
		_, unknown = w.begin("b")
		require.Equal(w.T, []string{"b"}, unknown)
		w.must(w.DropEffects(w.Context(), []string{"a", "b", "c"}))
		act, unknown = w.begin("a", "b", "c")
		require.Equal(w.T, []string{"c"}, act, "only what is pending is dropped")
		require.Equal(w.T, []string{"b"}, unknown)
	},

	"what an operator has to decide": func(w world) {
		w.begin("a", "b", "c")
		w.must(w.EndEffects(w.Context(), []string{"b"}, store.EffectUnknown, "", start.Add(time.Hour)))
		w.must(w.EndEffects(w.Context(), []string{"a"}, store.EffectUnknown, "", start.Add(2*time.Hour)))
		w.must(w.EndEffects(w.Context(), []string{"c"}, store.EffectUnknown, "", start))
		effects, err := w.UnknownEffects(w.Context(), 2)
		w.must(err)
		require.Equal(w.T, []store.Effect{
			{Key: "c", Vendor: "sendgrid", State: store.EffectUnknown, At: start},
			{Key: "b", Vendor: "sendgrid", State: store.EffectUnknown, At: start.Add(time.Hour)},
		}, effects)
		w.must(w.EndEffects(w.Context(), []string{"c"}, store.EffectDone, "ref", start))
		w.must(w.EndEffects(w.Context(), []string{"c"}, store.EffectUnknown, "", start))
		effects, err = w.UnknownEffects(w.Context(), 10)
		w.must(err)
		require.Len(w.T, effects, 2, "what is done stays done")
	},

	"of many at once one acts": func(w world) {
		var keys []string
		for range 200 {
			keys = append(keys, w.newID())
		}
		acted := map[string]int{}
		for _, act := range atOnce(w, 6, func(i int) ([]string, error) {
			mine := slices.Clone(keys)
			if i%2 > 0 {
				slices.Reverse(mine)
			}
			act, _, err := w.BeginEffects(w.Context(), "slack", mine, start)
			return act, err
		}) {
			for _, key := range act {
				acted[key]++
			}
		}
		require.Len(w.T, acted, len(keys))
		for key, n := range acted {
			require.Equal(w.T, 1, n, key)
		}
	},
}

var settingCases = map[string]func(world){
	"the clock": func(w world) {
		none, err := w.ClockState(w.Context())
		w.must(err)
		require.Nil(w.T, none)
		for _, scale := range []float64{1, 2880} {
			state := survey.ClockState{Real: start.Add(time.Nanosecond), Scaled: start, Scale: scale}
			w.must(w.SaveClockState(w.Context(), state))
			kept, err := w.ClockState(w.Context())
			w.must(err)
			require.Equal(w.T, &state, kept)
		}
	},

	"versions of programs": func(w world) {
		p := program()
		w.must(w.SaveProgram(w.Context(), p))
		w.must(w.SaveProgram(w.Context(), p))
		changed := p
		changed.Delay = survey.Span(time.Hour)
		w.must(w.SaveProgram(w.Context(), changed))
		for _, want := range []survey.Program{p, changed} {
			got, err := w.Program(w.Context(), programID, want.Version())
			w.must(err)
			require.Equal(w.T, want, got)
		}
		_, err := w.Program(w.Context(), programID, "none")
		require.ErrorIs(w.T, err, store.ErrNotFound)
	},
}
