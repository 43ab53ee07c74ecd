package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// caseForm is what a button asks for before it does something.
type caseForm struct {
	title, submit func(formWords) string
	inputs        func(formFacts) []slackgo.Block
	// read completes a click by what was filled in. Its complaints are by the input that
	// they are about.
	read func(ctx context.Context, s *Server, click *survey.Click, filled map[string]string, words formWords) (complaints map[string]string, err error)
	// ends says that the case ends by it, which nobody decides who has not seen the latest
	// answer.
	ends bool
}

// formFacts is what a form is drawn from.
type formFacts struct {
	words   formWords
	locale  string
	user    string // who is asked
	program survey.Program
}

// caseForms are the forms by the action of their button, and the callback id of the view.
var caseForms = map[survey.CaseAction]caseForm{
	survey.ActionAssign: {
		title: func(w formWords) string { return w.Assign }, submit: func(w formWords) string { return w.DoAssign },
		inputs: assignInputs, read: readAssign,
	},
	survey.ActionSnooze: {
		title: func(w formWords) string { return w.Snooze }, submit: func(w formWords) string { return w.DoSnooze },
		inputs: snoozeInputs, read: readSnooze,
	},
	survey.ActionResolve: {
		title: func(w formWords) string { return w.Resolve }, submit: func(w formWords) string { return w.DoResolve },
		inputs: resolveInputs, read: readEnd, ends: true,
	},
	survey.ActionReject: {
		title: func(w formWords) string { return w.Reject }, submit: func(w formWords) string { return w.DoReject },
		inputs: rejectInputs, read: readEnd, ends: true,
	},
}

// formTag comes back with a form that was sent. Slack shows it to nobody.
type formTag struct {
	// Case is the value of the button that opened the form.
	Case string `json:"case"`
	// Locale is the language that the form is in.
	Locale string `json:"locale"`
}

// openForm shows the form behind a button, or why there is none. A form is drawn while
// its trigger lives, three seconds: where that fails the user is told to press again.
func (s *Server) openForm(ctx context.Context, trigger string, click survey.Click, form caseForm) error {
	if s.opt.Slack == nil || trigger == "" {
		return crm.Reject(http.StatusBadRequest, "action %s opens a form, and the interaction has no trigger_id", click.Action)
	}
	detail, err := s.opt.Store.Case(ctx, click.CaseID)
	if errors.Is(err, store.ErrNotFound) {
		return crm.Reject(http.StatusNotFound, "there is no case that the button belongs to")
	}
	if err != nil {
		return err
	}
	program, err := s.opt.Program(ctx, detail.Case.Program, detail.Case.Version)
	if err != nil {
		return err
	}
	words, locale := wordsFor(s.opt.Route(detail).Language)
	view := slackgo.ModalViewRequest{Type: slackgo.VTModal, Title: plainText(form.title(words))}
	switch {
	case detail.Case.State.Ended():
		view.Blocks.BlockSet = []slackgo.Block{saying(words.Over)}
	case form.ends && click.Seen < detail.Case.Answered:
		view.Blocks.BlockSet = []slackgo.Block{saying(words.Unread)}
	default:
		tag, err := json.Marshal(formTag{survey.Case{ID: click.CaseID, Revision: click.Seen}.Button(), locale})
		if err != nil {
			return err
		}
		view.CallbackID, view.PrivateMetadata = string(click.Action), string(tag)
		view.Submit, view.Close = plainText(form.submit(words)), plainText(words.Cancel)
		view.Blocks.BlockSet = form.inputs(formFacts{words: words, locale: locale, user: click.User, program: program})
	}
	_, err = s.opt.Slack.OpenView(ctx, trigger, view)
	return err
}
