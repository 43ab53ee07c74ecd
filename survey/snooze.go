package survey

import "time"

// snoozeHour is when a day begins for a case that no calendar is kept for.
const snoozeHour = 9

// SnoozeEnd is when a case that is put off until a day is taken up again by somebody in
// a time zone: as soon as the team works on that day or after it, at nine where it
// keeps no calendar. The zone is an IANA name; of an empty or unknown one the calendar's
// own counts, then UTC. Only the date of the day counts.
func SnoozeEnd(day time.Time, zone string, team *Calendar) time.Time {
	year, month, date := day.Date()
	if team == nil {
		return time.Date(year, month, date, snoozeHour, 0, 0, 0, Calendar{}.location(zone)).UTC()
	}
	return team.Next(time.Date(year, month, date, 0, 0, 0, 0, team.location(zone)), zone)
}

// Today is the date in a time zone at a moment, as SnoozeEnd takes it.
func Today(now time.Time, zone string, team *Calendar) time.Time {
	var calendar Calendar
	if team != nil {
		calendar = *team
	}
	year, month, date := now.In(calendar.location(zone)).Date()
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}
