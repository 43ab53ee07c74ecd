package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// The fields of a question's form, besides the score.
const (
	fieldQuestion = "question" // id of the question that the form is about
	fieldAnswer   = "answer"   // each value chosen, or a free text
	fieldOther    = "other"    // what survey.OptionOther is
	fieldAgain    = "again"    // there while a customer goes through all questions again
)

// answers reads what a form says to the question that it is about; nil where it is
// about none.
func (v visit) answers(form url.Values) (survey.Answers, error) {
	id, there, err := field(form, fieldQuestion)
	if err != nil || !there {
		return nil, err
	}
	question, ok := v.program.Question(id)
	if !ok {
		return nil, &formProblem{status: http.StatusUnprocessableEntity, text: "the survey has no such question"}
	}
	chosen, name := form[fieldAnswer], fieldOther
	if question.Type == survey.FreeText {
		chosen, name = nil, fieldAnswer
	}
	text, _, err := words(form, name)
	if err != nil {
		return nil, err
	}
	answer, err := question.Answer(chosen, text)
	if err != nil {
		return nil, refused(err)
	}
	return survey.Answers{id: answer}, nil
}

// sentAnswer is what a form says, whether it is taken or not.
func sentAnswer(form url.Values) survey.QuestionAnswer {
	text := cmp.Or(form.Get(fieldOther), form.Get(fieldAnswer))
	return survey.QuestionAnswer{Chosen: form[fieldAnswer], Text: strings.ToValidUTF8(text, "\uFFFD")}
}

// questionPage is a question to show.
type questionPage struct {
	question survey.Question
	score    int
	// sent is what was answered, or sent and not taken.
	sent    survey.QuestionAnswer
	again   bool
	problem *formProblem
}

// questionView is what the page of a question shows.
type questionView struct {
	ID, Text string
	Again    bool
	Required bool
	// Many is set where more than one can be chosen, Scale where they are numbers.
	Many, Scale bool
	Choices     []choiceView
	Low, High   string
	LowScore    int
	HighScore   int
	// Other is the last choice, with the customer's own words; nil for none.
	Other *choiceView
	// Words are the customer's: a free text, or what Other is.
	Words    string
	MaxWords int
	// Invalid is set where the page says what is wrong.
	Invalid bool
}

// choiceView is one thing to choose.
type choiceView struct {
	Value, Label string
	Chosen       bool
	// First is set for the one that an error leads to.
	First bool
}

// showQuestion shows the page of one question.
func (s *Server) showQuestion(w http.ResponseWriter, v visit, status int, p questionPage) {
	page, q := s.surveyView(v), p.question
	page.Survey.Chosen = p.score
	page.Title, page.Button = q.Text.In(v.locale), v.fill(v.texts.Next, s.opt.Brand)
	page.Text = v.fill(v.texts.Thanks, s.opt.Brand)
	page.Problem = s.problem(v, p.problem, fieldAnswer)
	page.Question = &questionView{
		ID: q.ID, Text: page.Title, Again: p.again, Required: q.Required, Invalid: p.problem != nil,
		Many: q.Type == survey.MultipleChoice, Scale: q.Type == survey.ScaleChoice,
		Low: q.Low.In(v.locale), High: q.High.In(v.locale),
		LowScore: q.From, HighScore: q.To, Words: p.sent.Text, MaxWords: survey.MaxOther,
	}
	if q.Type == survey.FreeText {
		page.Question.MaxWords = survey.MaxComment
	}
	s.addChoices(page.Question, v, p)
	s.pages.render(w, status, "question", page)
}

func (s *Server) addChoices(view *questionView, v visit, p questionPage) {
	add := func(value, label string) {
		view.Choices = append(view.Choices, choiceView{value, label, p.sent.Has(value), len(view.Choices) == 0})
	}
	if view.Scale {
		for _, value := range p.question.Values() {
			add(value, value)
		}
		return
	}
	for _, option := range p.question.Shown(v.invitation.ID) {
		add(option.ID, option.Text.In(v.locale))
	}
	if p.question.Other {
		view.Other = &choiceView{Value: survey.OptionOther, Label: v.fill(v.texts.Other, s.opt.Brand), Chosen: p.sent.Has(survey.OptionOther)}
	}
}

// givenView is a question with what was answered.
type givenView struct {
	Question string
	// Labels are the texts of what was chosen, Words the customer's own.
	Labels []string
	Words  string
}

func (s *Server) givenView(v visit, response survey.Response) []givenView {
	var views []givenView
	for _, given := range v.program.Given(response) {
		labels := given.Labels(v.locale)
		if given.Answer.Has(survey.OptionOther) && given.Answer.Text == "" {
			labels = append(labels, v.fill(v.texts.Other, s.opt.Brand))
		}
		views = append(views, givenView{given.Question.Text.In(v.locale), labels, given.Answer.Text})
	}
	return views
}

// problemView is what is wrong with what was sent.
type problemView struct {
	Text, Lang, Dir string
	// At is the id of the field that it is about, "" for none.
	At string
}

// problem words what is wrong: in the page's language where it has words for it,
// else in English.
func (s *Server) problem(v visit, p *formProblem, at string) *problemView {
	switch {
	case p == nil:
		return nil
	case p.missing && v.texts.Required != "":
		return &problemView{v.fill(v.texts.Required, s.opt.Brand), v.locale, direction(v.locale), at}
	case p.status != http.StatusUnprocessableEntity:
		at = ""
	}
	return &problemView{p.text, "en", "ltr", at}
}
