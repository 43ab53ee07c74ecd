package survey

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCaseCauses(t *testing.T) {
	t.Parallel()
	own := Program{Questions: []Question{
		{ID: "size", Type: SingleChoice, Options: []Option{{ID: "small"}}},
		CausesQuestion(Words{"en": "Why?"}, []Option{{ID: "price", Text: Words{"en": "Too dear"}}, {ID: "speed", Text: Words{"en": "Too slow"}}}),
	}}
	ids := func(p Program) (ids []string) {
		for _, o := range p.CaseCauses() {
			ids = append(ids, o.ID)
		}
		return ids
	}
	require.Equal(t, []string{"price", "speed", OptionOther}, ids(own))
	require.Equal(t, []string{"product", "price", "support", "delivery", "usability", OptionOther}, ids(Program{}))
	require.Len(t, own.Questions[1].Options, 2, "the question is as it was")

	require.Equal(t, "Too dear", own.CauseText("price", "fr"))
	require.Equal(t, "Livraison", own.CauseText("delivery", "fr-CA"), "resolved before the program asked for causes")
	require.Equal(t, "gone", own.CauseText("gone", "fr"))
	require.Equal(t, "Kein Kunde", RejectText("not_a_customer", "de"))
}

func TestChoicesAreInAllLanguagesOfTeams(t *testing.T) {
	t.Parallel()
	for _, o := range append(append([]Option{}, caseCauses...), RejectReasons...) {
		for _, locale := range []string{"en", "fr", "de", "es"} {
			require.NotEmpty(t, o.Text[locale], "%s in %s", o.ID, locale)
		}
	}
}
