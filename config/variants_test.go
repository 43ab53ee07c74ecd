package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestVariantsAreCompleted(t *testing.T) {
	t.Parallel()
	p := load(t, withProgram(`  - id: ticket
    template: csat
    trigger: {event: ticket.changed}
    delay: 1h
    window: office
    languages: [en, fr]
    texts: {fr-CA: {subject: Allô}}
    variants:
      - {id: plain, share: 0.5}
      - {id: short, share: 0.3, texts: {en: {subject: Quick one}, fr: {subject: Un mot}}}
      - {id: late, share: 0.2, delay: 2d, window: "off"}
calendars: [{id: office, timezone: UTC}]
`)).Programs[0]
	plain, short, late := p.As("plain"), p.As("short"), p.As("late")
	require.Equal(t, p.Texts, plain.Texts)
	require.Equal(t, time.Hour, plain.Delay.Std())
	require.Equal(t, "office", plain.Window.ID)
	require.Equal(t, "Quick one", short.Texts["en"].Subject)
	require.Equal(t, "Un mot", short.Texts["fr-CA"].Subject, "French serves Canada too")
	require.Equal(t, p.Texts["fr-CA"].Question, short.Texts["fr-CA"].Question)
	require.Equal(t, "office", short.Window.ID)
	require.Equal(t, 2*day, late.Delay.Std())
	require.Nil(t, late.Window)
	require.Equal(t, p.Texts, late.Texts)
}
