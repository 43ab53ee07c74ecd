package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// press posts a signed press of a button, as Slack does.
func (s *site) press(payload string, at time.Time) answer {
	s.Helper()
	body := url.Values{"payload": {payload}}.Encode()
	mac := hmac.New(sha256.New, []byte(slackSecret))
	mac.Write([]byte("v0:" + itoa(at.Unix()) + ":" + body))
	return s.do(http.MethodPost, "/hooks/slack", http.Header{
		"Content-Type":              {"application/x-www-form-urlencoded"},
		"X-Slack-Request-Timestamp": {itoa(at.Unix())},
		"X-Slack-Signature":         {"v0=" + hex.EncodeToString(mac.Sum(nil))},
	}, []byte(body))
}

func button(action, value string) string {
	return `{"type":"block_actions","user":{"id":"U1"},"channel":{"id":"C1"},"container":{"message_ts":"1.2","channel_id":"C1"},
		"actions":[{"action_id":"` + action + `","block_id":"b","value":"` + value + `","action_ts":"1596530385.194939"}]}`
}

func TestClickReachesTheInboxOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 2 { // a repeated interaction adds nothing
		got := s.press(button("case_acknowledge", "case1.2"), s.clock())
		s.has(got, http.StatusOK)
		s.want(got.body == "", "Slack would show %q", got.body)
	}
	items := s.items(store.TopicClick)["case1"]
	s.want(len(items) == 1 && items[0].Source == "slack", "inbox: %v", items)
	var click survey.Click
	s.ok(json.Unmarshal(items[0].Payload, &click))
	want := survey.Click{ID: "case1/case_acknowledge/U1/1596530385.194939", CaseID: "case1", Action: survey.ActionAcknowledge, User: "U1", Seen: 2, At: start}
	s.want(click == want && items[0].Key == want.ID, "click %+v: want %+v", click, want)
}

func TestBadClicksChangeNothing(t *testing.T) {
	t.Parallel()
	good := button("case_resolve", "case1.2")
	tests := []struct {
		name    string
		payload string
		late    time.Duration
		status  int
		message string
	}{
		{"unknown action", button("open_record", "case1.2"), 0, 200, ""},
		{"old signature", good, 6 * time.Minute, 401, "signature is not of the last"},
		{"truncated", good[:60], 0, 400, "payload"},
		{"no case", button("case_resolve", ""), 0, 400, "names no case"},
		{"no revision of a case", button("case_resolve", "case1"), 0, 400, "names no case"},
		{"no id of a case", button("case_resolve", "../x y"), 0, 400, "names no case"},
		{"over the cap", strings.Repeat("x", 65<<10), 0, 413, "body is larger than"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.has(s.press(test.payload, s.clock().Add(-test.late)), test.status, test.message)
			s.want(len(s.items(store.TopicClick)) == 0, "the inbox has items")
		})
	}
}

func TestClickWithAForgedSignature(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	body := url.Values{"payload": {button("case_resolve", "case1.2")}}.Encode()
	got := s.do(http.MethodPost, "/hooks/slack?payload=x", http.Header{
		"X-Slack-Request-Timestamp": {itoa(s.clock().Unix())}, "X-Slack-Signature": {"v0=" + strings.Repeat("0", 64)},
	}, []byte(body))
	s.has(got, http.StatusUnauthorized, "signature does not match")
	s.want(len(s.items(store.TopicClick)) == 0, "the inbox has items")
}

func TestSlackWithoutConfiguration(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.SlackSigningSecret = "" })
	s.has(s.press(button("case_acknowledge", "case1.2"), s.clock()), http.StatusNotFound, "slack.signing_secret is not configured")
}
