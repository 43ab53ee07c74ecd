package survey

import (
	"iter"
	"math"
	"time"
)

// Business time is what passes while a calendar is open: the time of a clock that stands
// still at night, at weekends and on holidays. It is measured, not read off the wall: on
// the night that summer time begins a calendar of 00:00-24:00 has 23 hours.

// Add is the moment at which d of business time has passed since t for somebody in a time
// zone, by its IANA name; an empty or unknown one is the calendar's own. It is the first
// such moment, so that a day's last hour ends that day and not the next morning, and in
// UTC. A d of 0 or less gives t. Where two years have no business time all time counts:
// late is better than never.
func (c Calendar) Add(t time.Time, d time.Duration, zone string) time.Time {
	at := t
	for begin, end := range c.stretches(t, zone) {
		if d <= 0 {
			break
		}
		step := min(d, end.Sub(begin))
		at, d = begin.Add(step), d-step
	}
	return at.UTC()
}

// Between is how much business time lies between two moments for somebody in a time zone,
// 0 where b is not after a. It undoes Add.
func (c Calendar) Between(a, b time.Time, zone string) time.Duration {
	var passed time.Duration
	for begin, end := range c.stretches(a, zone) {
		if !begin.Before(b) {
			break
		}
		if end.After(b) {
			end = b
		}
		passed += end.Sub(begin)
	}
	return passed
}

// Day is how much business time a full day of the calendar has.
func (c Calendar) Day() time.Duration {
	from, to, err := ParseHours(c.Hours)
	if err != nil {
		return wholeDay
	}
	return to - from
}

// forever is a stretch that nobody sees the end of, 292 years.
const forever = time.Duration(math.MaxInt64)

// stretches are the times from t on in which the calendar is open: one for each day's
// hours, two for a day on which the clock is changed in them. There is always another.
func (c Calendar) stretches(t time.Time, zone string) iter.Seq2[time.Time, time.Time] {
	return func(yield func(begin, end time.Time) bool) {
		from, to, err := ParseHours(c.Hours)
		at := t.In(c.location(zone))
		for err == nil {
			opens, found := c.opening(at, from, to)
			if !found {
				break
			}
			end := opens.Add(to - clockTime(opens))
			if _, change := opens.ZoneBounds(); !change.IsZero() && end.After(change) {
				end = change
			}
			if !yield(opens, end) {
				return
			}
			at = end.In(at.Location())
		}
		yield(at, at.Add(forever))
	}
}
