package survey

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestVisitsOfPeopleAndMachines(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	openAll := func(v *Visit, from int) {
		for i := range 12 {
			v.Open(strconv.Itoa(i), 12, at(from+i))
		}
	}
	for name, c := range map[string]struct {
		visit func(*Visit)
		signs []Sign
		held  bool
	}{
		"nothing sent": {func(v *Visit) { openAll(v, 0) }, nil, false},
		"a person": {func(v *Visit) {
			v.Open("9", 12, at(0))
			v.Show("p", at(0))
			v.Send(SentForm{at(5), "9", "p"}, 1)
		}, nil, false},
		"a mis-tap, corrected at once, and again": {func(v *Visit) {
			v.Show("p", at(0))
			v.Send(SentForm{at(1), "1", "p"}, 1)
			v.Send(SentForm{at(2), "10", "p"}, 1)
			v.Send(SentForm{at(3), "10", "p"}, 1)
		}, nil, false},
		"a person who tries three scores": {func(v *Visit) {
			v.Show("p", at(0))
			for i := range 3 {
				v.Send(SentForm{at(i), strconv.Itoa(i), "p"}, 1)
			}
		}, []Sign{SignScores}, false},
		"a text browser": {func(v *Visit) { v.Send(SentForm{At: at(1), Score: "9"}, 1) }, []Sign{SignUnrendered}, false},
		"a company that goes out through a data centre": {func(v *Visit) {
			v.Network = true
			v.Show("p", at(0))
			v.Send(SentForm{at(1), "9", "p"}, 300)
		}, []Sign{SignNetwork, SignBurst}, false},
		"a person behind the gateway that opened every link": {func(v *Visit) {
			openAll(v, 0)
			v.Network = true
			v.Show("p", at(600))
			v.Send(SentForm{at(605), "9", "p"}, 1)
		}, []Sign{SignNetwork}, false},
		"a machine that opens all and submits one": {func(v *Visit) {
			openAll(v, 0)
			v.Send(SentForm{At: at(20), Score: "0", Page: "p"}, 1)
		}, []Sign{SignLinks, SignUnrendered}, true},
		"a machine that runs scripts": {func(v *Visit) {
			openAll(v, 0)
			v.Show("p", at(1))
			for i := range 3 {
				v.Send(SentForm{at(12 + i), strconv.Itoa(i), "p"}, 1)
			}
		}, []Sign{SignLinks, SignScores}, true},
		"one form for each of many contacts": {func(v *Visit) {
			v.Send(SentForm{At: at(0), Score: "0"}, BurstMost+1)
		}, []Sign{SignUnrendered, SignBurst}, true},
		"a machine goes on": {func(v *Visit) {
			v.Signs, v.Held = []Sign{SignLinks, SignScores}, at(0)
			v.Show("p", at(50))
			v.Send(SentForm{at(60), "0", "p"}, 1)
		}, []Sign{SignLinks, SignScores}, true},
		"a person after a machine, from one address": {func(v *Visit) {
			v.Signs, v.Held = []Sign{SignLinks, SignScores}, at(0)
			v.Show("p", at(900))
			v.Send(SentForm{at(901), "9", "p"}, 1)
		}, nil, false},
		"links opened ahead, and a form": {func(v *Visit) {
			v.Prefetch = true
			v.Send(SentForm{At: at(0)}, 1)
		}, []Sign{SignUnrendered, SignPrefetch}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var v Visit
			c.visit(&v)
			signs, held := v.Judge(func(page string) bool {
				for _, p := range v.Pages {
					if p == page {
						return true
					}
				}
				return false
			})
			require.Equal(t, c.signs, signs)
			require.Equal(t, c.held, held)
		})
	}
}

func TestVisitStaysSmall(t *testing.T) {
	t.Parallel()
	var v Visit
	for i := range 1000 {
		v.Open(strconv.Itoa(i), 12, time.Unix(int64(i), 0))
		v.Show(strconv.Itoa(i), time.Unix(int64(i), 0))
		v.Send(SentForm{At: time.Unix(int64(i), 0), Page: strconv.Itoa(i)}, 1)
	}
	require.Len(t, v.Links, 12)
	require.Len(t, v.Pages, maxPages)
	require.Len(t, v.Forms, maxForms)
	require.Equal(t, 1000, v.Gets)
}
