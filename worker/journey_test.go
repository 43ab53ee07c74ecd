package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestJourney(t *testing.T) {
	t.Parallel()
	file := writeFile(t, strings.Replace(validYAML, "template: csat, ", "template: csat, touchpoint: delivery, ", 1)+`
  - {id: shop-ces, template: ces, touchpoint: delivery, trigger: {crm: shop, event: order.closed}}
journey:
  stages:
    - {id: buy, name: Buying, touchpoints: [{id: first-look}, {id: delivery, name: At the door}]}
    - {id: use, touchpoints: [{id: support}]}
`)
	got := cxloop(t, "journey", "-c", file)
	require.Equal(t, strings.TrimLeft(`
STAGE   TOUCHPOINT   PROGRAM         KIND           METRIC  TRIGGER
Buying  first look   nobody listens                         
        At the door  order-csat      transactional  csat    order.delivered
                     shop-ces        transactional  ces     order.closed of shop
use     support      nobody listens                         
`, "\n"), got.out, got.errOut)
	require.Contains(t, cxloop(t, "journey", "-c", file, "--json").out,
		`{"id":"use","name":"use","touchpoints":[{"id":"support","name":"support","programs":[]}]}`)

	got = cxloop(t, "journey", "-c", writeFile(t, validYAML))
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.errOut, "has no journey")
}

func TestTriggerOfACampaign(t *testing.T) {
	t.Parallel()
	p := survey.Program{Kind: survey.Relational, Campaign: survey.Campaign{Every: survey.Span(90 * 24 * time.Hour), From: &survey.Source{CRM: "hubspot"}}}
	require.Equal(t, "every 90d of hubspot", triggerOf(p))
	p.Every, p.Cron = 0, "0 6 1 */3 *"
	require.Equal(t, "0 6 1 */3 * of hubspot", triggerOf(p))
}
