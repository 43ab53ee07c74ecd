package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what Twilio signs with
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Twilio gives an app 15 seconds to answer a webhook (docs: connection overrides), and repeats those whose address asks
// for it by #rc=n.
const twilioTimeout = 15 * time.Second

// lateCodes are the ends of numbers whose messages are taken and not delivered: of +49151…30005 the handset is unknown.
var lateCodes = []int{30003, 30005, 30006, 30007}

// smsNotice is a webhook that waits to be sent.
type smsNotice struct {
	to   string // an address
	form url.Values
}

// smsNoticeQueue holds what waits; guarded by the sandbox's lock.
type smsNoticeQueue struct {
	pending []smsNotice
	wake    chan struct{}
}

func (q *smsNoticeQueue) init() { q.wake = make(chan struct{}, 1) }

func (q *smsNoticeQueue) add(n smsNotice) {
	q.pending = append(q.pending, n)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// progressSMS has a message go its way, with a status callback for each step; the lock is held.
func (s *Sandbox) progressSMS(m *SMS) {
	for _, status := range []string{"sent", "delivered"} {
		code := 0
		if i := slices.IndexFunc(lateCodes, func(c int) bool { return strings.HasSuffix(m.To, strconv.Itoa(c)) }); i >= 0 && status == "delivered" {
			status, code = "undelivered", lateCodes[i]
		}
		s.stepSMS(m, status, code)
	}
}

// stepSMS publishes a message's next status; the lock is held.
func (s *Sandbox) stepSMS(m *SMS, status string, code int) {
	next := *m
	next.Status, next.Code = status, code
	if i := slices.IndexFunc(s.st.SMS, func(other *SMS) bool { return other.SID == m.SID }); i >= 0 {
		s.st.SMS[i] = &next
	}
	if m.Callback == "" {
		return
	}
	form := s.smsForm(&next)
	form.Set("MessageStatus", status)
	form.Set("SmsStatus", status)
	if code != 0 {
		form.Set("ErrorCode", strconv.Itoa(code))
	}
	s.smsNotices.add(smsNotice{m.Callback, form})
}

func (s *Sandbox) smsForm(m *SMS) url.Values {
	return url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "AccountSid": {s.opts.Twilio.AccountSID}, "ApiVersion": {"2010-04-01"},
		"From": {m.From}, "To": {m.To},
	}
}

// Words that Twilio itself acts on.
var (
	stopWords  = []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
	startWords = []string{"START", "YES", "UNSTOP"}
)

// ReplySMS has the owner of a number send a message to the app. After STOP the number takes none, until START.
func (s *Sandbox) ReplySMS(from, body string) error {
	if s.opts.Twilio.RepliesURL == "" {
		return fmt.Errorf("messages from customers: %w", ErrNotFound)
	}
	if !e164Number.MatchString(from) {
		return fmt.Errorf("number %q: want it as +4915112345678", from)
	}
	m := &SMS{SID: "SM" + s.randomHex(32), At: s.now(), From: from, To: s.opts.Twilio.From, Body: body, Inbound: true, Status: "received"}
	s.change(func(st *State) {
		form := s.smsForm(m)
		form.Set("Body", body)
		form.Set("SmsStatus", "received")
		form.Set("NumMedia", "0")
		word := strings.ToUpper(strings.TrimSpace(body))
		switch {
		case slices.Contains(stopWords, word):
			st.stopped[from] = true
			form.Set("OptOutType", "STOP")
		case slices.Contains(startWords, word):
			delete(st.stopped, from)
			form.Set("OptOutType", "START")
		}
		st.SMS = capped(st.SMS, m, s.opts.Keep.SMS)
		s.smsNotices.add(smsNotice{s.opts.Twilio.RepliesURL, form})
	})
	return nil
}

// deliverSMSNotices sends what is queued until the context ends, one after the other.
func (s *Sandbox) deliverSMSNotices(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.smsNotices.wake:
		}
		for {
			s.mu.Lock()
			if len(s.smsNotices.pending) == 0 {
				s.mu.Unlock()
				break
			}
			next := s.smsNotices.pending[0]
			s.smsNotices.pending = s.smsNotices.pending[1:]
			s.mu.Unlock()
			if err := s.deliverSMSNotice(ctx, next); err != nil && ctx.Err() == nil {
				s.log.Warn("a webhook of Twilio's is lost", "error", err)
			}
		}
	}
}

// deliverSMSNotice repeats a webhook as often as its address asks for.
func (s *Sandbox) deliverSMSNotice(ctx context.Context, n smsNotice) error {
	address, overrides, _ := strings.Cut(n.to, "#")
	asked, _ := url.ParseQuery(overrides)
	repeats, _ := strconv.Atoi(asked.Get("rc"))
	for try := 0; ; try++ {
		err := s.postSMSNotice(ctx, address, n.form)
		if err == nil || try >= repeats || ctx.Err() != nil {
			return err
		}
		pause(ctx, s.opts.Twilio.RetryBase<<try)
	}
}

func (s *Sandbox) postSMSNotice(ctx context.Context, address string, form url.Values) error {
	ctx, cancel := context.WithTimeout(ctx, twilioTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Twilio-Signature", signTwilio(s.opts.Twilio.AuthToken, address, form))
	resp, err := s.opts.HTTPClient.Do(req)
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing left to do with it
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("post: status %d", resp.StatusCode)
	}
	return nil
}

// signTwilio makes X-Twilio-Signature: base64 of HMAC-SHA1 over the address and the sorted form.
func signTwilio(token, address string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// SMSTo returns the messages that one number got, oldest first.
func (st *State) SMSTo(number string) []*SMS {
	return slices.DeleteFunc(slices.Clone(st.SMS), func(m *SMS) bool { return m.Inbound || m.To != number })
}
