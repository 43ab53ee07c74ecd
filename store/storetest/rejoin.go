package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const reopenWithin = 30 * 24 * time.Hour

// unhappyAgain has a contact answer, and returns the case that this led to.
func (w world) unhappyAgain(at time.Time, contact int) survey.Case {
	w.Helper()
	w.done(w.invite(at, contact)[0], at, 1)
	req := w.recordRequest(w.claim(store.TopicAnswer, at).ID, at)
	decide := req.Decide
	req.Decide = func(r survey.Response, fits bool) (store.Decision, error) {
		d, err := decide(r, fits)
		d.ReopenWithin = survey.Span(reopenWithin)
		return d, err
	}
	recorded, err := w.Record(w.Context(), req)
	w.must(err)
	require.Len(w.T, recorded.Cases, 1)
	detail, err := w.Case(w.Context(), recorded.Cases[0])
	w.must(err)
	return detail.Case
}

var rejoinCases = map[string]func(world){
	"within a day after its end the next unhappy answer re-opens a case": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.endCase(id, survey.ActionResolve, start, store.Aftercare{})
		later := start.Add(aDay - time.Hour)
		c := w.unhappyAgain(later, 1)
		require.Equal(w.T, survey.Case{
			ID: id, CRM: "hubspot", AccountKey: w.accountRef(0), ContactKey: w.contactRef(0), Program: programID, Version: "v1",
			State: survey.CaseOpen, Revision: 3, Answered: 3, OpenedAt: start, CloseAt: later.Add(closeAfter),
			CaseProgress: survey.CaseProgress{Priority: survey.PriorityHigh, Round: 1, ReopenedAt: later},
		}, c)
		require.Equal(w.T, []string{"opened", "reopened"}, w.what(id))
		contacts := w.signals(survey.ObjectContact)
		require.Equal(w.T, "1", contacts["c000"][survey.SignalOpenCases], "whose answer was there before")
		require.Equal(w.T, "1", contacts["c001"][survey.SignalOpenCases])
	},

	"after a day it is another case, which names the earlier one": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.endCase(id, survey.ActionResolve, start, store.Aftercare{})
		next := w.unhappyAgain(start.Add(aDay), 1)
		require.NotEqual(w.T, id, next.ID)
		require.Equal(w.T, id, next.Earlier)
	},

	"while its customers are to be asked again a resolved case is re-opened": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.resolve(id)
		require.Equal(w.T, id, w.unhappyAgain(start.Add(20*aDay), 1).ID)
		require.Zero(w.T, w.dueItems(store.TopicRecheck, start.Add(resurvey)), "they are not, before it is resolved again")
		require.Zero(w.T, w.dueItems(store.TopicThanks, start.Add(resurvey)))
		again := start.Add(21 * aDay)
		c := w.endCase(id, survey.ActionResolve, again, store.Aftercare{ThanksAt: again, RecheckAt: again.Add(resurvey)})
		require.Equal(w.T, 1, c.Round)
		require.Equal(w.T, 1, w.dueItems(store.TopicThanks, again))
		require.Equal(w.T, 1, w.dueItems(store.TopicRecheck, again.Add(resurvey)))
	},

	"what was rejected is not re-opened": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.endCase(id, survey.ActionReject, start, store.Aftercare{})
		next := w.unhappyAgain(start.Add(time.Hour), 1)
		require.NotEqual(w.T, id, next.ID)
		require.Equal(w.T, id, next.Earlier)
	},

	"a passive answer re-opens nothing, and a detractor's raises the case of one": func(w world) {
		w.saveContacts(3)
		id := w.openCase(start, 0)
		w.endCase(id, survey.ActionResolve, start, store.Aftercare{})
		passive := func(at time.Time, c int) string {
			w.done(w.invite(at, c)[0], at, 7)
			req := w.recordRequest(w.claim(store.TopicAnswer, at).ID, at)
			p := program()
			p.FollowUp.Case.Passives = true
			decide := req.Decide
			req.Decide = func(r survey.Response, fits bool) (store.Decision, error) {
				d, err := decide(r, fits)
				d.Next = p.Next(r, fits, at)
				return d, err
			}
			recorded, err := w.Record(w.Context(), req)
			w.must(err)
			require.Len(w.T, recorded.Cases, 1)
			return recorded.Cases[0]
		}
		low := passive(start.Add(time.Minute), 1)
		require.NotEqual(w.T, id, low)
		detail, err := w.Case(w.Context(), low)
		w.must(err)
		require.Equal(w.T, survey.CaseProgress{Priority: survey.PriorityLow, Origin: survey.OriginPassive, Earlier: id}, detail.Case.CaseProgress)
		raised := w.unhappyAgain(start.Add(time.Hour), 2)
		require.Equal(w.T, low, raised.ID)
		require.Equal(w.T, survey.CaseProgress{Priority: survey.PriorityNormal, Earlier: id}, raised.CaseProgress)
	},

	"cases are listed by their states": func(w world) {
		w.saveContacts(1)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(7, -1)}, nil))
		ended, open := w.openCase(start, 0), w.openCase(start.Add(time.Minute), 7)
		w.resolve(ended)
		list := func(filter store.CaseFilter) []string {
			filter.Limit = max(filter.Limit, 10)
			found, err := w.ListCases(w.Context(), filter)
			w.must(err)
			var ids []string
			for _, c := range found {
				ids = append(ids, c.ID)
			}
			return ids
		}
		require.Equal(w.T, []string{open}, list(store.CaseFilter{}))
		require.Equal(w.T, []string{ended}, list(store.CaseFilter{States: []survey.CaseState{survey.CaseResolved, survey.CaseClosed}}))
		require.Equal(w.T, []string{ended, open}, list(store.CaseFilter{States: []survey.CaseState{survey.CaseResolved, survey.CaseOpen}, Program: programID}))
		require.Empty(w.T, list(store.CaseFilter{Program: "csat"}))
		all, err := w.ListCases(w.Context(), store.CaseFilter{Limit: 1, States: []survey.CaseState{survey.CaseResolved, survey.CaseOpen}})
		w.must(err)
		require.Len(w.T, all, 1)
	},

	"many at once re-open one case": func(w world) {
		const n = 8
		w.saveContacts(n + 1)
		id := w.openCase(start, n)
		w.resolve(id)
		at := start.Add(time.Hour)
		contacts := make([]int, n)
		for i := range contacts {
			contacts[i] = i
		}
		var batches []string
		for _, invitation := range w.invite(at, contacts...) {
			w.done(invitation, at, 0)
			batches = append(batches, w.claim(store.TopicAnswer, at).ID)
		}
		for _, recorded := range atOnce(w, n, func(i int) (store.Recorded, error) {
			return w.Record(w.Context(), w.recordRequest(batches[i], at))
		}) {
			require.Equal(w.T, []string{id}, recorded.Cases)
		}
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, 1, detail.Case.Round)
		require.Len(w.T, detail.Responses, n+1)
		require.Equal(w.T, "reopened", detail.History[1].What)
		require.Len(w.T, detail.History, n+1)
	},
}
