package casetext

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMoments(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	at := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	for language, want := range map[string]string{
		"en": "2 March 2026, 00:30 CET", "de": "2. März 2026, 00:30 CET", "fr": "2 mars 2026, 00:30 CET", "es": "2 de marzo de 2026, 00:30 CET",
	} {
		assert.Equal(t, want, For(language).Moment(at.In(paris)))
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, text, currency, want string }{
		{"en", "120000", "EUR", "120,000\u00a0EUR"}, {"de", "120000.5", "", "120.000,5"}, {"fr", "-1200", "CHF", "-1\u00a0200\u00a0CHF"},
		{"es", "1234567", "USD", "1.234.567\u00a0USD"}, {"en", "about 5k", "EUR", "about 5k"}, {"en", "NaN", "EUR", "NaN"}, {"en", "0x10", "", "0x10"},
		{"en", "1e6", "", "1e6"}, {"en", "12345678901234567890", "", "12345678901234567890"}, {"en", "", "EUR", ""},
	} {
		assert.Equal(t, c.want, For(c.language).amount(c.text, c.currency), c.text)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2027-01-31": "31 January 2027", "2027-01-31T10:00:00+02:00": "31 January 2027", "1801353600000": "31 January 2027", "in spring": "in spring", "": "",
	} {
		assert.Equal(t, want, For("en").date(text))
	}
}
