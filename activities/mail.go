package activities

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const mailVendor = "sendgrid"

// Sender hands mails to a vendor. Its errors are *integrations.Error.
type Sender interface {
	Send(ctx context.Context, mail sendgrid.Mail) (messageID string, err error)
}

// Mail sends what customers read. Its activities run on the mail vendor's queue.
type Mail struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
	Composer Composer
	Sender   Sender
	// Patience is how long, in real time, a mail in doubt waits for one of the vendor's
	// events to prove it; 0 where the vendor sends none.
	Patience time.Duration
	Log      *slog.Logger
}

// mailLook is the pause between two looks whether a mail in doubt was proved.
const mailLook = 30 * time.Second

// SendInput is a batch and the moment, in scaled time, at which what is sent now
// was due.
type SendInput struct {
	BatchRef
	Due time.Time
}

// Sent says what comes after a batch's mails.
type Sent struct {
	// SentBy is when, in scaled time, the last of them was sent.
	SentBy time.Time
	// RemindAt is when those who have not answered are reminded, on the real clock;
	// zero where the program reminds nobody.
	RemindAt time.Time
}

// SendInvitations mails the admitted invitations of a batch that are due.
func (m *Mail) SendInvitations(ctx context.Context, in SendInput) (Sent, error) {
	program, err := m.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Sent{}, err
	}
	recipients, err := m.Store.Unsent(ctx, in.Batch, later(in.Due, m.Clock.Now()))
	if err != nil {
		return Sent{}, err
	}
	recipients, gone := reachable(recipients)
	if err := m.Store.MarkCancelled(ctx, gone, m.Clock.Now()); err != nil {
		return Sent{}, err
	}
	err = m.deliver(ctx, m.letters(invitationMail, program, recipients), outcome{
		sent: func(ctx context.Context, ids []string) error {
			now := m.Clock.Now()
			return m.Store.MarkSent(ctx, ids, now, program.ExpiresAt(now))
		},
		unknown: func(ctx context.Context, ids []string) error {
			now := m.Clock.Now()
			return m.Store.MarkUnknown(ctx, ids, now, program.ExpiresAt(now))
		},
		refused: func(ctx context.Context, ids []string) error {
			return m.Store.MarkCancelled(ctx, ids, m.Clock.Now())
		},
	})
	if err != nil {
		return Sent{}, err
	}
	sent := Sent{SentBy: m.Clock.Now()}
	if program.Reminder > 0 {
		sent.RemindAt = m.Clock.Real(sent.SentBy.Add(program.Reminder.Std()))
	}
	return sent, nil
}

// reachable parts recipients from the invitations of those whose address is gone.
func reachable(recipients []store.Recipient) (here []store.Recipient, gone []string) {
	for _, r := range recipients {
		if r.Contact.Email == "" {
			gone = append(gone, r.Invitation.ID)
		} else {
			here = append(here, r)
		}
	}
	return here, gone
}

// RemindInput is a batch and the moment, in scaled time, by which those were
// mailed who are reminded now.
type RemindInput struct {
	BatchRef
	SentBy time.Time
}

// SendReminders mails the one reminder to those of a batch who have not answered.
func (m *Mail) SendReminders(ctx context.Context, in RemindInput) error {
	program, err := m.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return err
	}
	recipients, err := unanswered(ctx, m.Store, in, m.Clock.Now())
	if err != nil {
		return err
	}
	reminded := func(ctx context.Context, ids []string) error {
		return m.Store.MarkReminded(ctx, ids, m.Clock.Now())
	}
	return m.deliver(ctx, m.letters(reminderMail, program, recipients), outcome{
		sent: reminded, unknown: reminded, refused: reminded,
	})
}

// SendAsks mails the admitted referral asks of a batch of answers.
func (m *Mail) SendAsks(ctx context.Context, in AnswersRef) error {
	asks, err := admitAsks(ctx, m.Store, m.Programs, in.Batch, m.Clock.Now())
	if err != nil {
		return err
	}
	letters, err := m.askLetters(ctx, asks)
	if err != nil {
		return err
	}
	mark := func(state survey.AskState) func(context.Context, []string) error {
		return func(ctx context.Context, ids []string) error {
			return m.Store.MarkAsked(ctx, ids, state, m.Clock.Now())
		}
	}
	return m.deliver(ctx, letters, outcome{
		sent: mark(survey.AskSent), unknown: mark(survey.AskUnknown), refused: mark(survey.AskSuppressed),
	})
}

// unanswered are those of a batch to remind.
func unanswered(ctx context.Context, s store.Store, in RemindInput, now time.Time) ([]store.Recipient, error) {
	return s.Unanswered(ctx, in.Batch, in.SentBy, now)
}

// outcome says what is kept of mails by what became of them.
type outcome struct {
	sent, unknown, refused func(ctx context.Context, ids []string) error
}

// deliver sends each letter once: letters of one kind and language share a call,
// each call's effects are recorded before it and after. Those in doubt keep no other
// waiting, but the activity is repeated until it is known what became of them.
func (m *Mail) deliver(ctx context.Context, letters []letter, out outcome) error {
	doubtful := false
	for len(letters) > 0 {
		if err := timeForACall(ctx); err != nil {
			return err
		}
		end := 1
		for end < len(letters) && end < sendgrid.MaxRecipients && letters[end].sheet == letters[0].sheet {
			end++
		}
		waits, err := m.deliverSheet(ctx, letters[:end], out)
		if err != nil {
			return err
		}
		doubtful = doubtful || waits
		letters = letters[end:]
	}
	if doubtful {
		return inDoubt("mails may have been sent: the vendor's events will tell", mailLook)
	}
	return nil
}

// deliverSheet reports whether there are letters in doubt that may still be proved.
func (m *Mail) deliverSheet(ctx context.Context, letters []letter, out outcome) (waits bool, err error) {
	now := m.Clock.Now()
	begun, err := m.Store.BeginEffects(ctx, mailVendor, effectsOf(letters), now, m.Clock.Real(now))
	if err != nil {
		return false, err
	}
	toSend, earlier := split(letters, begun.Act)
	done, earlier := split(earlier, keysOfEffects(begun.Done))
	unknown, doubtful := split(earlier, keysOfEffects(begun.Unknown))
	if len(done) > 0 { // an earlier attempt sent them and could not say so
		if err := out.sent(ctx, idsOf(done)); err != nil {
			return false, err
		}
	}
	if len(unknown) > 0 { // an earlier attempt gave them up and could not say so
		if err := out.unknown(ctx, idsOf(unknown)); err != nil {
			return false, err
		}
	}
	given, waiting := split(doubtful, m.givenUp(begun.Doubtful))
	if err := m.giveUp(ctx, given, out); err != nil {
		return false, err
	}
	if len(toSend) > 0 {
		waits, err = m.send(ctx, toSend, out)
	}
	return waits || len(waiting) > 0, err
}

// givenUp are the keys of effects that no event has proved in all the time that one may
// take.
func (m *Mail) givenUp(doubtful []store.Effect) []string {
	var keys []string
	for _, e := range doubtful {
		if m.Clock.Real(m.Clock.Now()).Sub(e.TriedAt) >= m.Patience {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

// giveUp leaves letters in doubt to an operator, but for those that an event proves at
// the last moment.
func (m *Mail) giveUp(ctx context.Context, letters []letter, out outcome) error {
	if len(letters) == 0 {
		return nil
	}
	// In this order an event that comes between is not overlooked.
	if err := out.unknown(ctx, idsOf(letters)); err != nil {
		return err
	}
	lost, err := m.Store.LoseEffects(ctx, effectsOf(letters), m.Clock.Now())
	if err != nil {
		return err
	}
	logUnknown(m.Log, mailVendor, lost)
	if _, proved := split(letters, lost); len(proved) > 0 {
		return out.sent(ctx, idsOf(proved))
	}
	return nil
}

// send makes one call for letters whose effects are recorded as pending. It reports
// whether some of them are in doubt now and may still be proved.
func (m *Mail) send(ctx context.Context, letters []letter, out outcome) (waits bool, err error) {
	keys, ids := effectsOf(letters), idsOf(letters)
	// The outcome is kept even when the worker is told to stop meanwhile.
	keep := context.WithoutCancel(ctx)
	if err := timeForACall(ctx); err != nil {
		return false, cmp.Or(m.Store.DropEffects(keep, keys), err)
	}
	messageID, sendErr := m.Sender.Send(ctx, m.Composer.mail(letters))
	if sendErr == nil {
		if err := m.Store.EndEffects(keep, keys, messageID, m.Clock.Now()); err != nil {
			return false, err
		}
		return false, out.sent(keep, ids)
	}
	e, typed := errors.AsType[*integrations.Error](sendErr)
	switch {
	case (!typed || e.Kind == integrations.Ambiguous) && m.Patience > 0:
		m.Log.Warn("mails may have been sent: waiting for the vendor's events", "mails", len(letters), "error", sendErr)
		return true, nil
	case !typed || e.Kind == integrations.Ambiguous:
		return false, m.giveUp(keep, letters, out)
	case refused(sendErr) && len(letters) > 1:
		// One bad recipient spoils a call for all: find out which.
		half := len(letters) / 2
		waitsLow, low := m.send(ctx, letters[:half], out)
		waitsHigh, high := m.send(ctx, letters[half:], out)
		// Not joined: the outermost error has to be what Temporal acts on.
		return waitsLow || waitsHigh, cmp.Or(low, high)
	case refused(sendErr):
		m.Log.Warn("the mail vendor refuses a mail", "effect", keys[0], "code", e.Code)
		if err := m.Store.DropEffects(keep, keys); err != nil {
			return false, err
		}
		return false, out.refused(keep, ids)
	}
	return false, cmp.Or(m.Store.DropEffects(keep, keys), failure(sendErr))
}

func keysOfEffects(effects []store.Effect) []string {
	keys := make([]string, len(effects))
	for i, e := range effects {
		keys[i] = e.Key
	}
	return keys
}

func effectsOf(letters []letter) []string {
	keys := make([]string, len(letters))
	for i, l := range letters {
		keys[i] = l.effect()
	}
	return keys
}

func idsOf(letters []letter) []string {
	ids := make([]string, len(letters))
	for i, l := range letters {
		ids[i] = l.id
	}
	return ids
}

// split parts letters into those whose effect is among keys and the others.
func split(letters []letter, keys []string) (among, others []letter) {
	keys = slices.Sorted(slices.Values(keys))
	for _, l := range letters {
		if _, ok := slices.BinarySearch(keys, l.effect()); ok {
			among = append(among, l)
		} else {
			others = append(others, l)
		}
	}
	return among, others
}
