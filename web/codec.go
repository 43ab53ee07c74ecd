package web

import (
	"bytes"
	"io"
	"net/http"
	"slices"

	"github.com/cxloop/cxloop/integrations/crm"
)

// Codec is how the pages of Temporal's UI have what is encrypted shown.
type Codec struct {
	// Handler decrypts and encrypts: the remote codec of Temporal's SDK.
	Handler http.Handler
	// Origins are those of the UI, scheme://host[:port].
	Origins []string
	// LocalOpen lets requests of this machine do without an API token.
	LocalOpen bool
}

// codecHeaders are what Temporal's UI sends, besides what a browser may always.
const codecHeaders = "Content-Type, Authorization, Authorization-Extras, X-Namespace"

// allowCodec answers a browser that asks whether a page may call the codec.
func (s *Server) allowCodec(w http.ResponseWriter, r *http.Request) {
	if !s.codecOrigin(w, r) {
		return
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", http.MethodPost)
	header.Set("Access-Control-Allow-Headers", codecHeaders)
	header.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// serveCodec decrypts or encrypts payloads.
func (s *Server) serveCodec(w http.ResponseWriter, r *http.Request) {
	if !s.codecOrigin(w, r) {
		return
	}
	if !s.holdsAPIToken(r.Header) && !(s.opt.Codec.LocalOpen && s.caller(r).IsLoopback() && !forwarded(r)) {
		s.refuse(w, r, crm.Reject(http.StatusUnauthorized, "the API token is missing or not valid: want Authorization: Bearer TOKEN"))
		return
	}
	body, err := readBody(r, s.opt.MaxBody)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s.opt.Codec.Handler.ServeHTTP(w, r)
}

// codecOrigin refuses a browser's request that comes from a page of nobody known:
// any page can call this machine. What is no browser sends no origin.
func (s *Server) codecOrigin(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	w.Header().Add("Vary", "Origin")
	if origin == "" && r.Method != http.MethodOptions {
		return true
	}
	if !slices.Contains(s.opt.Codec.Origins, origin) {
		s.refuse(w, r, crm.Reject(http.StatusForbidden, "pages of %q may not: want security.codec_origins to name it", clip(origin)))
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	w.Header().Set("Access-Control-Allow-Credentials", "true") // a proxy may sign people in by a cookie
	return true
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.api(func(*http.Request) (any, error) { return nil, err })(w, r)
}
