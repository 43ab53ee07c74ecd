package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// TestForms follows a case through all that people can do with it: it is given to
// somebody, the customer is called, it is put off until the next day, wakes, and turns
// out to be none.
func TestForms(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	a := w.call(t, "/v1/responses", []byte(`{"id":"r-1","source":"tool","program":"order-csat","score":1,"contact":{"id":"noor","first_name":"Noor"},"account":{"id":"a1","name":"Aurora"}}`))
	require.Equal(t, http.StatusOK, a.status, a.body)
	button := func(action survey.CaseAction) func(string) bool { return contains(`"` + string(action) + `"`) }
	m := w.message(t, casesChannel, "Aurora", "the case", button(survey.ActionAssign))

	w.fill(t, m, survey.ActionAssign, "U0GRACE", map[string]string{"who": "U0JONAS"})
	m = w.message(t, casesChannel, "Aurora", "who has it", contains("<@U0JONAS>"))
	w.fill(t, m, survey.ActionContacted, "U0JONAS", nil)
	w.awaitNumber(t, 1, "the customer was contacted", `SELECT count(*) FROM cases WHERE state = 'contacted'`)
	m = w.message(t, casesChannel, "Aurora", "that the customer was contacted", func(blocks string) bool { return !button(survey.ActionContacted)(blocks) })
	w.fill(t, m, survey.ActionSnooze, "U0JONAS", map[string]string{"days": "1"})
	w.awaitNumber(t, 1, "the case is put off", `SELECT count(*) FROM case_events WHERE what = 'case_snooze'`)
	// Nine in the morning is up to 42 s away.
	require.Eventually(t, func() bool { return w.number(t, `SELECT count(*) FROM case_events WHERE what = 'woke'`) == 1 }, 3*patience, 50*time.Millisecond)
	w.awaitNumber(t, 1, "it goes on where it was", `SELECT count(*) FROM cases WHERE state = 'contacted' AND shown = revision`)
	m = w.message(t, casesChannel, "Aurora", "the case as it was", button(survey.ActionReject))
	w.fill(t, m, survey.ActionReject, "U0KENJI", map[string]string{"choice": "duplicate"})
	m = w.message(t, casesChannel, "Aurora", "the end", contains("<@U0KENJI>"))
	require.NotContains(t, string(m.Blocks), `"case_`)

	steps := w.texts(t, `SELECT what || ' ' || actor || ' ' || target || ' ' || choice FROM case_events ORDER BY id`)
	steps = slices.DeleteFunc(steps, func(s string) bool { return !strings.HasPrefix(s, "case_") && !strings.HasPrefix(s, "woke") })
	require.Len(t, steps, 5)
	morning := strings.TrimPrefix(steps[2], "case_snooze U0JONAS  ")
	require.Equal(t, []string{
		"case_assign U0GRACE U0JONAS ", "case_contacted U0JONAS  ", "case_snooze U0JONAS  " + morning, "woke   ", "case_reject U0KENJI  duplicate",
	}, steps)
	until, err := time.Parse(time.RFC3339, morning)
	require.NoError(t, err)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	require.Equal(t, "09:00", until.In(berlin).Format("15:04"), "where Jonas is")
	require.Empty(t, w.refusalsOf(sandbox.Slack))
}

// fill presses a button, and sends the form behind it as it is filled in.
func (w *world) fill(t *testing.T, m *sandbox.Message, action survey.CaseAction, user string, values map[string]string) {
	t.Helper()
	in, err := w.sandbox.ClickThrough(m.Channel, m.TS, string(action), user, values)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(http.StatusOK), fmt.Sprint(in.Status)+in.Response)
}
