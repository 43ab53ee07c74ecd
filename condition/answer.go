package condition

import (
	"maps"
	"regexp"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// answersOf is where the answers to a program's questions are, by their ids.
const answersOf = Response + ".answers"

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// AnswerFields are the fields in which expressions find what a customer wrote, and the
// answers to a program's questions and checklist. A question whose id has a - in it has
// none.
func AnswerFields(p survey.Program) map[string]survey.FieldType {
	fields := map[string]survey.FieldType{Response + ".comment": survey.FieldText}
	for _, q := range append(p.ItemQuestions(), p.Questions...) {
		if identifier.MatchString(q.ID) {
			fields[answersOf+"."+q.ID] = survey.FieldText
		}
	}
	return fields
}

// responseText is a field of a response, "" where it has no value. Of several options
// that were chosen the ids stand side by side, with commas between.
func responseText(r *survey.Response, name string) string {
	if id, asked := strings.CutPrefix(name, "answers."); asked {
		answer := r.Answers[id]
		if len(answer.Chosen) > 0 {
			return strings.Join(answer.Chosen, ",")
		}
		return answer.Text
	}
	switch {
	case r.Program == "":
		return ""
	case name == "score":
		return strconv.Itoa(r.Score)
	case name == "band":
		return string(r.Band)
	case name == "comment":
		return r.Comment
	}
	return r.Program
}

// OpensCase reports whether CaseRule.When of the program holds for a response.
func (p *Program) OpensCase(about Facts) bool { return p.opens != nil && p.opens.Ask(about).Holds }

// ForAnswers is the language with all that an answer to a program says.
func (l *Language) ForAnswers(p survey.Program) (*Language, error) {
	fields := AnswerFields(p)
	maps.Copy(fields, l.terms.Fields)
	return New(survey.Terms{Fields: fields, Segments: l.terms.Segments})
}
