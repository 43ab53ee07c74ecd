package sandbox

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Twilio's limits (docs: Messages resource). The rate of calls differs by account; this one is the stand-in's own.
const (
	twilioPerSecond = 100
	twilioBodyMax   = 64 << 10
	smsBodyMax      = 1600
	smsPageMax      = 1000
)

// TwilioOptions configure the Twilio stand-in.
type TwilioOptions struct {
	AccountSID, AuthToken string
	// From is the only number, or messaging service, that may send.
	From string
	// RepliesURL is where messages that customers send go: POST /hooks/twilio. Empty: customers cannot reply.
	RepliesURL string
	// RetryBase is the pause before a webhook is first repeated; it doubles. 0: 1 s.
	RetryBase time.Duration
}

// SMS is one text message, in either direction. It never changes once published.
type SMS struct {
	SID  string    `json:"sid"`
	At   time.Time `json:"at"`
	From string    `json:"from"`
	To   string    `json:"to"`
	Body string    `json:"body"`
	// Inbound messages come from customers.
	Inbound bool   `json:"inbound,omitempty"`
	Status  string `json:"status"`
	// Code says why it was not delivered, 0 where it was.
	Code     int    `json:"code,omitempty"`
	Callback string `json:"callback,omitempty"`
}

// twilioError is a refusal with Twilio's own code.
type twilioError struct {
	refusal
	code int
}

func twilioRefusal(status, code int, rule, message string) *twilioError {
	return &twilioError{refusal: *refusef(status, "twilio/"+rule, "%s", message), code: code}
}

// The numbers by which Twilio's test credentials fail (docs: test credentials).
var refusedNumbers = map[string]*twilioError{
	"+15005550001": twilioRefusal(http.StatusBadRequest, 21211, "to", "The 'To' number is not a valid phone number."),
	"+15005550002": twilioRefusal(http.StatusBadRequest, 21612, "to", "The 'To' phone number is not currently reachable via SMS."),
	"+15005550003": twilioRefusal(http.StatusBadRequest, 21408, "to", "Permission to send an SMS has not been enabled for the region."),
	"+15005550004": twilioRefusal(http.StatusBadRequest, 21610, "to", "Attempt to send to unsubscribed recipient"),
	"+15005550009": twilioRefusal(http.StatusBadRequest, 21614, "to", "'To' number is not a valid mobile number"),
}

func (s *Sandbox) twilioRoutes(outer *http.ServeMux) {
	rate := newWindow(twilioPerSecond, time.Second)
	mux := http.NewServeMux()
	const messages = "/twilio/2010-04-01/Accounts/{account}/Messages.json"
	mux.HandleFunc("POST "+messages, func(w http.ResponseWriter, r *http.Request) { s.serveTwilio(w, r, rate, s.createSMS) })
	mux.HandleFunc("GET "+messages, func(w http.ResponseWriter, r *http.Request) { s.serveTwilio(w, r, rate, s.listSMS) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuseSMS(w, r, twilioRefusal(http.StatusNotFound, 20404, "path", "The requested resource was not found"), nil)
	})
	outer.Handle("/twilio/", s.withFaults(Twilio, mux, twilioLimited, twilioFailed))
}

// serveTwilio signs a call in and answers it.
func (s *Sandbox) serveTwilio(w http.ResponseWriter, r *http.Request, rate *window, serve func(r *http.Request, body []byte) (int, any, *twilioError)) {
	user, password, _ := r.BasicAuth()
	is := func(got, want string) bool { return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1 }
	body, err := readBody(w, r, twilioBodyMax)
	var ref *twilioError
	switch {
	case !is(user, s.opts.Twilio.AccountSID) || !is(password, s.opts.Twilio.AuthToken):
		ref = twilioRefusal(http.StatusUnauthorized, 20003, "auth", "Authenticate")
	case r.PathValue("account") != s.opts.Twilio.AccountSID:
		ref = twilioRefusal(http.StatusNotFound, 20404, "account", "The requested resource was not found")
	case err != nil:
		ref = twilioRefusal(http.StatusBadRequest, 20001, "body", "the body cannot be read")
	case !s.opts.Limits.TwilioOff && !rate.take(s.now()):
		s.countLimited()
		w.Header().Set("Retry-After", "1")
		twilioLimited(w)
		return
	}
	var status int
	var answer any
	if ref == nil {
		status, answer, ref = serve(r, body)
	}
	if ref != nil {
		s.refuseSMS(w, r, ref, body)
		return
	}
	writeJSON(w, status, answer)
}

func (s *Sandbox) refuseSMS(w http.ResponseWriter, r *http.Request, ref *twilioError, body []byte) {
	s.recordRefusal(Twilio, r, &ref.refusal, body)
	writeTwilioError(w, ref.status, ref.code, ref.detail)
}

func writeTwilioError(w http.ResponseWriter, status, code int, message string) {
	writeJSON(w, status, map[string]any{
		"code": code, "message": message, "status": status, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	})
}

func twilioLimited(w http.ResponseWriter) {
	writeTwilioError(w, http.StatusTooManyRequests, 20429, "Too Many Requests")
}

func twilioFailed(w http.ResponseWriter, status int) {
	writeTwilioError(w, status, 20500, "Internal Server Error")
}

var e164Number = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// createSMS takes a message to be sent.
func (s *Sandbox) createSMS(r *http.Request, body []byte) (int, any, *twilioError) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return 0, nil, twilioRefusal(http.StatusUnsupportedMediaType, 20415, "content_type", "want application/x-www-form-urlencoded")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return 0, nil, twilioRefusal(http.StatusBadRequest, 20001, "form", "the body is not a form")
	}
	if ref := s.checkSMS(form); ref != nil {
		return 0, nil, ref
	}
	m := &SMS{
		SID: "SM" + s.randomHex(32), At: s.now(), From: s.opts.Twilio.From, To: form.Get("To"), Body: form.Get("Body"),
		Status: "queued", Callback: form.Get("StatusCallback"),
	}
	s.change(func(st *State) {
		if st.stopped[m.To] {
			err = errStopped
			return
		}
		st.Counts.SMS++
		st.SMS = capped(st.SMS, m, s.opts.Keep.SMS)
		s.progressSMS(m)
	})
	if err != nil {
		return 0, nil, refusedNumbers["+15005550004"]
	}
	return http.StatusCreated, s.smsJSON(m), nil
}

// errStopped: the owner of the number replied STOP.
var errStopped = errors.New("stopped")

// checkSMS holds a form against Twilio's rules.
func (s *Sandbox) checkSMS(form url.Values) *twilioError {
	bad := func(code int, rule, message string) *twilioError {
		return twilioRefusal(http.StatusBadRequest, code, rule, message)
	}
	callback, err := url.Parse(form.Get("StatusCallback"))
	from := form.Get("From") + form.Get("MessagingServiceSid")
	switch to, text := form.Get("To"), form.Get("Body"); {
	case to == "":
		return bad(21604, "to", "A 'To' phone number is required.")
	case from == "":
		return bad(21603, "from", "A 'From' phone number is required.")
	case from != s.opts.Twilio.From || strings.HasPrefix(from, "MG") != form.Has("MessagingServiceSid"):
		return bad(21606, "from", "The 'From' phone number provided is not a valid message-capable phone number.")
	case !e164Number.MatchString(to):
		return bad(21211, "to", "The 'To' number is not a valid phone number.")
	case text == "":
		return bad(21602, "body", "Message body is required.")
	case utf8.RuneCountInString(text) > smsBodyMax:
		return bad(21617, "body", "The concatenated message body exceeds the 1600 character limit.")
	case err != nil, callback.String() != "" && callback.Host == "":
		return bad(21609, "status_callback", "The 'StatusCallback' URL is not a valid URL.")
	default:
		return refusedNumbers[to]
	}
}

// listSMS answers with messages, the newest first.
func (s *Sandbox) listSMS(r *http.Request, _ []byte) (int, any, *twilioError) {
	query := r.URL.Query()
	size := 50
	if text := query.Get("PageSize"); text != "" {
		var err error
		if size, err = strconv.Atoi(text); err != nil || size < 1 || size > smsPageMax {
			return 0, nil, twilioRefusal(http.StatusBadRequest, 20001, "page_size", "Page size must be 1 to 1000")
		}
	}
	found := []json.RawMessage{}
	s.Read(func(st *State) {
		for i := len(st.SMS) - 1; i >= 0 && len(found) < size; i-- {
			if m := st.SMS[i]; query.Get("To") == "" || m.To == query.Get("To") {
				found = append(found, s.smsJSON(m))
			}
		}
	})
	return http.StatusOK, map[string]any{"messages": found, "page": 0, "page_size": size, "next_page_uri": nil}, nil
}

// smsJSON is a message as Twilio writes it.
func (s *Sandbox) smsJSON(m *SMS) json.RawMessage {
	direction := "outbound-api"
	if m.Inbound {
		direction = "inbound"
	}
	var code, sent any
	if m.Code != 0 {
		code = m.Code
	}
	if m.Status != "queued" {
		sent = m.At.UTC().Format(time.RFC1123Z)
	}
	text, err := json.Marshal(map[string]any{
		"sid": m.SID, "account_sid": s.opts.Twilio.AccountSID, "to": m.To, "from": m.From, "body": m.Body, "status": m.Status,
		"direction": direction, "error_code": code, "date_created": m.At.UTC().Format(time.RFC1123Z), "date_sent": sent,
		"api_version": "2010-04-01", "num_media": "0",
		"uri": fmt.Sprintf("/2010-04-01/Accounts/%s/Messages/%s.json", s.opts.Twilio.AccountSID, m.SID),
	})
	if err != nil {
		panic(err) // plain data always has JSON
	}
	return text
}
