package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// askOf returns the one ask that follows an invitation's answer.
func (w world) askOf(batch string) store.Ask {
	w.Helper()
	waiting, err := w.WaitingAsks(w.Context(), batch)
	w.must(err)
	require.Len(w.T, waiting, 1)
	return waiting[0].Ask
}

var askTurnCases = map[string]func(world){
	"each answer has its turn": func(w world) {
		w.saveContacts(1)
		at, kinds := start, []survey.AskKind(nil)
		for range 4 {
			batch, _, _ := w.answered(0, at, 10, "wonderful")
			kinds = append(kinds, w.askOf(batch).Kind)
			require.Len(w.T, w.admitAsks(batch, at), 1)
			at = at.Add(quarantine)
		}
		require.Equal(w.T, []survey.AskKind{survey.AskReferral, survey.AskReview, survey.AskTestimonial, survey.AskReferral}, kinds)
	},

	"who is unhappy has turns too, and is asked for a review": func(w world) {
		w.saveContacts(1)
		first, _, _ := w.answered(0, start, 2, "bad")
		waiting, err := w.WaitingAsks(w.Context(), first)
		w.must(err)
		require.Empty(w.T, waiting)
		second, _, _ := w.answered(0, start.Add(quarantine), 2, "bad")
		require.Equal(w.T, survey.AskReview, w.askOf(second).Kind)
		require.Len(w.T, w.admitAsks(second, start.Add(quarantine)), 1, "an open case keeps nobody from a review")
	},

	"who is happy after all is asked what the turn was for": func(w world) {
		w.saveContacts(1)
		_, invitation, _ := w.answered(0, start, 2, "bad")
		w.done(invitation, start.Add(time.Minute), 10)
		batch := w.claim(store.TopicAnswer, start.Add(time.Minute)).ID
		recorded, err := w.Record(w.Context(), choosing(w.recordRequest(batch, start.Add(time.Minute))))
		w.must(err)
		require.Equal(w.T, 1, recorded.Asks)
		require.Equal(w.T, survey.AskReferral, w.askOf(batch).Kind)
	},

	"an answer that is recorded again keeps its ask": func(w world) {
		w.saveContacts(1)
		first, invitation, _ := w.answered(0, start, 10, "")
		made := w.askOf(first)
		w.done(invitation, start.Add(time.Minute), 9)
		batch := w.claim(store.TopicAnswer, start.Add(time.Minute)).ID
		recorded, err := w.Record(w.Context(), choosing(w.recordRequest(batch, start.Add(time.Minute))))
		w.must(err)
		require.Zero(w.T, recorded.Asks)
		require.Equal(w.T, made, w.askOf(first))
	},

	"the page sees the turns before, and its own": func(w world) {
		w.saveContacts(1)
		first, invitation, _ := w.answered(0, start, 10, "")
		w.admitAsks(first, start)
		page, err := w.PageAsk(w.Context(), invitation)
		w.must(err)
		require.Equal(w.T, survey.AskHistory{Turn: survey.AskReferral}, page.History)
		second := w.invite(start.Add(quarantine), 0)[0]
		w.done(second, start.Add(quarantine), 3)
		page, err = w.PageAsk(w.Context(), second)
		w.must(err)
		var want survey.AskHistory
		want.Add(survey.AskReferral, start)
		want.AddAsked(survey.AskReferral, start)
		require.Equal(w.T, want, page.History)
		require.Equal(w.T, survey.Detractor, page.Facts.Band)
	},

	"who goes on from the page has had their turn": func(w world) {
		w.saveContacts(1)
		invitation := w.invite(start, 0)[0]
		w.done(invitation, start, 1)
		_, err := w.PageAskClicked(w.Context(), store.PageAskClick{
			InvitationID: invitation, NewID: w.newID(), At: start, Choice: survey.AskChoice{Turn: survey.AskReview, Kind: survey.AskReview},
		})
		w.must(err)
		batch := w.claim(store.TopicAnswer, start).ID
		recorded, err := w.Record(w.Context(), choosing(w.recordRequest(batch, start)))
		w.must(err)
		require.Zero(w.T, recorded.Asks)
		page, err := w.PageAsk(w.Context(), invitation)
		w.must(err)
		require.Equal(w.T, survey.AskReview, page.History.Turn)
	},

	"two answers of a batch have two turns": func(w world) {
		w.saveContacts(1)
		first := w.invite(start, 0)[0]
		later := start.Add(quarantine)
		w.done(first, start, 10)
		w.done(w.invite(later, 0)[0], later, 10)
		batch := w.claim(store.TopicAnswer, later).ID
		_, err := w.Record(w.Context(), choosing(w.recordRequest(batch, later)))
		w.must(err)
		waiting, err := w.WaitingAsks(w.Context(), batch)
		w.must(err)
		require.Len(w.T, waiting, 2)
		require.NotEqual(w.T, waiting[0].Ask.Kind, waiting[1].Ask.Kind)
		require.Len(w.T, w.admitAsks(batch, later), 2)
	},
}

// outcomesOf returns what became of a program's asks, by their ids.
func (w world) outcomesOf(program string) map[string]store.AskOutcome {
	w.Helper()
	found, err := w.AskOutcomes(w.Context(), program)
	w.must(err)
	out := map[string]store.AskOutcome{}
	for _, o := range found {
		out[o.ID] = o
	}
	return out
}

var askOutcomeCases = map[string]func(world){
	"what was opened, clicked and refused": func(w world) {
		w.saveContacts(4)
		batch := w.promoters(start, 0, 1, 2)
		asks := w.admitAsks(batch, start)
		require.Len(w.T, asks, 3)
		opened, clicked, silent := asks[0].Ask.ID, asks[1].Ask.ID, asks[2].Ask.ID
		w.must(w.MarkAsked(w.Context(), []string{opened, clicked, silent}, survey.AskSent, start))
		w.tell(start, toldOf(store.MailAsk, survey.MailOpened, opened))
		w.must(w.AskSeen(w.Context(), clicked, start))
		w.must(w.AskClicked(w.Context(), clicked, start))
		w.answered(3, start, 2, "")
		found := w.outcomesOf(programID)
		require.Len(w.T, found, 4)
		require.True(w.T, found[opened].Opened)
		require.False(w.T, found[opened].Clicked)
		require.True(w.T, found[clicked].Opened && found[clicked].Clicked)
		require.False(w.T, found[silent].Opened)
		require.Equal(w.T, survey.AskFacts{Band: survey.Promoter, HasAddress: true}, *found[silent].Facts)
		require.Equal(w.T, survey.AskChoice{Turn: survey.AskReferral, Kind: survey.AskReferral}, found[silent].Why)
		for id, o := range found {
			if id != opened && id != clicked && id != silent {
				require.Equal(w.T, survey.RuleNotHappy, o.Rule)
				require.Equal(w.T, w.contactRef(3), o.ContactKey)
				require.Nil(w.T, o.Facts)
			}
		}
		require.Empty(w.T, w.outcomesOf("another"))
		require.Len(w.T, w.outcomesOf(""), 4)
	},

	"who was referred, and what the deals are worth": func(w world) {
		w.saveContacts(2)
		asks := w.promoterAsks(0, 1)
		w.created(asks[0], 1, "501")
		w.created(asks[0], 2, "502")
		_, state := w.leave(asks[0], friend(1), start)
		require.Equal(w.T, survey.LeadDuplicate, state)
		amount, more := survey.Hundredths(480_000), survey.Hundredths(50)
		for i, won := range []store.Won{{Amount: &amount, Currency: "EUR"}, {Amount: &more, Currency: "EUR"}, {}} {
			won.CRM, won.Deal, won.At = "hubspot", fmt.Sprint("deal", i), start
			won.Contacts = []string{survey.RecordKey("hubspot", "501")}
			require.Equal(w.T, 1, w.credit(start, won).Deals)
		}
		found := w.outcomesOf(programID)
		got := found[asks[0]]
		require.Equal(w.T, survey.AskConverted, got.State)
		require.Equal(w.T, 2, got.Referred)
		require.Equal(w.T, 3, got.Converted)
		require.Equal(w.T, map[string]survey.Hundredths{"EUR": 480_050}, got.Revenue)
		require.Zero(w.T, found[asks[1]].Referred+found[asks[1]].Converted)
	},
}

var testimonialCases = map[string]func(world){
	"given, changed, withdrawn, given again": func(w world) {
		w.saveContacts(2)
		_, _, response := w.answered(0, start, 10, "wonderful")
		_, err := w.Testimonial(w.Context(), response)
		require.ErrorIs(w.T, err, store.ErrNotFound)
		given := store.Testimonial{ResponseID: response, Words: "wonderful", Name: "Ada Lovelace", Company: "Engines", Locale: "en", GivenAt: start}
		w.must(w.GiveTestimonial(w.Context(), given))
		given.Program = programID
		kept, err := w.Testimonial(w.Context(), response)
		w.must(err)
		require.Equal(w.T, given, kept)

		_, _, second := w.answered(1, start.Add(time.Hour), 9, "fine")
		other := store.Testimonial{ResponseID: second, Words: "fine", GivenAt: start.Add(time.Hour)}
		w.must(w.GiveTestimonial(w.Context(), other))
		other.Program = programID
		listed := func(program string) []store.Testimonial {
			all, err := w.Testimonials(w.Context(), program)
			w.must(err)
			return all
		}
		require.Equal(w.T, []store.Testimonial{other, given}, listed(""))
		require.Empty(w.T, listed("another"))

		w.must(w.WithdrawTestimonial(w.Context(), response, start.Add(2*time.Hour)))
		w.must(w.WithdrawTestimonial(w.Context(), response, start.Add(3*time.Hour)))
		require.Equal(w.T, []store.Testimonial{other}, listed(programID))
		kept, err = w.Testimonial(w.Context(), response)
		w.must(err)
		require.Equal(w.T, start.Add(2*time.Hour), kept.WithdrawnAt)
		w.must(w.GiveTestimonial(w.Context(), given))
		require.Equal(w.T, []store.Testimonial{other, given}, listed(programID))
		w.must(w.WithdrawTestimonial(w.Context(), "none", start))
	},

	"of a response that is not there": func(w world) {
		require.ErrorIs(w.T, w.GiveTestimonial(w.Context(), store.Testimonial{ResponseID: "none", GivenAt: start}), store.ErrNotFound)
		_, err := w.ResponseOfAsk(w.Context(), "none")
		require.ErrorIs(w.T, err, store.ErrNotFound)
	},

	"an ask leads to its response": func(w world) {
		w.saveContacts(1)
		batch, _, response := w.answered(0, start, 10, "wonderful")
		r, err := w.ResponseOfAsk(w.Context(), w.askOf(batch).ID)
		w.must(err)
		require.Equal(w.T, response, r.ID)
		require.Equal(w.T, "wonderful", r.Comment)
	},
}
