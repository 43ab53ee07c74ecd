package survey

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FieldFault is what is wrong with a field of what a source told.
type FieldFault struct{ Field, Problem string }

func (f *FieldFault) Error() string { return f.Field + " " + f.Problem }

// MaxBehaviourID is the longest id of a purchase, subscription or ticket, in bytes.
const MaxBehaviourID = 256

// BehaviourOf reads what an event tells of a purchase (order.*), a subscription
// (subscription.*) or a ticket (ticket.*), by the fields that docs/events.md names. ok is
// false for an event that names none by its id, or is about a CRM's record, which is read
// from there. Its errors are *FieldFault, whose field is a path into the event's data.
func BehaviourOf(e Event) (b Behaviour, ok bool, err error) {
	family, verb, _ := strings.Cut(e.Type, ".")
	read, known := map[string]func(*eventReader, string, *Behaviour){
		"order": (*eventReader).order, "subscription": (*eventReader).subscription, "ticket": (*eventReader).ticket,
	}[family]
	if !known || e.Object != nil {
		return Behaviour{}, false, nil
	}
	r := &eventReader{event: e, base: family}
	b = Behaviour{CRM: e.CRM, Source: e.Source, ID: r.id()}
	if b.ID == "" {
		if r.has("amount") {
			r.fail("id", "is missing: without it nobody can tell one from another")
			return Behaviour{}, false, r.fault
		}
		return Behaviour{}, false, r.err()
	}
	contact, account := e.People()
	if contact != nil {
		b.Contact = Tell(contact.Key, e.Time)
	}
	if account != nil {
		b.Account = Tell(account.Key, e.Time)
	}
	read(r, verb, &b)
	if err := r.err(); err != nil {
		return Behaviour{}, false, err
	}
	return b, true, nil
}

// eventReader reads fields of an object of an event's data. It keeps its first fault.
type eventReader struct {
	event Event
	base  string
	fault *FieldFault
}

func (r *eventReader) err() error {
	if r.fault == nil {
		return nil
	}
	return r.fault
}

func (r *eventReader) fail(field, format string, args ...any) {
	if r.fault == nil {
		r.fault = &FieldFault{r.base + "." + field, fmt.Sprintf(format, args...)}
	}
}

func (r *eventReader) object() map[string]any {
	object, _ := r.event.Data[r.base].(map[string]any)
	return object
}

func (r *eventReader) has(field string) bool { return r.object()[field] != nil }

func (r *eventReader) text(field string) string {
	if !r.has(field) {
		return ""
	}
	text, ok := scalarText(r.object()[field])
	if !ok {
		r.fail(field, "is neither text nor a number")
	}
	return strings.TrimSpace(text)
}

func (r *eventReader) id() string {
	id := r.text("id")
	if len(id) > MaxBehaviourID {
		r.fail("id", "has %d bytes: at most %d are taken", len(id), MaxBehaviourID)
	}
	return id
}

// asOf is when the event tells something: its own time.
func (r *eventReader) asOf() time.Time { return r.event.Time }

// moment reads a time that has passed, or may lie ahead.
func (r *eventReader) moment(field string, ahead bool) (at time.Time, ok bool) {
	text := r.text(field)
	if text == "" {
		return time.Time{}, false
	}
	at, err := ParseMoment(text)
	switch {
	case err != nil:
		r.fail(field, "%v", err)
	case !ahead && at.After(r.event.Time.Add(24*time.Hour)):
		r.fail(field, "is later than the event itself")
	}
	return at, r.fault == nil
}

// start is when it began: a guess where the event does not tell.
func (r *eventReader) start(field string, ahead bool) Told[Start] {
	if at, ok := r.moment(field, ahead); ok {
		return Tell(Start{At: at}, r.asOf())
	}
	return Tell(Start{At: r.event.Time, Guessed: true}, r.asOf())
}

// worth is what it costs, nothing where the event tells no amount.
func (r *eventReader) worth() Told[Worth] {
	if !r.has("amount") {
		return Told[Worth]{}
	}
	amount, err := ParseAmount(r.text("amount"))
	if err != nil {
		r.fail("amount", "is %v", err)
	}
	currency := strings.ToUpper(r.text("currency"))
	switch {
	case currency == "":
		r.fail("currency", "is missing: an amount needs one, such as EUR (ISO 4217)")
	case !ValidCurrency(currency):
		r.fail("currency", "is not a currency's code of three letters, such as EUR (ISO 4217)")
	}
	return Tell(Worth{Amount: amount, Currency: currency}, r.asOf())
}

// end is when it ended: the event's time where that is its news and no field tells. A
// field that is null says that it has not.
func (r *eventReader) end(field string, ended, reopened, ahead bool) Told[time.Time] {
	at, told := r.moment(field, ahead)
	_, named := r.object()[field]
	switch {
	case told:
		return Tell(at, r.asOf())
	case ended:
		return Tell(r.event.Time, r.asOf())
	case reopened || named:
		return Tell(time.Time{}, r.asOf())
	}
	return Told[time.Time]{}
}

func isCancelled(verb string) bool { return verb == "cancelled" || verb == "canceled" }

func (r *eventReader) order(verb string, b *Behaviour) {
	b.Kind = PurchaseKind
	if verb == "refunded" {
		b.Changes = []BehaviourChange{r.refund()}
		return
	}
	b.Worth = r.worth()
	b.End = r.end("cancelled_at", isCancelled(verb), false, false)
	if !isCancelled(verb) || r.has("at") {
		b.Start = r.start("at", false)
	}
}

// refund is what order.refunded tells in data.refund: the event itself names it where it
// has no id of its own.
func (r *eventReader) refund() BehaviourChange {
	r.base = "refund"
	id := r.id()
	if id == "" {
		id = r.event.ID
	}
	if !r.has("amount") {
		r.fail("amount", "is missing: want what was given back, in the currency of the order")
		return BehaviourChange{}
	}
	amount, err := ParseAmount(r.text("amount"))
	if err != nil {
		r.fail("amount", "is %v", err)
	}
	return BehaviourChange{ID: id, What: Refunded, At: r.event.Time, Amount: amount, AsOf: r.asOf()}
}

func (r *eventReader) subscription(verb string, b *Behaviour) {
	b.Kind = SubscriptionKind
	ended := isCancelled(verb) || verb == "ended" || verb == "expired"
	b.Worth = r.worth()
	b.End = r.end("ends_at", ended, verb == "reactivated", true)
	if !ended || r.has("started_at") {
		b.Start = r.start("started_at", true)
	}
	if next, told := r.moment("renews_at", true); told {
		b.RenewsAt = Tell(next, r.asOf())
	}
	if months := r.months(); months > 0 {
		b.Months = Tell(months, r.asOf())
	}
	if verb == "renewed" {
		b.Changes = []BehaviourChange{{ID: r.event.ID, What: Renewed, At: r.event.Time, AsOf: r.asOf()}}
	}
}

// MaxMonths is the longest period of a subscription.
const MaxMonths = 120

func (r *eventReader) months() int {
	if !r.has("months") {
		return 0
	}
	months, err := ParseMonths(r.text("months"))
	if err != nil {
		r.fail("months", "%v", err)
	}
	return months
}

// ParseMonths reads a subscription's period.
func ParseMonths(text string) (int, error) {
	months, err := strconv.Atoi(text)
	if err != nil || months < 1 || months > MaxMonths {
		return 0, fmt.Errorf("is not a period: want whole months, 1 to %d", MaxMonths)
	}
	return months, nil
}

func (r *eventReader) ticket(verb string, b *Behaviour) {
	b.Kind = TicketKind
	closed := verb == "closed" || verb == "solved" || verb == "resolved"
	b.Start = r.start("opened_at", false)
	b.End = r.end("closed_at", closed, verb == "reopened", false)
}

// The years that moments are taken of: what lies outside is a slip.
const (
	firstYear = 1970
	lastYear  = 2200
)

// ParseMoment reads a moment, 2006-01-02T15:04:05Z (RFC 3339), or a day, 2006-01-02, in
// UTC.
func ParseMoment(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if at = at.UTC(); err != nil || at.Year() < firstYear || at.Year() > lastYear {
		return time.Time{}, fmt.Errorf("is not a moment: want 2006-01-02T15:04:05Z (RFC 3339) or 2006-01-02")
	}
	return at, nil
}
