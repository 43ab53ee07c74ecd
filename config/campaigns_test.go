package config

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func relational(more string) string {
	return valid + "  - {id: relationship, kind: relational, template: nps, " + more + "}\n"
}

func TestRelationalProgram(t *testing.T) {
	t.Parallel()
	p := load(t, relational("every: 90d, from: {crm: hubspot, where: {lifecyclestage: customer, vip: true, level: 3}}, spread: {over: 10d, per_day: 2000, per_owner: 5}")).Programs[1]
	require.Equal(t, survey.Campaign{
		Every:  days(90),
		From:   &survey.Source{CRM: "hubspot", Where: map[string]string{"lifecyclestage": "customer", "vip": "true", "level": "3"}},
		Spread: &survey.Spread{Over: days(10), Days: []string{"mon", "tue", "wed", "thu", "fri"}, PerDay: 2000, PerOwner: 5, Owner: "account.hubspot_owner_id"},
	}, p.Campaign)
	require.Equal(t, days(30), p.Expiry)
	require.Equal(t, days(80), p.AgainAfter, "who is asked last may be asked first the next time")
}

func TestPaceOfCampaigns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more  string
		again survey.Span
	}{
		"monthly":                   {"every: 30d", days(90)},
		"every second month":        {"every: 60d", days(59)},
		"longer on purpose":         {"every: 30d, again_after: 180d", days(180)},
		"yearly":                    {"every: 365d", days(90)},
		"own gap":                   {"every: 90d, again_after: 60d", days(60)},
		"quarterly by cron":         {"cron: 0 6 1 */3 *, spread: {over: 5d}", days(85)},
		"first Monday of the month": {"cron: CRON_TZ=Europe/Paris 0 9 1-7 * mon", days(90)},
		"an empty section":          {"every: 30d, spread: ", days(90)},
		"on Sundays":                {"every: 30d, spread: {days: [sun]}", days(90)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := load(t, relational("from: {crm: hubspot}, "+test.more)).Programs[1]
			require.Equal(t, test.again, p.AgainAfter)
			require.NotNil(t, p.Spread)
			require.NotEmpty(t, p.Spread.Days)
		})
	}
}

// Caps of days hold only where mails go out on these days.
func TestCampaignAsksOnDaysOfItsWindow(t *testing.T) {
	t.Parallel()
	program := func(spread string) []byte {
		return []byte("calendars: [{id: office, timezone: UTC}]\n" + relational("every: 90d, from: {crm: hubspot}, window: office, spread: {"+spread+"}"))
	}
	for spread, want := range map[string][]string{
		"per_day: 5":                      {"tue", "wed", "thu"},
		"per_day: 5, days: [wed]":         {"wed"},
		"days: [mon, tue, wed, thu, fri]": {"mon", "tue", "wed", "thu", "fri"},
	} {
		require.Equal(t, want, load(t, string(program(spread))).Programs[1].Spread.Days, spread)
	}
	_, err := LoadBytes("cxloop.yaml", program("per_owner: 5, days: [thu, fri]"), os.LookupEnv)
	require.ErrorContains(t, err, "programs[1].spread.days: fri is no day of the window office")
}

func TestCronStarts(t *testing.T) {
	t.Parallel()
	starts, err := cronStarts("CRON_TZ=Asia/Tokyo 30 7 1 * *")
	require.NoError(t, err)
	require.Equal(t, time.Date(2028, time.January, 31, 22, 30, 0, 0, time.UTC), starts[0].UTC(), "the first in Tokyo, the 31st in UTC")
	for text, want := range map[string]string{
		"":                            "want five fields",
		"0 6 * *":                     "want five fields",
		"0 6 * * * *":                 "want five fields",
		"@daily":                      "want five fields",
		"CRON_TZ=UTC":                 "want five fields",
		"TZ=UTC 0 6 1 * *":            "want five fields",
		"CRON_TZ=Mars/Base 0 6 1 * *": "IANA",
		"0 25 1 * *":                  "above maximum",
		"0 6 1 foo *":                 "foo",
		"0 6 31 2 *":                  "is there such a day",
		"0 6 29 2 *":                  "is there such a day",
		"0 6,18 * * *":                "more than once a day",
		"*/5 6 1 * *":                 "more than once a day",
	} {
		require.ErrorContains(t, checkCron(text), want, text)
	}
	for _, text := range []string{"0 6 * * *", "CRON_TZ=America/New_York 30 2 * * mon-fri", "0 6 1 jan,jul ?"} {
		require.NoError(t, checkCron(text), text)
	}
}

func FuzzCron(f *testing.F) {
	for _, text := range []string{"0 6 1 */3 *", "CRON_TZ=Europe/Paris 0 9 1-7 * mon", "CRON_TZ=", "TZ=", "@every 1h", "60 * * * *", "1-0/0 * ? * 7"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if checkCron(text) != nil {
			return
		}
		starts, err := cronStarts(text)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(starts), 2)
	})
}

func days(n int) survey.Span { return survey.Span(time.Duration(n) * day) }
