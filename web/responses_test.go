package web

import (
	"strings"
	"testing"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestResponsesOfOtherTools(t *testing.T) {
	t.Parallel()
	s := momentSite(t)
	body := `{"id": "r1", "source": "typeform", "program": "won-nps", "contact": {"id": 5, "email": "ada@example.com", "locale": "de"},
		"score": 4, "comment": "Too slow", "time": "2026-11-21T10:00:00Z"}`
	first := s.call("/v1/responses", body)
	s.has(first, 200, `"received":1`, `"band":"detractor","revision":1`)
	s.has(s.call("/v1/responses", body), 200, strings.TrimSpace(first.body))
	s.has(s.call("/v1/responses", strings.Replace(body, "Too slow", "Much too slow", 1)), 200, `"revision":2`)
	s.has(s.call("/v1/responses", strings.Replace(body, `"source": "typeform"`, `"source": "typeformr"`, 1)), 200, `"revision":1`)
	items := s.items(store.TopicAnswer)["won-nps"]
	s.want(len(items) == 2, "%d answers: want 2", len(items))

	id, err := s.server.reference(s.Context(), "response", "shop", "typeform", "r1")
	s.ok(err)
	r := s.response(id)
	s.want(r.Score == 4 && r.Comment == "Much too slow" && r.Done && r.AnsweredAt.Equal(start.Add(-2*3600e9)), "response %+v", r)
	kept, err := s.store.Invitation(s.Context(), id)
	s.ok(err)
	s.want(kept.Invitation.Channel == survey.ChannelAPI && kept.Invitation.Locale == "de" && kept.Contact.Email == "ada@example.com", "kept %+v", kept)
	refused := s.invitedBy(s.call("/v1/invitations", `{"id":"c","program":"chat-nps","contact":{"id":5}}`))
	s.want(refused.Rule == survey.RuleQuarantine, "asked again: %+v", refused)

	s.has(s.call("/v1/responses", `[`+body+`,`+strings.Replace(strings.Replace(body, "r1", "r9", 1), "4", "11", 1)+`]`), 400, `responses[1].score is none of nps`)
	s.has(s.do("POST", "/v1/responses", nil, []byte(body)), 401)
	s.has(s.do("POST", "/v1/responses", s.signed(body, s.clock()), []byte(body)), 200)
}

func TestFeedbackIsTaken(t *testing.T) {
	t.Parallel()
	s := momentSite(t)
	body := `{"feedback": [
		{"id": "1", "source": "g2", "kind": "review", "text": "Slow", "rating": 2, "url": "https://example.com/1"},
		{"id": "t-9", "source": "helpdesk", "kind": "ticket", "text": "It broke", "contact": {"id": "5", "first_name": "Ada"}, "account": {"id": "7"}}]}`
	first := s.call("/v1/feedback", body)
	s.has(first, 200, `"received":2`, `"source":"g2","id":"1"`, `"revision":1`)
	s.has(s.call("/v1/feedback", body), 200, strings.TrimSpace(first.body))
	s.has(s.call("/v1/feedback", strings.Replace(body, "It broke", "It broke again", 1)), 200, `"revision":2`)
	found, err := s.store.LatestFeedback(s.Context(), survey.FeedbackTicket, 10)
	s.ok(err)
	s.want(len(found) == 1 && found[0].Text == "It broke again" && strings.HasPrefix(found[0].AccountKey, "shop:"), "found %+v", found)
	s.has(s.call("/v1/feedback", `{"id":"1","source":"g2","kind":"review"}`), 400, "text is missing")
}
