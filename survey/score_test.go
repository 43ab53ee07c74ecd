package survey

import (
	"strings"
	"testing"
)

func TestBands(t *testing.T) {
	t.Parallel()
	programs := map[string]Program{
		"nps":     {Metric: NPS},
		"csat 5":  {Metric: CSAT},
		"csat 10": {Metric: CSAT, Scale: 10},
		"ces":     {Metric: CES},
	}
	for name, want := range map[string][]Band{
		"nps":     {Detractor, Detractor, Detractor, Detractor, Detractor, Detractor, Detractor, Passive, Passive, Promoter, Promoter},
		"csat 5":  {Dissatisfied, Dissatisfied, Neutral, Satisfied, Satisfied},
		"csat 10": {Dissatisfied, Dissatisfied, Dissatisfied, Dissatisfied, Neutral, Neutral, Neutral, Satisfied, Satisfied, Satisfied},
		"ces":     {Hard, Hard, Hard, Neutral, Easy, Easy, Easy},
	} {
		low, high := programs[name].Range()
		if high-low+1 != len(want) {
			t.Errorf("%s goes from %d to %d, want %d scores", name, low, high, len(want))
			continue
		}
		for score := low; score <= high; score++ {
			if got := programs[name].BandOf(score); got != want[score-low] {
				t.Errorf("%s: %d is %s, want %s", name, score, got, want[score-low])
			}
		}
	}
}

func TestParseScore(t *testing.T) {
	t.Parallel()
	program := Program{Metric: NPS}
	for text, want := range map[string]int{"0": 0, "10": 10, " 7 ": 7} {
		if got, err := program.ParseScore(text); err != nil || got != want {
			t.Errorf("ParseScore(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"11": "out of range: want 0 to 10", "-1": "out of range", "7.5": "not a whole number", "": "not a whole number",
		"ten": "not a whole number", "99999999999999999999": "not a whole number", "1e1": "not a whole number",
	} {
		if _, err := program.ParseScore(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseScore(%q) = %v; want %q", text, err, want)
		}
	}
}
