package sandbox

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// slackBodyMax bounds a request's body, in bytes: far above fifty blocks of the longest text.
const slackBodyMax = 1 << 20

// Slack's rate tiers, in requests a minute per method (docs: rate limits). A minute's worth may come at once.
const (
	slackTier2 = 20
	slackTier3 = 50
	slackTier4 = 100
	// slackUntiered stands for the methods whose limit is special: posting has its own per channel, auth.test allows
	// "hundreds of requests per minute".
	slackUntiered = 600
)

// Posting: one message a second per channel, with short bursts.
const (
	slackPostRate  = 1
	slackPostBurst = 3
)

type slackState struct {
	limits    buckets
	mu        sync.Mutex
	triggers  map[string]*slackTrigger
	responses map[string]*slackResponse
}

func (h *slackState) init() {
	h.triggers = map[string]*slackTrigger{}
	h.responses = map[string]*slackResponse{}
}

// slackError is a refusal with Slack's error code and the messages that explain it.
type slackError struct {
	refusal
	code     string
	messages []string
	// retryAfter is set for a rate limit, which is no refusal of what was asked.
	retryAfter time.Duration
	// expected marks the answer to a question, which breaks no rule.
	expected bool
}

// slackErrorf makes an error whose code is also the name of its rule.
func slackErrorf(code, format string, args ...any) *slackError {
	return &slackError{refusal: *refusef(http.StatusOK, "slack/"+code, format, args...), code: code}
}

// slackInvalid makes an error that tells, as Slack does for malformed arguments, what is wrong where.
func slackInvalid(code, rule, message string) *slackError {
	return &slackError{refusal: *refusef(http.StatusOK, rule, "%s", message), code: code, messages: []string{"[ERROR] " + message}}
}

// slackMethod is a method of the Web API.
type slackMethod struct {
	perMinute float64
	handle    func(*Sandbox, *slackCall) (map[string]any, *slackError)
}

var slackMethods = map[string]slackMethod{
	"apps.connections.open": {slackTier2, (*Sandbox).openSocket}, // Slack's documents name tiers from 1 to 3
	"auth.test":             {slackUntiered, (*Sandbox).authTest},
	"chat.getPermalink":     {slackUntiered, (*Sandbox).permalink},
	"chat.postMessage":      {slackUntiered, (*Sandbox).postMessage},
	"chat.postEphemeral":    {slackTier4, (*Sandbox).postEphemeral},
	"chat.update":           {slackTier3, (*Sandbox).updateMessage},
	"conversations.open":    {slackTier3, (*Sandbox).openConversation},
	"conversations.replies": {slackTier3, (*Sandbox).threadReplies},
	"conversations.history": {slackTier3, (*Sandbox).history},
	"conversations.info":    {slackTier3, (*Sandbox).channelInfo},
	"conversations.list":    {slackTier2, (*Sandbox).listChannels},
	"users.info":            {slackTier4, (*Sandbox).userInfo},
	"users.lookupByEmail":   {slackTier3, (*Sandbox).userByEmail},
	"views.open":            {slackTier4, (*Sandbox).openView},
}

// slackRoutes serves the Web API and the response_urls, with Slack's faults.
func (s *Sandbox) slackRoutes(outer *http.ServeMux) {
	mux := http.NewServeMux()
	mux.HandleFunc("/slack/api/{method}", s.serveSlack)
	mux.HandleFunc("POST /slack/response/{token}", s.serveResponseURL)
	outer.HandleFunc("GET /slack/link/", s.serveSocket)
	outer.Handle("/slack/", s.withFaults(Slack, mux, slackLimited, slackFailed))
}

func (s *Sandbox) serveSlack(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r, slackBodyMax)
	if err != nil && !errors.Is(err, errTooLarge) {
		return // the client has gone
	}
	var answer map[string]any
	c, e := s.readSlackCall(r, body, err)
	if e == nil {
		answer, e = s.callSlack(c)
	}
	if e != nil {
		s.refuseSlack(w, r, e, body)
		return
	}
	answer["ok"] = true
	writeJSON(w, http.StatusOK, answer)
}

// readSlackCall checks who calls what, and reads the arguments.
func (s *Sandbox) readSlackCall(r *http.Request, body []byte, bodyErr error) (*slackCall, *slackError) {
	if bodyErr != nil {
		e := slackErrorf("request_too_large", "the body is larger than %d bytes", slackBodyMax)
		e.status = http.StatusRequestEntityTooLarge
		return nil, e
	}
	c := &slackCall{method: r.PathValue("method")}
	formToken, e := c.readArguments(r, body)
	if e != nil {
		return nil, e
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		token = formToken
	}
	want := s.opts.Slack.BotToken
	if c.method == "apps.connections.open" {
		want = s.opts.Slack.AppToken
	}
	switch {
	case token == "":
		return nil, slackErrorf("not_authed", "no authentication token provided")
	case want != "" && token != want && (token == s.opts.Slack.BotToken || token == s.opts.Slack.AppToken):
		return nil, slackErrorf("not_allowed_token_type", "the method takes another kind of token")
	case want == "" || subtle.ConstantTimeCompare([]byte(token), []byte(want)) != 1:
		return nil, slackErrorf("invalid_auth", "the token is not valid")
	}
	return c, nil
}

func (s *Sandbox) callSlack(c *slackCall) (map[string]any, *slackError) {
	m, ok := slackMethods[c.method]
	if !ok {
		return nil, slackErrorf("unknown_method", "there is no method %q", c.method)
	}
	if e := s.slackAllowed(c.method, m.perMinute/60, m.perMinute); e != nil {
		return nil, e
	}
	if e := c.convertArguments(); e != nil {
		return nil, e
	}
	return m.handle(s, c)
}

// slackAllowed spends from one of Slack's limits, in requests a second.
func (s *Sandbox) slackAllowed(key string, rate, burst float64) *slackError {
	if s.opts.Limits.SlackOff {
		return nil
	}
	wait, ok := s.slack.limits.take(key, s.now(), rate, burst)
	if ok {
		return nil
	}
	return &slackError{refusal: *refusef(http.StatusTooManyRequests, "slack/ratelimited", "too many requests"), code: "ratelimited", retryAfter: wait}
}

func (s *Sandbox) refuseSlack(w http.ResponseWriter, r *http.Request, e *slackError, body []byte) {
	switch {
	case e.retryAfter > 0:
		s.countLimited()
		w.Header().Set("Retry-After", strconv.FormatInt(int64((e.retryAfter+time.Second-1)/time.Second), 10))
	case !e.expected:
		s.recordRefusal(Slack, r, &e.refusal, body)
	}
	answer := map[string]any{"ok": false, "error": e.code}
	if len(e.messages) > 0 {
		answer["response_metadata"] = map[string]any{"messages": e.messages}
	}
	writeJSON(w, e.status, answer)
}

// slackLimited is the 429 of an injected fault.
func slackLimited(w http.ResponseWriter) {
	writeJSON(w, http.StatusTooManyRequests, map[string]any{"ok": false, "error": "ratelimited"})
}

func slackFailed(w http.ResponseWriter, status int) {
	writeJSON(w, status, map[string]any{"ok": false, "error": "internal_error"})
}

// slackCall is one request: a method with its arguments as JSON values.
type slackCall struct {
	method string
	args   map[string]any
}

func (c *slackCall) str(name string) string {
	v, _ := c.args[name].(string)
	return v
}

func (c *slackCall) bool(name string) bool {
	v, _ := c.args[name].(bool)
	return v
}

// number is a whole number between 1 and limit, or otherwise where the argument is absent.
func (c *slackCall) number(name string, limit, otherwise int) (int, bool) {
	var n int
	var err error
	switch v := c.args[name].(type) {
	case nil:
		return otherwise, true
	case string:
		n, err = strconv.Atoi(v)
	case json.Number:
		n, err = strconv.Atoi(v.String())
	default:
		return 0, false
	}
	return n, err == nil && n >= 1 && n <= limit
}

// readArguments takes the arguments as the content type says and returns the token that a form may carry.
func (c *slackCall) readArguments(r *http.Request, body []byte) (string, *slackError) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if len(body) == 0 {
		kind, err, body = "application/x-www-form-urlencoded", nil, []byte(r.URL.RawQuery)
	}
	switch {
	case err != nil:
		return "", slackErrorf("missing_post_type", "the body has no content type")
	case kind == "application/json":
		v, err := plainJSON(body)
		if err != nil {
			return "", slackErrorf("invalid_json", "the body is not JSON: %v", err)
		}
		args, ok := v.(map[string]any)
		if !ok {
			return "", slackErrorf("json_not_object", "the body is not a JSON object")
		}
		// Beside a JSON body a token counts only in the header.
		delete(args, "token")
		c.args = args
		return "", nil
	case kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return "", slackErrorf("invalid_form_data", "the body is not a form: %v", err)
		}
		c.args = map[string]any{}
		for name, values := range form {
			c.args[name] = values[0]
		}
		token := form.Get("token")
		delete(c.args, "token")
		return token, nil
	}
	return "", slackErrorf("invalid_post_type", "content type %q is not understood", kind)
}

// Arguments that are not strings although a form sends them so. What is JSON names the error of a bad value.
var (
	slackJSONArguments = map[string]string{
		"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format", "view": "invalid_arguments",
		"attachments": "invalid_arguments", "file_ids": "invalid_arguments",
	}
	slackBoolArguments = []string{
		"unfurl_links", "unfurl_media", "link_names", "mrkdwn", "reply_broadcast", "as_user", "inclusive",
		"include_all_metadata", "exclude_archived", "include_locale", "return_im", "prevent_creation",
	}
)

// convertArguments gives arguments that came as strings their JSON types; null is the same as absent.
func (c *slackCall) convertArguments() *slackError {
	maps.DeleteFunc(c.args, func(_ string, v any) bool { return v == nil })
	for name, code := range slackJSONArguments {
		text, isString := c.args[name].(string)
		if !isString {
			continue
		}
		if text == "" {
			delete(c.args, name)
			continue
		}
		v, err := plainJSON(bytes.TrimSpace([]byte(text)))
		if err != nil {
			return slackErrorf(code, "%s is not JSON: %v", name, err)
		}
		c.args[name] = v
	}
	for _, name := range slackBoolArguments {
		if text, isString := c.args[name].(string); isString {
			v, err := strconv.ParseBool(text)
			if err != nil {
				return slackInvalid("invalid_arguments", "slack/invalid_arguments", "must be a boolean [json-pointer:/"+name+"]")
			}
			c.args[name] = v
		}
	}
	return nil
}
