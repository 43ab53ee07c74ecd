package activities

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cxloop/cxloop/condition"
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
	// AskRules decide about asks, again before each mail.
	AskRules condition.AskRules
	// WarmUp caps the mails of a day.
	WarmUp survey.WarmUp
	// Patience is how long, in real time, a mail in doubt waits for one of the vendor's
	// events to prove it; 0 where the vendor sends none.
	Patience time.Duration
	NewID    func() string
	Log      *slog.Logger
}

// The pauses before the first look whether a mail in doubt was proved, and between two
// looks at most. Between these they grow: most events come soon.
const (
	mailLook       = 2 * time.Second
	mailLookAtMost = 30 * time.Second
)

// SendInvitations mails the admitted invitations of a batch that are due.
func (m *Mail) SendInvitations(ctx context.Context, in SendInput) (Sent, error) {
	return m.asking().invite(ctx, in)
}

// SendReminders mails a reminder to those of a batch who have not answered and may still
// be asked.
func (m *Mail) SendReminders(ctx context.Context, in RemindInput) (Reminded, error) {
	return m.asking().remind(ctx, in)
}

func (m *Mail) asking() asking {
	return asking{
		store: m.Store, programs: m.Programs, clock: m.Clock, rules: m.Rules, again: m.again,
		reaches: func(r store.Recipient) bool { return r.Contact.Email != "" && !r.Bounced },
		deliver: func(ctx context.Context, kind mailKind, program survey.Program, to []store.Recipient, out outcome) error {
			return m.deliver(ctx, m.letters(kind, program, to), out)
		},
	}
}

func (m *Mail) ledger() ledger { return ledger{m.Store, m.Clock, m.Log} }

// Asked says what comes after the mails of a batch's asks.
type Asked struct {
	// Again is when those are to be mailed whose window is closed now or for whom the
	// day has no room, on the real clock; zero where there are none.
	Again time.Time
}

// SendAsks mails the admitted asks of a batch of answers.
func (m *Mail) SendAsks(ctx context.Context, in AnswersRef) (Asked, error) {
	asks, err := admitAsks(ctx, m.Store, m.Programs, m.AskRules, in.Batch, m.Clock.Now())
	if err != nil {
		return Asked{}, err
	}
	letters, err := m.askLetters(ctx, asks)
	if err != nil {
		return Asked{}, err
	}
	letters, again := openNow(m.Clock, letters, func(l letter, at time.Time) time.Time {
		return l.config.FollowUp.AskTiming(l.ask).MailAt(l.made, at, l.contact.Timezone)
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
		if len(letters) > 0 && !letters[0].kind.follows() {
			if err := unpaused(ctx, m.Store, letters[0].program); err != nil {
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
	doubtful, err := settle(ctx, earlier, begun, out)
	if err != nil {
		return 0, err
	}
	lost, look := m.waitFor(begun.Doubtful)
	given, _ := split(doubtful, lost)
	if err := giveUp(ctx, m.ledger(), given, out); err != nil {
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

// send makes one call for letters whose effects are recorded as pending. It reports
// whether some of them are in doubt now and may still be proved.
func (m *Mail) send(ctx context.Context, letters []letter, out outcome) (waits bool, err error) {
	keys, ids := effectsOf(letters), itemsOf(letters)
	// The outcome is kept even when the worker is told to stop meanwhile.
	keep := context.WithoutCancel(ctx)
	if err := timeForACall(ctx); err != nil {
		return false, cmp.Or(m.Store.DropEffects(keep, keys), err)
	}
	ref, sendErr := m.Sender.Deliver(ctx, m.Composer.mailing(letters))
	if sendErr == nil {
		return false, end(keep, m.ledger(), letters, ref, out)
	}
	e, typed := errors.AsType[*integrations.Error](sendErr)
	switch {
	case (!typed || e.Kind == integrations.Ambiguous) && m.Patience > 0:
		m.Log.Warn("mails may have been sent: waiting for the vendor's events", "mails", len(letters), "error", sendErr)
		return true, nil
	case !typed || e.Kind == integrations.Ambiguous:
		return false, giveUp(keep, m.ledger(), letters, out)
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
