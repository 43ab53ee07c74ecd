package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// viewLog lists the latest exchanges between vendors and cxloop, newest first.
func viewLog(st *State) []logEntry {
	out := []logEntry{}
	for _, d := range newest(st.Deliveries, shownEvents) {
		out = append(out, deliveryEntry(st, d))
	}
	for _, in := range newest(st.Interactions, shownEvents) {
		out = append(out, interactionEntry(st, in))
	}
	for _, r := range newest(st.Refusals, shownEvents) {
		out = append(out, logEntry{
			At: r.At, Kind: "refused", State: "failed", Detail: r.Detail,
			Title: fmt.Sprintf("%s refused %s %s with %d (%s)", r.Vendor, r.Method, r.Path, r.Status, r.Rule),
		})
	}
	slices.SortStableFunc(out, func(a, b logEntry) int { return b.At.Compare(a.At) })
	return out[:min(len(out), shownEvents)]
}

func deliveryEntry(st *State, d *Delivery) logEntry {
	e := logEntry{At: d.At, Kind: "webhook", State: "waiting"}
	if n := len(d.Events); n > 0 {
		// The last one is where a record that was made and moved on at once stands now.
		last := d.Events[n-1]
		e.Title = last.PropertyName + " = " + last.PropertyValue
		if r := recordOf(st, last); r != nil {
			e.Title = r.Name() + ": " + e.Title
		}
		if n > 1 {
			e.Title += fmt.Sprintf(", and %d more", n-1)
		}
	}
	if n := len(d.Attempts); n > 0 {
		last := d.Attempts[n-1]
		e.Detail = answered(last.Status, last.Error)
		if n > 1 {
			e.Detail += fmt.Sprintf(", attempt %d", n)
		}
	}
	switch d.Status {
	case DeliveryDelivered:
		e.State = "ok"
	case DeliveryFailed:
		e.State = "failed"
	}
	return e
}

// recordOf returns the record that an event is about, nil where it is gone. Both shapes of events name its type.
func recordOf(st *State, e WebhookEvent) *Record {
	t := lookupType(e.ObjectTypeID)
	if t == nil {
		name, _, _ := strings.Cut(e.SubscriptionType, ".")
		t = lookupType(name)
	}
	if t == nil {
		return nil
	}
	return st.Record(t.name, strconv.FormatInt(e.ObjectID, 10))
}

func interactionEntry(st *State, in *Interaction) logEntry {
	e := logEntry{At: in.At, Kind: "click", State: "ok", Title: in.Action, Detail: answered(in.Status, in.Error)}
	if u := st.User(in.UserID); u != nil {
		e.Title = u.RealName + " pressed " + in.Action
		if in.Type == "view_submission" {
			e.Title = u.RealName + " sent the form of " + in.Action
		}
	}
	if in.Status < 200 || in.Status > 299 {
		e.State = "failed"
	}
	return e
}

// answered says what cxloop answered to a vendor.
func answered(status int, failure string) string {
	if failure != "" {
		return "no answer: " + failure
	}
	return fmt.Sprintf("cxloop answered %d", status)
}
