package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/survey"
)

// widgetHost is a page of another origin with a strict policy of its own. Without a
// target the survey is a panel.
func widgetHost(t *testing.T, s **site, token *string, target string) *httptest.Server {
	t.Helper()
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		url := (*s).url
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; script-src "+url+"; frame-src "+url+"; require-trusted-types-for 'script'")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><link rel="icon" href="data:,"><title>Shop</title></head><body><h1>Shop</h1>
			<p><a id="first" href="#x">A link</a></p><section id="here"></section>
			<script src="%s/widget.js" data-program="chat" data-token="%s" data-target="%s" async></script></body></html>`, url, *token, target)
	}))
	t.Cleanup(host.Close)
	return host
}

// hostedSite is a site and a host that may show its surveys, with an invitation.
func hostedSite(t *testing.T, target string) (*site, *httptest.Server, string) {
	t.Helper()
	var s *site
	var token string
	host := widgetHost(t, &s, &token, target)
	s = newSite(t, func(o *Options) {
		o.EmbedOrigins = []string{host.URL}
	})
	id := s.invite("de")
	token = s.tokens.Seal(survey.TokenSurvey, id)
	return s, host, id
}

// inner is the widget's shadow root.
const inner = `[...document.querySelectorAll("div")].find((d) => d.shadowRoot)?.shadowRoot`

func TestWidgetInABrowser(t *testing.T) {
	t.Parallel()
	s, host, id := hostedSite(t, "")
	page := browsertest.Browser(t)
	page.Open(host.URL)
	page.Wait(`!!` + inner + `?.querySelector(".corner.open")`)
	page.Wait(inner + `.querySelector("button").getAttribute("aria-label") === "Schließen"`)
	page.Wait(inner + `.querySelector("[role=dialog]").getAttribute("aria-label") === "Umfrage"`)
	page.Wait(`document.activeElement === document.body`) // nobody's focus is taken
	for _, width := range []int64{375, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			page.Show(width, 800, scheme)
			page.Wait("innerWidth === " + itoa(width))
			page.Screenshot(fmt.Sprintf("widget-%d-%s", width, scheme))
		}
	}
	s.want(browsertest.Eval[bool](page, `document.documentElement.scrollWidth <= innerWidth`), "the page scrolls sideways")

	// The keyboard goes into the survey, answers and comes out by Esc.
	page.Wait(`(document.querySelector("#first").focus(), true)`)
	press := func(keys ...string) {
		for _, key := range keys {
			page.Do(chromedp.KeyEvent(key))
		}
	}
	before := browsertest.Eval[int64](page, inner+`.querySelector("iframe").offsetHeight`)
	press("\t", "\t", " ", "\t", "\r") // close button, first score, chosen, send
	page.Wait(inner + `?.querySelector("iframe").offsetHeight !== ` + itoa(before))
	s.want(s.response(id).Score == 0, "score %d: want 0", s.response(id).Score)
	page.Screenshot("widget-answered")
	page.Wait(`!!` + inner + `?.querySelector(".open")`)
	page.Click(`#first`)
	page.Wait(`(document.querySelector("#first").focus(), true)`)
	press("\t", "\u001b")
	page.Wait(`!(` + inner + `)`)
	page.Wait(`document.activeElement.id === "first"`)
	page.Open(host.URL + "/?again") // dismissed for the session
	page.Wait(`document.readyState === "complete" && !(` + inner + `)`)
	s.want(browsertest.Eval[int](page, `document.cookie.length + localStorage.length`) == 0, "something is kept on the host's page")
	s.clean(page)
}

func TestWidgetInline(t *testing.T) {
	t.Parallel()
	s, host, _ := hostedSite(t, "#here")
	page := browsertest.Browser(t)
	page.Open(host.URL)
	page.Wait(`document.querySelector("#here > div")?.shadowRoot?.querySelector(".inline.open iframe")?.offsetHeight > 200`)
	page.Screenshot("widget-inline")
	s.clean(page)
}

// A script in the head runs before there is a body.
func TestWidgetInTheHead(t *testing.T) {
	t.Parallel()
	var s *site
	var token string
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><link rel="icon" href="data:,"><title>Shop</title>
			<script src="%s/widget.js" data-token="%s" data-target="#here"></script></head><body><section id="here"></section></body></html>`, s.url, token)
	}))
	t.Cleanup(host.Close)
	s = newSite(t, func(o *Options) { o.EmbedOrigins = []string{host.URL} })
	token = s.tokens.Seal(survey.TokenSurvey, s.invite("en"))
	page := browsertest.Browser(t)
	page.Open(host.URL)
	page.Wait(`!!document.querySelector("#here > div")?.shadowRoot?.querySelector(".inline.open iframe")`)
	s.clean(page)
}

func TestEmbeddedPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.EmbedOrigins = []string{"https://app.example.com", "https://shop.example.com"} })
	path := s.survey(s.invite("en"))
	policy := func(a answer) string { return a.header.Get("Content-Security-Policy") }
	inside := s.get(path + "?embed=1")
	s.has(inside, 200, `?embed=1"`, `<script src="/static/embed.js?v=`, `data-step="score"`)
	s.want(strings.Contains(policy(inside), "script-src 'self'; ") && strings.Contains(policy(inside), "frame-ancestors https://app.example.com https://shop.example.com;"), "%s", policy(inside))
	alone := s.get(path)
	s.want(!strings.Contains(alone.body, "script") && policy(alone) == "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'", "%s", policy(alone))
	s.has(s.do(http.MethodPost, path+"?embed=1", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte("score=9&done=1")), 200, "?embed=1&amp;change=1", `data-step="done"`)
	s.has(s.get("/s/wrong?embed=1"), 404, `data-step="message"`)

	widget := s.get("/widget.js")
	s.has(widget, 200)
	s.want(len(widget.body) < 15_000 && strings.HasPrefix(widget.header.Get("Content-Type"), "text/javascript"), "%d bytes, %s", len(widget.body), widget.header)
	s.has(s.get("/static/embed.js"), 200)

	closed := newSite(t)
	closed.has(closed.get("/widget.js"), 404)
	path = closed.survey(closed.invite("en")) + "?embed=1"
	closed.want(strings.Contains(policy(closed.get(path)), "frame-ancestors 'none'"), "embedded without a site that may")
}
