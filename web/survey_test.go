package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (s *site) response(invitation string) survey.Response {
	s.Helper()
	r, err := s.store.ResponseOf(s.Context(), invitation)
	s.ok(err)
	return r
}

func TestSurveyFromScoreToDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	path := s.survey(id)

	page := s.get(path + "?score=9")
	s.has(page, 200, `<html lang="en" dir="ltr">`, "Would you recommend Northwind?", `value="9" required autocomplete="off" checked`, "Send it", "Never", "Always", "About your data.")
	s.want(strings.Count(page.body, "<button") == 1 && strings.Count(page.body, " checked") == 1, "want one button and one score chosen:\n%s", page.body)
	s.want(strings.Count(page.body, `type="radio"`) == 11 && !strings.Contains(page.body, "<textarea"), "want 11 scores and no comment yet")

	page = s.post(path, url.Values{"score": {"9"}})
	s.has(page, 200, "Thank you, Ada &lt;b&gt;!", "Tell us more.", `name="score" value="9"`, "Why?", "I am done")
	r := s.response(id)
	s.want(r.Score == 9 && r.Band == survey.Promoter && !r.Done && r.Revision == 1, "response %+v", r)
	s.want(s.notified.Load() == 0, "an answer that is not due was announced")

	page = s.post(path, url.Values{"score": {"9"}, "comment": {"  Great <b>team</b>.\r\nReally. "}, "done": {"1"}})
	s.has(page, 200, "Thank you, Ada &lt;b&gt;!", "Great &lt;b&gt;team&lt;/b&gt;.\nReally.", "Change my answer")
	r = s.response(id)
	s.want(r.Done && r.Revision == 2 && r.Comment == "Great <b>team</b>.\nReally.", "response %+v", r)
	s.want(s.notified.Load() == 1, "a finished answer was announced %d times", s.notified.Load())
	s.want(len(s.items(store.TopicAnswer)["won-nps"]) == 1, "the answer is not due")
}

func TestUsedLinkReopensItsAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	path := s.survey(id)
	s.has(s.post(path, url.Values{"score": {"3"}}), 200)
	s.has(s.get(path), 200, `name="score" value="3"`, "Tell us more.", "Change my answer")
	s.has(s.post(path, url.Values{"score": {"3"}, "comment": {"slow"}, "done": {"1"}}), 200)
	s.advance(30 * 24 * time.Hour) // long after the survey expired
	s.has(s.get(path), 200, "<b>3</b> / 10", "slow", path+"?change=1")
	s.has(s.get(path+"?score=3"), 200, "<b>3</b> / 10")
	s.has(s.get(path+"?change=1"), 200, `value="3" required autocomplete="off" checked`, ">\nslow</textarea>")
	s.has(s.get(path+"?score=8"), 200, `value="8" required autocomplete="off" checked`, ">\nslow</textarea>")
	s.want(s.response(id).Revision == 2, "a GET changed the response")

	s.has(s.post(path, url.Values{"score": {"8"}, "comment": {"better now"}, "done": {"1"}}), 200, "<b>8</b> / 10", "better now")
	r := s.response(id)
	s.want(r.Revision == 3 && r.Band == survey.Passive, "response %+v", r)
}

func TestOldPageSentAgainTakesNothingBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	path := s.survey(id)
	s.has(s.post(path, url.Values{"score": {"3"}, "comment": {"slow"}, "done": {"1"}}), 200)
	for range 2 {
		s.has(s.post(path, url.Values{"score": {"3"}}), 200, "slow")
	}
	r := s.response(id)
	s.want(r.Done && r.Comment == "slow" && r.Revision == 1, "response %+v", r)
}

func TestSurveyInTheLanguageOfTheInvitation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.has(s.get(s.survey(s.invite("de"))), 200, `<html lang="de" dir="ltr">`, "Würden Sie Northwind empfehlen?")
	s.has(s.get(s.survey(s.invite("ar"))), 200, `<html lang="ar" dir="rtl">`)
	s.has(s.get(s.survey(s.invite("xx"))), 200, `<html lang="en" dir="ltr">`)
}

func TestBadAnswersChangeNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		form    url.Values
		status  int
		message string
	}{
		{"no score", url.Values{"comment": {"x"}}, 422, "score is missing: want 0 to 10"},
		{"out of range", url.Values{"score": {"11"}}, 422, "score 11 is out of range: want 0 to 10"},
		{"below the range", url.Values{"score": {"-1"}}, 422, "score -1 is out of range"},
		{"not an integer", url.Values{"score": {"9.5"}}, 422, "score &#34;9.5&#34; is not a whole number"},
		{"not a number", url.Values{"score": {"<script>"}}, 422, "score &#34;&lt;script&gt;&#34; is not a whole number"},
		{"two scores", url.Values{"score": {"1", "9"}}, 422, "score is given 2 times: want it once"},
		{"two comments", url.Values{"score": {"1"}, "comment": {"a", "b"}}, 422, "comment is given 2 times"},
		{"long comment", url.Values{"score": {"1"}, "comment": {strings.Repeat("ü", survey.MaxComment+1)}}, 422, "comment has 5001 characters: at most 5000 are taken"},
		{"comment that is no text", url.Values{"score": {"1"}, "comment": {"\xff"}}, 422, "comment is not valid UTF-8 text"},
		{"comment with NUL", url.Values{"score": {"1"}, "comment": {"a\x00b"}}, 422, "comment holds a NUL character"},
		{"over the cap", url.Values{"score": {"1"}, "comment": {strings.Repeat("x", maxForm)}}, 413, "the form is larger than 131072 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			id := s.invite("en")
			before := s.kept(id)
			s.has(s.post(s.survey(id), test.form), test.status, test.message)
			s.want(s.kept(id) == before, "the store changed from\n%s\nto\n%s", before, s.kept(id))
		})
	}
}

func TestRefusedAnswerKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.post(s.survey(s.invite("en")), url.Values{"score": {"12"}, "comment": {"my long story"}})
	s.has(got, 422, "my long story</textarea>", `role="alert"`)
	s.want(!strings.Contains(got.body, " checked"), "a score is chosen that nobody gave")
}

func TestAnswerInABodyOfAnotherKind(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	before := s.kept(id)
	send := func(kind, body string) answer {
		return s.do(http.MethodPost, s.survey(id)+"?score=9", http.Header{"Content-Type": {kind}}, []byte(body))
	}
	s.has(send("application/json", `{"score":9}`), 415, "want a form")
	s.has(send("", "score=9"), 415, "want a form")
	s.has(send("application/x-www-form-urlencoded", ""), 422, "score is missing")
	s.has(send("application/x-www-form-urlencoded", "score=%zz"), 400, "the form cannot be read")
	s.has(send("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"score\"\r\n\r\n9"), 400, "the form is incomplete")
	s.want(s.kept(id) == before, "the store changed")
}

func TestBadSurveyLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("de")
	good := s.survey(id)
	forged := []string{
		"/s/" + id, "/s/" + id + ".", good[:len(good)-1], good + "x", strings.Replace(good, id, "other", 1),
		"/s/" + s.tokens.Seal(survey.TokenUnsubscribe, id), s.survey("nobody"), "/s/" + strings.Repeat("x", 500),
	}
	for _, path := range forged {
		s.has(s.get(path), 404, "This link is not valid")
		s.has(s.post(path, url.Values{"score": {"9"}}), 404, "This link is not valid")
	}
	s.advance(15 * 24 * time.Hour)
	before := s.kept(id)
	s.has(s.get(good), 410, `lang="de"`, "Diese Umfrage ist beendet.")
	s.has(s.get(good+"?score=9"), 410)
	s.has(s.post(good, url.Values{"score": {"9"}}), 410, "Diese Umfrage ist beendet.")
	s.has(s.post(good, url.Values{"score": {"99"}}), 410)
	s.want(s.kept(id) == before, "the store changed")
	_, err := s.store.Expire(s.Context(), s.clock())
	s.ok(err)
	s.has(s.get(good), 410)
}

func TestBadScoreInALinkIsNamedAndTheFormShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := s.survey(s.invite("en"))
	s.has(s.get(path+"?score=11"), 422, "score 11 is out of range", `type="radio"`)
	s.has(s.get(path+"?score=x"), 422, "is not a whole number", `type="radio"`)
}

func TestAnswerBeforeTheMailIsNotedAsSent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.admit("en")
	s.has(s.post(s.survey(id), url.Values{"score": {"9"}}), 200)
	s.want(s.response(id).Score == 9, "the answer is lost")
}

func TestAnswerToASurveyThatWasCalledOff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.admit("en")
	s.ok(s.store.MarkCancelled(s.Context(), []string{id}, s.clock()))
	before := s.kept(id)
	s.has(s.get(s.survey(id)), 410, "This survey takes no answers")
	s.has(s.post(s.survey(id), url.Values{"score": {"9"}}), 410, "This survey takes no answers")
	s.want(s.kept(id) == before, "the store changed")
}

func TestSurveyWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	s.store.broken.Store(true)
	got := s.post(s.survey(id), url.Values{"score": {"2"}, "comment": {"my long story"}, "done": {"1"}})
	s.has(got, 503, "could not be kept", "my long story</textarea>", `value="2" required autocomplete="off" checked`)
	s.want(got.header.Get("Retry-After") != "", "no Retry-After")
	s.want(!strings.Contains(s.log.String(), "my long story"), "the log holds a comment")
	s.store.broken.Store(false)
	s.has(s.post(s.survey(id), url.Values{"score": {"2"}, "comment": {"my long story"}, "done": {"1"}}), 200)
}
