package web

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// decider decides in the store and begins nothing.
type decider struct{ *site }

func (d decider) Repeat(ctx context.Context, key string) (string, error) {
	_, err := d.store.RepeatEffect(ctx, key, d.newID(), d.clock())
	return "It is made again now.", err
}

func (d decider) TakeAsDone(ctx context.Context, key string) (string, error) {
	return "It is taken as sent.", d.store.AcceptEffect(ctx, key, d.clock())
}

// operatorSite is a server whose page of unknown effects works.
func operatorSite(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	s := newSite(t, change...)
	s.server.opt.Decider = decider{s}
	return s
}

// signedIn are the headers of an operator's browser.
func signedIn(user, token string) http.Header {
	return headers("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+token)),
		"Content-Type", "application/x-www-form-urlencoded")
}

func (s *site) effects() answer {
	s.Helper()
	return s.do(http.MethodGet, "/effects", signedIn("ada", apiToken), nil)
}

func (s *site) decide(key, decision string) answer {
	s.Helper()
	form := url.Values{"key": {key}, "decision": {decision}}
	return s.do(http.MethodPost, "/effects", signedIn("ada", apiToken), []byte(form.Encode()))
}

// lose makes an effect unknown after a quarter of an hour.
func (s *site) lose(key string) string {
	s.Helper()
	_, err := s.store.BeginEffects(s.Context(), "sendgrid", "", []string{key}, s.clock(), s.clock())
	s.ok(err)
	_, err = s.store.LoseEffects(s.Context(), []string{key}, s.clock().Add(15*time.Minute))
	s.ok(err)
	return key
}

// unknownMail is an invitation of whose mail nobody can tell, with its effect's key.
func (s *site) unknownMail() (id, key string) {
	s.Helper()
	id = s.admit("en")
	s.ok(s.store.MarkUnknown(s.Context(), []string{id}, s.clock(), programs()[0].ExpiresAt(s.clock())))
	return id, s.lose(store.MailEffect(store.MailInvite, id))
}

func TestOperatorsSignIn(t *testing.T) {
	t.Parallel()
	s := operatorSite(t)
	good := signedIn("ada", apiToken)
	with := func(pairs ...string) http.Header {
		h := good.Clone()
		for name, values := range headers(pairs...) {
			h[name] = values
		}
		return h
	}
	for name, tc := range map[string]struct {
		method string
		header http.Header
		status int
		text   string
	}{
		"nobody":               {http.MethodGet, nil, 401, "Please sign in"},
		"nobody decides":       {http.MethodPost, nil, 401, "Please sign in"},
		"a wrong password":     {http.MethodGet, signedIn("ada", "x"), 401, "Please sign in"},
		"no password":          {http.MethodGet, signedIn(apiToken, ""), 401, "Please sign in"},
		"a bearer's token":     {http.MethodGet, headers("Authorization", "Bearer "+apiToken), 401, "Please sign in"},
		"the other token":      {http.MethodGet, signedIn("", "another"), 200, "Nothing is unknown"},
		"a token":              {http.MethodGet, good, 200, "Nothing is unknown"},
		"another site":         {http.MethodPost, with("Sec-Fetch-Site", "cross-site"), 403, "another site"},
		"another site's form":  {http.MethodPost, with("Origin", "https://evil.example"), 403, "another site"},
		"a page of nowhere":    {http.MethodPost, with("Origin", "null"), 403, "another site"},
		"its own form":         {http.MethodPost, with("Sec-Fetch-Site", "same-origin"), 422, "decision: want repeat or done"},
		"its own form, no TLS": {http.MethodPost, with("Origin", s.url), 422, "decision: want repeat or done"},
		"through a proxy":      {http.MethodGet, with("X-Forwarded-For", "192.0.2.1"), 404, "Nothing is here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.do(tc.method, "/effects", tc.header, nil)
			s.has(got, tc.status, tc.text)
			s.want(got.header.Get("Cache-Control") == "no-store", "it is kept: %v", got.header)
			s.want((got.header.Get("WWW-Authenticate") == `Basic realm="cxloop", charset="UTF-8"`) == (tc.status == 401), "headers: %v", got.header)
		})
	}
	s.want(s.from("192.0.2.1", http.MethodGet, "/effects").StatusCode == 404, "another machine sees the page")
}

func TestEffectsWithoutTokens(t *testing.T) {
	t.Parallel()
	s := operatorSite(t, func(o *Options) { o.APITokens = nil })
	for _, header := range []http.Header{nil, signedIn("ada", "")} {
		s.has(s.do(http.MethodGet, "/effects", header, nil), 403, "security.api_tokens")
		s.has(s.do(http.MethodPost, "/effects", header, nil), 403, "security.api_tokens")
	}
}

func TestEffectsOnThePrivateListener(t *testing.T) {
	t.Parallel()
	s := operatorSite(t, func(o *Options) { o.Private, o.PublicURL = true, "https://example.com/cx" })
	s.has(s.effects(), 404)
	ask := func(path string, header http.Header) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.RemoteAddr, r.Header = "192.0.2.1:4711", header
		w := httptest.NewRecorder()
		s.server.PrivateHandler().ServeHTTP(w, r)
		return w
	}
	page := ask("/effects", signedIn("ada", apiToken))
	s.want(page.Code == 200 && strings.Contains(page.Body.String(), `href="/cx/static/page.css`), "%d %s", page.Code, page.Body)
	s.want(ask("/cx/static/page.css", http.Header{}).Code == 200, "no style")
	s.want(strings.Contains(s.log.String(), `route="GET /effects" status=200`), "log:\n%s", s.log)
	tries := 0
	for ask("/effects", signedIn("ada", "guessed")).Code == http.StatusUnauthorized {
		tries++
	}
	s.want(tries <= 10, "%d guesses", tries)
	s.server.limits.charge(formClass, netip.MustParseAddr("192.0.2.1"), 2*formClass.burst)
	s.want(ask("/effects", signedIn("ada", apiToken)).Code == http.StatusTooManyRequests, "not limited")
}

func TestEffectsPage(t *testing.T) {
	t.Parallel()
	s := operatorSite(t)
	mail, _ := s.unknownMail()
	s.lose(store.MailEffect(store.MailReminder, mail))
	ask := s.ask(s.invite("en"))
	s.lose(store.MailEffect(store.MailAsk, ask)) // it is sent meanwhile
	s.lose(store.CaseEffect("case1"))
	s.lose(store.MailEffect(store.MailInvite, "gone"))
	s.advance(26*time.Hour + 5*time.Minute)
	got := s.effects()
	s.has(got, 200,
		"the mail of invitation "+mail, "<code>won-nps</code>", `<time datetime="2026-11-21T12:00:00Z">21 November 2026, 12:00:00 UTC</time>, <span class="whole">26 h 5 min ago</span>`,
		"<dd>15 min 0 s</dd>", "without sendgrid.webhook_public_key no event can tell",
		"<code>cxloop_id</code> = <code>"+mail+"</code>", "<code>cxloop_kind</code> = <code>invite</code>", "the customer gets it twice",
		"the reminder of invitation "+mail, "A reminder is not repeated",
		"the mail of referral ask "+ask, "by now the state is “sent”",
		"the first message of case case1", "posted only where it is not there",
		"the mail of invitation gone", "not known any more",
	)
	s.want(strings.Count(got.body, `value="repeat"`) == 2 && strings.Count(got.body, `value="done"`) == 4, "buttons:\n%s", got.body)
	for _, personal := range []string{"@example.com", "Ada", "shop/"} {
		s.want(!strings.Contains(got.body, personal), "the page holds %q", personal)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"Referrer-Policy":         "same-origin", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	} {
		s.want(got.header.Get(name) == want, "%s: %q: want %q", name, got.header.Get(name), want)
	}
	s.want(!strings.Contains(got.body, "<script") && !strings.Contains(got.body, "style="), "more than a page:\n%s", got.body)
}

func TestEffectsOfAReaderWhoUnsubscribed(t *testing.T) {
	t.Parallel()
	s := operatorSite(t)
	id := s.admit("en")
	s.lose(store.MailEffect(store.MailInvite, id))
	found, err := s.store.Invitation(t.Context(), id)
	s.ok(err)
	s.ok(s.store.Unsubscribe(t.Context(), found.Contact.Key, s.clock()))
	got := s.effects()
	s.has(got, 200, "Its reader unsubscribed before that was known", "its reader has unsubscribed", `value="done"`)
	s.want(!strings.Contains(got.body, `value="repeat"`), "repeated:\n%s", got.body)
	s.has(s.decide(store.MailEffect(store.MailInvite, id), "repeat"), http.StatusConflict, "Nothing was changed")
}

func TestManyEffects(t *testing.T) {
	t.Parallel()
	s := operatorSite(t)
	for range shownEffects + 1 {
		s.lose(store.CaseEffect(s.newID()))
	}
	got := s.effects()
	s.has(got, 200, "Only the 100 oldest are shown")
	s.want(strings.Count(got.body, "<article") == shownEffects, "%d shown", strings.Count(got.body, "<article"))
}

func TestOperatorDecides(t *testing.T) {
	t.Parallel()
	s := operatorSite(t)
	first, firstKey := s.unknownMail()
	s.advance(time.Hour)
	second, secondKey := s.unknownMail()
	shown := s.lose(store.CaseEffect("case1"))
	for _, step := range []struct {
		key, decision string
		status        int
		text          string
	}{
		{firstKey, "repeat", 200, "It is made again now."},
		{firstKey, "repeat", 404, "Nothing was changed"}, // a second click
		{firstKey, "done", 404, "Nothing was changed"},
		{secondKey, "done", 200, "It is taken as sent."},
		{secondKey, "done", 404, "Nothing was changed"},
		{secondKey, "repeat", 404, "Nothing was changed"},
		{shown, "done", 404, "Nothing was changed"},
		{shown, "repeat", 200, "It is made again now."},
		{"", "done", 404, "Nothing was changed"},
		{"<b>", "done", 404, "&lt;b&gt;"},
		{secondKey, "delete", 422, "decision: want repeat or done"},
	} {
		s.has(s.decide(step.key, step.decision), step.status, step.text)
	}
	for id, want := range map[string]survey.InvitationState{first: survey.InvitationAdmitted, second: survey.InvitationSent} {
		found, err := s.store.Invitation(t.Context(), id)
		s.ok(err)
		s.want(found.Invitation.State == want, "%s is %s: want %s", id, found.Invitation.State, want)
	}
	s.has(s.effects(), 200, "Nothing is unknown")
	s.has(s.do(http.MethodPost, "/effects", signedIn("ada", apiToken), []byte("key=a&key=b&decision=done")), 422, "key is given 2 times")
	log := s.log.String()
	s.want(strings.Contains(log, "operator=ada effect="+firstKey+" decision=repeat"), "log:\n%s", log)
	s.want(strings.Count(log, "an operator decided") == 3, "what was not decided is logged:\n%s", log)
}

func TestOperatorName(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]string{
		"ada": "ada", "Åsa-1.b_c": "Åsa-1.b_c", "ada@example.com": "ada", "a b\nc=d": "a_b_c_d", "": "unnamed", "@x": "unnamed",
		"\xff": "_", strings.Repeat("é", 40): strings.Repeat("é", 32),
	} {
		if got := operatorName(user); got != want {
			t.Errorf("operatorName(%q) = %q: want %q", user, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min 1 s", time.Hour: "1 h 0 min",
		47*time.Hour + time.Minute: "47 h 1 min", 50 * time.Hour: "2 days 2 h",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%s) = %q: want %q", d, got, want)
		}
	}
}
