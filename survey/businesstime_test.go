package survey

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	// desk is when most teams work.
	desk = Calendar{Timezone: "Europe/Berlin", Days: Weekdays[1:6], Hours: "09:00-17:00", Countries: []string{"de"}}
	// always is open day and night.
	always = Calendar{Timezone: "UTC", Days: Weekdays, Hours: "00:00-24:00"}
	// nights is open while clocks are changed.
	nights = Calendar{Timezone: "UTC", Days: Weekdays, Hours: "00:30-03:30"}
)

func TestBusinessTime(t *testing.T) {
	t.Parallel()
	closing := desk
	closing.Holidays = []string{"2026-11-25", "12-24"}
	for _, c := range []struct {
		name     string
		calendar Calendar
		zone     string
		from     string // in the zone
		passes   time.Duration
		want     string // in the zone
	}{
		{"in the same day", desk, "Europe/Berlin", "2026-11-24 10:00", 4 * time.Hour, "2026-11-24 14:00"},
		{"nothing passes", desk, "Europe/Berlin", "2026-11-21 03:00", 0, "2026-11-21 03:00"},
		{"until the last minute", desk, "Europe/Berlin", "2026-11-24 13:00", 4 * time.Hour, "2026-11-24 17:00"},
		{"and one more", desk, "Europe/Berlin", "2026-11-24 13:00", 4*time.Hour + time.Minute, "2026-11-25 09:01"},
		{"over night", desk, "Europe/Berlin", "2026-11-24 16:00", 4 * time.Hour, "2026-11-25 12:00"},
		{"from the night", desk, "Europe/Berlin", "2026-11-24 22:30", time.Hour, "2026-11-25 10:00"},
		{"over the weekend", desk, "Europe/Berlin", "2026-11-27 16:30", time.Hour, "2026-11-30 09:30"},
		{"from a Sunday", desk, "Europe/Berlin", "2026-11-29 12:00", 4 * time.Hour, "2026-11-30 13:00"},
		{"a business day", desk, "Europe/Berlin", "2026-11-24 11:00", desk.Day(), "2026-11-25 11:00"},
		{"five of them are a week", desk, "Europe/Berlin", "2026-11-24 11:00", 5 * desk.Day(), "2026-12-01 11:00"},
		{"a holiday of its own", closing, "Europe/Berlin", "2026-11-24 16:00", 2 * time.Hour, "2026-11-26 10:00"},
		{"holidays of the country and its own", closing, "Europe/Berlin", "2026-12-23 16:00", 2 * time.Hour, "2026-12-28 10:00"},
		{"spring, at night", desk, "Europe/Berlin", "2026-03-27 16:00", 2 * time.Hour, "2026-03-30 10:00"},
		{"spring, by day", always, "Europe/Berlin", "2026-03-29 00:00", 23 * time.Hour, "2026-03-30 00:00"},
		{"autumn, by day", always, "Europe/Berlin", "2026-10-25 00:00", 25 * time.Hour, "2026-10-26 00:00"},
		{"spring leaves an hour out", nights, "America/New_York", "2026-03-08 00:00", 2 * time.Hour, "2026-03-08 03:30"},
		{"autumn has an hour twice", nights, "America/New_York", "2026-11-01 00:00", 4 * time.Hour, "2026-11-01 03:30"},
		{"spring of half an hour", nights, "Australia/Lord_Howe", "2026-10-04 00:00", 150 * time.Minute, "2026-10-04 03:30"},
		{"autumn of half an hour", nights, "Australia/Lord_Howe", "2026-04-05 00:00", 210 * time.Minute, "2026-04-05 03:30"},
		{"a clock that is changed at midnight", always, "Africa/Cairo", "2026-04-23 22:00", 3 * time.Hour, "2026-04-24 02:00"},
		{"a day that an island left out", always, "Pacific/Apia", "2011-12-29 12:00", 24 * time.Hour, "2011-12-31 12:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from, want := inZone(t, c.from, c.zone), inZone(t, c.want, c.zone)
			require.Equal(t, want.UTC(), c.calendar.Add(from, c.passes, c.zone))
			require.Equal(t, c.passes, c.calendar.Between(from, want, c.zone))
		})
	}
}

func TestBusinessTimeOfNothing(t *testing.T) {
	t.Parallel()
	at := inZone(t, "2026-11-24 10:00", "Europe/Berlin")
	require.Equal(t, at.UTC(), desk.Add(at, -time.Hour, ""))
	require.Zero(t, desk.Between(at, at, ""))
	require.Zero(t, desk.Between(at, at.Add(-48*time.Hour), ""))
	require.Zero(t, desk.Between(at.Add(8*time.Hour), at.Add(20*time.Hour), ""), "a night has none")
	require.Equal(t, 8*time.Hour, desk.Day())
	require.Equal(t, 24*time.Hour, Calendar{}.Day())
}

func TestCalendarThatNeverOpensCountsAllTime(t *testing.T) {
	t.Parallel()
	never := Calendar{Timezone: "UTC", Days: []string{"mon"}, Hours: "09:00-17:00"}
	for day := noon; day.Before(noon.Add(searched + 30*wholeDay)); day = day.Add(wholeDay) {
		never.Holidays = append(never.Holidays, day.Format(time.DateOnly))
	}
	for _, c := range []Calendar{never, {Timezone: "UTC", Hours: "09:00-17:00"}, {}} {
		require.Equal(t, noon.Add(5*time.Hour).UTC(), c.Add(noon, 5*time.Hour, ""))
		require.Equal(t, 5*time.Hour, c.Between(noon, noon.Add(5*time.Hour), ""))
	}
}

// oddZones change their clocks in all the ways there are: both halves of the world, by half
// an hour, at midnight, across the date line, not at all.
var oddZones = []string{
	"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "America/Santiago",
	"Asia/Kathmandu", "Africa/Casablanca", "Asia/Gaza", "UTC",
}

// wall has, for each minute from a moment on, how many minutes before it were open by what
// a clock and a calendar on the wall show.
type wall struct {
	from   time.Time
	passed []int
}

func watch(t *testing.T, c Calendar, from time.Time, days int, zone func(time.Time) string) wall {
	t.Helper()
	w := wall{from: from, passed: make([]int, 1, days*24*60+1)}
	locations := map[string]*time.Location{}
	for len(w.passed) <= days*24*60 {
		at := from.Add(time.Duration(len(w.passed)-1) * time.Minute)
		name := zone(at)
		if locations[name] == nil {
			location, err := time.LoadLocation(name)
			require.NoError(t, err)
			locations[name] = location
		}
		at = at.In(locations[name])
		clock, open := at.Format("15:04"), 0
		for _, day := range c.Days {
			if Weekdays[at.Weekday()] == day && clock >= c.Hours[:5] && clock < c.Hours[6:] && !onList(c, at) {
				open = 1
			}
		}
		w.passed = append(w.passed, w.passed[len(w.passed)-1]+open)
	}
	return w
}

func (w wall) at(minute int) time.Time { return w.from.Add(time.Duration(minute) * time.Minute) }

// after is the first minute at which so many have passed since another, and whether it is
// among those that were watched.
func (w wall) after(since, passes int) (minute int, found bool) {
	want := w.passed[since] + passes
	minute = since + sort.Search(len(w.passed)-since, func(i int) bool { return w.passed[since+i] >= want })
	return minute, minute < len(w.passed)
}

// TestBusinessTimeAgainstTheWall looks at every minute of half a year, as nobody would do
// but a test.
func TestBusinessTimeAgainstTheWall(t *testing.T) {
	t.Parallel()
	early := Calendar{Timezone: "UTC", Days: []string{"sun", "mon", "fri"}, Hours: "00:00-02:30", Holidays: []string{"03-27", "2026-10-25"}}
	for i, c := range []Calendar{desk, always, nights, early} {
		for _, zone := range oddZones {
			t.Run(fmt.Sprintf("%d %s", i, zone), func(t *testing.T) {
				t.Parallel()
				for _, from := range []string{"2026-02-20 00:00", "2026-09-01 00:00"} {
					w := watch(t, c, inZone(t, from, "UTC"), 75, func(time.Time) string { return zone })
					compare(t, c, zone, w)
				}
			})
		}
	}
	t.Run("the day that Samoa left out", func(t *testing.T) {
		t.Parallel()
		compare(t, always, "Pacific/Apia", watch(t, always, inZone(t, "2011-12-20 00:00", "UTC"), 20, func(time.Time) string { return "Pacific/Apia" }))
	})
}

func compare(t *testing.T, c Calendar, zone string, w wall) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		since := random.IntN(len(w.passed))
		until := since + random.IntN(len(w.passed)-since)
		want := time.Duration(w.passed[until]-w.passed[since]) * time.Minute
		if got := c.Between(w.at(since), w.at(until), zone); got != want {
			t.Fatalf("between %s and %s lie %s, want %s", w.at(since), w.at(until), got, want)
		}
		passes := random.IntN(5 * 24 * 60)
		due, found := w.after(since, passes)
		if !found {
			continue
		}
		if got := c.Add(w.at(since), time.Duration(passes)*time.Minute, zone); !got.Equal(w.at(due)) {
			t.Fatalf("%d minutes after %s is %s, want %s", passes, w.at(since), got, w.at(due))
		}
	}
}

// TestBusinessTimeOfFiveDaysTakesFewSteps is about clocks of a week: they must not walk
// from minute to minute.
func TestBusinessTimeOfFiveDaysTakesFewSteps(t *testing.T) {
	t.Parallel()
	steps, passed := 0, time.Duration(0)
	for begin, end := range desk.stretches(inZone(t, "2026-11-24 11:00", "Europe/Berlin"), "") {
		steps++
		if passed += end.Sub(begin); passed >= 5*desk.Day() {
			break
		}
	}
	require.Equal(t, 6, steps, "one for each day that it touches")
}

func BenchmarkBusinessTime(b *testing.B) {
	from := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for b.Loop() {
		desk.Add(from, 5*desk.Day(), "America/New_York")
	}
}
