package hubspot

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/sandbox"
)

// crowd runs the stand-in with many contacts.
func crowd(t *testing.T, limits sandbox.Limits, size sandbox.Crowd) (*sandbox.Sandbox, *Client) {
	t.Helper()
	o := sandbox.Options{HubSpot: sandbox.HubSpotOptions{Token: testToken}, Limits: limits, Logger: slog.New(slog.DiscardHandler)}
	if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
		o.SpecsDir = filepath.Join(dir, "specs")
	}
	box, err := sandbox.New(o)
	require.NoError(t, err)
	box.SeedCrowd(size)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	client, err := New(Options{ID: "hs", BaseURL: server.URL + "/hubspot", Token: testToken})
	require.NoError(t, err)
	return box, client
}

// readAudience reads all pages as a campaign does, waiting as the errors say, and calls
// before each page what else happens meanwhile.
func readAudience(t *testing.T, client *Client, where map[string]string, meanwhile func(page int)) []crm.AudiencePage {
	t.Helper()
	var pages []crm.AudiencePage
	query := crm.AudienceQuery{Where: where}
	for {
		meanwhile(len(pages))
		page, err := client.Audience(t.Context(), query)
		if e, ok := errors.AsType[*integrations.Error](err); ok && e.Kind == integrations.RetryAfter {
			wait(t, min(e.After, time.Second))
			continue
		}
		require.NoError(t, err)
		pages = append(pages, page)
		if page.Next == "" {
			return pages
		}
		query.After = page.Next
	}
}

func wait(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	<-ctx.Done()
}

// TestAudienceOfMoreThanASearchLists: 10,000 results are all that one search lists;
// contacts that are there from the first to the last page are on one page each.
func TestAudienceOfMoreThanASearchLists(t *testing.T) {
	t.Parallel()
	box, client := crowd(t, sandbox.Limits{HubSpotOff: true}, sandbox.Crowd{Contacts: 10_500, Owners: 50})
	client.searchPace = newPace() // the stand-in has no limits either
	there := map[string]bool{}
	all := box.Snapshot().Records(sandbox.Contacts)
	for _, r := range all {
		there[r.ID] = true
	}
	gone := map[string]bool{}
	pages := readAudience(t, client, map[string]string{"lifecyclestage": "customer"}, func(page int) {
		for _, at := range []int{page*190 + 3, len(all) - 1 - page*7} { // before and behind the cursor
			if id := all[at].ID; !gone[id] {
				gone[id] = true
				require.NoError(t, box.Archive(sandbox.Contacts, id))
			}
		}
		_, err := box.CreateContact(map[string]string{"lifecyclestage": "customer"}, "")
		require.NoError(t, err)
		_, err = box.CreateContact(map[string]string{"lifecyclestage": "lead"}, "")
		require.NoError(t, err)
	})
	require.Greater(t, len(pages), 50)
	found, without := map[string]int{}, 0
	for _, page := range pages {
		require.LessOrEqual(t, len(page.Contacts), crm.MaxAudience)
		owner := map[string]string{}
		for _, a := range page.Accounts {
			require.NotContains(t, owner, a.Key)
			owner[a.Key] = a.Attributes["hubspot_owner_id"]
		}
		for _, c := range page.Contacts {
			found[c.ID]++
			if there[c.ID] {
				require.NotEmpty(t, owner[c.AccountKey])
				require.NotEmpty(t, c.Timezone)
				require.NotEmpty(t, c.Locale)
			}
			if c.Email == "" {
				without++
			}
		}
	}
	for id, times := range found {
		require.Equal(t, 1, times, id)
	}
	for id := range there {
		require.True(t, found[id] == 1 || gone[id], id)
	}
	require.Greater(t, without, 200)
	require.Empty(t, box.Snapshot().Refusals)
}

// TestAudienceThroughTrouble: with limits, refusals and errors nobody is left out, and
// the client's own pace meets no limit of the stand-in.
func TestAudienceThroughTrouble(t *testing.T) {
	t.Parallel()
	box, client := crowd(t, sandbox.Limits{}, sandbox.Crowd{Contacts: 900})
	kinds := []sandbox.FaultKind{sandbox.FaultRateLimit, sandbox.FaultRateLimitRetryAfter, sandbox.FaultServerError, sandbox.FaultCut}
	box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 0.4, Count: 6, Kinds: kinds})
	pages := readAudience(t, client, nil, func(int) {})
	found := map[string]bool{}
	for _, page := range pages {
		for _, c := range page.Contacts {
			require.False(t, found[c.ID])
			found[c.ID] = true
		}
	}
	require.Len(t, found, 900)
	st := box.Snapshot()
	require.NotZero(t, st.Counts.Faults)
	require.Zero(t, st.Counts.RateLimited)
	require.Empty(t, st.Refusals)

	_, err := client.Audience(t.Context(), crm.AudienceQuery{Where: map[string]string{"plan": "gold"}})
	require.Equal(t, integrations.Permanent, integrations.KindOf(err))
	require.ErrorContains(t, err, "have no property plan")
}
