package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

func TestHeadersOfPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	for _, got := range []answer{
		s.get("/"), s.get(s.survey(id)), s.get("/s/forged"), s.get(s.unsubscribe(id)), s.post(s.survey(id), url.Values{"score": {"x"}}),
	} {
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"Referrer-Policy":         "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"X-Robots-Tag": "noindex, nofollow", "Content-Type": "text/html; charset=utf-8", "Set-Cookie": "",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %q: want %q", name, got.header.Get(name), want)
			}
		}
		for _, inline := range []string{"<script", "style=", "<style", "onclick"} {
			s.want(!strings.Contains(got.body, inline), "page holds %q", inline)
		}
	}
}

func TestStylesheet(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.PublicURL = "https://example.com/cx/"; o.Brand.Color = "#ffcc00" })
	s.has(s.get("/"), 200, `href="/cx/static/page.css?v=`)
	css := s.get("/static/page.css?v=1")
	s.has(css, 200, "--brand:#ffcc00;--on-brand:#000", "prefers-color-scheme: dark")
	s.want(css.header.Get("Content-Type") == "text/css; charset=utf-8", "type %s", css.header)
}

func TestFormsBehindAProxyWithAPath(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.PublicURL = "https://example.com/cx" })
	path := s.survey(s.invite("en"))
	s.has(s.get(path), 200, `action="/cx`+path+`"`, `href="/cx/u/`)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.has(s.get("/nowhere"), 404)
	s.has(s.get("/s/"), 404)
	got := s.do(http.MethodDelete, "/s/x", nil, nil)
	s.has(got, 405)
	s.want(strings.Contains(got.header.Get("Allow"), "POST"), "Allow: %s", got.header.Get("Allow"))
	s.has(s.get("/hooks/shop"), 405)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.has(s.get("/healthz"), 200, "ok")
	s.has(s.get("/readyz"), 200, "ready")
	s.store.broken.Store(true)
	s.has(s.get("/healthz"), 200, "ok")
	got := s.get("/readyz")
	s.has(got, 503, "not ready")
	s.want(!strings.Contains(got.body, errBroken.Error()) && strings.Contains(s.log.String(), errBroken.Error()), "the reason belongs into the log alone")
}

func TestHealthOnThePrivateListenerAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.Private = true })
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		s.has(s.get(path), 404)
	}
	s.server.opt.Health.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "up 1\n") })
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n", "/metrics": "up 1\n"} {
		w := httptest.NewRecorder()
		s.server.PrivateHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		s.want(w.Code == 200 && w.Body.String() == want, "%s: %d %s", path, w.Code, w.Body)
	}
}

func TestMetricsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server.opt.Health.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "up 1\n") })
	s.has(s.get("/metrics"), 200, "up 1")
	for _, by := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"} {
		s.has(s.do(http.MethodGet, "/metrics", http.Header{by: {"198.51.100.1"}}, nil), 404)
	}
	s.want(s.from("192.0.2.1", http.MethodGet, "/metrics").StatusCode == 404, "another machine reads the metrics")
}

func TestLogLeadsFromARequestToItsEvents(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.hook(shipped).header.Get("X-Request-Id")
	s.want(len(id) == 12, "request id %q", id)
	event, err := s.store.EventReference(t.Context(), "e1")
	s.ok(err)
	for _, line := range []string{
		`msg="event kept" request_id=` + id + ` topic=event program=won-nps crm=shop event=` + event,
		`msg=request request_id=` + id + ` method=POST route="POST /hooks/{crm}" status=200`,
	} {
		s.want(strings.Contains(s.log.String(), line), "log without %s:\n%s", line, s.log)
	}
}

func TestLogNamesRoutesAndNoTokens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invite("en")
	token := s.survey(id)[len("/s/"):]
	s.get("/s/" + token + "?score=7")
	s.post("/s/"+token, url.Values{"score": {"7"}})
	s.get("/s/" + token[:len(token)-1] + "?score=7")
	log := s.log.String()
	s.want(strings.Contains(log, `route="GET /s/{token}" status=200`) && strings.Contains(log, `route="POST /s/{token}" status=200`), "log:\n%s", log)
	s.want(strings.Contains(log, `route="GET /s/{token}" status=404`), "log:\n%s", log)
	s.want(!strings.Contains(log, token[len(token)-20:len(token)-1]) && !strings.Contains(log, "score=7"), "the log holds a token or a score:\n%s", log)
}

type panicking struct{}

func (panicking) Receive(crm.Delivery) ([]survey.Event, error) { panic("a bug") }

func TestPanicIsSurvived(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.Receivers["buggy"] = panicking{} })
	s.has(s.do(http.MethodPost, "/hooks/buggy", nil, nil), 500, "internal error")
	s.want(strings.Contains(s.log.String(), "a bug"), "log:\n%s", s.log)
	s.has(s.get("/healthz"), 200)
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		change Options
		want   string
	}{
		{Options{PublicURL: "cx.example.com"}, `public url "cx.example.com": want an absolute address`},
		{Options{PublicURL: "https://x.example", Receivers: map[string]crm.Receiver{"slack": panicking{}}}, `crm id "slack" is taken`},
		{Options{PublicURL: "https://x.example", Brand: Brand{Color: "red;}"}}, `brand: colour "red;}": want #rrggbb`},
	} {
		test.change.Store = &flaky{}
		_, err := New(test.change)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("New: %v: want %s", err, test.want)
		}
	}
}

func TestTextOnColor(t *testing.T) {
	t.Parallel()
	for color, want := range map[string]string{
		"#000000": "#ffffff", "#ffffff": "#000000", "#1f5eff": "#ffffff", "#FFCC00": "#000000", "#767676": "#000000", "#d0021b": "#ffffff",
		"": "", "#fff": "", "red": "", "1f5eff0": "", "#12345g": "", "#+12345": "",
	} {
		if got, err := survey.TextOn(color); got != want || (err == nil) == (want == "") {
			t.Errorf("TextOn(%q) = %q, %v: want %q", color, got, err, want)
		}
	}
}
