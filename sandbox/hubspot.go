package sandbox

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// HubSpot's limits (docs: usage guidelines; batch and search guides). A private app on Professional or Enterprise has
// 190 requests in 10 seconds and 650,000 a day; search has its own 5 a second and tells no headers.
const (
	hubSpotPerWindow   = 190
	hubSpotWindow      = 10 * time.Second
	hubSpotPerDay      = 650_000
	hubSpotSearches    = 5
	hubSpotBatchMax    = 100
	hubSpotBodyMax     = 5 << 20
	hubSpotValueMax    = 65_536
	hubSpotCorrelation = 32
)

type hubspotState struct {
	requests, searches *window
	// found is what searches found, by what they looked for; the sandbox's lock guards it.
	found map[string]searchFound

	mu    sync.Mutex
	day   string
	daily int
}

func (h *hubspotState) init() {
	h.requests = newWindow(hubSpotPerWindow, hubSpotWindow)
	h.searches = newWindow(hubSpotSearches, time.Second)
}

// today counts a request against the day's limit and returns what remains; the day ends at midnight of the account,
// which is in UTC here.
func (h *hubspotState) today(now time.Time) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if day := now.UTC().Format(time.DateOnly); day != h.day {
		h.day, h.daily = day, 0
	}
	h.daily++
	return hubSpotPerDay - h.daily
}

// hubSpotCall is one authenticated request.
type hubSpotCall struct {
	r    *http.Request
	body []byte
	// t is the object type of the path, nil where the path has none.
	t *objectType
}

// reply is a status and a body; a nil body sends none.
type reply struct {
	status int
	body   any
}

type hubSpotHandler func(c *hubSpotCall) (reply, *refusal)

func (s *Sandbox) hubSpotRoutes() http.Handler {
	mux := http.NewServeMux()
	add := func(pattern string, search bool, h hubSpotHandler) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" /hubspot/crm/"+path, s.hubSpot(search, h))
	}
	add("POST objects/{version}/{type}/batch/read", false, s.batchRead)
	add("POST objects/{version}/{type}/batch/update", false, s.batchUpdate)
	add("POST objects/{version}/{type}/batch/create", false, s.batchCreate)
	add("POST objects/{version}/{type}/batch/archive", false, s.batchArchive)
	add("POST objects/{version}/{type}/search", true, s.searchObjects)
	add("POST objects/{version}/{type}", false, s.createObject)
	add("GET objects/{version}/{type}/{id}", false, s.getObject)
	add("PATCH objects/{version}/{type}/{id}", false, s.updateObject)
	add("DELETE objects/{version}/{type}/{id}", false, s.archiveObject)
	add("POST associations/{version}/{type}/{to}/batch/read", false, s.readAssociations)
	add("POST associations/{version}/{type}/{to}/batch/associate/default", false, s.associateDefault)
	add("GET properties/{version}/{type}", false, s.listProperties)
	add("POST properties/{version}/{type}", false, s.createProperty)
	add("POST properties/{version}/{type}/batch/read", false, s.readProperties)
	add("POST properties/{version}/{type}/batch/create", false, s.createProperties)
	add("GET properties/{version}/{type}/groups", false, s.listGroups)
	add("POST properties/{version}/{type}/groups", false, s.createGroup)
	add("GET properties/{version}/{type}/{name}", false, s.getProperty)
	add("POST objects/{version}/users/search", true, s.searchUsers)
	add("GET pipelines/{version}/{type}/{id}", false, s.getPipeline)
	add("GET owners/{version}", false, s.listOwners)
	add("GET owners/{version}/{id}", false, s.getOwner)
	mux.Handle("/", s.hubSpot(false, func(c *hubSpotCall) (reply, *refusal) {
		return reply{}, refusef(http.StatusNotFound, "hubspot/path", "no such resource: %s %s", c.r.Method, strings.TrimPrefix(c.r.URL.Path, "/hubspot"))
	}))
	return mux
}

// hubSpot wraps a handler with authentication, rate limits and the vendor's error body.
func (s *Sandbox) hubSpot(search bool, h hubSpotHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(s.opts.HubSpot.Token)) != 1 {
			s.refuseHubSpot(w, r, refusef(http.StatusUnauthorized, "hubspot/auth", "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"), nil)
			return
		}
		if !s.hubSpotAllowed(w, search) {
			return
		}
		c := &hubSpotCall{r: r}
		body, err := readBody(w, r, hubSpotBodyMax)
		if errors.Is(err, errTooLarge) {
			s.refuseHubSpot(w, r, refusef(http.StatusRequestEntityTooLarge, "hubspot/body_max", "the request is larger than %d bytes", hubSpotBodyMax), nil)
			return
		}
		if err != nil {
			return // the client has gone
		}
		c.body = body
		if ref := s.checkHubSpotPath(c); ref != nil {
			s.refuseHubSpot(w, r, ref, body)
			return
		}
		rep, ref := h(c)
		if ref != nil {
			s.refuseHubSpot(w, r, ref, body)
			return
		}
		if rep.body == nil {
			w.WriteHeader(rep.status)
			return
		}
		writeJSON(w, rep.status, rep.body)
	})
}

func (s *Sandbox) checkHubSpotPath(c *hubSpotCall) *refusal {
	if v := c.r.PathValue("version"); v != "" && v != s.opts.HubSpot.Version {
		return refusef(http.StatusNotFound, "hubspot/version", "unknown version %q, this account speaks %s", v, s.opts.HubSpot.Version)
	}
	if name := c.r.PathValue("type"); name != "" {
		if c.t = lookupType(name); c.t == nil {
			return refusef(http.StatusBadRequest, "hubspot/object_type", "Unable to infer object type from: %s", name)
		}
	}
	if c.r.Method == http.MethodPost || c.r.Method == http.MethodPatch {
		if ct := c.r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
			return refusef(http.StatusUnsupportedMediaType, "hubspot/content_type", "content type %q is not application/json", ct)
		}
	}
	return nil
}

// hubSpotAllowed spends from the limits and writes their headers; false where it has answered 429.
func (s *Sandbox) hubSpotAllowed(w http.ResponseWriter, search bool) bool {
	if s.opts.Limits.HubSpotOff {
		return true
	}
	now := s.now()
	if search {
		if s.hubspot.searches.take(now) {
			return true
		}
		s.countLimited()
		s.write429(w, "SECONDLY", "You have reached your secondly limit.")
		return false
	}
	ok := s.hubspot.requests.take(now)
	daily := s.hubspot.today(now)
	h := w.Header()
	h.Set("X-HubSpot-RateLimit-Max", strconv.Itoa(hubSpotPerWindow))
	h.Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(s.hubspot.requests.remaining(now)))
	h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(hubSpotWindow.Milliseconds(), 10))
	h.Set("X-HubSpot-RateLimit-Daily", strconv.Itoa(hubSpotPerDay))
	h.Set("X-HubSpot-RateLimit-Daily-Remaining", strconv.Itoa(max(0, daily)))
	switch {
	case daily < 0:
		s.countLimited()
		s.write429(w, "DAILY", "You have reached your daily limit.")
		return false
	case !ok:
		s.countLimited()
		s.write429(w, "TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")
		return false
	}
	return true
}

func (s *Sandbox) countLimited() {
	s.change(func(st *State) { st.Counts.RateLimited++ })
}

func (s *Sandbox) write429(w http.ResponseWriter, policy, message string) {
	writeJSON(w, http.StatusTooManyRequests, map[string]any{
		"status": "error", "message": message, "errorType": "RATE_LIMIT", "correlationId": s.randomHex(hubSpotCorrelation),
		"policyName": policy, "requestId": s.randomHex(hubSpotCorrelation),
	})
}

// hubSpotLimited is the 429 of an injected fault, with the headers that a real one has.
func (s *Sandbox) hubSpotLimited(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-HubSpot-RateLimit-Max", strconv.Itoa(hubSpotPerWindow))
	h.Set("X-HubSpot-RateLimit-Remaining", "0")
	h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(hubSpotWindow.Milliseconds(), 10))
	s.write429(w, "TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")
}

func hubSpotFailed(w http.ResponseWriter, status int) {
	writeJSON(w, status, map[string]any{"status": "error", "message": "internal error", "correlationId": "fault"})
}

// errorDetail is one entry of the errors in HubSpot's error body.
type errorDetail struct {
	Message string              `json:"message"`
	Code    string              `json:"code"`
	Context map[string][]string `json:"context"`
}

// hubSpotCategory is HubSpot's error category of a refusal.
func (r *refusal) hubSpotCategory() string {
	switch r.status {
	case http.StatusUnauthorized:
		return "INVALID_AUTHENTICATION"
	case http.StatusNotFound:
		return "OBJECT_NOT_FOUND"
	case http.StatusConflict:
		return "CONFLICT"
	default:
		return "VALIDATION_ERROR"
	}
}

func (s *Sandbox) refuseHubSpot(w http.ResponseWriter, r *http.Request, ref *refusal, body []byte) {
	s.recordRefusal(HubSpot, r, ref, body)
	answer := map[string]any{
		"status": "error", "message": ref.detail, "correlationId": s.randomHex(hubSpotCorrelation), "category": ref.hubSpotCategory(),
	}
	if ref.errors != nil {
		answer["errors"] = ref.errors
	}
	writeJSON(w, ref.status, answer)
}

// decode parses a request's JSON strictly: a field that HubSpot does not know, or a value that is not of its type,
// is refused. schema is the contract that it must also meet where Options.SpecsDir is set, "" for none.
func (s *Sandbox) decode(c *hubSpotCall, schema string, into any) *refusal {
	dec := json.NewDecoder(bytes.NewReader(c.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return refusef(http.StatusBadRequest, "hubspot/json", "Invalid input JSON: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return refusef(http.StatusBadRequest, "hubspot/json", "Invalid input JSON: something follows the value")
	}
	if schema == "" {
		return nil
	}
	if err := s.contract.checkHubSpot(schema, c.body); err != nil {
		return refusef(http.StatusBadRequest, ruleContract, "Invalid input JSON: %v", err)
	}
	return nil
}
