package activities

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	htmltemplate "html/template"
	"slices"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// mailKind is what a mail is for. It is part of an effect's key.
type mailKind string

const (
	invitationMail mailKind = store.MailInvite
	reminderMail   mailKind = store.MailReminder
	lastReminder   mailKind = store.MailSecondReminder
	askMail        mailKind = store.MailAsk
	thanksMail     mailKind = store.MailThanks
	referredMail   mailKind = store.MailReferred
)

// sheet is what letters of one call have in common.
type sheet struct {
	kind             mailKind
	program, version string
	variant          string
	locale           string
	ask              survey.AskKind // of an askMail
	// again is set where a customer is asked again after a case was resolved.
	again bool
}

// letter is one mail to one person, before it is composed.
type letter struct {
	sheet
	id      string    // of the invitation, the ask, the thanks or the lead
	made    time.Time // of an ask
	config  *survey.Program
	contact survey.Contact
	account survey.Account
	// cause is what a resolved case came from, and invitation the one whose answer led to
	// it, where that is thanked for.
	cause, invitation string
	// cameOf is the ask by which a friend came, where a promoter is thanked for one, and
	// friend whom the mail may name, or "".
	cameOf, friend string
	// test is set where the links are to record nothing.
	test bool
}

func (l letter) effect() string { return store.MailEffect(string(l.kind), l.id) }

func (l letter) item() string { return l.id }

func (m *Mail) letters(kind mailKind, program survey.Program, recipients []store.Recipient) []letter {
	letters := make([]letter, 0, len(recipients))
	variants := map[string]*survey.Program{}
	for _, r := range recipients {
		as := variants[r.Invitation.Variant]
		if as == nil {
			variant := program.As(r.Invitation.Variant)
			as, variants[r.Invitation.Variant] = &variant, &variant
		}
		letters = append(letters, letter{
			sheet: sheet{kind: kind, program: r.Invitation.Program, version: r.Invitation.Version, variant: r.Invitation.Variant, locale: r.Invitation.Locale, again: r.Invitation.Recheck != ""},
			id:    r.Invitation.ID, config: as, contact: r.Contact, account: r.Account,
		})
	}
	return bySheet(letters)
}

func (m *Mail) askLetters(ctx context.Context, asks []store.AskRecipient) ([]letter, error) {
	letters := make([]letter, 0, len(asks))
	for _, r := range asks {
		program, err := m.Programs.Get(ctx, r.Ask.Program, r.Ask.Version)
		if err != nil {
			return nil, err
		}
		_, locale := program.TextsFor(r.Contact.Locale)
		letters = append(letters, letter{
			sheet: sheet{kind: askMail, program: r.Ask.Program, version: r.Ask.Version, locale: locale, ask: r.Ask.Kind},
			id:    r.Ask.ID, made: r.Ask.CreatedAt, config: &program, contact: r.Contact, account: r.Account,
		})
	}
	return bySheet(letters), nil
}

func bySheet(letters []letter) []letter {
	slices.SortStableFunc(letters, func(a, b letter) int {
		return cmp.Or(cmp.Compare(a.program, b.program), cmp.Compare(a.version, b.version),
			cmp.Compare(a.variant, b.variant), cmp.Compare(a.locale, b.locale), cmp.Compare(a.ask, b.ask))
	})
	return letters
}

// Composer writes mails.
type Composer struct {
	Tokens survey.Tokens
	// PublicURL is where customers reach cxloop, without a slash at its end.
	PublicURL string
	// Sender and Brand are those of programs that have none of their own.
	Sender survey.Sender
	Brand  survey.Brand
}

// of is the composer of a program's mails.
func (c Composer) of(p survey.Program) Composer {
	c.Sender, c.Brand = p.SenderOver(c.Sender), p.BrandOver(c.Brand)
	return c
}

//go:embed templates
var templateFiles embed.FS

var (
	htmlTemplates = htmltemplate.Must(htmltemplate.New("").ParseFS(templateFiles, "templates/*.html"))
	textTemplates = texttemplate.Must(texttemplate.New("").ParseFS(templateFiles, "templates/*.txt"))
)

// The blanks that are filled in for each recipient. A phrase has two, because
// a name is escaped in HTML and is not in plain text.
const (
	tagLink        = "-cxloop.link-"
	tagUnsubscribe = "-cxloop.unsubscribe-"
)

func phraseTags(name string) (html, text string) {
	return "-cxloop." + name + ".html-", "-cxloop." + name + ".text-"
}

// sheetView is what the templates see: nothing of one recipient.
type sheetView struct {
	Lang  string
	Brand string
	Color htmltemplate.CSS
	// OnColor is of what is written on Color.
	OnColor     htmltemplate.CSS
	PrivacyURL  string
	Footer      string
	Greeting    htmltemplate.HTML
	Body        htmltemplate.HTML
	Question    htmltemplate.HTML
	Texts       survey.Texts
	Scores      []scoreLink
	Lowest      int
	Highest     int
	Link        htmltemplate.URL
	Unsubscribe htmltemplate.URL
}

type scoreLink struct {
	Score int
	URL   htmltemplate.URL
}

// mailing composes the mail of letters of one sheet.
func (c Composer) mailing(letters []letter) mail.Mailing {
	first := letters[0]
	c = c.of(*first.config)
	texts := first.texts()
	m := mail.Mailing{
		From: mail.Address{Email: c.Sender.Email, Name: c.Sender.Name}, ReplyTo: mail.Address{Email: c.Sender.ReplyTo}, Kind: string(first.kind),
		HTML: c.render(first, texts, true), Text: c.render(first, texts, false),
	}
	for _, l := range letters {
		m.Recipients = append(m.Recipients, c.recipient(l, texts))
	}
	return m
}

// texts are those of the letter's sheet.
func (l letter) texts() survey.Texts {
	texts, _ := l.config.TextsFor(l.locale)
	if l.again {
		return texts.Again()
	}
	return texts
}

func (c Composer) subject(l letter, texts survey.Texts) string {
	subject := texts.Subject
	switch l.kind {
	case reminderMail, lastReminder:
		subject = texts.ReminderSubject
	case askMail:
		subject = texts.AskWords(l.ask).Subject
	case thanksMail:
		subject = texts.ThanksSubject
	case referredMail:
		subject = texts.ThankedSubject
	}
	return oneLine(survey.Fill(subject, c.values(l)))
}

func (c Composer) values(l letter) map[string]string {
	values := map[string]string{"first_name": l.contact.FirstName, "account": l.account.Name, "brand": c.Brand.Name, "friend": l.friend}
	if l.kind == thanksMail {
		values["done"] = survey.DoneAbout(l.cause, l.locale)
	}
	return values
}

// phrases are the texts that may name the recipient.
func phrases(l letter, texts survey.Texts) map[string]string {
	switch {
	case l.kind == askMail:
		return map[string]string{"greeting": texts.Greeting, "body": texts.AskWords(l.ask).Body}
	case l.kind == thanksMail:
		return map[string]string{"greeting": texts.Greeting, "body": texts.ThanksBody}
	case l.kind == referredMail && l.friend != "" && texts.ThankedBodyNamed != "":
		return map[string]string{"greeting": texts.Greeting, "body": texts.ThankedBodyNamed}
	case l.kind == referredMail:
		return map[string]string{"greeting": texts.Greeting, "body": texts.ThankedBody}
	}
	return map[string]string{"greeting": texts.Greeting, "body": texts.Intro, "question": texts.Question}
}

func (c Composer) recipient(l letter, texts survey.Texts) mail.Recipient {
	unsubscribe := c.unsubscribeLink(l)
	blanks := map[string]string{tagLink: c.link(l), tagUnsubscribe: unsubscribe}
	values := c.values(l)
	for name, phrase := range phrases(l, texts) {
		html, text := phraseTags(name)
		filled := survey.Fill(phrase, values)
		blanks[html] = htmltemplate.HTMLEscapeString(filled)
		blanks[text] = filled
	}
	return mail.Recipient{
		Address: mail.Address{Email: l.contact.Email, Name: oneLine(l.contact.Name())}, ID: l.id, Subject: c.subject(l, texts),
		Blanks: blanks,
		Headers: map[string]string{
			// RFC 8058: both headers, and the address takes a POST.
			"List-Unsubscribe":      "<" + unsubscribe + ">",
			"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
			// RFC 3834, and Exchange's: no notes of absence come back.
			"Auto-Submitted":           "auto-generated",
			"X-Auto-Response-Suppress": "OOF, AutoReply",
		},
	}
}

func (c Composer) unsubscribeLink(l letter) string {
	if l.test {
		return c.testLink(l, "unsubscribe")
	}
	return c.PublicURL + "/u/" + c.Tokens.Seal(survey.TokenUnsubscribe, l.unsubscribeID())
}

// unsubscribeID names whose mails an unsubscribe link stops: by the invitation or
// the ask, because a contact's key may hold any character.
func (l letter) unsubscribeID() string {
	switch l.kind {
	case askMail, referredMail:
		return survey.UnsubscribeAsk + l.askID()
	case thanksMail:
		return l.invitation
	}
	return l.id
}

// askID is the ask that a mail makes or came of, "" for other mails.
func (l letter) askID() string {
	switch l.kind {
	case askMail:
		return l.id
	case referredMail:
		return l.cameOf
	}
	return ""
}

// follows reports whether a mail comes after an answer, and asks for none.
func (k mailKind) follows() bool { return k == askMail || k == thanksMail || k == referredMail }

func (c Composer) link(l letter) string {
	switch {
	case l.kind == thanksMail: // it leads nowhere
		return ""
	case l.test && l.kind == referredMail:
		return c.testLink(l, string(survey.AskReferral))
	case l.test && l.kind == askMail:
		return c.testLink(l, string(l.ask))
	case l.test:
		return c.testLink(l, "")
	case l.kind == referredMail, l.ask == survey.AskReferral:
		return c.PublicURL + "/r/" + c.Tokens.Seal(survey.TokenReferral, l.askID())
	case l.kind == askMail:
		return c.PublicURL + "/a/" + c.Tokens.Seal(survey.TokenAsk, l.id)
	}
	return c.PublicURL + "/s/" + c.Tokens.Seal(survey.TokenSurvey, l.id)
}

func (c Composer) render(l letter, texts survey.Texts, html bool) string {
	tag := func(name string) htmltemplate.HTML {
		asHTML, asText := phraseTags(name)
		if html {
			return htmltemplate.HTML(asHTML)
		}
		return htmltemplate.HTML(asText)
	}
	filled := c.filled(texts)
	if l.kind == askMail {
		filled.AskButton = survey.Fill(texts.AskWords(l.ask).Button, map[string]string{"brand": c.Brand.Name})
	}
	view := sheetView{
		Lang: l.locale, Brand: c.Brand.Name, Color: htmltemplate.CSS(c.Brand.Color), Footer: c.Brand.Address,
		OnColor: onColor(c.Brand.Color), PrivacyURL: c.Brand.PrivacyURL,
		Greeting: tag("greeting"), Body: tag("body"), Question: tag("question"), Texts: filled,
		Link: tagLink, Unsubscribe: tagUnsubscribe,
	}
	view.Lowest, view.Highest = l.config.Range()
	for score := view.Lowest; l.config.ScoresInMail() && score <= view.Highest; score++ {
		view.Scores = append(view.Scores, scoreLink{score, htmltemplate.URL(tagLink + "?score=" + strconv.Itoa(score))})
	}
	name := "survey"
	switch l.kind {
	case askMail, referredMail:
		name = "ask"
	case thanksMail:
		name = string(l.kind)
	}
	var out bytes.Buffer
	var err error
	if html {
		err = htmlTemplates.ExecuteTemplate(&out, name+".html", view)
	} else {
		err = textTemplates.ExecuteTemplate(&out, name+".txt", view)
	}
	if err != nil {
		panic("activities: a built-in mail template does not fit its data: " + err.Error())
	}
	return out.String()
}

// onColor is what can be read on a brand's colour.
func onColor(color string) htmltemplate.CSS {
	on, err := survey.TextOn(color)
	if err != nil {
		return "#ffffff"
	}
	return htmltemplate.CSS(on)
}

// filled fills the texts that are the same for all recipients of a call.
func (c Composer) filled(texts survey.Texts) survey.Texts {
	brand := map[string]string{"brand": c.Brand.Name}
	for _, text := range []*string{&texts.Low, &texts.High, &texts.Unsubscribe, &texts.Privacy, &texts.Anonymous, &texts.Open, &texts.AskButton} {
		*text = survey.Fill(*text, brand)
	}
	return texts
}

// oneLine keeps what a CRM holds from adding headers to a mail.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
