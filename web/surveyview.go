package web

import (
	"net/http"

	"github.com/cxloop/cxloop/survey"
)

// surveyView is what the survey's pages show.
type surveyView struct {
	Question, Low, High string
	LowScore, HighScore int
	Scores              []scoreView
	// Chosen is the score given, on the pages after it.
	Chosen       int
	Comment      string
	CommentLabel string
	// AskComment shows the comment on the page that asks for the score.
	AskComment bool
	// Again is set where the customer goes through all questions again.
	Again bool
	// Given are the answers to questions, on the last page.
	Given      []givenView
	MaxComment int
	Change     string
	// Anonymous says that the answer is, and what that means; "" where it is not.
	Anonymous string
	// Checklist is what an auditor goes through.
	Checklist []itemView
	// Secret goes with each form of an anonymous survey.
	Secret    string
	ChangeURL string
}

// scoreView is one score to choose.
type scoreView struct {
	Value  int
	Chosen bool
}

// ask shows the page that asks for a score, or an audit's checklist; chosen is nil where
// none is chosen in advance.
func (s *Server) ask(w http.ResponseWriter, status int, v visit, chosen *int, comment string, problem *formProblem) {
	if v.program.Metric == survey.Audit {
		s.showChecklist(w, status, v, v.presentAudit(), problem)
		return
	}
	page := s.surveyView(v)
	page.Survey.Comment, page.Survey.AskComment = comment, v.response != nil || comment != ""
	button := v.texts.Send
	if len(v.program.Questions) > 0 && comment == presentComment(v) {
		// The comment has a page of its own, after the questions.
		page.Survey.AskComment, page.Survey.Again, button = false, v.response != nil, v.texts.Next
	}
	for score := page.Survey.LowScore; score <= page.Survey.HighScore; score++ {
		page.Survey.Scores = append(page.Survey.Scores, scoreView{score, chosen != nil && *chosen == score})
	}
	page.Hidden = v.hidden
	page.Title, page.Button, page.Problem = page.Survey.Question, v.fill(button, s.opt.Brand), s.problem(v, problem, "score")
	s.pages.render(w, status, "score", page)
}

// showStep shows the step after an answer: a question, the comment, or the last
// thanks. A customer who goes through all again is shown what comes after a question.
func (s *Server) showStep(w http.ResponseWriter, v visit, response survey.Response, after string, again bool) {
	question, more := v.program.NextQuestion(response, after, again)
	if more && (again || !response.Done) {
		s.showQuestion(w, v, http.StatusOK, questionPage{
			question: question, score: response.Score, sent: response.Answers[question.ID], again: again,
		})
		return
	}
	s.showEnd(w, v, response, again)
}

// showEnd asks for the comment, or gives the last thanks.
func (s *Server) showEnd(w http.ResponseWriter, v visit, response survey.Response, again bool) {
	page := s.surveyView(v)
	page.Survey.Chosen, page.Survey.Comment = response.Score, response.Comment
	page.Title = v.fill(v.texts.Thanks, s.opt.Brand)
	if response.Done && !again {
		page.Survey.Given = s.givenView(v, response)
		if page.Ask = v.ask; v.ask != nil {
			page.FormTo = v.ask.leads
		}
		s.pages.render(w, http.StatusOK, "done", page)
		return
	}
	page.Text, page.Button = v.fill(v.texts.ThanksMore, s.opt.Brand), v.fill(v.texts.Done, s.opt.Brand)
	s.pages.render(w, http.StatusOK, "comment", page)
}

func (s *Server) surveyView(v visit) view {
	low, high := v.program.Range()
	unsubscribe := ""
	if v.contact.Key != "" { // of somebody else there is no address to mail to
		unsubscribe = s.path("u", s.opt.Tokens.Seal(survey.TokenUnsubscribe, v.invitation.ID))
	}
	below := s.footerOf(v.letter, unsubscribe)
	below.Notice = v.fill(v.texts.Notice, s.opt.Brand)
	action, change := v.action, v.action+"?change=1"
	if v.embedded {
		action += "?" + embedParam + "=1"
		change = action + "&change=1"
	}
	return view{
		Lang: v.locale, Action: action, Letter: &v.letter, Embedded: v.embedded, Page: v.page, Seen: seenPath(v.action, v.page), Footer: below,
		Survey: &surveyView{
			Question: v.fill(v.texts.Question, s.opt.Brand),
			Low:      v.fill(v.texts.Low, s.opt.Brand), High: v.fill(v.texts.High, s.opt.Brand),
			LowScore: low, HighScore: high,
			CommentLabel: v.fill(v.texts.Comment, s.opt.Brand), MaxComment: survey.MaxComment,
			Anonymous: v.fill(v.texts.Anonymous, s.opt.Brand), Secret: v.secret,
			Change: v.fill(v.texts.Change, s.opt.Brand), ChangeURL: change,
		},
	}
}

func presentScore(v visit) *int {
	if v.response == nil {
		return nil
	}
	return &v.response.Score
}

func presentComment(v visit) string {
	if v.response == nil {
		return ""
	}
	return v.response.Comment
}
