package sandbox

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHubSpotLimits(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	for i := range hubSpotPerWindow {
		answer := c.call("GET", "/crm/owners/2026-09", nil)
		require.Equal(t, http.StatusOK, answer.status)
		require.Equal(t, strconv.Itoa(hubSpotPerWindow-1-i), answer.header.Get("X-HubSpot-RateLimit-Remaining"))
	}
	answer := c.call("GET", "/crm/owners/2026-09", nil)
	require.Equal(t, http.StatusTooManyRequests, answer.status)
	for name, want := range map[string]string{
		"Max": "190", "Remaining": "0", "Interval-Milliseconds": "10000", "Daily": "650000", "Daily-Remaining": "649809",
	} {
		require.Equal(t, want, answer.header.Get("X-HubSpot-RateLimit-"+name), name)
	}
	require.Empty(t, answer.header.Get("Retry-After"))
	var body map[string]string
	answer.decode(t, &body)
	require.Equal(t, "RATE_LIMIT", body["errorType"])
	require.Equal(t, "TEN_SECONDLY_ROLLING", body["policyName"])
	require.Equal(t, "You have reached your ten_secondly_rolling limit.", body["message"])
	require.NotEmpty(t, body["correlationId"])
	require.NotEmpty(t, body["requestId"])
	require.EqualValues(t, 1, c.s.Snapshot().Counts.RateLimited)

	// Search has a limit of its own.
	require.Equal(t, http.StatusOK, c.call("POST", dealSearch, `{}`).status)
	c.clock.advance(hubSpotWindow)
	require.Equal(t, http.StatusOK, c.call("GET", "/crm/owners/2026-09", nil).status)
}

func TestHubSpotSearchLimit(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	for range hubSpotSearches {
		answer := c.call("POST", dealSearch, `{}`)
		require.Equal(t, http.StatusOK, answer.status)
		require.Empty(t, answer.header.Get("X-HubSpot-RateLimit-Remaining"))
	}
	require.Equal(t, http.StatusTooManyRequests, c.call("POST", dealSearch, `{}`).status)
	c.clock.advance(time.Second)
	require.Equal(t, http.StatusOK, c.call("POST", dealSearch, `{}`).status)
}

func TestHubSpotDailyLimit(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	c.s.hubspot.day, c.s.hubspot.daily = c.clock.now().Format(time.DateOnly), hubSpotPerDay
	answer := c.call("GET", "/crm/owners/2026-09", nil)
	require.Equal(t, http.StatusTooManyRequests, answer.status)
	require.Contains(t, string(answer.body), `"policyName":"DAILY"`)
	c.clock.advance(24 * time.Hour)
	require.Equal(t, http.StatusOK, c.call("GET", "/crm/owners/2026-09", nil).status)
}

func TestHubSpotLimitsOff(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, func(o *Options) { o.Limits.HubSpotOff = true })
	for range hubSpotPerWindow + 1 {
		require.Equal(t, http.StatusOK, c.call("GET", "/crm/owners/2026-09/41629779", nil).status)
	}
}

func TestWindowRolls(t *testing.T) {
	t.Parallel()
	w := newWindow(2, 10*time.Second)
	at := func(seconds int) time.Time { return time.Unix(int64(1000+seconds), 0) }
	require.True(t, w.take(at(0)))
	require.True(t, w.take(at(6)))
	require.False(t, w.take(at(9)))
	require.Equal(t, 1, w.remaining(at(10)))
	require.True(t, w.take(at(10)))
	require.False(t, w.take(at(15)))
	require.True(t, w.take(at(16)))
}
