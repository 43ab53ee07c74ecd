package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

// windowOff is the window of a program that mails at any time.
const windowOff = "off"

// newCalendar is a calendar with the defaults of the trade.
func newCalendar() survey.Calendar {
	return survey.Calendar{Days: []string{"tue", "wed", "thu"}, Hours: "09:00-17:00"}
}

// calendars decodes the calendars that are well formed.
func (d *document) calendars() []survey.Calendar {
	list := d.value(path{"calendars"})
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	var calendars []survey.Calendar
	for i, n := range list.Content {
		at := path{"calendars", strconv.Itoa(i)}
		if n.Kind != yaml.MappingNode || d.failed(at) {
			continue
		}
		calendar := newCalendar()
		if err := n.Decode(&calendar); err != nil {
			d.add(at, "does not fit: %s", strings.TrimPrefix(err.Error(), "yaml: "))
			continue
		}
		calendars = append(calendars, calendar)
	}
	return calendars
}

// window finds the calendar that a program names, nil where it names none.
func (d *document) window(at path, calendars []survey.Calendar) (window *survey.Calendar, ok bool) {
	id := d.text(at)
	if id == "" || id == windowOff {
		return nil, true
	}
	window = d.calendar(at, calendars, ", and off", ", or say off")
	return window, window != nil
}

// calendar finds the calendar that is named at a place, nil where there is none: then it
// reports so, with what could be said besides the known ones or in their place.
func (d *document) calendar(at path, calendars []survey.Calendar, besides, instead string) *survey.Calendar {
	id := d.text(at)
	for _, c := range calendars {
		if c.ID == id {
			return &c
		}
	}
	known := slices.DeleteFunc(d.ids(path{"calendars"}), func(id string) bool { return id == "" })
	switch near := nearest(id, known); {
	case slices.Contains(known, id): // its own mistakes are reported
	case near != "":
		d.add(at, "no calendar has the id %q: did you mean %s?", id, near)
	case len(known) > 0:
		d.add(at, "no calendar has the id %q: known are %s%s", id, strings.Join(known, ", "), besides)
	default:
		d.add(at, "no calendar has the id %q: add it to calendars%s", id, instead)
	}
	return nil
}

func checkCalendarID(text string) error {
	if text == windowOff {
		return errors.New("off is what a program without a window says: choose another id")
	}
	return checkSlug(text)
}

func checkTimezone(text string) error {
	if _, err := time.LoadLocation(text); err != nil || text == "" || text == "Local" {
		return fmt.Errorf("%q: want a time zone by its IANA name, for example Europe/Paris", text)
	}
	return nil
}

func checkHours(text string) error {
	_, _, err := survey.ParseHours(text)
	return err
}

// A leap year, so that 02-29 is a day.
const anyYear = "2028-"

func checkHoliday(text string) error {
	_, once := time.Parse(time.DateOnly, text)
	_, yearly := time.Parse(time.DateOnly, anyYear+text)
	if once != nil && yearly != nil {
		return fmt.Errorf("%q: want a day such as 2027-05-14, or 12-27 for every year", text)
	}
	return nil
}

func checkDay(text string) error {
	var day survey.Date
	return day.UnmarshalText([]byte(text))
}

func checkHolidayList(text string) error {
	known := survey.HolidayLists()
	if slices.Contains(known, text) {
		return nil
	}
	if near := nearest(text, known); near != "" {
		return fmt.Errorf("%q: did you mean %s?", text, near)
	}
	return fmt.Errorf("%q: known are %s", text, strings.Join(known, ", "))
}
