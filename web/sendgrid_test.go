package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// mailSite is a site that takes SendGrid's events, with the key that signs them.
func mailSite(t *testing.T) (*site, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := sendgrid.NewEventVerifier(base64.StdEncoding.EncodeToString(der))
	if err != nil {
		t.Fatal(err)
	}
	return newSite(t, func(o *Options) { o.MailEvents = verifier }), key
}

// tell posts signed events, as SendGrid does.
func (s *site) tell(key *ecdsa.PrivateKey, at time.Time, body string) answer {
	s.Helper()
	timestamp := itoa(at.Unix())
	sum := sha256.Sum256([]byte(timestamp + body))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	s.ok(err)
	return s.do(http.MethodPost, "/hooks/sendgrid", http.Header{
		"Content-Type":                           {"application/json"},
		"X-Twilio-Email-Event-Webhook-Signature": {base64.StdEncoding.EncodeToString(signature)},
		"X-Twilio-Email-Event-Webhook-Timestamp": {timestamp},
	}, []byte(body))
}

func (s *site) begin(keys ...string) store.Begun {
	s.Helper()
	begun, err := s.store.BeginEffects(s.Context(), "sendgrid", "", keys, s.clock(), s.clock())
	s.ok(err)
	return begun
}

func TestEventProvesAMail(t *testing.T) {
	t.Parallel()
	s, key := mailSite(t)
	s.begin("mail/invite/i1", "mail/ask/a1")
	const body = `[{"event":"processed","sg_event_id":"1","sg_message_id":"m1","cxloop_kind":"invite","cxloop_id":"i1"},
		{"event":"delivered","sg_event_id":"2","cxloop_kind":"invite","cxloop_id":"i1"},
		{"event":"open","sg_event_id":"3"},{"event":"bounce","sg_event_id":"4","cxloop_kind":"invite","cxloop_id":"other"}]` + "\r\n"
	s.has(s.tell(key, s.clock(), body), http.StatusOK, `{"received":4,"proved":1}`)
	s.has(s.tell(key, s.clock(), body), http.StatusOK, `{"received":4,"proved":0}`)
	begun := s.begin("mail/invite/i1", "mail/ask/a1")
	s.want(len(begun.Done) == 1 && begun.Done[0].Ref == "m1" && len(begun.Doubtful) == 1, "effects: %+v", begun)
}

// event is what SendGrid tells of an invitation's mail.
func event(id, kind, more string) string {
	return `{"event":"` + kind + `","sg_event_id":"` + kind + id + `","cxloop_kind":"invite","cxloop_id":"` + id + `"` + more + `}`
}

func TestMailEventsHaveTheirConsequences(t *testing.T) {
	t.Parallel()
	for kind, test := range map[string]struct {
		more  string
		state survey.InvitationState
		rule  survey.Rule // of the next admission of somebody with the address
	}{
		"processed":         {"", survey.InvitationSent, ""},
		"deferred":          {`,"response":"400 try again later","attempt":"5"`, survey.InvitationSent, ""},
		"delivered":         {`,"response":"250 OK"`, survey.InvitationDelivered, ""},
		"bounce":            {`,"type":"bounce","reason":"500 unknown recipient","status":"5.0.0"`, survey.InvitationBounced, survey.RuleBounced},
		"bounce ":           {`,"type":"blocked"`, survey.InvitationSent, ""},
		"dropped":           {`,"reason":"Bounced Address"`, survey.InvitationBounced, survey.RuleBounced},
		"dropped ":          {`,"reason":"Spam Reporting Address"`, survey.InvitationBounced, survey.RuleUnsubscribed},
		"dropped  ":         {`,"reason":"Recipient List over Package Quota"`, survey.InvitationBounced, ""},
		"spamreport":        {"", survey.InvitationSent, survey.RuleUnsubscribed},
		"unsubscribe":       {"", survey.InvitationSent, survey.RuleUnsubscribed},
		"group_unsubscribe": {`,"asm_group_id":10`, survey.InvitationSent, survey.RuleUnsubscribed},
		"group_resubscribe": {"", survey.InvitationSent, ""},
		"open":              {`,"sg_machine_open":true`, survey.InvitationSent, ""},
		"click":             {`,"url":"https://cx.example.com/s/x"`, survey.InvitationSent, ""},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s, key := mailSite(t)
			s.address = "ada@example.com"
			id := s.invite("en")
			address := `,"email":"Ada@Example.com"`
			for range 2 {
				body := "[" + event(id, strings.TrimSpace(kind), address+test.more) + "]\r\n"
				s.has(s.tell(key, s.clock(), body), http.StatusOK, `"received":1`)
			}
			r, err := s.store.Invitation(t.Context(), id)
			s.ok(err)
			s.want(r.Invitation.State == test.state, "state %s: want %s", r.Invitation.State, test.state)
			next := s.admit("en") // another contact with the same address
			s.ok(s.store.MarkCancelled(t.Context(), []string{next}, s.clock()))
			kept, err := s.store.Invitation(t.Context(), next)
			s.ok(err)
			s.want(kept.Bounced == (test.rule == survey.RuleBounced), "bounced: %t", kept.Bounced)
			mine, err := s.store.Unanswered(t.Context(), store.UnansweredRequest{Batch: r.Invitation.Batch, SentBy: s.clock(), Now: s.clock(), Reminder: 1})
			s.ok(err)
			s.want(len(mine) == 1 == (test.rule == "" && test.state != survey.InvitationBounced), "%d to remind", len(mine))
		})
	}
}

func TestComplaintsPauseAProgramUntilItIsResumed(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s, key := mailSite(t)
	s.server.opt.Guard = survey.Guard{Complaints: 0.1, Bounces: 1, Least: 5, Within: survey.Span(24 * time.Hour)}
	s.server.opt.Log = slog.New(slog.NewTextHandler(&log, nil))
	page := func(method, body string) answer {
		return s.do(method, "/paused", signedIn("ada", apiToken), []byte(body))
	}
	s.has(page(http.MethodGet, ""), http.StatusOK, "No program is paused.")
	var events []string
	for i := range 10 {
		id := s.invite("en")
		if i < 3 {
			events = append(events, event(id, "spamreport", `,"email":"someone@example.com"`))
		}
	}
	s.has(s.tell(key, s.clock(), "["+strings.Join(events, ",")+"]"), http.StatusOK, `"received":3`)
	program := programs()[0].ID
	s.has(page(http.MethodGet, ""), http.StatusOK, "<code>"+program+"</code>", "Of the last 10 mails, 3 were reported as spam.")
	s.want(strings.Contains(log.String(), "level=ERROR") && strings.Contains(log.String(), "program="+program), "log: %s", log.String())
	s.want(!strings.Contains(log.String(), "someone"), "the log names an address: %s", log.String())

	s.has(page(http.MethodPost, "program=other"), http.StatusNotFound, "not paused", "<code>"+program+"</code>")
	s.has(page(http.MethodPost, "program="+program), http.StatusOK, "mails again", "No program is paused.")
	s.has(page(http.MethodPost, "program="+program), http.StatusNotFound, "Nothing was changed")
	s.want(strings.Contains(log.String(), "operator=ada"), "log: %s", log.String())
	if err := s.store.PauseProgram(t.Context(), program, s.clock()); err != nil {
		t.Fatal(err)
	}
	s.has(page(http.MethodGet, ""), http.StatusOK, "<code>"+program+"</code>", "An operator paused it.")
	s.has(s.do(http.MethodPost, "/paused", nil, []byte("program="+program)), http.StatusUnauthorized)
}

func TestBadMailEventsChangeNothing(t *testing.T) {
	t.Parallel()
	const good = `[{"event":"processed","sg_event_id":"1","cxloop_kind":"invite","cxloop_id":"i1"}]`
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		body    string
		key     *ecdsa.PrivateKey
		late    time.Duration
		status  int
		message string
	}{
		"another key":   {good, stranger, 0, 401, "signature does not match"},
		"old":           {good, nil, 26 * time.Hour, 401, "not of the last day"},
		"no events":     {`{"event":"processed"}`, nil, 0, 400, "not a JSON array"},
		"a bad event":   {`[` + good[1:len(good)-1] + `,7]`, nil, 0, 400, "event 1"},
		"another kind":  {strings.Replace(good, "invite", "letter", 1), nil, 0, 200, `"proved":0`},
		"no id":         {strings.Replace(good, `"i1"`, `"../i1"`, 1), nil, 0, 200, `"proved":0`},
		"not cxloop's":  {`[{"event":"processed"}]`, nil, 0, 200, `"proved":0`},
		"over the cap":  {strings.Repeat(" ", 1<<20) + good, nil, 0, 413, "body is larger than"},
		"over max_body": {good + strings.Repeat(" ", 65<<10), nil, 0, 200, `"proved":1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, key := mailSite(t)
			if test.key != nil {
				key = test.key
			}
			s.begin("mail/invite/i1")
			s.has(s.tell(key, s.clock().Add(-test.late), test.body), test.status, test.message)
			proved := len(s.begin("mail/invite/i1").Done) > 0
			s.want(proved == strings.Contains(test.message, `"proved":1`), "proved: %t", proved)
		})
	}
}

func TestMailEventsWithoutADatabaseOrAKey(t *testing.T) {
	t.Parallel()
	s, key := mailSite(t)
	s.begin("mail/invite/i1")
	s.ok(s.store.Close())
	s.has(s.tell(key, s.clock(), `[{"event":"processed","cxloop_kind":"invite","cxloop_id":"i1"}]`), http.StatusServiceUnavailable, "send it again")
	newSite(t).has(newSite(t).tell(key, start, `[]`), http.StatusNotFound, "not configured")
}
