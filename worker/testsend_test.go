package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
)

// A test mail is a real one, by the configured vendor; its links show the pages, and the
// store has nothing of it.
func TestTestSend(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	file := filepath.Join(t.TempDir(), "cxloop.yaml")
	require.NoError(t, os.WriteFile(file, w.yaml, 0o600))

	got := cxloop(t, "test-send", "won-deal-nps", "--to", "me@acme.example", "--locale", "all", "-c", file)
	require.Zero(t, got.code, got.errOut)
	require.Contains(t, got.out, "sent to me@acme.example: invitation of won-deal-nps, fr")
	var mails []*sandbox.Mail
	w.sandbox.Read(func(st *sandbox.State) { mails = st.MailsTo("me@acme.example") })
	require.Len(t, mails, 4)
	require.Contains(t, mails[0].Subject, "[Test] ")
	require.Equal(t, "won-deal-nps", mails[0].Headers["X-Cxloop-Test"])
	require.Equal(t, "test", mails[0].CustomArgs["cxloop_kind"])

	page := regexp.MustCompile(`http://\S+/p/[A-Za-z0-9._-]+`).FindString(mails[0].Text())
	require.Contains(t, w.get(t, page+"?score=9").body, "nothing is recorded")
	require.Equal(t, http.StatusOK, w.post(t, page, "score", "9", "comment", "good", "done", "1").status)
	require.Zero(t, w.number(t, `SELECT (SELECT count(*) FROM invitations) + (SELECT count(*) FROM responses) + (SELECT count(*) FROM effects) + (SELECT count(*) FROM contacts)`))

	for wrong, args := range map[string][]string{
		`--to "": want an e-mail address`: {"test-send", "won-deal-nps"},
		`--kind "birthday": want`:         {"test-send", "won-deal-nps", "--to", "me@acme.example", "--kind", "birthday"},
		`--kind ask: program ticket-csat`: {"test-send", "ticket-csat", "--to", "me@acme.example", "--kind", "ask"},
		`--locale "pl": want`:             {"test-send", "won-deal-nps", "--to", "me@acme.example", "--locale", "pl"},
		`no program "nobody"`:             {"test-send", "nobody", "--to", "me@acme.example"},
	} {
		got := cxloop(t, append(args, "-c", file)...)
		require.Equal(t, 2, got.code)
		require.Contains(t, got.errOut, wrong)
	}
}
