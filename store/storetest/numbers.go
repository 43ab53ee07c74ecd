package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// phone is a number of somebody.
func phone(i int) string { return fmt.Sprintf("+49151123%05d", i) }

// withPhones saves contacts with these numbers, the first of contact 0, and without
// addresses.
func (w world) withPhones(numbers ...string) {
	w.Helper()
	var contacts []survey.Contact
	for i, number := range numbers {
		c := contact(i, -1)
		c.Email, c.Phone = "", number
		contacts = append(contacts, c)
	}
	w.must(w.SaveContacts(w.Context(), contacts, nil))
}

// admitBySMS is admit of a program by SMS.
func (w world) admitBySMS(now time.Time, contacts ...int) []store.Invitation {
	w.Helper()
	w.addEvents(len(contacts))
	p := program()
	p.Channel = survey.ChannelSMS
	req := w.admitRequest(w.claim(store.TopicEvent, now).ID, now, contacts...)
	req = underRules(p, survey.ContactRules{Quarantine: survey.Span(quarantine)}, req)
	req.Channel = p.Channel
	made, err := w.Admit(w.Context(), req)
	w.must(err)
	return made
}

// smsRule is why a contact may not be asked by SMS, "" where it may.
func (w world) smsRule(now time.Time, contact int) survey.Rule {
	w.Helper()
	return w.admitBySMS(now, contact)[0].Rule
}

func (w world) learn(number string, what survey.NumberEvent, message string) {
	w.Helper()
	w.must(w.TakeNumberNews(w.Context(), store.NumberNews{Phone: number, What: what, Message: message, At: start}))
}

var numberCases = map[string]func(world){
	"numbers are kept": func(w world) {
		w.withPhones(phone(0))
		known, err := w.Contacts(w.Context(), []string{contactKey(0)})
		w.must(err)
		require.Equal(w.T, phone(0), known[contactKey(0)].Phone)
		require.Equal(w.T, survey.RuleNoAddress, w.rule(start, 0))
		require.Empty(w.T, w.smsRule(start, 0))
	},

	"one without a number gets no SMS": func(w world) {
		w.saveContacts(1)
		require.Equal(w.T, survey.RuleNoPhone, w.smsRule(start, 0))
	},

	"one number is one person": func(w world) {
		w.withPhones(phone(0), phone(0), phone(1))
		require.Empty(w.T, w.smsRule(start, 0))
		require.NotEmpty(w.T, w.smsRule(start.Add(time.Hour), 1), "asked by the other record")
		require.Empty(w.T, w.smsRule(start.Add(time.Hour), 2))
	},

	"one number of two addresses is two persons": func(w world) {
		a, b := contact(0, -1), contact(1, -1)
		a.Phone, b.Phone = phone(0), phone(0) // a company's
		w.must(w.SaveContacts(w.Context(), []survey.Contact{a, b}, nil))
		require.Empty(w.T, w.smsRule(start, 0))
		require.Empty(w.T, w.smsRule(start, 1))
	},

	"a stopped number stops all that is not sent": func(w world) {
		w.withPhones(phone(0), phone(1), phone(0))
		ids := w.admitBySMS(start, 0, 1)
		w.learn(phone(0), survey.NumberStopped, "SM1")
		for _, i := range ids {
			want := map[string]survey.InvitationState{w.contactRef(0): survey.InvitationCancelled, w.contactRef(1): survey.InvitationAdmitted}
			require.Equal(w.T, want[i.ContactKey], w.stateOf(i.ID).State)
		}
		require.Equal(w.T, survey.RuleUnsubscribed, w.smsRule(start, 2))
	},

	"who stops SMS gets no mails either": func(w world) {
		a, b := contact(0, -1), contact(1, -1)
		a.Phone, b.Email = phone(0), a.Email
		w.must(w.SaveContacts(w.Context(), []survey.Contact{a, b}, nil))
		w.learn(phone(0), survey.NumberStopped, "SM1")
		require.Equal(w.T, survey.RuleUnsubscribed, w.rule(start, 0))
		require.Equal(w.T, survey.RuleUnsubscribed, w.rule(start, 1), "the same person by address")
		w.learn(phone(0), survey.NumberResumed, "SM2")
		require.Empty(w.T, w.rule(start, 1))
	},

	"starting again takes back no more than the stop": func(w world) {
		w.withPhones(phone(0))
		w.must(w.Unsubscribe(w.Context(), contactKey(0), start))
		w.learn(phone(0), survey.NumberStopped, "SM1")
		w.learn(phone(0), survey.NumberResumed, "SM2")
		require.Equal(w.T, survey.RuleUnsubscribed, w.smsRule(start, 0))
	},

	"a message that comes again changes nothing": func(w world) {
		w.withPhones(phone(0))
		w.learn(phone(0), survey.NumberStopped, "SM1")
		w.learn(phone(0), survey.NumberResumed, "SM2")
		w.learn(phone(0), survey.NumberStopped, "SM1")
		require.Empty(w.T, w.smsRule(start, 0))
	},

	"a dead number gets no SMS, and its owner mails": func(w world) {
		c := contact(0, -1)
		c.Phone = phone(0)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{c}, nil))
		w.learn(phone(0), survey.NumberDead, "")
		w.learn(phone(0), survey.NumberDead, "")
		require.Equal(w.T, survey.RuleBounced, w.smsRule(start, 0))
		require.Empty(w.T, w.rule(start, 0))
	},

	"an undelivered SMS tells that the number is dead": func(w world) {
		c := contact(0, -1)
		c.Phone = phone(0)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{c}, nil))
		id := w.admitBySMS(start, 0)[0].ID
		w.must(w.MarkSent(w.Context(), []string{id}, start, start.Add(expiry)))
		bounced := told(survey.MailBounced, id)
		bounced[0].Phone = phone(0)
		w.tell(start, bounced)
		require.Equal(w.T, survey.InvitationBounced, w.stateOf(id).State)
		require.Equal(w.T, survey.RuleBounced, w.smsRule(start.Add(time.Hour), 0))
		require.Empty(w.T, w.rule(start.Add(time.Hour), 0), "the address is not dead")
	},

	"reminders go to numbers": func(w world) {
		w.withPhones(phone(0), phone(1), phone(2))
		var ids []string
		var batch string
		for _, i := range w.admitBySMS(start, 0, 1, 2) {
			ids, batch = append(ids, i.ID), i.Batch
		}
		w.must(w.MarkSent(w.Context(), ids, start, start.Add(expiry)))
		w.learn(phone(1), survey.NumberDead, "")
		w.learn(phone(2), survey.NumberStopped, "SM1")
		silent, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: batch, SentBy: start, Now: start, Reminder: 1})
		w.must(err)
		require.Len(w.T, silent, 1)
		require.Equal(w.T, phone(0), silent[0].Contact.Phone)
	},

	"a number that is gone or dead says why": func(w world) {
		w.withPhones(phone(0), phone(1))
		ids := w.admitBySMS(start, 0, 1)
		c := contact(0, -1)
		c.Email = ""
		w.must(w.SaveContacts(w.Context(), []survey.Contact{c}, nil))
		w.learn(phone(1), survey.NumberDead, "")
		w.must(w.MarkCancelled(w.Context(), []string{ids[0].ID, ids[1].ID}, start))
		for _, i := range ids {
			want := map[string]survey.Rule{w.contactRef(0): survey.RuleNoPhone, w.contactRef(1): survey.RuleBounced}
			require.Equal(w.T, want[i.ContactKey], w.stateOf(i.ID).Rule)
		}
	},
}
