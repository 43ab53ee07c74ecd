package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestPageForFriends(t *testing.T) {
	t.Parallel()
	const at = "    template: nps\n    trigger: {crm: hubspot, event: deal.changed}\n    brand: {privacy_url: 'https://example.com/p'}\n    follow_up: {referral: "
	cfg := load(t, withProgram("  - id: a\n"+at+"{page: built_in}}\n  - id: b\n"+at+"{page: built_in, show_name: true}}\n  - id: c\n"+at+"{url: 'https://example.com'}}\n"))
	plain, named, own := cfg.Programs[0], cfg.Programs[1], cfg.Programs[2]
	require.True(t, plain.FollowUp.Referral.BuiltIn())
	require.False(t, own.FollowUp.Referral.BuiltIn())
	for _, locale := range []string{"en", "fr", "de", "es"} {
		for _, text := range textFields(named.Texts[locale]) {
			require.False(t, isFriendText(text.name) && text.value == "", "%s %s", locale, text.name)
		}
		require.Empty(t, plain.Texts[locale].FriendTitleNamed)
		require.NotEmpty(t, plain.Texts[locale].FriendTitle)
		require.Zero(t, own.Texts[locale].FriendTexts, "it keeps its version")
	}
}

func TestWonDealsOfACRM(t *testing.T) {
	t.Parallel()
	body := strings.Replace(valid, "client_secret: s3cret", `client_secret: s3cret
    referrals: {converted: {event: deal.changed, where: {property: dealstage, value: closedwon}, amount: amount, currency: EUR}}`, 1)
	cfg := load(t, strings.Replace(body, "type: webhook", `type: webhook
    referrals: {converted: {event: order.paid, where: {paid: true}, amount: order.total}}`, 1))
	require.Equal(t, survey.Conversion{
		Trigger: survey.Trigger{CRM: "hubspot", Event: "deal.changed", Where: map[string]string{"property": "dealstage", "value": "closedwon"}},
		Amount:  "amount", Currency: "EUR",
	}, cfg.CRM[0].Referrals.Converted)
	require.Equal(t, map[string]string{"paid": "true"}, cfg.CRM[1].Referrals.Converted.Where)
}
