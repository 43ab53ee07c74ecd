package storetest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// unguarded never pauses a program.
var unguarded = survey.Guard{Bounces: 1, Complaints: 1}

// told is what a vendor tells of the first mail of invitations.
func told(what survey.MailEvent, ids ...string) []store.MailEvent {
	return toldOf(store.MailInvite, what, ids...)
}

func toldOf(kind string, what survey.MailEvent, ids ...string) []store.MailEvent {
	var events []store.MailEvent
	for _, id := range ids {
		events = append(events, store.MailEvent{Kind: kind, ID: id, What: what, Ref: "m", At: start})
	}
	return events
}

func (w world) tell(at time.Time, events ...[]store.MailEvent) store.MailEventsTaken {
	w.Helper()
	return w.tellGuarded(unguarded, at, events...)
}

func (w world) tellGuarded(guard survey.Guard, at time.Time, events ...[]store.MailEvent) store.MailEventsTaken {
	w.Helper()
	taken, err := w.TakeMailEvents(w.Context(), store.MailEventsRequest{Events: slices.Concat(events...), Now: at, Guard: guard})
	w.must(err)
	return taken
}

// rule is why a contact may not be asked now, "" where it may.
func (w world) rule(at time.Time, c int) survey.Rule {
	w.Helper()
	return w.admit(at, c)[0].Rule
}

var deliveryCases = map[string]func(world){
	"in any order and number a bounce wins": func(w world) {
		w.saveContacts(4)
		ids := w.invite(start, 0, 1, 2, 3)
		delivered, bounced := survey.MailDelivered, survey.MailBounced
		for i, order := range [][]survey.MailEvent{{delivered, bounced}, {bounced, delivered}, {bounced, bounced, delivered, bounced}, {delivered, delivered}} {
			for n, what := range order {
				taken := w.tell(start.Add(time.Duration(n)*time.Hour), told(what, ids[i]))
				isNew := slices.Index(order, what) == n
				require.Equal(w.T, isNew, taken.New[store.ProgramEvent{Program: programID, What: what}] == 1, order)
			}
		}
		for i, want := range []survey.InvitationState{"bounced", "bounced", "bounced", "delivered"} {
			require.Equal(w.T, want, w.stateOf(ids[i]).State)
		}
		require.Equal(w.T, start.Add(time.Hour), w.stateOf(ids[0]).EndedAt)
	},

	"all at once in one delivery": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		taken := w.tell(start, told(survey.MailBounced, ids...), told(survey.MailDelivered, ids...), told(survey.MailBounced, ids...))
		require.Equal(w.T, map[store.ProgramEvent]int{
			{Program: programID, What: survey.MailBounced}: 2, {Program: programID, What: survey.MailDelivered}: 2,
		}, taken.New)
		require.Equal(w.T, survey.InvitationBounced, w.stateOf(ids[1]).State)
	},

	"events before the mail is noted as sent": func(w world) {
		w.saveContacts(2)
		made := w.admit(start, 0, 1)
		ids := []string{made[0].ID, made[1].ID}
		w.tell(start, told(survey.MailDelivered, ids...), told(survey.MailBounced, ids[1]))
		require.Equal(w.T, survey.InvitationAdmitted, w.stateOf(ids[0]).State)
		w.must(w.MarkSent(w.Context(), ids, start, start.Add(expiry)))
		require.Equal(w.T, survey.InvitationDelivered, w.stateOf(ids[0]).State)
		require.Equal(w.T, survey.InvitationBounced, w.stateOf(ids[1]).State)
	},

	"events and the note at the same moment": func(w world) {
		const n = 20
		w.saveContacts(n)
		var contacts []int
		for i := range n {
			contacts = append(contacts, i)
		}
		var ids []string
		for _, i := range w.admit(start, contacts...) {
			ids = append(ids, i.ID)
		}
		atOnce(w, 2*n, func(i int) (any, error) {
			if i < n {
				return nil, w.MarkSent(w.Context(), ids[i:i+1], start, start.Add(expiry))
			}
			_, err := w.TakeMailEvents(w.Context(), store.MailEventsRequest{Events: told(survey.MailDelivered, ids[i-n]), Now: start, Guard: unguarded})
			return nil, err
		})
		for _, id := range ids {
			require.Equal(w.T, survey.InvitationDelivered, w.stateOf(id).State)
		}
	},

	"a mail in doubt is proved and delivered": func(w world) {
		w.saveContacts(1)
		id := w.admit(start, 0)[0].ID
		key := store.MailEffect(store.MailInvite, id)
		w.begin(key)
		w.must(w.MarkUnknown(w.Context(), []string{id}, start, start.Add(expiry)))
		w.lose(start, key)
		require.Equal(w.T, 1, w.tell(start, told("", id), told(survey.MailDelivered, id)).Proved)
		require.Zero(w.T, w.tell(start, told("", id)).Proved)
		require.Equal(w.T, survey.InvitationDelivered, w.stateOf(id).State)
		require.Equal(w.T, "m", w.begin(key).Done[0].Ref)
	},

	"a dead address blocks until it changes": func(w world) {
		w.saveContacts(2)
		twin := contact(2, -1) // the same person under another id
		twin.Email = "C000@Example.com "
		w.must(w.SaveContacts(w.Context(), []survey.Contact{twin}, nil))
		id := w.invite(start, 0)[0]
		w.tell(start, told(survey.MailDelivered, id), told(survey.MailBounced, id))
		w.tell(start, told(survey.MailDelivered, id))
		for _, c := range []int{0, 2} {
			require.Equal(w.T, survey.RuleBounced, w.rule(start.Add(time.Hour), c))
		}
		require.Empty(w.T, w.rule(start, 1))
		changed := contact(0, 0)
		changed.Email = "new@example.com"
		w.must(w.SaveContacts(w.Context(), []survey.Contact{changed}, nil))
		require.Empty(w.T, w.rule(start.Add(time.Hour), 0), "what never arrived does not count as asked")
	},

	"the address that bounced is the one told": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		changed := contact(0, 0)
		changed.Email = "new@example.com"
		w.must(w.SaveContacts(w.Context(), []survey.Contact{changed}, nil))
		bounced := told(survey.MailBounced, ids[0])
		bounced[0].Address = contact(0, 0).Email
		w.tell(start, bounced)
		require.Empty(w.T, w.rule(start, 0), "it has another by now")
	},

	"who is admitted or to be reminded at a dead address": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		w.tell(start, told(survey.MailDelivered, ids...))
		batch := w.stateOf(ids[0]).Batch
		unanswered, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: batch, SentBy: start, Now: start, Reminder: 1})
		w.must(err)
		require.Len(w.T, unanswered, 2, "delivered is as good as sent")

		later := start.Add(quarantine)
		next := w.admit(later, 0)[0]
		require.Equal(w.T, survey.InvitationAdmitted, next.State)
		bounced := toldOf(store.MailReminder, survey.MailBounced, ids[0])
		w.tell(start, bounced)
		unanswered, err = w.Unanswered(w.Context(), store.UnansweredRequest{Batch: batch, SentBy: start, Now: start, Reminder: 1})
		w.must(err)
		require.Len(w.T, unanswered, 1)
		unsent, err := w.Unsent(w.Context(), next.Batch, later)
		w.must(err)
		require.True(w.T, unsent[0].Bounced)
		w.must(w.MarkCancelled(w.Context(), []string{next.ID}, later))
		require.Equal(w.T, survey.RuleBounced, w.stateOf(next.ID).Rule)
	},

	"blocked and dropped": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		w.tell(start, told(survey.MailBlocked, ids[0]), told(survey.MailDropped, ids[1]))
		require.Equal(w.T, survey.InvitationSent, w.stateOf(ids[0]).State)
		require.Equal(w.T, survey.InvitationBounced, w.stateOf(ids[1]).State)
		require.Equal(w.T, survey.RuleQuarantine, w.rule(start, 0), "it may still arrive")
		require.Empty(w.T, w.rule(start, 1), "the address may be good")
	},

	"a complaint and an unsubscription, once": func(w world) {
		w.saveContacts(3)
		twin := contact(3, -1)
		twin.Email = contact(0, 0).Email
		w.must(w.SaveContacts(w.Context(), []survey.Contact{twin}, nil))
		ids := w.invite(start, 0, 1)
		waiting := w.admit(start.Add(quarantine), 3)[0]
		w.tell(start, told(survey.MailComplaint, ids[0]), told(survey.MailUnsubscribed, ids[1]))
		require.Equal(w.T, survey.InvitationCancelled, w.stateOf(waiting.ID).State)
		require.Equal(w.T, survey.RuleUnsubscribed, w.stateOf(waiting.ID).Rule)
		for c, want := range map[int]survey.Rule{0: survey.RuleUnsubscribed, 1: survey.RuleUnsubscribed, 2: "", 3: survey.RuleUnsubscribed} {
			require.Equal(w.T, want, w.rule(start.Add(quarantine), c))
		}
		require.Equal(w.T, survey.InvitationSent, w.stateOf(ids[0]).State)
	},

	"opened and clicked are evidence and no more": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		before := w.stateOf(id)
		taken := w.tell(start, told(survey.MailOpened, id, id), told(survey.MailClicked, id))
		require.Len(w.T, taken.New, 2)
		require.Equal(w.T, before, w.stateOf(id))
	},

	"an answer outlives every event": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.tell(start, told(survey.MailBounced, id))
		w.done(id, start.Add(time.Hour), 9)
		require.Equal(w.T, survey.InvitationResponded, w.stateOf(id).State, "it came through all the same")
		w.tell(start, told(survey.MailDelivered, id), toldOf(store.MailReminder, survey.MailBounced, id))
		require.Equal(w.T, survey.InvitationResponded, w.stateOf(id).State)
	},

	"what was delivered expires": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.tell(start, told(survey.MailDelivered, id))
		n, err := w.Expire(w.Context(), start.Add(expiry))
		w.must(err)
		require.Equal(w.T, 1, n)
		w.tell(start, told(survey.MailBounced, id))
		require.Equal(w.T, survey.InvitationExpired, w.stateOf(id).State)
	},

	"mails that are not known change nothing": func(w world) {
		w.saveContacts(1)
		require.Empty(w.T, w.tell(start, told(survey.MailBounced, "nobody"), toldOf(store.MailAsk, survey.MailComplaint, "nothing")))
		require.Empty(w.T, w.tell(start))
		require.Empty(w.T, w.rule(start, 0))
	},
}
