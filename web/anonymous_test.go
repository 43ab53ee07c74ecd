package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

var secretField = regexp.MustCompile(`<input type="hidden" name="secret" value="([A-Z2-7]{26})">`)

// secretOf is the secret that a page's form holds.
func (s *site) secretOf(page answer) string {
	s.Helper()
	found := secretField.FindStringSubmatch(page.body)
	s.want(found != nil, "a page without a secret:\n%s", page.body)
	return found[1]
}

func anonymous() survey.Program { return programs()[5] }

func TestAnonymousSurveyFromScoreToDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.inviteTo(anonymous(), "en")
	path := s.survey(id)

	page := s.get(path)
	s.has(page, 200, "Nobody at Northwind knows who you are.", `name="score" value="0"`)
	secret := s.secretOf(page)
	cookie := page.header.Get("Set-Cookie")
	for _, part := range []string{cookieSecret + "=" + secret, "Path=" + path + ";", "HttpOnly", "Secure", "SameSite=Lax", "Max-Age=7200"} {
		s.want(strings.Contains(cookie, part), "cookie %q without %s", cookie, part)
	}
	step := func(fields url.Values, texts ...string) {
		t.Helper()
		fields.Set("score", "3")
		fields.Set(fieldSecret, secret)
		page := s.post(path, fields)
		s.has(page, 200, texts...)
		s.want(s.secretOf(page) == secret || fields.Has("done"), "the secret changed")
	}
	step(url.Values{}, "What mattered most?")
	step(url.Values{"question": {"causes"}, "answer": {"speed"}}, "How serious is it?")
	step(url.Values{"question": {"serious"}, "answer": {"4"}}, "Tell us more.")
	page = s.post(path, url.Values{"score": {"3"}, "secret": {secret}, "comment": {"Too <loud>"}, "done": {"1"}})
	s.has(page, 200, "<b>3</b> / 10", "The speed", "Too &lt;loud&gt;")

	kept, err := s.store.AnonymousAnswer(t.Context(), id, secret)
	s.ok(err)
	s.want(kept.Score == 3 && kept.Comment == "Too <loud>" && kept.Done && len(kept.Answers) == 2, "kept %+v", kept)
	_, err = s.store.ResponseOf(t.Context(), id)
	s.want(err != nil, "there is a response with a name")
	s.want(len(s.items(store.TopicAnswer)) == 0 && s.notified.Load() == 0, "something follows the answer")
	for _, told := range []string{secret, "loud", id} {
		s.want(!strings.Contains(s.log.String(), told), "the log holds %q", told)
	}
}

func TestAnonymousAnswerIsOpenToItsBrowserAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.inviteTo(anonymous(), "en")
	path := s.survey(id)
	secret := s.secretOf(s.get(path))
	first := url.Values{"score": {"9"}, "secret": {secret}}
	s.has(s.post(path, first), 200, "What mattered most?")
	s.has(s.post(path, first), 200, "What mattered most?") // a double click, a reload

	mine := http.Header{"Cookie": {cookieSecret + "=" + secret}}
	s.has(s.do(http.MethodGet, path, mine, nil), 200, "What mattered most?")
	s.has(s.do(http.MethodGet, path+"?change=1", mine, nil), 200, `value="9" required autocomplete="off" checked`)
	for _, header := range []http.Header{nil, {"Cookie": {cookieSecret + "=" + strings.Repeat("A", 26)}}, {"Cookie": {cookieSecret + "=x"}}} {
		s.has(s.do(http.MethodGet, path, header, nil), http.StatusGone, "You have answered.")
	}
	s.has(s.post(path, url.Values{"score": {"0"}}), http.StatusGone, "You have answered.")
	s.has(s.post(path, url.Values{"score": {"0"}, "secret": {"x"}}), http.StatusGone, "You have answered.")
	s.has(s.post(path, url.Values{"score": {"8"}, "secret": {secret}}), 200)
	kept, err := s.store.AnonymousAnswer(t.Context(), id, secret)
	s.ok(err)
	s.want(kept.Score == 8, "score %d", kept.Score)

	for range 2 { // an hour, and another
		_, err := s.store.MixAnonymous(t.Context(), anonymous().ID, s.clock())
		s.ok(err)
	}
	s.has(s.do(http.MethodGet, path, mine, nil), http.StatusGone, "You have answered.")
	s.has(s.post(path, url.Values{"score": {"1"}, "secret": {secret}}), http.StatusGone, "You have answered.")
}

func TestAnonymousAnswerWithoutAPageBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := s.survey(s.inviteTo(anonymous(), "en"))
	s.has(s.post(path, url.Values{"score": {"11"}}), http.StatusUnprocessableEntity, "out of range")
	page := s.post(path, url.Values{"score": {"10"}})
	s.has(page, 200, "What mattered most?")
	s.has(s.post(path, url.Values{"score": {"10"}, "secret": {s.secretOf(page)}, "done": {"1"}}), 200)
}

func TestAnonymousPublicLink(t *testing.T) {
	t.Parallel()
	pulse := anonymous()
	pulse.ID, pulse.Kind, pulse.Trigger = "open-pulse", survey.InTheMoment, survey.Trigger{}
	s := newSite(t, func(o *Options) {
		o.Programs = append(o.Programs, pulse)
		o.Program = func(context.Context, string, string) (survey.Program, error) { return pulse, nil }
	})
	s.ok(s.store.SaveProgram(t.Context(), pulse))
	path := "/q/" + s.tokens.Seal(survey.TokenProgram, pulse.ID)
	page := s.get(path)
	s.has(page, 200, "Nobody at Northwind knows who you are.")
	visit := regexp.MustCompile(`name="visit" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	form := url.Values{"score": {"4"}, "visit": {visit}, "secret": {s.secretOf(page)}}
	for range 2 { // a double click
		s.has(s.post(path, form), 200, "What mattered most?")
	}
	found, err := s.store.Results(t.Context(), pulse.ID)
	s.ok(err)
	s.want(found.Waiting == 1 && found.Answered == 1, "%+v", found)
}

func TestAnonymousProgramTakesNoResponsesOfOtherTools(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	body := []byte(`{"id":"1","source":"typeform","program":"team-enps","score":3,"contact":{"id":"ada"}}`)
	got := s.do(http.MethodPost, "/v1/responses?crm=shop", http.Header{"Authorization": {"Bearer " + apiToken}}, body)
	s.has(got, http.StatusBadRequest, "program team-enps is anonymous")
	s.want(len(s.items(store.TopicAnswer)) == 0, "it was kept")
}
