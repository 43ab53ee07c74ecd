// Package csvfile reads what customers did from CSV files, as shops, billing systems and
// help desks export it.
package csvfile

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Options say how a file of behaviour is read.
type Options struct {
	Kind survey.BehaviourKind
	// CRM is the configured id of the CRM that the file's contacts and accounts belong to,
	// Source names the system that it was exported from.
	CRM, Source string
	// Currency is that of amounts in rows that tell none, "" where each has to.
	Currency string
	// Columns are the fields that columns with other names hold, by the columns' names; ""
	// for one that is left out.
	Columns map[string]string
	// Now is when the file tells it: another file, read later, corrects it.
	Now time.Time
}

// columns are the fields of a kind of behaviour, those that have to be there first.
type columns struct {
	required, optional []string
}

var columnsOf = map[survey.BehaviourKind]columns{
	survey.PurchaseKind: {
		[]string{"id", "bought_at"},
		[]string{"contact_id", "account_id", "amount", "currency", "refunded", "refunded_at", "cancelled_at"},
	},
	survey.SubscriptionKind: {
		[]string{"id", "started_at"},
		[]string{"contact_id", "account_id", "amount", "currency", "months", "renews_at", "ends_at"},
	},
	survey.TicketKind: {[]string{"id", "opened_at"}, []string{"contact_id", "account_id", "closed_at"}},
}

// startColumn and endColumn are when it began and ended.
var (
	startColumn = map[survey.BehaviourKind]string{
		survey.PurchaseKind: "bought_at", survey.SubscriptionKind: "started_at", survey.TicketKind: "opened_at",
	}
	endColumn = map[survey.BehaviourKind]string{
		survey.PurchaseKind: "cancelled_at", survey.SubscriptionKind: "ends_at", survey.TicketKind: "closed_at",
	}
)

// Fields are the names of the columns of a kind, the required ones first.
func Fields(kind survey.BehaviourKind) (required, optional []string) {
	return columnsOf[kind].required, columnsOf[kind].optional
}

// dateSlack is by how much an end may lie before the start: where a file has a date alone for
// one of them, it is of the first moment of that day.
const dateSlack = 24 * time.Hour

// MaxFaults is how many faults of a file are told.
const MaxFaults = 20

// Read reads a file and calls each for every row, in order. It returns how many there are.
// Where the file has faults its error is Faults, whose places are lines and columns of the
// file, and each was called for the rows that have none; an error of each, or of reading,
// ends it.
func Read(in io.Reader, o Options, each func(survey.Behaviour) error) (rows int, err error) {
	t, err := open(in, o)
	if err != nil {
		return 0, err
	}
	seen := map[string]int{} // ids, by line
	for {
		more, err := t.next()
		if err != nil {
			return rows, err
		}
		if !more || len(t.faults) >= MaxFaults {
			return rows, t.faults.orNil()
		}
		rows++
		before := len(t.faults)
		b := t.behaviour(o)
		if line, twice := seen[b.ID]; twice && b.ID != "" {
			t.fail("id", "stands in line %d already: each has a row of its own", line)
		}
		if len(t.faults) > before {
			continue
		}
		seen[b.ID] = t.line()
		if err := each(b); err != nil {
			return rows, err
		}
	}
}

// behaviour reads the present row.
func (t *table) behaviour(o Options) survey.Behaviour {
	b := survey.Behaviour{Kind: o.Kind, CRM: o.CRM, Source: o.Source, ID: t.value("id")}
	switch {
	case b.ID == "":
		t.fail("id", "is empty")
	case len(b.ID) > survey.MaxBehaviourID:
		t.fail("id", "has %d bytes: at most %d are taken", len(b.ID), survey.MaxBehaviourID)
	}
	contact, account := t.value("contact_id"), t.value("account_id")
	if contact == "" && account == "" {
		t.fail("contact_id", "is empty, and so is account_id: whose is it?")
	}
	if contact != "" {
		b.Contact = survey.Tell(survey.RecordKey(o.CRM, contact), o.Now)
	}
	if account != "" {
		b.Account = survey.Tell(survey.RecordKey(o.CRM, account), o.Now)
	}
	ahead := o.Kind == survey.SubscriptionKind
	if at, ok := t.moment(startColumn[o.Kind], o.Now, ahead); ok {
		b.Start = survey.Tell(survey.Start{At: at}, o.Now)
	} else if t.value(startColumn[o.Kind]) == "" {
		t.fail(startColumn[o.Kind], "is empty")
	}
	if end := endColumn[o.Kind]; t.has(end) { // an empty one says that it did not end
		b.End = survey.Tell(t.later(end, b.Start.Value.At, o, ahead), o.Now)
	}
	b.Worth = t.worth(o)
	if next := t.later("renews_at", b.Start.Value.At, o, true); !next.IsZero() {
		b.RenewsAt = survey.Tell(next, o.Now)
	}
	if text := t.value("months"); text != "" {
		months, err := survey.ParseMonths(text)
		if err != nil {
			t.fail("months", "%v", err)
		}
		b.Months = survey.Tell(months, o.Now)
	}
	b.Changes = t.refund(o, b)
	return b
}

// later reads a time that does not lie before the start, zero for none.
func (t *table) later(field string, start time.Time, o Options, ahead bool) time.Time {
	at, ok := t.moment(field, o.Now, ahead)
	if ok && !start.IsZero() && at.Before(start.Add(-dateSlack)) {
		t.fail(field, "lies before %s", startColumn[o.Kind])
	}
	return at
}

// worth is what the row tells an amount of.
func (t *table) worth(o Options) survey.Told[survey.Worth] {
	text := t.value("amount")
	if text == "" {
		return survey.Told[survey.Worth]{}
	}
	amount, err := survey.ParseAmount(text)
	switch {
	case err == nil:
	case strings.HasPrefix(text, "-") && o.Kind == survey.PurchaseKind:
		t.fail("amount", "is below 0: what was given back of a purchase stands in its row, as refunded")
	default:
		t.fail("amount", "is %v", err)
	}
	currency := strings.ToUpper(t.value("currency"))
	if currency == "" {
		currency = o.Currency
	}
	switch {
	case currency == "" && !t.has("currency"):
		t.fail("amount", "has no currency: add a column currency, or say --currency")
	case currency == "":
		t.fail("currency", "is empty: an amount needs one, such as EUR")
	case !survey.ValidCurrency(currency):
		t.fail("currency", "is not a currency's code of three letters, such as EUR (ISO 4217)")
	}
	if err != nil {
		return survey.Told[survey.Worth]{}
	}
	return survey.Tell(survey.Worth{Amount: amount, Currency: currency}, o.Now)
}

// refund is all that was given back of a purchase: one change, which the next file
// corrects.
func (t *table) refund(o Options, purchase survey.Behaviour) []survey.BehaviourChange {
	text := t.value("refunded")
	if text == "" {
		return nil
	}
	amount, err := survey.ParseAmount(text)
	worth := purchase.Worth
	switch {
	case err != nil:
		t.fail("refunded", "is %v", err)
	case !worth.AsOf.IsZero() && amount > worth.Value.Amount:
		t.fail("refunded", "is more than amount: no more than it cost is given back of a purchase")
	}
	at := t.later("refunded_at", purchase.Start.Value.At, o, false)
	if at.IsZero() && amount > 0 {
		switch {
		case !t.has("refunded_at"):
			t.fail("refunded", "needs a column refunded_at: when it was given back")
		case t.value("refunded_at") == "":
			t.fail("refunded_at", "is empty: when was it given back?")
		}
	}
	if at.IsZero() {
		return nil
	}
	return []survey.BehaviourChange{{ID: "file", What: survey.Refunded, At: at, Amount: amount, AsOf: o.Now}}
}

// moment reads a time. ok is false for an empty cell, and for one that has a fault.
func (t *table) moment(field string, now time.Time, ahead bool) (at time.Time, ok bool) {
	text := t.value(field)
	if text == "" {
		return time.Time{}, false
	}
	at, err := survey.ParseMoment(text)
	switch {
	case err != nil:
		t.fail(field, "%v", err)
	case !ahead && at.After(now.Add(24*time.Hour)):
		t.fail(field, "lies in the future")
	default:
		return at, true
	}
	return time.Time{}, false
}

// Fault is what is wrong with a cell, or with the line where Field is "".
type Fault struct {
	Line, Column int
	Field        string // its column's name
	Problem      string
}

func (f Fault) Error() string {
	if f.Field == "" {
		return fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Problem)
	}
	return fmt.Sprintf("%d:%d: %s %s", f.Line, f.Column, f.Field, f.Problem)
}

// Faults are those of a file, in order, at most MaxFaults.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	if len(f) >= MaxFaults {
		lines = append(lines, "there may be more behind it")
	}
	return strings.Join(lines, "\n")
}

// orNil are the faults in the order of their places, nil without any.
func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	return f
}
