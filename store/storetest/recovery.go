package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const (
	resurvey = 25 * 24 * time.Hour
	aDay     = 24 * time.Hour
)

// endCase ends a case by a click; of a resolved one the customers are thanked and asked
// again where due says when.
func (w world) endCase(id string, action survey.CaseAction, at time.Time, due store.Aftercare) survey.Case {
	w.Helper()
	click := survey.Click{ID: w.newID(), CaseID: id, Action: action, User: "U1", Seen: latest, At: at, Choice: "price"}
	c, err := w.AdvanceCase(w.Context(), id, at, func(c *survey.Case, _ []survey.Click) store.Advance {
		_, err := c.Apply(click)
		w.must(err)
		return store.Advance{Aftercare: due}
	})
	w.must(err)
	return c
}

// resolve resolves a case at start: its customers are due both.
func (w world) resolve(id string) survey.Case {
	w.Helper()
	return w.endCase(id, survey.ActionResolve, start, store.Aftercare{ThanksAt: start, RecheckAt: start.Add(resurvey)})
}

func (w world) what(id string) []string {
	w.Helper()
	detail, err := w.Case(w.Context(), id)
	w.must(err)
	var what []string
	for _, e := range detail.History {
		what = append(what, e.What)
	}
	return what
}

func (w world) dueItems(topic store.Topic, at time.Time) int {
	w.Helper()
	batches, err := w.ClaimBatches(w.Context(), topic, at, longLease, nil)
	w.must(err)
	n := 0
	for _, b := range batches {
		n += b.Items
	}
	return n
}

// askAgain admits the customers of the resolved cases that are due, and returns their
// invitations.
func (w world) askAgain(at time.Time) []store.Invitation {
	w.Helper()
	batch := w.claim(store.TopicRecheck, at)
	items, err := w.BatchItems(w.Context(), batch.ID)
	w.must(err)
	return w.admitAgain(batch.ID, items, at)
}

func (w world) admitAgain(batch string, items []store.StoredItem, at time.Time) []store.Invitation {
	w.Helper()
	var ids []string
	for _, item := range items {
		ids = append(ids, item.Key)
	}
	customers, err := w.Customers(w.Context(), ids)
	w.must(err)
	req := w.emptyRequest(batch, at)
	p, rules := program(), survey.ContactRules{Quarantine: survey.Span(quarantine)}
	req.Reads = survey.ReadsForAgain(p, rules, at)
	req.Decide = func(a survey.Applicant) survey.Ruling { return survey.DecideAgain(p, rules, a, at) }
	for _, item := range items {
		for _, contact := range customers[item.Key] {
			req.Candidates = append(req.Candidates, store.Candidate{ItemID: item.ID, ContactKey: contact, EventAt: at, Recheck: item.Key})
		}
	}
	made, err := w.Admit(w.Context(), req)
	w.must(err)
	return made
}

// asked has the customers of a resolved case asked again, by their invitations.
func (w world) asked(at time.Time, want int) []string {
	w.Helper()
	var ids []string
	for _, i := range w.askAgain(at) {
		require.Equal(w.T, survey.InvitationAdmitted, i.State, i.Rule)
		ids = append(ids, i.ID)
	}
	require.Len(w.T, ids, want)
	w.must(w.MarkSent(w.Context(), ids, at, at.Add(expiry)))
	return ids
}

func (w world) caseState(id string) survey.CaseState {
	w.Helper()
	detail, err := w.Case(w.Context(), id)
	w.must(err)
	return detail.Case.State
}

var recoveryCases = map[string]func(world){
	"who is happy when asked again has recovered": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.openCase(start, 1)
		w.resolve(id)
		require.Zero(w.T, w.dueItems(store.TopicRecheck, start.Add(resurvey-time.Second)))
		at := start.Add(resurvey)
		ids := w.asked(at, 2)
		require.Equal(w.T, []string{"opened", "response", "asked_again"}, w.what(id))
		reminded, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: w.batchOf(ids[0]), SentBy: at, Now: at.Add(aDay), Reminder: 1})
		w.must(err)
		require.Empty(w.T, reminded, "they are not reminded of that")
		w.done(ids[0], at.Add(aDay), 9)
		require.Equal(w.T, []string{id}, w.record(at.Add(aDay)).Cases, "it is shown so")
		require.Equal(w.T, survey.CaseRecovered, w.caseState(id))
		w.done(ids[1], at.Add(2*aDay), 7)
		require.Empty(w.T, w.record(at.Add(2*aDay)).Cases, "it is known already")
	},

	"who is unhappy again has not, and there is another case": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.openCase(start, 1)
		w.resolve(id)
		at := start.Add(resurvey)
		ids := w.asked(at, 2)
		w.done(ids[0], at, 10)
		w.record(at)
		w.done(ids[1], at, 2)
		cases := w.record(at).Cases
		require.Len(w.T, cases, 2)
		require.Equal(w.T, survey.CaseUnrecovered, w.caseState(id), "one outweighs the others")
		next := cases[0]
		if next == id {
			next = cases[1]
		}
		detail, err := w.Case(w.Context(), next)
		w.must(err)
		require.Equal(w.T, survey.CaseProgress{Priority: survey.PriorityHigh, Earlier: id}, detail.Case.CaseProgress)
		require.Equal(w.T, []string{"opened", "response", "asked_again", "recovered", "unrecovered"}, w.what(id))
	},

	"nobody has recovered who is not done": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.resolve(id)
		at := start.Add(resurvey)
		invitation := w.asked(at, 1)[0]
		_, err := w.SaveAnswer(w.Context(), w.answerRequest(invitation, at, survey.Answer{Score: 9}))
		w.must(err)
		require.Equal(w.T, survey.CaseResolved, w.caseState(id))
		w.record(at.Add(finalAfter))
		require.Equal(w.T, survey.CaseRecovered, w.caseState(id))
	},

	"an answer that is withdrawn told nothing": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.resolve(id)
		at := start.Add(resurvey)
		invitation := w.asked(at, 1)[0]
		w.done(invitation, at, 9)
		w.record(at)
		require.Equal(w.T, survey.CaseRecovered, w.caseState(id))
		w.must(w.ExcludeAnswer(w.Context(), store.Verdict{Item: invitation, At: at, What: store.VerdictRejected, Who: "grace", Why: "a test"}))
		require.Equal(w.T, []string{id}, w.record(at).Cases)
		require.Equal(w.T, survey.CaseResolved, w.caseState(id))
	},

	"a case that is open again takes the answer of who was asked before": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.resolve(id)
		at := start.Add(resurvey)
		invitation := w.asked(at, 1)[0]
		require.Equal(w.T, id, w.unhappyAgain(at, 1).ID)
		w.done(invitation, at, 9)
		require.Equal(w.T, []string{id}, w.record(at).Cases)
		require.Equal(w.T, survey.CaseOpen, w.caseState(id))
		require.Equal(w.T, []string{"opened", "asked_again", "reopened", "response"}, w.what(id))
	},

	"no answer leaves it resolved, and is told once": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.openCase(start, 1)
		w.resolve(id)
		at := start.Add(resurvey)
		ids := w.asked(at, 2)
		w.must(w.Unsubscribe(w.Context(), contactKey(1), at))
		ended, err := w.EndRechecks(w.Context(), at.Add(expiry-1))
		w.must(err)
		require.Zero(w.T, ended)
		expired, err := w.Expire(w.Context(), at.Add(expiry))
		w.must(err)
		require.Equal(w.T, len(ids), expired)
		for _, want := range []int{1, 0} {
			ended, err := w.EndRechecks(w.Context(), at.Add(expiry))
			w.must(err)
			require.Equal(w.T, want, ended)
		}
		require.Equal(w.T, survey.CaseResolved, w.caseState(id))
		require.Equal(w.T, []string{"opened", "response", "asked_again", "no_answer"}, w.what(id))
		stalled, err := w.Stalled(w.Context(), at.Add(expiry))
		w.must(err)
		require.Equal(w.T, []string{id}, stalled.Cases, "its message is to say so")
	},

	"no answer is not told of a case that was resolved since": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.resolve(id)
		at := start.Add(resurvey)
		w.asked(at, 1)
		expired, err := w.Expire(w.Context(), at.Add(expiry))
		w.must(err)
		require.Equal(w.T, 1, expired)
		for i, want := range []int{0, 1, 0} { // the first began before the case was resolved
			ended, err := w.EndRechecks(w.Context(), start.Add(time.Duration(i-1)*time.Millisecond))
			w.must(err)
			require.Equal(w.T, want, ended)
		}
	},

	"who may not be mailed is not asked again": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.resolve(id)
		w.must(w.Unsubscribe(w.Context(), contactKey(0), start))
		made := w.askAgain(start.Add(resurvey))
		require.Len(w.T, made, 1)
		require.Equal(w.T, survey.RuleUnsubscribed, made[0].Rule)
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		last := detail.History[len(detail.History)-1]
		require.Equal(w.T, []string{"no_answer", "unsubscribed"}, []string{last.What, last.Choice})
	},

	"a case that is re-opened while its customers are admitted": func(w world) {
		w.saveContacts(2)
		id := w.openCase(start, 0)
		w.resolve(id)
		at := start.Add(resurvey)
		batch := w.claim(store.TopicRecheck, at)
		items, err := w.BatchItems(w.Context(), batch.ID)
		w.must(err)
		invitation := w.invite(at, 1)[0]
		w.done(invitation, at, 1)
		answers := w.claim(store.TopicAnswer, at)
		atOnce(w, 2, func(i int) (struct{}, error) {
			if i == 0 {
				req := w.recordRequest(answers.ID, at)
				decide := req.Decide
				req.Decide = func(r survey.Response, fits bool) (store.Decision, error) {
					d, err := decide(r, fits)
					d.ReopenWithin = survey.Span(reopenWithin)
					return d, err
				}
				_, err := w.Record(w.Context(), req)
				return struct{}{}, err
			}
			w.admitAgain(batch.ID, items, at)
			return struct{}{}, nil
		})
		require.Equal(w.T, survey.CaseOpen, w.caseState(id))
		waiting, err := w.Unsent(w.Context(), batch.ID, at)
		w.must(err)
		require.Empty(w.T, waiting, "whichever came first")
	},

	"each customer of a resolved case is thanked once a round": func(w world) {
		w.saveContacts(3)
		id := w.openCase(start, 0)
		w.openCase(start, 1)
		w.openCase(start, 2)
		w.resolve(id)
		w.must(w.Unsubscribe(w.Context(), contactKey(2), start))
		batch := w.claim(store.TopicThanks, start)
		thanks := func() []store.ThanksRecipient {
			admitted, err := w.AdmitThanks(w.Context(), store.ThanksRequest{
				Batch: batch.ID, Now: start, NewID: w.newID,
				Decide: func(r store.ThanksRecipient) survey.Rule {
					return survey.AdmitThanks(survey.ContactRules{}, r.Contact, r.Facts)
				},
			})
			w.must(err)
			return admitted
		}
		admitted := thanks()
		require.Len(w.T, admitted, 2)
		first := admitted[0]
		require.Equal(w.T, []string{id, programID, "price"}, []string{first.Case, first.Program, first.Cause})
		require.Equal(w.T, w.keptAccount(0), first.Account)
		invitation, err := w.Invitation(w.Context(), first.InvitationID)
		w.must(err)
		require.Equal(w.T, first.Contact.Key, invitation.Contact.Key)
		require.Equal(w.T, admitted, thanks(), "a repetition says the same")
		w.must(w.MarkThanked(w.Context(), []string{first.ID}, survey.AskSent, start))
		w.must(w.MarkThanked(w.Context(), []string{first.ID}, survey.AskSent, start))
		require.Equal(w.T, []string{"opened", "response", "response", "thanked"}, w.what(id))
		require.Equal(w.T, admitted[1:], thanks())
		w.must(w.FinishThanks(w.Context(), batch.ID, start))
		again := start.Add(time.Hour)
		require.Equal(w.T, id, w.reopenedBy(id, again, 0))
		require.Empty(w.T, thanks(), "what was not sent is called off")
		w.endCase(id, survey.ActionResolve, again, store.Aftercare{ThanksAt: again})
		batch = w.claim(store.TopicThanks, again)
		require.Len(w.T, thanks(), 2, "for the next round they are thanked again")
	},

	"a mail of thanks of which nobody knows": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.resolve(id)
		admitted, err := w.AdmitThanks(w.Context(), store.ThanksRequest{
			Batch: w.claim(store.TopicThanks, start).ID, Now: start, NewID: w.newID,
			Decide: func(store.ThanksRecipient) survey.Rule { return "" },
		})
		w.must(err)
		mail := admitted[0].ID
		key := store.MailEffect(store.MailThanks, mail)
		_, err = w.BeginEffects(w.Context(), "smtp", "", []string{key}, start, start)
		w.must(err)
		w.must(w.MarkThanked(w.Context(), []string{mail}, survey.AskUnknown, start))
		_, err = w.LoseEffects(w.Context(), []string{key}, start)
		w.must(err)
		about, err := w.EffectSubjects(w.Context(), []string{key})
		w.must(err)
		require.Equal(w.T, map[string]store.EffectSubject{key: {Program: programID, State: "unknown"}}, about)
		_, err = w.RepeatEffect(w.Context(), key, "b", start)
		require.ErrorIs(w.T, err, store.ErrNotRepeated)
		w.must(w.AcceptEffect(w.Context(), key, start))
		about, err = w.EffectSubjects(w.Context(), []string{key})
		w.must(err)
		require.Equal(w.T, "sent", about[key].State)
	},
}

// reopenedBy has a contact change their answer in a case for the worse.
func (w world) reopenedBy(id string, at time.Time, contact int) string {
	w.Helper()
	detail, err := w.Case(w.Context(), id)
	w.must(err)
	for _, r := range detail.Responses {
		if r.ContactKey == w.contactRef(contact) {
			w.done(r.InvitationID, at, 0)
		}
	}
	cases := w.record(at).Cases
	require.Len(w.T, cases, 1)
	return cases[0]
}

func (w world) batchOf(invitation string) string {
	w.Helper()
	found, err := w.Invitation(w.Context(), invitation)
	w.must(err)
	return found.Invitation.Batch
}
