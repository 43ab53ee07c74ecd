package survey

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func tried() Program {
	return Program{
		ID: "nps", Texts: map[string]Texts{"en": {Subject: "Plain"}},
		Variants: []Variant{
			{ID: "plain", Share: 0.5, Texts: map[string]Texts{"en": {Subject: "Plain"}}},
			{ID: "short", Share: 0.3, Texts: map[string]Texts{"en": {Subject: "Short"}}, Delay: Span(day)},
			{ID: "late", Share: 0.2, Texts: map[string]Texts{"en": {Subject: "Plain"}}, Window: &Calendar{ID: "evening"}},
		},
	}
}

func TestVariantsAreSharedOut(t *testing.T) {
	t.Parallel()
	p := tried()
	p.Sampling = 0.5
	const contacts = 20000
	all, sampled := map[string]int{}, map[string]int{}
	inSample := 0
	for i := range contacts {
		key := fmt.Sprintf("contact %d", i)
		all[p.VariantOf(key)]++
		if p.samples(key) {
			inSample++
			sampled[p.VariantOf(key)]++
		}
	}
	for _, v := range p.Variants {
		require.InDelta(t, v.Share, float64(all[v.ID])/contacts, 0.02, v.ID)
		require.InDelta(t, v.Share, float64(sampled[v.ID])/float64(inSample), 0.02, "%s in the sample", v.ID)
	}
}

func TestVariantStaysWithItsContact(t *testing.T) {
	t.Parallel()
	p, other := tried(), tried()
	other.Texts = map[string]Texts{"en": {Subject: "Of another version"}}
	other.Variants[1].Texts = other.Texts
	moved := tried()
	moved.ID = "csat"
	differs := 0
	for i := range 100 {
		key := fmt.Sprintf("contact %d", i)
		require.Equal(t, p.VariantOf(key), p.VariantOf(key))
		require.Equal(t, p.VariantOf(key), other.VariantOf(key))
		if p.VariantOf(key) != moved.VariantOf(key) {
			differs++
		}
	}
	require.Greater(t, differs, 30, "another program shares its contacts out anew")
	require.Empty(t, Program{ID: "nps"}.VariantOf("contact 1"))
}

func TestProgramAsAVariant(t *testing.T) {
	t.Parallel()
	p := tried()
	short := p.As("short")
	require.Equal(t, "Short", short.Texts["en"].Subject)
	require.Equal(t, Span(day), short.Delay)
	require.Equal(t, "evening", p.As("late").Window.ID)
	require.Equal(t, p, p.As(""))
	require.Equal(t, p, p.As("of an older version"))
}

func TestTriesTheSame(t *testing.T) {
	t.Parallel()
	p, reworded, shifted := tried(), tried(), tried()
	reworded.Variants[0].Texts = nil
	shifted.Variants[0].Share, shifted.Variants[1].Share = 0.4, 0.4
	require.True(t, p.TriesTheSame(reworded))
	require.False(t, p.TriesTheSame(shifted))
	require.False(t, p.TriesTheSame(Program{}))
	require.False(t, Program{}.TriesTheSame(Program{}))
}
