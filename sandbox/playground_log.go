package sandbox

import (
	"fmt"
	"slices"
	"strconv"
)

// viewLog lists the latest exchanges between vendors and cxloop, newest first.
func viewLog(st *State) []logEntry {
	out := []logEntry{}
	for _, d := range newest(st.Deliveries, shownEvents) {
		out = append(out, deliveryEntry(d))
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

func deliveryEntry(d *Delivery) logEntry {
	e := logEntry{At: d.At, Kind: "webhook", State: "waiting"}
	if len(d.Events) > 0 {
		first := d.Events[0]
		e.Title = first.PropertyName + " = " + first.PropertyValue
		if t := lookupType(first.ObjectTypeID); t != nil {
			e.Title = t.singular + " " + strconv.FormatInt(first.ObjectID, 10) + ": " + e.Title
		}
		if more := len(d.Events) - 1; more > 0 {
			e.Title += fmt.Sprintf(" and %d more", more)
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

func interactionEntry(st *State, in *Interaction) logEntry {
	e := logEntry{At: in.At, Kind: "click", State: "ok", Title: in.Action, Detail: answered(in.Status, in.Error)}
	if u := st.User(in.UserID); u != nil {
		e.Title = u.RealName + " pressed " + in.Action
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
