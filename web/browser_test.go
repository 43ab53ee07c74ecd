package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// openPage opens a page in a browser that has scripts of its own only.
func (s *site) openPage(path string) *browsertest.Page {
	s.Helper()
	page := browsertest.Browser(s.T)
	page.Open(s.url + path)
	return page
}

func (s *site) clean(page *browsertest.Page) {
	s.Helper()
	s.want(len(page.Problems()) == 0, "the browser complains: %q", page.Problems())
}

func TestSurveyInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	page := s.openPage(s.survey(id) + "?score=9")
	page.Wait(`document.querySelector("input:checked").value === "9"`)
	page.Wait(`getComputedStyle(document.querySelector("main")).borderRadius !== "0px"`) // the style is allowed
	page.Click(`input[value="2"]`)
	page.Click("button")
	page.WaitVisible("textarea")
	page.WaitText("p", "Tell us more.")
	page.Wait(`(document.querySelector("textarea").value = "Slow\nand dear", true)`)
	page.Click("button")
	page.WaitVisible("blockquote")
	page.WaitText("blockquote", "Slow\nand dear")
	r := s.response(id)
	s.want(r.Score == 2 && r.Done && r.Comment == "Slow\nand dear", "response %+v", r)
	s.clean(page)
}

func TestSurveyOnThePhones(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	page := s.openPage(s.survey(s.invite("en")))
	for _, width := range []int64{320, 360, 412, 768} {
		for _, scheme := range []string{"light", "dark"} {
			page.Show(width, 800, scheme)
			page.Wait("innerWidth === " + itoa(width))
			s.want(browsertest.Eval[bool](page, "document.documentElement.scrollWidth <= innerWidth"), "at %d px the page scrolls sideways", width)
			smallest := browsertest.Eval[float64](page, `Math.min(...[...document.querySelectorAll(".scale label, button, footer a")].map((e) => {
				const r = e.getBoundingClientRect(); return Math.min(r.width, r.height) }))`)
			s.want(smallest >= 44, "at %d px something to tap is %g px", width, smallest)
		}
	}
	s.clean(page)
}

func TestReferralInABrowser(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refer" { // as a campaign's address does
			http.Redirect(w, r, "/landed", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><link rel=icon href=data:,><p id=landed>Welcome" + r.Header.Get("Referer")))
	}))
	t.Cleanup(target.Close)
	s := newSite(t, func(o *Options) {
		o.Program = func(context.Context, string, string) (survey.Program, error) {
			program := programs()[0]
			program.FollowUp.Referral.URL = target.URL + "/refer"
			return program, nil
		}
	})
	ask := s.ask(s.invite("en"))
	page := s.openPage(s.referral(ask))
	page.Click("button")
	page.WaitVisible("#landed")
	s.want(browsertest.Eval[string](page, `document.querySelector("p").textContent`) == "Welcome", "the other site learns the link")
	found, err := s.store.Ask(s.Context(), ask)
	s.ok(err)
	s.want(found.Ask.State == survey.AskClicked, "ask %+v", found.Ask)
	s.clean(page)
}

func TestEffectsInABrowser(t *testing.T) {
	t.Parallel()
	s := operatorSite(t)
	_, first := s.unknownMail()
	id, second := s.unknownMail()
	s.lose(store.MailEffect(store.MailReminder, id))
	s.lose(store.CaseEffect("case1"))
	s.advance(3 * time.Hour)
	page := browsertest.Browser(t)
	page.Open(strings.Replace(s.url, "http://", "http://ada:"+apiToken+"@", 1) + "/effects")
	page.WaitText("h1", "Unknown effects")
	page.Open(s.url + "/effects") // the browser knows the password now
	page.WaitText("h2", "the reminder of invitation "+id)
	page.Wait(`getComputedStyle(document.querySelector("main")).borderRadius !== "0px"`) // the style is allowed
	for _, width := range []int64{375, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			page.Show(width, 800, scheme)
			page.Wait("innerWidth === " + itoa(width))
			s.want(browsertest.Eval[bool](page, "document.documentElement.scrollWidth <= innerWidth"), "at %d px the page scrolls sideways", width)
			smallest := browsertest.Eval[float64](page, `Math.min(...[...document.querySelectorAll("button, summary")].filter((e) => e.checkVisibility()).map((e) =>
				e.getBoundingClientRect().height))`)
			s.want(smallest >= 44, "at %d px something to tap is %g px high", width, smallest)
			page.Screenshot(fmt.Sprintf("effects-%d-%s", width, scheme))
		}
	}
	button := func(key, decision string) string { return `form:has([value="` + key + `"]) [value=` + decision + `]` }
	s.want(!browsertest.Eval[bool](page, `document.querySelector('`+button(first, "repeat")+`').checkVisibility()`), "one click repeats")
	page.Click(`details:has([value="` + first + `"]) summary`)
	page.Screenshot("effects-second-step")
	page.Click(button(first, "repeat"))
	page.WaitVisible("[role=status]")
	page.WaitText("[role=status]", "It is made again now.")
	page.Screenshot("effects-decided")
	page.Click(`a[href="effects"]`)
	page.Click(button(second, "done"))
	page.WaitVisible("[role=status]")
	page.WaitText("[role=status]", "It is taken as sent.")
	page.Click(`a[href="effects"]`)
	page.WaitVisible("article")
	page.WaitText("h2", "the first message of case case1")
	s.want(browsertest.Eval[int](page, `document.querySelectorAll("article").length`) == 2, "what was decided is still shown")
	s.clean(page)
}
