package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
)

// patience is how long a test waits for what has to happen.
const patience = 30 * time.Second

// await waits until the stand-ins show what is expected.
func (w *world) await(t *testing.T, what string, f func(*sandbox.State) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := w.sandbox.WaitFor(ctx, f); err != nil {
		w.sandbox.Read(func(st *sandbox.State) {
			for _, r := range st.Refusals {
				t.Logf("refused: %s %s %s: %s", r.Method, r.Path, r.Rule, r.Detail)
			}
		})
		t.Fatalf("not seen within %s: %s", patience, what)
	}
}

// eventually reports whether something becomes true in time.
func eventually(f func() bool) bool { return within(patience, f) }

// within reports whether something becomes true in a time.
func within(d time.Duration, f func() bool) bool {
	ticker, end := time.NewTicker(20*time.Millisecond), time.After(d)
	defer ticker.Stop()
	for !f() {
		select {
		case <-ticker.C:
		case <-end:
			return false
		}
	}
	return true
}

// number reads a single number from the database. The query must hold no text from
// outside the test.
func (w *world) number(t *testing.T, query string) int {
	t.Helper()
	var n int
	require.NoError(t, w.db.QueryRowContext(t.Context(), query).Scan(&n), query)
	return n
}

// awaitNumber waits until a query gives a number.
func (w *world) awaitNumber(t *testing.T, want int, what, query string) {
	t.Helper()
	require.True(t, eventually(func() bool { return w.number(t, query) == want }), "not in the database within %s: %s", patience, what)
}

// calls keeps what cxloop sent to the vendors.
type calls struct {
	mu      sync.Mutex
	list    []call
	replies []*reply
}

type call struct {
	method, path, query string
	body                []byte
}

// reply is what a vendor answers, instead of doing what a call asks for, to the next
// calls whose path and body contain texts.
type reply struct {
	path, about string
	times       int
	status      int
	text        string
}

// answer makes a vendor answer some calls.
func (c *calls) answer(r reply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replies = append(c.replies, &r)
}

// keep notes a call and returns how it is answered, nil by the stand-in.
func (c *calls) keep(one call) *reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, one)
	for _, r := range c.replies {
		if r.times > 0 && strings.Contains(one.path, r.path) && strings.Contains(string(one.body), r.about) {
			r.times--
			return r
		}
	}
	return nil
}

// waiting returns how many answers were not asked for yet.
func (c *calls) waiting() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.replies {
		n += r.times
	}
	return n
}

func (c *calls) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		if reply := c.keep(call{r.Method, r.URL.Path, r.URL.RawQuery, body}); reply != nil {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(reply.status)
			_, _ = io.WriteString(w, reply.text)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// to returns the calls whose path contains a text, oldest first.
func (c *calls) to(path string) []call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []call
	for _, one := range c.list {
		if strings.Contains(one.path, path) {
			out = append(out, one)
		}
	}
	return out
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *lockedBuffer) tail(bytes int) string {
	text := b.String()
	return text[max(0, len(text)-bytes):]
}
