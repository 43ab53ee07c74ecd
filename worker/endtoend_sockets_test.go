package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// TestOverSocketMode follows a case up without an address that Slack could reach, while
// Slack renews its connections.
func TestOverSocketMode(t *testing.T) {
	t.Parallel()
	kind := databases[0]
	kind.sockets = true
	w := startWorld(t, kind)
	camille := w.customer(t, w.company(t, "Nordwind", "enterprise"), "Camille", "fr")
	w.win(t, camille.deal)
	w.give(t, w.mail(t, camille.email, "invite"), "2", "Trop lent")
	m := w.message(t, escalationsChannel, "Nordwind", "the case", contains("Trop lent"))
	require.Equal(t, http.StatusNotFound, w.do(t, http.MethodPost, w.url+"/hooks/slack", formHeader(), []byte("payload={}")).status)

	require.True(t, eventually(func() bool { return w.sandbox.Sockets() > 0 }), "no connection")
	w.click(t, m, survey.ActionAcknowledge, "U0GRACE")
	m = w.message(t, escalationsChannel, "Nordwind", "who took it", contains("<@U0GRACE>"))

	w.sandbox.RefreshSockets("warning")
	var in *sandbox.Interaction
	require.True(t, eventually(func() bool { // whoever presses meanwhile is told that it did not work
		var err error
		in, err = w.sandbox.Click(m.Channel, m.TS, string(survey.ActionResolve), "U0JONAS")
		return err == nil && in.View != ""
	}), "no connection again")
	// What is wrong is said in the form, which stays open.
	said, err := w.sandbox.Submit(in.View, map[string]string{"choice": survey.OptionOther})
	require.NoError(t, err)
	require.JSONEq(t, `{"response_action":"errors","errors":{"note":"Say in a few words what it was."}}`, said.Response)
	said, err = w.sandbox.Submit(in.View, map[string]string{"choice": survey.OptionOther, "note": "A stuck queue."})
	require.NoError(t, err)
	require.Empty(t, said.Response)
	w.message(t, escalationsChannel, "Nordwind", "the end", contains("<@U0JONAS>"))
	w.awaitNumber(t, 1, "the case is resolved, with its cause", `SELECT count(*) FROM case_events WHERE what = 'case_resolve' AND actor = 'U0JONAS' AND choice = 'other'`)
	require.Zero(t, w.number(t, `SELECT count(*) FROM inbox WHERE topic = 'click' AND done_at IS NULL`))
	require.Empty(t, w.refusalsOf(sandbox.Slack))
}

// refusalsOf are what a vendor did not take.
func (w *world) refusalsOf(v sandbox.Vendor) (found []string) {
	w.sandbox.Read(func(st *sandbox.State) {
		for _, r := range st.Refusals {
			if r.Vendor == v {
				found = append(found, r.Rule+": "+r.Detail)
			}
		}
	})
	return found
}
