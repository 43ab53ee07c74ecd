package survey

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

var office = Calendar{ID: "office", Timezone: "Europe/Paris", Days: []string{"tue", "wed", "thu"}, Hours: "09:00-17:00"}

func TestNextMomentOfACalendar(t *testing.T) {
	t.Parallel()
	night := Calendar{Timezone: "UTC", Days: Weekdays, Hours: "02:15-02:45"}
	bank := Calendar{Timezone: "Europe/Berlin", Days: Weekdays[1:6], Hours: "08:00-24:00", Countries: []string{"de"}}
	closing := office
	closing.Holidays = []string{"2026-11-24", "12-29"}
	us := Calendar{Timezone: "America/New_York", Days: Weekdays[1:6], Hours: "09:00-17:00", Countries: []string{"us"}}
	for _, c := range []struct {
		name     string
		calendar Calendar
		zone     string
		at, want string // in the zone
	}{
		{"inside", office, "Europe/Paris", "2026-11-24 09:00", "2026-11-24 09:00"},
		{"the last minute", office, "Europe/Paris", "2026-11-24 16:59", "2026-11-24 16:59"},
		{"the end is outside", office, "Europe/Paris", "2026-11-24 17:00", "2026-11-25 09:00"},
		{"before it opens", office, "Europe/Paris", "2026-11-24 03:12", "2026-11-24 09:00"},
		{"over the weekend", office, "Europe/Paris", "2026-11-26 18:00", "2026-12-01 09:00"},
		{"in another zone", office, "Asia/Kolkata", "2026-11-24 08:00", "2026-11-24 09:00"},
		{"a day ahead", office, "Pacific/Kiritimati", "2026-11-23 23:59", "2026-11-24 09:00"},
		{"a holiday of its own", closing, "Europe/Paris", "2026-11-24 10:00", "2026-11-25 09:00"},
		{"a holiday of every year", closing, "Europe/Paris", "2026-12-29 10:00", "2026-12-30 09:00"},
		{"and of the next", closing, "Europe/Paris", "2027-12-28 17:30", "2027-12-30 09:00"},
		{"a holiday of the country", bank, "Europe/Berlin", "2026-05-01 10:00", "2026-05-04 08:00"},
		{"until midnight", bank, "Europe/Berlin", "2026-05-05 23:59", "2026-05-05 23:59"},
		{"a holiday that moves", bank, "Europe/Berlin", "2026-04-03 08:00", "2026-04-07 08:00"},
		{"one on a Saturday is kept on Friday", us, "America/New_York", "2026-07-02 18:00", "2026-07-06 09:00"},
		{"the hour that spring leaves out", night, "Europe/Berlin", "2026-03-29 01:00", "2026-03-30 02:15"},
		{"after the hour that autumn has twice", night, "Europe/Berlin", "2026-10-25 03:00", "2026-10-26 02:15"},
		{"a clock that is changed at midnight", Calendar{Timezone: "UTC", Days: Weekdays, Hours: "00:00-01:30"}, "Africa/Cairo", "2026-04-23 23:00", "2026-04-24 01:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, want := inZone(t, c.at, c.zone), inZone(t, c.want, c.zone)
			if got := c.calendar.Next(at, c.zone); !got.Equal(want) {
				t.Errorf("next is %s, want %s", got.In(want.Location()), want)
			}
			if open := c.calendar.Open(at, c.zone); open != at.Equal(want) {
				t.Errorf("open is %t", open)
			}
		})
	}
}

func inZone(t *testing.T, text, zone string) time.Time {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, location)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestZoneThatIsNotKnownIsTheCalendars(t *testing.T) {
	t.Parallel()
	at := inZone(t, "2026-11-24 08:00", "Europe/Paris")
	for _, zone := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "Europe/Paris"} {
		if got := office.Next(at, zone); !got.Equal(at.Add(time.Hour)) {
			t.Errorf("zone %q: next is %s", zone, got)
		}
	}
}

func TestCalendarThatNeverOpens(t *testing.T) {
	t.Parallel()
	never := Calendar{Timezone: "UTC", Days: []string{"mon"}, Hours: "02:00-02:30", Countries: []string{"nowhere"}}
	for day := noon; day.Before(noon.Add(searched + 8*wholeDay)); day = day.Add(wholeDay) {
		never.Holidays = append(never.Holidays, day.Format(time.DateOnly))
	}
	if got := never.Next(noon, ""); !got.Equal(noon) {
		t.Errorf("next is %s, want %s: late is better than never", got, noon)
	}
}

// TestNextAgainstAScan looks at every minute, as nobody would do but a test.
func TestNextAgainstAScan(t *testing.T) {
	t.Parallel()
	calendars := []Calendar{
		office,
		{Timezone: "UTC", Days: []string{"sun"}, Hours: "00:00-24:00"},
		{Timezone: "UTC", Days: Weekdays, Hours: "01:30-02:30", Countries: []string{"de-by", "us"}},
		{Timezone: "UTC", Days: []string{"sat", "mon"}, Hours: "23:00-24:00", Holidays: []string{"2026-03-28", "10-26"}},
	}
	// Both changes of the clock, the date line, half hours, Lord Howe's change of half
	// an hour, and a place without changes.
	for _, zone := range []string{
		"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago",
	} {
		for _, around := range []string{"2026-03-05", "2026-03-26", "2026-04-03", "2026-04-22", "2026-09-04", "2026-10-02", "2026-10-23", "2026-10-30"} {
			for i, c := range calendars {
				t.Run(fmt.Sprintf("%s %s %d", zone, around, i), func(t *testing.T) {
					t.Parallel()
					checkByScan(t, c, zone, around)
				})
			}
		}
	}
}

// checkByScan compares Next with the first of the minutes after each moment that a
// clock and a calendar on the wall show as inside.
func checkByScan(t *testing.T, c Calendar, zone, from string) {
	t.Helper()
	begin := inZone(t, from+" 00:00", zone)
	hours := [2]string{c.Hours[:5], c.Hours[6:]}
	var next time.Time // known from the future backwards
	for at := begin.Add(14 * wholeDay); !at.Before(begin); at = at.Add(-time.Minute) {
		clock := at.Format("15:04")
		if day := Weekdays[at.Weekday()]; slices.Contains(c.Days, day) && clock >= hours[0] && clock < hours[1] && !onList(c, at) {
			next = at
		}
		// Every minute would be slow, and every 37th meets all minutes of the hour.
		if minute := at.Unix() / 60; next.IsZero() || minute%37 != 0 {
			continue
		}
		if got := c.Next(at, zone); !got.Equal(next) {
			t.Fatalf("after %s comes %s, want %s", at, got.In(at.Location()), next)
		}
	}
}

func onList(c Calendar, at time.Time) bool {
	return slices.Contains(c.Holidays, at.Format("2006-01-02")) || slices.Contains(c.Holidays, at.Format("01-02")) ||
		slices.ContainsFunc(c.Countries, func(country string) bool { return isPublicHoliday(country, at) })
}

func TestHours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"09:00-17:00": true, "00:00-24:00": true, "": false, "9:00-17:00": false, "09:00": false, "17:00-09:00": false,
		"09:00-09:00": false, "09:00-24:01": false, "24:00-24:00": false, "09:00–17:00": false, "09:00-17:00-18:00": false,
	} {
		if _, _, err := ParseHours(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestHolidayLists(t *testing.T) {
	t.Parallel()
	for _, country := range HolidayLists() {
		newYear := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
		if !isPublicHoliday(country, newYear) {
			t.Errorf("%s works on New Year's Day", country)
		}
		if isPublicHoliday(country, time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)) != (country == "us") {
			t.Errorf("%s and Thanksgiving", country)
		}
	}
}
