package webhook

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

func findProgram(id string) (survey.Program, bool) {
	words := survey.Words{"en": "x"}
	return survey.Program{ID: "p", Metric: survey.NPS, Questions: []survey.Question{
		survey.CausesQuestion(words, []survey.Option{{ID: "price", Text: words}, {ID: "speed", Text: words}}),
		{ID: "why", Type: survey.FreeText, Text: words}, {ID: "serious", Type: survey.ScaleChoice, Text: words, From: 1, To: 5},
	}}, id == "p"
}

// response is a good response with some of its JSON replaced.
func response(old, replacement string) string {
	const good = `{"id":"r1","source":"typeform","program":"p","contact":{"id":7,"email":"lena@nordwind.example"},"account":{"id":"1"},"score":9,"comment":" Good \r\nx","time":"2026-09-01T11:00:00Z","answers":{"causes":["price"],"why":"so","serious":3}}`
	if !strings.Contains(good, old) {
		panic("nothing to replace: " + old)
	}
	return strings.Replace(good, old, replacement, 1)
}

func TestParseResponses(t *testing.T) {
	t.Parallel()
	good := response("", "")
	for body, n := range map[string]int{good: 1, "[" + good + "," + good + "]": 2, `{"responses":[` + good + `]}`: 1, response("9", `"9"`): 1} {
		all, err := ParseResponses([]byte(body), "own", received, findProgram)
		require.NoError(t, err)
		require.Len(t, all, n)
		r := all[n-1]
		require.Equal(t, "typeform r1", r.Source+" "+r.ID)
		require.Equal(t, survey.Answer{Score: 9, Comment: "Good \nx", Done: true, Answers: survey.Answers{
			"causes": {Chosen: []string{"price"}}, "why": {Text: "so"}, "serious": {Chosen: []string{"3"}},
		}}, r.Answer)
		require.Equal(t, received.Add(-time.Hour), r.Time)
		contact, account := r.Event.People()
		require.Equal(t, "own/7", contact.Key)
		require.Equal(t, "own/1", account.Key)
	}
	all, err := ParseResponses([]byte(`{"id":"r1","source":"s","program":"p","score":0,"answers":{"causes":{"chosen":["other"],"text":"rain"}}}`), "own", received, findProgram)
	require.NoError(t, err)
	require.Equal(t, received, all[0].Time)
	contact, _ := all[0].Event.People()
	require.Nil(t, contact)
	require.Equal(t, survey.QuestionAnswer{Chosen: []string{"other"}, Text: "rain"}, all[0].Answer.Answers["causes"])
}

func TestParseResponsesNamesThePlace(t *testing.T) {
	t.Parallel()
	good := response("", "")
	for body, reason := range map[string]string{
		"":                                   "body is empty",
		"7":                                  "body is neither a response nor an array of responses in JSON",
		"[]":                                 "body has 0 responses: want 1 to 100",
		`{"responses":7}`:                    "responses is not an array",
		"[" + good + ",7]":                   "responses[1] is not a JSON object",
		"{}":                                 "id is missing",
		response(`"source"`, `"sauce"`):      "response has an unknown field: known are id, source, program",
		response(`"p"`, `"q"`):               "program is none of those that are configured",
		response("9", "11"):                  "score is none of nps: want a whole number of 0 to 10",
		response("9", "8.5"):                 "score is none of nps",
		response("9", "true"):                "score is not a number",
		response(`"score":9,`, ""):           "score is missing",
		response(`" Good \r\nx"`, "1"):       "comment is not text",
		response("2026-09-01", "2026-07-01"): "time is more than 30 days ago",
		response(`"id":7,`, ""):              "contact.id is missing",
		response(`"contact":{"id":7,"email":"lena@nordwind.example"},`, ""): "contact.id is missing: an account is known by its contact",
		response("lena@", "lena"):              "contact.email is not an e-mail address",
		response(`["price"]`, `["prize"]`):     "answers.causes is not an answer to this question: want ids of its options",
		response(`["price"]`, `[1]`):           "answers.causes has an option that is not text",
		response(`["price"]`, `true`):          "answers.causes is neither text, a number nor a list of options",
		response(`["price"]`, `{"x":1}`):       "answers.causes has an unknown field",
		response(`"serious":3`, `"serious":9`): "answers.serious is not an answer to this question: want a number of its scale",
		response(`"why"`, `"who"`):             "answers names a question that the program does not have",
		response(`" Good \r\nx"`, `"`+strings.Repeat("x", survey.MaxComment+1)+`"`): "comment has 5001 characters: at most 5000 are taken",
		"[" + good + "," + response("9", "-1") + "]":                                "responses[1].score is none of nps",
		"[" + strings.Repeat(good+",", maxItems) + good + "]":                       fmt.Sprintf("body has %d responses", maxItems+1),
	} {
		all, err := ParseResponses([]byte(body), "own", received, findProgram)
		require.Nil(t, all)
		require.IsType(t, &crm.Rejection{}, err, body)
		require.Contains(t, err.(*crm.Rejection).Reason, reason)
		require.NotContains(t, err.Error(), "nordwind")
	}
}

func FuzzParseResponses(f *testing.F) {
	f.Add([]byte(response("", "")))
	f.Add([]byte(`{"responses":[{"id":"r","source":"s","program":"p","score":"7","answers":{"causes":{"chosen":[],"text":"x"}}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := ParseResponses(body, "own", received, findProgram)
		if err != nil {
			require.IsType(t, &crm.Rejection{}, err)
			return
		}
		for _, r := range all {
			require.True(t, r.Answer.Score >= 0 && r.Answer.Score <= 10)
			require.NoError(t, survey.CheckComment(r.Answer.Comment))
			require.False(t, r.Time.After(received))
		}
	})
}

func TestParseFeedback(t *testing.T) {
	t.Parallel()
	const good = `{"id":"1","source":"g2","kind":"review","text":"Slow\r\nbut good","rating":3.5,"language":"en","url":"https://example.com/r/1"}`
	all, err := ParseFeedback([]byte(good), "own", received)
	require.NoError(t, err)
	require.Equal(t, survey.Feedback{
		Source: "g2", SourceID: "1", Kind: survey.FeedbackReview, Text: "Slow\nbut good", Rating: 3.5, Language: "en", URL: "https://example.com/r/1", At: received,
	}, all[0].Feedback)
	for body, reason := range map[string]string{
		"7": "body is neither a comment nor an array of feedback in JSON",
		strings.Replace(good, "review", "post", 1):                    "kind is unknown: want one of review, ticket, chat, call, other",
		strings.Replace(good, `"en"`, `"of Lena"`, 1):                 "language is not a language such as fr or fr-CA",
		strings.Replace(good, "https:", "javascript:", 1):             "url is not an address",
		strings.Replace(good, "3.5", "6", 1):                          "rating is not a number of 1 to 5",
		strings.Replace(good, "3.5", `"3"`, 1):                        "rating is not a number of 1 to 5",
		strings.Replace(good, `Slow\r\nbut good`, " ", 1):             "text is missing",
		strings.Replace(good, `"text"`, `"body"`, 1):                  "unknown field",
		"[" + good + "," + strings.Replace(good, "3.5", "0", 1) + "]": "feedback[1].rating",
	} {
		_, err := ParseFeedback([]byte(body), "own", received)
		require.ErrorContains(t, err, reason)
	}
}

func FuzzParseFeedback(f *testing.F) {
	f.Add([]byte(`{"id":"1","source":"g2","kind":"review","text":"Slow","rating":3.5,"url":"https://example.com/r/1","contact":{"id":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := ParseFeedback(body, "own", received)
		if err != nil {
			require.IsType(t, &crm.Rejection{}, err)
			return
		}
		for _, one := range all {
			require.NotEmpty(t, one.Text)
			require.True(t, one.Kind.Known())
		}
	})
}
