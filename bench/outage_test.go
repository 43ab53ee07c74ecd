package bench

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/survey"
)

// Requests that wait for a slow one count from when they were to be sent, and a slow
// one does not hold up those after it.
func TestSteadyKeepsItsRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		back := began.Add(time.Second)
		took, err := steady(t.Context(), 10, 20, func(context.Context, int) error {
			time.Sleep(time.Until(back)) // the server stands still for the first second
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 1900*time.Millisecond, time.Since(began))
		for i, d := range took {
			require.Equal(t, max(0, time.Second-time.Duration(i)*100*time.Millisecond), d, i)
		}
	})
}

func TestSteadyEndsWithAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		_, err := steady(t.Context(), 1, 10, func(context.Context, int) error {
			sent++
			return io.ErrUnexpectedEOF
		})
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.LessOrEqual(t, sent, 2)
	})
}

// What bench sends is what HubSpot sends.
func TestDeliver(t *testing.T) {
	t.Parallel()
	const secret = "client-secret"
	receiver, err := hubspot.New(hubspot.Options{ID: "hubspot", Token: "token", ClientSecret: secret})
	require.NoError(t, err)
	var events []survey.Event
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			events, err = receiver.Receive(crm.Delivery{
				Method: r.Method, URL: "http://" + r.Host + r.URL.Path, Header: r.Header, Body: body, Received: time.Now(),
			})
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusUnauthorized)
		}
	}))
	defer app.Close()
	w := &world{app: app.URL, secret: secret, http: app.Client()}
	require.NoError(t, w.deliver(t.Context(), "9201"))
	require.Len(t, events, 1)
	require.Equal(t, "deal.changed", events[0].Type)
	require.ErrorContains(t, (&world{app: app.URL, secret: "other", http: app.Client()}).deliver(t.Context(), "9201"), "401")
}

func TestDue(t *testing.T) {
	t.Parallel()
	p := &play{first: 10, load: load{count: 10, score: usualScore}}
	require.Equal(t, fate{invited: 1, asked: 1, score: "9"}, p.due(0))
	require.Equal(t, fate{invited: 1, score: "7"}, p.due(5))
	require.Equal(t, fate{invited: 1, shown: 1, score: "2"}, p.due(8))
	p.score = nil
	require.Equal(t, fate{invited: 1}, p.due(0))
}
