package web

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// DefaultMaxBody is the largest body of a webhook in bytes where Options says
// nothing.
const DefaultMaxBody = 1 << 20

// The patience of requests, in real time.
const (
	// storeTimeout is how long a request waits for the database. HubSpot gives up
	// earlier, after 5 s, and comes again; what it brought is in the inbox then.
	storeTimeout = 10 * time.Second
	// clickTimeout is for Slack, which shows an error to the user after 3 s.
	clickTimeout = 2500 * time.Millisecond
	readyTimeout = 2 * time.Second
)

// Options is what the HTTP edge is made of.
type Options struct {
	Store store.Store
	Clock survey.Clock
	// Unanswered, where given, is told of each event whose data gave a program's
	// condition no answer, with the reason: missing or invalid.
	Unanswered func(program, reason string)
	// Programs are the configured programs, which decide what events are kept.
	Programs []survey.Program
	// Conversions are the events that tell of won deals, by CRM.
	Conversions map[string]survey.Conversion
	// Program returns any version of a program that an invitation ran under.
	Program func(ctx context.Context, id, version string) (survey.Program, error)
	// Receivers read the webhooks of the configured CRMs, by CRM id.
	Receivers map[string]crm.Receiver
	// SlackSigningSecret is "" where Slack posts nothing to this server: then what people
	// do there comes by TakeInteraction alone.
	SlackSigningSecret string
	// Slack shows forms to the account team; nil where there is none to show.
	Slack SlackForms
	// Route says in which language the team of a case reads them, and when it works; nil
	// is DefaultLocale at all times.
	Route func(store.CaseDetail) survey.CaseRoute
	// Cases are the pages of cases.
	Cases CasePages
	// MailEvents checks SendGrid's events; nil takes none.
	MailEvents *sendgrid.EventVerifier
	// TwilioAuthToken signs what Twilio tells; "" where it is not configured.
	TwilioAuthToken string
	// Dimensions are those that answers are counted by.
	Dimensions survey.Dimensions
	// Guard stops programs whose mails are not wanted.
	Guard survey.Guard
	// AskRules decide about asks in all programs.
	AskRules condition.AskRules
	// VerifyEvents checks the Standard Webhooks signature of a request to
	// /v1/events at a real time; nil takes API tokens alone.
	VerifyEvents func(header http.Header, body []byte, now time.Time) error
	// APITokens are the bearer tokens taken by /v1/events and /codec, and the passwords
	// of operators.
	APITokens []string
	// Codec serves Temporal's UI; nil where it has no origins.
	Codec  *Codec
	Tokens survey.Tokens
	// PublicURL is where customers and vendors reach this server, with the path
	// below which a proxy serves it, if any.
	PublicURL string
	Brand     Brand
	// MaxBody is the largest body of a webhook in bytes; 0 is DefaultMaxBody.
	MaxBody int64
	// Notify tells a dispatcher in the same process that something is due; nil
	// where there is none.
	Notify func(store.Topic)
	// NewID makes ids: unguessable, of letters and digits.
	NewID func() string
	// Now is the real clock; nil is time.Now.
	Now func() time.Time
	Log *slog.Logger
	// Health answers those who watch this process.
	Health *Health
	// Reader returns what reads comments, in the language that a customer was asked in; nil
	// reads none.
	Reader func(context.Context) func(comment, locale string) survey.Reading
	// Inviter decides who is asked in the moment.
	Inviter Inviter
	// Decider takes what operators decide.
	Decider Decider
	// Private says that there is a listener for PrivateHandler: Handler has none of its
	// routes then.
	Private bool
	// Observe is told of each answered request: the pattern that it matched, ""
	// where there was none, the status and the time taken. nil tells nobody.
	Observe func(route string, status int, took time.Duration)
	// Tracer makes a span of each request; nil makes none.
	Tracer trace.Tracer
	// ScannerNetworks are those of mail scanners, besides the built-in ones.
	ScannerNetworks []netip.Prefix
	// EmbedOrigins are the sites whose pages may show surveys inside them, scheme://host;
	// without any nobody's may.
	EmbedOrigins []string
	// TrustedProxies are believed when they say for whom they pass a request on.
	TrustedProxies []netip.Prefix
}

// Server answers HTTP requests.
type Server struct {
	opt       Options
	publicURL string // without a slash at the end
	basePath  string // of publicURL, "" or "/path"
	inbox     *intake
	pages     *pages
	// conditions are those of opt.Programs, by id.
	conditions map[string]*condition.Program
	limits     *limiter
	networks   []netip.Prefix // of mail scanners
	hint       sync.Once      // of a proxy that is not trusted
}

// New checks the options and prepares the pages.
func New(o Options) (*Server, error) {
	public, err := url.Parse(o.PublicURL)
	if err != nil || public.Host == "" {
		return nil, fmt.Errorf("public url %q: want an absolute address, for example https://cx.example.com", o.PublicURL)
	}
	for _, reserved := range []string{"slack", "sendgrid", "twilio"} {
		if o.Receivers[reserved] != nil {
			return nil, fmt.Errorf("crm id %q is taken: /hooks/%s belongs to the vendor of that name", reserved, reserved)
		}
	}
	o.MaxBody = cmp.Or(o.MaxBody, DefaultMaxBody)
	if o.Notify == nil {
		o.Notify = func(store.Topic) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(string, int, time.Duration) {}
	}
	if o.Route == nil {
		o.Route = func(store.CaseDetail) survey.CaseRoute { return survey.CaseRoute{} }
	}
	if o.Unanswered == nil {
		o.Unanswered = func(string, string) {}
	}
	if o.Reader == nil {
		o.Reader = func(context.Context) func(string, string) survey.Reading {
			return func(string, string) survey.Reading { return survey.Reading{} }
		}
	}
	if o.Tracer == nil {
		o.Tracer = noop.Tracer{}
	}
	s := &Server{
		opt:       o,
		publicURL: strings.TrimRight(o.PublicURL, "/"),
		basePath:  strings.TrimRight(public.EscapedPath(), "/"),
		inbox:     &intake{commit: o.Store.AddItems},
		limits:    newLimiter(o.Now),
	}
	if s.networks, err = scannerNetworks(o.ScannerNetworks); err != nil {
		return nil, err
	}
	if s.conditions, err = condition.ForPrograms(o.Programs); err != nil {
		return nil, err
	}
	if s.pages, err = newPages(o.Brand, s.basePath); err != nil {
		return nil, err
	}
	s.pages.ancestors = strings.Join(o.EmbedOrigins, " ")
	return s, nil
}

// Handler returns the routes.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, handler := range s.routes() {
		mux.HandleFunc(pattern, handler)
	}
	return s.observe(mux)
}

// routes are all by the patterns of http.ServeMux.
func (s *Server) routes() map[string]http.HandlerFunc {
	routes := map[string]http.HandlerFunc{
		"POST /hooks/{crm}":       s.machine(s.takeWebhook),
		"POST /hooks/slack":       s.machine(s.takeInteractions),
		"POST /hooks/sendgrid":    s.machine(s.takeMailEvents),
		"POST /hooks/twilio":      s.machine(s.takeNotice),
		"POST /v1/events":         s.machine(s.takeEvents),
		"POST /v1/responses":      s.machine(s.takeResponses),
		"POST /v1/feedback":       s.machine(s.takeFeedback),
		"POST /v1/invitations":    s.machine(s.takeInvitation),
		"GET /v1/openapi.json":    s.limited(pageClass, tooMany, serveOpenAPI),
		"GET /q/{token}":          s.person(pageClass, s.showProgram),
		"POST /q/{token}":         s.person(formClass, s.takeVisit),
		"GET /s/{token}/qr.svg":   s.person(pageClass, s.showQRCode),
		"GET /s/{token}/seen.css": s.limited(pageClass, tooMany, s.serveSeen(survey.TokenSurvey)),
		"GET /u/{token}/seen.css": s.limited(pageClass, tooMany, s.serveSeen(survey.TokenUnsubscribe)),
		"GET /r/{token}/seen.css": s.limited(pageClass, tooMany, s.serveSeen(survey.TokenReferral)),
		"GET /a/{token}/seen.css": s.limited(pageClass, tooMany, s.serveSeen(survey.TokenAsk)),
		"GET /s/{token}":          s.person(pageClass, s.showSurvey),
		"POST /s/{token}":         s.person(formClass, s.takeAnswer),
		"GET /u/{token}":          s.person(pageClass, s.showUnsubscribe),
		// Mailbox providers unsubscribe for many people from one address (RFC 8058).
		"POST /u/{token}":         s.person(pageClass, s.takeUnsubscribe),
		"GET /r/{token}":          s.person(pageClass, s.showReferral),
		"POST /r/{token}":         s.person(formClass, s.takeReferral),
		"GET /a/{token}":          s.person(pageClass, s.showAsk),
		"POST /a/{token}":         s.person(formClass, s.takeAsk),
		"GET /f/{token}":          s.person(pageClass, s.showFriend),
		"POST /f/{token}":         s.person(friendClass, s.takeFriend),
		"GET /f/{token}/seen.css": s.limited(pageClass, tooMany, s.serveSeen(survey.TokenFriend)),
		"GET /static/share.js":    s.limited(pageClass, tooMany, serveShare),
		"GET /p/{token}":          s.person(pageClass, s.showTested),
		"POST /p/{token}":         s.person(pageClass, s.takeTested),
		"GET /{$}":                s.person(pageClass, s.showIndex),
		"GET /static/page.css":    s.limited(pageClass, tooMany, s.pages.serveStyle),
	}
	if !s.opt.Private {
		maps.Copy(routes, s.privateRoutes())
	}
	if s.opt.Cases.For > 0 {
		routes["GET /c/{token}"] = s.person(pageClass, s.showCase)
		if s.opt.Cases.Drafts != nil {
			routes["POST /c/{token}/draft"] = s.person(draftClass, s.draftReply)
		}
	}
	if len(s.opt.EmbedOrigins) > 0 {
		routes["GET /widget.js"] = s.limited(pageClass, tooMany, serveWidget)
		routes["GET /static/embed.js"] = s.limited(pageClass, tooMany, serveEmbed)
	}
	if s.opt.Codec != nil {
		for _, path := range []string{"/codec/decode", "/codec/encode"} {
			routes["POST "+path] = s.limited(hookClass, tooMany, s.serveCodec)
			routes["OPTIONS "+path] = s.limited(hookClass, tooMany, s.allowCodec)
		}
	}
	return routes
}

func (s *Server) showIndex(w http.ResponseWriter, _ *http.Request) error {
	s.pages.render(w, http.StatusOK, "message", view{
		Lang: survey.DefaultLocale, Title: "cxloop",
		Text: "This server sends surveys and takes their answers. Nothing is to be seen here: open the link in your mail.",
	})
	return nil
}

// crmIDs returns the ids of the configured CRMs, sorted.
func (s *Server) crmIDs() []string {
	ids := make([]string, 0, len(s.opt.Receivers))
	for id := range s.opt.Receivers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
