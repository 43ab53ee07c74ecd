package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// story goes through what happened to a case: every step was legal where the case stood
// then, and leads to where it stands; its message says so.
func (c *crowd) story(t *testing.T, id string, m *sandbox.Message) {
	t.Helper()
	opened := time.Now()
	told := survey.Case{ID: id, State: survey.CaseOpen, OpenedAt: opened, CloseAt: opened.Add(365 * 24 * time.Hour)}
	rows, err := c.db.Query(fmt.Sprintf(`SELECT what, actor, target, choice FROM case_events WHERE case_id = '%s' ORDER BY id`, id))
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var what, actor, target, choice string
		require.NoError(t, rows.Scan(&what, &actor, &target, &choice))
		switch action := survey.CaseAction(what); action {
		case survey.ActionAcknowledge, survey.ActionAssign, survey.ActionSnooze, survey.ActionContacted, survey.ActionResolve, survey.ActionReject:
			before, click := told.State, survey.Click{Action: action, User: actor, Target: target, Choice: choice, Seen: 1, At: opened}
			if action == survey.ActionSnooze { // the history tells until when
				click.Until, err = time.Parse(time.RFC3339, choice)
				require.NoError(t, err)
			}
			changed, err := told.Apply(click)
			require.NoError(t, err)
			require.True(t, changed, "%s by %s where the case is %s", what, actor, before)
		case "woke":
			require.True(t, told.Wake(told.SnoozedUntil), "woken where it is %s", told.State)
		}
	}
	require.NoError(t, rows.Err())

	var state, resolver string
	var revision int
	require.NoError(t, c.db.QueryRow(fmt.Sprintf(`SELECT state, revision, resolved_by FROM cases WHERE id = '%s'`, id)).Scan(&state, &revision, &resolver))
	require.Equal(t, string(told.State), state, "case %s", id)
	require.Equal(t, told.ResolvedBy, resolver)
	buttons := caseButtons(m)
	if told.State.Ended() {
		require.Empty(t, buttons, "what has ended has no buttons")
		require.Contains(t, readable(m.Blocks), "<@"+resolver+">")
		return
	}
	require.NotEmpty(t, buttons)
	for _, b := range buttons {
		require.Equal(t, fmt.Sprintf("%s.%d", id, revision), b[1], "the message shows the present revision")
	}
}
