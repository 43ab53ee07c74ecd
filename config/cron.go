package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronZone begins an expression that is not in UTC.
const cronZone = "CRON_TZ="

// cronFields are a cron expression's minute, hour, day of the month, month and day of the
// week.
const cronFields = 5

var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// cronYear begins the years that starts are looked for in: a leap year, so that 29 February
// is a day of it.
var cronYear = time.Date(2028, time.January, 1, 0, 0, 0, 0, time.UTC)

// A dozen starts show the shortest time between two. Four years hold each date there is.
const (
	cronStartsSeen = 12
	cronYears      = 4
)

// checkCron takes what Temporal takes of a schedule in five fields, and begins campaigns no
// more often than daily.
func checkCron(text string) error {
	starts, err := cronStarts(text)
	if err != nil {
		return err
	}
	for i := range starts[1:] {
		if starts[i+1].Sub(starts[i]) < day-time.Hour { // a day of 23 hours is one
			return fmt.Errorf("%q comes more than once a day: at least 24h lie between two starts", text)
		}
	}
	return nil
}

// cronStarts are the first times that a cron expression means, at least two. A day has to
// fit both the day of the month and the day of the week, as Temporal has it.
func cronStarts(text string) ([]time.Time, error) {
	zone := time.UTC
	fields := strings.Fields(text)
	if len(fields) > 0 && strings.HasPrefix(fields[0], cronZone) {
		name := strings.TrimPrefix(fields[0], cronZone)
		if err := checkTimezone(name); err != nil {
			return nil, err
		}
		zone, _ = time.LoadLocation(name)
		fields = fields[1:]
	}
	if len(fields) != cronFields {
		return nil, fmt.Errorf("%q: want five fields, for example 0 6 1 */3 * for 06:00 UTC on the first of each quarter", text)
	}
	schedule, err := cronParser.Parse(strings.Join(fields, " "))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%q: want five fields", text)
	}
	spec.Location = zone
	var starts []time.Time
	for t := spec.Next(cronYear); len(starts) < cronStartsSeen && t.Before(cronYear.AddDate(cronYears, 0, 1)) && !t.IsZero(); t = spec.Next(t) {
		if local := t.In(zone); 1<<local.Day()&spec.Dom != 0 && 1<<local.Weekday()&spec.Dow != 0 {
			starts = append(starts, t)
		}
	}
	if len(starts) < 2 {
		return nil, errors.New("this comes less than twice in four years: is there such a day?")
	}
	return starts, nil
}
