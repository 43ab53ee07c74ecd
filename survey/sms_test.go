package survey

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSizeOfSMS(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want SMSSize
	}{
		"one":                    {strings.Repeat("a", 160), SMSSize{Parts: 1}},
		"two":                    {strings.Repeat("a", 161), SMSSize{Parts: 2}},
		"two full ones":          {strings.Repeat("é", 306), SMSSize{Parts: 2}},
		"three":                  {strings.Repeat("a", 307), SMSSize{Parts: 3}},
		"extension":              {strings.Repeat("€", 81), SMSSize{Parts: 2}},
		"foreign":                {strings.Repeat("ó", 70), SMSSize{Parts: 1, Foreign: "ó"}},
		"two of foreign":         {strings.Repeat("ó", 71), SMSSize{Parts: 2, Foreign: "ó"}},
		"beyond the basic plane": {strings.Repeat("🙂", 36), SMSSize{Parts: 2, Foreign: "🙂"}},
		"nothing":                {"", SMSSize{Parts: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, SizeOfSMS(test.text))
		})
	}
}

func TestE164(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ number, region, want string }{
		"as it is":         {"+4915112345678", "", "+4915112345678"},
		"with blanks":      {"+49 (0)151 1234 5678", "", "+4915112345678"},
		"national":         {"0151 12345678", "DE", "+4915112345678"},
		"of no region":     {"0151 12345678", "", ""},
		"too short":        {"+49151", "", ""},
		"words":            {"call me", "DE", ""},
		"nothing":          {"", "DE", ""},
		"vanity letters":   {"+1 800 FLOWERS", "US", "+18003569377"},
		"other country":    {"+1 650-253-0000", "DE", "+16502530000"},
		"international 00": {"0033 6 12 34 56 78", "FR", "+33612345678"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := E164(test.number, test.region)
			require.Equal(t, test.want, got)
			require.Equal(t, test.want != "", ok)
		})
	}
	require.True(t, ValidRegion("IE"))
	require.False(t, ValidRegion("XX"))
}

func FuzzE164(f *testing.F) {
	f.Add("+49 151 12345678", "DE")
	f.Add("tel:+1-650-253-0000;ext=1", "")
	f.Fuzz(func(t *testing.T, number, region string) {
		e164, ok := E164(number, region)
		require.Equal(t, ok, e164 != "")
		if ok {
			require.Regexp(t, `^\+[1-9][0-9]{4,16}$`, e164)
		}
	})
}
