package survey

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
)

// QuestionType says how a question is answered.
type QuestionType string

// The types of question.
const (
	SingleChoice   QuestionType = "single"   // one option
	MultipleChoice QuestionType = "multiple" // any number of options
	ScaleChoice    QuestionType = "scale"    // a whole number
	FreeText       QuestionType = "text"
)

// Question is asked after the score, on a page of its own.
type Question struct {
	// ID names the question for good, and its answer.
	ID   string       `json:"id" yaml:"id"`
	Type QuestionType `json:"type" yaml:"type"`
	Text Words        `json:"text" yaml:"text"`
	// Options are those of a single or multiple choice.
	Options []Option `json:"options,omitempty" yaml:"options"`
	// Other offers OptionOther after all options, with room for the customer's own
	// words.
	Other bool `json:"other,omitempty" yaml:"other"`
	// Shuffle shows the options in another order to each customer, OptionOther last.
	Shuffle bool `json:"shuffle,omitempty" yaml:"shuffle"`
	// From and To are the lowest and the highest number of a scale, Low and High the
	// words at its ends.
	From int   `json:"from,omitempty" yaml:"from"`
	To   int   `json:"to,omitempty" yaml:"to"`
	Low  Words `json:"low,omitempty" yaml:"low"`
	High Words `json:"high,omitempty" yaml:"high"`
	// Required is set where nobody gets on without an answer. The score is kept all
	// the same.
	Required bool `json:"required,omitempty" yaml:"required"`
	// When says who is asked, nil for everybody.
	When *Condition `json:"when,omitempty" yaml:"when"`
}

// Option is one thing to choose.
type Option struct {
	ID   string `json:"id" yaml:"id"`
	Text Words  `json:"text" yaml:"text"`
}

// OptionOther is the id of the option with room for the customer's own words.
const OptionOther = "other"

// Causes is the id of the question that NPS+ asks after the score: which of up to
// MaxCauses causes it had.
const (
	Causes    = "causes"
	MaxCauses = 10
)

// CausesQuestion asks for the causes of a score, in a text for each locale.
func CausesQuestion(text Words, causes []Option) Question {
	return Question{ID: Causes, Type: MultipleChoice, Text: text, Options: causes, Other: true, Shuffle: true}
}

// Condition says who is asked a question: whoever meets all that it names.
type Condition struct {
	// Bands are those of the score, one of which it must have.
	Bands []Band `json:"bands,omitempty" yaml:"bands"`
	// Score is where the score must lie.
	Score *ScoreRange `json:"score,omitempty" yaml:"score"`
	// Answers are earlier questions, and the options of each of which at least one
	// must have been chosen; of a scale its numbers.
	Answers map[string][]string `json:"answers,omitempty" yaml:"answers"`
}

// ScoreRange is a range of scores, both ends included.
type ScoreRange struct {
	From int `json:"from" yaml:"from"`
	To   int `json:"to" yaml:"to"`
}

// meets reports whether a response is of those who are asked. Only answers to
// questions that were asked count.
func (c *Condition) meets(r Response, asked Answers) bool {
	if c == nil {
		return true
	}
	if len(c.Bands) > 0 && !slices.Contains(c.Bands, r.Band) {
		return false
	}
	if c.Score != nil && (r.Score < c.Score.From || r.Score > c.Score.To) {
		return false
	}
	for id, options := range c.Answers {
		if !slices.ContainsFunc(asked[id].Chosen, func(chosen string) bool { return slices.Contains(options, chosen) }) {
			return false
		}
	}
	return true
}

// Asked returns the questions for a response as it is, in order. Answers to
// others, given before the customer changed an earlier answer, do not count.
func (p Program) Asked(r Response) []Question {
	var asked []Question
	counting := Answers{}
	for _, q := range p.Questions {
		if q.When.meets(r, counting) {
			asked = append(asked, q)
			counting[q.ID] = r.Answers[q.ID]
		}
	}
	return asked
}

// NextQuestion returns the question to show, false where none is left: the first
// that has not been shown, or, where a customer goes through all of them again,
// the one after another (the first after "").
func (p Program) NextQuestion(r Response, after string, again bool) (Question, bool) {
	asked := p.Asked(r)
	if again {
		asked = asked[1+slices.IndexFunc(asked, func(q Question) bool { return q.ID == after }):]
	} else {
		asked = slices.DeleteFunc(asked, func(q Question) bool { _, seen := r.Answers[q.ID]; return seen })
	}
	if len(asked) == 0 {
		return Question{}, false
	}
	return asked[0], true
}

// Question returns the question of an id, false where the program has none.
func (p Program) Question(id string) (Question, bool) {
	i := slices.IndexFunc(p.Questions, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return Question{}, false
	}
	return p.Questions[i], true
}

// Values are what can be chosen, in the question's own order: the ids of options,
// or the numbers of a scale.
func (q Question) Values() []string {
	var values []string
	if q.Type == ScaleChoice {
		for n := q.From; n <= q.To; n++ {
			values = append(values, strconv.Itoa(n))
		}
	}
	for _, o := range q.Options {
		values = append(values, o.ID)
	}
	if q.Other {
		values = append(values, OptionOther)
	}
	return values
}

// Shown returns the options in the order in which a reader sees them, without
// OptionOther. The same reader, by any id, always sees the same order.
func (q Question) Shown(reader string) []Option {
	options := slices.Clone(q.Options)
	if !q.Shuffle {
		return options
	}
	place := func(o Option) string {
		sum := sha256.Sum256([]byte(reader + "\x00" + q.ID + "\x00" + o.ID))
		return string(sum[:])
	}
	slices.SortStableFunc(options, func(a, b Option) int { return cmp.Compare(place(a), place(b)) })
	return options
}
