package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/survey"
)

// look checks a page on phones and screens, light and dark: nothing to scroll sideways,
// all that can be tapped large enough, all words easy to read.
func (s *site) look(page *browsertest.Page, name string) {
	s.Helper()
	for _, width := range []int64{320, 375, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			page.Show(width, 800, scheme)
			page.Wait("innerWidth === " + itoa(width))
			place := fmt.Sprintf("%s-%d-%s", name, width, scheme)
			s.want(browsertest.Eval[bool](page, "document.documentElement.scrollWidth <= innerWidth"), "%s: the page scrolls sideways", place)
			small := browsertest.Eval[string](page, `[...document.querySelectorAll(".scale label, .choice, input[type=text], textarea, button, a")].filter((e) => {
				const r = e.getBoundingClientRect(); return Math.min(r.width, r.height) < (e.closest(".problem") ? 24 : 44) }).map((e) => e.outerHTML).join()`)
			s.want(small == "", "%s: too small to tap: %s", place, small)
			faint := browsertest.Eval[string](page, contrastScript)
			s.want(faint == "", "%s: hard to read: %s", place, faint)
			page.Screenshot(place)
		}
	}
}

// contrastScript names the texts whose contrast is below 4.5 (WCAG 2.2, 1.4.3), and the
// fields whose border's is below 3 (1.4.11).
const contrastScript = `(() => {
	const rgb = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => { const [r, g, b] = rgb(c).map((v) => (v /= 255, v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b };
	const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m); return (x + 0.05) / (y + 0.05) };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return getComputedStyle(e).backgroundColor }
		return "rgb(255, 255, 255)" };
	const words = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
	const fields = [...document.querySelectorAll(".scale span, .choice, input[type=text], textarea")];
	return [...words.filter((e) => ratio(getComputedStyle(e).color, behind(e)) < 4.5),
		...fields.filter((e) => ratio(getComputedStyle(e).borderTopColor, behind(e.parentElement)) < 3)].map((e) => e.outerHTML.slice(0, 80)).join("\n");
})()`

// namelessScript names the fields that a screen reader has no words for, and headings and
// landmarks that are missing.
const namelessScript = `(() => {
	const named = (e) => [...(e.labels || [])].some((l) => l.textContent.trim()) || (e.getAttribute("aria-labelledby") || "").split(" ").some((id) => document.getElementById(id)?.textContent.trim());
	const nameless = [...document.querySelectorAll("input:not([type=hidden]), textarea")].filter((e) => !named(e)).map((e) => e.outerHTML);
	const groups = [...document.querySelectorAll("input[type=radio], input[type=checkbox]")].filter((e) => !e.closest("fieldset")?.querySelector("legend")?.textContent.trim()).map((e) => e.outerHTML);
	const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
	const twice = ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => "id " + id + " twice");
	const lost = [...document.querySelectorAll("[aria-describedby], [aria-labelledby]")].flatMap((e) => ((e.getAttribute("aria-describedby") || "") + " " + (e.getAttribute("aria-labelledby") || "")).split(" ")).filter((id) => id && !ids.includes(id)).map((id) => "no " + id);
	const parts = ["h1", "main"].filter((p) => document.querySelectorAll(p).length !== 1).map((p) => "want one " + p);
	if (!document.documentElement.lang) parts.push("no language");
	if (!document.title) parts.push("no title");
	return [...nameless, ...groups, ...twice, ...lost, ...parts].join("\n");
})()`

func (s *site) accessible(page *browsertest.Page, name string) {
	s.Helper()
	found := browsertest.Eval[string](page, namelessScript)
	s.want(found == "", "%s: %s", name, found)
	found = page.Axe()
	s.want(found == "", "%s: axe-core finds\n%s", name, found)
}

func TestQuestionsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, path := s.asking("en")
	page := s.openPage(path + "?score=2")
	step := func(name, field string) {
		page.WaitVisible(field)
		s.accessible(page, name)
		s.look(page, "survey-"+name)
	}
	step("score", `.of-11`)
	page.Click("button")
	step("causes", `input[name="other"]`)
	page.Click(`input[value="price"]`)
	page.Click(`input[name="other"]`)
	page.Do(chromedp.SendKeys(chromedp.CSS(`input[name="other"]`), "the noise"))
	page.Screenshot("survey-causes-chosen")
	page.Click("button")
	step("scale", `.of-5`)
	page.Click(`input[value="4"]`)
	page.Click("button")
	step("text", `textarea[name="answer"]`)
	page.Do(chromedp.SendKeys(chromedp.CSS("textarea"), "Half of it"))
	page.Click("button")
	step("comment", `textarea[name="comment"]`)
	page.Click("button")
	step("done", `.answers`)
	page.WaitText(".answers li", "the noise")
	r := s.response(id)
	s.want(r.Done && len(r.Answers) == 3 && r.Answers["serious"].Has("4") && r.Answers[survey.Causes].Text == "the noise", "response %+v", r)
	s.clean(page)
}

// The browser itself asks for what is required; a browser that does not gets a page that
// leads to the field.
func TestMissingAnswerInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, path := s.asking("ar")
	page := s.openPage(path + "?score=2")
	page.Click("button")
	page.WaitVisible(`input[name="other"]`)
	page.Click("button")
	page.WaitVisible(".of-5")
	page.Wait(`(document.querySelectorAll("[required]").forEach((e) => e.removeAttribute("required")), true)`)
	page.Click("button")
	page.WaitVisible(".problem")
	page.WaitText(".problem", "Please choose.")
	s.accessible(page, "problem")
	s.look(page, "survey-problem")
	s.want(browsertest.Eval[string](page, "document.documentElement.dir") == "rtl", "the page is not from right to left")
	page.Click(".problem a")
	page.Wait(`location.hash === "#answer"`)
}
