package config

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// newSLA is an SLA with the defaults of the trade.
func newSLA() survey.SLA {
	none := survey.BusinessSpan{Off: true}
	return survey.SLA{
		Normal:   survey.Promises{Acknowledge: businessHours(4), Contact: businessDays(1), Resolve: businessDays(5)},
		High:     survey.Promises{Acknowledge: businessHours(2), Contact: businessHours(4), Resolve: businessDays(3)},
		Low:      survey.Promises{Acknowledge: none, Contact: businessDays(3), Resolve: businessDays(10)},
		Warn:     0.75,
		Ladder:   survey.Ladder{Manager: businessDays(1), Channel: businessDays(2), Task: businessDays(3)},
		Calendar: survey.Calendar{Timezone: "UTC", Days: survey.Weekdays[1:6], Hours: "09:00-17:00"},
	}
}

func businessHours(n int) survey.BusinessSpan {
	return survey.BusinessSpan{Rest: time.Duration(n) * time.Hour}
}

func businessDays(n int) survey.BusinessSpan { return survey.BusinessSpan{Days: n} }

// teamCalendar finds the calendar of a team's hours, nil where none is named. Its days are
// to be given: those that a calendar has by itself are for mails.
func (d *document) teamCalendar(at path, calendars []survey.Calendar) *survey.Calendar {
	id := d.text(at)
	switch {
	case id == windowOff:
		d.add(at, "off is what a program without a window says: leave the key out")
		return nil
	case id == "" || d.failed(at):
		return nil
	}
	for i, known := range d.ids(path{"calendars"}) {
		if known == id && d.value(path{"calendars", strconv.Itoa(i), "days"}) == nil {
			d.add(at, "the calendar %s does not say its days, and mails are sent on tue, wed and thu: say on which the team works", id)
		}
	}
	return d.calendar(at, calendars, "", "")
}

// decodeSLA reads what viper cannot. What is not said of high priority is no slower than
// what is said of others, and of low priority no faster.
func (d *document) decodeSLA(cfg *Config) {
	sla := &cfg.SLA
	if calendar := d.teamCalendar(path{"sla", "calendar"}, cfg.Calendars); calendar != nil {
		sla.Calendar = *calendar
	}
	at := path{"sla"}
	for i, normal := range steps(at, &sla.Normal) {
		high, low := steps(at.join("high"), &sla.High)[i], steps(at.join("low"), &sla.Low)[i]
		if !d.given(high.at) && !normal.Off && normal.In(sla.Calendar) < high.In(sla.Calendar) {
			*high.BusinessSpan = *normal.BusinessSpan
		}
		if !d.given(low.at) && !low.Off && (normal.Off || normal.In(sla.Calendar) > low.In(sla.Calendar)) {
			*low.BusinessSpan = *normal.BusinessSpan
		}
	}
}

// given reports whether a setting is in the file or in a variable.
func (d *document) given(at path) bool {
	return d.value(at) != nil || d.variables[strings.Join(at, ".")] != ""
}

// namedSpan is a span with the key that it stands at.
type namedSpan struct {
	at path
	*survey.BusinessSpan
}

// checkSLA looks for promises that could not be kept, and for spans in a wrong order.
func (d *document) checkSLA(sla survey.SLA) {
	at := path{"sla"}
	if d.failed(at) {
		return
	}
	if sla.Warn <= 0 {
		d.add(at.join("warn"), "%s warns as soon as a case is opened: want more, or 100%% for no warning", sla.Warn)
	}
	normal, high, low := steps(at, &sla.Normal), steps(at.join("high"), &sla.High), steps(at.join("low"), &sla.Low)
	for _, spans := range [][]namedSpan{normal, high, low} {
		for _, s := range spans {
			if !s.Off && s.In(sla.Calendar) == 0 {
				d.add(s.at, "0 leaves no time: say off for no such clock")
			}
		}
		d.checkOrder(sla.Calendar, spans)
	}
	for i := range normal {
		d.checkOrder(sla.Calendar, []namedSpan{high[i], normal[i]})
		d.checkOrder(sla.Calendar, []namedSpan{normal[i], low[i]})
	}
	ladder := at.join("escalate")
	d.checkOrder(sla.Calendar, []namedSpan{
		{ladder.join("manager"), &sla.Ladder.Manager}, {ladder.join("channel"), &sla.Ladder.Channel}, {ladder.join("task"), &sla.Ladder.Task},
	})
}

func steps(at path, p *survey.Promises) []namedSpan {
	return []namedSpan{{at.join("acknowledge"), &p.Acknowledge}, {at.join("contact"), &p.Contact}, {at.join("resolve"), &p.Resolve}}
}

// checkOrder wants none of the spans to be shorter than one before it. Those that are off
// have no place in the order.
func (d *document) checkOrder(calendar survey.Calendar, spans []namedSpan) {
	spans = slices.DeleteFunc(slices.Clone(spans), func(s namedSpan) bool { return s.Off })
	for i := 1; i < len(spans); i++ {
		before, after := spans[i-1], spans[i]
		if after.In(calendar) >= before.In(calendar) {
			continue
		}
		if d.given(after.at) {
			d.add(after.at, "%s is shorter than %s, %s", after, before.at, before)
		} else {
			d.add(before.at, "%s is longer than %s, %s", before, after.at, after)
		}
	}
}
