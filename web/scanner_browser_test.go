package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/survey"
)

// People with a browser, behind a scanner at their own address with the same browser,
// which is in a network of scanners: all that tells them apart is what they do.
func TestPeopleInABrowserAreNotHeld(t *testing.T) {
	t.Parallel()
	s := newSite(t, throughProxy, func(o *Options) {
		o.ScannerNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	})
	page := browsertest.Browser(t)
	page.Open(s.url + "/")
	agent := browsertest.Eval[string](page, "navigator.userAgent")
	open := func(id string) {
		for score := range 11 {
			s.has(s.do(http.MethodGet, s.survey(id)+"?score="+strconv.Itoa(score), http.Header{"User-Agent": {agent}}, nil), 200)
		}
		s.advance(3 * time.Minute)
		page.Open(s.url + s.survey(id) + "?score=9")
	}
	for name, answer := range map[string]func(){
		"double click": func() {
			page.Wait(`(document.querySelector("button").click(), document.querySelector("button")?.click(), true)`)
		},
		"mis-tap, corrected": func() {
			page.Click(`input[value="1"]`)
			page.Click("button")
			page.WaitVisible("textarea")
			page.Click(".given a")
			page.WaitVisible(".scale")
			page.Click(`input[value="9"]`)
			page.Click("button")
		},
		"reload of the page after": func() {
			page.Click("button")
			page.WaitVisible("textarea")
			page.Wait(`(setTimeout(() => location.reload(), 0), true)`)
		},
	} {
		id := s.invite("en")
		open(id)
		answer()
		page.WaitVisible(".given")
		r := s.response(id)
		s.want(r.Score == 9 && r.State == survey.Provisional, "%s: response %+v", name, r)
	}
	held, err := s.store.HeldAnswers(t.Context(), 10)
	s.ok(err)
	s.want(len(held) == 0, "held: %+v", held)

	id := s.invite("en")
	forged := url.Values{"score": {"9"}, "page": {"aaaaaaaaaa"}}.Encode()
	header := http.Header{"User-Agent": {agent}, "Content-Type": {"application/x-www-form-urlencoded"}}
	s.has(s.do(http.MethodPost, s.survey(id), header, []byte(forged)), 200)
	held, err = s.store.HeldAnswers(t.Context(), 10)
	s.ok(err)
	s.want(len(held) == 1, "a page that was never shown is taken for one that was: %+v", held)
	s.clean(page)
}

// The back button leads to the answer that was given, and what is sent from there corrects
// it.
func TestBackButtonIsACorrection(t *testing.T) {
	t.Parallel()
	s := newSite(t, throughProxy)
	id := s.invite("en")
	page := s.openPage(s.survey(id) + "?score=9")
	page.Click("button")
	page.WaitVisible("textarea")
	s.want(browsertest.Eval[bool](page, `(setTimeout(() => history.back(), 0), true)`), "no way back")
	page.Wait(`location.search === "?score=9" && !!document.querySelector(".given a")`)
	s.want(s.response(id).Revision == 1, "the way back changes the answer: %+v", s.response(id))
	page.Click(".given a")
	page.WaitVisible(".scale")
	page.Click(`input[value="4"]`)
	page.Do(chromedp.SendKeys(chromedp.CSS("textarea"), "not quite"))
	page.Click("button")
	page.WaitVisible("blockquote")
	r := s.response(id)
	s.want(r.Score == 4 && r.Comment == "not quite" && r.Done && r.Revision == 2, "response %+v", r)
	held, err := s.store.HeldAnswers(t.Context(), 10)
	s.ok(err)
	s.want(len(held) == 0, "held: %+v", held)
	s.clean(page)
}

// A tab left open, the forwarded mail and the first reader are one response.
func TestOneResponseFromTwoTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	one, two := s.openPage(s.survey(id)), s.openPage(s.survey(id)+"?score=3")
	one.Click(`input[value="9"]`)
	one.Click("button")
	one.WaitVisible("textarea")
	two.Click("button")
	two.WaitVisible("textarea")
	s.want(s.response(id).Score == 3 && s.response(id).Revision == 2, "response %+v", s.response(id))
	one.Do(chromedp.SendKeys(chromedp.CSS("textarea"), "after all")) // the older tab goes on
	one.Click("button")
	one.WaitVisible("blockquote")
	r := s.response(id)
	s.want(r.Score == 9 && r.Comment == "after all" && r.Done && r.Revision == 3, "response %+v", r)
	s.clean(one)
	s.clean(two)
}
