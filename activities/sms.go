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

// asMail has the pauses, windows and conditions of programs looked at as for mails.
func (s *SMS) asMail() *Mail { return &Mail{Store: s.Store, Programs: s.Programs, Clock: s.Clock} }

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
	program, err := s.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Sent{}, err
	}
	if err := s.asMail().unpaused(ctx, in.Program); err != nil {
		return Sent{}, err
	}
	recipients, err := s.Store.Unsent(ctx, in.Batch, later(in.Due, s.Clock.Now()))
	if err != nil {
		return Sent{}, err
	}
	recipients, again := s.asMail().inWindow(program, recipients)
	recipients, gone := callable(recipients)
	if err := s.Store.MarkCancelled(ctx, gone, s.Clock.Now()); err != nil {
		return Sent{}, err
	}
	err = s.deliver(ctx, s.messages(invitationMail, program, recipients), outcome{
		sent: func(ctx context.Context, ids []string) error {
			now := s.Clock.Now()
			return s.Store.MarkSent(ctx, ids, now, program.ExpiresAt(now))
		},
		unknown: func(ctx context.Context, ids []string) error {
			now := s.Clock.Now()
			return s.Store.MarkUnknown(ctx, ids, now, program.ExpiresAt(now))
		},
		refused: func(ctx context.Context, ids []string) error {
			return s.Store.MarkCancelled(ctx, ids, s.Clock.Now())
		},
	})
	if err != nil {
		return Sent{}, err
	}
	sent := Sent{SentBy: s.Clock.Now(), Again: again}
	if allHeld := len(recipients) == 0 && !again.IsZero(); !allHeld {
		sent.RemindAt = s.asMail().remindAt(program, recipients, sent.SentBy, program.Reminder)
		sent.RemindAgainAt = s.asMail().remindAt(program, recipients, sent.SentBy, program.SecondReminder)
	}
	return sent, nil
}

// callable parts recipients from the invitations of those whose number is gone or dead.
func callable(recipients []store.Recipient) (here []store.Recipient, gone []string) {
	for _, r := range recipients {
		if r.Contact.Phone == "" || r.DeadNumber {
			gone = append(gone, r.Invitation.ID)
		} else {
			here = append(here, r)
		}
	}
	return here, gone
}

// SendSMSReminders sends a reminder to those of a batch who have not answered and may
// still be asked.
func (s *SMS) SendSMSReminders(ctx context.Context, in RemindInput) (Reminded, error) {
	program, err := s.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Reminded{}, err
	}
	if err := s.asMail().unpaused(ctx, in.Program); err != nil {
		return Reminded{}, err
	}
	recipients, err := unanswered(ctx, s.Store, s.Rules, in, s.Clock.Now())
	if err != nil {
		return Reminded{}, err
	}
	if recipients, err = s.asMail().stillMeant(ctx, in.BatchRef, recipients); err != nil {
		return Reminded{}, err
	}
	recipients, again := s.asMail().inWindow(program, recipients)
	reminded := func(ctx context.Context, ids []string) error {
		return s.Store.MarkReminded(ctx, ids, in.number(), s.Clock.Now())
	}
	kind := reminderMail
	if in.Second {
		kind = lastReminder
	}
	return Reminded{Again: again}, s.deliver(ctx, s.messages(kind, program, recipients), outcome{
		sent: reminded, unknown: reminded, refused: reminded,
	})
}

// shortMessage is one SMS to one person.
type shortMessage struct {
	twilio.Message
	effect, id string
	// tag is what of its text no other message holds but the reminder of the same
	// invitation.
	tag string
}

func (s *SMS) messages(kind mailKind, program survey.Program, recipients []store.Recipient) []shortMessage {
	composer := s.Composer.of(program)
	messages := make([]shortMessage, 0, len(recipients))
	for _, r := range recipients {
		id := r.Invitation.ID
		link := s.Composer.surveyLink(id)
		texts, _ := program.As(r.Invitation.Variant).TextsFor(r.Invitation.Locale)
		messages = append(messages, shortMessage{
			effect: store.MailEffect(string(kind), id), id: id, tag: link,
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

// deliver sends each message once. Those in doubt keep no other waiting, but the
// activity is repeated until it is known what became of them.
func (s *SMS) deliver(ctx context.Context, messages []shortMessage, out outcome) error {
	var look time.Duration
	for _, m := range messages {
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
	begun, err := s.Store.BeginEffects(ctx, store.VendorSMS, "", []string{m.effect}, now, s.Clock.Real(now))
	switch {
	case err != nil:
		return 0, err
	case len(begun.Act) > 0:
		return s.send(ctx, m, out)
	case len(begun.Done) > 0: // an earlier attempt sent it and could not say so
		return 0, out.sent(ctx, []string{m.id})
	case len(begun.Unknown) > 0: // an earlier attempt gave it up and could not say so
		return 0, out.unknown(ctx, []string{m.id})
	case len(begun.Doubtful) > 0:
		return s.lookUp(ctx, m, begun.Doubtful[0], out)
	}
	return 0, nil // suppressed or cancelled meanwhile
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
		s.Log.Info("an SMS in doubt was found in the vendor's list", "effect", m.effect)
		return 0, s.sent(ctx, m, found.SID, out)
	case wait > 0:
		return min(wait, max(now.Sub(e.TriedAt), smsLook)), nil
	case found.Unreadable:
		return 0, s.giveUp(ctx, m, out)
	}
	again, err := s.Store.RetryEffect(ctx, e, now)
	if err != nil || !again {
		return smsLook, err
	}
	return s.send(ctx, m, out)
}

func (s *SMS) sent(ctx context.Context, m shortMessage, sid string, out outcome) error {
	if err := s.Store.EndEffects(ctx, []string{m.effect}, sid, s.Clock.Now()); err != nil {
		return err
	}
	return out.sent(ctx, []string{m.id})
}

// giveUp leaves a message in doubt to an operator, unless it is proved at the last moment.
func (s *SMS) giveUp(ctx context.Context, m shortMessage, out outcome) error {
	// In this order a status that comes between is not overlooked.
	if err := out.unknown(ctx, []string{m.id}); err != nil {
		return err
	}
	lost, err := s.Store.LoseEffects(ctx, []string{m.effect}, s.Clock.Now())
	if err != nil {
		return err
	}
	logUnknown(s.Log, lost)
	if len(lost) == 0 {
		return out.sent(ctx, []string{m.id})
	}
	return nil
}

// send makes the call for a message whose effect is recorded as pending.
func (s *SMS) send(ctx context.Context, m shortMessage, out outcome) (look time.Duration, err error) {
	sid, sendErr := s.Client.Send(ctx, m.Message)
	// The outcome is kept even when the worker is told to stop meanwhile.
	keep := context.WithoutCancel(ctx)
	if sendErr == nil {
		return 0, s.sent(keep, m, sid, out)
	}
	e, typed := errors.AsType[*integrations.Error](sendErr)
	if !typed || e.Kind == integrations.Ambiguous {
		s.Log.Warn("an SMS may have been sent: the vendor's list is looked through", "effect", m.effect, "error", sendErr)
		return smsLook, nil
	}
	if err := s.Store.DropEffects(keep, []string{m.effect}); err != nil {
		return 0, err
	}
	learnt := twilio.NumberEventOf(e.Code)
	if !refused(sendErr) && learnt == "" {
		return 0, failure(sendErr)
	}
	s.Log.Warn("the vendor refuses an SMS", "effect", m.effect, "code", e.Code)
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
