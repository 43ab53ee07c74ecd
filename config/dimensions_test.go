package config

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestDimensions(t *testing.T) {
	t.Parallel()
	cfg, err := LoadBytes("f", []byte(valid+"dimensions: [{id: tier, from: account.tier, max_values: 7}, {id: region, from: contact.region, values: [emea, (other)]}]\n"), env())
	require.NoError(t, err)
	require.Equal(t, []survey.Dimension{
		{ID: "tier", From: "account.tier", MaxValues: 7},
		{ID: "region", From: "contact.region", Values: []string{"emea", "(other)"}, MaxValues: 50},
	}, cfg.Dimensions)
}

func TestKnownDimensions(t *testing.T) {
	t.Parallel()
	all := []string{
		store.DimensionProgram, store.DimensionTouchpoint, store.DimensionKind, store.DimensionWave, store.DimensionOwner,
		store.DimensionChannel, store.DimensionVariant, store.DimensionLanguage,
	}
	require.Equal(t, slices.Sorted(slices.Values(all)), knownDimensions)
}

func TestTellsWho(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		attribute     string
		plain, listed bool // how values that are not listed, and listed ones, are judged
	}{
		{"email", true, true},
		{"agent_name", true, false},
		{"agentName", true, false},
		{"AgentEMail", true, false},
		{"agent_id", false, false},
		{"id", true, true},
		{"product", false, false},
		{"rename", false, false},
		{"name_tier", false, false},
		{"_", false, false},
	} {
		require.Equal(t, one.plain, tellsWho(one.attribute, false), one.attribute)
		require.Equal(t, one.listed, tellsWho(one.attribute, true), one.attribute)
	}
}
