package web

import (
	"testing"

	"github.com/cxloop/cxloop/store"
)

func TestBehaviourReachesTheInboxOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	order := func(id, order string) string {
		return `{"id":"` + id + `","source":"shop","type":"order.placed","data":{"order":` + order + `,"contact":{"id":"c1"}}}`
	}
	for range 2 {
		s.has(s.hook(order("o-1", `{"id":1001,"amount":49.9,"currency":"EUR"}`)), 200, `"listened":1`)
	}
	s.has(s.hook(order("o-2", `{"number":1002}`)), 200, `"listened":0`)
	s.has(s.hook(`[`+order("o-3", `{"id":3}`)+`,`+order("o-4", `{"id":4,"amount":5}`)+`]`), 400, `events[1].data.order.currency is missing`)
	items := s.items(store.TopicBehaviour)["shop"]
	s.want(len(items) == 1, "%d items", len(items))
}
