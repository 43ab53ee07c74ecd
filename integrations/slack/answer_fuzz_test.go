package slack

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations"
)

// answers answers every request alike.
type answers struct {
	status int
	header http.Header
	body   string
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"ok":true,"channel":"C1","ts":"1.2","message_ts":"1.3","user":{"id":"U1","deleted":false,"is_bot":true}}`,
		`{"ok":true,"channel":{"id":"D1"},"already_open":true}`, `{"ok":true,"view":{"id":"V1"}}`, `{"ok":false,"error":"users_not_found"}`,
		`{"ok":true,"messages":[{"ts":"1.2","metadata":{"event_type":"cxloop_case","event_payload":{"case":"c1"}}}],"has_more":true}`,
		`{"ok":false,"error":"missing_scope","needed":"chat:write"}`, `{"ok":false,"error":"fatal_error","response_metadata":{"messages":["m"]}}`,
		`{"ok":false}`, `null`, `[]`, ``, `<html>`,
	} {
		for _, status := range []int{200, 404, 429, 500} {
			f.Add(status, "1", body)
		}
	}
	f.Add(429, "", "")
	f.Add(429, strings.Repeat("x", 3000), "")
	f.Add(200, "1", `{"ok":false,"error":"`+strings.Repeat("x", 3000)+`"}`)
	f.Add(200, "1", `{"ok":false,"error":"missing_scope","needed":"`+strings.Repeat("x", 3000)+`"}`)
	f.Fuzz(func(t *testing.T, status int, retryAfter, body string) {
		if status < 100 || status > 599 {
			t.Skip("no HTTP status")
		}
		header := http.Header{"Content-Type": {"application/json"}, "Retry-After": {retryAfter}}
		client := &Client{api: slack.New("t", slack.OptionHTTPClient(&http.Client{Transport: readableWaits{answers{status, header, body}}}))}
		channel, ts, err := client.Post(context.Background(), "C1", Message{Text: "x"})
		if err == nil && (channel == "" || ts == "") {
			t.Fatal("a message without a name")
		}
		checkError(t, err)
		checkError(t, client.Update(context.Background(), "C1", "1.2", Message{Text: "x"}))
		_, err = client.UserActive(context.Background(), "U1")
		checkError(t, err)
		_, err = client.FindMessage(context.Background(), "C1", time.Unix(1, 0), "cxloop_case", "case", "c1")
		checkError(t, err)
		_, err = client.FindReply(context.Background(), "C1", "1.2", time.Unix(1, 0), "cxloop_case", "case", "c1")
		checkError(t, err)
		if user, err := client.LookupByEmail(context.Background(), "grace@example.com"); err == nil && user.ID == "" && user != (User{}) {
			t.Fatal("a user without a name")
		} else {
			checkError(t, err)
		}
		dm, err := client.OpenDM(context.Background(), "U1")
		if err == nil && dm == "" {
			t.Fatal("a channel without a name")
		}
		checkError(t, err)
		address, err := client.Permalink(context.Background(), "C1", "1.2")
		if err == nil && address == "" {
			t.Fatal("a message without an address")
		}
		checkError(t, err)
		view, err := client.OpenView(context.Background(), "1.2.3", slack.ModalViewRequest{})
		if err == nil && view == "" {
			t.Fatal("a view without a name")
		}
		checkError(t, err)
	})
}

// checkError requires an error that says what to do, in a text that a history can hold.
func checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	e, ok := errors.AsType[*integrations.Error](err)
	if !ok || e.After < 0 || len(e.Error()) > 2000 {
		t.Fatalf("%T, %d bytes: %.300v", err, len(err.Error()), err)
	}
}
