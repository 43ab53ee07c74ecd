package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

var answerCases = map[string]func(world){
	"a first answer": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		_, err := w.ResponseOf(w.Context(), id)
		require.ErrorIs(w.T, err, store.ErrNotFound)
		at := start.Add(time.Minute)
		r, err := w.SaveAnswer(w.Context(), w.answerRequest(id, at, survey.Answer{Score: 8, Comment: "naïve 👍"}))
		w.must(err)
		require.Equal(w.T, survey.Response{
			ID: r.ID, InvitationID: id, Program: programID, Version: "v1", ContactKey: w.contactRef(0), AccountKey: w.accountRef(0),
			State: survey.Provisional, Score: 8, Band: survey.Passive, Comment: "naïve 👍", Locale: "fr-CA", Revision: 1, AnsweredAt: at, ChangedAt: at,
		}, r)
		kept, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, r, kept)
		i := w.stateOf(id)
		require.Equal(w.T, survey.InvitationResponded, i.State)
		require.Equal(w.T, at, i.EndedAt)
		early, err := w.ClaimBatches(w.Context(), store.TopicAnswer, at.Add(finalAfter-time.Second), longLease, nil)
		w.must(err)
		require.Empty(w.T, early)
		batch := w.claim(store.TopicAnswer, at.Add(finalAfter))
		require.Equal(w.T, programID, batch.Lane)
		items, err := w.BatchItems(w.Context(), batch.ID)
		w.must(err)
		require.Equal(w.T, r.ID, items[0].Key)
	},

	"the same answer again changes nothing": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		first := w.done(id, start, 9)
		w.record(start)
		again := w.done(id, start.Add(time.Hour), 9)
		require.Equal(w.T, 1, again.Revision)
		require.Equal(w.T, first.ChangedAt, again.ChangedAt)
		require.Equal(w.T, survey.Final, again.State)
		due, err := w.ClaimBatches(w.Context(), store.TopicAnswer, start.Add(24*time.Hour), longLease, nil)
		w.must(err)
		require.Empty(w.T, due)
	},

	"answers to questions add up and are kept": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		causes := survey.QuestionAnswer{Chosen: []string{"price", survey.OptionOther}, Text: "naïve 👍 a\x00b"}
		stored := survey.QuestionAnswer{Chosen: causes.Chosen, Text: "naïve 👍 a\uFFFDb"}
		for i, step := range []struct {
			answer survey.Answer
			want   survey.Answers
		}{
			{survey.Answer{Score: 3, KeepComment: true}, nil},
			{survey.Answer{Score: 3, KeepComment: true, Answers: survey.Answers{"causes": causes}}, survey.Answers{"causes": stored}},
			{survey.Answer{Score: 3, KeepComment: true, Answers: survey.Answers{"wish": {}}}, survey.Answers{"causes": stored, "wish": {}}},
			{survey.Answer{Score: 3, Comment: "slow", Done: true}, survey.Answers{"causes": stored, "wish": {}}},
		} {
			for range 2 { // the same again is no revision
				r, err := w.SaveAnswer(w.Context(), w.answerRequest(id, start, step.answer))
				w.must(err)
				require.Equal(w.T, i+1, r.Revision)
				require.Equal(w.T, step.want, r.Answers)
				kept, err := w.ResponseOf(w.Context(), id)
				w.must(err)
				require.Equal(w.T, r, kept)
			}
		}
	},

	"a comment that no database holds is kept all the same": func(w world) {
		w.saveContacts(1)
		request := w.answerRequest(w.invite(start, 0)[0], start, survey.Answer{Score: 1, Comment: "a\x00b"})
		for range 2 {
			r, err := w.SaveAnswer(w.Context(), request)
			w.must(err)
			require.Equal(w.T, "a\uFFFDb", r.Comment)
			require.Equal(w.T, 1, r.Revision)
		}
	},

	"a change after final is a new revision and due again": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.done(id, start, 9)
		w.record(start)
		later := start.Add(2 * expiry)
		r := w.done(id, later, 2)
		require.Equal(w.T, 2, r.Revision)
		require.Equal(w.T, 1, r.Recorded)
		require.Equal(w.T, survey.Provisional, r.State)
		require.Equal(w.T, start, r.AnsweredAt)
		require.Equal(w.T, later, r.ChangedAt)
		require.Len(w.T, w.record(later).Cases, 1)
	},

	"what takes no answer": func(w world) {
		w.saveContacts(5)
		w.admit(start, 0)
		suppressed := w.admit(start, 0)[0].ID
		cancelled := w.admit(start, 1)[0].ID
		w.must(w.MarkCancelled(w.Context(), []string{cancelled}, start))
		sent := w.invite(start, 2, 3)
		later := start.Add(expiry)
		for id, want := range map[string]error{
			suppressed: store.ErrNotSent, cancelled: store.ErrNotSent,
			sent[0]: store.ErrExpired, "none": store.ErrNotFound,
		} {
			_, err := w.SaveAnswer(w.Context(), w.answerRequest(id, later, survey.Answer{Score: 9}))
			require.ErrorIs(w.T, err, want)
		}
		_, err := w.Expire(w.Context(), later)
		w.must(err)
		_, err = w.SaveAnswer(w.Context(), w.answerRequest(sent[1], start, survey.Answer{Score: 9}))
		require.ErrorIs(w.T, err, store.ErrExpired)
		due, err := w.ClaimBatches(w.Context(), store.TopicAnswer, later.Add(expiry), longLease, nil)
		w.must(err)
		require.Empty(w.T, due, "nothing changed")
	},

	"an answer before the mail is noted as sent proves the mail": func(w world) {
		w.saveContacts(2)
		for _, i := range w.admit(start, 0, 1) {
			if i.ContactKey == w.contactRef(0) {
				w.must(w.MarkUnknown(w.Context(), []string{i.ID}, start, start.Add(time.Hour)))
			}
			w.done(i.ID, start, 9)
			w.must(w.MarkSent(w.Context(), []string{i.ID}, start, start.Add(expiry)))
			kept := w.stateOf(i.ID)
			require.Equal(w.T, survey.InvitationResponded, kept.State)
			require.Equal(w.T, start, kept.EndedAt)
			require.Equal(w.T, start, kept.SentAt)
		}
	},

	"a change while a batch holds the answer is not lost": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.done(id, start, 9)
		batch := w.claim(store.TopicAnswer, start)
		w.done(id, start, 1) // the batch has it, and is to see this
		recorded, err := w.Record(w.Context(), w.recordRequest(batch.ID, start))
		w.must(err)
		require.Len(w.T, recorded.Cases, 1)
		w.done(id, start.Add(time.Minute), 0) // the batch is through
		require.Equal(w.T, recorded.Cases, w.record(start.Add(time.Minute)).Cases)
		r, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, 3, r.Recorded)
	},

	"answers that race with their recording are all recorded": func(w world) {
		const revisions = 12
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.done(id, start, 0)
		atOnce(w, 2, func(i int) (int, error) {
			for n := range revisions {
				if i == 0 {
					if _, err := w.SaveAnswer(w.Context(), w.answerRequest(id, start, survey.Answer{Score: 1 + n%9, Done: true})); err != nil {
						return 0, err
					}
					continue
				}
				batches, err := w.ClaimBatches(w.Context(), store.TopicAnswer, start, longLease, nil)
				if err != nil {
					return 0, err
				}
				for _, b := range batches {
					if _, err := w.Record(w.Context(), w.recordRequest(b.ID, start)); err != nil {
						return 0, err
					}
				}
			}
			return 0, nil
		})
		rest, err := w.ClaimBatches(w.Context(), store.TopicAnswer, start, longLease, nil)
		w.must(err)
		for _, b := range rest {
			_, err := w.Record(w.Context(), w.recordRequest(b.ID, start))
			w.must(err)
		}
		r, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, r.Revision, r.Recorded)
	},

	"two answers at once are one response": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		responses := atOnce(w, 8, func(int) (survey.Response, error) {
			return w.SaveAnswer(w.Context(), w.answerRequest(id, start, survey.Answer{Score: 9, Done: true}))
		})
		for _, r := range responses {
			require.Equal(w.T, responses[0], r)
		}
	},
}
