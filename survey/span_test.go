package survey

import (
	"encoding/json"
	"testing"
	"time"
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "30d": 720 * time.Hour,
		"2w": 336 * time.Hour, "1d12h": 36 * time.Hour, "1.5h": 90 * time.Minute, " 5m ": 5 * time.Minute, "250ms": 250 * time.Millisecond,
	} {
		got, err := ParseSpan(text)
		if err != nil || got.Std() != want {
			t.Errorf("ParseSpan(%q) = %v, %v; want %v", text, got.Std(), err, want)
		}
	}
	for _, text := range []string{"", "  ", "30", "d", "-1h", "1y", "1h-", "1..5h", "900000w", "1h 30m"} {
		if got, err := ParseSpan(text); err == nil {
			t.Errorf("ParseSpan(%q) = %v; want an error", text, got)
		}
	}
}

func TestSpanIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0s", "90d", "1d12h", "1h30m", "2m", "45s", "250ms", "14d1m"} {
		span, err := ParseSpan(text)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(span)
		if err != nil {
			t.Fatal(err)
		}
		var again Span
		if err := json.Unmarshal(body, &again); err != nil || again != span {
			t.Errorf("%s became %s, then %v (%v)", text, body, again, err)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, seed := range []string{"30d", "1h30m", "1.5h", "999999999w", "..", "1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		span, err := ParseSpan(text)
		if err != nil {
			return
		}
		if span < 0 {
			t.Fatalf("ParseSpan(%q) = %v is negative", text, span)
		}
		if again, err := ParseSpan(span.String()); err != nil || again != span {
			t.Fatalf("ParseSpan(%q) = %s, which reads as %v, %v", text, span, again, err)
		}
	})
}
