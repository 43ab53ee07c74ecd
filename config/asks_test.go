package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

func TestAsksAreResolved(t *testing.T) {
	t.Parallel()
	const calendar = "calendars: [{id: office, timezone: Europe/Paris}]\n"
	program := func(keys string) survey.Program {
		return load(t, calendar+withProgram("  - {id: a, template: nps, trigger: {event: a.b}, "+keys+"}\n")).Programs[0]
	}
	office := &survey.Calendar{ID: "office", Timezone: "Europe/Paris", Days: []string{"tue", "wed", "thu"}, Hours: "09:00-17:00"}

	p := program("follow_up: {referral: {url: 'https://example.com/r'}, review: {url: 'https://reviews.example/w'}, testimonial: {}}")
	nextDay := survey.AskTiming{AgainAfter: referralAgain, Window: workingWeek(), NextBusinessDay: true}
	require.Equal(t, nextDay, p.FollowUp.Referral.AskTiming)
	require.Equal(t, &survey.ReviewRule{AskTiming: nextDay, Sites: []survey.ReviewSite{{URL: "https://reviews.example/w"}}}, p.FollowUp.Review)
	nextDay.AgainAfter = testimonialAgain
	require.Equal(t, &survey.TestimonialRule{AskTiming: nextDay}, p.FollowUp.Testimonial)
	require.Equal(t, survey.AskKinds, p.FollowUp.AskKinds())
	require.NotEmpty(t, p.Texts["de"].ReviewBody)

	for keys, want := range map[string]survey.AskTiming{
		"referral: {url: 'https://example.com/r', delay: 2h}":                   {Delay: survey.Span(2 * time.Hour)},
		"referral: {url: 'https://example.com/r', window: 'off'}":               {Delay: survey.Span(day)},
		"referral: {url: 'https://example.com/r', window: 'off', delay: 2h}":    {Delay: survey.Span(2 * time.Hour)},
		"referral: {url: 'https://example.com/r', window: office}":              {Window: office, NextBusinessDay: true},
		"referral: {url: 'https://example.com/r', window: office, delay: 2h}":   {Window: office, Delay: survey.Span(2 * time.Hour)},
		"referral: {url: 'https://example.com/r', again_after: 90d, delay: 2h}": {Delay: survey.Span(2 * time.Hour), AgainAfter: survey.Span(90 * day)},
		"case: {off: true}": {Delay: survey.Span(day)},
	} {
		if want.AgainAfter == 0 {
			want.AgainAfter = referralAgain
		}
		require.Equal(t, want, program("follow_up: {"+keys+"}").FollowUp.Referral.AskTiming, keys)
	}
	p = program("window: office, follow_up: {review: {sites: [{name: A, url: 'https://a.example/'}, {name: B, url: 'https://b.example/'}]}, testimonial: {off: true}, asks: {order: [review], by: priority}}")
	require.Equal(t, office, p.FollowUp.Review.Window)
	require.Len(t, p.FollowUp.Review.Sites, 2)
	require.Nil(t, p.FollowUp.Testimonial)
	require.Empty(t, p.Texts["en"].TestimonialBody)
	require.Equal(t, survey.AskOrder{Order: []survey.AskKind{survey.AskReview}, By: survey.AskByPriority}, p.FollowUp.Asks)
}

// A program that says when its referral mails go out, and asks for nothing new, is the
// version that it was.
func TestProgramsWithNothingNewKeepTheirVersion(t *testing.T) {
	t.Parallel()
	for keys, version := range map[string]string{
		"": "b624378aada6",
		", referral: {url: 'https://example.com/r', delay: 1d}": "caab8bb6fd26",
	} {
		const cases = ", follow_up: {case: {contradictions: false, reopen_within: 0s, thanks: false, resurvey: 0s}"
		p := load(t, withProgram("  - {id: a, template: nps, trigger: {event: a.b}"+cases+keys+"}}\n")).Programs[0]
		require.Equal(t, version, p.Version(), keys)
	}
}

func TestAskRulesAreExpressions(t *testing.T) {
	t.Parallel()
	fields := "fields: {contact.opted_in: boolean, account.open_tickets: number}\ncontact_rules: {marketing_consent: contact.opted_in, open_ticket: account.open_tickets > 0}\n"
	rules := load(t, fields+valid).AskRules
	for name, c := range map[string]struct {
		contact, account  map[string]string
		noConsent, ticket bool
	}{
		"nothing is known": {nil, nil, true, true},
		"yes and none":     {map[string]string{"opted_in": "true"}, map[string]string{"open_tickets": "0"}, false, false},
		"no and one":       {map[string]string{"opted_in": "false"}, map[string]string{"open_tickets": "1"}, true, true},
		"unreadable":       {map[string]string{"opted_in": "perhaps"}, map[string]string{"open_tickets": "some"}, true, true},
	} {
		var facts survey.AskFacts
		rules.Tell(&facts, survey.Contact{Attributes: c.contact}, survey.Account{Attributes: c.account}, time.Now())
		require.Equal(t, survey.AskFacts{NoConsent: c.noConsent, OpenTicket: c.ticket}, facts, name)
	}
	require.Equal(t, condition.AskRules{}, load(t, valid).AskRules)
	byEnvironment := load(t, "fields: {contact.opted_in: boolean}\n"+valid, "CXLOOP_CONTACT_RULES_MARKETING_CONSENT", "contact.opted_in")
	require.NotNil(t, byEnvironment.AskRules.Consent)
	_, err := LoadBytes("f", []byte(valid), env("CXLOOP_CONTACT_RULES_OPEN_TICKET", "account.tickets >"))
	require.ErrorContains(t, err, "contact_rules.open_ticket")
}
