package storetest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (w world) begin(keys ...string) store.Begun {
	w.Helper()
	begun, err := w.BeginEffects(w.Context(), "sendgrid", "", keys, start, tried)
	w.must(err)
	return begun
}

// tried is when calls are begun, in real time.
var tried = start.Add(-time.Hour)

func effect(key string, state store.EffectState, ref string, at time.Time) store.Effect {
	return store.Effect{Key: key, Vendor: "sendgrid", State: state, Ref: ref, At: at, TriedAt: tried}
}

// lose makes effects unknown.
func (w world) lose(at time.Time, keys ...string) []string {
	w.Helper()
	unknown, err := w.LoseEffects(w.Context(), keys, at)
	w.must(err)
	return unknown
}

func (w world) unknown() []string {
	w.Helper()
	effects, err := w.UnknownEffects(w.Context(), 1000)
	w.must(err)
	var keys []string
	for _, e := range effects {
		keys = append(keys, e.Key)
	}
	return keys
}

var effectCases = map[string]func(world){
	"an effect is acted on once": func(w world) {
		require.Equal(w.T, store.Begun{Act: []string{"b", "a"}}, w.begin("b", "a", "b"))
		w.must(w.EndEffects(w.Context(), []string{"a"}, "ref", start))
		doubtful := effect("b", store.EffectPending, "", start)
		for range 2 {
			begun, err := w.BeginEffects(w.Context(), "sendgrid", "", []string{"a", "b"}, start, tried.Add(time.Minute))
			w.must(err)
			require.Equal(w.T, store.Begun{
				Doubtful: []store.Effect{doubtful}, Done: []store.Effect{effect("a", store.EffectDone, "ref", start)},
			}, begun, "the time of the first try is kept")
		}
		w.begin("c")
		w.must(w.DropEffects(w.Context(), []string{"a", "c"}))
		require.Equal(w.T, []string{"c"}, w.begin("a", "b", "c").Act, "only what is pending is dropped")
	},

	"what an operator has to decide": func(w world) {
		w.begin("a", "b", "c", "d")
		require.Equal(w.T, []string{"c"}, w.lose(start, "c"))
		require.Equal(w.T, []string{"b"}, w.lose(start.Add(time.Hour), "b"))
		w.must(w.EndEffects(w.Context(), []string{"d"}, "", start))
		require.Equal(w.T, []string{"a", "b"}, w.lose(start.Add(2*time.Hour), "a", "b", "d"), "what is done stays done")
		effects, err := w.UnknownEffects(w.Context(), 2)
		w.must(err)
		require.Equal(w.T, []store.Effect{
			effect("c", store.EffectUnknown, "", start), effect("b", store.EffectUnknown, "", start.Add(time.Hour)),
		}, effects)
		require.Equal(w.T, []store.Effect{effect("c", store.EffectUnknown, "", start)}, w.begin("c").Unknown)
		w.must(w.DropEffects(w.Context(), []string{"c"}))
		w.must(w.EndEffects(w.Context(), []string{"c"}, "ref", start))
		require.Equal(w.T, []string{"b", "a"}, w.unknown())
	},

	"a doubtful effect is begun again by one": func(w world) {
		w.begin("a")
		doubtful := w.begin("a").Doubtful[0]
		again := func(e store.Effect) bool {
			mine, err := w.RetryEffect(w.Context(), e, start)
			w.must(err)
			return mine
		}
		require.True(w.T, again(doubtful))
		require.False(w.T, again(doubtful))
		now := w.begin("a").Doubtful[0]
		require.Equal(w.T, start, now.TriedAt)
		w.lose(start, "a")
		require.False(w.T, again(now))
		require.True(w.T, again(w.begin("a").Unknown[0]))
		require.Len(w.T, w.begin("a").Doubtful, 1)
	},

	"what nobody asks for any more is settled": func(w world) {
		w.saveContacts(2)
		asked := w.invite(start, 0, 1)
		w.done(asked[0], start, 9)
		keys := []string{store.MailEffect(store.MailInvite, asked[0]), store.MailEffect(store.MailInvite, asked[1]), "new"}
		w.begin(keys[:2]...)
		_, err := w.BeginEffects(w.Context(), "sendgrid", "", keys[2:], start, tried.Add(time.Minute))
		w.must(err)
		for i, want := range [][]string{{keys[1]}, nil} {
			settled, unknown, err := w.SettleEffects(w.Context(), tried.Add(time.Second), start)
			w.must(err)
			require.Equal(w.T, 2-2*i, settled)
			require.Equal(w.T, want, unknown)
		}
		begun := w.begin(keys...)
		require.Equal(w.T, keys[0], begun.Done[0].Key, "the answer proves the mail")
		require.Equal(w.T, keys[1], begun.Unknown[0].Key)
		require.Equal(w.T, keys[2], begun.Doubtful[0].Key)
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
			begun, err := w.BeginEffects(w.Context(), "slack", "C1", mine, start, tried)
			return begun.Act, err
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
