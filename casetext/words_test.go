package casetext

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// texts are all texts of a language by their keys.
func texts(v reflect.Value, at string, into map[string]string) {
	switch v.Kind() {
	case reflect.String:
		into[at] = v.String()
	case reflect.Struct:
		for i := range v.NumField() {
			if tag := v.Type().Field(i).Tag.Get("yaml"); tag != "-" {
				texts(v.Field(i), at+"."+tag, into)
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			texts(v.MapIndex(key), fmt.Sprintf("%s.%s", at, key), into)
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), fmt.Sprintf("%s[%d]", at, i), into)
		}
	}
}

func textsOf(w *Words) map[string]string {
	all := map[string]string{}
	texts(reflect.ValueOf(*w), "", all)
	return all
}

// Every language has every text, with the same placeholders in it.
func TestEveryLanguageHasEveryText(t *testing.T) {
	t.Parallel()
	english := textsOf(For("en"))
	for _, locale := range []string{"en", "fr", "de", "es"} {
		words := For(locale)
		require.Equal(t, locale, words.Locale)
		for key, text := range textsOf(words) {
			assert.NotEmpty(t, strings.TrimSpace(text), "%s in %s", key, locale)
			sorted := func(text string) []string {
				found := placeholder.FindAllString(text, -1)
				slices.Sort(found)
				return found
			}
			want, known := english[key]
			assert.True(t, known, "%s has a text that English lacks: %s", locale, key)
			assert.Equal(t, sorted(want), sorted(text), "%s in %s", key, locale)
		}
		for key := range english {
			assert.Contains(t, textsOf(words), key, locale)
		}
		assert.Len(t, words.Months, 12)
		for action, label := range words.Buttons {
			assert.LessOrEqual(t, len([]rune(label)), 30, "Slack cuts long labels of buttons: %s in %s", action, locale)
		}
	}
}

// What the domain has names for is worded.
func TestEveryNameHasItsWord(t *testing.T) {
	t.Parallel()
	w := For("en")
	for _, band := range []survey.Band{
		survey.Detractor, survey.Passive, survey.Promoter, survey.Dissatisfied, survey.Satisfied, survey.Hard, survey.Easy, survey.Neutral,
		survey.Failed, survey.Weak, survey.Passed,
	} {
		assert.Contains(t, w.Bands, band)
	}
	for _, state := range []survey.CaseState{
		survey.CaseOpen, survey.CaseAcknowledged, survey.CaseContacted, survey.CaseSnoozed, survey.CaseResolved, survey.CaseRejected, survey.CaseClosed,
		survey.CaseRecovered, survey.CaseUnrecovered,
	} {
		assert.Contains(t, w.States, state)
	}
	for _, priority := range []survey.CasePriority{survey.PriorityHigh, survey.PriorityNormal, survey.PriorityLow} {
		assert.Contains(t, w.Priorities, priority)
	}
	assert.Contains(t, w.Story, string(survey.ActionClosedInCRM))
	for _, what := range []string{"thanked", "asked_again", "no_answer", "not_asked", "reopened", "recovered", "unrecovered"} {
		assert.Contains(t, w.Story, what)
	}
	for _, origin := range []survey.CaseOrigin{survey.OriginContradiction, survey.OriginCondition, survey.OriginPassive} {
		assert.Contains(t, w.Titles, origin)
		assert.Contains(t, w.Why, string(origin))
	}
	for _, action := range survey.CaseActions {
		assert.Contains(t, w.Buttons, action)
		assert.Contains(t, w.Story, string(action))
	}
}

func TestForFindsTheNearestLanguage(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{"": "en", "fr": "fr", "fr-CA": "fr", "de_AT": "de", "pt-BR": "en", "ES": "es"} {
		assert.Equal(t, want, For(language).Locale, language)
	}
}

// French has a space before these signs, at which no line may break.
func TestFrenchSignsStayWithTheirWords(t *testing.T) {
	t.Parallel()
	for key, text := range textsOf(For("fr")) {
		assert.NotRegexp(t, regexp.MustCompile(`\S [;:?!]`), text, key)
		assert.NotRegexp(t, regexp.MustCompile(`[^\s\x{a0}}][;?!]`), text, key)
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "{b} met {a}", fill("{a} met {b}", "a", "{b}", "b", "{a}"), "what is put in is not looked at again")
	assert.Equal(t, "État", Capital("état"))
	assert.Empty(t, Capital(""))
}

// Whatever a click is refused for has a text.
func TestEveryRefusalHasAText(t *testing.T) {
	t.Parallel()
	for _, code := range survey.RefusalCodes {
		require.NotEmpty(t, For("en").Refusals[code], code)
	}
	require.Equal(t, "Nichts wurde geändert: der Fall ist schon beendet (gelöst).", For("de").NothingChanged(survey.RefusedEnded, "", survey.CaseResolved))
	require.Equal(t, "Nothing was changed: of old.", For("en").NothingChanged("", "of old", survey.CaseOpen))
}
