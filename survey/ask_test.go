package survey

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asksForAll asks for each kind, a referral and a review every 180 days.
func asksForAll(by AskBy, order ...AskKind) FollowUp {
	again := AskTiming{AgainAfter: Span(180 * day)}
	return FollowUp{
		Referral: ReferralRule{AskTiming: again, URL: "https://example.com/refer"}, Review: &ReviewRule{AskTiming: again},
		Testimonial: &TestimonialRule{AskTiming: AskTiming{AgainAfter: Span(365 * day)}}, Asks: AskOrder{Order: order, By: by},
	}
}

func TestAdmitAsk(t *testing.T) {
	t.Parallel()
	may := AskFacts{Band: Promoter, HasAddress: true}
	with := func(change func(*AskFacts)) AskFacts {
		facts := may
		change(&facts)
		return facts
	}
	for name, c := range map[string]struct {
		facts AskFacts
		want  map[AskKind]Rule // of kinds that are not admitted
	}{
		"may":                {may, nil},
		"not happy":          {with(func(f *AskFacts) { f.Band = Passive }), map[AskKind]Rule{AskReferral: RuleNotHappy, AskTestimonial: RuleNotHappy}},
		"unhappy":            {with(func(f *AskFacts) { f.Band = Hard }), map[AskKind]Rule{AskReferral: RuleNotHappy, AskTestimonial: RuleNotHappy}},
		"withdrawn":          {with(func(f *AskFacts) { f.Band = "" }), map[AskKind]Rule{AskReferral: RuleNotHappy, AskReview: RuleWithdrawn, AskTestimonial: RuleNotHappy}},
		"no address":         {with(func(f *AskFacts) { f.HasAddress = false }), ofAll(RuleNoAddress)},
		"bounced":            {with(func(f *AskFacts) { f.Bounced = true }), ofAll(RuleBounced)},
		"unsubscribed":       {with(func(f *AskFacts) { f.Unsubscribed = true }), ofAll(RuleUnsubscribed)},
		"no consent":         {with(func(f *AskFacts) { f.NoConsent = true }), ofAll(RuleNoConsent)},
		"open case":          {with(func(f *AskFacts) { f.OpenCase = true }), map[AskKind]Rule{AskReferral: RuleOpenCase, AskTestimonial: RuleOpenCase}},
		"open ticket":        {with(func(f *AskFacts) { f.OpenTicket = true }), map[AskKind]Rule{AskReferral: RuleOpenTicket, AskTestimonial: RuleOpenTicket}},
		"asked 179 days ago": {with(func(f *AskFacts) { f.LastAsked = noon.Add(-179 * day) }), ofAll(RuleAskedBefore)},
		"asked 180 days ago": {with(func(f *AskFacts) { f.LastAsked = noon.Add(-180 * day) }), map[AskKind]Rule{AskTestimonial: RuleAskedBefore}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range AskKinds {
				require.Equal(t, c.want[kind], asksForAll("").AdmitAsk(kind, c.facts, noon), kind)
			}
		})
	}
}

func ofAll(rule Rule) map[AskKind]Rule {
	return map[AskKind]Rule{AskReferral: rule, AskReview: rule, AskTestimonial: rule}
}

func TestAskGoesOutOnTheNextBusinessDay(t *testing.T) {
	t.Parallel()
	office := &Calendar{Timezone: "UTC", Days: []string{"mon", "tue", "wed", "thu", "fri"}, Hours: "09:00-17:00", Holidays: []string{"2026-03-05"}}
	at := func(text string) time.Time {
		t, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			panic(err)
		}
		return t
	}
	nextDay, dayLater := AskTiming{NextBusinessDay: true, Window: office}, AskTiming{Delay: Span(day), Window: office}
	for name, c := range map[string]struct {
		timing     AskTiming
		made, zone string
		want       string // of the first moment, in UTC
	}{
		"in the afternoon":                 {nextDay, "2026-03-02 15:00", "UTC", "2026-03-03 09:00"},
		"in the evening":                   {nextDay, "2026-03-02 20:00", "UTC", "2026-03-03 09:00"},
		"at night":                         {nextDay, "2026-03-03 02:00", "UTC", "2026-03-04 09:00"},
		"on Friday":                        {nextDay, "2026-03-06 10:00", "UTC", "2026-03-09 09:00"},
		"on Sunday":                        {nextDay, "2026-03-08 10:00", "UTC", "2026-03-09 09:00"},
		"before a holiday":                 {nextDay, "2026-03-04 10:00", "UTC", "2026-03-06 09:00"},
		"tomorrow already in Auckland":     {nextDay, "2026-03-02 15:00", "Pacific/Auckland", "2026-03-03 20:00"},
		"still yesterday in Los Angeles":   {nextDay, "2026-03-03 02:00", "America/Los_Angeles", "2026-03-03 17:00"},
		"in a zone that nobody knows":      {nextDay, "2026-03-02 15:00", "Nowhere/At_All", "2026-03-03 09:00"},
		"the night that spring cuts short": {nextDay, "2026-03-27 10:00", "Europe/Paris", "2026-03-30 07:00"},
		"a day later, in the window":       {dayLater, "2026-03-02 20:00", "UTC", "2026-03-04 09:00"},
		"a day later, at any hour":         {AskTiming{Delay: Span(day)}, "2026-03-06 20:00", "UTC", "2026-03-07 20:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := at(c.made)
			require.Equal(t, at(c.want), c.timing.DueAt(made, c.zone).UTC())
			require.Equal(t, at(c.want), c.timing.MailAt(made, made, c.zone).UTC(), "not before it is due")
		})
	}
	missed := at("2026-03-03 18:00")
	require.Equal(t, at("2026-03-04 09:00"), nextDay.MailAt(at("2026-03-02 15:00"), missed, "UTC"), "what missed its window waits for the next")
}

func TestChooseAsk(t *testing.T) {
	t.Parallel()
	ago := func(days int) time.Time { return noon.Add(-time.Duration(days) * day) }
	promoter, quoting, detractor := AskAnswer{Band: Promoter}, AskAnswer{Band: Promoter, Comment: true}, AskAnswer{Band: Detractor, Comment: true}
	passed := func(kind AskKind, rule Rule) []PassedAsk { return []PassedAsk{{kind, rule}} }
	for name, c := range map[string]struct {
		asks   FollowUp
		answer AskAnswer
		before AskHistory
		want   AskChoice
	}{
		"the first turn is the first kind's": {asksForAll(""), promoter, AskHistory{}, AskChoice{Turn: AskReferral, Kind: AskReferral}},
		"in an order of one's own":           {asksForAll("", AskReview, AskReferral, AskTestimonial), detractor, AskHistory{}, AskChoice{Turn: AskReview, Kind: AskReview}},
		"whose turn is the longest ago":      {asksForAll(""), promoter, history(AskReferral, ago(90)), AskChoice{Turn: AskReview, Kind: AskReview}},
		"a detractor is asked for a review":  {asksForAll(""), detractor, history(AskReferral, ago(90)), AskChoice{Turn: AskReview, Kind: AskReview}},
		"then for a testimonial":             {asksForAll(""), quoting, history(AskReferral, ago(90), AskReview, ago(60)), AskChoice{Turn: AskTestimonial, Kind: AskTestimonial}},
		"a review waits for its gap":         {asksForAll(""), promoter, history(AskReview, ago(179), AskReferral, ago(20), AskTestimonial, ago(10)), AskChoice{Turn: AskReferral, Kind: AskReferral}},
		"a review's gap is over":             {asksForAll(""), promoter, history(AskReview, ago(180), AskReferral, ago(20), AskTestimonial, ago(10)), AskChoice{Turn: AskReview, Kind: AskReview}},
		"who is not happy is asked for nothing": {
			asksForAll(""), detractor, AskHistory{},
			AskChoice{Turn: AskReferral, Kind: AskReferral, Rule: RuleNotHappy, Passed: passed(AskTestimonial, RuleNotHappy)},
		},
		"who was asked before is asked for something else": {
			asksForAll(""), quoting, asked(history(AskReview, ago(30)), AskReferral, ago(100)),
			AskChoice{Turn: AskReferral, Kind: AskTestimonial, Passed: passed(AskReferral, RuleAskedBefore)},
		},
		"but for no review": {
			asksForAll(""), promoter, asked(AskHistory{}, AskReferral, ago(100)),
			AskChoice{Turn: AskReferral, Kind: AskReferral, Rule: RuleAskedBefore, Passed: passed(AskTestimonial, RuleNoComment)},
		},
		"there are no words to quote": {
			asksForAll("", AskTestimonial, AskReferral, AskReview), promoter, AskHistory{},
			AskChoice{Turn: AskTestimonial, Kind: AskReferral, Passed: passed(AskTestimonial, RuleNoComment)},
		},
		"by priority the first": {asksForAll(AskByPriority), promoter, history(AskReferral, ago(200), AskTestimonial, ago(400)), AskChoice{Turn: AskReferral, Kind: AskReferral}},
		"by priority the first whose gap is over": {
			asksForAll(AskByPriority), promoter, history(AskReferral, ago(100)), AskChoice{Turn: AskReview, Kind: AskReview},
		},
		"by priority and all gaps are not over": {
			asksForAll(AskByPriority), promoter, asked(history(AskReferral, ago(100), AskReview, ago(100), AskTestimonial, ago(100)), AskReferral, ago(100)),
			AskChoice{Turn: AskReferral, Kind: AskReferral, Rule: RuleAskedBefore, Passed: passed(AskTestimonial, RuleNoComment)},
		},
		"an answer that was changed keeps its turn": {
			asksForAll(""), promoter, AskHistory{Turn: AskReferral, Turns: history(AskTestimonial, ago(1)).Turns}, AskChoice{Turn: AskReferral, Kind: AskReferral},
		},
		"and a review's too": {
			asksForAll(""), detractor, AskHistory{Turn: AskReview, Turns: history(AskReview, ago(10)).Turns}, AskChoice{Turn: AskReview, Kind: AskReview},
		},
		"reviews alone": {
			FollowUp{Referral: ReferralRule{Off: true}, Review: asksForAll("").Review}, detractor, history(AskReview, ago(179)),
			AskChoice{Turn: AskReview, Kind: AskReview, Rule: RuleAskedBefore},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := c.asks.ChooseAsk(c.answer, c.before, noon)
			require.True(t, ok)
			c.want.Turns = c.before.Turns
			require.Equal(t, c.want, got)
		})
	}
	_, ok := FollowUp{Referral: ReferralRule{Off: true}}.ChooseAsk(promoter, AskHistory{}, noon)
	require.False(t, ok, "a program that asks for nothing")
}

// history is of turns: kind, when, kind, when.
func history(turns ...any) AskHistory {
	var h AskHistory
	for i := 0; i < len(turns); i += 2 {
		h.Add(turns[i].(AskKind), turns[i+1].(time.Time))
	}
	return h
}

func asked(h AskHistory, kind AskKind, at time.Time) AskHistory {
	h.AddAsked(kind, at)
	return h
}

// Whoever is asked for a review must not depend on how content they are. Two people who
// answer at the same moments, one always content and one never, or as it comes, are
// asked for reviews after the same answers, whatever the rotation, and whatever became
// of what else they were asked.
func TestReviewsAreAskedForWhateverTheScore(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 2))
	bands := []Band{Promoter, Passive, Detractor}
	for range 300 {
		order := slices.Clone(AskKinds)
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		by := []AskBy{AskByTurns, AskByPriority}[random.IntN(2)]
		f := asksForAll(by, order...)
		if random.IntN(3) == 0 {
			f.Testimonial = nil
		}
		content := []func() AskAnswer{
			func() AskAnswer { return AskAnswer{Band: Promoter, Comment: true} },
			func() AskAnswer { return AskAnswer{Band: Detractor} },
			func() AskAnswer {
				return AskAnswer{Band: bands[random.IntN(3)], Comment: random.IntN(2) == 0, Contradicted: random.IntN(2) == 0}
			},
		}
		var histories [3]AskHistory
		at := noon
		for range 30 {
			at = at.Add(time.Duration(1+random.IntN(200)) * day)
			var reviews [3]AskChoice
			for person, answer := range content {
				h := &histories[person]
				choice, _ := f.ChooseAsk(answer(), *h, at)
				h.Add(choice.Turn, at)
				if choice.Rule == "" && random.IntN(4) > 0 { // else a rule says no when the mail is due
					h.AddAsked(choice.Kind, at)
				}
				if choice.Kind == AskReview {
					reviews[person] = AskChoice{Turn: AskReview, Rule: choice.Rule}
				}
			}
			require.Equal(t, reviews[0], reviews[1], "%s %v", by, order)
			require.Equal(t, reviews[0], reviews[2], "%s %v", by, order)
		}
	}
}
