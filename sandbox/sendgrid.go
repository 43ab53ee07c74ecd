package sandbox

import (
	"bytes"
	"compress/gzip"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// SendGrid's limits. The size of a request is the vendor's 30 MB for a mail with its attachments. The rate differs by
// plan and is told in headers; this one is the stand-in's own.
const (
	sendGridPerMinute = 600
	sendGridBodyMax   = 30 << 20
	sendGridHelp      = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"
)

// sendGridRate counts the requests of the current minute.
type sendGridRate struct {
	mu     sync.Mutex
	minute time.Time
	count  int
}

// take counts a request and returns how many more this minute allows, negative where it was one too many, and when
// the next minute begins.
func (l *sendGridRate) take(now time.Time) (remaining int, reset time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(l.minute) {
		l.minute, l.count = minute, 0
	}
	l.count++
	return sendGridPerMinute - l.count, l.minute.Add(time.Minute)
}

// sendGridError is a refusal with the field that SendGrid names, "" for none.
type sendGridError struct {
	refusal
	field string
}

func mailError(rule, field, format string, args ...any) *sendGridError {
	return &sendGridError{refusal: *refusef(http.StatusBadRequest, "sendgrid/"+rule, format, args...), field: field}
}

func sendGridStatus(status int, rule, message string) *sendGridError {
	return &sendGridError{refusal: *refusef(status, "sendgrid/"+rule, "%s", message)}
}

// sendgridRoutes serves mail/send, with SendGrid's faults.
func (s *Sandbox) sendgridRoutes(outer *http.ServeMux) {
	rate := &sendGridRate{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sendgrid/v3/mail/send", func(w http.ResponseWriter, r *http.Request) { s.serveMailSend(w, r, rate) })
	mux.HandleFunc("/sendgrid/v3/mail/send", func(w http.ResponseWriter, r *http.Request) {
		s.refuseMail(w, r, sendGridStatus(http.StatusMethodNotAllowed, "method", "method not allowed"), nil)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuseMail(w, r, sendGridStatus(http.StatusNotFound, "path", "not found"), nil)
	})
	outer.Handle("/sendgrid/", s.withFaults(SendGrid, mux, sendGridLimited, sendGridFailed))
}

func (s *Sandbox) serveMailSend(w http.ResponseWriter, r *http.Request, rate *sendGridRate) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(s.opts.SendGrid.APIKey)) != 1 {
		s.refuseMail(w, r, sendGridStatus(http.StatusUnauthorized, "auth", "The provided authorization grant is invalid, expired, or revoked"), nil)
		return
	}
	if !s.opts.Limits.SendGridOff && !s.mailSendAllowed(w, rate) {
		return
	}
	body, ref := readMailBody(w, r)
	if ref == nil {
		var m *mailRequest
		if m, ref = s.checkMail(body); ref == nil {
			s.acceptMail(w, m)
			return
		}
	}
	s.refuseMail(w, r, ref, body)
}

// readMailBody reads the JSON, compressed or not, whose type and size SendGrid accepts.
func readMailBody(w http.ResponseWriter, r *http.Request) ([]byte, *sendGridError) {
	if ct := r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		return nil, sendGridStatus(http.StatusUnsupportedMediaType, "content_type", "Content-Type should be application/json.")
	}
	body, err := readBody(w, r, sendGridBodyMax)
	if err == nil && r.Header.Get("Content-Encoding") == "gzip" {
		body, err = gunzip(body)
	}
	switch {
	case errors.Is(err, errTooLarge):
		return nil, sendGridStatus(http.StatusRequestEntityTooLarge, "body_max", "content too large")
	case err != nil:
		return nil, mailError("body", "", "Bad Request: %v", err)
	}
	return body, nil
}

func gunzip(body []byte) ([]byte, error) {
	zr, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("gunzip: %w", err)
	}
	out, err := io.ReadAll(io.LimitReader(zr, sendGridBodyMax+1))
	if err != nil {
		return nil, fmt.Errorf("gunzip: %w", err)
	}
	if len(out) > sendGridBodyMax {
		return nil, errTooLarge
	}
	return out, nil
}

// mailSendAllowed spends from the rate limit and writes its headers; false where it has answered 429.
func (s *Sandbox) mailSendAllowed(w http.ResponseWriter, rate *sendGridRate) bool {
	remaining, reset := rate.take(s.now())
	h := w.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(sendGridPerMinute))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, remaining)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	if remaining >= 0 {
		return true
	}
	s.countLimited()
	writeMailErrors(w, http.StatusTooManyRequests, "", "too many requests")
	return false
}

// sendGridLimited is the 429 of an injected fault.
func sendGridLimited(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(sendGridPerMinute))
	h.Set("X-RateLimit-Remaining", "0")
	writeMailErrors(w, http.StatusTooManyRequests, "", "too many requests")
}

func sendGridFailed(w http.ResponseWriter, status int) {
	writeMailErrors(w, status, "", "internal server error")
}

func (s *Sandbox) refuseMail(w http.ResponseWriter, r *http.Request, ref *sendGridError, body []byte) {
	s.recordRefusal(SendGrid, r, &ref.refusal, body)
	writeMailErrors(w, ref.status, ref.field, ref.detail)
}

// writeMailErrors writes SendGrid's error body; field and help are null where no field is to blame.
func writeMailErrors(w http.ResponseWriter, status int, field, message string) {
	e := struct {
		Message string  `json:"message"`
		Field   *string `json:"field"`
		Help    *string `json:"help"`
	}{Message: message}
	if field != "" {
		help := sendGridHelp + "#message." + field
		e.Field, e.Help = &field, &help
	}
	writeJSON(w, status, map[string]any{"errors": []any{e}})
}

// checkMail decodes a request and holds it against the built-in rules, then against the vendor's contract.
func (s *Sandbox) checkMail(body []byte) (*mailRequest, *sendGridError) {
	m, ref := decodeMail(body)
	if ref != nil {
		return nil, ref
	}
	if ref := m.check(s.now()); ref != nil {
		return nil, ref
	}
	if err := s.contract.mailSend(body); err != nil {
		return nil, &sendGridError{refusal: *refusef(http.StatusBadRequest, ruleContract, "%v", err)}
	}
	return m, nil
}

func decodeMail(body []byte) (*mailRequest, *sendGridError) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	m := &mailRequest{}
	err := dec.Decode(m)
	if err == nil && dec.More() {
		err = errors.New("more than one value")
	}
	var typeErr *json.UnmarshalTypeError
	switch {
	case err == nil:
		return m, nil
	case errors.As(err, &typeErr):
		return nil, mailError("type", typeErr.Field, "Invalid type. Expected: %s, given: %s.", typeErr.Type, typeErr.Value)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		return nil, mailError("unknown_key", name, "Additional property %s is not allowed", name)
	}
	return nil, mailError("json", "", "Bad Request: %v", err)
}
