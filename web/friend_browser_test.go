package web

import (
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/cxloop/cxloop/browsertest"
)

// written has no fault, at any width and in any colours.
func (s *site) written(page *browsertest.Page, name string) {
	s.Helper()
	found := page.Axe()
	s.want(found == "", "%s: axe-core finds\n%s", name, found)
	for _, width := range []int64{390, 1200} {
		for _, scheme := range []string{"light", "dark"} {
			page.Show(width, 900, scheme)
			page.Wait("innerWidth === " + itoa(width))
			s.want(browsertest.Eval[bool](page, "document.documentElement.scrollWidth <= innerWidth"), "%s: at %d px the page scrolls sideways", name, width)
			found := browsertest.Eval[string](page, contrastScript)
			s.want(found == "", "%s: at %d px, %s, too little contrast:\n%s", name, width, scheme, found)
			page.Screenshot(name + "-" + itoa(width) + "-" + scheme)
		}
	}
}

func TestPromoterPassesTheLinkOnInABrowser(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	page := s.openPage(s.referral(s.ask(s.invite("en"))))
	page.Click("button")
	page.WaitVisible("#copy") // the script is allowed
	s.written(page, "share")
	page.Click("#copy")
	page.WaitText("#copied", "The link is copied.")
	s.clean(page)
}

func TestFriendInABrowser(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	path := s.friends(s.ask(s.invite("en")))
	page := s.openPage(path)
	page.WaitVisible("#email")
	s.want(!browsertest.Eval[bool](page, `(() => { const r = document.getElementById("website").getBoundingClientRect(); return document.elementsFromPoint(r.x, r.y).some((e) => e.id === "website") })()`), "the trap is seen")
	s.written(page, "friend")
	fill := func(field, text string) { page.Do(chromedp.SendKeys(chromedp.CSS(field), text)) }
	fill("#first_name", "Grace")
	fill("#email", "grace@harbour.example")
	fill("#company", "Harbour")
	fill("#message", "How dear?\nAnd how soon?")
	page.Click("#consent")
	s.clean(page)
	page.Click("button")
	page.WaitText("#problem", "Nothing was sent yet. Please check your details and send them once more.") // too fast
	s.written(page, "friend-again")
	s.advance(time.Minute)
	page.Click("button")
	page.WaitText("h1", "Thank you! Your details have arrived.")
	s.written(page, "friend-thanks")
	leads := s.leads()
	s.want(len(leads) == 1 && regexp.MustCompile(`^How dear\?\r?\nAnd how soon\?$`).MatchString(leads[0].Friend.Message), "%+v", leads)
}
