package survey

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatWasDoneIsSaidInAllLanguages(t *testing.T) {
	t.Parallel()
	for _, cause := range append([]Option{{ID: "speed"}, {ID: ""}}, caseCauses...) {
		said := map[string]bool{}
		for _, locale := range []string{"en", "fr", "de", "es"} {
			said[DoneAbout(cause.ID, locale)] = true
		}
		require.Len(t, said, 4, cause.ID)
	}
	for _, cause := range caseCauses {
		require.Contains(t, doneAbout, cause.ID)
	}
	require.Equal(t, DoneAbout(OptionOther, "fr"), DoneAbout("a cause of one's own", "fr-CA"))
}

func TestTextsOfAskingAgain(t *testing.T) {
	t.Parallel()
	texts := Texts{Subject: "s", Intro: "i", SMS: "m", ResurveySubject: "S", ResurveyIntro: "I", ResurveySMS: "M", Question: "q"}
	again := texts.Again()
	require.Equal(t, []string{"S", "I", "M", "q"}, []string{again.Subject, again.Intro, again.SMS, again.Question})
	require.Equal(t, "s", Texts{Subject: "s"}.Again().Subject)
}

func TestWhoIsAskedAgain(t *testing.T) {
	t.Parallel()
	program := Program{ID: "nps", AgainAfter: Span(90 * day), Eligibility: Eligibility{Sampling: 0.0001, DailyCap: 1}, Audience: "false"}
	rules := ContactRules{Quarantine: Span(30 * day), PerMonth: 1, PerYear: 1, DailyCap: 1}
	usual := Applicant{
		Found: true, Contact: Contact{Key: "shop/1", Email: "a@customers.example"}, OnDay: 9, OnDayByAll: 9,
		Past: []PastInvitation{{ID: "i", Program: "nps", At: noon.Add(-day)}}, Verdicts: Verdicts{Audience: &Verdict{}},
	}
	require.Equal(t, RuleAudience, Decide(program, rules, usual, noon).Rule)
	require.Empty(t, DecideAgain(program, rules, usual, noon).Rule, "neither gaps nor caps nor the audience count")
	for rule, change := range map[Rule]func(*Applicant, *ContactRules, *Program){
		RuleNoContact:           func(a *Applicant, _ *ContactRules, _ *Program) { a.Found = false },
		RuleNoAddress:           func(a *Applicant, _ *ContactRules, _ *Program) { a.Contact.Email = "" },
		RuleNoPhone:             func(_ *Applicant, _ *ContactRules, p *Program) { p.Channel = ChannelSMS },
		RuleBounced:             func(a *Applicant, _ *ContactRules, _ *Program) { a.Bounced = true },
		RuleUnsubscribed:        func(a *Applicant, _ *ContactRules, _ *Program) { a.Unsubscribed = true },
		RuleUnsubscribedProgram: func(a *Applicant, _ *ContactRules, _ *Program) { a.LeftProgram = true },
		RuleBlockedDomain:       func(_ *Applicant, r *ContactRules, _ *Program) { r.BlockedDomains = []string{"customers.example"} },
		RuleOpenCase:            func(a *Applicant, _ *ContactRules, _ *Program) { a.OpenCase = true },
	} {
		a, r, p := usual, rules, program
		change(&a, &r, &p)
		require.Equal(t, rule, DecideAgain(p, r, a, noon).Rule)
	}
}

func TestWhoIsThanked(t *testing.T) {
	t.Parallel()
	contact := Contact{Email: "a@customers.example"}
	for want, facts := range map[Rule]ThanksFacts{
		"":               {HasAddress: true},
		RuleNoAddress:    {},
		RuleBounced:      {HasAddress: true, Bounced: true},
		RuleUnsubscribed: {HasAddress: true, Unsubscribed: true},
		RuleOpenCase:     {HasAddress: true, OpenCase: true},
	} {
		require.Equal(t, want, AdmitThanks(ContactRules{}, contact, facts))
	}
	blocked := ContactRules{BlockedDomains: []string{"customers.example"}}
	require.Equal(t, RuleBlockedDomain, AdmitThanks(blocked, contact, ThanksFacts{HasAddress: true}))
}
