package survey

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Calendar says when customers are mailed: on some days of the week, between two times
// of the day, and on no holiday, all in the customer's own time zone.
type Calendar struct {
	ID string `json:"id" yaml:"id"`
	// Timezone is the IANA name of the zone of those whose own is not known.
	Timezone string `json:"timezone" yaml:"timezone"`
	// Days are the days of the week, sun to sat.
	Days []string `json:"days" yaml:"days"`
	// Hours is the time of the day, see ParseHours.
	Hours string `json:"hours" yaml:"hours"`
	// Holidays are days on which nobody is mailed: 2027-05-14 once, or 12-27 every year.
	Holidays []string `json:"holidays,omitempty" yaml:"holidays"`
	// Countries are those whose public holidays count, see HolidayLists.
	Countries []string `json:"countries,omitempty" yaml:"countries"`
}

// Weekdays are the days of the week as a calendar names them, by time.Weekday.
var Weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseHours reads a time of the day such as "09:00-17:00": from the first moment
// until before the second, which may be 24:00.
func ParseHours(text string) (from, to time.Duration, err error) {
	first, second, _ := strings.Cut(text, "-")
	from, fromOK := timeOfDay(first)
	to, toOK := timeOfDay(second)
	switch {
	case !fromOK || !toOK:
		return 0, 0, fmt.Errorf("%q: want two times such as 09:00-17:00", text)
	case from >= to:
		return 0, 0, fmt.Errorf("%q: want the earlier time first, in one day", text)
	}
	return from, to, nil
}

const wholeDay = 24 * time.Hour

func timeOfDay(text string) (time.Duration, bool) {
	if text == "24:00" {
		return wholeDay, true
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true
}

// Open reports whether a moment is inside the calendar for somebody in a time zone.
func (c Calendar) Open(t time.Time, zone string) bool { return c.Next(t, zone).Equal(t) }

// searched is how far ahead Next looks: a calendar of few days, most of them
// holidays, has one in two years.
const searched = 2 * 366 * wholeDay

// Next is the first moment at or after t that is inside the calendar for somebody in a
// time zone, by its IANA name; an empty or unknown one is the calendar's own. It is in
// UTC. Where two years have no such moment it is t: late is better than never.
func (c Calendar) Next(t time.Time, zone string) time.Time {
	from, to, err := ParseHours(c.Hours)
	if err != nil {
		return t.UTC()
	}
	if at, found := c.opening(t.In(c.location(zone)), from, to); found {
		return at.UTC()
	}
	return t.UTC()
}

// opening is the first moment at or after a moment that is inside the calendar, in the
// moment's own zone; found is false where two years have none.
func (c Calendar) opening(at time.Time, from, to time.Duration) (opens time.Time, found bool) {
	for end := at.Add(searched); at.Before(end); {
		// On a clock that is not changed the day's hours lie where they are counted
		// from the present one.
		of := clockTime(at)
		day := c.isWorkday(at)
		if day && of >= from && of < to {
			return at, true
		}
		next := at.Add(wholeDay - of)
		if day && of < from {
			next = at.Add(from - of)
		}
		if _, change := at.ZoneBounds(); !change.IsZero() && next.After(change) {
			next = change
		}
		at = next.In(at.Location())
	}
	return at, false
}

// clockTime is what a clock on the wall shows.
func clockTime(t time.Time) time.Duration {
	hour, minute, second := t.Clock()
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second +
		time.Duration(t.Nanosecond())
}

func (c Calendar) isWorkday(t time.Time) bool {
	if !slices.Contains(c.Days, Weekdays[t.Weekday()]) {
		return false
	}
	day := t.Format(time.DateOnly)
	if slices.Contains(c.Holidays, day) || slices.Contains(c.Holidays, day[len("2006-"):]) {
		return false
	}
	return !slices.ContainsFunc(c.Countries, func(country string) bool { return isPublicHoliday(country, t) })
}

// zones are the locations that were asked for; there are some hundred.
var zones sync.Map

// location finds a zone by its name. The two names that are no place's, and would
// follow the machine or mean UTC, are as good as none.
func (c Calendar) location(zone string) *time.Location {
	for _, name := range []string{zone, c.Timezone} {
		if known, ok := zones.Load(name); ok {
			return known.(*time.Location)
		}
		if name == "" || name == "Local" {
			continue
		}
		if found, err := time.LoadLocation(name); err == nil {
			zones.Store(name, found)
			return found
		}
	}
	return time.UTC
}
