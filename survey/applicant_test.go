package survey

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asker is a program under every rule.
func asker() (Program, ContactRules) {
	p := Program{ID: "nps", Kind: Transactional, AgainAfter: Span(90 * day)}
	p.Touchpoint, p.Priority, p.DailyCap, p.Tenure = "support", 5, 10, Span(30*day)
	return p, ContactRules{
		Quarantine: Span(30 * day), Quarantines: map[Kind]Span{Transactional: Span(40 * day)}, TouchpointAgain: Span(60 * day),
		PerMonth: 2, PerYear: 4, PerAccount: AccountCap{Invitations: 3, Within: Span(30 * day)}, DailyCap: 20,
		BlockedDomains: []string{"rival.example"}, NotDuringCase: true, CustomerSince: "since",
		NotWhen: []map[string]string{{"contact.tests": "true"}, {"account.tier": "trial", "account.name": "Ångström"}},
	}
}

// eligible is an applicant whom no rule refuses.
func eligible() Applicant {
	return Applicant{
		Found: true, Due: noon,
		Contact: Contact{Key: "hubspot:a", AccountKey: "hubspot:b", Email: "ana@customer.example", Attributes: map[string]string{"since": "2020-02-01"}},
		Account: Account{Key: "hubspot:b", Name: "Ångström"},
	}
}

func past(ago time.Duration, change func(*PastInvitation)) []PastInvitation {
	i := PastInvitation{ID: "past", Program: "other", Kind: "relational", Touchpoint: "elsewhere", At: noon.Add(-ago)}
	if change != nil {
		change(&i)
	}
	return []PastInvitation{i}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	byThis := func(i *PastInvitation) { i.Program = "nps" }
	sameTouchpoint := func(i *PastInvitation) { i.Touchpoint = "support" }
	sameKind := func(i *PastInvitation) { i.Kind = Transactional }
	times := func(n int, ago time.Duration) []PastInvitation {
		var out []PastInvitation
		for range n {
			out = append(out, past(ago, nil)...)
		}
		return out
	}
	attributes := func(pairs ...string) map[string]string {
		m := map[string]string{"since": "2020-02-01"}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		change func(*Applicant, *Program, *ContactRules)
		want   Rule
		limit  string
	}{
		"nothing against it":    {func(*Applicant, *Program, *ContactRules) {}, "", ""},
		"not in the CRM":        {func(a *Applicant, _ *Program, _ *ContactRules) { a.Found = false }, RuleNoContact, ""},
		"no address":            {func(a *Applicant, _ *Program, _ *ContactRules) { a.Contact.Email = "" }, RuleNoAddress, ""},
		"unsubscribed":          {func(a *Applicant, _ *Program, _ *ContactRules) { a.Unsubscribed = true }, RuleUnsubscribed, ""},
		"a competitor":          {func(a *Applicant, _ *Program, _ *ContactRules) { a.Contact.Email = "x@RIVAL.example " }, RuleBlockedDomain, ""},
		"below a competitor":    {func(a *Applicant, _ *Program, _ *ContactRules) { a.Contact.Email = "x@eu.rival.example" }, RuleBlockedDomain, ""},
		"a domain that ends so": {func(a *Applicant, _ *Program, _ *ContactRules) { a.Contact.Email = "x@arrival.example" }, "", ""},
		"fits a condition":      {func(a *Applicant, _ *Program, _ *ContactRules) { a.Contact.Attributes = attributes("tests", "true") }, RuleNotWhen, ""},
		"fits half a condition": {func(a *Applicant, _ *Program, _ *ContactRules) { a.Account.Name = "" }, "", ""},
		"account fits":          {func(a *Applicant, _ *Program, _ *ContactRules) { a.Account.Attributes = attributes("tier", "trial") }, RuleNotWhen, ""},
		"customer for 29 days": {func(a *Applicant, _ *Program, _ *ContactRules) {
			a.Contact.Attributes["since"] = noon.Add(-29 * day).Format(time.RFC3339)
		}, RuleTenure, "30d"},
		"customer for 30 days": {func(a *Applicant, _ *Program, _ *ContactRules) {
			a.Contact.Attributes["since"] = noon.Add(-30 * day).Format(time.RFC3339)
		}, "", ""},
		"since milliseconds": {func(a *Applicant, _ *Program, _ *ContactRules) {
			a.Contact.Attributes["since"] = fmt.Sprint(noon.Add(-29 * day).UnixMilli())
		}, RuleTenure, "30d"},
		"since nobody knows when":   {func(a *Applicant, _ *Program, _ *ContactRules) { a.Contact.Attributes["since"] = "2019" }, RuleTenure, "30d"},
		"no tenure is wanted":       {func(a *Applicant, p *Program, _ *ContactRules) { a.Contact.Attributes, p.Tenure = nil, 0 }, "", ""},
		"not in the sample":         {func(_ *Applicant, p *Program, _ *ContactRules) { p.Sampling = 1e-9 }, RuleSampling, "1e-09"},
		"everybody is sampled":      {func(_ *Applicant, p *Program, _ *ContactRules) { p.Sampling = 1 }, "", ""},
		"open case":                 {func(a *Applicant, _ *Program, _ *ContactRules) { a.OpenCase = true }, RuleOpenCase, ""},
		"open case does not matter": {func(a *Applicant, _ *Program, r *ContactRules) { a.OpenCase, r.NotDuringCase = true, false }, "", ""},
		"by this 89 days ago":       {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(89*day, byThis) }, RuleAgainAfter, "90d"},
		"by this 90 days ago":       {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(90*day, byThis) }, "", ""},
		"touchpoint 59 days ago":    {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(59*day, sameTouchpoint) }, RuleTouchpointAgain, "60d"},
		"touchpoint 60 days ago":    {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(60*day, sameTouchpoint) }, "", ""},
		"kind 39 days ago":          {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(39*day, sameKind) }, RuleQuarantines, "40d"},
		"kind 40 days ago":          {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(40*day, sameKind) }, "", ""},
		"any 29 days ago":           {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(29*day, nil) }, RuleQuarantine, "30d"},
		"any 30 days ago":           {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(30*day, nil) }, "", ""},
		"one to come":               {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = past(-day, nil) }, RuleQuarantine, "30d"},
		"two in a month":            {func(a *Applicant, _ *Program, r *ContactRules) { a.Past, r.Quarantine = times(2, 29*day), Span(day) }, RulePerMonth, "2"},
		"two, a month ago":          {func(a *Applicant, _ *Program, r *ContactRules) { a.Past, r.Quarantine = times(2, 30*day), Span(day) }, "", ""},
		"four in a year":            {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = times(4, 364*day) }, RulePerYear, "4"},
		"four, a year ago":          {func(a *Applicant, _ *Program, _ *ContactRules) { a.Past = times(4, 365*day) }, "", ""},
		"account has three":         {func(a *Applicant, _ *Program, _ *ContactRules) { a.InAccount = 3 }, RulePerAccount, "3 in 30d"},
		"account has two":           {func(a *Applicant, _ *Program, _ *ContactRules) { a.InAccount = 2 }, "", ""},
		"of no account":             {func(a *Applicant, _ *Program, _ *ContactRules) { a.InAccount, a.Contact.AccountKey = 3, "" }, "", ""},
		"day of the program full":   {func(a *Applicant, _ *Program, _ *ContactRules) { a.OnDay = 10 }, RuleDailyCap, "10"},
		"day of all full":           {func(a *Applicant, _ *Program, _ *ContactRules) { a.OnDayByAll = 20 }, RuleDailyCapOfAll, "20"},
		"no caps": {func(a *Applicant, p *Program, r *ContactRules) {
			a.OnDay, a.OnDayByAll, p.DailyCap, r.DailyCap = 99, 99, 0, 0
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, rules := asker()
			a := eligible()
			c.change(&a, &p, &rules)
			verdict := Decide(p, rules, a, noon)
			require.Equal(t, c.want, verdict.Rule)
			require.Equal(t, c.limit, verdict.Facts.Limit)
		})
	}
}

func TestBetterProgramTakesOver(t *testing.T) {
	t.Parallel()
	reserved := func(id string, in time.Duration, priority int, change func(*PastInvitation)) PastInvitation {
		i := PastInvitation{ID: id, Program: "other", Kind: "relational", Touchpoint: id, Priority: priority, AccountKey: "hubspot:b", At: noon.Add(in), Reserved: true}
		if change != nil {
			change(&i)
		}
		return i
	}
	for name, c := range map[string]struct {
		past     []PastInvitation
		account  int
		onDay    int
		want     Rule
		outranks []string
	}{
		"what a worse one reserved":      {past: []PastInvitation{reserved("a", day, 4, nil)}, outranks: []string{"a"}},
		"not what an equal one reserved": {past: []PastInvitation{reserved("a", day, 5, nil)}, want: RuleQuarantine},
		"not what is begun":              {past: []PastInvitation{reserved("a", day, 4, func(i *PastInvitation) { i.Reserved = false })}, want: RuleQuarantine},
		"not its own, of another version": {
			past: []PastInvitation{reserved("a", day, 4, func(i *PastInvitation) { i.Program = "nps" })}, want: RuleAgainAfter,
		},
		"nothing, where that does not help": {
			past: []PastInvitation{reserved("a", day, 4, nil), past(5*day, nil)[0]}, want: RuleQuarantine,
		},
		"the latest, and no more than it takes": {
			past:     []PastInvitation{reserved("a", -50*day, 4, nil), reserved("b", day, 4, nil)},
			outranks: []string{"b"},
		},
		"all that are in its way": {
			past:     []PastInvitation{reserved("a", -20*day, 4, nil), reserved("b", day, 3, nil)},
			outranks: []string{"b", "a"},
		},
		"the place in the account too": {past: []PastInvitation{reserved("a", day, 4, nil)}, account: 3, outranks: []string{"a"}},
		"the place of the day too":     {past: []PastInvitation{reserved("a", time.Hour, 4, nil)}, onDay: 20, outranks: []string{"a"}},
		"not the place of another day": {past: []PastInvitation{reserved("a", day, 4, nil)}, onDay: 20, want: RuleQuarantine},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, rules := asker()
			a := eligible()
			a.Past, a.InAccount, a.OnDayByAll = c.past, c.account, c.onDay
			verdict := Decide(p, rules, a, noon)
			require.Equal(t, c.want, verdict.Rule)
			require.Equal(t, c.outranks, verdict.Facts.Outranks)
			require.Len(t, a.Past, len(c.past), "the applicant is left as it is")
		})
	}
}

func TestSampleIsStableAndOfTheSizeAskedFor(t *testing.T) {
	t.Parallel()
	const contacts = 10_000
	one, other := Program{ID: "one"}, Program{ID: "other"}
	one.Sampling, other.Sampling = 0.3, 0.3
	var asked, both int
	for i := range contacts {
		key := fmt.Sprintf("hubspot:%d", i)
		if one.samples(key) {
			asked++
			if other.samples(key) {
				both++
			}
			wider := one
			wider.Sampling = 0.4
			require.True(t, wider.samples(key), "a larger sample holds the smaller one")
		}
	}
	require.InDelta(t, 0.3, float64(asked)/contacts, 0.02)
	require.InDelta(t, 0.09, float64(both)/contacts, 0.01, "programs have samples of their own")
}

func TestReadsFor(t *testing.T) {
	t.Parallel()
	p, rules := asker()
	require.Equal(t, AdmissionReads{
		Since: noon.Add(-365 * day), Account: true, OpenCase: true, AccountSince: noon.Add(-30 * day), OnDay: true, OnDayByAll: true,
	}, ReadsFor(p, rules, noon))
	require.Equal(t, AdmissionReads{Since: noon.Add(-30 * day)}, ReadsFor(Program{}, ContactRules{Quarantine: Span(30 * day)}, noon))
	require.Equal(t, noon.Add(-90*day), ReadsFor(Program{AgainAfter: Span(90 * day)}, ContactRules{Quarantine: Span(30 * day)}, noon).Since)
}
