package survey

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// auditProgram has three items, of weights 1, 2 and 4.
func auditProgram() Program {
	p := Program{ID: "visit", Metric: Audit, Of: Auditors, Bands: AuditBands{Weak: 70, Passed: 90}}
	for i, id := range []string{"a", "b", "c"} {
		p.Checklist = append(p.Checklist, Item{ID: id, Text: Words{"en": id}, Weight: 1 << i})
	}
	p.Texts = map[string]Texts{"en": {Yes: "Yes", No: "No", NotApplicable: "n/a"}}
	return p
}

// audited are answers to the checklist, of each item y, n or - where it does not apply.
func audited(p Program, answers string) Answers {
	out := Answers{}
	for i, a := range answers {
		value := map[rune]string{'y': ItemPassed, 'n': ItemFailed, '-': ItemNotApplicable}[a]
		if value != "" {
			out[p.Checklist[i].ID] = QuestionAnswer{Chosen: []string{value}}
		}
	}
	return out
}

func TestScoreChecklist(t *testing.T) {
	t.Parallel()
	for answers, want := range map[string]struct {
		score  int
		band   Band
		failed []string
	}{
		"yyy": {100, Passed, nil},
		"nnn": {0, Failed, []string{"a", "b", "c"}},
		"nyy": {85, Weak, []string{"a"}},   // 6/7 is 85.7: rounded down
		"yny": {71, Weak, []string{"b"}},   // 5/7
		"yyn": {42, Failed, []string{"c"}}, // 3/7
		"-yy": {100, Passed, nil},
		"y-n": {20, Failed, []string{"c"}}, // 1/5
		"yn-": {33, Failed, []string{"b"}}, // 1/3
		"--y": {100, Passed, nil},
		"-n-": {0, Failed, []string{"b"}},
	} {
		t.Run(answers, func(t *testing.T) {
			t.Parallel()
			p := auditProgram()
			score, err := p.ScoreChecklist(audited(p, answers))
			if err != nil || score != want.score || p.BandOf(score) != want.band {
				t.Fatalf("%d %s %v: want %d %s", score, p.BandOf(score), err, want.score, want.band)
			}
			var failed []string
			for _, item := range p.FailedItems(Response{Answers: audited(p, answers)}) {
				failed = append(failed, item.ID)
			}
			if !slices.Equal(failed, want.failed) {
				t.Fatalf("failed %v: want %v", failed, want.failed)
			}
		})
	}
	for _, answers := range []string{"", "yy", "y y", "---"} {
		if _, err := auditProgram().ScoreChecklist(audited(auditProgram(), answers)); !errors.Is(err, ErrRequired) {
			t.Errorf("%q: error %v", answers, err)
		}
	}
}

// A threshold is reached by nothing less, and by no rounding.
func TestBandsOfAnAudit(t *testing.T) {
	t.Parallel()
	p := auditProgram()
	for score, want := range map[int]Band{0: Failed, 69: Failed, 70: Weak, 89: Weak, 90: Passed, 100: Passed} {
		if got := p.BandOf(score); got != want {
			t.Errorf("%d: %s, want %s", score, got, want)
		}
	}
	p.Checklist = []Item{{ID: "a", Weight: 89}, {ID: "b", Weight: 10}} // 89 of 99 are 89.9 %
	if score, _ := p.ScoreChecklist(audited(p, "yn")); p.BandOf(score) != Weak {
		t.Errorf("%d passed", score)
	}
	if Failed.Happy() || Passed.Happy() || !Failed.Unhappy() || Weak.Unhappy() {
		t.Error("want a case of a failed audit alone, and no referral")
	}
}

func TestGivenTellsTheChecklist(t *testing.T) {
	t.Parallel()
	p := auditProgram()
	given := p.Given(Response{Answers: audited(p, "yn-")})
	if len(given) != 3 || given[1].Labels("en")[0] != "No" || given[2].Labels("en")[0] != "n/a" {
		t.Fatalf("given %+v", given)
	}
}

// Auditors are asked to work: no gap and no account's cap is for them, while what the
// person and the mail need is.
func TestAuditorsAreNotSpared(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	rules := ContactRules{
		Quarantine: Span(30 * 24 * time.Hour), TouchpointAgain: Span(30 * 24 * time.Hour), PerMonth: 1, PerYear: 1, NotDuringCase: true,
		PerAccount: AccountCap{1, Span(30 * 24 * time.Hour)}, Quarantines: map[Kind]Span{Transactional: Span(60 * 24 * time.Hour)}, DailyCap: 5,
	}
	p := auditProgram()
	p.Kind = Transactional
	asked := func(change func(*Applicant)) Rule {
		a := Applicant{
			Found: true, Contact: Contact{Key: "crm/1", Email: "a@example.com", AccountKey: "crm/2"}, OpenCase: true, InAccount: 9,
			Past: []PastInvitation{{Program: p.ID, Kind: Transactional, At: now.Add(time.Hour)}, {Program: "nps", Kind: Transactional, At: now}},
		}
		change(&a)
		return Decide(p, rules, a, now).Rule
	}
	for want, change := range map[Rule]func(*Applicant){
		"":                      func(*Applicant) {},
		RuleNoContact:           func(a *Applicant) { a.Found = false },
		RuleNoAccount:           func(a *Applicant) { a.Contact.AccountKey = "" },
		RuleNoAddress:           func(a *Applicant) { a.Contact.Email = "" },
		RuleBounced:             func(a *Applicant) { a.Bounced = true },
		RuleUnsubscribed:        func(a *Applicant) { a.Unsubscribed = true },
		RuleUnsubscribedProgram: func(a *Applicant) { a.LeftProgram = true },
		RuleDailyCapOfAll:       func(a *Applicant) { a.OnDayByAll = 5 },
	} {
		if got := asked(change); got != want {
			t.Errorf("rule %q: want %q", got, want)
		}
	}
	if reads := ReadsFor(p, rules, now); reads.OpenCase || !reads.AccountSince.IsZero() {
		t.Errorf("reads %+v", reads)
	}
}
