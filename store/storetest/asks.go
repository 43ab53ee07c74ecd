package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// promoters makes asks of contacts' happy answers and returns their batch.
func (w world) promoters(now time.Time, contacts ...int) string {
	w.Helper()
	for _, id := range w.invite(now, contacts...) {
		w.done(id, now, 10)
	}
	batch := w.claim(store.TopicAnswer, now).ID
	recorded, err := w.Record(w.Context(), w.recordRequest(batch, now))
	w.must(err)
	require.Equal(w.T, len(contacts), recorded.Asks)
	return batch
}

func decideAsk(now time.Time) func(*store.AskRecipient) survey.Rule {
	return func(r *store.AskRecipient) survey.Rule { return asking().AdmitAsk(r.Ask.Kind, r.Facts, now) }
}

// asking is what the program asks for after an answer, where a test says so.
func asking() survey.FollowUp {
	again := survey.AskTiming{AgainAfter: survey.Span(quarantine)}
	return survey.FollowUp{
		Referral: survey.ReferralRule{AskTiming: again}, Review: &survey.ReviewRule{AskTiming: again}, Testimonial: &survey.TestimonialRule{AskTiming: again},
		FinalAfter: survey.Span(finalAfter),
	}
}

// choosing has a batch's asks chosen among all kinds.
func choosing(req store.RecordRequest) store.RecordRequest {
	req.ChooseAsk = func(r survey.Response, h survey.AskHistory) (survey.AskChoice, time.Time, bool) {
		choice, ok := asking().ChooseAsk(survey.AskAnswer{Band: r.Band, Comment: r.Comment != ""}, h, req.Now)
		return choice, req.Now.Add(askDelay), ok
	}
	return req
}

// answered has a contact give an answer, and returns its batch and the ids of invitation
// and response.
func (w world) answered(contact int, now time.Time, score int, comment string) (batch, invitation, response string) {
	w.Helper()
	invitation = w.invite(now, contact)[0]
	r, err := w.SaveAnswer(w.Context(), w.answerRequest(invitation, now, survey.Answer{Score: score, Comment: comment, Done: true}))
	w.must(err)
	batch = w.claim(store.TopicAnswer, now).ID
	_, err = w.Record(w.Context(), choosing(w.recordRequest(batch, now)))
	w.must(err)
	return batch, invitation, r.ID
}

func (w world) admitAsks(batch string, now time.Time) []store.AskRecipient {
	w.Helper()
	asks, err := w.AdmitAsks(w.Context(), batch, now, decideAsk(now))
	w.must(err)
	return asks
}

func (w world) ask(id string) store.Ask {
	w.Helper()
	r, err := w.Ask(w.Context(), id)
	w.must(err)
	return r.Ask
}

// click is that somebody goes on to refer from the page of an invitation.
func click(w world, invitation string, at time.Time) store.PageAskClick {
	return store.PageAskClick{
		InvitationID: invitation, NewID: w.newID(), At: at, Choice: survey.AskChoice{Turn: survey.AskReferral, Kind: survey.AskReferral},
	}
}

var askCases = map[string]func(world){
	"who went on from the page gets no mail": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		_, err := w.PageAsk(w.Context(), ids[0])
		require.ErrorIs(w.T, err, store.ErrNotFound)
		_, err = w.PageAskClicked(w.Context(), click(w, ids[0], start))
		require.ErrorIs(w.T, err, store.ErrNotFound)
		w.done(ids[0], start, 10)
		w.done(ids[1], start, 10)
		facts, err := w.PageAsk(w.Context(), ids[0])
		w.must(err)
		require.Equal(w.T, store.PageAsk{Facts: survey.AskFacts{Band: survey.Promoter, HasAddress: true}}, facts)
		id, err := w.PageAskClicked(w.Context(), click(w, ids[0], start)) // before the answer is recorded
		w.must(err)
		again, err := w.PageAskClicked(w.Context(), click(w, ids[0], start))
		w.must(err)
		require.Equal(w.T, id, again)
		batch := w.claim(store.TopicAnswer, start).ID
		_, err = w.Record(w.Context(), w.recordRequest(batch, start))
		w.must(err)
		id, err = w.PageAskClicked(w.Context(), click(w, ids[1], start)) // and after
		w.must(err)
		require.Equal(w.T, survey.AskClicked, w.ask(id).State)
		waiting, err := w.WaitingAsks(w.Context(), batch)
		w.must(err)
		require.Empty(w.T, waiting)
	},

	"asks are decided once and wait until sent": func(w world) {
		w.saveContacts(2)
		batch := w.promoters(start, 0, 1)
		waiting, err := w.WaitingAsks(w.Context(), batch)
		w.must(err)
		require.Len(w.T, waiting, 2)
		require.Equal(w.T, start, waiting[0].Ask.CreatedAt)
		require.Equal(w.T, "v1", waiting[0].Ask.Version)
		admitted := w.admitAsks(batch, start)
		require.Len(w.T, admitted, 2)
		require.Less(w.T, admitted[0].Ask.ID, admitted[1].Ask.ID)
		require.Equal(w.T, w.keptAccount(0), admitted[0].Account)
		require.NotEmpty(w.T, admitted[0].Contact.Email)
		id := admitted[0].Ask.ID
		w.must(w.MarkAsked(w.Context(), []string{id}, survey.AskSent, start.Add(time.Minute)))
		_, err = w.BeginEffects(w.Context(), "sendgrid", "", []string{store.MailEffect(store.MailAsk, admitted[1].Ask.ID)}, start, start)
		w.must(err)
		again, err := w.AdmitAsks(w.Context(), batch, start, func(*store.AskRecipient) survey.Rule {
			w.T.Error("asked again")
			return ""
		})
		w.must(err)
		require.Len(w.T, again, 1)
		require.Equal(w.T, admitted[1].Ask, again[0].Ask)
		waiting, err = w.WaitingAsks(w.Context(), batch)
		w.must(err)
		require.Len(w.T, waiting, 1)
		sent := w.ask(id)
		require.Equal(w.T, survey.AskSent, sent.State)
		require.Equal(w.T, start.Add(time.Minute), sent.SentAt)
		w.must(w.MarkAsked(w.Context(), []string{admitted[1].Ask.ID}, survey.AskUnknown, start))
		require.Equal(w.T, survey.AskUnknown, w.ask(admitted[1].Ask.ID).State)
		require.Zero(w.T, w.ask(admitted[1].Ask.ID).SentAt)
	},

	"the rules see what was asked and open cases": func(w world) {
		w.saveContacts(2)
		w.admitAsks(w.promoters(start, 0), start)
		later := start.Add(quarantine)
		second := w.promoters(later, 0)
		waiting, err := w.WaitingAsks(w.Context(), second)
		w.must(err)
		var facts survey.AskFacts
		before := later.Add(-time.Hour)
		_, err = w.AdmitAsks(w.Context(), second, before, func(r *store.AskRecipient) survey.Rule {
			facts = r.Facts
			return decideAsk(before)(r)
		})
		w.must(err)
		require.Equal(w.T, survey.AskFacts{Band: survey.Promoter, HasAddress: true, LastAsked: start}, facts)
		refused := w.ask(waiting[0].Ask.ID)
		require.Equal(w.T, survey.AskSuppressed, refused.State)
		require.Equal(w.T, survey.RuleAskedBefore, refused.Rule)

		third := w.promoters(later.Add(quarantine), 0)
		w.openCase(later.Add(quarantine), 1)
		require.Empty(w.T, w.admitAsks(third, later.Add(quarantine)), "the account has an open case")
	},

	"an ask is decided again until its mail is begun": func(w world) {
		w.saveContacts(1)
		invitation := w.invite(start, 0)[0]
		w.done(invitation, start, 10)
		batch := w.claim(store.TopicAnswer, start).ID
		_, err := w.Record(w.Context(), w.recordRequest(batch, start))
		w.must(err)
		require.Len(w.T, w.admitAsks(batch, start), 1)
		ask, err := w.WaitingAsks(w.Context(), batch)
		w.must(err)
		require.Equal(w.T, start.Add(askDelay), ask[0].Ask.DueAt)
		w.done(invitation, start.Add(time.Minute), 1)
		require.Empty(w.T, w.admitAsks(batch, start.Add(time.Minute)))
		require.Equal(w.T, survey.RuleNotHappy, w.ask(ask[0].Ask.ID).Rule)
	},

	"of two asks of a contact in a batch one goes out": func(w world) {
		w.saveContacts(1)
		first := w.invite(start, 0)[0]
		later := start.Add(quarantine)
		w.done(first, later.Add(-quarantine), 10)
		w.done(w.invite(later, 0)[0], later, 10)
		batch := w.claim(store.TopicAnswer, later).ID
		_, err := w.Record(w.Context(), w.recordRequest(batch, later))
		w.must(err)
		require.Len(w.T, w.admitAsks(batch, later), 1)
	},

	"who unsubscribes is not asked": func(w world) {
		w.saveContacts(2)
		batch := w.promoters(start, 0, 1)
		w.must(w.Unsubscribe(w.Context(), contactKey(0), start))
		admitted := w.admitAsks(batch, start)
		require.Len(w.T, admitted, 1)
		w.must(w.Unsubscribe(w.Context(), contactKey(1), start))
		require.Empty(w.T, w.admitAsks(batch, start), "not even when it was admitted")
		require.Equal(w.T, survey.RuleUnsubscribed, w.ask(admitted[0].Ask.ID).Rule)
	},

	"a click stays a click": func(w world) {
		w.saveContacts(1)
		id := w.admitAsks(w.promoters(start, 0), start)[0].Ask.ID
		w.must(w.AskSeen(w.Context(), id, start))
		require.Equal(w.T, survey.AskWaiting, w.ask(id).State, "opening a link proves nothing")
		w.must(w.AskClicked(w.Context(), id, start.Add(time.Minute)))
		w.must(w.AskClicked(w.Context(), id, start.Add(time.Hour)))
		w.must(w.MarkAsked(w.Context(), []string{id}, survey.AskSent, start))
		clicked := w.ask(id)
		require.Equal(w.T, survey.AskClicked, clicked.State)
		require.Equal(w.T, start.Add(time.Minute), clicked.ClickedAt)
		require.Equal(w.T, start, clicked.SentAt)
		_, err := w.Ask(w.Context(), "none")
		require.ErrorIs(w.T, err, store.ErrNotFound)
		require.ErrorIs(w.T, w.AskSeen(w.Context(), "none", start), store.ErrNotFound)
		require.ErrorIs(w.T, w.AskClicked(w.Context(), "none", start), store.ErrNotFound)
	},

	"batches that ask a contact at once ask it once": func(w world) {
		w.saveContacts(1)
		const n = 6
		var batches []string
		for i := range n {
			batches = append(batches, w.promoters(start.Add(time.Duration(i)*quarantine), 0))
		}
		now := start.Add(n * quarantine)
		total := 0
		for _, asks := range atOnce(w, n, func(i int) ([]store.AskRecipient, error) {
			return w.AdmitAsks(w.Context(), batches[i], now, decideAsk(now))
		}) {
			total += len(asks)
		}
		require.Equal(w.T, 1, total)
	},
}
