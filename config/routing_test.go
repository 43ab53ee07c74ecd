package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// withRouting is valid with another routing.
func withRouting(routing string) []byte {
	before, rest, _ := strings.Cut(valid, "routing:\n")
	_, after, _ := strings.Cut(rest, "programs:\n")
	return []byte(before + "routing:\n" + routing + "programs:\n" + after)
}

func routingOf(t *testing.T, text, others string) Routing {
	t.Helper()
	cfg, err := LoadBytes("f", append(withRouting(text), others...), env())
	require.NoError(t, err)
	return cfg.Routing
}

func TestRoutingTakesTheFirstRuleThatMatches(t *testing.T) {
	t.Parallel()
	routing := routingOf(t, `  default: C0CX00000
  rules:
    - {when: {account.region: EMEA, account.tier: enterprise}, channel: C0CX00001}
    - {when: {account.region: EMEA}, channel: C0CX00002}
    - {when: {account.name: Acme}, channel: C0CX00003}
    - {when: "segment.large && account.region == 'APAC'", channel: C0CX00004}
`, termsYAML)
	for _, test := range []struct {
		name, region, tier, seats, want string
	}{
		{"Acme", "EMEA", "enterprise", "", "C0CX00001"},
		{"Acme", "EMEA", "starter", "", "C0CX00002"},
		{"Acme", "APAC", "", "200", "C0CX00003"},
		{"Other", "APAC", "", "200", "C0CX00004"},
		{"Other", "APAC", "", "20", "C0CX00000"},
		{"Other", "APAC", "", "many", "C0CX00000"},
		{"", "", "", "", "C0CX00000"},
	} {
		account := survey.Account{Name: test.name, Attributes: map[string]string{"region": test.region, "tier": test.tier, "seats": test.seats}}
		require.Equal(t, survey.CaseRoute{Channel: test.want}, routing.Route(RoutedCase{Account: account}), test)
	}
}

const teams = `  default: {channel: C0CX00000, language: de, calendar: office, manager: U0000BOSS, escalation: C0CX00009}
  owner: account.csm_owner
  managers: {"71001": U0000LENA, Big.ID: U0000MAYA}
  rules:
    - if: response.program == 'won-deal-nps' && response.score <= 3 && segment.due
      to: owner
      channel: C0CX00001
      calendar: night
    - if: contact.locale.startsWith('fr') || response.band == 'dissatisfied'
      channel: C0CX00002
      language: fr
      personal_data: false
      manager: U0000PAUL
    - if: account.region == 'EMEA'
      to: owner
`

const teamsTerms = `calendars:
  - {id: office, timezone: Europe/Paris, days: [mon, tue, wed, thu, fri]}
  - {id: night, timezone: Europe/Paris, days: [mon, tue, wed], hours: "18:00-24:00"}
fields: {account.csm_owner: text, account.renewal: time}
segments: {due: account.renewal < now + duration('120d')}
`

func TestRoutesOfCases(t *testing.T) {
	t.Parallel()
	routing := routingOf(t, teams, teamsTerms)
	opened := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	unhappy := survey.Response{Program: "won-deal-nps", Score: 2, Band: survey.Detractor}
	about := func(renewal, locale, region string, responses ...survey.Response) RoutedCase {
		return RoutedCase{
			Case: survey.Case{OpenedAt: opened}, Contact: survey.Contact{Locale: locale}, Responses: responses,
			Account: survey.Account{Attributes: map[string]string{"renewal": renewal, "region": region}},
		}
	}
	plain := survey.CaseRoute{Channel: "C0CX00000", Language: "de", Manager: "U0000BOSS", Escalation: "C0CX00009"}
	french, atNight, ofOwner := plain, plain, plain
	french.Channel, french.Language, french.NoNames, french.Manager = "C0CX00002", "fr", true, "U0000PAUL"
	atNight.Channel, atNight.ToOwner = "C0CX00001", true
	ofOwner.ToOwner = true
	withdrawn := survey.Response{Program: "won-deal-nps", Score: 0, State: survey.Withdrawn}
	for name, test := range map[string]struct {
		about    RoutedCase
		want     survey.CaseRoute
		calendar string
	}{
		"nothing is known":               {RoutedCase{}, plain, "office"},
		"the owner's, with a fallback":   {about("2026-06-01", "fr-CA", "", unhappy), atNight, "night"},
		"too late to be due":             {about("2026-08-01", "en", "", unhappy), plain, "office"},
		"by language":                    {about("", "fr-CA", "EMEA", unhappy), french, "office"},
		"by band":                        {about("", "en", "", survey.Response{Program: "x", Band: survey.Dissatisfied}), french, "office"},
		"a withdrawn answer says little": {about("2026-06-01", "en", "", withdrawn, survey.Response{Program: "won-deal-nps", Score: 5}), plain, "office"},
		"unless there is no other":       {about("2026-06-01", "en", "", withdrawn), atNight, "night"},
		"the owner's, else the default":  {about("", "en", "EMEA", unhappy), ofOwner, "office"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := routing.Route(test.about)
			require.Equal(t, test.calendar, got.Calendar.ID)
			got.Calendar = nil
			require.Equal(t, test.want, got)
		})
	}
	owned := about("", "en", "")
	owned.Owner = survey.Owner{ID: "71001"}
	require.Equal(t, "U0000LENA", routing.Route(owned).Manager)
	owned.Owner.ID = "Big.ID"
	require.Equal(t, "U0000MAYA", routing.Route(owned).Manager, "viper lowers the case of keys, and cuts them at dots")
	require.Equal(t, "71002", routing.OwnerOf(survey.Account{Attributes: map[string]string{"csm_owner": "71002", "hubspot_owner_id": "1"}}))
}

// What a channel may see does not depend on the rule that a case follows now.
func TestPersonalDataStaysOutOfChannelsThatMayNotSeeIt(t *testing.T) {
	t.Parallel()
	routing := routingOf(t, `
  default: {channel: C0CX00000, personal_data: false}
  rules:
    - {if: account.region == 'EMEA', to: owner, personal_data: true}
    - {if: account.region == 'APAC', channel: C0CX00002, personal_data: true}
    - {if: account.region == 'LATAM', channel: C0CX00000, personal_data: true}
`, "")
	for name, test := range map[string]struct {
		region, owner, posted string
		noNames               bool
	}{
		"the owner's own messages":                 {"EMEA", "U0LENA", "", false},
		"in which it is":                           {"EMEA", "U0LENA", "D0LENA", false},
		"an owner who is not known":                {"EMEA", "", "", true},
		"an owner who takes no messages":           {"EMEA", "U0LENA", "C0CX00000", true},
		"a channel that may":                       {"APAC", "", "", false},
		"posted where the default led":             {"APAC", "", "C0CX00000", true},
		"posted where the rule led, by another":    {"LATAM", "", "C0CX00002", false},
		"a rule's own word on a channel":           {"LATAM", "", "C0CX00000", false},
		"a rule that forbids them stays in effect": {"", "", "C0CX00002", true},
	} {
		about := RoutedCase{
			Case: survey.Case{Channel: test.posted}, Owner: survey.Owner{ID: "7", User: test.owner},
			Account: survey.Account{Attributes: map[string]string{"region": test.region}},
		}
		require.Equal(t, test.noNames, routing.Route(about).NoNames, name)
	}
}

func TestRoutingDefaultFromTheEnvironment(t *testing.T) {
	t.Parallel()
	for name, body := range map[string][]byte{"over a text": []byte(valid), "over a mapping": append(withRouting(teams), teamsTerms...)} {
		cfg, err := LoadBytes("f", body, env("CXLOOP_ROUTING_DEFAULT", "C0FROMENV"))
		require.NoError(t, err, name)
		require.Equal(t, "C0FROMENV", cfg.Routing.Route(RoutedCase{}).Channel, name)
	}
	_, err := LoadBytes("f", []byte(valid), env("CXLOOP_ROUTING_DEFAULT", "#cx"))
	require.EqualError(t, err, `environment variable CXLOOP_ROUTING_DEFAULT: routing.default: "#cx": want a Slack channel id such as C0123ABCD, not a name: it stands at the end of the channel's link`)
}

func TestStormRule(t *testing.T) {
	t.Parallel()
	require.Equal(t, survey.StormRule{After: 20, Within: survey.Span(10 * time.Minute)}, routingOf(t, "  default: C0CX00000\n", "").Storm)
	require.Equal(t, survey.StormRule{After: 5, Within: survey.Span(time.Hour)}, routingOf(t, "  default: C0CX00000\n  storm: {after: 5, within: 1h}\n", "").Storm)
}

func TestMistakesOfRouting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ routing, want string }{
		"no channel":              {"  default: {language: fr}\n", "f:23:3: routing.default.channel: is required: it takes what goes nowhere else"},
		"default by name":         {"  default: {channel: '#cx'}\n", `f:23:22: routing.default.channel: "#cx": want a Slack channel id such as C0123ABCD, not a name: it stands at the end of the channel's link`},
		"unknown key":             {"  default: {channel: C0CX00000, lang: fr}\n", "f:23:33: routing.default.lang: unknown key: known are calendar, channel, escalation, language, manager, personal_data, to"},
		"default of a list":       {"  default: [C0CX00000]\n", "f:23:12: routing.default: want text or keys and values, got a list"},
		"neither when nor if":     {rule("channel: C0CX00001"), "f:25:7: routing.rules[0].if: is required: an expression, or when with fields"},
		"both":                    {rule("when: {account.name: x}\n      if: 'true'\n      to: owner"), "f:26:7: routing.rules[0].if: when is there too: one of the two is enough"},
		"nowhere":                 {rule("if: 'true'"), "f:25:7: routing.rules[0].channel: is required, or to: owner"},
		"to somebody":             {rule("if: 'true'\n      to: anna"), "f:26:11: routing.rules[0].to: want owner"},
		"expression":              {rule("if: response.skore < 3\n      to: owner"), "f:25:20: routing.rules[0].if: response has no field skore: did you mean score?"},
		"field of a response":     {rule("if: response.comment == 'x'\n      to: owner"), "f:25:20: routing.rules[0].if: response has no field comment: known are band, program, score"},
		"event":                   {rule("if: event.value == 'x'\n      to: owner"), "f:25:11: routing.rules[0].if: event is not known here: known are account, contact, response, segment, now"},
		"person in when":          {rule("when: contact.email == 'x'\n      to: owner"), "f:25:13: routing.rules[0].when: contact is not known here: known are account, segment"},
		"language":                {rule("if: 'true'\n      to: owner\n      language: it"), "f:27:17: routing.rules[0].language: want en or fr or de or es"},
		"calendar":                {rule("if: 'true'\n      to: owner\n      calendar: office"), `f:27:17: routing.rules[0].calendar: no calendar has the id "office": add it to calendars`},
		"calendar off":            {rule("if: 'true'\n      to: owner\n      calendar: off"), "f:27:17: routing.rules[0].calendar: off is what a program without a window says: leave the key out"},
		"manager by name":         {rule("if: 'true'\n      to: owner\n      manager: '@lena'"), `f:27:16: routing.rules[0].manager: "@lena": want a Slack user id such as U0123ABCD, not a name: a user's profile has it under Copy member ID`},
		"escalation to a user":    {rule("if: 'true'\n      to: owner\n      escalation: U0000BOSS"), `f:27:19: routing.rules[0].escalation: "U0000BOSS": want a Slack channel id such as C0123ABCD, not a name: it stands at the end of the channel's link`},
		"manager of an owner":     {"  default: C0CX00000\n  managers: {'71001': lena}\n", `f:24:23: routing.managers[71001]: "lena": want a Slack user id such as U0123ABCD, not a name: a user's profile has it under Copy member ID`},
		"owner's field":           {"  default: C0CX00000\n  owner: hubspot_owner_id\n", `f:24:10: routing.owner: "hubspot_owner_id": want account.<attribute>, for example account.csm_owner`},
		"unknown owner's field":   {"  default: C0CX00000\n  owner: account.csm\n", "f:24:10: routing.owner: account.csm is not known: add it to the company_properties of a CRM, or to fields"},
		"near owner's field":      {"  default: C0CX00000\n  owner: account.hubspot_owner\n", "f:24:10: routing.owner: account.hubspot_owner is not known: did you mean account.hubspot_owner_id?"},
		"storm of no span":        {"  default: C0CX00000\n  storm: {within: 0s}\n", "f:24:19: routing.storm.within: 0 is no span: say after: 0 for no digests"},
		"storm of less than none": {"  default: C0CX00000\n  storm: {after: -1}\n", "f:24:18: routing.storm.after: want at least 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadBytes("f", withRouting(test.routing), env())
			require.EqualError(t, err, test.want)
		})
	}
}

func rule(text string) string { return "  default: C0CX00000\n  rules:\n    - " + text + "\n" }
