package casetext

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestWhatACommentIsAbout(t *testing.T) {
	t.Parallel()
	r := survey.Response{
		Version: "v1", Comment: "Too expensive, and the\ncar park is full. Expensive!",
		Reading: survey.Reading{Topics: []string{"parking", "price", "staff"}, Marks: []survey.Mark{
			{From: 4, To: 13, Weight: -1.5}, {From: 4, To: 13, Topic: "price"}, {From: 23, To: 31, Topic: "parking"}, {From: 41, To: 500, Topic: "price"},
		}},
	}
	c := Case{
		CaseDetail: store.CaseDetail{Responses: []survey.Response{r}}, Programs: map[string]survey.Program{"v1": {}},
		Facts: survey.CaseFacts{Topics: map[string]survey.Words{"parking": {"en": "Parking", "fr": "Stationnement"}}},
	}
	require.Equal(t, []Row{{"About", "Parking (“car park”) · Price (“expensive”) · staff"}}, plainly().Answers(c, r))
	french := plainly()
	french.Words = For("fr")
	require.Equal(t, []Row{{"Sujets", "Stationnement (“car park”) · Prix (“expensive”) · staff"}}, french.Answers(c, r))
	unnamed := WithoutNames(c)
	require.Equal(t, []Row{{"About", "Parking · Price · staff"}}, plainly().Answers(unnamed, unnamed.Responses[0]), "what was written is not told")
	require.Empty(t, plainly().Answers(c, survey.Response{Version: "v1"}))
}
