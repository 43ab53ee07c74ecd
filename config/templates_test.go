package config

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

// templateLanguages are those that every template has.
var templateLanguages = []string{"de", "en", "es", "fr"}

// A subject line longer than maxSubject is cut by the mail programs of phones; longer
// options do not fit a line of a phone.
const (
	maxSubject  = 60
	maxIntro    = 240
	maxQuestion = 120
	maxOption   = 45
)

func eachTemplate(t *testing.T, check func(t *testing.T, name string, template Template)) {
	t.Helper()
	for name, template := range Templates() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, name, template)
		})
	}
}

func TestThereAreTemplatesForEveryTouchpoint(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(Templates()), 20)
	require.Equal(t, basic, TemplateNames()[:len(basic)])
}

func TestTemplatesAreComplete(t *testing.T) {
	t.Parallel()
	eachTemplate(t, func(t *testing.T, _ string, template Template) {
		require.NotEmpty(t, template.About)
		require.Equal(t, templateLanguages, slices.Sorted(maps.Keys(template.Texts)))
		require.LessOrEqual(t, len(template.Causes), survey.MaxCauses)
		for locale, texts := range template.Texts {
			for i, text := range textFields(texts) {
				place := locale + " " + text.name
				if !needed(text.name, survey.Program{Metric: template.Metric}) && text.value == "" {
					continue
				}
				requireClean(t, place, text.value)
				english := textFields(template.Texts["en"])[i].value
				require.Equal(t, placeholdersOf(english), placeholdersOf(text.value), place)
			}
			fits(t, locale+" subject", texts.Subject, maxSubject)
			fits(t, locale+" reminder_subject", texts.ReminderSubject, maxSubject)
			fits(t, locale+" ask_subject", texts.AskSubject, maxSubject)
			fits(t, locale+" intro", texts.Intro, maxIntro)
			fits(t, locale+" question", texts.Question, maxQuestion)
		}
		seen := map[string]bool{}
		for _, cause := range template.Causes {
			require.Equal(t, templateLanguages, slices.Sorted(maps.Keys(cause.Text)), cause.ID)
			for locale, text := range cause.Text {
				requireClean(t, cause.ID+" "+locale, text)
				fits(t, cause.ID+" "+locale, text, maxOption)
				require.False(t, seen[locale+text], "%s twice in %s", text, locale)
				seen[locale+text] = true
			}
		}
		require.Equal(t, template.Metric == survey.Audit, len(template.Checklist) > 0)
		for _, item := range template.Checklist {
			require.Equal(t, templateLanguages, slices.Sorted(maps.Keys(item.Text)), item.ID)
			for locale, text := range item.Text {
				requireClean(t, item.ID+" "+locale, text)
				fits(t, item.ID+" "+locale, text, maxQuestion)
				require.False(t, seen[locale+text], "%s twice in %s", text, locale)
				seen[locale+text] = true
			}
		}
	})
}

// requireClean wants a text without slips of typing.
func requireClean(t *testing.T, place, text string) {
	t.Helper()
	require.NotEmpty(t, text, place)
	require.Equal(t, strings.TrimSpace(text), text, place)
	require.NotContains(t, text, "  ", place)
	require.NotContains(t, text, "'", "%s: an apostrophe is ’", place)
	require.True(t, utf8.ValidString(text), place)
}

func fits(t *testing.T, place, text string, most int) {
	t.Helper()
	require.LessOrEqual(t, utf8.RuneCountInString(strings.ReplaceAll(text, "{brand}", "Nordwind")), most, "%s: %s", place, text)
}

func placeholdersOf(text string) []string {
	found := slices.Compact(slices.Sorted(slices.Values(textPlaceholder.FindAllString(text, -1))))
	return found
}

// Below the greeting a paragraph begins with a capital, except in German, where the
// greeting ends in a comma and the sentence goes on.
func TestIntroductionsFollowTheGreeting(t *testing.T) {
	t.Parallel()
	formal := []string{"Sie", "Ihr", "Ihre", "Ihnen"}
	eachTemplate(t, func(t *testing.T, _ string, template Template) {
		for locale, texts := range template.Texts {
			for _, text := range []string{texts.Intro, texts.AskBody, texts.ThanksBody, texts.ResurveyIntro} {
				word, _, _ := strings.Cut(text, " ")
				first, _ := utf8.DecodeRuneInString(text)
				if locale == "de" {
					require.True(t, unicode.IsLower(first) || slices.Contains(formal, word), text)
				} else {
					require.True(t, unicode.IsUpper(first), text)
				}
			}
		}
	})
}

// A template can be used as it is, in each of its languages.
func TestTemplatesCanBeUsed(t *testing.T) {
	t.Parallel()
	eachTemplate(t, func(t *testing.T, name string, template Template) {
		cfg := load(t, withProgram(fmt.Sprintf("  - {id: a, template: %s, trigger: {event: deal.changed}}\n", name)))
		p := cfg.Programs[0]
		require.Equal(t, template.Metric, p.Metric)
		for _, q := range p.Questions {
			require.Len(t, q.Options, len(template.Causes))
			for _, locale := range templateLanguages {
				require.Equal(t, template.Texts[locale].Causes, q.Text.In(locale))
			}
		}
		require.Len(t, p.Checklist, len(template.Checklist))
		if len(template.Causes) == 0 {
			return
		}
		none := load(t, withProgram(fmt.Sprintf("  - {id: a, template: %s, trigger: {event: deal.changed}, causes: []}\n", name)))
		require.Empty(t, none.Programs[0].Questions)
	})
}

// A key that is misspelt in a file of texts would go unread.
func TestTextsHaveKnownKeys(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, field := range textFields(survey.Texts{}) {
		known[field.name] = true
	}
	languages, err := readLanguages()
	require.NoError(t, err)
	check := func(place string, node yaml.Node) {
		var texts map[string]string
		require.NoError(t, node.Decode(&texts), place)
		for key := range texts {
			require.True(t, known[key], "%s: %s", place, key)
		}
	}
	for locale, parts := range languages {
		for part, node := range parts {
			check(locale+" "+part, node)
		}
	}
	files, err := fs.Glob(templateFiles, "templates/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		var read struct {
			Texts map[string]yaml.Node `yaml:"texts"`
		}
		body, err := templateFiles.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, yaml.Unmarshal(body, &read))
		require.Equal(t, templateLanguages, slices.Sorted(maps.Keys(read.Texts)), file)
		for locale, node := range read.Texts {
			check(file+" "+locale, node)
		}
	}
}
