package condition

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

var terms = survey.Terms{
	Fields: map[string]survey.FieldType{
		"event.amount": survey.FieldNumber, "event.order.express": survey.FieldBoolean, "event.value": survey.FieldText,
		"account.tier": survey.FieldText, "account.seats": survey.FieldText, "account.renewal": survey.FieldTime,
		"account.active": survey.FieldText, "contact.since": survey.FieldText,
	},
	Segments: map[string]string{
		"large":      "account.seats > 100",
		"enterprise": "account.tier == 'enterprise' || segment.large",
	},
}

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func about(account map[string]string) Facts {
	return Facts{
		Event:   survey.Event{Data: map[string]any{"amount": 1500.0, "order": map[string]any{"express": true}, "value": "won"}},
		Contact: survey.Contact{Email: "lena@nordwind.example", Attributes: map[string]string{"since": "2025-01-31"}},
		Account: survey.Account{Name: "Nordwind", Attributes: account}, Now: now,
	}
}

func compile(t testing.TB, text string) *Expression {
	t.Helper()
	l, err := New(terms)
	require.NoError(t, err)
	require.Empty(t, l.Wrong)
	e, err := l.Compile(OfProgram, text)
	require.NoError(t, err)
	return e
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	gold := map[string]string{"tier": "gold", "seats": "120", "renewal": "2026-03-20T00:00:00Z", "active": "true"}
	yes, no := survey.Verdict{Holds: true}, survey.Verdict{}
	for text, want := range map[string]survey.Verdict{
		"event.amount > 1000 && account.tier in ['gold', 'platinum']": yes,
		"event.amount > 1500":                                   no,
		"event.amount >= 1500 && 1500 == event.amount":          yes,
		"event.amount * 2 - 1 > 2998.5":                         yes,
		"event.order.express":                                   yes,
		"has(event.order) && !has(event.order.express)":         no,
		"account.seats > 99":                                    yes,
		"99 < account.seats && account.seats != 121":            yes,
		"account.seats in [110, 120]":                           yes,
		"number(account.seats) / 2 == 60":                       yes,
		"account.active == true":                                yes,
		"event.value == 'won' ? account.tier == 'gold' : false": yes,
		"account.renewal < now + duration('30d')":               yes,
		"now - timestamp(contact.since) > duration('365d')":     yes,
		"timestamp('2026-03-02') <= now":                        yes,
		"contact.email.endsWith('@nordwind.example')":           yes,
		"account.name.matches('^N[a-z]+$')":                     yes,
		"size(account.name) == 8 && size(account.name) + 1 > 8": yes,
		"segment.enterprise":                                    yes,
		"!segment.large":                                        no,
		"now.getFullYear() == 2026":                             yes,
		"contact.last_name == 'Koch'":                           {Missing: []string{"contact.last_name"}},
		"contact.last_name != 'Koch'":                           {Missing: []string{"contact.last_name"}},
		"!(contact.last_name == 'Koch')":                        {Missing: []string{"contact.last_name"}},
		"contact.last_name == 'Koch' || true":                   yes,
		"contact.last_name == 'Koch' && false":                  no,
		"!has(contact.last_name)":                               yes,
		"account.tier > 3":                                      {Invalid: []string{"account.tier"}},
		"timestamp(account.tier) < now":                         {Invalid: []string{"account.tier"}},
		"account.tier == true":                                  {Invalid: []string{"account.tier"}},
		"account.tier in [1, 2]":                                {Invalid: []string{"account.tier"}},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, compile(t, text).Ask(about(gold)))
		})
	}
}

func TestValuesOfATypedField(t *testing.T) {
	t.Parallel()
	renewal := compile(t, "account.renewal < now")
	for text, want := range map[string]survey.Verdict{
		"":                          {Missing: []string{"account.renewal"}},
		"2026-03-01":                {Holds: true},
		"1772323200000":             {Holds: true}, // 2026-03-01
		"2026-03-02T10:00:00+02:00": {Holds: true},
		"soon":                      {Invalid: []string{"account.renewal"}},
	} {
		require.Equal(t, want, renewal.Ask(about(map[string]string{"renewal": text})), text)
	}
	seats := compile(t, "account.seats >= 10")
	for text, want := range map[string]bool{"10": true, " 10.0 ": true, "1e1": true, "9": false, "1,000": false, "0x10": false, "Inf": false, "NaN": false} {
		require.Equal(t, want, seats.Ask(about(map[string]string{"seats": text})).Holds, text)
	}
}

func TestWrongExpressions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "1:1: is empty", "   ": "1:4: is empty",
		"account.tire == 'gold'":                        "1:9: account has no field tire: did you mean tier?",
		"acount.tier == 'gold'":                         "1:1: acount is not known: did you mean account?",
		"true &&\n  account.tire == 'gold'":             "2:11: account has no field tire: did you mean tier?",
		"has(account.tire)":                             "1:13: account has no field tire: did you mean tier?",
		"event.total > 5":                               "1:7: event has no field total: declare it in fields, as event.total: text; known are amount, order, value",
		"event.order == 'x'":                            "1:6: event.order is no single value: write event.order.<field>, known are express",
		"event.order.expres":                            "1:13: event.order has no field expres: did you mean express?",
		"account.tier.x == 1":                           "1:14: account.tier has no fields",
		"account == 'x'":                                "1:1: account is no single value: write account.<field>, known are active, id, name, renewal, seats, tier",
		"account.tier = 'gold'":                         "1:14: a single = compares nothing: write ==",
		"account.tier == 'gold":                         "1:17: a text has no closing quote",
		"account.tier == gold":                          "1:17: gold is not known: want event, contact, account, segment, now and their fields, or a text in quotes",
		"account.tier == 'gold' &&":                     "1:26: something is missing at the end",
		"account.tier == 'gold' and event.amount > 1":   "1:24: write && for and",
		"account.tier > 'gold'":                         "1:14: > puts no texts in order: compare with a number, without quotes, or with a timestamp",
		"account.tier":                                  "1:1: want what is true or false, got text",
		"event.amount":                                  "1:1: want what is true or false, got a number",
		"event.amount > true":                           "1:14: > cannot take a number and true or false",
		"account.seats * 2 > 5":                         "1:15: * cannot take text and a number: read a text by number(…)",
		"account.seats > now":                           "1:15: > cannot take text and a time: read the text by timestamp(…)",
		"account.renewal > '2026-01-01'":                "1:17: > cannot take text and a time: read the text by timestamp(…)",
		"account.tier in ['a', 1]":                      "1:23: a list has items of one kind: texts in quotes, or numbers",
		"account.tier in 'gold'":                        "1:14: in cannot take text and text",
		"account['tier'] == 'gold'":                     "1:8: brackets choose nothing here: write account.tier, or x in [1, 2]",
		"segment.enterprize":                            "1:9: no segment enterprize is configured: did you mean enterprise?",
		"segment.vip":                                   "1:9: no segment vip is configured: known are enterprise, large",
		"timestamp('yesterday') < now":                  "1:11: \"yesterday\" is no time: want 2026-01-31 or 2026-01-31T09:00:00Z",
		"now + duration('a day') > now":                 "1:16: \"a day\" is no time span: want 24h or 30d",
		"account.name.match('x')":                       "1:14: there is no function match: known are timestamp, duration, number, has, contains, startsWith, endsWith, matches, size, getFullYear, getMonth, getDate, getDayOfWeek, getHours, getMinutes",
		"account.name.matches('[')":                     "1:22: this is no regular expression (RE2 syntax)",
		"random() > 0.5":                                "1:1: there is no function random: known are timestamp, duration, number, has, contains, startsWith, endsWith, matches, size, getFullYear, getMonth, getDate, getDayOfWeek, getHours, getMinutes",
		"[1, 2].exists(x, x > 1)":                       "1:8: there is no function exists: known are timestamp, duration, number, has, contains, startsWith, endsWith, matches, size, getFullYear, getMonth, getDate, getDayOfWeek, getHours, getMinutes",
		"{'a': 1} == {'a': 1}":                          "1:1: braces mean nothing here: lists are written in [ ]\n1:13: braces mean nothing here: lists are written in [ ]",
		"now":                                           "1:1: want what is true or false, got a time",
		"!account.tier":                                 "1:1: ! cannot take text",
		"account.tier == null":                          "1:14: == cannot take text and null",
		"'é' == 'é' && account.tire == 'x'":             "1:23: account has no field tire: did you mean tier?",
		"event.amount > 1 ? account.tier : true":        "1:18: ? : cannot take true or false and text and true or false",
		"account.tier == 'a' && acount.a && event.zzzz": "1:24: acount is not known: did you mean account?\n1:42: event has no field zzzz: declare it in fields, as event.zzzz: text; known are amount, order, value",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			l, err := New(terms)
			require.NoError(t, err)
			_, err = l.Compile(OfProgram, text)
			require.EqualError(t, err, want)
		})
	}
}
