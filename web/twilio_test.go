package web

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const (
	twilioToken = "only-of-the-tests"
	customerNo  = "+4915112345601"
	ownNo       = "+353861234567"
)

// smsSite is a site that takes what Twilio tells.
func smsSite(t *testing.T) *site {
	t.Helper()
	return newSite(t, func(o *Options) { o.TwilioAuthToken = twilioToken })
}

// notify posts a form signed with a token, as Twilio does.
func (s *site) notify(token, path string, form url.Values) answer {
	s.Helper()
	return s.signedFor(token, path, path, form)
}

// signedFor posts a form to one path with the signature for another.
func (s *site) signedFor(token, signed, path string, form url.Values) answer {
	s.Helper()
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte("https://cx.example.com" + signed))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	return s.do(http.MethodPost, path, http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "X-Twilio-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}, []byte(form.Encode()))
}

func reply(id, body string) url.Values {
	return url.Values{"MessageSid": {id}, "From": {customerNo}, "To": {ownNo}, "Body": {body}, "SmsStatus": {"received"}}
}

func status(what, code string) url.Values {
	return url.Values{"MessageSid": {"SM1"}, "From": {ownNo}, "To": {customerNo}, "MessageStatus": {what}, "ErrorCode": {code}}
}

func TestNoticesHaveTheirConsequences(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		form  url.Values
		state survey.InvitationState
	}{
		"queued":         {status("queued", ""), survey.InvitationSent},
		"delivered":      {status("delivered", ""), survey.InvitationDelivered},
		"unknown number": {status("undelivered", "30005"), survey.InvitationBounced},
		"phone is off":   {status("undelivered", "30003"), survey.InvitationSent},
		"never left":     {status("failed", "30001"), survey.InvitationBounced},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := smsSite(t)
			id := s.invite("en")
			s.begin("mail/invite/" + id)
			for range 2 {
				a := s.notify(twilioToken, "/hooks/twilio?kind=invite&id="+id, test.form)
				s.has(a, http.StatusOK, "<Response/>")
				s.want(strings.HasPrefix(a.header.Get("Content-Type"), "text/xml"), "type: %s", a.header.Get("Content-Type"))
			}
			r, err := s.store.Invitation(t.Context(), id)
			s.ok(err)
			s.want(r.Invitation.State == test.state, "state: %s", r.Invitation.State)
			s.want(len(s.begin("mail/invite/"+id).Done) == 1, "the message is not proved")
		})
	}
}

// A reply stops the number, whatever comes twice; the status of a message whose reader
// stopped does too.
func TestRepliesStopNumbers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path  string
		forms []url.Values
		left  bool
	}{
		"stop":              {"/hooks/twilio", []url.Values{reply("SM1", "Stop")}, true},
		"start again":       {"/hooks/twilio", []url.Values{reply("SM1", "STOP"), reply("SM2", "START"), reply("SM1", "STOP")}, false},
		"chat":              {"/hooks/twilio", []url.Values{reply("SM1", "9, thank you")}, false},
		"refused by itself": {"/hooks/twilio?kind=invite&id=other", []url.Values{status("failed", "21610")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := smsSite(t)
			key := "hubspot/with-a-number"
			s.ok(s.store.SaveContacts(t.Context(), []survey.Contact{{Key: key, CRM: "hubspot", ID: "with-a-number", Phone: customerNo}}, nil))
			for _, form := range test.forms {
				s.has(s.notify(twilioToken, test.path, form), http.StatusOK, "<Response/>")
			}
			s.want(s.stopped(key) == test.left, "left: %v", !test.left)
		})
	}
}

// stopped asks by admission whether a contact unsubscribed.
func (s *site) stopped(key string) (left bool) {
	s.Helper()
	_, err := s.store.Admit(s.Context(), store.AdmitRequest{
		Batch: "asks-who-left", Program: "p", Version: "v", Now: s.clock(), Candidates: []store.Candidate{{ContactKey: key, EventAt: s.clock()}},
		Decide: func(a survey.Applicant) survey.Ruling {
			left = a.Unsubscribed
			return survey.Ruling{Rule: survey.RuleUnsubscribed}
		},
		DueAt:  func(store.Candidate, survey.Contact) time.Time { return start },
		Locale: func(survey.Contact) string { return "en" },
		NewID:  func() string { return "i-who-left" },
	})
	s.ok(err)
	return left
}

func TestBadNoticesChangeNothing(t *testing.T) {
	t.Parallel()
	s := smsSite(t)
	id := s.invite("en")
	at := "/hooks/twilio?kind=invite&id=" + id
	for name, test := range map[string]struct {
		do     func() answer
		status int
		reason string
	}{
		"other token":      {func() answer { return s.notify("x", at, status("failed", "30005")) }, 401, "signature does not match"},
		"no signature":     {func() answer { return s.do(http.MethodPost, at, http.Header{}, []byte("MessageSid=1")) }, 401, "X-Twilio-Signature is missing"},
		"signed for other": {func() answer { return s.signedFor(twilioToken, at+"x", at, status("failed", "30005")) }, 401, "signature does not match"},
		"no message":       {func() answer { return s.notify(twilioToken, at, url.Values{"MessageStatus": {"failed"}}) }, 400, "MessageSid is missing"},
		"no number": {func() answer {
			return s.notify(twilioToken, at, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"failed"}, "To": {"x"}})
		}, 400, "number is none"},
		"no form":  {func() answer { return s.do(http.MethodPost, at, http.Header{}, []byte("%zz")) }, 400, "body is not a form"},
		"too long": {func() answer { return s.do(http.MethodPost, at, http.Header{}, make([]byte, maxNotice+1)) }, 413, "larger"},
		"of another kind": {func() answer {
			return s.notify(twilioToken, strings.Replace(at, "invite", "letter", 1), status("failed", "30005"))
		}, 200, "<Response/>"},
	} {
		s.has(test.do(), test.status, test.reason)
		r, err := s.store.Invitation(t.Context(), id)
		s.ok(err)
		s.want(r.Invitation.State == survey.InvitationSent, "%s: state %s", name, r.Invitation.State)
	}
	s = newSite(t)
	s.has(s.notify(twilioToken, "/hooks/twilio", reply("SM1", "STOP")), http.StatusNotFound, "twilio is not configured")
}
