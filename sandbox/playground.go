package sandbox

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed static
var staticFiles embed.FS

// stateWait is how long a request for the state is held until something changes: less than a server's usual write
// time-out of 30 s.
const stateWait = 20 * time.Second

// PlaygroundOptions configure the page on which a person plays each vendor's part.
type PlaygroundOptions struct {
	// App is cxloop's base URL, e.g. http://127.0.0.1:8080: the customers of the scenarios answer there, and nowhere
	// else. Empty: they cannot answer.
	App string
	// TemporalUI is the base URL of Temporal's web UI, e.g. http://127.0.0.1:8233. Empty: no links to it.
	TemporalUI string
	// Namespace is the one that cxloop's workflows run in. Empty: default.
	Namespace string
	// TimeScale is how many seconds of cxloop's clock pass in a real one. 0: 1.
	TimeScale float64
	// CRM is the id by which cxloop knows the CRM's stand-in, and EventsSecret signs what other systems tell of its
	// contacts, whsec_…. Empty: they tell nothing.
	CRM, EventsSecret string
	// Commands are those of cxloop that show what it made of the answers and purchases.
	Commands []Command
	// OwnPrograms says that cxloop runs others than those of the playground: customers do not come with their past,
	// which is told to one of these.
	OwnPrograms bool
	// Now is cxloop's clock, shown on the page. Nil: time.Now.
	Now func() time.Time
}

// Command is a line for a terminal, and what it tells.
type Command struct {
	Line  string `json:"line"`
	About string `json:"about"`
}

// playground serves the page and remembers the scenarios that were played.
type playground struct {
	s    *Sandbox
	opts PlaygroundOptions

	mu      sync.Mutex
	runs    []*run
	nextRun int
	playing int
	invent  int
	// pasts counts how often customers came with their past.
	pasts int
}

// Playground serves the page at / and what it needs below /playground/. It answers only requests that name a loopback
// address or the host of Options.PublicURL, and changes something only for requests of its own page: no other web page
// can drive it, also not by DNS rebinding. There is no sign-in: serve it on loopback.
func (s *Sandbox) Playground(opts PlaygroundOptions) http.Handler {
	opts.App = strings.TrimRight(opts.App, "/")
	opts.TemporalUI = strings.TrimRight(opts.TemporalUI, "/")
	opts.Namespace = cmp.Or(opts.Namespace, "default")
	opts.TimeScale = cmp.Or(opts.TimeScale, 1)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	p := &playground{s: s, opts: opts}
	static, err := fs.Sub(staticFiles, "static")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, static, "playground.html")
	})
	mux.Handle("GET /playground/static/", http.StripPrefix("/playground/static/", http.FileServerFS(static)))
	mux.HandleFunc("GET /playground/state", p.serveState)
	mux.HandleFunc("GET /playground/record/{type}/{id}", p.serveRecord)
	mux.HandleFunc("GET /playground/mail/{id}", p.serveMail)
	mux.HandleFunc("GET /playground/mail/{id}/source", p.serveMailSource)
	mux.HandleFunc("POST /playground/do/{action}", p.serveAction)
	return p.guard(mux)
}

// pageCSP allows what is served here and nothing else; the mail's frame has a policy of its own.
const pageCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

func (p *playground) guard(next http.Handler) http.Handler {
	var sameOrigin http.CrossOriginProtection
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pageCSP)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !p.ownHost(r.Host) {
			fail(w, http.StatusForbidden, "the playground answers only on a loopback address")
			return
		}
		if err := sameOrigin.Check(r); err != nil {
			fail(w, http.StatusForbidden, "the request comes from another web page: "+err.Error())
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownHost reports whether a request's Host is loopback or the configured host.
func (p *playground) ownHost(host string) bool {
	if u, err := url.Parse(p.s.opts.PublicURL); err == nil && u.Host != "" && strings.EqualFold(u.Host, host) {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

// serveState answers with what the page shows, once there is something newer than ?after, or after stateWait.
func (p *playground) serveState(w http.ResponseWriter, r *http.Request) {
	var after uint64
	if v := r.URL.Query().Get("after"); v != "" {
		var err error
		if after, err = strconv.ParseUint(v, 10, 64); err != nil {
			fail(w, http.StatusBadRequest, "after: want a revision, a whole number")
			return
		}
	}
	// A page that is ahead has outlived a sandbox with a state of its own.
	if after > 0 && after <= p.s.Revision() {
		ctx, cancel := context.WithTimeout(r.Context(), stateWait)
		defer cancel()
		_, err := p.s.WaitChange(ctx, after)
		if errors.Is(err, ErrClosed) {
			fail(w, http.StatusServiceUnavailable, err.Error())
			return
		}
	}
	writeJSON(w, http.StatusOK, p.view())
}

func fail(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}
