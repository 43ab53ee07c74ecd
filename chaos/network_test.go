package chaos

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNetwork(t *testing.T) {
	t.Parallel()
	const posts = 200
	bodies := make(chan string, 2*posts)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body)
	}))
	defer server.Close()
	n := newNetwork(1)
	client := &http.Client{Transport: n}
	n.fail(0.5)
	failed := 0
	for range posts {
		resp, err := client.Post(server.URL, "text/plain", strings.NewReader("event"))
		if err != nil {
			require.ErrorIs(t, err, errNetwork)
			failed++
			continue
		}
		require.NoError(t, resp.Body.Close())
	}
	for _, f := range []fate{arrives, lost, unanswered, doubled} {
		require.Positive(t, n.fates[f], f)
	}
	require.Equal(t, n.fates[lost]+n.fates[unanswered], failed)
	require.Len(t, bodies, posts-n.fates[lost]+n.fates[doubled])
	close(bodies)
	for body := range bodies {
		require.Equal(t, "event", body)
	}
}
