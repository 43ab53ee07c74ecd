package activities

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// recordDue is how long after a case was opened its task is due where nothing is promised
// for cases: within a day the customer has heard from somebody.
const recordDue = 24 * time.Hour

// due is when the customer has to be contacted, or else the next step taken.
func (f *filedCase) due() time.Time {
	at := f.detail.Case.OpenedAt.Add(recordDue)
	for i, due := range f.SLA.Dues(f.detail.Case, survey.CaseTeam{Route: f.Route(f.detail)}) {
		if i == 0 || due.Clock == survey.ClockContact {
			at = due.At
		}
	}
	return f.Clock.Real(at)
}

// caseRecord is what is made of a case in the CRM.
func (f *filedCase) caseRecord() crm.CaseRecord {
	d := f.detail
	who := d.Account.Name
	if who == "" {
		who = contactText(d.Contact)
	}
	lines := []string{answerText(d, 0)}
	if name := contactText(d.Contact); name != who {
		lines = append(lines, "Contact: "+name)
	}
	lines = append(lines, "Program: "+d.Case.Program, f.whereText())
	return crm.CaseRecord{
		About: f.about(), Kind: f.record.Kind, Mark: caseMark(d.Case.ID), Subject: "Unhappy customer: " + who, Lines: lines,
		Priority: f.want.priority, OwnerID: f.want.owner, Due: f.due(),
	}
}

// whereText says where the case is worked on.
func (f *filedCase) whereText() string {
	text := "Followed up in Slack; closing it here resolves the case there."
	if f.CasePage != nil {
		text += " " + f.CasePage(f.detail.Case.ID)
	}
	return text
}

func caseMark(caseID string) string { return "[cxloop case " + caseID + "]" }

// note tells what happened after the last note, up to an event.
func (f *filedCase) note(to int64) crm.Note {
	note := crm.Note{
		About: f.about(), Mark: fmt.Sprintf("[cxloop case %s, after %d]", f.detail.Case.ID, f.record.Noted),
		Lines: f.noteLines(to), At: f.Clock.Real(f.Clock.Now()),
	}
	for _, e := range f.detail.History {
		if e.ID > f.record.Noted && e.ID <= to {
			note.At = f.Clock.Real(e.At)
		}
	}
	return note
}

func (f *filedCase) noteLines(to int64) []string {
	var lines []string
	for _, e := range f.detail.History {
		text := eventTexts[e.What]
		if text == nil || e.ID <= f.record.Noted || e.ID > to {
			continue
		}
		line := text(f, e)
		if e.Note != "" {
			line += " “" + e.Note + "”"
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// eventTexts are what timelines say of the events of a case, "" for nothing.
var eventTexts = map[string]func(*filedCase, store.CaseEvent) string{
	"opened": func(f *filedCase, _ store.CaseEvent) string {
		text := "Case opened: " + answerText(f.detail, len(f.detail.Responses)-1)
		if f.CasePage != nil {
			text += " " + f.CasePage(f.detail.Case.ID)
		}
		return text
	},
	"response":  func(f *filedCase, _ store.CaseEvent) string { return "Another answer: " + answerText(f.detail, 0) },
	"withdrawn": constantText("An answer was withdrawn: it counts no more."),
	"reopened":  constantText("Case re-opened."),
	"closed": func(_ *filedCase, e store.CaseEvent) string {
		if e.Choice == closedByAge {
			return "Case closed: nobody resolved it in time."
		}
		return "Case closed: no answer is left in it that counts."
	},
	string(survey.ActionAcknowledge): constantText("Somebody of the account team looks after it."),
	string(survey.ActionContacted):   constantText("The customer was contacted."),
	string(survey.ActionSnooze):      constantText("Case put off."),
	string(survey.ActionResolve):     resolvedText,
	string(survey.ActionReject):      rejectedText,
	string(survey.ActionClosedInCRM): constantText("Case resolved: it was closed here."),
	eventEscalated:                   escalatedText,
	string(survey.CaseRecovered):     constantText("Asked again, the customer is content: the case is recovered."),
	string(survey.CaseUnrecovered):   constantText("Asked again, the customer is still unhappy: the case is not recovered."),
}

func constantText(text string) func(*filedCase, store.CaseEvent) string {
	return func(*filedCase, store.CaseEvent) string { return text }
}

func resolvedText(f *filedCase, e store.CaseEvent) string {
	if e.Choice == "" {
		return "Case resolved."
	}
	return "Case resolved. Cause: " + f.program.CauseText(e.Choice, survey.DefaultLocale) + "."
}

func rejectedText(_ *filedCase, e store.CaseEvent) string {
	if e.Choice == "" {
		return "Not a real case."
	}
	return "Not a real case: " + survey.RejectText(e.Choice, survey.DefaultLocale) + "."
}

func escalatedText(_ *filedCase, e store.CaseEvent) string {
	if e.Target != strconv.Itoa(int(survey.StageTask)) {
		return ""
	}
	return "Nobody took care of it in time: escalated to the CRM, with high priority."
}

// answerText is one of a case's answers, of which the newest is the first.
func answerText(d store.CaseDetail, i int) string {
	if i < 0 || i >= len(d.Responses) {
		return "no answer counts any more."
	}
	r := d.Responses[i]
	text := fmt.Sprintf("score %d (%s).", r.Score, r.Band)
	if comment := strings.TrimSpace(r.Comment); comment != "" {
		text += " “" + comment + "”"
	}
	return text
}

func contactText(c survey.Contact) string {
	if name := c.Name(); name != "" {
		return name
	}
	return c.ID
}
