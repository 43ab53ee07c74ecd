package condition

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestAtIntake(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]bool{
		"": true,
		"event.amount > 1000 && account.tier == 'gold'":  true,
		"event.amount > 2000 && account.tier == 'gold'":  false,
		"account.tier == 'gold' && event.amount > 2000":  false,
		"event.amount > 2000 || account.tier == 'gold'":  true,
		"event.amount > 2000":                            false,
		"event.amount > 1000":                            true,
		"event.value > 1000":                             false, // "won" is no number
		"event.amount > 1000 && !has(account.tier)":      true,
		"event.amount > 1000 && has(contact.since)":      true,
		"event.amount > 1000 && segment.enterprise":      true,
		"event.amount > 2000 && segment.enterprise":      false,
		"event.order.express && contact.since == '2025'": true,
	} {
		p, err := ForProgram(survey.Program{Trigger: survey.Trigger{When: when}, Terms: terms})
		require.NoError(t, err)
		event := about(nil).Event
		may, reason := p.MayStart(Facts{Event: event, Now: now})
		require.Equal(t, want, may, when)
		require.Equal(t, when == "event.value > 1000", reason == "invalid", when)
	}
}

func TestVerdictsOfAProgram(t *testing.T) {
	t.Parallel()
	p, err := ForProgram(survey.Program{Audience: "segment.enterprise", Trigger: survey.Trigger{When: "event.amount > 1"}, Terms: terms})
	require.NoError(t, err)
	require.True(t, p.AsksPeople())
	got, err := json.Marshal(survey.AdmissionFacts{Found: true, Verdicts: p.Verdicts(about(map[string]string{"tier": "silver", "seats": "secret"}))})
	require.NoError(t, err)
	require.JSONEq(t, `{"found":true,"has_address":false,"condition":{"holds":true},"audience":{"holds":false,"invalid":["account.seats"]}}`, string(got))

	none, err := ForProgram(survey.Program{})
	require.NoError(t, err)
	require.False(t, none.AsksPeople())
	require.Equal(t, survey.Verdicts{}, none.Verdicts(about(nil)))
}

func TestStoredProgramThatDoesNotCompile(t *testing.T) {
	t.Parallel()
	_, err := ForProgram(survey.Program{ID: "nps", Audience: "account.tier == 'x'"})
	require.ErrorContains(t, err, "program nps: audience: 1:9: account has no field tier")
	_, err = ForProgram(survey.Program{ID: "nps", Audience: "segment.a", Terms: survey.Terms{Segments: map[string]string{"a": "segment.a"}}})
	require.ErrorContains(t, err, "program nps: segment a: 1:9: segment a leads back to itself")
}

func TestLongAndDeepExpressions(t *testing.T) {
	t.Parallel()
	l, err := New(terms)
	require.NoError(t, err)
	for _, text := range []string{
		strings.Repeat("(", 3000) + "true" + strings.Repeat(")", 3000),
		strings.Repeat("true && ", 600) + "true", "'" + strings.Repeat("x", MaxLength) + "' == 'x'",
	} {
		_, err := l.Compile(OfProgram, text)
		require.Error(t, err, text[:20])
	}
}

// FuzzCompile takes any text: it is refused at a place inside it, or has an answer.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		"event.amount > 1000 && account.tier in ['gold', 'platinum']", "segment.enterprise", "has(account.tier) ? !true : now < timestamp('2026-01-01')",
		"account.name.matches('^(a+)+$')", "1 / 0 > account.seats", "size(account.name) % 2 == 0", "'\\u00e9' + \"x\" == r'''y'''", "duration('1d') > -duration('2w')",
		"account . tier\n== 'x' // comment", "{'a': 1}.a == 1", "a.b(c.d)[0]{e: 1}", "-9223372036854775808 < 1u", "[[1], []] == [[1.0]]",
	} {
		f.Add(seed)
	}
	l, err := New(terms)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // YAML has no such text
		}
		e, err := l.Compile(OfProgram, text)
		if err == nil {
			e.Ask(about(map[string]string{"tier": "gold", "seats": "7"}))
			return
		}
		wrong, ok := err.(Mistakes)
		require.True(t, ok)
		lines := strings.Split(text, "\n")
		for _, m := range wrong {
			require.True(t, m.Line >= 1 && m.Line <= len(lines), "line %d", m.Line)
			require.True(t, m.Column >= 1 && m.Column <= len([]rune(lines[m.Line-1]))+1, "column %d", m.Column)
			require.True(t, strings.Contains(text, "@") || !strings.Contains(m.Message, "@"), "a name of ours in %q", m.Message)
		}
	})
}

// BenchmarkIntake is one event at the door, by a condition that needs the event alone.
func BenchmarkIntake(b *testing.B) {
	p, err := ForProgram(survey.Program{Trigger: survey.Trigger{When: "event.amount > 1000 && event.value in ['won', 'renewed']"}, Terms: terms})
	require.NoError(b, err)
	facts := Facts{Event: about(nil).Event, Now: now}
	b.ReportAllocs()
	for b.Loop() {
		p.MayStart(facts)
	}
}

// BenchmarkForProgram is what a version of a program costs, once.
func BenchmarkForProgram(b *testing.B) {
	program := survey.Program{Audience: "segment.enterprise && account.renewal < now + duration('90d')", Terms: terms}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ForProgram(program); err != nil {
			b.Fatal(err)
		}
	}
}
