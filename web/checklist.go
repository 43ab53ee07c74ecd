package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// itemField is the field of an item of a checklist, and the id of its first answer.
func itemField(id string) string { return "item-" + id }

// sentAudit is what an auditor gave or sent.
type sentAudit struct {
	answers survey.Answers
	comment string
	// open are the items without an answer that is taken, of a form.
	open map[string]bool
}

// presentAudit is what was given before.
func (v visit) presentAudit() sentAudit {
	if v.response == nil {
		return sentAudit{}
	}
	return sentAudit{answers: v.response.Answers, comment: v.response.Comment}
}

// sentAudit is what a form says, whether it is taken or not.
func (v visit) sentAudit(form url.Values) sentAudit {
	sent := sentAudit{answers: survey.Answers{}, comment: strings.ToValidUTF8(form.Get("comment"), "\uFFFD"), open: map[string]bool{}}
	for _, q := range v.program.ItemQuestions() {
		answer, err := q.Answer(form[itemField(q.ID)], "")
		sent.answers[q.ID], sent.open[q.ID] = answer, err != nil
	}
	return sent
}

// audit reads a form. It is taken whole: with an answer to every item, or not at all.
func (v visit) audit(form url.Values) (survey.Answer, error) {
	answer := survey.Answer{Answers: survey.Answers{}, Done: true}
	var err error
	for _, q := range v.program.ItemQuestions() {
		if answer.Answers[q.ID], err = q.Answer(form[itemField(q.ID)], ""); err != nil {
			return survey.Answer{}, refused(err)
		}
	}
	if answer.Score, err = v.program.ScoreChecklist(answer.Answers); err != nil {
		return survey.Answer{}, refused(err)
	}
	var asked bool
	answer.Comment, asked, err = comment(form)
	answer.KeepComment = !asked
	return answer, err
}

// itemView is an item of a checklist on its page.
type itemView struct {
	Field, Text string
	Answers     []choiceView
	// Open is set where the page says that its answer is missing.
	Open bool
}

// showChecklist shows the page of an audit.
func (s *Server) showChecklist(w http.ResponseWriter, status int, v visit, sent sentAudit, problem *formProblem) {
	page := s.surveyView(v)
	for _, q := range v.program.ItemQuestions() {
		item := itemView{Field: itemField(q.ID), Text: q.Text.In(v.locale), Open: sent.open[q.ID]}
		for i, o := range q.Options {
			item.Answers = append(item.Answers, choiceView{o.ID, v.fill(o.Text.In(v.locale), s.opt.Brand), sent.answers[q.ID].Has(o.ID), i == 0})
		}
		page.Survey.Checklist = append(page.Survey.Checklist, item)
	}
	page.Survey.Comment = sent.comment
	page.Title, page.Button = page.Survey.Question, v.fill(v.texts.Send, s.opt.Brand)
	page.Problem = s.problem(v, problem, v.openField(sent, problem))
	s.pages.render(w, status, "checklist", page)
}

// openField is the field that a problem is about: the first item without an answer, the
// first of all where none applies, or the comment.
func (v visit) openField(sent sentAudit, problem *formProblem) string {
	open := slices.IndexFunc(v.program.Checklist, func(i survey.Item) bool { return sent.open[i.ID] })
	if open < 0 && problem != nil && !problem.missing {
		return "comment"
	}
	return itemField(v.program.Checklist[max(open, 0)].ID)
}
