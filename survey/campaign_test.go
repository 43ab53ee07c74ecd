package survey_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestSpreadDays(t *testing.T) {
	t.Parallel()
	weekdays := []string{"mon", "tue", "wed", "thu", "fri"}
	friday := time.Date(2026, 3, 6, 6, 30, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		days  []string
		began time.Time
		want  []string
	}{
		"from a Friday over the weekend": {weekdays, friday, []string{"Fri 06", "Mon 09", "Tue 10", "Wed 11", "Thu 12", "Fri 13", "Mon 16"}},
		"from a Saturday":                {weekdays, friday.Add(24 * time.Hour), []string{"Mon 09", "Tue 10"}},
		"one day a week":                 {[]string{"tue"}, friday, []string{"Tue 10", "Tue 17", "Tue 24"}},
		"every day":                      {survey.Weekdays, friday, []string{"Fri 06", "Sat 07", "Sun 08", "Mon 09", "Tue 10", "Wed 11", "Thu 12", "Fri 13"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spread := survey.Spread{Days: row.days}
			for n, want := range row.want {
				got := spread.Day(row.began, n)
				require.Equal(t, want+" 06:30", got.Format("Mon 02 15:04"), "day %d", n)
			}
		})
	}
}

func TestSpreadWidth(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	weekdays := []string{"mon", "tue", "wed", "thu", "fri"}
	for over, want := range map[string]int{"0s": 1, "1d": 1, "2d": 2, "5d": 5, "7d": 5, "8d": 6, "14d": 10} {
		span, err := survey.ParseSpan(over)
		require.NoError(t, err)
		require.Equal(t, want, survey.Spread{Over: span, Days: weekdays}.Width(monday), over)
	}
}

func TestSpreadToday(t *testing.T) {
	t.Parallel()
	spread := survey.Spread{Days: []string{"mon", "tue", "wed", "thu", "fri"}}
	saturday := time.Date(2026, 3, 7, 9, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]int{0: 0, 48: 0, 71: 0, 72: 1, 95: 1, 144: 4, 191: 4, 216: 5} {
		require.Equal(t, want, spread.Today(saturday, saturday.Add(after*time.Hour)), "%d hours", after)
	}
}

// Contacts of a day are handed on in the order of when they are mailed, and of languages,
// none before the day begins or a second later.
func TestHandedOnAt(t *testing.T) {
	t.Parallel()
	friday := time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)
	program := survey.Program{Texts: map[string]survey.Texts{"en": {}, "fr": {}, "de": {}}, Window: &survey.Calendar{
		Timezone: "UTC", Days: []string{"mon", "tue", "wed", "thu", "fri"}, Hours: "09:00-17:00",
	}}
	for _, row := range []struct {
		zone, locale string
		want         time.Duration
	}{
		{"Europe/Berlin", "de-AT", 0}, {"Europe/London", "en", 1}, {"", "ja", 1}, {"Europe/Paris", "fr", 2},
		{"America/New_York", "de", 16}, {"America/New_York", "fr", 18}, // two hours later
		{"Asia/Tokyo", "en", 60*8 + 1}, // on Monday
	} {
		require.Equal(t, friday.Add(row.want*time.Millisecond), program.HandedOnAt(friday, row.zone, row.locale), row)
	}
	require.Equal(t, friday, survey.Program{}.HandedOnAt(friday, "Asia/Tokyo", "fr"))
	program.Window.Days = []string{"thu"}
	require.Less(t, program.HandedOnAt(friday, "Asia/Tokyo", "fr").Sub(friday), time.Second)
}
