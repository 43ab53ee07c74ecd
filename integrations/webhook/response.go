package webhook

import (
	"encoding/json"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Response is an answer that another survey tool took.
type Response struct {
	// Source and ID name it once and for all.
	Source, ID string
	Program    survey.Program
	// Event carries the contact and the account; Event.People has no contact where
	// nobody knows who answered.
	Event  survey.Event
	Locale string
	// Time is when it was answered, in real time.
	Time   time.Time
	Answer survey.Answer
}

// maxResponseAge is how old an answer may be: a case or an ask that follows from an
// older one would come as a surprise.
const maxResponseAge = 30 * 24 * time.Hour

// ParseResponses reads one response, an array of them or {"responses": […]}: id, source,
// program and score are required. find returns a configured program. Its errors are
// *crm.Rejection, name the place ("responses[2].score 11 is out of range: …") and quote
// no text.
func ParseResponses(body []byte, crmID string, received time.Time, find func(id string) (survey.Program, bool)) ([]Response, error) {
	return parseItems(body, "response", "responses", func(object map[string]any) (Response, error) {
		return parseResponse(object, crmID, received, find)
	})
}

func parseResponse(object map[string]any, crmID string, received time.Time, find func(string) (survey.Program, bool)) (r Response, err error) {
	if err := onlyFields(object, "id", "source", "program", "contact", "account", "locale", "time", "score", "comment", "answers"); err != nil {
		return r, err
	}
	var program string
	for _, a := range []struct {
		name     string
		required bool
		into     *string
	}{{"id", true, &r.ID}, {"source", true, &r.Source}, {"program", true, &program}, {"locale", false, &r.Locale}} {
		if *a.into, err = attributeOf(object, a.name, a.required); err != nil {
			return r, err
		}
	}
	var found bool
	if r.Program, found = find(program); !found {
		return r, fault("program", "is none of those that are configured")
	}
	if r.Time, err = timeWithin(object, received, maxResponseAge); err != nil {
		return r, err
	}
	if r.Answer, err = answerOf(object, r.Program); err != nil {
		return r, err
	}
	r.Event, err = whoAnswered(object, crmID)
	return r, err
}

// whoAnswered is an event with the contact and the account of an object, which has
// neither where nobody knows who it was.
func whoAnswered(object map[string]any, crmID string) (survey.Event, error) {
	switch {
	case object["contact"] != nil:
		return eventAbout(object, nil, crmID)
	case object["account"] != nil:
		return survey.Event{}, fault("contact.id", "is missing: an account is known by its contact")
	}
	return survey.Event{CRM: crmID}, nil
}

// answerOf reads score, comment and the answers to the program's questions.
func answerOf(object map[string]any, p survey.Program) (a survey.Answer, err error) {
	text, err := wholeNumber(object["score"], "score")
	if err != nil {
		return a, err
	}
	if a.Score, err = p.ParseScore(text); err != nil {
		low, high := p.Range()
		return a, fault("score", "is none of %s: want a whole number of %d to %d", p.Metric, low, high)
	}
	if a.Comment, err = longText(object, "comment", survey.CheckComment); err != nil {
		return a, err
	}
	a.Done = true
	given, err := objectOf(object, "", "answers")
	if err != nil || given == nil {
		return a, err
	}
	a.Answers = survey.Answers{}
	for id, value := range given {
		question, known := p.Question(id)
		if !known {
			return a, fault("answers", "names a question that the program does not have")
		}
		if a.Answers[id], err = questionAnswer(question, value); err != nil {
			return a, err
		}
	}
	return a, nil
}

// questionAnswer reads what was answered to a question: a text, a number, a list of
// options, or {"chosen": […], "text": "…"}.
func questionAnswer(q survey.Question, value any) (survey.QuestionAnswer, error) {
	at := "answers." + q.ID
	var chosen []string
	text := ""
	switch v := value.(type) {
	case nil:
	case json.Number:
		chosen = []string{v.String()}
	case string:
		if chosen = []string{v}; q.Type == survey.FreeText {
			chosen, text = nil, v
		}
	case map[string]any:
		if err := onlyFields(v, "chosen", "text"); err != nil {
			return survey.QuestionAnswer{}, fault(at, "has an unknown field: known are chosen, text")
		}
		var isText bool
		if text, isText = v["text"].(string); !isText && v["text"] != nil {
			return survey.QuestionAnswer{}, fault(at+".text", "is not text")
		}
		return takenAnswer(q, v["chosen"], text, at)
	default:
		return takenAnswer(q, value, "", at)
	}
	return checkedAnswer(q, chosen, text, at)
}

func takenAnswer(q survey.Question, list any, text, at string) (survey.QuestionAnswer, error) {
	items, isList := list.([]any)
	if !isList && list != nil {
		return survey.QuestionAnswer{}, fault(at, "is neither text, a number nor a list of options")
	}
	var chosen []string
	for _, item := range items {
		option, isText := item.(string)
		if !isText {
			return survey.QuestionAnswer{}, fault(at, "has an option that is not text")
		}
		chosen = append(chosen, option)
	}
	return checkedAnswer(q, chosen, text, at)
}

func checkedAnswer(q survey.Question, chosen []string, text, at string) (survey.QuestionAnswer, error) {
	answer, err := q.Answer(chosen, text)
	if err != nil {
		return survey.QuestionAnswer{}, fault(at, "is not an answer to this question: want %s", wanted(q))
	}
	return answer, nil
}

// wanted says what a question takes.
func wanted(q survey.Question) string {
	switch q.Type {
	case survey.FreeText:
		return "a text of at most 5000 characters"
	case survey.MultipleChoice:
		return "ids of its options"
	case survey.ScaleChoice:
		return "a number of its scale"
	}
	return "the id of one of its options"
}
