package activities

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/twilio"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// SMSClient sends SMS and looks for those that may have been sent. Its errors are
// *integrations.Error.
type SMSClient interface {
	Send(ctx context.Context, m twilio.Message) (sid string, err error)
	Find(ctx context.Context, to string, since time.Time, tag string) (twilio.Found, error)
}

// SMS sends what the customers of programs by SMS read. Its activities run on the
// queue of the vendor of SMS.
type SMS struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
	Rules    survey.ContactRules
	Composer Composer
	Client   SMSClient
	Log      *slog.Logger
}

// How an SMS is looked up of which nobody knows whether it did its work.
const (
	// smsSettles is how long after a call was begun its message is in the vendor's list or
	// will never be: much longer than the client waits for an answer.
	smsSettles = time.Minute
	// smsLook is the pause before the first look.
	smsLook = 2 * time.Second
	// smsClocks is how far the vendor's clock may be behind.
	smsClocks = 15 * time.Second
)

// repeatedly has the vendor repeat a callback that is not answered (docs: connection
// overrides). It is no part of the address that is signed.
const repeatedly = "#rc=5&rp=all"

// SendSMSInvitations sends the admitted invitations of a batch that are due.
func (s *SMS) SendSMSInvitations(ctx context.Context, in SendInput) (Sent, error) {
	return s.asking().invite(ctx, in)
}

// SendSMSReminders sends a reminder to those of a batch who have not answered and may
// still be asked.
func (s *SMS) SendSMSReminders(ctx context.Context, in RemindInput) (Reminded, error) {
	return s.asking().remind(ctx, in)
}

func (s *SMS) asking() asking {
	return asking{
		store: s.Store, programs: s.Programs, clock: s.Clock, rules: s.Rules,
		again:   func(window time.Time, _ heldBack) time.Time { return window }, // no number is warmed up
		reaches: func(r store.Recipient) bool { return r.Contact.Phone != "" && !r.DeadNumber },
		deliver: func(ctx context.Context, kind mailKind, program survey.Program, to []store.Recipient, out outcome) error {
			return s.deliver(ctx, program.ID, s.messages(kind, program, to), out)
		},
	}
}

func (s *SMS) ledger() ledger { return ledger{s.Store, s.Clock, s.Log} }

// shortMessage is one SMS to one person.
type shortMessage struct {
	twilio.Message
	key, id string
	// tag is what of its text no other message holds but the reminder of the same
	// invitation.
	tag string
}

func (m shortMessage) effect() string { return m.key }

func (m shortMessage) item() string { return m.id }

func (s *SMS) messages(kind mailKind, program survey.Program, recipients []store.Recipient) []shortMessage {
	composer := s.Composer.of(program)
	messages := make([]shortMessage, 0, len(recipients))
	for _, r := range recipients {
		id := r.Invitation.ID
		link := s.Composer.surveyLink(id)
		texts, _ := program.As(r.Invitation.Variant).TextsFor(r.Invitation.Locale)
		if r.Invitation.Recheck != "" {
			texts = texts.Again()
		}
		messages = append(messages, shortMessage{
			key: store.MailEffect(string(kind), id), id: id, tag: link,
			Message: twilio.Message{
				To: r.Contact.Phone, Body: composer.shortText(texts, r.Contact, r.Account, link),
				StatusCallback: s.Composer.PublicURL + "/hooks/twilio?kind=" + string(kind) + "&id=" + id + repeatedly,
			},
		})
	}
	return messages
}

func (c Composer) surveyLink(id string) string {
	return c.PublicURL + "/s/" + c.Tokens.Seal(survey.TokenSurvey, id)
}

// shortText is the text of an SMS.
func (c Composer) shortText(texts survey.Texts, contact survey.Contact, account survey.Account, link string) string {
	return survey.Fill(texts.SMS, map[string]string{
		"first_name": contact.FirstName, "account": account.Name, "brand": c.Brand.Name, "link": link,
	})
}

// deliver sends each message of a program once. Those in doubt keep no other waiting, but the
// activity is repeated until it is known what became of them.
func (s *SMS) deliver(ctx context.Context, program string, messages []shortMessage, out outcome) error {
	var look time.Duration
	for i, m := range messages {
		if i > 0 { // what became of those before may have tripped the guard
			if err := unpaused(ctx, s.Store, program); err != nil {
				return err
			}
		}
		if err := timeForACall(ctx); err != nil {
			return err
		}
		pause, err := s.deliverOne(ctx, m, out)
		if err != nil {
			return err
		}
		look = sooner(look, pause)
	}
	if look > 0 {
		return inDoubt("SMS may have been sent: the vendor's list is looked through", look)
	}
	return nil
}

// deliverOne returns when to look at a message in doubt, 0 where it is none.
func (s *SMS) deliverOne(ctx context.Context, m shortMessage, out outcome) (look time.Duration, err error) {
	now := s.Clock.Now()
	begun, err := s.Store.BeginEffects(ctx, store.VendorSMS, "", []string{m.key}, now, s.Clock.Real(now))
	if err != nil {
		return 0, err
	}
	if len(begun.Act) > 0 {
		return s.send(ctx, m, out)
	}
	if _, err := settle(ctx, []shortMessage{m}, begun, out); err != nil || len(begun.Doubtful) == 0 {
		return 0, err // called off meanwhile, or what became of it is known
	}
	return s.lookUp(ctx, m, begun.Doubtful[0], out)
}

// lookUp finds out what became of an earlier call, and makes it again where its message
// is not in the vendor's list when it would have to be.
func (s *SMS) lookUp(ctx context.Context, m shortMessage, e store.Effect, out outcome) (look time.Duration, err error) {
	found, err := s.Client.Find(ctx, m.To, e.TriedAt.Add(-smsClocks), m.tag)
	if err != nil {
		return 0, readable(err)
	}
	now := s.Clock.Real(s.Clock.Now())
	wait := e.TriedAt.Add(smsSettles).Sub(now)
	switch {
	case found.SID != "":
		s.Log.Info("an SMS in doubt was found in the vendor's list", "effect", m.key)
		return 0, end(ctx, s.ledger(), []shortMessage{m}, found.SID, out)
	case wait > 0:
		return min(wait, max(now.Sub(e.TriedAt), smsLook)), nil
	case found.Unreadable:
		return 0, giveUp(ctx, s.ledger(), []shortMessage{m}, out)
	}
	again, err := s.Store.RetryEffect(ctx, e, now)
	if err != nil || !again {
		return smsLook, err
	}
	return s.send(ctx, m, out)
}

// send makes the call for a message whose effect is recorded as pending.
func (s *SMS) send(ctx context.Context, m shortMessage, out outcome) (look time.Duration, err error) {
	sid, sendErr := s.Client.Send(ctx, m.Message)
	// The outcome is kept even when the worker is told to stop meanwhile.
	keep := context.WithoutCancel(ctx)
	if sendErr == nil {
		return 0, end(keep, s.ledger(), []shortMessage{m}, sid, out)
	}
	e, typed := errors.AsType[*integrations.Error](sendErr)
	if !typed || e.Kind == integrations.Ambiguous {
		s.Log.Warn("an SMS may have been sent: the vendor's list is looked through", "effect", m.key, "error", sendErr)
		return smsLook, nil
	}
	if err := s.Store.DropEffects(keep, []string{m.key}); err != nil {
		return 0, err
	}
	learnt := twilio.NumberEventOf(e.Code)
	if !refused(sendErr) && learnt == "" {
		return 0, failure(sendErr)
	}
	s.Log.Warn("the vendor refuses an SMS", "effect", m.key, "code", e.Code)
	if learnt != "" {
		err := s.Store.TakeNumberNews(keep, store.NumberNews{Phone: m.To, What: learnt, At: s.Clock.Now()})
		if err != nil {
			return 0, err
		}
	}
	return 0, out.refused(keep, []string{m.id})
}

// PreviewedSMS is an SMS as a person would get it.
type PreviewedSMS struct {
	Text string
	Size survey.SMSSize
}

// PreviewSMS composes the SMS of a program in one of its languages. Nothing is sent, and
// the link in it is good for no invitation.
func (c Composer) PreviewSMS(program survey.Program, locale string, contact survey.Contact, account survey.Account) PreviewedSMS {
	texts, _ := program.TextsFor(locale)
	// An id as long as any.
	text := c.of(program).shortText(texts, contact, account, c.surveyLink("PREVIEWPREVIEWPREVIEWPREVI"))
	return PreviewedSMS{text, survey.SizeOfSMS(text)}
}
