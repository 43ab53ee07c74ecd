package web

import (
	"bytes"
	"net/http"
	"net/url"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// PreviewedPage is a page as a person would see it.
type PreviewedPage struct {
	// Name says which: score, chosen, checklist, question-<id>, comment, done, expired, answered,
	// unsubscribe, unsubscribed; done-<kind> with an ask of a kind, and referral, review,
	// testimonial, testimonial-given or testimonial-over; share, friend or friend-thanks.
	Name string
	HTML []byte
}

// Preview renders the pages of programs without a server behind them.
type Preview struct{ server *Server }

// NewPreview prepares the pages. Their forms lead nowhere; their style is expected at
// an address relative to them.
func NewPreview(brand Brand, tokens survey.Tokens, style string) (*Preview, error) {
	pages, err := newPages(brand, "")
	if err != nil {
		return nil, err
	}
	pages.styleURL = style
	return &Preview{&Server{opt: Options{Brand: brand, Tokens: tokens}, pages: pages}}, nil
}

// Style returns the stylesheet of the pages.
func (p *Preview) Style() []byte { return p.server.pages.style }

// Pages renders all pages of a program in one of its languages, as a contact sees them.
func (p *Preview) Pages(program survey.Program, locale string, contact survey.Contact, account survey.Account) []PreviewedPage {
	s := p.server
	texts, _ := program.TextsFor(locale)
	l := letter{program: program, contact: contact, account: account, texts: texts, locale: locale}
	v := visit{letter: l, action: s.path("s", "preview"), invitation: store.Invitation{ID: "preview"}}
	_, highest := program.Range()
	given := survey.Response{Score: highest}
	done := given
	done.Done = true

	var out []PreviewedPage
	add := func(name string, show func(http.ResponseWriter)) {
		w := &paper{header: http.Header{}}
		show(w)
		out = append(out, PreviewedPage{name, w.body.Bytes()})
	}
	if program.Metric == survey.Audit {
		add("checklist", func(w http.ResponseWriter) { s.ask(w, http.StatusOK, v, nil, "", nil) })
	} else {
		add("score", func(w http.ResponseWriter) { s.ask(w, http.StatusOK, v, nil, "", nil) })
		add("chosen", func(w http.ResponseWriter) { s.ask(w, http.StatusOK, v, &highest, "", nil) })
	}
	for _, q := range program.Questions {
		add("question-"+q.ID, func(w http.ResponseWriter) {
			s.showQuestion(w, v, http.StatusOK, questionPage{question: q, score: highest})
		})
	}
	if program.Metric != survey.Audit { // its comment is below the checklist
		add("comment", func(w http.ResponseWriter) { s.showEnd(w, v, given, false) })
	}
	add("done", func(w http.ResponseWriter) { s.showEnd(w, v, done, false) })
	out = append(out, p.asks(v, done)...)
	add("expired", func(w http.ResponseWriter) { s.showNotice(w, s.noticeExpired(v), false) })
	if program.Anonymous {
		add("answered", func(w http.ResponseWriter) { s.showNotice(w, s.noticeAnswered(v), false) })
	}
	add("unsubscribe", func(w http.ResponseWriter) { s.askUnsubscribe(w, l, s.path("u", v.invitation.ID), "") })
	add("unsubscribed", func(w http.ResponseWriter) { s.showUnsubscribed(w, l, leaveAll) })
	return out
}

// asks are the last pages with what the program asks for, and the pages of the asks.
func (p *Preview) asks(v visit, done survey.Response) (out []PreviewedPage) {
	s := p.server
	add := func(name string, show func(http.ResponseWriter)) {
		w := &paper{header: http.Header{}}
		show(w)
		out = append(out, PreviewedPage{name, w.body.Bytes()})
	}
	for _, kind := range v.program.FollowUp.AskKinds() {
		last := v
		if last.ask = s.pageAskOf(v, kind); last.ask == nil {
			continue
		}
		add("done-"+string(kind), func(w http.ResponseWriter) { s.showEnd(w, last, done, false) })
		q := s.exampleRequest(v.letter, kind, s.path("a", v.invitation.ID), s.path("u", v.invitation.ID))
		switch kind {
		case survey.AskReview:
			add("review", func(w http.ResponseWriter) { s.showReview(w, q, "") })
		case survey.AskTestimonial:
			add("testimonial", func(w http.ResponseWriter) { s.askTestimonial(w, q, "", url.Values{}, nil) })
			given := store.Testimonial{Words: q.response.Comment, Name: v.contact.Name(), Company: v.account.Name}
			add("testimonial-given", func(w http.ResponseWriter) { s.showGiven(w, q, given) })
			add("testimonial-over", func(w http.ResponseWriter) { s.showOver(w, q) })
		default:
			to, _ := referralTarget(v.program)
			add("referral", func(w http.ResponseWriter) {
				s.askReferral(w, v.letter, s.path("r", v.invitation.ID), s.path("u", v.invitation.ID), "", to)
			})
		}
	}
	if v.program.FollowUp.Referral.BuiltIn() {
		friend := visitToFriendPage{letter: friendLetter(v.program, v.locale, v.contact.FirstName), action: s.path("f", "preview")}
		add("share", func(w http.ResponseWriter) {
			s.showShare(w, v.letter, s.friendURL("preview"), s.path("u", v.invitation.ID))
		})
		add("friend", func(w http.ResponseWriter) { s.askFriend(w, http.StatusOK, friend, friendForm{}, nil) })
		add("friend-thanks", func(w http.ResponseWriter) { s.thankFriend(w, friend.letter) })
	}
	return out
}

// paper keeps what a handler writes.
type paper struct {
	header http.Header
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (p *paper) Header() http.Header { return p.header }

// Write implements http.ResponseWriter.
func (p *paper) Write(b []byte) (int, error) { return p.body.Write(b) }

// WriteHeader implements http.ResponseWriter.
func (p *paper) WriteHeader(int) {}
