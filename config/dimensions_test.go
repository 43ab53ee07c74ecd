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
