package casetext

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/cxloop/cxloop/condition"
)

// Day writes a date: 22 November 2026.
func (w *Words) Day(t time.Time) string {
	return fill(w.Date, "day", strconv.Itoa(t.Day()), "month", w.Months[t.Month()-1], "year", strconv.Itoa(t.Year()))
}

// Moment writes a moment in its own time zone: 22 November 2026, 15:04 UTC.
func (w *Words) Moment(t time.Time) string {
	return fill(w.Time, "day", w.Day(t), "time", t.Format("15:04"), "zone", t.Format("MST"))
}

// date writes an attribute that is a date; as it is where it is none.
func (w *Words) date(text string) string {
	t, err := condition.ParseTime(text)
	if err != nil {
		return text
	}
	return w.Day(t)
}

// mostDigits is how long a number may be that is written in the language's own way:
// more digits than a float64 holds would come out changed.
const mostDigits = 15

// amount writes an attribute that is a number with the language's separators, and a
// currency where there is one; as it is where it is none.
func (w *Words) amount(text, currency string) string {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || len(text) > mostDigits || strings.Trim(text, "-0123456789.") != "" {
		return text
	}
	written := message.NewPrinter(language.Make(w.Locale)).Sprint(number.Decimal(n, number.MaxFractionDigits(2)))
	if currency == "" {
		return written
	}
	return written + "\u00a0" + currency
}
