package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVariantsAndReminders asks by two variants, reminds twice, mails a promoter inside
// a window, and compares.
func TestVariantsAndReminders(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	const tasters = 12
	asked, pages := map[string]int{}, map[string]string{}
	for i := range tasters {
		id := fmt.Sprintf("taster%d", i)
		reference := w.happens(t, "tasting.held", id, "UTC")
		m := w.mail(t, id+"@other.example", "invite")
		var variant string
		require.NoError(t, w.db.QueryRow(fmt.Sprintf(`SELECT variant FROM invitations WHERE contact_key = '%s'`, reference)).Scan(&variant))
		asked[variant]++
		short := variant == "short"
		require.Equal(t, short, m.Subject == "Quick one", "%s: %s", variant, m.Subject)
		require.Equal(t, short, strings.Contains(m.Text(), "All well?"), "%s", m.Text())
		pages[variant] = link(t, m)
	}
	require.Len(t, asked, 2, "%v", asked)
	require.Equal(t, tasters, asked["plain"]+asked["short"])

	w.give(t, w.mail(t, "taster11@other.example", "invite"), "10", "")
	w.mail(t, "taster11@other.example", "ask")
	require.NotContains(t, w.mails("taster11@other.example"), "second_reminder")
	w.mail(t, "taster2@other.example", "second_reminder")
	require.Equal(t, []string{"invite", "reminder", "second_reminder"}, w.mails("taster2@other.example"))

	require.Contains(t, w.get(t, pages["short"]+"?change=1").body, "All well?")
	require.NotContains(t, w.get(t, pages["plain"]+"?change=1").body, "All well?")

	got := cxloop(t, "variants", "tasting-nps", "--json", "-c", writeFile(t, string(w.yaml)))
	require.Zero(t, got.code, got.errOut)
	var report variantReport
	require.NoError(t, json.Unmarshal([]byte(got.out), &report))
	require.Equal(t, asked["plain"], report.Variants[0].Sent)
	require.Equal(t, asked["short"], report.Variants[1].Sent)
	require.Equal(t, 1, report.Variants[0].Responses+report.Variants[1].Responses)
}
