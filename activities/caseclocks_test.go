package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// roundTheClock is an SLA of a team that never sleeps.
var roundTheClock = survey.SLA{
	Normal: survey.Promises{Acknowledge: hours(4), Contact: hours(24), Resolve: hours(120)},
	Warn:   0.5, Ladder: survey.Ladder{Manager: hours(24), Channel: hours(48), Task: hours(72)},
	Calendar: survey.Calendar{Timezone: "UTC", Days: survey.Weekdays, Hours: "00:00-24:00"},
}

func hours(n int) survey.BusinessSpan { return survey.BusinessSpan{Rest: time.Duration(n) * time.Hour} }

// promised is Cases whose clocks run.
func (w *world) promised() *Cases {
	return &Cases{
		Store: w.store, Programs: w.programs, Clock: w.clock, SLA: roundTheClock, OwnerOf: usualOwner,
		Filing: map[string]CaseFiling{crmID: {Kind: survey.RecordTask}},
		Route: func(store.CaseDetail) survey.CaseRoute {
			return survey.CaseRoute{Channel: channel, Manager: "U0BOSS", Escalation: "C0ALARM01"}
		},
	}
}

// follow advances a case whenever it asks to be looked at, until a moment, as its workflow
// does.
func (w *world) follow(a *Cases, caseID string, until time.Time) {
	w.Helper()
	for {
		got, err := a.AdvanceCase(w.Context(), CaseRef{Case: caseID})
		w.must(err)
		if got.Ended || got.LookAt.After(until) {
			return
		}
		require.True(w.T, got.LookAt.After(w.clock.Now()), "it is looked at again at once")
		w.pass(got.LookAt.Sub(w.clock.Now()))
	}
}

// steps are what happened to a case, each with the time since it was opened.
func (w *world) steps(caseID string) (lines []string) {
	w.Helper()
	detail := w.caseOf(caseID)
	for _, e := range detail.History {
		line := e.At.Sub(detail.Case.OpenedAt).String() + " " + e.What
		if casetext.Answered(e) { // of which the choice is the answer
			e.Choice = ""
		}
		for _, word := range []string{e.Choice, e.Target} {
			if word != "" {
				line += " " + word
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func TestCaseIsEscalatedThroughAllStages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	w.follow(w.promised(), id, w.clock.Now().Add(9*day))
	require.Equal(t, []string{
		"0s opened", "2h0m0s warned acknowledge", "4h0m0s escalated acknowledge 1", "12h0m0s warned contact", "24h0m0s escalated contact 1",
		"28h0m0s escalated acknowledge 2", "52h0m0s escalated acknowledge 3", "60h0m0s warned resolve", "76h0m0s escalated acknowledge 4",
		"120h0m0s escalated resolve 1",
	}, w.steps(id))
	one := w.caseOf(id).Case
	require.Equal(t, one.CloseAt, one.NextAt, "it has nothing more to tell")
	w.follow(w.promised(), id, one.CloseAt)
	require.Equal(t, survey.CaseClosed, w.caseOf(id).Case.State)
}

// What should have been told while nothing ran is told once, and a transaction that is
// repeated tells nothing twice.
func TestClocksAfterAnOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	w.pass(80 * time.Hour)
	w.follow(w.promised(), id, w.clock.Now())
	w.follow(w.promised(), id, w.clock.Now())
	require.Equal(t, []string{
		"0s opened", "80h0m0s escalated acknowledge 1", "80h0m0s escalated contact 1", "80h0m0s escalated acknowledge 2",
		"80h0m0s escalated acknowledge 3", "80h0m0s warned resolve", "80h0m0s escalated acknowledge 4",
	}, w.steps(id))
}

func TestClicksAndSnoozesMoveTheClocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now()))
	id := w.openCase(person(0, "en"), "")
	opened := w.clock.Now()
	w.follow(w.promised(), id, opened.Add(time.Hour))
	w.pass(time.Hour)
	w.clickWith(id, survey.Click{ID: "k1", Action: survey.ActionSnooze, User: "U1", Until: opened.Add(5 * 24 * time.Hour)})
	// The worker was down, and sees the click later: it counts from when it was made.
	w.pass(90 * time.Minute)
	w.follow(w.promised(), id, opened.Add(6*24*time.Hour))
	w.clickWith(id, survey.Click{ID: "k2", Action: survey.ActionContacted, User: "U1"})
	w.follow(w.promised(), id, opened.Add(6*24*time.Hour))
	require.Equal(t, []string{
		"0s opened", "1h0m0s case_snooze 2026-03-07T10:00:00Z", "120h0m0s woke", "131h0m0s warned contact", "143h0m0s escalated contact 1", "143h0m0s case_contacted",
	}, w.steps(id))
	require.Equal(t, opened.Add(179*time.Hour), w.caseOf(id).Case.NextAt, "60 hours of business time less the one before the snooze")
}

// An upgrade, or switching the clocks on, startles nobody with what is long open.
func TestClocksOfACaseThatWasShownBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "")
	w.advance(id) // without clocks
	_, err := run[any](w, w.slack().ShowCase, CaseRef{Case: id})
	w.must(err)
	w.pass(5 * day)
	w.follow(w.promised(), id, w.clock.Now().Add(3*time.Hour))
	require.Equal(t, []string{"0s opened", "122h0m0s warned acknowledge"}, w.steps(id))
}

// A case whose owner is away goes to the manager at once, and nobody concludes that they
// are from what was known long ago.
func TestOwnerIsAway(t *testing.T) {
	t.Parallel()
	o := newOwned(t, map[string]string{"hubspot_owner_id": amelie})
	o.cases.SLA = roundTheClock
	o.cases.Route = func(store.CaseDetail) survey.CaseRoute {
		return survey.CaseRoute{Channel: channel, ToOwner: true, Manager: "U0BOSS"}
	}
	o.must(o.store.SaveOwner(t.Context(), crmID, survey.Owner{ID: amelie, Away: true, At: time.Now().Add(-ownerFresh)}))
	o.follow()
	require.Equal(t, []string{"0s opened"}, o.steps(o.id), "she is back")
	o.must(o.box.ArchiveOwner(amelie))
	o.must(o.store.SaveOwner(t.Context(), crmID, survey.Owner{ID: amelie, At: time.Now().Add(-ownerFresh)}))
	o.pass(time.Hour)
	o.follow()
	o.follow()
	require.Contains(t, o.steps(o.id), "1h0m0s escalated acknowledge 2")
	require.Len(t, o.events("escalated"), 1)
}
