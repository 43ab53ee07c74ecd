package config

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestContactRules(t *testing.T) {
	t.Parallel()
	cfg := load(t, valid+`    touchpoint: after-sale
    priority: -3
    sampling: 0.25
    daily_cap: 200
    tenure: 30d
contact_rules:
  quarantine: 20d
  quarantines: {relational: 90d}
  touchpoint_again: 60d
  per_month: 2
  per_year: 6
  per_account: {invitations: 5}
  daily_cap: 1000
  blocked_domains: [rival.example]
  customer_since: createdate
  not_when:
    - {contact.Do_Not_Ask: true, account.tier: free}
`, "CXLOOP_CONTACT_RULES_NOT_DURING_CASE", "true")
	days := func(n int) survey.Span { return survey.Span(n) * survey.Span(24*time.Hour) }
	require.Equal(t, survey.ContactRules{
		Quarantine: days(20), Quarantines: map[survey.Kind]survey.Span{"relational": days(90)}, TouchpointAgain: days(60),
		PerMonth: 2, PerYear: 6, PerAccount: survey.AccountCap{Invitations: 5, Within: days(30)}, DailyCap: 1000,
		BlockedDomains: []string{"rival.example"}, NotDuringCase: true, CustomerSince: "createdate",
		NotWhen: []map[string]string{{"contact.Do_Not_Ask": "true", "account.tier": "free"}},
	}, cfg.ContactRules)
	require.Equal(t, survey.Eligibility{Touchpoint: "after-sale", Priority: -3, Sampling: 0.25, DailyCap: 200, Tenure: days(30)},
		cfg.Programs[0].Eligibility)
}

// What a program does not say leaves its version as it was before there were such keys.
func TestEligibilityIsLeftOutOfProgramsWithoutIt(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(load(t, valid).Programs[0])
	require.NoError(t, err)
	for _, key := range []string{"touchpoint", "priority", "sampling", "daily_cap", "tenure"} {
		require.NotContains(t, string(body), `"`+key+`"`)
	}
}
