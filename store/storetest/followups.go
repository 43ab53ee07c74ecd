package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// recordDrawn records what is due by a program that opens cases for passives, and holds a
// share of them out.
func (w world) recordDrawn(now time.Time, share float64) store.Recorded {
	w.Helper()
	p := program()
	p.FollowUp.Case.Passives, p.FollowUp.Case.HoldOut = true, share
	req := w.recordRequest(w.claim(store.TopicAnswer, now).ID, now)
	req.Decide = func(r survey.Response, fits bool) (store.Decision, error) {
		return store.Decision{
			Final: p.IsFinal(r, now), Next: p.Next(r, fits, now), DueAt: p.DueAt(r), CaseCloseAt: now.Add(closeAfter), ReopenWithin: survey.Span(closeAfter),
		}, nil
	}
	recorded, err := w.Record(w.Context(), req)
	w.must(err)
	return recorded
}

func (w world) draws() []store.Drawn {
	w.Helper()
	drawn, err := w.Draws(w.Context())
	w.must(err)
	return drawn
}

// Shares of which all are held out, and as good as nobody is.
const (
	everybody = 1
	nobody    = 1e-15
)

var followUpCases = map[string]func(world){
	"somebody spoke with a customer when they first said so": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		for i, what := range []string{string(survey.ActionAcknowledge), string(survey.ActionContacted), string(survey.ActionResolve)} {
			w.must(w.addEvent(id, store.CaseEvent{At: start.Add(time.Duration(i) * time.Hour), What: what, User: "U1"}))
		}
		found, err := w.FollowUps(w.Context(), start, start.Add(time.Millisecond))
		w.must(err)
		require.Len(w.T, found, 1)
		require.NotEmpty(w.T, found[0].ResponseID)
		require.Equal(w.T, store.FollowUp{
			CaseID: id, AccountKey: w.accountRef(0), ContactKey: w.contactRef(0), ResponseID: found[0].ResponseID, Program: programID, Version: "v1",
			Score: 3, Band: survey.Detractor, AnsweredAt: start, OpenedAt: start, SpokenAt: start.Add(time.Hour),
		}, found[0])
		found, err = w.FollowUps(w.Context(), start.Add(time.Millisecond), start.Add(aDay))
		w.must(err)
		require.Empty(w.T, found)
	},

	"messages are counted that went out, or may have": func(w world) {
		at := start.Add(time.Minute)
		begin := func(vendor string, keys ...string) {
			_, err := w.BeginMails(w.Context(), vendor, keys, at, at, 0)
			w.must(err)
		}
		mails := []string{store.MailEffect(store.MailInvite, "a"), store.MailEffect(store.MailReminder, "a"), store.MailEffect(store.MailInvite, "b")}
		begin("sendgrid", mails...)
		begin(store.VendorSMS, store.MailEffect(store.MailInvite, "c"))
		w.must(w.EndEffects(w.Context(), []string{mails[0], mails[1], store.MailEffect(store.MailInvite, "c")}, "1", at))
		sent, sms, err := w.MessagesSent(w.Context(), at, at.Add(time.Millisecond))
		w.must(err)
		require.Equal(w.T, []int{2, 1}, []int{sent, sms})
		sent, sms, err = w.MessagesSent(w.Context(), start, at)
		w.must(err)
		require.Zero(w.T, sent+sms)
	},

	"a rejected case was none": func(w world) {
		w.saveContacts(1)
		w.endCase(w.openCase(start, 0), survey.ActionReject, start, store.Aftercare{})
		found, err := w.FollowUps(w.Context(), start, start.Add(aDay))
		w.must(err)
		require.Empty(w.T, found)
	},

	"who is held out has no case, and is kept as they were": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.done(id, start, 7)
		require.Empty(w.T, w.recordDrawn(start, everybody).Cases)
		drawn := w.draws()
		require.Len(w.T, drawn, 1)
		require.Equal(w.T, store.Drawn{
			FollowUp: store.FollowUp{
				AccountKey: w.accountRef(0), ContactKey: w.contactRef(0), ResponseID: drawn[0].ResponseID, Program: programID, Version: "v1",
				Score: 7, Band: survey.Passive, AnsweredAt: start, OpenedAt: start,
			}, Held: true, Share: everybody,
		}, drawn[0])
		later := start.Add(time.Minute)
		w.done(id, later, 8)
		require.Empty(w.T, w.recordDrawn(later, everybody).Cases)
		require.Equal(w.T, drawn, w.draws(), "nothing that comes later changes what was drawn")
		w.done(id, later.Add(time.Minute), 2)
		require.Len(w.T, w.recordDrawn(later.Add(time.Minute), everybody).Cases, 1, "who is unhappy after all is not held out")
		require.Equal(w.T, drawn, w.draws())
	},

	"who is drawn to be called has a case": func(w world) {
		w.saveContacts(1)
		w.done(w.invite(start, 0)[0], start, 7)
		require.Len(w.T, w.recordDrawn(start, nobody).Cases, 1)
		require.Len(w.T, w.draws(), 1)
		require.False(w.T, w.draws()[0].Held)
	},

	"nothing is drawn about an account with a case": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		w.done(ids[0], start, 2)
		id := w.recordDrawn(start, everybody).Cases[0]
		w.done(ids[1], start, 7)
		require.Equal(w.T, []string{id}, w.recordDrawn(start, everybody).Cases, "it joins the case as it always did")
		require.Empty(w.T, w.draws())
	},

	"nor about one whose case was resolved": func(w world) {
		w.saveContacts(2)
		w.done(w.invite(start, 0)[0], start, 2)
		w.resolve(w.recordDrawn(start, everybody).Cases[0])
		later := start.Add(60 * aDay)
		w.done(w.invite(later, 1)[0], later, 7)
		require.Len(w.T, w.recordDrawn(later, everybody).Cases, 1)
		require.Empty(w.T, w.draws())
	},

	"nor about who complained elsewhere": func(w world) {
		w.saveContacts(4)
		var rows []survey.Contact
		for i := range 4 {
			rows = append(rows, contact(i, i)) // each of an account of their own
		}
		w.must(w.SaveContacts(w.Context(), rows, []survey.Account{account(0), account(1), account(2), account(3)}))
		w.saveBehaviour(survey.Behaviour{
			Kind: survey.TicketKind, CRM: "hubspot", Source: "desk", ID: "1", Contact: survey.Tell(contactKey(0), start),
			Start: survey.Tell(survey.Start{At: start.Add(-aDay)}, start),
		})
		for id, f := range map[string]survey.Feedback{"f1": {ContactKey: contactKey(1), Rating: 3}, "f3": {ContactKey: contactKey(3), Rating: 4}} {
			f.ID, f.Source, f.SourceID, f.Kind, f.Text, f.At, f.Revision = id, "shop", id, survey.FeedbackReview, "meh", start.Add(-aDay), 1
			_, err := w.SaveFeedback(w.Context(), f)
			w.must(err)
		}
		for _, id := range w.invite(start, 0, 1, 2, 3) {
			w.done(id, start, 7)
		}
		require.Len(w.T, w.recordDrawn(start, everybody).Cases, 2)
		drawn := w.draws()
		require.Len(w.T, drawn, 2)
		require.ElementsMatch(w.T, []string{w.contactRef(2), w.contactRef(3)}, []string{drawn[0].ContactKey, drawn[1].ContactKey})
	},
}

func (w world) addEvent(caseID string, e store.CaseEvent) error {
	_, err := w.AdvanceCase(w.Context(), caseID, e.At, func(*survey.Case, []survey.Click) store.Advance {
		return store.Advance{History: []store.CaseEvent{e}}
	})
	return err
}
