package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// machineAt sends forms of many scores at once, and that which unsubscribes.
func (s *site) machineAt(id string) {
	s.Helper()
	for score := range 4 {
		s.has(s.post(s.survey(id), url.Values{"score": {strconv.Itoa(score)}, "comment": {"spam " + strconv.Itoa(score)}, "done": {"1"}}), 200)
	}
	s.has(s.post(s.unsubscribe(id), url.Values{"leave": {"all"}}), 200, "No more mails from Northwind.")
}

func (s *site) operate(method string, form url.Values) answer {
	s.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	req, _ := http.NewRequest(method, s.url, nil)
	req.SetBasicAuth("ada", apiToken)
	header.Set("Authorization", req.Header.Get("Authorization"))
	return s.do(method, "/held", header, []byte(form.Encode()))
}

func TestOperatorReversesVerdicts(t *testing.T) {
	t.Parallel()
	s := newSite(t, throughProxy)
	id := s.invite("en")
	s.has(s.operate(http.MethodGet, nil), 200, "Nothing is held.")
	s.machineAt(id)
	s.want(!s.unsubscribed(id), "a machine unsubscribed somebody")
	s.has(s.get(s.survey(id)), 200, "Would you recommend Northwind?")
	s.has(s.operate(http.MethodGet, nil), 200, "Score 3, unsubscribing", "it sent several scores within seconds", "never shown", "spam 3", id)
	s.has(s.operate(http.MethodPost, url.Values{"item": {id}, "decision": {"maybe"}}), 422)
	s.has(s.operate(http.MethodPost, url.Values{"item": {"none"}, "decision": {"accept"}}), 404, "Nothing was changed")
	s.has(s.get("/held"), 401)

	s.has(s.operate(http.MethodPost, url.Values{"item": {id}, "decision": {"accept"}, "why": {"She rang"}}), 200, "taken as a person", "Nothing is held.")
	r := s.response(id)
	s.want(r.Score == 3 && r.State == survey.Provisional && r.Done && r.Comment == "spam 3", "response %+v", r)
	s.want(s.unsubscribed(id), "what was accepted was not done")
	s.has(s.get(s.survey(id)), 200, "<b>3</b> / 10")

	s.has(s.operate(http.MethodPost, url.Values{"item": {id}, "decision": {"reject"}}), 404, "Nothing was changed")
	s.has(s.operate(http.MethodPost, url.Values{"item": {id}, "decision": {"exclude"}, "why": {"It was me"}}), 200, "It counts nowhere.")
	s.want(s.response(id).State == survey.Withdrawn, "response %+v", s.response(id))
	verdicts, err := s.store.Verdicts(s.Context(), id)
	s.ok(err)
	last := verdicts[len(verdicts)-1]
	s.want(last.Who == "ada" && last.Why == "It was me" && last.What == store.VerdictRejected, "verdicts %+v", verdicts)
}

func TestLateAnswers(t *testing.T) {
	t.Parallel()
	program := programs()[0]
	program.LateAnswers = survey.Span(7 * 24 * time.Hour)
	s := newSite(t, func(o *Options) { o.Program = only(program) })
	early, late := s.invite("en"), s.invite("en")
	s.advance(20 * 24 * time.Hour)
	_, err := s.store.Expire(s.Context(), s.clock())
	s.ok(err)
	s.has(s.get(s.survey(early)), 200, "Would you recommend")
	s.has(s.post(s.survey(early), url.Values{"score": {"9"}, "done": {"1"}}), 200, "Thank you")
	s.advance(24 * time.Hour)
	s.has(s.get(s.survey(late)), 410, "This survey has closed.")
	s.has(s.post(s.survey(late), url.Values{"score": {"9"}}), 410, "This survey has closed.")
	s.has(s.get(s.survey(early)), 200, "<b>9</b> / 10")
}

func TestUnsubscribeFromOneProgram(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.address = "ada@example.com"
	id := s.invite("en")
	waits, other := s.admit("en"), s.admitTo(programs()[2], "en")
	s.has(s.post(s.unsubscribe(id), url.Values{"leave": {"program"}}), 200, "No more mails like this.")
	for invitation, want := range map[string]survey.InvitationState{waits: survey.InvitationCancelled, other: survey.InvitationAdmitted} {
		found, err := s.store.Invitation(s.Context(), invitation)
		s.ok(err)
		s.want(found.Invitation.State == want, "invitation %+v", found.Invitation)
		left, err := s.store.Unsent(s.Context(), found.Invitation.Batch, s.clock())
		s.ok(err)
		s.want(len(left) == map[survey.InvitationState]int{survey.InvitationAdmitted: 1}[want], "%d to be mailed", len(left))
	}
	s.has(s.post(s.unsubscribe(id), url.Values{"leave": {"everything"}}), 422, "leave=all or program")
}

func TestPrivacyNoticeStandsOnTheSurvey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	for _, page := range []answer{s.get(s.survey(id)), s.post(s.survey(id), url.Values{"score": {"9"}})} {
		s.has(page, 200, "About your data.", "Kept by Northwind.", `href="https://example.com/privacy"`, s.unsubscribe(id))
	}
	s.want(strings.Contains(s.get(s.survey(id)).body, "/seen.css?page="), "nothing tells that the page is shown")
}
