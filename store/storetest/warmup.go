package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
)

func (w world) beginMails(at time.Time, most int, keys ...string) store.Begun {
	w.Helper()
	begun, err := w.BeginMails(w.Context(), "sendgrid", keys, at, tried, most)
	w.must(err)
	return begun
}

var warmUpCases = map[string]func(world){
	"a day takes so many mails": func(w world) {
		require.Equal(w.T, store.Begun{Act: []string{"c", "a"}, Over: []string{"b"}}, w.beginMails(start, 2, "c", "a", "b"))
		require.Equal(w.T, []string{"b"}, w.beginMails(start, 2, "b").Over)
		again := w.beginMails(start, 2, "a", "b")
		require.Len(w.T, again.Doubtful, 1, "what was begun is not over")
		require.Equal(w.T, []string{"b"}, again.Over)
		w.must(w.EndEffects(w.Context(), []string{"a"}, "ref", start.Add(time.Minute)))
		w.must(w.DropEffects(w.Context(), []string{"c"}))
		require.Equal(w.T, []string{"d"}, w.beginMails(start, 2, "d").Act, "what the vendor did not take gives its place back")
		tomorrow := start.Add(24 * time.Hour)
		require.Equal(w.T, []string{"b"}, w.beginMails(tomorrow, 1, "b").Act)
		require.Equal(w.T, []string{"e", "f"}, w.beginMails(tomorrow, 0, "e", "f").Act, "without a cap")
		w.begin("message")
	},

	"batches at once share the day": func(w world) {
		const batches, each, most = 16, 10, 55
		act := atOnce(w, batches, func(i int) ([]string, error) {
			var keys []string
			for n := range each {
				keys = append(keys, fmt.Sprintf("mail %d of %d", n, i))
			}
			begun, err := w.BeginMails(w.Context(), "sendgrid", keys, start, tried, most)
			if err == nil && len(begun.Act)+len(begun.Over) != each {
				err = fmt.Errorf("%d of %d mails are lost", each-len(begun.Act)-len(begun.Over), each)
			}
			return begun.Act, err
		})
		require.Len(w.T, slices.Concat(act...), most)
	},
}
