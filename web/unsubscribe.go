package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The field that mail providers post to unsubscribe (RFC 8058, section 3.2). Our own
// page does not post it: a machine that submits the forms of pages never sends it. So
// it is taken at once from wherever it comes, as providers send it from their data
// centres, for many people, and show no page; and it is from everything.
const (
	oneClickField = "List-Unsubscribe"
	oneClickValue = "One-Click"
)

// fieldLeave is what our own page posts: what to leave.
const (
	fieldLeave   = "leave"
	leaveAll     = "all"
	leaveProgram = "program"
)

// unsubscribing returns the mail that an unsubscribe link came with, an invitation's or
// an ask's, and what it is known by.
func (s *Server) unsubscribing(ctx context.Context, token string) (item string, l letter, err error) {
	item, err = s.opt.Tokens.Open(survey.TokenUnsubscribe, token)
	if err != nil {
		return "", letter{}, noticeBadLink
	}
	if ask, ok := strings.CutPrefix(item, survey.UnsubscribeAsk); ok {
		_, l, err = s.asked(ctx, ask)
		return item, l, err
	}
	_, l, err = s.invitation(ctx, item)
	return item, l, err
}

// showUnsubscribe serves a page with buttons and changes nothing: mail scanners open
// every link.
func (s *Server) showUnsubscribe(w http.ResponseWriter, r *http.Request) error {
	item, l, err := s.unsubscribing(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	s.noteLink(r, item, linkUnsubscribe, l.program)
	s.askUnsubscribe(w, l, s.path("u", r.PathValue("token")), newPage())
	return nil
}

func (s *Server) askUnsubscribe(w http.ResponseWriter, l letter, action, page string) {
	text := l.fill(l.texts.Unsubscribe, s.opt.Brand)
	buttons := []buttonView{{fieldLeave, leaveAll, text}}
	if only := l.fill(l.texts.UnsubscribeProgram, s.opt.Brand); only != "" {
		buttons = append(buttons, buttonView{fieldLeave, leaveProgram, only})
	}
	s.pages.render(w, http.StatusOK, "confirm", view{
		Lang: l.locale, Letter: &l, Title: text, Buttons: buttons, Action: action, Footer: s.footerOf(l, ""),
		Page: page, Seen: seenPath(action, page),
	})
}

// takeUnsubscribe stops the program's mails to the contact, or all.
func (s *Server) takeUnsubscribe(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	leave, oneClick := form.Get(fieldLeave), form.Get(oneClickField) == oneClickValue
	if !oneClick && leave != leaveAll && leave != leaveProgram {
		return &formProblem{status: http.StatusUnprocessableEntity, text: fmt.Sprintf("the form wants %s=%s, or %s=%s or %s",
			oneClickField, oneClickValue, fieldLeave, leaveAll, leaveProgram)}
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	item, l, err := s.unsubscribing(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	if oneClick {
		leave, err = leaveAll, s.opt.Store.Unsubscribe(ctx, l.contact.Key, s.opt.Clock.Now())
	} else {
		err = s.unsubscribeByForm(ctx, s.visitOf(r, item), pageOf(form.Get(fieldPage)), l, leave)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("unsubscribe: %w", err)
	}
	s.showUnsubscribed(w, l, leave)
	return nil
}

// unsubscribeByForm does what a person at the page asks. What a machine does is held,
// and answered as if it were not.
func (s *Server) unsubscribeByForm(ctx context.Context, note store.VisitNote, page string, l letter, leave string) error {
	note.Page = page
	req := store.UnsubscribeRequest{ContactKey: l.contact.Key, Visit: note, At: s.opt.Clock.Now()}
	if leave == leaveProgram {
		req.Program = l.program.ID
	}
	held, err := s.opt.Store.UnsubscribeByForm(ctx, req)
	if held {
		s.log(ctx).Info("a machine's unsubscribing is held", "item", note.Item)
	}
	return err
}

func (s *Server) showUnsubscribed(w http.ResponseWriter, l letter, leave string) {
	text := l.texts.Unsubscribed
	if leave == leaveProgram {
		text = l.texts.UnsubscribedProgram
	}
	s.pages.render(w, http.StatusOK, "message", view{
		Lang: l.locale, Letter: &l, Title: l.fill(text, s.opt.Brand), Footer: s.footerOf(l, ""),
	})
}
