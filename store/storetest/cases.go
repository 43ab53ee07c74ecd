package storetest

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// latest is the revision of a message that shows all that these tests do to a case.
const latest = 9

func (w world) addClick(caseID, id string, action survey.CaseAction) {
	w.Helper()
	payload, err := json.Marshal(survey.Click{ID: id, CaseID: caseID, Action: action, User: "U1", Seen: latest, At: start})
	w.must(err)
	_, err = w.AddItems(w.Context(), []store.Item{
		{Topic: store.TopicClick, Lane: caseID, Source: "slack", Key: id, Payload: payload, DueAt: start},
	})
	w.must(err)
}

// withoutIDs is a history without the store's ids, which grow.
func withoutIDs(history []store.CaseEvent) []store.CaseEvent {
	for i := range history {
		history[i].ID = 0
	}
	return history
}

// applyAll applies all clicks.
func applyAll(c *survey.Case, clicks []survey.Click) store.Advance {
	var out store.Advance
	for _, click := range clicks {
		out.Done = append(out.Done, click.ID)
		what := string(click.Action)
		if _, err := c.Apply(click); err != nil {
			what = "refused"
		}
		out.History = append(out.History, store.CaseEvent{At: click.At, What: what, User: click.User})
	}
	return out
}

var caseCases = map[string]func(world){
	"a new case": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, survey.Case{
			ID: id, CRM: "hubspot", AccountKey: w.accountRef(0), ContactKey: w.contactRef(0), Program: programID, Version: "v1",
			State: survey.CaseOpen, Revision: 1, Answered: 1, OpenedAt: start, CloseAt: start.Add(closeAfter),
		}, detail.Case)
		_, err = w.Case(w.Context(), "none")
		require.ErrorIs(w.T, err, store.ErrNotFound)
	},

	"clicks wait until they are applied": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.addClick(id, "k1", survey.ActionAcknowledge)
		w.addClick(id, "k1", survey.ActionAcknowledge)
		w.addClick(id, "k2", survey.ActionResolve)
		w.addClick("other", "k1", survey.ActionResolve)
		batches, err := w.ClaimBatches(w.Context(), store.TopicClick, start, longLease, nil)
		w.must(err)
		require.Len(w.T, batches, 2, "a lane a case")
		clicks, err := w.PendingClicks(w.Context(), id)
		w.must(err)
		require.Equal(w.T, []survey.Click{
			{ID: "k1", CaseID: id, Action: survey.ActionAcknowledge, User: "U1", Seen: latest, At: start},
			{ID: "k2", CaseID: id, Action: survey.ActionResolve, User: "U1", Seen: latest, At: start},
		}, clicks)
		c, err := w.AdvanceCase(w.Context(), id, start, func(c *survey.Case, clicks []survey.Click) store.Advance {
			return applyAll(c, clicks[:1])
		})
		w.must(err)
		require.Equal(w.T, survey.CaseAcknowledged, c.State)
		clicks, err = w.PendingClicks(w.Context(), id)
		w.must(err)
		require.Len(w.T, clicks, 1)
		c, err = w.AdvanceCase(w.Context(), id, start, applyAll)
		w.must(err)
		require.Equal(w.T, survey.CaseResolved, c.State)
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, c, detail.Case)
		require.Equal(w.T, []store.CaseEvent{
			{At: start, What: "opened", Choice: detail.Responses[0].ID}, {At: start, What: "case_acknowledge", User: "U1"}, {At: start, What: "case_resolve", User: "U1"},
		}, withoutIDs(detail.History))
		elsewhere, err := w.PendingClicks(w.Context(), "other")
		w.must(err)
		require.Len(w.T, elsewhere, 1)
		_, err = w.AdvanceCase(w.Context(), "none", start, applyAll)
		require.ErrorIs(w.T, err, store.ErrNotFound)
	},

	"what people made of a case and wrote is kept": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		want := survey.CaseProgress{
			Priority: survey.PriorityHigh, Owner: "7", Assignee: "U2", SnoozedUntil: start.Add(time.Hour), ContactedBy: "U1", ContactedAt: start,
			Cause: "price", Reason: "test", Round: 2, ReopenedAt: start,
			Clocks: survey.CaseClocks{
				Round: 2, Passed: 90 * time.Minute, Since: start, Zone: "Asia/Tokyo", Stopped: true,
				Acknowledge: survey.ClockTold{Warned: true, Missed: true}, Contact: survey.ClockTold{Warned: true}, Stage: survey.StageChannel,
			},
		}
		said := store.CaseEvent{At: start, What: "case_resolve", User: "U1", Target: "U2", Choice: "price", Note: "Kim Larsen wants a refund"}
		_, err := w.AdvanceCase(w.Context(), id, start, func(c *survey.Case, _ []survey.Click) store.Advance {
			c.CaseProgress, c.NextAt = want, start.Add(time.Hour)
			return store.Advance{History: []store.CaseEvent{said}}
		})
		w.must(err)
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, want, detail.Case.CaseProgress)
		require.Equal(w.T, start.Add(time.Hour), detail.Case.NextAt)
		last := detail.History[1]
		require.Greater(w.T, last.ID, detail.History[0].ID)
		require.Equal(w.T, said, withoutIDs(detail.History)[1])

		w.must(w.StoryTold(w.Context(), id, last.ID))
		w.must(w.StoryTold(w.Context(), id, last.ID-1))
		detail, err = w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, last.ID, detail.Case.Told, "what is told stays so")
		require.ErrorIs(w.T, w.StoryTold(w.Context(), "none", 1), store.ErrNotFound)

		stalled, err := w.Stalled(w.Context(), start.Add(2*time.Hour))
		w.must(err)
		require.Equal(w.T, []string{id}, stalled.Cases, "nobody looked at it in time")
	},

	"clicks on a case that is not there are done with": func(w world) {
		w.addClick("none", "k1", survey.ActionResolve)
		_, err := w.AdvanceCase(w.Context(), "none", start, applyAll)
		require.ErrorIs(w.T, err, store.ErrNotFound)
		backlog, err := w.Backlog(w.Context())
		w.must(err)
		require.Empty(w.T, backlog)
	},

	"after the end a new case opens": func(w world) {
		w.saveContacts(2)
		first := w.openCase(start, 0)
		w.addClick(first, "k1", survey.ActionResolve)
		_, err := w.AdvanceCase(w.Context(), first, start, applyAll)
		w.must(err)
		later := start.Add(survey.JoinWithin.Std())
		next := w.openCase(later, 1)
		require.NotEqual(w.T, first, next)
		detail, err := w.Case(w.Context(), next)
		w.must(err)
		require.Equal(w.T, first, detail.Case.Earlier)
	},

	"another unhappy answer puts off the closing by policy": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		later := start.Add(closeAfter - time.Hour)
		require.Equal(w.T, id, w.openCase(later, 1))
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, later.Add(closeAfter), detail.Case.CloseAt)
		require.Equal(w.T, 2, detail.Case.Revision)
		require.Equal(w.T, 2, detail.Case.Answered)
		first := detail.Responses[1]
		w.done(first.InvitationID, later.Add(time.Hour), 9)
		w.record(later.Add(time.Hour))
		detail, err = w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, later.Add(closeAfter), detail.Case.CloseAt, "a correction for the better does not")
		require.Equal(w.T, 3, detail.Case.Answered)
	},

	"open cases are counted on contact and account": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.openCase(start, 1)
		count := func(objectType, object string) string { return w.signals(objectType)[object][survey.SignalOpenCases] }
		require.Equal(w.T, "1", count(survey.ObjectAccount, "a000"))
		w.addClick(id, "k1", survey.ActionAcknowledge)
		_, err := w.AdvanceCase(w.Context(), id, start, applyAll)
		w.must(err)
		require.Empty(w.T, w.signals(survey.ObjectAccount), "nothing changed")
		w.addClick(id, "k2", survey.ActionResolve)
		_, err = w.AdvanceCase(w.Context(), id, start.Add(time.Hour), applyAll)
		w.must(err)
		contacts := w.signals(survey.ObjectContact)
		require.Equal(w.T, "0", contacts["c000"][survey.SignalOpenCases])
		require.Equal(w.T, "0", contacts["c001"][survey.SignalOpenCases])
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.True(w.T, detail.Case.State.Ended())
	},

	"what the message shows": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.must(w.CaseShown(w.Context(), id, "C1", "17.01", 2))
		w.must(w.CaseShown(w.Context(), id, "C1", "17.01", 1))
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, 2, detail.Case.Shown)
		require.Equal(w.T, "C1", detail.Case.Channel)
		require.Equal(w.T, "17.01", detail.Case.MessageTS)
		require.ErrorIs(w.T, w.CaseShown(w.Context(), "none", "C1", "1", 1), store.ErrNotFound)
	},

	"clicks at once are applied once": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.addClick(id, "k1", survey.ActionAcknowledge)
		atOnce(w, 8, func(int) (survey.Case, error) { return w.AdvanceCase(w.Context(), id, start, applyAll) })
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, 2, detail.Case.Revision)
		require.Len(w.T, detail.History, 2)
	},

	"what Slack said of users": func(w world) {
		w.must(w.SaveSlackUsers(w.Context(), map[string]bool{"U1": true, "U2": false}, start))
		w.must(w.SaveSlackUsers(w.Context(), map[string]bool{"U2": true}, start.Add(time.Hour)))
		users, err := w.SlackUsers(w.Context(), []string{"U1", "U2", "U3"}, start)
		w.must(err)
		require.Equal(w.T, map[string]bool{"U1": true, "U2": true}, users)
		users, err = w.SlackUsers(w.Context(), []string{"U1", "U2"}, start.Add(time.Second))
		w.must(err)
		require.Equal(w.T, map[string]bool{"U2": true}, users)
	},
}
