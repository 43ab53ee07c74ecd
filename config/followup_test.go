package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

func TestWhatOpensCases(t *testing.T) {
	t.Parallel()
	cfg := load(t, withProgram(`  - id: deal
    template: nps-plus
    trigger: {event: deal.changed}
    follow_up:
      case:
        passives: true
        hold_out: 0.2
        contradictions: false
        when: response.answers.causes.contains('price') && segment.large
        priority: high
        reopen_within: 10d
        thanks: false
        resurvey: 0s
`)+"fields:\n  account.seats: number\nsegments:\n  large: account.seats > 100\n")
	p := cfg.Programs[0]
	require.Equal(t, survey.CaseRule{
		AlertAfter: caseRule().AlertAfter, CloseAfter: caseRule().CloseAfter, Passives: true, HoldOut: 0.2, Priority: survey.PriorityHigh,
		When: "response.answers.causes.contains('price') && segment.large", ReopenWithin: survey.Span(10 * day),
	}, p.FollowUp.Case)
	require.Equal(t, survey.Terms{
		Fields:   map[string]survey.FieldType{"account.seats": survey.FieldNumber, "response.answers.causes": survey.FieldText},
		Segments: map[string]string{"large": "account.seats > 100"},
	}, p.Terms)
	compiled, err := condition.ForProgram(p)
	require.NoError(t, err)
	require.True(t, compiled.OpensCase(condition.Facts{
		Response: survey.Response{Answers: survey.Answers{"causes": {Chosen: []string{"price"}}}},
		Account:  survey.Account{Attributes: map[string]string{"seats": "101"}},
	}))
}

func TestAuditorsAreNotThanked(t *testing.T) {
	t.Parallel()
	const audit = "  - id: visit\n    template: audit\n    trigger: {event: visit.ended}\n"
	p := load(t, withProgram(audit)).Programs[0]
	require.Equal(t, survey.CaseRule{
		AlertAfter: caseRule().AlertAfter, CloseAfter: caseRule().CloseAfter, ReopenWithin: caseRule().ReopenWithin,
	}, p.FollowUp.Case)
	_, err := LoadBytes("f", []byte(withProgram(audit+"    follow_up: {case: {thanks: true}}\n")), env())
	require.ErrorContains(t, err, "follow_up.case.thanks: is of customers: an audit's answers are the auditor's")
}

func TestMistakesInWhatOpensCases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, want string }{
		{"{priority: high}", ":32:34: programs[0].follow_up.case.priority: is of the cases that when opens, and there is no when"},
		{"{when: response.score < 8, priority: urgent}", ":32:60: programs[0].follow_up.case.priority: want high or normal or low"},
		{"{when: ''}", ":32:30: programs[0].follow_up.case.when: is empty"},
		{"{when: true}", ":32:30: programs[0].follow_up.case.when: want text, got true or false: put it in quotes"},
		{"{when: event.amount > 3}", ":32:30: programs[0].follow_up.case.when: event is not known here: known are account, contact, response, segment, now"},
		{"{when: response.scor > 3}", ":32:39: programs[0].follow_up.case.when: response has no field scor: did you mean score?"},
		{"{when: response.answers.price == 1}", ":32:39: programs[0].follow_up.case.when: response has no field answers: known are band, comment, program, score"},
		{"{resurvey: 1h}", ":32:34: programs[0].follow_up.case.resurvey: want 21d to 30d, at least 1d and at most 90d, or 0s to ask nobody again"},
		{"{resurvey: 91d}", ":32:34: programs[0].follow_up.case.resurvey: want 21d to 30d, at least 1d and at most 90d, or 0s to ask nobody again"},
		{"{hold_out: 0.2}", ":32:24: programs[0].follow_up.case.hold_out: is of the customers for whom passives opens cases: set passives: true"},
		{"{passives: true, hold_out: 0.6}", ":32:50: programs[0].follow_up.case.hold_out: want at most 0.5"},
		{"{passives: true, hold_out: 0}", ":32:50: programs[0].follow_up.case.hold_out: want more than 0"},
		{"{passives: maybe}", ":32:34: programs[0].follow_up.case.passives: want true or false, got text"},
	} {
		body := strings.Replace(valid, "expiry: 14d", "follow_up: {case: "+c.rule+"}", 1)
		_, err := LoadBytes("f", []byte(body), env())
		require.ErrorContains(t, err, c.want, c.rule)
	}
}
