package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// pageLink is the link to a case's page in its message.
var pageLink = regexp.MustCompile(`<(http://[^|>]+/c/[^|>]+)\|`)

// startChanged starts a world whose configuration has texts replaced, given as old and new
// by turns.
func startChanged(t *testing.T, kind database, changes ...string) *world {
	t.Helper()
	w := newWorld(t, kind)
	w.yaml = []byte(strings.NewReplacer(changes...).Replace(string(w.yaml)))
	c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	c.Temporal.Local = true
	w.config = c
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)
	return w
}

// replies are those in the thread of a message, as they are read.
func replies(st *sandbox.State, of *sandbox.Message) (all string) {
	for _, m := range st.Messages(of.Channel) {
		if m.ThreadTS == of.TS && m.TS != of.TS {
			all += readable(m.Blocks)
		}
	}
	return all
}

// TestCaseInTheTeamsLanguage follows a case up in French, from the message through its
// thread to its page, and one in a channel that may not see who it is about.
func TestCaseInTheTeamsLanguage(t *testing.T) {
	t.Parallel()
	w := startChanged(t, databases[0],
		"default: C0CX00001\n", "default: {channel: C0CX00001, language: fr}\n", "channel: C0CX00002}]", "channel: C0CX00002, language: en, personal_data: false}]",
		"    cases: task\n", "    cases: task\n    record_url: https://app.hubspot.com/contacts/1/record/{object}/{id}\n", "sla: {off: true}\n", "sla: {off: true}\ncases: {segment: account.tier}\n",
	)
	camille := w.customer(t, w.company(t, "Nordwind", "smb"), "Camille", "fr")
	w.win(t, camille.deal)
	w.give(t, w.mail(t, camille.email, "invite"), "2", "Trop lent")
	m := w.message(t, casesChannel, "Nordwind", "the case", contains("Trop lent"))
	for _, want := range []string{"Camille", "*État*\\nOuvert", "*Note*\\n2 sur 10 (détracteur)", "*Segment*\\nsmb", "Prendre en charge", "https://app.hubspot.com/contacts/1/record/0-1/" + camille.id} {
		require.Contains(t, readable(m.Blocks), want)
	}
	page := pageLink.FindStringSubmatch(readable(m.Blocks))
	require.Len(t, page, 2, readable(m.Blocks))

	w.click(t, m, survey.ActionAcknowledge, "U0GRACE")
	w.await(t, "the thread tells who took the case", func(st *sandbox.State) bool {
		return strings.Contains(replies(st, m), "<@U0GRACE> a pris le cas en charge.")
	})
	m = w.message(t, casesChannel, "Nordwind", "who has it", contains("Pris en charge par <@U0GRACE>"))
	w.click(t, m, survey.ActionResolve, "U0JONAS")
	w.await(t, "the thread tells how it was resolved", func(st *sandbox.State) bool {
		told := replies(st, m)
		return strings.Contains(told, "<@U0JONAS> a résolu le cas.") && strings.Contains(told, "Settled by phone.")
	})
	a := w.get(t, page[1])
	require.Equal(t, http.StatusOK, a.status)
	for _, want := range []string{"Camille", "Trop lent", "Résolu par @U0JONAS", "@U0GRACE a pris le cas en charge.", "Settled by phone."} {
		require.Contains(t, a.body, want)
	}

	marlene := w.customer(t, w.company(t, "Südwind", "enterprise"), "Marlene", "en")
	w.win(t, marlene.deal)
	w.give(t, w.mail(t, marlene.email, "invite"), "1", "Never again")
	m = w.message(t, escalationsChannel, "Südwind", "the case", contains("1 of 10 (detractor)"))
	w.click(t, m, survey.ActionResolve, "U0JONAS")
	w.await(t, "the thread tells the end", func(st *sandbox.State) bool { return strings.Contains(replies(st, m), "resolved the case") })
	w.sandbox.Read(func(st *sandbox.State) {
		for _, one := range st.Messages(escalationsChannel) {
			for _, hidden := range []string{"Marlene", "Never again", "Settled by phone", "/c/", marlene.email} {
				require.NotContains(t, readable(one.Blocks)+one.Text, hidden)
			}
		}
	})
	require.Empty(t, w.refusalsOf(sandbox.Slack))
}
