package survey

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind says what starts a program.
type Kind string

// The kinds of program.
const (
	// Transactional programs are started by an event.
	Transactional Kind = "transactional"
	// InTheMoment programs ask right after an interaction, without a delay: by an event,
	// by a system that shows the survey itself, or by a link that anybody may open.
	InTheMoment Kind = "in_the_moment"
	// Relational programs ask an audience of a CRM every so often.
	Relational Kind = "relational"
)

// Program is a survey program as configured, with every default filled in and
// its texts resolved.
type Program struct {
	ID   string `json:"id" yaml:"id"`
	Kind Kind   `json:"kind" yaml:"kind"`
	// Channel is how invitation and reminder reach a contact: ChannelSMS, or "" for mail.
	Channel Channel `json:"channel,omitempty" yaml:"channel"`
	Metric  Metric  `json:"metric" yaml:"metric"`
	// Of says who is asked.
	Of        Respondents `json:"of,omitempty" yaml:"of"`
	Anonymity `yaml:",inline"`
	// Scale is the highest score of a CSAT question, 5 or 10; other metrics have
	// one scale only and leave it 0.
	Scale   int     `json:"scale,omitempty" yaml:"scale"`
	Trigger Trigger `json:"trigger" yaml:"trigger"`
	// Audience is an expression that must hold for those who are asked, or "".
	Audience string `json:"audience,omitempty" yaml:"audience"`
	Terms
	// Delay is how long after the event the mail is sent.
	Delay Span `json:"delay" yaml:"delay"`
	// Reminder is how long after the mail the first reminder is sent to those who
	// did not answer, and SecondReminder the last one; 0 means none.
	Reminder       Span `json:"reminder" yaml:"reminder"`
	SecondReminder Span `json:"second_reminder,omitempty" yaml:"-"`
	// Expiry is how long after the mail an answer is taken.
	Expiry Span `json:"expiry" yaml:"expiry"`
	// LateAnswers is how long after the expiry an answer is taken still; 0 means not
	// at all.
	LateAnswers Span `json:"late_answers,omitempty" yaml:"late_answers"`
	// Window is when mails are sent; nil at any time.
	Window *Calendar `json:"window,omitempty" yaml:"-"`
	// AgainAfter is the gap between two invitations of a contact by this program.
	AgainAfter  Span `json:"again_after" yaml:"again_after"`
	Eligibility `yaml:",inline"`
	Campaign    `yaml:",inline"`
	FollowUp    FollowUp `json:"follow_up" yaml:"follow_up"`
	// Sender and Brand are the program's own above those of all; nil for none.
	Sender *Sender `json:"sender,omitempty" yaml:"sender"`
	Brand  *Brand  `json:"brand,omitempty" yaml:"brand"`
	// Questions come after the score and before the comment, in order.
	Questions []Question `json:"questions,omitempty" yaml:"questions"`
	// Checklist is what an auditor goes through, and Bands are where the bands of its
	// score begin; other metrics have neither.
	Checklist []Item     `json:"checklist,omitempty" yaml:"checklist"`
	Bands     AuditBands `json:"bands,omitzero" yaml:"bands"`
	// Target is the score that it should have, in points; nil for none. It is no part of a
	// version.
	Target *float64 `json:"-" yaml:"target"`
	// Texts are the words of mail and page by locale, "en" among them.
	Texts map[string]Texts `json:"texts" yaml:"texts"`
	// Variants are the ways of asking that are tried against each other, none or at
	// least two.
	Variants []Variant `json:"variants,omitempty" yaml:"-"`
}

// Trigger says which events start a transactional program.
type Trigger struct {
	// CRM is the configured id of the CRM, or "" for any source.
	CRM string `json:"crm,omitempty" yaml:"crm"`
	// Event is the type of the event, for example deal.changed.
	Event string `json:"event" yaml:"event"`
	// Where are fields of the event's data, by dotted path, and the text that
	// each must have.
	Where map[string]string `json:"where,omitempty" yaml:"where"`
	// When is an expression that must hold besides, or "": see package condition.
	When string `json:"when,omitempty" yaml:"when"`
}

// Matches reports whether an event starts the program, as far as its short form
// says.
func (t Trigger) Matches(e Event) bool {
	if t.Event != e.Type || t.CRM != "" && t.CRM != e.CRM {
		return false
	}
	for path, want := range t.Where {
		if got, ok := e.Field(path); !ok || got != want {
			return false
		}
	}
	return true
}

// FollowUp says what an answer leads to.
type FollowUp struct {
	// Case opens a case for a detractor (or a dissatisfied or hard score), and for what
	// else it names.
	Case CaseRule `json:"case" yaml:"case"`
	// Referral asks a promoter (or a satisfied or easy score) for a referral.
	Referral ReferralRule `json:"referral" yaml:"referral"`
	// Review asks everybody for a public review, Testimonial a promoter who commented for
	// permission to quote that; nil does not.
	Review      *ReviewRule      `json:"review,omitempty" yaml:"review"`
	Testimonial *TestimonialRule `json:"testimonial,omitempty" yaml:"testimonial"`
	// Asks says which of several asks has its turn.
	Asks AskOrder `json:"asks,omitzero" yaml:"asks"`
	// FinalAfter is how long after its last change a response becomes final when
	// the customer does not press "done".
	FinalAfter Span `json:"final_after" yaml:"final_after"`
}

// CaseRule configures the cases of a program.
type CaseRule struct {
	Off bool `json:"off,omitempty" yaml:"off"`
	// AlertAfter is how long after an unhappy score the account team gets its
	// first word; the comment completes it when it comes.
	AlertAfter Span `json:"alert_after" yaml:"alert_after"`
	// CloseAfter is the age at which a case that nobody resolved is closed by
	// policy.
	CloseAfter Span `json:"close_after" yaml:"close_after"`
	// Passives opens one of low priority for a score in the middle.
	Passives bool `json:"passives,omitempty" yaml:"passives"`
	// HoldOut is the share of those for whom none is opened, drawn by chance, above 0 to 0.5;
	// 0 draws nobody. See DrawOf.
	HoldOut float64 `json:"hold_out,omitempty" yaml:"hold_out"`
	// Contradictions opens one for a score that is not unhappy with an angry comment.
	Contradictions bool `json:"contradictions,omitempty" yaml:"contradictions"`
	// When is an expression that opens one for whichever answer it holds for, or "": see
	// package condition. Priority is that of the case then, "" for the usual.
	When     string       `json:"when,omitempty" yaml:"when"`
	Priority CasePriority `json:"priority,omitempty" yaml:"priority"`
	// ReopenWithin is how long after a case was resolved another unhappy answer re-opens
	// it, while the customer is still to be asked again.
	ReopenWithin Span `json:"reopen_within,omitempty" yaml:"reopen_within"`
	// Thanks mails the customer when the case was resolved.
	Thanks bool `json:"thanks,omitempty" yaml:"thanks"`
	// Resurvey is how long after that the customer is asked again; 0 means never.
	Resurvey Span `json:"resurvey,omitempty" yaml:"resurvey"`
}

// ReferralRule configures the referral asks of a program.
type ReferralRule struct {
	Off       bool `json:"off,omitempty" yaml:"off"`
	AskTiming `yaml:",inline"`
	// URL is where the referral page leads on to.
	URL string `json:"url" yaml:"url"`
	// Page is PageBuiltIn where the promoter gets a link to pass on, in the place of URL.
	Page string `json:"page,omitempty" yaml:"page"`
	// ShowName tells friends the promoter's first name.
	ShowName bool `json:"show_name,omitempty" yaml:"show_name"`
}

// Texts are the words that a customer reads, in one language. They may hold the
// placeholders {first_name}, {account} and {brand}.
type Texts struct {
	Subject         string `json:"subject" yaml:"subject"`
	ReminderSubject string `json:"reminder_subject" yaml:"reminder_subject"`
	Greeting        string `json:"greeting" yaml:"greeting"`
	Intro           string `json:"intro" yaml:"intro"`
	Question        string `json:"question" yaml:"question"`
	Low             string `json:"low" yaml:"low"`
	High            string `json:"high" yaml:"high"`
	Comment         string `json:"comment" yaml:"comment"`
	Causes          string `json:"causes,omitempty" yaml:"causes"`
	Other           string `json:"other,omitempty" yaml:"other"`
	Required        string `json:"required,omitempty" yaml:"required"`
	Next            string `json:"next,omitempty" yaml:"next"`
	Yes             string `json:"yes,omitempty" yaml:"yes"`
	No              string `json:"no,omitempty" yaml:"no"`
	NotApplicable   string `json:"not_applicable,omitempty" yaml:"not_applicable"`
	Send            string `json:"send" yaml:"send"`
	Done            string `json:"done" yaml:"done"`
	Thanks          string `json:"thanks" yaml:"thanks"`
	ThanksMore      string `json:"thanks_more" yaml:"thanks_more"`
	Change          string `json:"change" yaml:"change"`
	Expired         string `json:"expired" yaml:"expired"`
	Unsubscribe     string `json:"unsubscribe" yaml:"unsubscribe"`
	Unsubscribed    string `json:"unsubscribed" yaml:"unsubscribed"`
	Privacy         string `json:"privacy" yaml:"privacy"`
	// Notice says below the survey page how long an answer is kept, and how to object.
	Notice              string `json:"notice,omitempty" yaml:"notice"`
	Anonymous           string `json:"anonymous,omitempty" yaml:"anonymous"`
	Open                string `json:"open,omitempty" yaml:"open"`
	Answered            string `json:"answered,omitempty" yaml:"answered"`
	UnsubscribeProgram  string `json:"unsubscribe_program,omitempty" yaml:"unsubscribe_program"`
	UnsubscribedProgram string `json:"unsubscribed_program,omitempty" yaml:"unsubscribed_program"`
	AskSubject          string `json:"ask_subject" yaml:"ask_subject"`
	AskBody             string `json:"ask_body" yaml:"ask_body"`
	AskButton           string `json:"ask_button" yaml:"ask_button"`
	AskPage             string `json:"ask_page" yaml:"ask_page"`
	AskTexts            `yaml:",inline"`
	// ThanksSubject and ThanksBody are of the mail after a case was resolved, with
	// PlaceDone for what was done.
	ThanksSubject string `json:"thanks_subject,omitempty" yaml:"thanks_subject"`
	ThanksBody    string `json:"thanks_body,omitempty" yaml:"thanks_body"`
	// ResurveySubject, ResurveyIntro and ResurveySMS take the place of Subject, Intro and
	// SMS where a customer is asked again after a case was resolved.
	ResurveySubject string `json:"resurvey_subject,omitempty" yaml:"resurvey_subject"`
	ResurveyIntro   string `json:"resurvey_intro,omitempty" yaml:"resurvey_intro"`
	ResurveySMS     string `json:"resurvey_sms,omitempty" yaml:"resurvey_sms"`
	// SMS is the whole of an SMS, with {link} in it; "" in programs that mail.
	SMS         string `json:"sms,omitempty" yaml:"sms"`
	FriendTexts `yaml:",inline"`
}

// Fill replaces the placeholders {first_name}, {account} and {brand}. A name
// that is not known leaves no gap: " {first_name}" goes with its space.
func Fill(text string, values map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] == "" {
			pairs = append(pairs, " {"+name+"}", "")
		}
		pairs = append(pairs, "{"+name+"}", values[name])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Version names the configuration that an invitation ran under: the first 12
// hexadecimal digits of the SHA-256 of the program's canonical JSON.
func (p Program) Version() string {
	body, err := json.Marshal(p)
	if err != nil {
		panic("survey: a program is plain data and always has JSON: " + err.Error())
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:6])
}

// MailAt is when a mail that is due at a moment is sent to somebody in a time zone.
func (p Program) MailAt(due time.Time, zone string) time.Time { return mailAt(p.Window, due, zone) }

func mailAt(window *Calendar, due time.Time, zone string) time.Time {
	if window == nil {
		return due
	}
	return window.Next(due, zone)
}

// ExpiresAt is when an invitation mailed at a moment stops taking answers.
func (p Program) ExpiresAt(sent time.Time) time.Time { return sent.Add(p.Expiry.Std()) }
