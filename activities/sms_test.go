package activities

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/twilio"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// phones is a vendor of SMS: errs are what its next calls come to, sent and kept what of
// them it took.
type phones struct {
	errs       []error
	took       []bool // whether a call that failed did its work all the same
	sent       []twilio.Message
	unreadable bool
	looks      int
	meanwhile  func() // happens during each call; nil for nothing
}

func (p *phones) Send(_ context.Context, m twilio.Message) (string, error) {
	if p.meanwhile != nil {
		p.meanwhile()
	}
	if len(p.errs) == 0 {
		p.sent = append(p.sent, m)
		return "SM1", nil
	}
	err, took := p.errs[0], p.took[0]
	p.errs, p.took = p.errs[1:], p.took[1:]
	if took {
		p.sent = append(p.sent, m)
	}
	return "", err
}

func (p *phones) Find(_ context.Context, to string, _ time.Time, _ string) (twilio.Found, error) {
	p.looks++
	for _, m := range p.sent {
		if m.To == to && !p.unreadable {
			return twilio.Found{SID: "SM1"}, nil
		}
	}
	return twilio.Found{Unreadable: p.unreadable}, nil
}

// bySMS makes the program of the tests one by SMS, and its vendor.
func bySMS(t *testing.T) (*world, *SMS, *phones) {
	t.Helper()
	w := newWorld(t)
	w.program.Channel = survey.ChannelSMS
	for locale, texts := range w.program.Texts {
		texts.SMS = "{brand}, {first_name}: {link} STOP " + locale
		w.program.Texts[locale] = texts
	}
	var err error
	w.programs, err = NewPrograms(t.Context(), w.store, []survey.Program{w.program})
	w.must(err)
	p := &phones{}
	return w, &SMS{Store: w.store, Programs: w.programs, Clock: w.clock, Composer: testComposer(t), Client: p, Log: silent}, p
}

// caller is the nth contact with a number, and without an address.
func caller(n int, locale string) survey.Contact {
	c := person(n, locale)
	c.Email, c.Phone = "", "015112345"+string(rune('0'+n))+"01"
	return c
}

func (w *world) invitedBySMS(contacts ...survey.Contact) (SendInput, []string) {
	w.Helper()
	batch, ids := w.admit(contacts...)
	return SendInput{BatchRef: batch, Due: w.clock.Now()}, ids
}

func TestSMSAreSent(t *testing.T) {
	t.Parallel()
	w, s, vendor := bySMS(t)
	in, ids := w.invitedBySMS(caller(0, "en"), caller(1, "fr"))
	sent, err := run[Sent](w, s.SendSMSInvitations, in)
	w.must(err)
	require.Equal(t, w.clock.Now().Add(w.program.Reminder.Std()), sent.RemindAt)
	require.Equal(t, []survey.InvitationState{survey.InvitationSent, survey.InvitationSent}, w.states(ids))
	require.Len(t, vendor.sent, 2)
	for i, m := range vendor.sent {
		link := s.Composer.surveyLink(ids[i])
		require.Equal(t, twilio.Message{
			To: []string{"+4915112345001", "+4915112345101"}[i], Body: "Nordwind, Zoë: " + link + " STOP " + []string{"en", "fr"}[i],
			StatusCallback: "https://cx.nordwind.example/hooks/twilio?kind=invite&id=" + ids[i] + "#rc=5&rp=all",
		}, m)
	}
	_, err = run[Sent](w, s.SendSMSInvitations, in)
	w.must(err)
	require.Len(t, vendor.sent, 2, "nobody gets it twice")

	w.pass(w.program.Reminder.Std())
	w.answer(ids[0], survey.Answer{Score: 9})
	_, err = run[Reminded](w, s.SendSMSReminders, RemindInput{BatchRef: in.BatchRef, SentBy: sent.SentBy})
	w.must(err)
	require.Len(t, vendor.sent, 3)
	require.Equal(t, vendor.sent[1].Body, vendor.sent[2].Body)
	require.Contains(t, vendor.sent[2].StatusCallback, "kind=reminder")
}

// A call of which nobody knows whether it did its work is looked up: what is there is not
// sent again, and what is not there is.
func TestSMSInDoubtIsLookedUp(t *testing.T) {
	t.Parallel()
	ambiguous := &integrations.Error{Vendor: "twilio", Kind: integrations.Ambiguous, Code: "timeout", Err: errors.New("no answer")}
	for name, test := range map[string]struct {
		took, unreadable bool
		state            survey.InvitationState
		looks, sent      int
	}{
		"it is there":           {true, false, survey.InvitationSent, 1, 1},
		"it is not there":       {false, false, survey.InvitationSent, 2, 1},
		"texts are not kept":    {true, true, survey.InvitationUnknown, 2, 1},
		"texts, and it was not": {false, true, survey.InvitationUnknown, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s, vendor := bySMS(t)
			in, ids := w.invitedBySMS(caller(0, "en"))
			vendor.errs, vendor.took, vendor.unreadable = []error{ambiguous}, []bool{test.took}, test.unreadable
			_, err := run[Sent](w, s.SendSMSInvitations, in)
			require.Equal(t, smsLook, fails(t, FailureRetryAfter, err).NextRetryDelay())
			if test.looks == 2 {
				w.pass(smsSettles / 2)
				_, err = run[Sent](w, s.SendSMSInvitations, in)
				require.Equal(t, smsSettles/2, fails(t, FailureRetryAfter, err).NextRetryDelay())
				w.pass(smsSettles / 2)
			}
			_, err = run[Sent](w, s.SendSMSInvitations, in)
			w.must(err)
			require.Equal(t, test.state, w.states(ids)[0])
			require.Equal(t, test.looks, vendor.looks)
			require.Len(t, vendor.sent, test.sent)
			require.Equal(t, test.state == survey.InvitationUnknown, len(w.unknownEffects()) == 1)
			_, err = run[Sent](w, s.SendSMSInvitations, in)
			w.must(err)
			require.Len(t, vendor.sent, test.sent, "nobody gets it twice")
		})
	}
}

func TestSMSThatAreRefused(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		rule  survey.Rule
		again bool // the number may be asked again
	}{
		"21211": {survey.RuleBounced, false},
		"21614": {survey.RuleBounced, false},
		"21610": {survey.RuleUnsubscribed, false},
		"21408": {"", true},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w, s, vendor := bySMS(t)
			in, ids := w.invitedBySMS(caller(0, "en"), caller(1, "en"))
			vendor.errs = []error{&integrations.Error{Vendor: "twilio", Kind: integrations.Permanent, Code: code, Err: errors.New("refused")}}
			vendor.took = []bool{false}
			_, err := run[Sent](w, s.SendSMSInvitations, in)
			w.must(err)
			require.ElementsMatch(t, []survey.InvitationState{survey.InvitationCancelled, survey.InvitationSent}, w.states(ids))
			require.Len(t, vendor.sent, 1, "the other one is not held up")
			var refused store.Recipient
			for _, id := range ids {
				r, err := w.store.Invitation(t.Context(), id)
				w.must(err)
				if r.Invitation.State == survey.InvitationCancelled {
					refused = r
				}
			}
			require.Equal(t, test.rule, refused.Invitation.Rule)
			again := caller(2, "en")
			again.Phone = refused.Contact.Phone
			batch := w.arrive(w.event(again))
			_, err = w.invitations().PrepareInvitations(t.Context(), batch)
			w.must(err)
			admitted, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch})
			w.must(err)
			require.Equal(t, test.again, len(admitted.Groups) == 1)
		})
	}
}

// What an operator has to mend holds the SMS up, and cancels nothing.
func TestSMSWaitForTheOperator(t *testing.T) {
	t.Parallel()
	w, s, vendor := bySMS(t)
	in, ids := w.invitedBySMS(caller(0, "en"))
	vendor.errs = []error{&integrations.Error{Vendor: "twilio", Kind: integrations.Permanent, Code: "20003", Hint: "check it", Err: errors.New("refused")}}
	vendor.took = []bool{false}
	_, err := run[Sent](w, s.SendSMSInvitations, in)
	require.Equal(t, operatorWait, fails(t, FailureRetryAfter, err).NextRetryDelay())
	require.Equal(t, survey.InvitationAdmitted, w.states(ids)[0])
	_, err = run[Sent](w, s.SendSMSInvitations, in)
	w.must(err)
	require.Equal(t, survey.InvitationSent, w.states(ids)[0])
}

// A status that comes while a call is in doubt proves the SMS.
func TestAStatusProvesAnSMS(t *testing.T) {
	t.Parallel()
	w, s, vendor := bySMS(t)
	in, ids := w.invitedBySMS(caller(0, "en"))
	vendor.errs, vendor.took = []error{errors.New("cut off")}, []bool{true}
	_, err := run[Sent](w, s.SendSMSInvitations, in)
	fails(t, FailureRetryAfter, err)
	w.prove(store.MailEffect(store.MailInvite, ids[0]))
	_, err = run[Sent](w, s.SendSMSInvitations, in)
	w.must(err)
	require.Zero(t, vendor.looks)
	require.Equal(t, survey.InvitationSent, w.states(ids)[0])
}

// A program that is paused while a batch is sent makes no more calls for it.
func TestPauseStopsSMSInTheMiddle(t *testing.T) {
	t.Parallel()
	w, s, vendor := bySMS(t)
	in, ids := w.invitedBySMS(caller(0, "en"), caller(1, "fr"))
	vendor.meanwhile = func() { w.must(w.store.PauseProgram(w.Context(), w.program.ID, w.clock.Now())) }
	_, err := run[Sent](w, s.SendSMSInvitations, in)
	fails(t, FailureRetryAfter, err)
	require.Len(t, vendor.sent, 1)
	vendor.meanwhile = nil
	w.must(w.store.Resume(t.Context(), w.program.ID, w.clock.Now()))
	_, err = run[Sent](w, s.SendSMSInvitations, in)
	w.must(err)
	require.Len(t, vendor.sent, 2)
	require.Equal(t, []survey.InvitationState{survey.InvitationSent, survey.InvitationSent}, w.states(ids))
}
