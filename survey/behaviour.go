package survey

import (
	"cmp"
	"strings"
	"time"
)

// BehaviourKind says what a customer did.
type BehaviourKind string

// The kinds of behaviour.
const (
	PurchaseKind     BehaviourKind = "purchase"
	SubscriptionKind BehaviourKind = "subscription"
	TicketKind       BehaviourKind = "ticket"
)

// BehaviourKinds are all kinds.
var BehaviourKinds = []BehaviourKind{PurchaseKind, SubscriptionKind, TicketKind}

// Behaviour is what a source tells of one purchase, subscription or ticket. Sources tell
// it in pieces, twice and in any order: Merge makes one of them.
type Behaviour struct {
	Kind BehaviourKind
	// CRM is the configured id of the CRM that the contact and the account belong to.
	// Source and ID name what is told within it once and for all.
	CRM, Source, ID string
	// Contact and Account are the keys of whose it is.
	Contact, Account Told[string]
	Start            Told[Start]
	Worth            Told[Worth]
	// End is when a purchase was cancelled, a subscription ended or will, or a ticket was
	// closed; the zero time says that it is not.
	End Told[time.Time]
	// RenewsAt is when a subscription is renewed next, and Months its period.
	RenewsAt Told[time.Time]
	Months   Told[int]
	Changes  []BehaviourChange
	// OnlyKnown is set where nothing is to be kept of what was not known before: it
	// tells how something ended, and not what it was.
	OnlyKnown bool
}

// maxSourceName is the longest name of a system, in bytes.
const maxSourceName = 64

// NamesSystem reports whether a source is called as systems are: by letters, digits and
// . _ : / - alone. Others may be called by persons' names, and are not kept as they are.
func NamesSystem(source string) bool {
	if source == "" || len(source) > maxSourceName {
		return false
	}
	return strings.Trim(source, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-") == ""
}

// Told is what a source told at a moment; with the zero moment it told nothing.
type Told[T any] struct {
	Value T
	AsOf  time.Time
}

// Tell makes a Told of what a source told at a moment.
func Tell[T any](value T, asOf time.Time) Told[T] { return Told[T]{value, asOf} }

// Start is when something was bought, begun or opened. A guessed one is the time of
// whatever was heard of it.
type Start struct {
	At      time.Time
	Guessed bool
}

// Worth is what a purchase cost, or a subscription costs each period.
type Worth struct {
	Amount   Hundredths
	Currency string
}

// The changes of behaviour.
const (
	Refunded = "refunded" // money of a purchase was given back
	Renewed  = "renewed"  // a subscription goes on
)

// BehaviourChange is something that happened to a purchase or a subscription.
type BehaviourChange struct {
	// ID names it within its purchase or subscription.
	ID   string
	What string // Refunded or Renewed
	At   time.Time
	// Amount is what was given back.
	Amount Hundredths
	// AsOf is when the source told it: of two with the same ID the later counts.
	AsOf time.Time
}

// Merge makes one of two statements about the same: what was told later counts. The
// result does not depend on which came in first.
func (b Behaviour) Merge(other Behaviour) Behaviour {
	b.Contact = laterTold(b.Contact, other.Contact, cmp.Compare[string])
	b.Account = laterTold(b.Account, other.Account, cmp.Compare[string])
	b.Start = b.mergeStart(other)
	b.Worth = laterTold(b.Worth, other.Worth, func(x, y Worth) int {
		return cmp.Or(cmp.Compare(x.Amount, y.Amount), cmp.Compare(x.Currency, y.Currency))
	})
	b.End = laterTold(b.End, other.End, time.Time.Compare)
	b.RenewsAt = laterTold(b.RenewsAt, other.RenewsAt, time.Time.Compare)
	b.Months = laterTold(b.Months, other.Months, cmp.Compare[int])
	b.OnlyKnown = b.OnlyKnown && other.OnlyKnown
	b.Changes = mergeChanges(b.Changes, other.Changes)
	return b
}

// SaysAs reports whether a statement says the same as another one, whenever that was told.
// It leaves out the changes.
func (b Behaviour) SaysAs(other Behaviour) bool {
	return b.Contact.Value == other.Contact.Value && b.Account.Value == other.Account.Value && b.Start.Value == other.Start.Value &&
		b.Worth.AsOf.IsZero() == other.Worth.AsOf.IsZero() && b.Worth.Value == other.Worth.Value && b.End.Value.Equal(other.End.Value) &&
		b.RenewsAt.Value.Equal(other.RenewsAt.Value) && b.Months.Value == other.Months.Value
}

// mergeStart takes a time that was told before any guess, and the earliest of guesses.
func (b Behaviour) mergeStart(other Behaviour) Told[Start] {
	x, y := b.Start, other.Start
	switch {
	case x.AsOf.IsZero() || y.AsOf.IsZero():
		return laterTold(x, y, compareStarts)
	case x.Value.Guessed != y.Value.Guessed:
		if x.Value.Guessed {
			return y
		}
		return x
	case x.Value.Guessed:
		if c := cmp.Or(x.Value.At.Compare(y.Value.At), -x.AsOf.Compare(y.AsOf)); c > 0 {
			return y
		}
		return x
	}
	return laterTold(x, y, compareStarts)
}

func compareStarts(x, y Start) int { return x.At.Compare(y.At) }

// laterTold returns what was told later, and of what was told at the same moment the greater.
func laterTold[T any](x, y Told[T], compare func(T, T) int) Told[T] {
	if c := cmp.Or(x.AsOf.Compare(y.AsOf), compare(x.Value, y.Value)); c < 0 {
		return y
	}
	return x
}

// mergeChanges keeps each change once, the first of their order of arrival first.
func mergeChanges(all, more []BehaviourChange) []BehaviourChange {
	out := append([]BehaviourChange(nil), all...)
next:
	for _, change := range more {
		for i, known := range out {
			if known.ID != change.ID {
				continue
			}
			if change.Supersedes(known) {
				out[i] = change
			}
			continue next
		}
		out = append(out, change)
	}
	return out
}

// SaysAs reports whether a change says the same as another one of its ID.
func (c BehaviourChange) SaysAs(known BehaviourChange) bool {
	return c.What == known.What && c.At.Equal(known.At) && c.Amount == known.Amount
}

// Supersedes reports whether a change takes the place of another one of its ID.
func (c BehaviourChange) Supersedes(known BehaviourChange) bool {
	return cmp.Or(c.AsOf.Compare(known.AsOf), cmp.Compare(c.Amount, known.Amount), c.At.Compare(known.At)) > 0
}

// Purchase is something that a customer bought.
type Purchase struct {
	ContactKey, AccountKey string
	Source                 string
	At                     time.Time
	// Worth is nil where nobody told the amount. It is before refunds.
	Worth   *Worth
	Refunds []Refund
	// CancelledAt is zero for one that stands.
	CancelledAt time.Time
}

// Refund is money of a purchase that was given back.
type Refund struct {
	At     time.Time
	Amount Hundredths
}

// NetAt is what a purchase is worth as it was known to stand at a moment, refunds taken
// off, in its currency; known is false where nobody told the amount. It is 0 of one that
// was cancelled, and never negative.
func (p Purchase) NetAt(at time.Time) (net Worth, known bool) {
	if p.Worth == nil {
		return Worth{}, false
	}
	net = *p.Worth
	for _, r := range p.Refunds {
		if !r.At.After(at) {
			net.Amount -= r.Amount
		}
	}
	if net.Amount < 0 || !p.CancelledAt.IsZero() && !p.CancelledAt.After(at) {
		net.Amount = 0
	}
	return net, true
}

// Subscription is a contract that goes on until it ends.
type Subscription struct {
	ContactKey, AccountKey string
	Source                 string
	StartedAt              time.Time
	// Worth is what it costs each period of Months, nil where nobody told. Months is 0
	// where the period is not known.
	Worth  *Worth
	Months int
	// RenewsAt is when it has to be renewed next, zero where that is not known; it may have
	// passed. Renewals are when it was.
	RenewsAt time.Time
	Renewals []time.Time
	// EndsAt is zero while it goes on. It may lie ahead: who cancels has it until then.
	EndsAt time.Time
}

// Ticket is something that a customer wanted help with.
type Ticket struct {
	ContactKey, AccountKey string
	Source                 string
	OpenedAt               time.Time
	// ClosedAt is zero while it is open.
	ClosedAt time.Time
}
