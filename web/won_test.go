package web

import (
	"encoding/json"
	"testing"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestWonDealReachesTheInboxOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) {
		o.Conversions = map[string]survey.Conversion{"shop": {Trigger: survey.Trigger{
			CRM: "shop", Event: "order.shipped", Where: map[string]string{"plan": "basic"},
		}}}
	})
	for range 2 {
		s.has(s.hook(`{"id":"basic-1","source":"shop","type":"order.shipped","data":{"plan":"basic","contact":{"id":"c1"}}}`), 200, `"listened":1`)
	}
	s.has(s.hook(`{"id":"pro-1","source":"shop","type":"order.shipped","data":{"plan":"pro","contact":{"id":"c1"}}}`), 200, `"listened":1`)
	items := s.items(store.TopicWon)["shop"]
	s.want(len(items) == 1, "%d items", len(items))
	var event survey.Event
	s.ok(json.Unmarshal(items[0].Payload, &event))
	s.want(event.Type == "order.shipped" && event.CRM == "shop", "%+v", event)
}
