package survey

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What was kept before there were expressions is read as it was, and keeps its version.
func TestProgramWithoutExpressions(t *testing.T) {
	t.Parallel()
	var p Program
	require.NoError(t, json.Unmarshal([]byte(`{"id":"nps","metric":"nps","trigger":{"event":"deal.won","where":{"a":"b"}}}`), &p))
	require.Equal(t, Terms{}, p.Terms)
	body, err := json.Marshal(p)
	require.NoError(t, err)
	for _, key := range []string{"when", "audience", "fields", "segments", "Terms"} {
		require.NotContains(t, string(body), `"`+key+`"`)
	}
	var facts AdmissionFacts
	require.NoError(t, json.Unmarshal([]byte(`{"found":true,"has_address":true}`), &facts))
	require.Empty(t, Admit(p, ContactRules{}, facts, time.Now()))
}

func TestAdmissionByVerdicts(t *testing.T) {
	t.Parallel()
	yes, no := &Verdict{Holds: true}, &Verdict{Missing: []string{"account.tier"}}
	for _, test := range []struct {
		verdicts Verdicts
		want     Rule
	}{
		{Verdicts{}, ""}, {Verdicts{Condition: yes, Audience: yes}, ""}, {Verdicts{Condition: no}, RuleCondition},
		{Verdicts{Audience: no}, RuleAudience}, {Verdicts{Condition: no, Audience: no}, RuleCondition},
	} {
		facts := AdmissionFacts{Found: true, HasAddress: true, Verdicts: test.verdicts}
		require.Equal(t, test.want, Admit(Program{}, ContactRules{}, facts, time.Now()))
		facts.HasAddress = false
		require.Equal(t, RuleNoAddress, Admit(Program{}, ContactRules{}, facts, time.Now()))
	}
	require.Equal(t, "invalid", Verdict{Missing: []string{"a"}, Invalid: []string{"b"}}.Unanswered())
}
