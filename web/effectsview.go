package web

import (
	"fmt"
	"time"

	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// effectsView is what the page of unknown effects shows.
type effectsView struct {
	Rows []effectRow
	// More says that there are more than Most.
	More bool
	Most int
}

// effectRow is one unknown effect: ids, and nothing of a person.
type effectRow struct {
	Key, What string
	Program   string
	// Tried is when the call was begun, in real time, as people and as programs read it.
	Tried, TriedAt string
	// Waited is how long news were waited for, Ago how long ago the call was begun.
	Waited, Ago string
	Why         string
	Look        []lookUp
	// Warning is what repeating may do, NoRepeat why the effect is not repeated.
	Warning, NoRepeat string
	// Repeat and Done are the buttons' texts, "" for none.
	Repeat, Done string
}

// lookUp is a place to look for what became of a call, by the value of a field.
type lookUp struct{ Place, Field, Value string }

func (s *Server) effectRow(e store.Effect, about store.EffectSubject, known bool) effectRow {
	row := effectRow{
		Key: e.Key, What: e.About(), Program: about.Program,
		Tried: e.TriedAt.UTC().Format("2 January 2006, 15:04:05 UTC"), TriedAt: e.TriedAt.UTC().Format(time.RFC3339),
		Waited: span(s.opt.Clock.Real(e.At).Sub(e.TriedAt)), Ago: span(s.opt.Now().Sub(e.TriedAt)),
	}
	if id, ok := store.ParseCaseEffect(e.Key); ok {
		row.showCase(e.Key, id)
		return row
	}
	kind, id, _ := store.ParseMailEffect(e.Key)
	row.Why = s.whyUnknown(e.Vendor, about)
	row.Look = whereToLook(e.Vendor, kind, id)
	row.Done = "It went out: take it as sent"
	row.NoRepeat = notRepeated(kind, about, known)
	if row.NoRepeat == "" {
		row.Warning = "If it did go out, the customer gets it twice. Look first; a mail may be shown minutes late."
		row.Repeat = "Send it again: it may arrive twice"
	}
	return row
}

// showCase is for what is posted of a case, which can be looked for: repeating does no harm.
func (row *effectRow) showCase(key, id string) {
	row.Why = "The call to Slack broke off, and the channel's history could not be read afterwards."
	row.Look = []lookUp{{"Slack, the channel of the case: the message whose metadata has", "case", id}}
	if key != store.CaseEffect(id) {
		row.Look = []lookUp{{"Slack, the thread of the case or the channel for escalations: the message whose metadata has", "effect", key}}
	}
	row.Warning = "The channel is looked through first. The message is posted only where it is not there."
	row.Repeat = "Look for it, and post it if it is missing"
}

// smtpVendor is the vendor of effects that are mails over SMTP.
const smtpVendor = "smtp"

// whereToLook says how a mail or an SMS is found at whoever sent it.
func whereToLook(vendor, kind, id string) []lookUp {
	switch vendor {
	case store.VendorSMS:
		return []lookUp{{"Twilio, Monitor, Messaging logs: the SMS whose status callback has", "id", id}, {"and", "kind", kind}}
	case smtpVendor:
		return []lookUp{{"The mail server's log: the message that begins with", "Message-ID", "<" + kind + "." + id + "@"}}
	}
	return []lookUp{{"SendGrid, Activity: the mail with the custom argument", sendgrid.ArgID, id}, {"and", sendgrid.ArgKind, kind}}
}

// whyUnknown says why nobody knows what became of a mail or an SMS.
func (s *Server) whyUnknown(vendor string, about store.EffectSubject) string {
	why := "The call to SendGrid broke off, and none of SendGrid's events told of the mail."
	switch {
	case vendor == store.VendorSMS:
		why = "The call to Twilio broke off, and the account keeps no texts by which the SMS could be found."
	case vendor == smtpVendor:
		why = "The connection to the mail server broke off after the mail was sent and before the server took it."
	case s.opt.MailEvents == nil:
		why = "The call to SendGrid broke off, and without sendgrid.webhook_public_key no event can tell of the mail."
	}
	calledOff := about.State == string(survey.InvitationCancelled) || about.State == string(survey.AskSuppressed)
	if about.Unsubscribed && calledOff {
		why += " Its reader unsubscribed before that was known."
	}
	return why
}

// notRepeated says why a mail is not sent again, "" where it can be.
func notRepeated(kind string, about store.EffectSubject, known bool) string {
	switch {
	case !known:
		return "What it is about is not known any more."
	case kind == store.MailReminder || kind == store.MailSecondReminder:
		return "A reminder is not repeated: its time is over. The first mail's link takes an answer until the survey closes."
	case kind == store.MailThanks:
		return "Thanks are not sent twice: a customer who misses them misses little."
	case about.Unsubscribed:
		return "It is not sent again: its reader has unsubscribed."
	case !about.Repeatable:
		return fmt.Sprintf("It is not sent again: by now the state is “%s”.", about.State)
	}
	return ""
}

// span writes a length of time in its two largest units.
func span(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	const day = 24 * time.Hour
	return fmt.Sprintf("%d days %d h", d/day, d%day/time.Hour)
}
