package web

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// untouched is a store that a test mail's pages must not need.
type untouched struct{ store.Store }

func testedSite(t *testing.T, change func(*survey.Program)) (*site, string) {
	t.Helper()
	program := programs()[0]
	change(&program)
	s := newSite(t, func(o *Options) { o.Programs, o.Store = []survey.Program{program}, untouched{} })
	return s, "/p/" + s.tokens.Seal(survey.TokenTest, survey.TestID(program.ID, "de"))
}

func textOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// A test mail's links lead through all pages, and nothing is kept.
func TestPagesOfATestMail(t *testing.T) {
	t.Parallel()
	s, path := testedSite(t, func(p *survey.Program) {
		p.Questions = []survey.Question{{
			ID: "why", Type: survey.FreeText, Text: survey.Words{"en": "Why so?", "de": "Warum?"},
		}}
		p.FollowUp.Review = &survey.ReviewRule{Sites: []survey.ReviewSite{{URL: "https://reviews.example/w"}}}
		p.FollowUp.Testimonial = &survey.TestimonialRule{}
		german := p.Texts["de"]
		german.AskTexts = config.Templates()["nps"].Texts["de"].AskTexts
		p.Texts["de"] = german
	})
	read := func(method, at string, form url.Values, want ...string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.url+at, strings.NewReader(form.Encode()))
		s.ok(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
		s.ok(err)
		defer resp.Body.Close()
		body := textOf(t, resp)
		for _, text := range append(want, "nothing is recorded", `lang="de"`) {
			if !strings.Contains(body, text) {
				t.Errorf("%s %s: no %q in\n%s", method, at, text, body)
			}
		}
		if strings.Contains(body, "/s/") || strings.Contains(body, "/a/") || strings.Contains(body, "/u/") || strings.Contains(body, "/r/") {
			t.Errorf("%s %s leads to a real page:\n%s", method, at, body)
		}
	}
	read("GET", path, nil, "Würden Sie Northwind empfehlen?", `action="`+path+`"`)
	read("GET", path+"?score=9", nil, `value="9" required autocomplete="off" checked`)
	read("POST", path, url.Values{"score": {"9"}}, "Warum?")
	read("POST", path, url.Values{"score": {"9"}, "question": {"why"}, "answer": {"weil"}, "again": {"1"}}, "Tell us more.")
	read("POST", path, url.Values{"score": {"9"}, "comment": {"gut"}, "done": {"1"}}, "Thank you")
	read("POST", path, url.Values{"score": {"12"}}, "problem")
	read("GET", path+"?page=unsubscribe", nil, "Unsubscribe", `action="`+path+`"`)
	read("POST", path+"?page=unsubscribe", url.Values{"List-Unsubscribe": {"One-Click"}}, "No more mails from Northwind.")
	read("GET", path+"?page=referral", nil, "Recommend Northwind")
	read("GET", path+"?page=review", nil, "Bewertung schreiben")
	read("GET", path+"?page=testimonial", nil, "Dürfen wir Sie zitieren?", "Tell us more.")
	read("POST", path+"?page=testimonial", url.Values{"consent": {"1"}}, "Sie werden nicht zitiert.")
	got := s.post(path+"?page=review", url.Values{"site": {"0"}})
	s.want(got.status == http.StatusSeeOther && got.header.Get("Location") == "https://reviews.example/w", "%d %s", got.status, got.header)
}

func TestLinksOfTestMailsThatAreNotValid(t *testing.T) {
	t.Parallel()
	s, _ := testedSite(t, func(*survey.Program) {})
	for _, token := range []string{
		"won-nps_de.AAAA", s.tokens.Seal(survey.TokenSurvey, survey.TestID("won-nps", "de")), s.tokens.Seal(survey.TokenTest, "gone_de"),
	} {
		resp, err := http.Get(s.url + "/p/" + token)
		s.ok(err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", token, resp.StatusCode)
		}
	}
}

// A program may have a name, a colour and a privacy notice of its own.
func TestProgramsOwnBrand(t *testing.T) {
	t.Parallel()
	s, path := testedSite(t, func(p *survey.Program) {
		p.Brand = &survey.Brand{Name: "Zeta", Color: "#ffcc00", PrivacyURL: "https://zeta.example/privacy"}
	})
	resp, err := http.Get(s.url + path)
	s.ok(err)
	defer resp.Body.Close()
	page := textOf(t, resp)
	for _, want := range []string{"<header>Zeta</header>", "Würden Sie Zeta empfehlen?", "https://zeta.example/privacy", "color=ffcc00"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	for query, want := range map[string]string{"?color=ffcc00": "--brand:#ffcc00;--on-brand:#000000", "": "--brand:#1f5eff", "?color=red%3B%7D": ""} {
		style, err := http.Get(s.url + "/static/page.css" + query)
		s.ok(err)
		css := textOf(t, style)
		style.Body.Close()
		if want == "" && style.StatusCode != http.StatusNotFound || !strings.Contains(css, want) {
			t.Errorf("%q: %d %.80s", query, style.StatusCode, css)
		}
	}
}
