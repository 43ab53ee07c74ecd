package storetest

import (
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

var recordCases = map[string]func(world){
	"a batch is recorded once": func(w world) {
		w.saveContacts(3)
		ids := w.invite(start, 0, 1, 2)
		for i, score := range []int{10, 8, 2} {
			w.done(ids[i], start, score)
		}
		batch := w.claim(store.TopicAnswer, start)
		req := w.recordRequest(batch.ID, start)
		first, err := w.Record(w.Context(), req)
		w.must(err)
		require.Len(w.T, first.Cases, 1)
		require.Equal(w.T, 1, first.Asks)
		require.Equal(w.T, []string{"hubspot"}, first.CRMs)
		req.Decide = func(survey.Response, bool) (store.Decision, error) {
			return store.Decision{}, errors.New("asked again")
		}
		again, err := w.Record(w.Context(), req)
		w.must(err)
		require.Equal(w.T, first, again)
		r, err := w.ResponseOf(w.Context(), ids[2])
		w.must(err)
		require.Equal(w.T, survey.Final, r.State)
		require.Equal(w.T, 1, r.Recorded)
		require.Equal(w.T, start, r.Alerted)
		items, err := w.BatchItems(w.Context(), batch.ID)
		w.must(err)
		require.Empty(w.T, items)
	},

	"an error of the rules changes nothing": func(w world) {
		w.saveContacts(1)
		w.done(w.invite(start, 0)[0], start, 2)
		batch := w.claim(store.TopicAnswer, start)
		req := w.recordRequest(batch.ID, start)
		broken := errors.New("no such program")
		req.Decide = func(survey.Response, bool) (store.Decision, error) { return store.Decision{}, broken }
		_, err := w.Record(w.Context(), req)
		require.ErrorIs(w.T, err, broken)
		recorded, err := w.Record(w.Context(), w.recordRequest(batch.ID, start))
		w.must(err)
		require.Len(w.T, recorded.Cases, 1)
	},

	"an alert first, the final look later": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		for _, id := range ids {
			_, err := w.SaveAnswer(w.Context(), w.answerRequest(id, start, survey.Answer{Score: 1}))
			w.must(err)
		}
		alerted := w.record(start.Add(alertAfter))
		require.Len(w.T, alerted.Cases, 1)
		early, err := w.ClaimBatches(w.Context(), store.TopicAnswer, start.Add(finalAfter-time.Second), longLease, nil)
		w.must(err)
		require.Empty(w.T, early)
		final := w.record(start.Add(finalAfter))
		require.Equal(w.T, store.Recorded{}, final, "there is nothing new to tell")
		r, err := w.ResponseOf(w.Context(), ids[0])
		w.must(err)
		require.Equal(w.T, survey.Final, r.State)
		require.Equal(w.T, start.Add(alertAfter), r.Alerted)
	},

	"one open case an account": func(w world) {
		w.saveContacts(2)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(7, -1), contact(8, -1)}, nil))
		first := w.openCase(start, 0)
		require.Equal(w.T, first, w.openCase(start.Add(time.Minute), 1), "the account's case is told")
		alone := w.openCase(start, 7)
		require.NotEqual(w.T, alone, w.openCase(start, 8), "each without an account has one")
		detail, err := w.Case(w.Context(), first)
		w.must(err)
		require.Equal(w.T, 2, detail.Case.Revision)
		require.Equal(w.T, w.contactRef(1), detail.Contact.Key, "of the latest response")
		require.Equal(w.T, w.keptAccount(0), detail.Account)
		require.Len(w.T, detail.Responses, 2)
		require.Equal(w.T, w.contactRef(1), detail.Responses[0].ContactKey, "newest first")
		require.Equal(w.T, []store.CaseEvent{
			{At: start, What: "opened", Choice: detail.Responses[1].ID}, {At: start.Add(time.Minute), What: "response", Choice: detail.Responses[0].ID},
		}, withoutIDs(detail.History))
		other, err := w.Case(w.Context(), alone)
		w.must(err)
		require.Zero(w.T, other.Account)
		require.Equal(w.T, "hubspot", other.Case.CRM)
	},

	"a correction for the better is told to the open case": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		w.done(detail.Responses[0].InvitationID, start.Add(time.Minute), 10)
		require.Equal(w.T, []string{id}, w.record(start.Add(time.Minute)).Cases)
		detail, err = w.Case(w.Context(), id)
		w.must(err)
		require.Equal(w.T, 2, detail.Case.Revision)
		require.Equal(w.T, survey.Promoter, detail.Responses[0].Band)
	},

	"batches of one account at once open one case and count each other": func(w world) {
		const n = 10
		w.saveContacts(n)
		contacts := make([]int, n)
		for i := range contacts {
			contacts[i] = i
		}
		var batches []string
		for _, id := range w.invite(start, contacts...) {
			w.done(id, start, 0)
			batches = append(batches, w.claim(store.TopicAnswer, start).ID)
		}
		cases := map[string]bool{}
		for _, recorded := range atOnce(w, n, func(i int) (store.Recorded, error) {
			return w.Record(w.Context(), w.recordRequest(batches[i], start))
		}) {
			for _, id := range recorded.Cases {
				cases[id] = true
			}
		}
		require.Len(w.T, cases, 1)
		require.Equal(w.T, "10/0/10", w.signals(survey.ObjectAccount)["a000"]["counts"])
	},

	"a promoter is asked once for a response": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.done(id, start, 9)
		require.Equal(w.T, 1, w.record(start).Asks)
		w.done(id, start.Add(time.Minute), 10)
		require.Zero(w.T, w.record(start.Add(time.Minute)).Asks)
	},

	"a full batch": func(w world) {
		contacts := make([]int, store.MaxBatch)
		for i := range contacts {
			contacts[i] = i
			w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(i, i/5)}, nil))
		}
		for i, id := range w.invite(start, contacts...) {
			_, err := w.SaveAnswer(w.Context(), w.answerRequest(id, start, survey.Answer{Score: i % 11, Done: i%3 > 0}))
			w.must(err)
		}
		recorded := w.record(start.Add(alertAfter))
		require.Len(w.T, recorded.Cases, store.MaxBatch/5, "of accounts with an unhappy one of five")
		require.NotZero(w.T, recorded.Asks)
	},
}
