package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// unsubscribed reports whether a contact gets no more mails.
func (s *site) unsubscribed(invitation string) bool {
	s.Helper()
	// A mail that waits for a contact who unsubscribed is not sent.
	found, err := s.store.Invitation(s.Context(), invitation)
	s.ok(err)
	left, err := s.store.Unanswered(s.Context(), store.UnansweredRequest{Batch: found.Invitation.Batch, SentBy: s.clock().Add(1e9), Now: s.clock(), Reminder: 1})
	s.ok(err)
	return len(left) == 0
}

var oneClick = url.Values{"List-Unsubscribe": {"One-Click"}}

func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	path := s.unsubscribe(id)
	s.has(s.get(path), 200, "Unsubscribe", `name="leave" value="all"`, `name="leave" value="program"`, "Only this")
	s.want(!s.unsubscribed(id), "a GET unsubscribed")
	for range 2 {
		s.has(s.post(path, oneClick), 200, "No more mails from Northwind.")
		s.want(s.unsubscribed(id), "still subscribed")
	}
}

func TestUnsubscribeByMailProvider(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	body := "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
	s.has(s.do(http.MethodPost, s.unsubscribe(id), http.Header{"Content-Type": {`multipart/form-data; boundary="b"`}}, []byte(body)), 200)
	s.want(s.unsubscribed(id), "still subscribed")
}

func TestUnsubscribeFromAReferralMail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ask := s.ask(s.invite("en"))
	other := s.invite("en")
	page := s.get(s.referral(ask))
	s.has(page, 200, s.unsubscribe("ask-"+ask))
	s.has(s.post(s.unsubscribe("ask-"+ask), oneClick), 200)
	found, err := s.store.Ask(s.Context(), ask)
	s.ok(err)
	s.want(found.Facts.Unsubscribed, "still subscribed")
	s.want(!s.unsubscribed(other), "somebody else is unsubscribed")
}

func TestBadUnsubscribing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	s.has(s.post(s.unsubscribe(id), url.Values{}), 422, "List-Unsubscribe=One-Click")
	s.has(s.post("/u/"+s.tokens.Seal(survey.TokenSurvey, id), oneClick), 404, "This link is not valid")
	s.has(s.post(s.unsubscribe("ask-nobody"), oneClick), 404)
	s.has(s.get("/u/forged"), 404)
	s.store.broken.Store(true)
	s.has(s.post(s.unsubscribe(id), oneClick), 503, "Please try again in a minute")
	s.want(!s.unsubscribed(id), "unsubscribed")
}

func TestReferral(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ask := s.ask(s.invite("en"))
	page := s.get(s.referral(ask))
	s.has(page, 200, "Who else?", "Recommend Northwind")
	s.want(strings.Contains(page.header.Get("Content-Security-Policy"), "form-action 'self' https:;"), "the button is blocked: %s", page.header)
	found, err := s.store.Ask(s.Context(), ask)
	s.ok(err)
	s.want(found.Ask.State == survey.AskSent && found.Ask.ClickedAt.IsZero(), "a GET counts as a click: %+v", found.Ask)

	s.store.broken.Store(true)
	s.has(s.post(s.referral(ask), nil), 503)
	s.store.broken.Store(false)
	got := s.post(s.referral(ask), nil)
	s.has(got, 303)
	s.want(got.header.Get("Location") == "https://example.com/refer?from=cx", "leads to %s", got.header.Get("Location"))
	found, err = s.store.Ask(s.Context(), ask)
	s.ok(err)
	s.want(found.Ask.State == survey.AskClicked, "ask %+v", found.Ask)

	s.has(s.get("/r/"+ask), 404)
	s.has(s.post("/r/"+s.tokens.Seal(survey.TokenSurvey, ask), nil), 404)
	s.has(s.get(s.referral("nobody")), 404)
}

func TestNoGETRecords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	before := s.kept(id)
	for _, path := range []string{
		s.survey(id), s.survey(id) + "?score=3", s.survey(id) + "?change=1", s.survey(id) + "?score=3&done=1&comment=x",
		s.unsubscribe(id), s.unsubscribe(id) + "?List-Unsubscribe=One-Click", "/hooks/shop", "/hooks/slack", "/v1/events", "/",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
			s.do(method, path, nil, []byte("score=3&List-Unsubscribe=One-Click"))
		}
	}
	s.want(s.kept(id) == before && !s.unsubscribed(id), "the store changed to %s", s.kept(id))
}
