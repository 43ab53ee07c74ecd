package casetext

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// plainly writes nothing but the words.
func plainly() Writer {
	same := func(s string) string { return s }
	return Writer{For("en"), Ink{Text: same, User: same, When: func(t time.Time) string { return t.Format(time.DateOnly) }}}
}

func TestWhyThereIsACase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		progress survey.CaseProgress
		metric   survey.Metric
		band     survey.Band
		comment  string
		reading  survey.Reading
		title    string
		rows     []Row
	}{
		"a detractor": {
			band: survey.Detractor, title: "Detractor: Ada", rows: []Row{{"Why", ""}, {"Case before", ""}},
		},
		"a promoter who is angry": {
			progress: survey.CaseProgress{Origin: survey.OriginContradiction}, band: survey.Promoter, comment: "I will cancel",
			reading: survey.Reading{Tone: survey.Angry, Marks: []survey.Mark{{From: 2, To: 13, Weight: -3}, {From: 0, To: 1, Weight: 1}}},
			title:   "Unhappy despite the score: Ada", rows: []Row{{"Why", "The score is not unhappy, but the comment is angry.\nIn the comment: “will cancel”"}, {"Case before", ""}},
		},
		"a passive": {
			progress: survey.CaseProgress{Origin: survey.OriginPassive, Priority: survey.PriorityLow}, metric: survey.NPS, band: survey.Passive,
			title: "Could be happier: Ada", rows: []Row{{"Why", "The customer is in between: what would make it a 9?"}, {"Case before", ""}},
		},
		"neutral": {
			progress: survey.CaseProgress{Origin: survey.OriginPassive}, metric: survey.CSAT, band: survey.Neutral,
			title: "Could be happier: Ada", rows: []Row{{"Why", "The customer is in between: what would make it better?"}, {"Case before", ""}},
		},
		"a condition": {
			progress: survey.CaseProgress{Origin: survey.OriginCondition}, band: survey.Promoter,
			title: "Worth a look: Ada", rows: []Row{{"Why", "The answer fits the condition that the program sets."}, {"Case before", ""}},
		},
		"a scale that was misread, after a case before": {
			progress: survey.CaseProgress{Earlier: "c0"}, band: survey.Detractor, comment: "Excellent service, we are very happy",
			reading: survey.Reading{Tone: survey.Pleased, Marks: []survey.Mark{{From: 0, To: 9, Weight: 3}, {From: 26, To: 99, Weight: 3}}},
			title:   "Detractor: Ada", rows: []Row{
				{"Why", "The comment is pleased: the customer may have taken the scale the wrong way round.\nIn the comment: “Excellent”"},
				{"Case before", "c0"},
			},
		},
	} {
		program := survey.Program{Metric: c.metric, FollowUp: survey.FollowUp{Case: survey.CaseRule{Contradictions: true}}}
		told := Case{Program: program, CaseDetail: store.CaseDetail{
			Case: survey.Case{CaseProgress: c.progress}, Contact: survey.Contact{FirstName: "Ada"},
			Responses: []survey.Response{{Band: c.band, Comment: c.comment, Reading: c.reading}},
		}}
		require.Equal(t, c.title, plainly().Title(told), name)
		require.Equal(t, c.rows, plainly().why(told), name)
	}
}

func TestStoryAfterTheEnd(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]store.CaseEvent{
		"The customer was thanked by mail.":                      {What: "thanked"},
		"The customer is asked again whether it is better now.":  {What: "asked_again"},
		"Asked again, nobody answered: the case stays resolved.": {What: "no_answer"},
		"Nobody could be asked again: the case stays resolved.":  {What: "no_answer", Choice: "unsubscribed"},
	} {
		line, known := plainly().Tell(Case{}, e)
		require.True(t, known)
		require.Equal(t, want, line.Text)
	}
}
