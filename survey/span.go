package survey

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Span is a length of time as people write it in a configuration: Go's units
// ("90s", "1h30m") and d and w for days of 24 hours and weeks of seven days
// ("30d", "2w", "1d12h"). It is never negative.
type Span time.Duration

// Std returns the span as a time.Duration.
func (s Span) Std() time.Duration { return time.Duration(s) }

// String writes the span with its largest whole units first, so that what was
// written as "30d" is read as "30d".
func (s Span) String() string {
	d := time.Duration(s)
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if days := d / (24 * time.Hour); days > 0 {
		fmt.Fprintf(&b, "%dd", days)
		d -= days * 24 * time.Hour
	}
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}} {
		if n := d / unit.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, unit.name)
			d -= n * unit.size
		}
	}
	if d > 0 {
		b.WriteString(d.String())
	}
	return b.String()
}

// MarshalText writes what String writes.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseSpan reads.
func (s *Span) UnmarshalText(text []byte) error {
	v, err := ParseSpan(string(text))
	if err != nil {
		return err
	}
	*s = v
	return nil
}

// ParseSpan reads a span. Anything but a non-negative sum of numbers with the
// units w, d, h, m, s, ms is an error that quotes the text.
func ParseSpan(text string) (Span, error) {
	rest := strings.TrimSpace(text)
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, fmt.Errorf("empty time span: write for example 24h or 30d")
	}
	var total time.Duration
	for rest != "" {
		end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if end <= 0 {
			return 0, fmt.Errorf("time span %q: want numbers with units, for example 24h or 30d", text)
		}
		number, err := strconv.ParseFloat(rest[:end], 64)
		if err != nil {
			return 0, fmt.Errorf("time span %q: %q is not a number", text, rest[:end])
		}
		rest = rest[end:]
		end = strings.IndexFunc(rest, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' })
		if end < 0 {
			end = len(rest)
		}
		unit, ok := spanUnits[rest[:end]]
		if !ok {
			return 0, fmt.Errorf("time span %q: unknown unit %q: use w, d, h, m, s or ms", text, rest[:end])
		}
		part := number * float64(unit)
		if part+float64(total) > math.MaxInt64 {
			return 0, fmt.Errorf("time span %q is longer than 292 years", text)
		}
		total += time.Duration(part)
		rest = rest[end:]
	}
	return Span(total), nil
}

var spanUnits = map[string]time.Duration{
	"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour,
	"m": time.Minute, "s": time.Second, "ms": time.Millisecond,
}
