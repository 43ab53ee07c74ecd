package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/survey"
)

func TestPromoterIsAskedOnTheLastPage(t *testing.T) {
	t.Parallel()
	program := programs()[0]
	program.FollowUp.Referral.AgainAfter = survey.Span(180 * 24 * time.Hour)
	s := newSite(t, func(o *Options) { o.Program = only(program) })
	id := s.invite("en")
	path := s.survey(id)
	page := s.post(path, url.Values{"score": {"9"}})
	s.want(!strings.Contains(page.body, "Who else?"), "the customer is asked before being done")
	page = s.post(path, url.Values{"score": {"9"}, "comment": {"fine"}, "done": {"1"}})
	action := "/r/" + s.tokens.Seal(survey.TokenReferral, "page-"+id)
	s.has(page, 200, "Who else?", "Recommend Northwind", action)
	s.want(strings.Contains(page.header.Get("Content-Security-Policy"), "form-action 'self' https:"), "the form may not lead on: %s", page.header)
	s.has(s.get(action), 200, "Who else?")
	for range 2 {
		got := s.post(action, nil)
		s.want(got.status == 303 && got.header.Get("Location") == "https://example.com/refer?from=cx", "%d %s", got.status, got.header)
	}
	detractor := s.invite("en")
	page = s.post(s.survey(detractor), url.Values{"score": {"3"}, "done": {"1"}})
	s.want(!strings.Contains(page.body, "Who else?"), "a detractor is asked")
	s.want(s.post("/r/"+s.tokens.Seal(survey.TokenReferral, "page-"+s.invite("en")), nil).status == 404, "without an answer something is noted")
}
