package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// withoutIDs is a history without the store's ids.
func withoutIDs(history []store.CaseEvent) []store.CaseEvent {
	for i := range history {
		history[i].ID = 0
	}
	return history
}

// What is known is applied; what a user did who is not looked up waits.
func TestClicksOfUsersNotLookedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	waits := Advanced{CRM: crmID, Show: true, LookAt: w.clock.Now().Add(10 * day)}
	w.click("k1", id, survey.ActionAcknowledge, "U1")
	w.click("k2", id, survey.ActionResolve, "U2")
	w.click("k3", id, survey.ActionResolve, "U1")
	waits.UnknownUsers = []string{"U1", "U2"}
	require.Equal(t, waits, w.advance(id))
	require.Equal(t, survey.CaseOpen, w.caseOf(id).Case.State)

	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U2": false}, time.Now()))
	waits.UnknownUsers, waits.Refused = []string{"U1"}, []RefusedClick{{User: "U2", Reason: unknownUser.Reason, Code: survey.RefusedUser}}
	require.Equal(t, waits, w.advance(id))
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now()))
	got := w.advance(id)
	require.Empty(t, got.Refused, "it is told once")
	require.Empty(t, got.UnknownUsers)
	require.True(t, got.Ended)
	require.True(t, got.Show)
	one := w.caseOf(id)
	require.Equal(t, []any{survey.CaseResolved, "U1", "U1"}, []any{one.Case.State, one.Case.AckedBy, one.Case.ResolvedBy})
	now := w.clock.Now()
	require.Equal(t, []store.CaseEvent{
		{At: now, What: "opened", Choice: one.Responses[0].ID},
		{At: now, What: "refused", User: "U2", Note: unknownUser.Reason},
		{At: now, What: "case_acknowledge", User: "U1"},
		{At: now, What: "case_resolve", User: "U1"},
	}, withoutIDs(one.History))
	clicks, err := w.store.PendingClicks(t.Context(), id)
	w.must(err)
	require.Empty(t, clicks)
}

// What Slack said of a user is believed for a day.
func TestUserIsLookedUpAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now().Add(-slackUserFresh-time.Minute)))
	w.click("k1", id, survey.ActionAcknowledge, "U1")
	require.Equal(t, []string{"U1"}, w.advance(id).UnknownUsers)
}

func TestClickAfterTheEndIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true, "U2": true}, time.Now()))
	w.click("k1", id, survey.ActionResolve, "U1")
	require.True(t, w.advance(id).Ended)
	revision := w.caseOf(id).Case.Revision
	w.click("k2", id, survey.ActionAcknowledge, "U2")
	w.click("k3", id, survey.ActionResolve, "U2")
	got := w.advance(id)
	require.Equal(t, []RefusedClick{{User: "U2", Reason: "case is already resolved", Code: survey.RefusedEnded}}, got.Refused, "to resolve what is resolved is no error")
	require.Equal(t, revision, w.caseOf(id).Case.Revision)
	require.Equal(t, "U1", w.caseOf(id).Case.ResolvedBy)
	require.Empty(t, w.advance(id).Refused, "it is told once")
}

func TestCaseIsClosedByPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	closes := w.clock.Now().Add(10 * day)
	w.pass(10*day - time.Millisecond)
	got := w.advance(id)
	require.Equal(t, Advanced{CRM: crmID, Show: true, LookAt: closes}, got)
	w.pass(time.Millisecond)
	require.True(t, w.advance(id).Ended)
	one := w.caseOf(id)
	require.Equal(t, survey.CaseClosed, one.Case.State)
	require.Equal(t, store.CaseEvent{At: closes, What: "closed", Choice: closedByAge}, withoutIDs(one.History)[len(one.History)-1])
}

// A click that came in time counts, even where it is seen at the moment of closing.
func TestClickBeforeTheClosing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now()))
	w.click("k1", id, survey.ActionResolve, "U1")
	w.pass(10 * day)
	require.True(t, w.advance(id).Ended)
	require.Equal(t, survey.CaseResolved, w.caseOf(id).Case.State)
}

// A user of whom Slack says nothing keeps no case from its end, and is told
// afterwards.
func TestCaseIsClosedByPolicyWhileAUserIsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	w.pass(10*day + time.Second)
	w.click("k1", id, survey.ActionResolve, "U1")
	got := w.advance(id)
	require.True(t, got.Ended)
	require.Equal(t, []string{"U1"}, got.UnknownUsers)
	require.Equal(t, survey.CaseClosed, w.caseOf(id).Case.State)
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now()))
	got = w.advance(id)
	require.Empty(t, got.UnknownUsers)
	require.Equal(t, []RefusedClick{{User: "U1", Reason: "case is already closed", Code: survey.RefusedEnded}}, got.Refused)
}

// Nobody resolves an answer that the message did not show when it was clicked.
func TestUnseenAnswerIsNotResolved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now()))
	id := w.openCase(person(0, "en"), "Too slow.")
	shown := w.caseOf(id).Case.Button()
	require.Equal(t, id, w.openCase(person(1, "en"), "And too dear."), "of the same account")

	w.clickOn(shown, "k1", survey.ActionResolve, "U1")
	got := w.advance(id)
	require.False(t, got.Ended)
	require.Equal(t, []RefusedClick{{User: "U1", Reason: "another answer has come in that the message did not show yet", Code: survey.RefusedNotSeen}}, got.Refused)
	w.clickOn(shown, "k2", survey.ActionAcknowledge, "U1")
	w.advance(id)
	require.Equal(t, survey.CaseAcknowledged, w.caseOf(id).Case.State)
	w.click("k3", id, survey.ActionResolve, "U1")
	require.True(t, w.advance(id).Ended)
}

// A click in a message of another database leads to nothing.
func TestUnknownCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clickOn("none.1", "k1", survey.ActionResolve, "U1")
	require.Equal(t, Advanced{Ended: true}, w.advance("none"))
}

// A snooze ends by itself, and what was typed is in the history.
func TestSnoozeEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now()))
	id := w.openCase(person(0, "en"), "")
	until := w.clock.Now().Add(2 * day)
	w.clickWith(id, survey.Click{ID: "k1", Action: survey.ActionSnooze, User: "U1", Until: until, Note: "Kim is away until then"})
	require.Equal(t, Advanced{CRM: crmID, Show: true, LookAt: until}, w.advance(id))
	require.Equal(t, survey.CaseSnoozed, w.caseOf(id).Case.State)
	history := withoutIDs(w.caseOf(id).History)
	require.Equal(t, "Kim is away until then", history[len(history)-1].Note)
	w.pass(2 * day)
	require.False(t, w.advance(id).Ended)
	one := w.caseOf(id)
	require.Equal(t, survey.CaseAcknowledged, one.Case.State)
	require.Equal(t, store.CaseEvent{At: until, What: "woke"}, withoutIDs(one.History)[2])
	require.Equal(t, one.Case.CloseAt, one.Case.NextAt)
}
