package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestImportPurchases(t *testing.T) {
	t.Parallel()
	file, _ := commanded(t)
	csv := filepath.Join(t.TempDir(), "orders.csv")
	write := func(rows ...string) {
		require.NoError(t, os.WriteFile(csv, []byte("Order,contact_id,bought_at,amount\n"+strings.Join(rows, "\n")), 0o600))
	}
	run := func(args ...string) ran {
		return cxloop(t, append([]string{"import", "purchases", csv, "-c", file, "--crm", "shop", "--column", "Order=id"}, args...)...)
	}
	known := func() string { return cxloop(t, "behaviour", "-c", file).out }
	const nothing = "Nothing is known of purchases: nothing is assumed of them either.\n"

	write("1,77,2026-01-02,49.90", "2,78,2.1.2026,10")
	r := run("--currency", "EUR")
	require.Equal(t, exitUsage, r.code)
	require.Equal(t, "cxloop: wrong usage: nothing was imported\n"+csv+
		":3:6: bought_at is not a moment: want 2006-01-02T15:04:05Z (RFC 3339) or 2006-01-02\n", r.errOut)
	require.Contains(t, known(), nothing)

	write("1,77,2026-01-02,49.90", "2,78,2026-02-02,")
	r = run("--currency", "EUR", "--dry-run")
	require.Equal(t, ran{0, "2 rows, from 2026-01-02 to 2026-02-02.\nWorth 49.90 EUR, before refunds.\n" +
		"Without an amount: 1. They count as purchases, and for no money.\nNothing is wrong with the file, and nothing was changed.\n", ""}, r)
	require.Contains(t, known(), nothing)

	require.Contains(t, run("--currency", "EUR").out, "2 new, 0 changed, 0 known before.\n")
	require.Contains(t, run("--currency", "EUR").out, "0 new, 0 changed, 2 known before.\n")
	write("1,77,2026-01-02,59.90", "2,78,2026-02-02,", "3,78,2026-02-03,5")
	require.Contains(t, run("--currency", "EUR", "--json").out, `"rows":3,"first":"2026-01-02T00:00:00Z","last":"2026-02-03T00:00:00Z","without_amount":1,`+
		`"sums":{"EUR":"64.90"},"dry_run":false,"new":1,"changed":1,"same":1}`)
	listed := known()
	require.NotContains(t, listed, nothing)
	require.Regexp(t, `shop +csv +purchase +3 +2 +0 +2026-01-02 +2026-02-03 +EUR 2 +amount 1, account 3`, listed)

	for says, args := range map[string][]string{
		"--currency \"Euro\": want three letters": {"--currency", "Euro"},
		"want NAME=FIELD":                         {"--column", "Order"},
		"is not configured":                       {"--crm", "nowhere"},
		"--source \"\": want a system's name":     {"--source", ""},
		"amount has no currency":                  nil,
	} {
		r := run(args...)
		require.Equal(t, exitUsage, r.code, says)
		require.Contains(t, r.errOut, says)
	}
	require.Equal(t, exitUsage, cxloop(t, "import", "tickets", "-c", file).code)
	require.Equal(t, exitUsage, cxloop(t, "import", "orders", "-c", file).code)
}

// A file that is too large for one transaction is imported in parts.
func TestImportManyTickets(t *testing.T) {
	t.Parallel()
	file, _ := commanded(t)
	csv := filepath.Join(t.TempDir(), "tickets.csv")
	var text strings.Builder
	text.WriteString("id,account_id,opened_at,closed_at\n")
	for i := range 2500 {
		fmt.Fprintf(&text, "%d,%d,2026-01-02,\n", i, i%9)
	}
	require.NoError(t, os.WriteFile(csv, []byte(text.String()), 0o600))
	r := cxloop(t, "import", "tickets", csv, "-c", file, "--crm", "shop", "--source", "desk")
	require.Contains(t, r.out, "2500 new, 0 changed, 0 known before.\n", r.errOut)
	require.Regexp(t, `shop +desk +ticket +2500 +0 +9 +2026-01-02 +2026-01-02 +contact 2500`, cxloop(t, "behaviour", "-c", file).out)
}

func TestHowFarACRMIsRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	var out strings.Builder
	require.NoError(t, writeReading(&out, []config.CRM{
		{ID: "hs", Behaviour: config.Behaviour{Deals: true, Tickets: true}}, {ID: "eu", Behaviour: config.Behaviour{Tickets: true}}, {ID: "shop"},
	}, []store.BehaviourCursor{
		{CRM: "hs", ObjectType: survey.ObjectDeal, Since: at, EndedAt: at.Add(time.Hour)},
		{CRM: "hs", ObjectType: survey.ObjectTicket, BeganAt: at, Done: 400, Total: 1000},
	}))
	require.Equal(t, "deals of hs: read up to 2026-11-20 09:30:00 UTC.\ntickets of hs: being read, 400 of about 1000 so far.\n"+
		"tickets of eu: not read yet: cxloop setup makes the schedule, and cxloop serve reads them.\n", out.String())
}
