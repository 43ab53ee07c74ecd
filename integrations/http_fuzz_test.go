package integrations

import (
	"net/http"
	"testing"
	"time"
)

func FuzzRetryAfterOf(f *testing.F) {
	for _, seed := range []string{"", "0", "120", "-1", "1e3", " 5", "4294967296", "Wed, 21 Oct 2026 07:28:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"} {
		f.Add(seed)
	}
	now := time.Date(2026, 10, 21, 7, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if wait := RetryAfterOf(http.Header{"Retry-After": {value}}, now); wait < 0 {
			t.Fatalf("Retry-After %q is read as %s", value, wait)
		}
	})
}
