package survey

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCategory(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"retail": "retail", "  Food & Beverage ": "Food & Beverage", "": "", "   ": "", "Größe 1–50": "Größe 1–50", "1-50": "1-50",
		"kim@example.com": OtherValue, "+49 30 1234567": OtherValue, "(030) 123-456-7": OtherValue, "2026-01-01 00:00": OtherValue,
		"two\nlines": OtherValue, "\xff": OtherValue, strings.Repeat("ä", longestCategory): strings.Repeat("ä", longestCategory),
		strings.Repeat("ä", longestCategory+1): OtherValue, "tier 100000": "tier 100000",
	} {
		require.Equal(t, want, Category(value), "%q", value)
		require.Equal(t, want, Category(Category(value)), "what is a category stays one")
	}
}

func FuzzCategory(f *testing.F) {
	f.Add("retail")
	f.Add("kim@example.com")
	f.Fuzz(func(t *testing.T, value string) {
		category := Category(value)
		require.Equal(t, category, Category(category))
		require.NotContains(t, category, "@")
		require.LessOrEqual(t, len([]rune(category)), longestCategory)
	})
}

func TestDimensions(t *testing.T) {
	t.Parallel()
	d := Dimensions{
		OwnerOf: func(a Account) string { return OwnerOf(a, "") },
		Declared: []Dimension{
			{ID: "industry", From: "account.industry"}, {ID: "region", From: "account.region", Values: []string{"emea"}}, {ID: "tier", From: "contact.tier"},
		},
	}
	contact := Contact{Attributes: map[string]string{"tier": "gold", "industry": "not the account's"}}
	account := Account{Attributes: map[string]string{"industry": "bank", "region": "apac", OwnerID: "77123456"}}
	require.Equal(t, map[string]string{"industry": "bank", "region": OtherValue, "tier": "gold", OwnerDimension: "77123456"}, d.Of(contact, account, nil))
	require.Empty(t, d.Of(Contact{}, Account{}, nil), "what is not known has no value")
	account.Attributes[OwnerID] = "kim@example.com"
	require.NotContains(t, d.Of(contact, account, nil), OwnerDimension)
	require.Empty(t, Dimensions{}.Of(contact, account, nil))

	require.True(t, d.For(Program{}).Any())
	require.False(t, d.For(Program{Anonymity: Anonymity{Anonymous: true}}).Any(), "it would tell who answered")
}

func TestDimensionsOfEvents(t *testing.T) {
	t.Parallel()
	d := Dimensions{Declared: []Dimension{
		{ID: "agent", From: "event.agent"}, {ID: "product", From: "event.order.product", Values: []string{"desk"}}, {ID: "tier", From: "contact.tier"}, {ID: "shop", From: "event.shop"},
	}}
	said := d.OfEvent(Event{Data: map[string]any{"agent": "17", "order": map[string]any{"product": "chair"}, "tier": "gold"}})
	require.Equal(t, map[string]string{"agent": "17", "product": "chair"}, said)
	require.Equal(t, map[string]string{"agent": "17", "product": OtherValue}, d.Of(Contact{}, Account{}, said))
	require.Empty(t, Dimensions{}.OfEvent(Event{Data: map[string]any{"agent": "17"}}))
	at := Dimensions{Declared: []Dimension{{ID: "agent", From: "event.agent"}}}
	require.Equal(t, map[string]string{"agent": OtherValue}, at.Of(Contact{}, Account{}, map[string]string{"agent": "kim@example.com"}))
}
