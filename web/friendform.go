package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// The age of a friend's form when it is sent: nobody types so fast, and nobody leaves a
// page open for so long.
const (
	youngestForm = 3 * time.Second
	oldestForm   = 48 * time.Hour
)

// fieldForm holds when the form was shown, and what it becomes: however often it is sent, it
// is one lead. fieldTrap is a field that nobody sees.
const (
	fieldForm = "form"
	fieldTrap = "website"
)

// friendForm is what a friend sent, as they wrote it.
type friendForm struct {
	token, page string
	friend      survey.Friend
	agreed      bool
	trapped     bool
}

func readFriendForm(values url.Values) friendForm {
	text := func(name survey.FriendFault) string { return strings.TrimSpace(values.Get(string(name))) }
	return friendForm{
		token: values.Get(fieldForm), page: pageOf(values.Get(fieldPage)), trapped: values.Get(fieldTrap) != "",
		agreed: values.Has(string(survey.FriendConsent)),
		friend: survey.Friend{
			FirstName: text(survey.FriendFirstName), LastName: text(survey.FriendLastName), Email: text(survey.FriendEmail),
			Company: text(survey.FriendCompany), Message: text(survey.FriendMessage), MayTell: values.Has("tell"),
		},
	}
}

// newFriendForm is the token of a form that is shown now.
func (s *Server) newFriendForm() string {
	return s.opt.Tokens.Seal(survey.TokenFriendForm, strconv.FormatInt(s.opt.Now().Unix(), 10)+"-"+s.opt.NewID())
}

// friendFormID is the id of a form's lead, "" where the form is too old or none of ours.
// ready is false where no person sends it so.
func (s *Server) friendFormID(form friendForm) (id string, ready bool) {
	sealed, err := s.opt.Tokens.Open(survey.TokenFriendForm, form.token)
	if err != nil {
		return "", false
	}
	at, id, _ := strings.Cut(sealed, "-")
	shown, err := strconv.ParseInt(at, 10, 64)
	age := s.opt.Now().Sub(time.Unix(shown, 0))
	if err != nil || age > oldestForm {
		return "", false
	}
	return id, age >= youngestForm && !form.trapped
}

// friendOf is what the form says, with the text that was agreed to.
func (s *Server) friendOf(l letter, form friendForm) survey.Friend {
	f := form.friend
	f.Locale, f.ConsentAt = l.locale, s.opt.Clock.Now()
	if l.contact.FirstName == "" {
		f.MayTell = false
	}
	if form.agreed {
		f.Consent = l.fill(l.texts.FriendConsent, s.opt.Brand) + "\n" + s.opt.Brand.of(l.program).PrivacyURL
	}
	return f
}

// friendView is the form of a friend.
type friendView struct {
	Form    string
	Fields  []fieldView
	Message fieldView
	Empty   string
	// Consent is what is agreed to, and NotAgreed marks that it was not.
	Consent           string
	PrivacyURL        string
	Agreed, NotAgreed bool
	// Tell is "" where the promoter is not named.
	Tell     string
	MayTell  bool
	Optional string
}

// fieldView is a field of text.
type fieldView struct {
	ID, Label, Type, Value string
	// Fills is what browsers fill in by themselves (HTML, autofill).
	Fills string
	Most  int
	// Optional marks a field that may stay empty, "" for one that may not.
	Optional string
	Wrong    bool
}

// askFriend shows the form, with what was written in it and what is wrong with that.
func (s *Server) askFriend(w http.ResponseWriter, status int, v visitToFriendPage, form friendForm, wrong *problemView) {
	t, f := v.texts, form.friend
	text := func(template string) string { return v.fill(template, s.opt.Brand) }
	optional := text(t.FriendOptional)
	field := func(name survey.FriendFault, label, kind, value, fills string, most int, optional string) fieldView {
		return fieldView{string(name), text(label), kind, value, fills, most, optional, wrong != nil && wrong.At == string(name)}
	}
	title := t.FriendTitle
	if v.contact.FirstName != "" {
		title = t.FriendTitleNamed
	}
	shown := &friendView{
		Form: form.token,
		Fields: []fieldView{
			field(survey.FriendFirstName, t.FriendFirstName, "text", f.FirstName, "given-name", survey.MaxFriendName, ""),
			field(survey.FriendLastName, t.FriendLastName, "text", f.LastName, "family-name", survey.MaxFriendName, optional),
			field(survey.FriendEmail, t.FriendEmail, "email", f.Email, "email", survey.MaxAddress, ""),
			field(survey.FriendCompany, t.FriendCompany, "text", f.Company, "organization", survey.MaxFriendCompany, optional),
		},
		Message: field(survey.FriendMessage, t.FriendMessage, "", f.Message, "", survey.MaxFriendMessage, optional),
		Empty:   text(t.FriendEmpty), Consent: text(t.FriendConsent), PrivacyURL: s.opt.Brand.of(v.program).PrivacyURL,
		Agreed: form.agreed, NotAgreed: wrong != nil && wrong.At == string(survey.FriendConsent), MayTell: f.MayTell, Optional: optional,
	}
	if v.contact.FirstName != "" {
		shown.Tell = text(t.FriendTell)
	}
	s.pages.render(w, status, "friend", view{
		Lang: v.locale, Letter: &v.letter, Title: text(title), Text: text(t.FriendText), Button: text(t.FriendSend), Action: v.action,
		Page: form.page, Seen: seenPath(v.action, form.page), Problem: wrong, Friend: shown,
	})
}

// faultOf words what of a form has to be looked at again.
func (s *Server) faultOf(l letter, fault survey.FriendFault) *problemView {
	labels := map[survey.FriendFault]string{
		survey.FriendFirstName: l.texts.FriendFirstName, survey.FriendLastName: l.texts.FriendLastName, survey.FriendEmail: l.texts.FriendEmail,
		survey.FriendCompany: l.texts.FriendCompany, survey.FriendMessage: l.texts.FriendMessage,
	}
	text := strings.ReplaceAll(l.texts.FriendWrong, "{field}", labels[fault])
	if fault == survey.FriendConsent {
		text = l.texts.FriendAgree
	}
	problem := l.say(text, s.opt.Brand)
	problem.At = string(fault)
	return problem
}

// say is a text about what was sent, in the language of the page.
func (l letter) say(text string, brand Brand) *problemView {
	return &problemView{Text: l.fill(text, brand), Lang: l.locale, Dir: direction(l.locale)}
}
