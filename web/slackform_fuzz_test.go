package web

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cxloop/cxloop/survey"
)

// What comes back in a form is taken as it should be, or complained of at an input that
// the form has.
func FuzzForm(f *testing.F) {
	f.Add("price", "Refunded", "1", "")
	f.Add("other", " \n", "7", "2026-11-24")
	f.Add("a b", strings.Repeat("é", survey.MaxNote+1), "", "24.11.2026")
	f.Fuzz(func(t *testing.T, choice, note, days, date string) {
		filled := map[string]string{inputChoice: choice, inputNote: note, inputDays: days, inputDate: date}
		var click survey.Click
		complaints, err := readEnd(t.Context(), nil, &click, filled, forms["en"])
		if err != nil {
			t.Fatal(err)
		}
		for field, said := range complaints {
			if field != inputChoice && field != inputNote || said == "" {
				t.Fatalf("complaint %q about %q", said, field)
			}
		}
		if taken := len(complaints) == 0; taken && (!isID(click.Choice) || utf8.RuneCountInString(click.Note) > survey.MaxNote || click.Choice == survey.OptionOther && click.Note == "") {
			t.Fatalf("taken: %+v", click)
		}
		today := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
		field, day, ok := snoozeDay(filled, today)
		if field != inputDays && field != inputDate || ok && day.IsZero() && date != "0001-01-01" || ok && field == inputDays && !day.After(today) {
			t.Fatalf("%q: %s, %v", field, day, ok)
		}
	})
}
