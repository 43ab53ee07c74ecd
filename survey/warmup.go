package survey

import (
	"fmt"
	"math"
	"time"
)

// Date is a day, in UTC; the zero value is none.
type Date struct{ time.Time }

// UnmarshalText reads a day such as 2027-05-14.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%q: want a day such as 2027-05-14", text)
	}
	d.Time = t
	return nil
}

// WarmUp caps the mails of a day while the sending domain is new and mailbox providers
// do not know it yet: from FirstDay mails on the day From by a factor of Growth each
// day, without a cap once it would reach Until. Without From there is none.
type WarmUp struct {
	From     Date    `yaml:"from"`
	FirstDay int     `yaml:"first_day"`
	Growth   float64 `yaml:"growth"`
	Until    int     `yaml:"until"`
}

// Most is how many mails may be sent on the day of a moment, in UTC; 0 means any
// number. Before From it is FirstDay: the domain is newer still.
func (w WarmUp) Most(at time.Time) int {
	if w.From.IsZero() {
		return 0
	}
	days := max(0, DayOf(at).Sub(DayOf(w.From.Time))/wholeDay)
	most := float64(w.FirstDay) * math.Pow(w.Growth, float64(days))
	if most >= float64(w.Until) {
		return 0
	}
	return int(most)
}

// MostBeforeWave is how many mails of a day may be sent before the invitations of
// campaigns wait for the next: four fifths of Most, so that those whom something just
// happened to find room, and reminders do; 0 means any number.
func (w WarmUp) MostBeforeWave(at time.Time) int {
	most := w.Most(at)
	return min(most, max(1, most*4/5))
}

// NextDay is when the day of a moment is over, in UTC, and the next cap counts.
func NextDay(at time.Time) time.Time { return DayOf(at).Add(wholeDay) }
