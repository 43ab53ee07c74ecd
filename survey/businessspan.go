package survey

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// BusinessSpan is a length of business time as people write it in a configuration: h and m
// are hours and minutes in which a calendar is open, d is one of its days, whatever hours
// that has: "4h", "5d", "1d4h". "off" is no length at all.
type BusinessSpan struct {
	Off  bool
	Days int
	// Rest is what comes on top of the days.
	Rest time.Duration
}

// maxBusinessDays is some four years.
const maxBusinessDays = 1000

// In is the span in business time of a calendar, 0 where it is off.
func (s BusinessSpan) In(c Calendar) time.Duration {
	if s.Off {
		return 0
	}
	return time.Duration(s.Days)*c.Day() + s.Rest
}

// String writes what ParseBusinessSpan reads.
func (s BusinessSpan) String() string {
	if s.Off {
		return "off"
	}
	var b strings.Builder
	if s.Days > 0 {
		fmt.Fprintf(&b, "%dd", s.Days)
	}
	hours, minutes := s.Rest/time.Hour, s.Rest%time.Hour/time.Minute
	if hours > 0 || s.Days == 0 && minutes == 0 {
		fmt.Fprintf(&b, "%dh", hours)
	}
	if minutes > 0 {
		fmt.Fprintf(&b, "%dm", minutes)
	}
	return b.String()
}

// MarshalText writes what String writes.
func (s BusinessSpan) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseBusinessSpan reads.
func (s *BusinessSpan) UnmarshalText(text []byte) (err error) {
	*s, err = ParseBusinessSpan(string(text))
	return err
}

// ParseBusinessSpan reads a span: whole days, hours and minutes, each once and in this
// order, or off. Its error quotes the text.
func ParseBusinessSpan(text string) (BusinessSpan, error) {
	if text == "off" {
		return BusinessSpan{Off: true}, nil
	}
	days, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		days, rest = "0", text
	}
	var s BusinessSpan
	n, err := strconv.ParseUint(days, 10, 16)
	if err == nil && n <= maxBusinessDays && (rest != "" || !hasDays) {
		s.Rest, err = time.ParseDuration(rest)
	}
	if err != nil || n > maxBusinessDays || s.Rest < 0 || s.Rest%time.Minute != 0 || s.Rest > maxBusinessDays*time.Hour {
		return BusinessSpan{}, fmt.Errorf("%q: want business time such as 4h, 5d (business days) or 1d4h, or off", text)
	}
	s.Days = int(n)
	return s, nil
}
