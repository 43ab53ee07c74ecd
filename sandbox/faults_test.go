package sandbox

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind FaultKind
		// status is 0 where the connection is cut.
		status int
		done   bool
	}{
		{FaultRateLimit, 429, false},
		{FaultRateLimitRetryAfter, 429, false},
		{FaultServerError, 500, false},
		{FaultCutBefore, 0, false},
		{FaultCut, 0, true},
		{FaultHang, 504, false},
	}
	require.Len(t, FaultKinds, len(tests))
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			c := newHSClient(t, nil)
			r := c.contact("a@x.example", "")
			c.s.SetFaults(HubSpot, Faults{
				Rate: 1, Kinds: []FaultKind{tt.kind}, Count: 1, Path: "batch/update", RetryAfter: 1500 * time.Millisecond, Hang: time.Millisecond,
			})
			require.Equal(t, http.StatusOK, c.call("GET", "/crm/owners/2026-09", nil).status)

			answer, err := c.send("POST", hsContacts+"/batch/update", inputs("phone", "1", r.ID), nil)
			require.Equal(t, tt.status == 0, err != nil)
			require.Equal(t, tt.status, answer.status)
			if tt.kind == FaultRateLimitRetryAfter {
				require.Equal(t, "2", answer.header.Get("Retry-After"))
			}
			if tt.kind == FaultRateLimit {
				require.Empty(t, answer.header.Get("Retry-After"))
				require.Equal(t, "10000", answer.header.Get("X-HubSpot-RateLimit-Interval-Milliseconds"))
			}
			require.Equal(t, tt.done, c.s.Record(Contacts, r.ID).Get("phone") == "1")
			require.EqualValues(t, 1, c.s.Snapshot().Counts.Faults)
			require.Equal(t, map[FaultKind]int{tt.kind: 1}, c.s.FaultCounts(HubSpot))

			// Count has ended them.
			require.Equal(t, http.StatusOK, c.call("POST", hsContacts+"/batch/update", inputs("phone", "2", r.ID)).status)
		})
	}
}

// TestFaultsRepeat shows that one seed gives one sequence.
func TestFaultsRepeat(t *testing.T) {
	t.Parallel()
	sequence := func(seed uint64) (kinds []FaultKind) {
		c := newHSClient(t, nil)
		c.s.SetFaults(HubSpot, Faults{Seed: seed, Rate: 0.5})
		for range 50 {
			kind, _ := c.s.faults[HubSpot].next("/")
			kinds = append(kinds, kind)
		}
		return kinds
	}
	require.Equal(t, sequence(7), sequence(7))
	require.NotEqual(t, sequence(7), sequence(8))
}
