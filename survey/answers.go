package survey

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxOther is the most that is taken as another option than those offered, in
// characters.
const MaxOther = 500

// Answers are what a customer said to questions, by their ids. An answer that is
// empty is of a question that was shown and passed over.
type Answers map[string]QuestionAnswer

// QuestionAnswer is what a customer said to one question.
type QuestionAnswer struct {
	// Chosen are the ids of options in the question's own order, OptionOther last; of
	// a scale its number.
	Chosen []string `json:"chosen,omitempty"`
	// Text is a free text, or what OptionOther is.
	Text string `json:"text,omitempty"`
}

// Empty reports whether nothing was said.
func (a QuestionAnswer) Empty() bool { return len(a.Chosen) == 0 && a.Text == "" }

// Has reports whether an option was chosen.
func (a QuestionAnswer) Has(option string) bool { return slices.Contains(a.Chosen, option) }

// ErrRequired is returned where a question that must be answered was passed over.
var ErrRequired = errors.New("this question has to be answered")

// Answer reads what a form says to the question: the values chosen, and a text,
// which counts for a free text and for OptionOther. Words in the field of
// OptionOther choose it, unless a single choice was made otherwise. An error is
// ErrRequired, or says what is wrong with what was sent.
func (q Question) Answer(chosen []string, text string) (QuestionAnswer, error) {
	text = strings.TrimSpace(text)
	if q.Type == FreeText {
		if err := CheckText("answer", text, MaxComment); err != nil {
			return QuestionAnswer{}, err
		}
		return q.complete(QuestionAnswer{Text: text})
	}
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(value string) bool { return value == "" })
	if q.Other && text != "" && !slices.Contains(chosen, OptionOther) && (q.Type == MultipleChoice || len(chosen) == 0) {
		chosen = append(chosen, OptionOther)
	}
	values := q.Values()
	for _, value := range chosen {
		if !slices.Contains(values, value) {
			return QuestionAnswer{}, fmt.Errorf("answer %q is none of those offered", clip(strings.ToValidUTF8(value, "\uFFFD"), 20))
		}
	}
	var answer QuestionAnswer
	for _, value := range values {
		if slices.Contains(chosen, value) {
			answer.Chosen = append(answer.Chosen, value)
		}
	}
	if q.Type != MultipleChoice && len(answer.Chosen) > 1 {
		return QuestionAnswer{}, fmt.Errorf("%d answers are chosen: want one", len(answer.Chosen))
	}
	if answer.Has(OptionOther) {
		if err := CheckText("answer", text, MaxOther); err != nil {
			return QuestionAnswer{}, err
		}
		answer.Text = text
	}
	return q.complete(answer)
}

func (q Question) complete(a QuestionAnswer) (QuestionAnswer, error) {
	if q.Required && a.Empty() {
		return QuestionAnswer{}, ErrRequired
	}
	return a, nil
}

// CheckText refuses what a customer wrote, by a name for it, where it is longer
// than so many characters or not text.
func CheckText(name, text string, most int) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s is not valid UTF-8 text", name)
	}
	if strings.ContainsRune(text, 0) {
		return fmt.Errorf("%s holds a NUL character", name)
	}
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Errorf("%s has %d characters: at most %d are taken", name, n, most)
	}
	return nil
}

// CheckComment refuses a comment that is too long or not text.
func CheckComment(comment string) error { return CheckText("comment", comment, MaxComment) }

// Given is a question and what a customer said to it.
type Given struct {
	Question Question
	Answer   QuestionAnswer
}

// Given returns what a response says to the checklist and to the questions that were
// asked, in order, without those passed over.
func (p Program) Given(r Response) []Given {
	var given []Given
	for _, q := range append(p.ItemQuestions(), p.Asked(r)...) {
		if a := r.Answers[q.ID]; !a.Empty() {
			given = append(given, Given{q, a})
		}
	}
	return given
}

// Labels are the texts of what was chosen in a locale. OptionOther has none of its
// own: its text is the customer's.
func (g Given) Labels(locale string) []string {
	var labels []string
	for _, value := range g.Answer.Chosen {
		at := slices.IndexFunc(g.Question.Options, func(o Option) bool { return o.ID == value })
		switch {
		case at >= 0:
			labels = append(labels, g.Question.Options[at].Text.In(locale))
		case value != OptionOther:
			labels = append(labels, value)
		}
	}
	return labels
}
