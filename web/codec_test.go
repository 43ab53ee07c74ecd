package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/cxloop/cxloop/codec"
)

const uiOrigin = "https://temporal.example.com"

// codecSite is a server with a codec endpoint, and the body of a request to it.
func codecSite(t *testing.T, localOpen bool) (s *site, encrypted []byte) {
	t.Helper()
	payloads, err := codec.New([]codec.Key{{ID: "k1", Secret: bytes.Repeat([]byte("k"), codec.KeySize)}})
	if err != nil {
		t.Fatal(err)
	}
	s = newSite(t, func(o *Options) {
		o.Codec = &Codec{Handler: converter.NewPayloadCodecHTTPHandler(payloads), Origins: []string{uiOrigin}, LocalOpen: localOpen}
	})
	out, err := payloads.Encode([]*commonpb.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"a case"`)}})
	s.ok(err)
	encrypted, err = protojson.Marshal(&commonpb.Payloads{Payloads: out})
	s.ok(err)
	return s, encrypted
}

// headers are of pairs.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// decoded reads the one payload that an answer holds.
func (s *site) decoded(got answer) string {
	s.Helper()
	s.has(got, http.StatusOK)
	var payloads commonpb.Payloads
	s.ok(protojson.Unmarshal([]byte(got.body), &payloads))
	s.want(len(payloads.Payloads) == 1, "payloads: %v", payloads.Payloads)
	return string(payloads.Payloads[0].Data)
}

func TestCodecDecodesForTheUI(t *testing.T) {
	t.Parallel()
	s, encrypted := codecSite(t, false)
	asked := s.do(http.MethodOptions, "/codec/decode?preserveStorageRefs=true", headers(
		"Origin", uiOrigin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type,x-namespace",
	), nil)
	s.has(asked, http.StatusNoContent)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": uiOrigin, "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Headers": "Content-Type, Authorization, Authorization-Extras, X-Namespace", "Vary": "Origin",
	} {
		s.want(asked.header.Get(name) == want, "%s: %q: want %q", name, asked.header.Get(name), want)
	}

	given := headers("Origin", uiOrigin, "Authorization", "Bearer "+apiToken, "Content-Type", "application/json", "X-Namespace", "default")
	got := s.do(http.MethodPost, "/codec/decode?preserveStorageRefs=true", given, encrypted)
	s.want(s.decoded(got) == `"a case"`, "decoded: %s", got.body)
	s.want(got.header.Get("Access-Control-Allow-Origin") == uiOrigin && got.header.Get("Cache-Control") == "no-store", "headers: %v", got.header)

	// The temporal command is no browser: it sends no origin.
	got = s.do(http.MethodPost, "/codec/decode", headers("Authorization", "Bearer "+apiToken), encrypted)
	s.want(s.decoded(got) == `"a case"`, "decoded: %s", got.body)

	again := s.do(http.MethodPost, "/codec/encode", given, []byte(got.body))
	s.has(again, http.StatusOK)
	s.want(!strings.Contains(again.body, "a case"), "encoded: %s", again.body)
	got = s.do(http.MethodPost, "/codec/decode", given, []byte(again.body))
	s.want(s.decoded(got) == `"a case"`, "decoded: %s", got.body)
}

func TestCodecRefuses(t *testing.T) {
	t.Parallel()
	s, encrypted := codecSite(t, false)
	token := "Bearer " + apiToken
	for name, tc := range map[string]struct {
		method string
		header http.Header
		body   []byte
		status int
		text   string
	}{
		"no token":             {http.MethodPost, headers("Origin", uiOrigin), encrypted, 401, "API token is missing"},
		"another token":        {http.MethodPost, headers("Origin", uiOrigin, "Authorization", "Bearer x"), encrypted, 401, "API token"},
		"another page":         {http.MethodPost, headers("Origin", "https://evil.example", "Authorization", token), encrypted, 403, "https://evil.example"},
		"another page asks":    {http.MethodOptions, headers("Origin", "https://evil.example"), nil, 403, "codec_origins"},
		"nobody asks":          {http.MethodOptions, nil, nil, 403, "codec_origins"},
		"a page without place": {http.MethodPost, headers("Origin", "null", "Authorization", token), encrypted, 403, "null"},
		"too large":            {http.MethodPost, headers("Authorization", token), bytes.Repeat([]byte(" "), 64<<10+1), 413, "65536"},
		"not JSON":             {http.MethodPost, headers("Authorization", token), []byte("x"), 400, "syntax"},
		"unknown key": {
			http.MethodPost, headers("Authorization", token), bytes.Replace(encrypted, []byte(`"azE="`), []byte(`"azI="`), 1),
			400, `payload key "k2": no payload key of that id is configured`,
		},
		"another method": {http.MethodGet, headers("Authorization", token), nil, 405, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &site{T: t, url: s.url}
			got := s.do(tc.method, "/codec/decode", tc.header, tc.body)
			s.has(got, tc.status, tc.text)
			allowed := got.header.Get("Access-Control-Allow-Origin")
			s.want(allowed == "" || tc.header.Get("Origin") == uiOrigin, "allowed for %q", allowed)
			s.want(!strings.Contains(got.body, "a case"), "decoded: %s", got.body)
		})
	}
}

func TestCodecIsOffWithoutOrigins(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.has(s.do(http.MethodPost, "/codec/decode", headers("Authorization", "Bearer "+apiToken), []byte("{}")), http.StatusNotFound)
}

// Without a token, a machine may be its own user, but not another's.
func TestCodecOfALocalServer(t *testing.T) {
	t.Parallel()
	s, encrypted := codecSite(t, true)
	s.want(s.decoded(s.do(http.MethodPost, "/codec/decode", headers("Origin", uiOrigin), encrypted)) == `"a case"`, "not decoded")
	s.has(s.do(http.MethodPost, "/codec/decode", headers("Origin", "http://rebound.example:8080"), encrypted), http.StatusForbidden)

	for from, want := range map[string]int{"[::1]:4000": 200, "127.0.0.1:4000": 200, "[::ffff:127.0.0.1]:4000": 200, "192.0.2.1:4000": 401, "@": 401} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/codec/decode", bytes.NewReader(encrypted))
		req.RemoteAddr = from
		rec := httptest.NewRecorder()
		s.server.Handler().ServeHTTP(rec, req)
		s.want(rec.Code == want, "from %s: %d: want %d", from, rec.Code, want)
	}
	s.has(s.do(http.MethodPost, "/codec/decode", headers("X-Forwarded-For", "192.0.2.1"), encrypted), http.StatusUnauthorized)
}

func TestCodecIsLimited(t *testing.T) {
	t.Parallel()
	s, _ := codecSite(t, false)
	s.server.limits.charge(hookClass, netip.MustParseAddr("192.0.2.1"), 2*hookClass.burst)
	for route := range s.server.routes() {
		if method, path := s.pathTo(route); strings.HasPrefix(path, "/codec/") {
			got := s.from("192.0.2.1", method, path)
			s.want(got.StatusCode == http.StatusTooManyRequests, "%s: %s", route, got.Status)
		}
	}
}
