package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// EffectState is what is known of a call that changes the outside world.
type EffectState string

// The states of an effect.
const (
	// EffectPending is recorded before the call. Of one that another attempt finds
	// nobody knows yet what became of it.
	EffectPending EffectState = "pending"
	EffectDone    EffectState = "done"
	// EffectUnknown is one that an operator has to decide.
	EffectUnknown EffectState = "unknown"
)

// Effect is one call that changes the outside world.
type Effect struct {
	// Key names the effect by business keys: see MailEffect, CaseEffect, StoryEffect,
	// RecordEffect and NoteEffect.
	Key    string
	Vendor string
	State  EffectState
	// Ref is the vendor's id of what was made; before it is known, where it is made, or
	// "" where that says nothing.
	Ref string
	At  time.Time
	// TriedAt is when the call was begun, in real time.
	TriedAt time.Time
}

// The kinds of mails, which their effects' keys name.
const (
	MailInvite   = "invite"
	MailReminder = "reminder"
	// MailSecondReminder is of the last one: each has an effect of its own.
	MailSecondReminder = "second_reminder"
	MailAsk            = "ask"
	// MailThanks is of a resolved case.
	MailThanks = "thanks"
	// MailReferred thanks a promoter for a friend; its effect names the lead.
	MailReferred = "referred"
)

// VendorSMS is the vendor of effects that are SMS.
const VendorSMS = "twilio"

const (
	mailEffect = "mail/"
	caseEffect = "slack/case/"
	// movedEffect goes on with the id of the case and the number of the move.
	movedEffect = "slack/moved/"
	stormEffect = "slack/storm/"
	// Of a CRM.
	recordEffect = "crm/case/"
	noteEffect   = "crm/note/"
	// themesEffect is of the themes of a week.
	themesEffect = "slack/themes/"
)

// MailEffect is the key of a mail or an SMS: its kind and the id of its invitation, ask
// or thanks.
func MailEffect(kind, id string) string { return mailEffect + kind + "/" + id }

// CaseEffect is the key of a case's first message.
func CaseEffect(caseID string) string { return caseEffect + caseID }

// What of a case is posted besides its first message, by the id of an event of its history.
const (
	storyPost      = "/story/"
	escalationPost = "/escalation/"
)

// StoryEffect is the key of the reply in a case's thread that begins with an event. A case
// has another thread after each move.
func StoryEffect(caseID string, move int, event int64) string {
	return CaseEffect(caseID) + storyPost + strconv.Itoa(move) + "/" + strconv.FormatInt(event, 10)
}

// EscalationEffect is the key of the message that tells another channel of an event.
func EscalationEffect(caseID string, event int64) string {
	return CaseEffect(caseID) + escalationPost + strconv.FormatInt(event, 10)
}

// ThemesEffect is the key of the message about the themes of a week, named by its end.
func ThemesEffect(until string) string { return themesEffect + until }

// ParseMailEffect is the inverse of MailEffect.
func ParseMailEffect(key string) (kind, id string, ok bool) {
	rest, ok := strings.CutPrefix(key, mailEffect)
	if !ok {
		return "", "", false
	}
	kind, id, ok = strings.Cut(rest, "/")
	return kind, id, ok && id != "" && slices.Contains([]string{MailInvite, MailReminder, MailSecondReminder, MailAsk, MailThanks, MailReferred}, kind)
}

// MovedCaseEffect is the key of a message that a case got in another place: the first that
// it moved to, the second and so on.
func MovedCaseEffect(caseID string, move int) string {
	return movedEffect + caseID + "/" + strconv.Itoa(move)
}

// StormEffect is the key of a storm's digest.
func StormEffect(storm string) string { return stormEffect + storm }

// ParseCaseEffect returns the case that a message is about: the first one, a reply in its
// thread, or an escalation.
func ParseCaseEffect(key string) (caseID string, ok bool) {
	caseID, ok = strings.CutPrefix(key, caseEffect)
	caseID, _, _ = strings.Cut(caseID, "/")
	return caseID, ok && caseID != ""
}

// RecordEffect is the key of a case's task or ticket in its CRM.
func RecordEffect(caseID string) string { return recordEffect + caseID }

// NoteEffect is the key of the note on a case that follows an event of its history.
func NoteEffect(caseID string, after int64) string {
	return noteEffect + caseID + "/" + strconv.FormatInt(after, 10)
}

// ParseFiledEffect returns the case of a RecordEffect or a NoteEffect.
func ParseFiledEffect(key string) (caseID string, ok bool) {
	if caseID, ok = strings.CutPrefix(key, recordEffect); !ok {
		if caseID, ok = strings.CutPrefix(key, noteEffect); ok {
			caseID, _, ok = strings.Cut(caseID, "/")
		}
	}
	return caseID, ok && caseID != ""
}

// About says in words what an effect's key names, "" for a key of no known kind.
func (e Effect) About() string {
	if id, ok := ParseCaseEffect(e.Key); ok {
		switch {
		case strings.Contains(e.Key, storyPost):
			return "a reply in the thread of case " + id
		case strings.Contains(e.Key, escalationPost):
			return "the escalation of case " + id
		}
		return "the first message of case " + id
	}
	if id, move, ok := strings.Cut(strings.TrimPrefix(e.Key, movedEffect), "/"); ok && strings.HasPrefix(e.Key, movedEffect) {
		return "the message of case " + id + " after move " + move
	}
	if id, ok := strings.CutPrefix(e.Key, stormEffect); ok {
		return "the digest of storm " + id
	}
	if id, ok := ParseFiledEffect(e.Key); ok {
		if strings.HasPrefix(e.Key, noteEffect) {
			return "a note on case " + id + " in the CRM"
		}
		return "the task or ticket of case " + id + " in the CRM"
	}
	if strings.HasPrefix(e.Key, themesEffect) {
		return "the themes of a week"
	}
	switch kind, id, _ := ParseMailEffect(e.Key); kind {
	case MailInvite:
		if e.Vendor == VendorSMS {
			return "the SMS of invitation " + id
		}
		return "the mail of invitation " + id
	case MailReminder:
		return "the reminder of invitation " + id
	case MailSecondReminder:
		return "the second reminder of invitation " + id
	case MailAsk:
		return "the mail of referral ask " + id
	case MailThanks:
		return "the mail of thanks " + id
	case MailReferred:
		return "the mail that thanks for lead " + id
	}
	return ""
}

// EffectSubject is what an effect is about, as it is by now.
type EffectSubject struct {
	Program string
	// State is that of the invitation, the ask or the case.
	State string
	// Unsubscribed: whom the mail is for wants none any more.
	Unsubscribed bool
	// Repeatable: RepeatEffect would take the effect, if it is unknown.
	Repeatable bool
}

// Begun parts effects by what may be done about them.
type Begun struct {
	// Act are the keys of the new ones: their calls are to be made.
	Act []string
	// Doubtful were begun by an earlier attempt: the vendor is to be asked what became
	// of them.
	Doubtful []Effect
	// Unknown are left to an operator.
	Unknown []Effect
	// Done are done.
	Done []Effect
	// Over are the keys of new ones for which the day has no room: they are not begun.
	Over []string
}

// Effects is recorded before each call that cannot be repeated safely, and after.
type Effects interface {
	// BeginEffects inserts the effects that are new as pending, in one transaction,
	// and says what is known of the others. where is kept as their Ref. tried is real time.
	// The mail of an invitation that was suppressed or cancelled is not begun: where it
	// is new it is in no part of what is returned.
	BeginEffects(ctx context.Context, vendor, where string, keys []string, at, tried time.Time) (Begun, error)
	// BeginMails is BeginEffects for mails, of which a vendor takes so many on the day of
	// at, in UTC, over all programs; most is 0 for any number. However many are begun at
	// once, no more are begun, the first of keys before the others.
	BeginMails(ctx context.Context, vendor string, keys []string, at, tried time.Time, most int) (Begun, error)
	// EndEffects notes that effects are done, with the vendor's id.
	EndEffects(ctx context.Context, keys []string, ref string, at time.Time) error
	// DropEffects forgets pending effects whose call certainly did nothing, so that
	// it can be made again.
	DropEffects(ctx context.Context, keys []string) error
	// RetryEffect begins a doubtful or unknown effect anew at a real time, because its
	// call turned out to have done nothing. It reports whether the effect was still as
	// it is given: else another attempt dealt with it.
	RetryEffect(ctx context.Context, doubtful Effect, tried time.Time) (bool, error)
	// LoseEffects makes pending effects unknown and returns the keys of all that are
	// unknown now. Those that were proved meanwhile are done.
	LoseEffects(ctx context.Context, keys []string, at time.Time) (unknown []string, err error)
	// ProveEffects notes that the vendor told of what calls made: the keys of effects
	// with the vendor's ids. They are done, and a mail that was unknown is sent. It
	// returns how many were in doubt. Doing it twice is no error.
	ProveEffects(ctx context.Context, refs map[string]string, at time.Time) (int, error)
	// SettleEffects deals with some of what has been pending since a moment of real time
	// without anybody to ask for it: an invitation that was answered was mailed, the
	// others become unknown. It returns how many it dealt with, 0 where none is left, and
	// the keys of those that are unknown.
	SettleEffects(ctx context.Context, since, at time.Time) (settled int, unknown []string, err error)
	// UnknownEffects lists the effects that an operator has to decide, oldest first.
	UnknownEffects(ctx context.Context, limit int) ([]Effect, error)
	// EffectSubjects returns what effects are about, by their keys; those that are about
	// nothing that is known are missing.
	EffectSubjects(ctx context.Context, keys []string) (map[string]EffectSubject, error)
	// RepeatEffect forgets an unknown mail and puts what it is about back, as a batch of
	// its own, so that it is sent again; of a case's message it lets the case's workflow
	// look again, and post it where it is not there; what is made for a case in the CRM is
	// made again. It returns what has to be
	// begun, which Stalled finds as well. ErrNotFound is returned where there is no
	// such effect, ErrNotRepeated where what it is about has moved on or its reader has
	// unsubscribed.
	RepeatEffect(ctx context.Context, key, batch string, at time.Time) (Stalled, error)
	// AcceptEffect takes an unknown mail as sent, and what was to be made for a case in the
	// CRM as made, with the errors of RepeatEffect.
	AcceptEffect(ctx context.Context, key string, at time.Time) error
	// RepeatInvitations does for all of a program's invitations whose mails are unknown
	// what RepeatEffect does for one, in batches that have ids of newBatch. Those that
	// cannot be repeated stay as they are. It returns how many mails it repeats.
	RepeatInvitations(ctx context.Context, program string, newBatch func() string, at time.Time) ([]InvitationBatch, int, error)
	// AcceptMails takes all of a program's unknown invitations and reminders as sent, and
	// returns how many.
	AcceptMails(ctx context.Context, program string, at time.Time) (int, error)
}
