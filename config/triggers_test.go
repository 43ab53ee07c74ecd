package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTriggersThatHubSpotNeverFires(t *testing.T) {
	t.Parallel()
	const kinds = "want contact, account, deal or ticket, and .changed, .created or .deleted"
	shop := "  - id: shop\n    type: webhook\n    secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\n"
	for name, test := range map[string]struct {
		trigger string
		hubSpot bool // no other CRM is configured
		open    bool // POST /v1/events is open
		want    string
	}{
		"company":                   {trigger: "{crm: hubspot, event: company.changed}", open: true, want: `event: HubSpot sends no "company.changed": did you mean account.changed?`},
		"misspelt":                  {trigger: "{crm: hubspot, event: deal.change}", open: true, want: `event: HubSpot sends no "deal.change": did you mean deal.changed?`},
		"what happened":             {trigger: "{crm: hubspot, event: deal.won}", open: true, want: `event: HubSpot sends no "deal.won": ` + kinds},
		"object alone":              {trigger: "{crm: hubspot, event: deal}", open: true, want: `event: HubSpot sends no "deal": ` + kinds},
		"any CRM, which is HubSpot": {trigger: "{event: deal.won}", hubSpot: true, open: true, want: `event: HubSpot sends no "deal.won": ` + kinds},
		"any CRM":                   {trigger: "{event: deal.won}"},
		"webhook":                   {trigger: "{crm: shop, event: company.changed, where: {plan: pro}}"},
		"event of a script":         {trigger: "{crm: hubspot, event: order.shipped, where: {order.express: true}}", open: true},
		"nobody sends it": {
			trigger: "{crm: hubspot, event: order.shipped}",
			want:    `event: HubSpot sends no "order.shipped", and without security.api_tokens or events_secret nobody else can: ` + kinds,
		},
		"property as a key": {
			trigger: "{crm: hubspot, event: deal.changed, where: {dealstage: closedwon}}",
			want:    "where.dealstage: a change in HubSpot has property and value: want where: {property: dealstage, value: closedwon}",
		},
		"property of a new deal": {
			trigger: "{crm: hubspot, event: deal.created, where: {property: dealstage}}",
			want:    "where.property: HubSpot tells no property of what is created: only deal.changed has a where",
		},
		"good": {trigger: "{crm: hubspot, event: ticket.changed, where: {property: hs_pipeline_stage, value: 4}}", hubSpot: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := withProgram("  - id: a\n    template: nps\n    trigger: " + test.trigger + "\n")
			if test.hubSpot {
				body = strings.Replace(body, shop, "", 1)
			}
			if test.open {
				body = strings.Replace(body, "security:\n", "security:\n  api_tokens: [0123456789abcdef]\n", 1)
			}
			_, err := LoadBytes("f", []byte(body), env())
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			var all Errors
			require.ErrorAs(t, err, &all)
			require.Len(t, all, 1, err)
			require.Equal(t, "programs[0].trigger."+test.want, all[0].Path+": "+all[0].Message)
			require.Positive(t, all[0].Column)
		})
	}
}

func TestABadTokenDoesNotCloseTheEventsAPI(t *testing.T) {
	t.Parallel()
	body := strings.NewReplacer("security:\n", "security:\n  api_tokens: [short]\n", "deal.changed, where: {property: dealstage, value: closedwon}", "order.shipped").Replace(valid)
	_, err := LoadBytes("f", []byte(body), env())
	require.EqualError(t, err, "f:4:16: security.api_tokens[0]: has 5 characters: want at least 16")
}
