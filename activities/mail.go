package activities

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Mail sends what customers read. Its activities run on the mail vendor's queue.
type Mail struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
	Composer Composer
	// Vendor names the one behind Sender.
	Vendor string
	Sender mail.Sender
	// Guard stops programs whose mails are not wanted.
	Guard survey.Guard
	// Rules are asked again before a reminder.
	Rules survey.ContactRules
	// WarmUp caps the mails of a day.
	WarmUp survey.WarmUp
	// Patience is how long, in real time, a mail in doubt waits for one of the vendor's
	// events to prove it; 0 where the vendor sends none.
	Patience time.Duration
	Log      *slog.Logger
}

// The pauses before the first look whether a mail in doubt was proved, and between two
// looks at most. Between these they grow: most events come soon.
const (
	mailLook       = 2 * time.Second
	mailLookAtMost = 30 * time.Second
)

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
	// RemindAgainAt is the same for the second reminder.
	RemindAgainAt time.Time
	// Again is when those are to be mailed whose window is closed now or for whom the
	// day has no room, on the real clock; zero where there are none.
	Again time.Time
}

// SendInvitations mails the admitted invitations of a batch that are due.
func (m *Mail) SendInvitations(ctx context.Context, in SendInput) (Sent, error) {
	program, err := m.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Sent{}, err
	}
	if err := m.unpaused(ctx, in.Program); err != nil {
		return Sent{}, err
	}
	recipients, err := m.Store.Unsent(ctx, in.Batch, later(in.Due, m.Clock.Now()))
	if err != nil {
		return Sent{}, err
	}
	recipients, again := m.inWindow(program, recipients)
	recipients, gone := reachable(recipients)
	if err := m.Store.MarkCancelled(ctx, gone, m.Clock.Now()); err != nil {
		return Sent{}, err
	}
	var held heldBack
	err = m.deliver(ctx, m.letters(invitationMail, program, recipients), outcome{
		held: &held,
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
	sent := Sent{SentBy: m.Clock.Now(), Again: m.again(again, held)}
	if allHeld := len(recipients) == held.letters && !sent.Again.IsZero(); !allHeld {
		sent.RemindAt = m.remindAt(program, recipients, sent.SentBy, program.Reminder)
		sent.RemindAgainAt = m.remindAt(program, recipients, sent.SentBy, program.SecondReminder)
	}
	return sent, nil
}

// reachable parts recipients from the invitations of those whose address is gone or
// dead. It keeps them in place: a wave's batch is of megabytes.
func reachable(recipients []store.Recipient) (here []store.Recipient, gone []string) {
	here = recipients[:0]
	for _, r := range recipients {
		if r.Contact.Email == "" || r.Bounced {
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
	// Second is set for the second reminder.
	Second bool `json:",omitempty"`
}

// number is that of the reminder.
func (in RemindInput) number() int {
	if in.Second {
		return 2
	}
	return 1
}

// Reminded says what comes after a batch's reminders.
type Reminded struct {
	// Again is when those are to be reminded whose window is closed now or for whom the
	// day has no room, on the real clock; zero where there are none.
	Again time.Time
}

// SendReminders mails a reminder to those of a batch who have not answered and may still
// be asked.
func (m *Mail) SendReminders(ctx context.Context, in RemindInput) (Reminded, error) {
	program, err := m.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Reminded{}, err
	}
	if err := m.unpaused(ctx, in.Program); err != nil {
		return Reminded{}, err
	}
	recipients, err := unanswered(ctx, m.Store, m.Rules.For(program), in, m.Clock.Now())
	if err != nil {
		return Reminded{}, err
	}
	if recipients, err = m.stillMeant(ctx, in.BatchRef, recipients); err != nil {
		return Reminded{}, err
	}
	recipients, again := m.inWindow(program, recipients)
	reminded := func(ctx context.Context, ids []string) error {
		return m.Store.MarkReminded(ctx, ids, in.number(), m.Clock.Now())
	}
	kind := reminderMail
	if in.Second {
		kind = lastReminder
	}
	var held heldBack
	err = m.deliver(ctx, m.letters(kind, program, recipients), outcome{
		sent: reminded, unknown: reminded, refused: reminded, held: &held,
	})
	return Reminded{Again: m.again(again, held)}, err
}

// Asked says what comes after the referral mails of a batch of answers.
type Asked struct {
	// Again is when those are to be mailed whose window is closed now or for whom the
	// day has no room, on the real clock; zero where there are none.
	Again time.Time
}

// SendAsks mails the admitted referral asks of a batch of answers.
func (m *Mail) SendAsks(ctx context.Context, in AnswersRef) (Asked, error) {
	asks, err := admitAsks(ctx, m.Store, m.Programs, in.Batch, m.Clock.Now())
	if err != nil {
		return Asked{}, err
	}
	letters, err := m.askLetters(ctx, asks)
	if err != nil {
		return Asked{}, err
	}
	letters, again := openNow(m.Clock, letters, func(l letter, at time.Time) time.Time {
		return l.config.FollowUp.Referral.MailAt(at, l.contact.Timezone)
	})
	mark := func(state survey.AskState) func(context.Context, []string) error {
		return func(ctx context.Context, ids []string) error {
			return m.Store.MarkAsked(ctx, ids, state, m.Clock.Now())
		}
	}
	var held heldBack
	err = m.deliver(ctx, letters, outcome{
		sent: mark(survey.AskSent), unknown: mark(survey.AskUnknown), refused: mark(survey.AskSuppressed), held: &held,
	})
	return Asked{Again: m.again(again, held)}, err
}

// outcome says what is kept of mails by what became of them.
type outcome struct {
	sent, unknown, refused func(ctx context.Context, ids []string) error
	// held counts those that wait for another day.
	held *heldBack
}

// deliver sends each letter once: letters of one kind and language share a call,
// each call's effects are recorded before it and after. Those in doubt and those that
// their recipient's side puts off keep no other waiting, but the activity is repeated
// until it is known what became of them.
func (m *Mail) deliver(ctx context.Context, letters []letter, out outcome) error {
	var look time.Duration
	var deferred error
	for len(letters) > 0 {
		if err := timeForACall(ctx); err != nil {
			return err
		}
		end := 1
		for end < len(letters) && end < m.Sender.AtMost() && letters[end].sheet == letters[0].sheet {
			end++
		}
		pause, err := m.deliverSheet(ctx, letters[:end], out)
		if errors.Is(err, mail.ErrDeferred) {
			deferred, err = cmp.Or(deferred, err), nil
		}
		if err != nil {
			return err
		}
		look = sooner(look, pause)
		letters = letters[end:]
		// The mails before may have tripped the guard.
		if len(letters) > 0 && letters[0].kind != askMail {
			if err := m.unpaused(ctx, letters[0].program); err != nil {
				return err
			}
		}
	}
	if look > 0 {
		return inDoubt("mails may have been sent: the vendor's events will tell", look)
	}
	return deferred
}

// sooner is the shorter of two pauses; 0 is none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return a + b
	}
	return min(a, b)
}

// deliverSheet returns when to look at letters in doubt that may still be proved, 0
// where there are none.
func (m *Mail) deliverSheet(ctx context.Context, letters []letter, out outcome) (look time.Duration, err error) {
	now := m.Clock.Now()
	begun, err := m.Store.BeginMails(ctx, m.Vendor, effectsOf(letters), now, m.Clock.Real(now), m.most(letters[0], now))
	if err != nil {
		return 0, err
	}
	out.held.letters += len(begun.Over)
	toSend, earlier := split(letters, begun.Act)
	done, earlier := split(earlier, keysOfEffects(begun.Done))
	unknown, doubtful := split(earlier, keysOfEffects(begun.Unknown))
	if len(done) > 0 { // an earlier attempt sent them and could not say so
		if err := out.sent(ctx, idsOf(done)); err != nil {
			return 0, err
		}
	}
	if len(unknown) > 0 { // an earlier attempt gave them up and could not say so
		if err := out.unknown(ctx, idsOf(unknown)); err != nil {
			return 0, err
		}
	}
	lost, look := m.waitFor(begun.Doubtful)
	given, _ := split(doubtful, lost)
	if err := m.giveUp(ctx, given, out); err != nil {
		return 0, err
	}
	if len(toSend) == 0 {
		return look, nil
	}
	waits, err := m.send(ctx, toSend, out)
	if waits {
		look = sooner(look, mailLook)
	}
	return look, err
}

// waitFor returns the keys of effects that no event has proved in all the time that one
// may take, and when to look at the others.
func (m *Mail) waitFor(doubtful []store.Effect) (lost []string, look time.Duration) {
	now := m.Clock.Real(m.Clock.Now())
	for _, e := range doubtful {
		waited := now.Sub(e.TriedAt)
		if waited >= m.Patience {
			lost = append(lost, e.Key)
		} else {
			look = sooner(look, min(max(waited, mailLook), mailLookAtMost))
		}
	}
	return lost, look
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
	logUnknown(m.Log, lost)
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
	ref, sendErr := m.Sender.Deliver(ctx, m.Composer.mailing(letters))
	if sendErr == nil {
		if err := m.Store.EndEffects(keep, keys, ref, m.Clock.Now()); err != nil {
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
		lowWaits, low := m.send(ctx, letters[:half], out)
		highWaits, high := m.send(ctx, letters[half:], out)
		// Not joined: the outermost error has to be what Temporal acts on.
		return lowWaits || highWaits, cmp.Or(low, high)
	case errors.Is(sendErr, mail.ErrNoMailbox):
		return false, m.bounce(keep, letters[0], out)
	case refused(sendErr), errors.Is(sendErr, mail.ErrDeferred) && m.longDeferred(ctx):
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
