package config

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestQuestionsAreResolved(t *testing.T) {
	t.Parallel()
	cfg := load(t, withProgram(`  - id: a
    template: nps
    trigger: {event: a.b}
    languages: [en, fr]
    texts: {en: {causes: "Why?"}, fr-CA: {causes: "Pourquoi donc ?"}}
    causes: [{id: price, text: {en: Price, fr: Prix}}]
    questions:
      - id: serious
        type: scale
        text: {en: "Serious?", fr: "Grave ?"}
        to: 5
        low: {en: "No", fr: Non}
        high: {en: "Yes", fr: Oui}
        required: true
        when: {bands: [detractor], score: {from: 0, to: 3}, answers: {causes: [price, other]}}
      - {id: wish, type: text, text: {en: Wish, fr: Souhait}, when: {answers: {serious: [4, 5]}}}
`))
	p := cfg.Programs[0]
	require.Len(t, p.Texts, 3)
	require.Equal(t, []survey.Question{
		{
			ID: survey.Causes, Type: survey.MultipleChoice, Other: true, Shuffle: true,
			Text:    survey.Words{"en": "Why?", "fr": builtin()["nps"].Texts["fr"].Causes, "fr-CA": "Pourquoi donc ?"},
			Options: []survey.Option{{ID: "price", Text: survey.Words{"en": "Price", "fr": "Prix"}}},
		},
		{
			ID: "serious", Type: survey.ScaleChoice, Text: survey.Words{"en": "Serious?", "fr": "Grave ?"}, To: 5, Required: true,
			Low: survey.Words{"en": "No", "fr": "Non"}, High: survey.Words{"en": "Yes", "fr": "Oui"},
			When: &survey.Condition{
				Bands: []survey.Band{survey.Detractor}, Score: &survey.ScoreRange{From: 0, To: 3},
				Answers: map[string][]string{survey.Causes: {"price", survey.OptionOther}},
			},
		},
		{
			ID: "wish", Type: survey.FreeText, Text: survey.Words{"en": "Wish", "fr": "Souhait"},
			When: &survey.Condition{Answers: map[string][]string{"serious": {"4", "5"}}},
		},
	}, p.Questions)
}

func TestBasicTemplatesAskForNoCauses(t *testing.T) {
	t.Parallel()
	for _, name := range basic {
		cfg := load(t, withProgram("  - {id: a, template: "+name+", trigger: {event: a.b}}\n"))
		require.Empty(t, cfg.Programs[0].Questions, name)
	}
}

func TestCausesOfATemplateInAnotherLanguage(t *testing.T) {
	t.Parallel()
	var words strings.Builder
	for _, field := range textFields(survey.Texts{}) {
		words.WriteString(field.name + ": woord, ")
	}
	program := "  - {id: a, template: delivery, trigger: {event: a.b}, texts: {nl: {" + words.String() + "}}%s}\n"
	_, err := LoadBytes("f", []byte(withProgram(fmt.Sprintf(program, ""))), env())
	require.EqualError(t, err, "f:28:5: programs[0].causes: the template has none in nl: give causes of your own, or [] for none")
	require.Empty(t, load(t, withProgram(fmt.Sprintf(program, ", causes: []"))).Programs[0].Questions)
	// A variant reads what its language has.
	require.Len(t, load(t, withProgram("  - {id: a, template: delivery, trigger: {event: a.b}, texts: {de-AT: {low: Na}}}\n")).Programs[0].Questions, 1)
}

func TestOwnLanguageBeginsWithItsOwnParent(t *testing.T) {
	t.Parallel()
	cfg := load(t, withProgram(`  - id: a
    template: nps
    trigger: {event: a.b}
    texts:
      fr-CA: {unsubscribe: Se retirer}
      fr: {subject: Une seule question}
`))
	require.Equal(t, "Une seule question", cfg.Programs[0].Texts["fr-CA"].Subject)
	require.Equal(t, "Se retirer", cfg.Programs[0].Texts["fr-CA"].Unsubscribe)
}

// What the documentation shows has to work.
func TestExamplesOfProgramsAreValid(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../docs/programs.md")
	require.NoError(t, err)
	blocks := strings.Split(string(body), "```yaml\n")[1:]
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if !strings.HasPrefix(block, "    ") { // not a part of a program
			continue
		}
		load(t, withProgram("  - id: a\n    template: nps\n    trigger: {event: a.b}\n"+block))
	}
}

func TestDocumentationListsTheTemplates(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../docs/programs.md")
	require.NoError(t, err)
	for name, template := range Templates() {
		row := fmt.Sprintf("| `%s` | `%s` | %s |", name, template.Metric, strings.TrimSuffix(template.About, "."))
		require.Contains(t, string(body), row)
	}
}

func TestSchemaKnowsTheTemplates(t *testing.T) {
	t.Parallel()
	var known []string
	for _, name := range programSchema().Properties["template"].Enum.Values {
		known = append(known, name.(string))
	}
	require.Equal(t, TemplateNames(), known)
	require.True(t, slices.IsSorted(known[len(basic):]))
}
