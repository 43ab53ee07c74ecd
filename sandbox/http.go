package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
)

// routes builds the one mux of the vendors.
func (s *Sandbox) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/hubspot/", s.withFaults(HubSpot, s.hubSpotRoutes(), s.hubSpotLimited, hubSpotFailed))
	s.slackRoutes(mux)
	s.sendgridRoutes(mux)
	s.twilioRoutes(mux)
	return mux
}

// refusal is a rule that a request broke.
type refusal struct {
	status int
	// rule is the short, stable name of the rule, detail the sentence.
	rule, detail string
	// errors are HubSpot's details of a refusal, nil where it gives none.
	errors []errorDetail
}

func (r *refusal) Error() string { return r.rule + ": " + r.detail }

func refusef(status int, rule, format string, args ...any) *refusal {
	return &refusal{status: status, rule: rule, detail: fmt.Sprintf(format, args...)}
}

// secretInBody finds the token that slack-go sends in the form body.
var secretInBody = regexp.MustCompile(`(^|[?&])token=[^&]*|xox[a-z]-[A-Za-z0-9-]+`)

// recordRefusal keeps a refusal for the playground and for tests.
func (s *Sandbox) recordRefusal(v Vendor, r *http.Request, ref *refusal, body []byte) {
	const head = 2000
	if len(body) > head {
		body = body[:head]
	}
	entry := &Refusal{
		At: s.now(), Vendor: v, Method: r.Method, Path: r.URL.Path, Status: ref.status, Rule: ref.rule, Detail: ref.detail,
		Body: secretInBody.ReplaceAllString(string(body), "[token]"),
	}
	s.change(func(st *State) {
		st.Counts.Refusals++
		st.Refusals = capped(st.Refusals, entry, s.opts.Keep.Refusals)
	})
	s.log.Warn("sandbox refused a request", "vendor", v, "method", r.Method, "path", r.URL.Path, "rule", ref.rule, "detail", ref.detail)
}

// readBody reads a request's body up to a limit.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return body, errTooLarge
	}
	return body, err
}

var errTooLarge = errors.New("request body too large")

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	// An error here means that the client has gone.
	_ = json.NewEncoder(w).Encode(v)
}

// randomHex makes an id in the vendors' manner; the sequence follows Options.Seed.
func (s *Sandbox) randomHex(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range b {
		b[i] = digits[s.rng.IntN(16)]
	}
	return string(b)
}
