package sendgrid

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sendgrid/rest"

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
		`{"errors":[{"message":"m","field":"personalizations.0.to.0.email","help":"h"}]}`, `{"errors":[{"field":"from.email"}]}`,
		`{"errors":[{"field":null}]}`, `{"errors":{}}`, `null`, ``, `<html>`,
	} {
		for _, status := range []int{202, 200, 400, 401, 429, 500} {
			f.Add(status, "1", "1800000000", body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, retryAfter, reset, body string) {
		if status < 100 || status > 599 {
			t.Skip("no HTTP status")
		}
		client, err := New(Options{APIKey: "k"})
		if err != nil {
			t.Fatal(err)
		}
		client.http = &rest.Client{HTTPClient: &http.Client{Transport: answers{status, http.Header{
			"Retry-After": {retryAfter}, "X-Ratelimit-Reset": {reset}, "X-Message-Id": {retryAfter},
		}, body}}}
		_, err = client.Send(context.Background(), testMail("a@b.example"))
		if (err == nil) != (status == http.StatusAccepted) {
			t.Fatalf("status %d: %v", status, err)
		}
		if err == nil {
			return
		}
		e, ok := errors.AsType[*integrations.Error](err)
		if !ok || e.After < 0 || len(e.Error()) > 2000 {
			t.Fatalf("%T, %d bytes: %.300v", err, len(err.Error()), err)
		}
	})
}
