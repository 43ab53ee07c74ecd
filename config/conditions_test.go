package config

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

// Each has a wrong field, tire, whose place in the file is wanted, however YAML writes
// the text.
func TestPlaceInsideAnExpression(t *testing.T) {
	t.Parallel()
	for name, audience := range map[string]string{
		"plain":              "audience: account.tire == 'x'",
		"plain, many lines":  "audience: account.name == 'x' &&\n      account.tire == 'x'",
		"single quotes":      "audience: 'account.name == ''x'' && account.tire == ''x'''",
		"double quotes":      `audience: "account.name == \"x\" && account.tire == 'x'"`,
		"escaped characters": `audience: "account.name == '\u00e9\x41\t\\\\d' \n  && account.tire == 'x'"`,
		"escaped line end":   "audience: \"account.name == 'x' \\\n      && account.tire == 'x'\"",
		"literal":            "audience: |\n      account.name == 'x' &&\n\n        account.tire == 'x'\n",
		"literal, stripped":  "audience: |-  # a comment\n      account.name == 'x' &&\n      account.tire == 'x'",
		"folded":             "audience: >\n      account.name == 'x' &&\n      account.tire == 'x'\n",
		"folded and kept":    "audience: >2+\n\n         account.name == 'x' &&\n\n\n       account.tire == 'x'\n\n",
		"anchor and tag":     "audience: &a !!str account.tire == 'x'",
		"doubled dollar":     "audience: account.name.matches('^N$$') && account.tire == 'x'",
		"wide characters":    "audience: account.name == 'Ångström 🙂' && account.tire == 'x'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := valid + "    " + audience + "\n"
			before, _, found := strings.Cut(body, "tire")
			require.True(t, found)
			line := strings.Count(before, "\n") + 1
			column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
			_, err := LoadBytes("f", []byte(body), env())
			require.EqualError(t, err, fmt.Sprintf("f:%d:%d: programs[0].audience: account has no field tire: did you mean tier?", line, column))
		})
	}
}

func TestPlaceOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	for audience, want := range map[string]string{
		"audience: account.name ==":                   "33:30",
		"audience: |\n      account.name == 'x' &&\n": "34:29",
		"audience: '  '":                              "33:15",
	} {
		_, err := LoadBytes("f", []byte(valid+"    "+audience+"\n"), env())
		require.ErrorContains(t, err, "f:"+want+": programs[0].audience: ", audience)
	}
}

func TestExpressionOfVariables(t *testing.T) {
	t.Parallel()
	cfg, err := LoadBytes("f", []byte(valid+"    audience: account.tier == '${TIER}'\n"), env("TIER", "gold"))
	require.NoError(t, err)
	require.Equal(t, "account.tier == 'gold'", cfg.Programs[0].Audience)
	_, err = LoadBytes("f", []byte(valid+"    audience: ${WHO}\n"), env("WHO", "account.tire == 'x'"))
	require.EqualError(t, err, "f:33:15: programs[0].audience: account has no field tire: did you mean tier?")
}

const termsYAML = `
fields:
  event.Amount: number
  event.order.express: boolean
  account.seats: number
segments:
  large: account.seats > 100
  enterprise: segment.large || account.tier == 'enterprise'
  unused: contact.locale == 'fr'
`

func TestProgramKeepsTheTermsOfItsExpressions(t *testing.T) {
	t.Parallel()
	cfg, err := LoadBytes("f", []byte(valid+"    audience: segment.enterprise && event.Amount > 5\n"+termsYAML), env())
	require.NoError(t, err)
	p := cfg.Programs[0]
	require.Equal(t, survey.Terms{
		Fields: map[string]survey.FieldType{"event.Amount": survey.FieldNumber, "account.seats": survey.FieldNumber, "account.tier": survey.FieldText},
		Segments: map[string]string{
			"large": "account.seats > 100", "enterprise": "segment.large || account.tier == 'enterprise'",
		},
	}, p.Terms)
	_, err = condition.ForProgram(p)
	require.NoError(t, err)

	without, err := LoadBytes("f", []byte(valid), env())
	require.NoError(t, err)
	with, err := LoadBytes("f", []byte(valid+termsYAML), env())
	require.NoError(t, err)
	require.Equal(t, without.Programs[0].Version(), with.Programs[0].Version(), "what a program does not use changes no version of it")
}

func TestMistakesOfTerms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ terms, want string }{
		"path":             {"fields:\n  seats: number\n", "f:34:3: fields.seats: want event.<path>, contact.<attribute> or account.<attribute>, in letters, digits and _"},
		"type":             {"fields:\n  account.seats: int\n", "f:34:18: fields.account.seats: want text or number or boolean or time"},
		"usual field":      {"fields:\n  contact.email: text\n", "f:34:3: fields.contact.email: is always known, as text"},
		"person of event":  {"fields:\n  event.contact.plan: text\n", "f:34:3: fields.event.contact.plan: write contact.plan: what an event tells of people is kept with them"},
		"value and object": {"fields:\n  event.order: text\n  event.order.id: text\n", "f:34:3: fields.event.order: cannot have a value and hold event.order.id too"},
		"name":             {"segments:\n  Large: 'true'\n", "f:34:3: segments.Large: want small letters, digits and _, for example large_customer"},
		"not text":         {"segments:\n  large: true\n", "f:34:10: segments.large: want text, got true or false: put it in quotes"},
		"unknown field":    {"segments:\n  large: account.size > 1\n", "f:34:18: segments.large: account has no field size: declare it in fields, as account.size: text; known are hubspot_owner_id, id, name, region, segment, tier"},
		"event":            {"segments:\n  large: event.value == 'x'\n", "f:34:10: segments.large: event is not known here: known are contact, account, segment, now"},
		"cycle":            {"segments:\n  a: segment.b\n  b: segment.c\n  c: segment.a\n", "f:36:14: segments.c: segment a leads back to itself: a → b → c → a"},
		"itself":           {"segments:\n  a: segment.a\n", "f:34:14: segments.a: segment a leads back to itself: a → a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadBytes("f", []byte(valid+test.terms), env())
			require.EqualError(t, err, test.want)
		})
	}
	routed := func(when string) error {
		_, err := LoadBytes("f", []byte(strings.Replace(valid, "{account.region: EMEA}", when, 1)+"segments:\n  french: contact.locale == 'fr'\n"), env())
		return err
	}
	require.EqualError(t, routed("contact.email == 'x'"), "f:25:13: routing.rules[0].when: contact is not known here: known are account, segment")
	require.EqualError(t, routed("segment.french"), "f:25:21: routing.rules[0].when: segment french uses contact, which is not known here")
}

func TestExampleOfTheDocumentation(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../docs/programs.md")
	require.NoError(t, err)
	_, example, found := strings.Cut(string(body), "```yaml\nfields:")
	require.True(t, found)
	example, _, _ = strings.Cut(example, "```")
	terms, programs, found := strings.Cut("fields:"+example, "programs:\n")
	require.True(t, found)
	cfg, err := LoadBytes("f", []byte(valid+programs+terms), env())
	require.NoError(t, err)
	p := cfg.Programs[1]
	require.Equal(t, "segment.enterprise &&\n!contact.email.endsWith('@competitor.example')\n", p.Audience)
	compiled, err := condition.ForProgram(p)
	require.NoError(t, err)
	may, _ := compiled.MayStart(condition.Facts{Event: survey.Event{Data: map[string]any{"amount": 1001.0, "order": map[string]any{"express": false}}}})
	require.True(t, may)
}
