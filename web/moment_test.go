package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// momentSite has a program in the moment, and a real decision about who is asked.
func momentSite(t *testing.T, change ...func(*Options)) *site {
	return newSite(t, append([]func(*Options){func(o *Options) {
		kept, err := activities.NewPrograms(t.Context(), o.Store, o.Programs)
		if err != nil {
			t.Fatal(err)
		}
		o.Inviter = activities.NewMoment(&activities.Invitations{
			Store: o.Store, Programs: kept, Clock: o.Clock, NewID: o.NewID,
			Rules: survey.ContactRules{Quarantine: survey.Span(24 * time.Hour)},
		})
	}}, change...)...)
}

// call posts JSON with an API token.
func (s *site) call(path, body string) answer {
	s.Helper()
	return s.do(http.MethodPost, path, http.Header{"Authorization": {"Bearer " + apiToken}}, []byte(body))
}

func (s *site) invitedBy(a answer) (out invitedAnswer) {
	s.Helper()
	s.has(a, 200)
	s.ok(json.Unmarshal([]byte(a.body), &out))
	return out
}

func TestInvitationInTheMoment(t *testing.T) {
	t.Parallel()
	s := momentSite(t)
	body := `{"id": "chat-1", "program": "chat-nps", "contact": {"id": 77, "first_name": "Ada", "locale": "de-AT"}, "account": {"id": "7"}, "data": {"topic": "x"}}`
	first := s.call("/v1/invitations", body)
	made := s.invitedBy(first)
	s.want(made.State == survey.InvitationSent && made.Rule == "", "made %+v", made)
	path := strings.TrimPrefix(made.URL, "https://cx.example.com")
	s.has(s.get(path), 200, "Würden Sie Northwind empfehlen?", `lang="de"`)
	s.has(s.call("/v1/invitations", body), 200, strings.TrimSpace(first.body))

	kept, err := s.store.Invitation(s.Context(), made.Invitation)
	s.ok(err)
	s.want(kept.Invitation.Channel == survey.ChannelLink && kept.Invitation.SentAt.Equal(start), "kept %+v", kept.Invitation)
	s.want(kept.Contact.FirstName == "Ada" && kept.Account.ID == "7", "kept %+v", kept)

	again := s.invitedBy(s.call("/v1/invitations", strings.Replace(body, "chat-1", "chat-2", 1)))
	s.want(again.State == survey.InvitationSuppressed && again.Rule == survey.RuleQuarantine && again.URL == "", "again %+v", again)

	s.has(s.post(path, url.Values{"score": {"3"}, "done": {"1"}}), 200, "Thank you, Ada!")
	s.want(s.response(made.Invitation).Score == 3, "not kept")
	picture := s.get(strings.TrimPrefix(made.QR, "https://cx.example.com"))
	s.has(picture, 200, "<svg ")
	s.want(picture.header.Get("Content-Type") == "image/svg+xml", "%s", picture.header)
	s.has(s.get("/s/nothing.AAAA/qr.svg"), 404)
}

func TestInvitationNamesTheMistake(t *testing.T) {
	t.Parallel()
	s := momentSite(t)
	for body, want := range map[string]string{
		``:                                `body is not a JSON object`,
		`{}`:                              `id is missing`,
		`{"id":"1"}`:                      `program is missing`,
		`{"id":"1","program":"chat-nps"}`: `contact.id is missing`,
		`{"id":"1","program":"chat-nps","contact":{"id":"1","email":"x"}}`:           `contact.email is not an e-mail address`,
		`{"id":"1","program":"chat-nps","contact":[]}`:                               `contact is not an object`,
		`{"id":"1","program":"chat-nps","contact":{"id":"1"},"account":{"id":true}}`: `account.id is neither text nor a number`,
		`{"id":"1","program":"chat-nps","contact":{"id":"1"},"data":1}`:              `data is not an object`,
		`{"id":"1","program":"chat-nps","contact":{"id":"1"},"locale":"fr"}`:         `has an unknown field: known are id, program, contact, account, data`,
		`{"id":"1","program":"nothing","contact":{"id":"1"}}`:                        `none of those that are configured: want one of kind in_the_moment, which are chat-nps`,
		`{"id":"1","program":"won-nps","contact":{"id":"1"}}`:                        `program is transactional: want one of kind in_the_moment`,
		`{"id":"1","program":"chat-nps","contact":{"id":"1"}} {}`:                    `is followed by something else`,
	} {
		s.has(s.call("/v1/invitations", body), 400, want)
	}
	s.has(s.do(http.MethodPost, "/v1/invitations", nil, []byte(`{}`)), 401)
	s.has(s.call("/v1/invitations?crm=other", `{}`), 400, "is not configured")
}

var visitField = regexp.MustCompile(`name="visit" value="([^"]+)"`)

func TestPublicLink(t *testing.T) {
	t.Parallel()
	s := momentSite(t)
	path := strings.TrimPrefix(ProgramURL("", s.tokens, "chat-nps"), "https://cx.example.com")
	german := s.do(http.MethodGet, path, http.Header{"Accept-Language": {"pt, de-CH;q=0.8, en;q=0.5"}}, nil)
	s.has(german, 200, "Würden Sie Northwind empfehlen?")
	page := s.get(path)
	s.has(page, 200, "Would you recommend Northwind?", "About your data.")
	s.want(!strings.Contains(page.body, "Unsubscribe") && page.header.Get("Set-Cookie") == "", "%s %s", page.header, page.body)
	form := func(page answer, score string) url.Values {
		return url.Values{"visit": {visitField.FindStringSubmatch(page.body)[1]}, "score": {score}}
	}
	s.has(s.post(path, form(page, "11")), 422, "out of range", `name="visit"`)
	s.has(s.post(path, url.Values{"score": {"3"}}), 422, "incomplete")
	s.want(len(s.items(store.TopicAnswer)) == 0, "a refused answer is kept")

	step := s.post(path, form(page, "2"))
	s.has(step, 200, "Tell us more.", `action="/s/`)
	s.want(!strings.Contains(step.body, "seen.css"), "a visit is kept of whom no mail led here")
	s.has(s.post(path, form(page, "3")), 200, "Tell us more.") // a double click, a reload, a correction
	next := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(step.body)[1]
	s.has(s.post(next, url.Values{"score": {"3"}, "comment": {"Slow <b>"}, "done": {"1"}}), 200, "Slow &lt;b&gt;")
	s.has(s.get(next), 200, "Slow &lt;b&gt;")
	items := s.items(store.TopicAnswer)["chat-nps"]
	s.want(len(items) == 1, "%d answers: want 1", len(items))

	id, err := s.tokens.Open(survey.TokenSurvey, strings.TrimPrefix(next, "/s/"))
	s.ok(err)
	r := s.response(id)
	s.want(r.Score == 3 && r.ContactKey == "" && r.Comment == "Slow <b>" && r.Revision == 3, "response %+v", r)
	s.has(s.post(path, form(s.get(path), "9")), 200, "Tell us more.") // another visit is another answer

	for _, wrong := range []string{"/q/chat-nps.AAAA", "/q/" + s.tokens.Seal(survey.TokenSurvey, "chat-nps")} {
		s.has(s.get(wrong), 404)
	}
	s.has(s.get("/q/"+s.tokens.Seal(survey.TokenProgram, "won-nps")), 410, "takes no answers")
}
