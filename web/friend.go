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

// friendClass is for the forms of friends: a company's people may share an address, and
// few of them come within a minute.
var friendClass = &class{perSecond: 0.1, burst: 20, wrongLink: 4}

// linkFriend names the link of the page that a promoter passes on.
const linkFriend = "friend"

// visitToFriendPage is somebody who opened a promoter's link.
type visitToFriendPage struct {
	// letter is of the program as it is configured now, in the visitor's language, and of a
	// contact of whom no more is known here than their first name, where friends may know it.
	letter
	ask    string
	action string
}

// friendVisit returns what a promoter's link leads to: ErrNotFound's notice for a link that
// is none, and another where the program has no page for friends any more.
func (s *Server) friendVisit(ctx context.Context, r *http.Request) (v visitToFriendPage, err error) {
	token := r.PathValue("token")
	if v.ask, err = s.opt.Tokens.Open(survey.TokenFriend, token); err != nil {
		return v, noticeBadLink
	}
	found, err := s.opt.Store.Ask(ctx, v.ask)
	if errors.Is(err, store.ErrNotFound) {
		return v, noticeBadLink
	}
	if err != nil {
		return v, fmt.Errorf("ask %s: %w", v.ask, err)
	}
	program, there := s.program(found.Ask.Program)
	if !there || !program.FollowUp.Referral.BuiltIn() {
		return v, noticeNoFriends
	}
	v.action = s.path("f", token)
	v.letter = friendLetter(program, browserLocale(program, r.Header.Get("Accept-Language")), found.Contact.FirstName)
	return v, nil
}

// friendLetter knows no more of the promoter than friends may.
func friendLetter(program survey.Program, locale, firstName string) letter {
	texts, found := program.TextsFor(locale)
	l := letter{program: program, texts: texts, locale: found}
	if program.FollowUp.Referral.ShowName {
		l.contact.FirstName = strings.TrimSpace(firstName)
	}
	return l
}

var noticeNoFriends = &notice{status: http.StatusGone, lang: survey.DefaultLocale, title: "This page is closed",
	text: "It takes no more details. Thank you for your interest."}

// showFriend serves the page behind a promoter's link. Of whoever opens it nothing is kept
// but a hint.
func (s *Server) showFriend(w http.ResponseWriter, r *http.Request) error {
	v, err := s.friendVisit(r.Context(), r)
	if err != nil {
		return err
	}
	page := newPage()
	note := s.visitOf(r, survey.VisitFriend+v.ask)
	note.Link, note.Links = linkFriend, 1
	s.note(r.Context(), note)
	s.askFriend(w, http.StatusOK, v, friendForm{token: s.newFriendForm(), page: page}, nil)
	return nil
}

// takeFriend keeps what a friend left. What looks like a machine's is not taken, and whoever
// sent it sees that: nobody is thanked for what went nowhere. Whether an address is known
// already nobody learns.
func (s *Server) takeFriend(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(w, r)
	if err != nil {
		return err
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	v, err := s.friendVisit(ctx, r)
	if err != nil {
		return err
	}
	form := readFriendForm(values)
	friend := s.friendOf(v.letter, form)
	if fault := friend.Fault(); fault != "" {
		s.askFriend(w, http.StatusUnprocessableEntity, v, form, s.faultOf(v.letter, fault))
		return nil
	}
	id, ready := s.friendFormID(form)
	if !ready {
		if id == "" {
			form.token = s.newFriendForm()
		}
		s.askFriend(w, http.StatusUnprocessableEntity, v, form, v.say(v.texts.FriendAgain, s.opt.Brand))
		return nil
	}
	taken, err := s.keepFriend(ctx, r, v, id, form.page, friend)
	if err != nil {
		s.log(ctx).Error("a friend's details were not kept", "ask", v.ask, "error", err)
	}
	if !taken {
		w.Header().Set("Retry-After", "600")
		s.askFriend(w, http.StatusServiceUnavailable, v, form, v.say(v.texts.FriendLater, s.opt.Brand))
		return nil
	}
	s.thankFriend(w, v.letter)
	return nil
}

// keepFriend keeps a friend's details and reports whether they were taken.
func (s *Server) keepFriend(ctx context.Context, r *http.Request, v visitToFriendPage, id, page string, friend survey.Friend) (taken bool, err error) {
	note := s.visitOf(r, survey.VisitFriend+v.ask)
	note.Page = page
	machine, err := s.opt.Store.NoteForm(ctx, note)
	if err != nil {
		return false, err
	}
	if machine {
		s.log(ctx).Info("a machine's details were not taken", "ask", v.ask)
		return false, nil
	}
	state, err := s.opt.Store.TakeLead(ctx, store.TakeLeadRequest{ID: id, AskID: v.ask, Friend: friend, At: friend.ConsentAt})
	if errors.Is(err, store.ErrTooManyLeads) {
		s.log(ctx).Warn("a promoter's link brings more than people would send", "ask", v.ask)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.log(ctx).Info("a friend left their details", "ask", v.ask, "lead", id, "state", state)
	s.opt.Notify(store.TopicLead)
	return true, nil
}

func (s *Server) thankFriend(w http.ResponseWriter, l letter) {
	s.pages.render(w, http.StatusOK, "message", view{
		Lang: l.locale, Letter: &l, Title: l.fill(l.texts.FriendThanks, s.opt.Brand), Text: l.fill(l.texts.FriendMore, s.opt.Brand),
	})
}
