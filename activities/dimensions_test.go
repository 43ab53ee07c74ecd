package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// asked counts who was asked by a dimension, once housekeeping has rolled scores up.
func (w *world) asked(metric survey.Metric, by string) map[string]int {
	w.Helper()
	_, err := w.store.RollUpScores(w.Context(), 1)
	w.must(err)
	cells, err := w.store.ScoreCells(w.Context(), store.ScoreQuery{Metric: metric, By: []string{by}})
	w.must(err)
	n := map[string]int{}
	for _, c := range cells {
		n[c.Key[0]] = c.Asked
	}
	return n
}

func TestAuditsAreCountedByTheirAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program = auditProgram()
	w.must(w.store.SaveProgram(t.Context(), w.program))
	auditor := person(0, "en")
	e := w.event(auditor)
	e.Data["account"] = map[string]any{"id": "s1", "name": "Store 1", "city": "Bonn"}
	e.Data["contact"].(map[string]any)["tier"] = "gold"
	e.Data["agent"] = "eve"
	w.ask(e, survey.Dimensions{Declared: []survey.Dimension{
		{ID: "city", From: "account.city", MaxValues: 9}, {ID: "agent", From: "event.agent", MaxValues: 9}, {ID: "tier", From: "contact.tier", MaxValues: 9},
	}})
	require.Equal(t, map[string]int{"Bonn": 1}, w.asked(survey.Audit, "city"))
	require.Equal(t, map[string]int{"eve": 1}, w.asked(survey.Audit, "agent"), "what the event says")
	require.Equal(t, map[string]int{"": 1}, w.asked(survey.Audit, "tier"), "what its auditor is tells nothing of it")
}

func TestAnonymousProgramsAreCountedByNothingOfThosePersons(t *testing.T) {
	t.Parallel()
	for want, anonymity := range map[string]survey.Anonymity{"gold": {}, "": {Anonymous: true, Floor: survey.LeastFloor}} {
		w := newWorld(t)
		w.program.Anonymity = anonymity
		w.must(w.store.SaveProgram(t.Context(), w.program))
		e := w.event(person(0, "en"))
		e.Data["contact"].(map[string]any)["tier"] = "gold"
		w.ask(e, survey.Dimensions{Declared: []survey.Dimension{{ID: "tier", From: "contact.tier", MaxValues: 9}}})
		require.Equal(t, map[string]int{want: 1}, w.asked(w.program.Metric, "tier"))
	}
}

// ask takes an event through admission until its mail is sent, by dimensions.
func (w *world) ask(e survey.Event, by survey.Dimensions) {
	w.Helper()
	batch := w.arrive(e)
	invitations := w.invitations()
	invitations.Dimensions = by
	_, err := invitations.PrepareInvitations(w.Context(), batch)
	w.must(err)
	_, err = invitations.AdmitInvitations(w.Context(), AdmitInput{BatchRef: batch})
	w.must(err)
	waiting, err := w.store.Unsent(w.Context(), batch.Batch, start.Add(10*day))
	w.must(err)
	require.Len(w.T, waiting, 1)
	w.must(w.store.MarkSent(w.Context(), []string{waiting[0].Invitation.ID}, w.clock.Now(), w.clock.Now().Add(day)))
}
