package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// unnamed is one step of the page of an anonymous survey, by whoever has a secret.
func (w world) unnamed(invitation, secret string, answer survey.Answer) (survey.AnonymousAnswer, error) {
	return w.SaveAnonymous(w.Context(), store.SaveAnonymousRequest{
		InvitationID: invitation, Secret: secret, Answer: answer, Band: program().BandOf(answer.Score), Now: start,
	})
}

// unnamedAnswers are given to invitations, with the scores 0 to 10 over and over.
func (w world) unnamedAnswers(invitations []string) {
	w.Helper()
	for i, id := range invitations {
		_, err := w.unnamed(id, "secret of "+id, survey.Answer{Score: i % 11, Comment: fmt.Sprintf("comment %d", i)})
		w.must(err)
	}
}

// mix mixes a number of times and returns how many answers were released.
func (w world) mix(times int) (released int) {
	w.Helper()
	for range times {
		programs, err := w.ProgramsToMix(w.Context())
		w.must(err)
		for _, program := range programs {
			n, err := w.MixAnonymous(w.Context(), program, start)
			w.must(err)
			released += n
		}
	}
	return released
}

func (w world) results() store.Results {
	w.Helper()
	found, err := w.Results(w.Context(), programID)
	w.must(err)
	return found
}

// promise keeps a version of the program with a floor.
func (w world) promise(floor int) {
	w.Helper()
	p := program()
	p.Anonymity = survey.Anonymity{Anonymous: true, Floor: floor}
	w.must(w.SaveProgram(w.Context(), p))
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

var anonymousCases = map[string]func(world){
	"an answer leads nowhere": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		saved, err := w.unnamed(id, "a secret", survey.Answer{Score: 2, Comment: "naïve 👍"})
		w.must(err)
		require.Equal(w.T, survey.AnonymousAnswer{Program: programID, Score: 2, Band: survey.Detractor, Comment: "naïve 👍"}, saved)
		i := w.stateOf(id)
		require.Equal(w.T, survey.InvitationResponded, i.State)
		require.Zero(w.T, i.EndedAt, "the invitation does not know when")
		_, err = w.ResponseOf(w.Context(), id)
		require.ErrorIs(w.T, err, store.ErrNotFound)
		due, err := w.ClaimBatches(w.Context(), store.TopicAnswer, start.Add(1000*time.Hour), longLease, nil)
		w.must(err)
		require.Empty(w.T, due, "nothing follows")
		late, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: i.Batch, SentBy: start.Add(time.Hour), Now: start.Add(time.Hour), Reminder: 1})
		w.must(err)
		require.Empty(w.T, late, "nobody is reminded who has answered")
	},

	"the secret changes the answer, and nothing else does": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		_, err := w.unnamed(ids[0], "a secret", survey.Answer{Score: 2})
		w.must(err)
		causes := survey.Answers{survey.Causes: {Chosen: []string{"pay"}}}
		_, err = w.unnamed(ids[0], "a secret", survey.Answer{Score: 9, KeepComment: true, Answers: causes})
		w.must(err)
		want := survey.AnonymousAnswer{Program: programID, Score: 9, Band: survey.Promoter, Comment: "better", Answers: causes, Done: true}
		saved, err := w.unnamed(ids[0], "a secret", survey.Answer{Score: 9, Comment: "better", Done: true})
		w.must(err)
		require.Equal(w.T, want, saved)
		kept, err := w.AnonymousAnswer(w.Context(), ids[0], "a secret")
		w.must(err)
		require.Equal(w.T, want, kept)
		_, err = w.unnamed(ids[0], "another", survey.Answer{Score: 1})
		require.ErrorIs(w.T, err, store.ErrAnswered)
		_, err = w.AnonymousAnswer(w.Context(), ids[1], "a secret")
		require.ErrorIs(w.T, err, store.ErrAnswered, "it opens the answer to its own invitation alone")
		w.promise(survey.LeastFloor)
		require.Equal(w.T, 1, w.results().Waiting)
	},

	"an answer that was mixed twice stays as it is": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.unnamedAnswers([]string{id})
		w.mix(1)
		_, err := w.unnamed(id, "secret of "+id, survey.Answer{Score: 10})
		w.must(err)
		w.mix(1)
		_, err = w.unnamed(id, "secret of "+id, survey.Answer{Score: 0})
		require.ErrorIs(w.T, err, store.ErrAnswered)
		_, err = w.AnonymousAnswer(w.Context(), id, "secret of "+id)
		require.ErrorIs(w.T, err, store.ErrAnswered)
	},

	"double clicks give one answer": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		atOnce(w, 8, func(i int) (survey.AnonymousAnswer, error) { return w.unnamed(id, "a secret", survey.Answer{Score: i}) })
		w.promise(survey.LeastFloor)
		require.Equal(w.T, 1, w.results().Waiting)
	},

	"answers are refused as named ones are": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		expired, err := w.Expire(w.Context(), start.Add(expiry))
		w.must(err)
		require.Equal(w.T, 2, expired)
		_, err = w.unnamed(ids[0], "a secret", survey.Answer{Score: 1})
		require.ErrorIs(w.T, err, store.ErrExpired)
		_, err = w.unnamed("nothing", "a secret", survey.Answer{Score: 1})
		require.ErrorIs(w.T, err, store.ErrNotFound)
		require.Zero(w.T, w.results().Waiting)
	},

	"answers are released in lots of the floor": func(w world) {
		w.saveContacts(22)
		w.promise(10)
		ids := w.invite(start, upTo(22)...)
		w.unnamedAnswers(ids[:9])
		require.Zero(w.T, w.mix(3))
		before := w.results()
		require.Empty(w.T, before.Blocks)
		require.Empty(w.T, before.Said)
		require.Equal(w.T, []int{22, 9, 9, 10}, []int{before.Asked, before.Answered, before.Waiting, before.Floor})

		w.unnamedAnswers(ids[9:12])
		require.Zero(w.T, w.mix(1), "these may still be changed")
		require.Equal(w.T, 12, w.mix(1))
		first := w.results()
		require.Len(w.T, first.Blocks, 1)
		require.Equal(w.T, 12, first.Blocks[0].N())
		require.Equal(w.T, "2026-03", first.Blocks[0].From)
		require.Len(w.T, first.Said, 12)

		w.unnamedAnswers(ids[12:21])
		require.Zero(w.T, w.mix(3), "nine more tell nothing until they are ten")
		require.Equal(w.T, first.Blocks, w.results().Blocks)
		w.unnamedAnswers(ids[21:])
		require.Equal(w.T, 10, w.mix(2))
		require.Len(w.T, w.results().Blocks, 2)
		require.Zero(w.T, w.results().Waiting)
	},

	"a floor that is lowered holds for those who were promised the higher": func(w world) {
		w.saveContacts(12)
		w.promise(12)
		ids := w.invite(start, upTo(12)...)
		w.unnamedAnswers(ids[:11])
		w.promise(5)
		require.Zero(w.T, w.mix(3))
		w.unnamedAnswers(ids[11:])
		require.Equal(w.T, 12, w.mix(2))
	},

	"an invitation without an account counts for none": func(w world) {
		w.saveContacts(1)
		w.addEvents(1)
		req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, 0)
		req.NoAccount = true
		invitations, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		require.Empty(w.T, invitations[0].AccountKey)
		require.Empty(w.T, w.stateOf(invitations[0].ID).AccountKey)
	},

	"a program of which no version is kept has the least floor": func(w world) {
		w.saveContacts(survey.LeastFloor)
		ids := w.invite(start, upTo(survey.LeastFloor)...)
		w.unnamedAnswers(ids[1:])
		require.Zero(w.T, w.mix(3))
		w.unnamedAnswers(ids[:1])
		require.Equal(w.T, survey.LeastFloor, w.mix(2))
	},

	"named responses from before count by month": func(w world) {
		w.saveContacts(2)
		require.Zero(w.T, w.results(), "it was never anonymous")
		ids := w.invite(start, 0, 1)
		w.done(ids[0], start, 9)
		w.done(ids[1], start.Add(time.Hour), 9)
		w.record(start.Add(time.Hour))
		w.promise(survey.LeastFloor)
		found := w.results()
		require.Equal(w.T, []survey.Block{{From: "2026-03", To: "2026-03", Scores: map[int]int{9: 2}, Bands: map[survey.Band]int{survey.Promoter: 2}}}, found.Blocks)
		require.Equal(w.T, []int{2, 2, 0, survey.LeastFloor}, []int{found.Asked, found.Answered, found.Waiting, found.Floor})
	},
}
