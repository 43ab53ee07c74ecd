package condition

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// asked is a program with questions, one of which no expression can name.
var asked = survey.Program{ID: "nps", Questions: []survey.Question{
	{ID: "causes", Type: survey.MultipleChoice}, {ID: "seats", Type: survey.ScaleChoice}, {ID: "why_not", Type: survey.FreeText}, {ID: "a-b"},
}}

func TestExpressionsAboutAnswers(t *testing.T) {
	t.Parallel()
	l, err := New(terms)
	require.NoError(t, err)
	l, err = l.ForAnswers(asked)
	require.NoError(t, err)
	facts := about(map[string]string{"tier": "gold"})
	facts.Response = survey.Response{
		ID: "r", Program: "nps", Score: 7, Band: survey.Passive, Comment: "We may leave",
		Answers: survey.Answers{"causes": {Chosen: []string{"price", "speed"}}, "seats": {Chosen: []string{"12"}}, "why_not": {}},
	}
	for text, want := range map[string]bool{
		"response.score <= 7 && account.tier == 'gold'":                              true,
		"response.score > 7":                                                         false,
		"response.band == 'passive'":                                                 true,
		"response.comment.contains('leave')":                                         true,
		"response.program == 'csat'":                                                 false,
		"response.answers.causes.contains('price')":                                  true,
		"response.answers.seats > 10":                                                true,
		"has(response.answers.why_not)":                                              false,
		"response.answers.why_not == 'x'":                                            false,
		"has(response.answers) && segment.enterprise":                                false,
		"contact.since != '' && now > timestamp('2026-01-01') && account.tier != ''": true,
	} {
		e, err := l.Compile(OfCase, text)
		require.NoError(t, err, text)
		require.Equal(t, want, e.Ask(facts).Holds, text)
	}
	for text, want := range map[string]string{
		"event.amount > 3":            "1:1: event is not known here: known are account, contact, response, segment, now",
		"response.scores > 3":         "1:10: response has no field scores: did you mean score?",
		"response.answers.price == 1": "1:18: response.answers has no field price: known are causes, seats, why_not",
		"response == 3":               "1:1: response is no single value: write response.<field>, known are answers, band, comment, program, score",
	} {
		_, err := l.Compile(OfCase, text)
		require.EqualError(t, err, want)
	}
	_, err = l.Compile(OfProgram, "response.score > 3")
	require.ErrorContains(t, err, "response is not known here")
}

func TestProgramOpensCases(t *testing.T) {
	t.Parallel()
	p := asked
	p.FollowUp.Case.When = "response.answers.causes.contains('price')"
	p.Terms.Fields = AnswerFields(p)
	compiled, err := ForProgram(p)
	require.NoError(t, err)
	r := survey.Response{Answers: survey.Answers{"causes": {Chosen: []string{"price"}}}}
	require.True(t, compiled.OpensCase(Facts{Response: r}))
	require.False(t, compiled.OpensCase(Facts{}), "nothing was chosen")
	require.False(t, compiled.AsksPeople(), "who is asked is another matter")
	none, err := ForProgram(survey.Program{})
	require.NoError(t, err)
	require.False(t, none.OpensCase(Facts{Response: r}))
}
