package activities

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// notedEvents are the kinds of events for which a note is made. An escalation to the CRM
// is in the next one.
var notedEvents = []string{
	"opened", "response", "withdrawn", "reopened", "closed", string(survey.ActionAcknowledge), string(survey.ActionContacted),
	string(survey.ActionSnooze), string(survey.ActionResolve), string(survey.ActionReject), string(survey.ActionClosedInCRM),
	string(survey.CaseRecovered), string(survey.CaseUnrecovered),
}

// recordText words a case for people who work in the CRM, in the language of its team.
// They may see all of it, but know nobody by a Slack user id.
type recordText struct {
	casetext.Writer
	told casetext.Case
	page string // address of the case's own page, or ""
}

func newRecordText(told casetext.Case, language string, clock survey.Clock, page string) recordText {
	words := casetext.For(language)
	return recordText{told: told, page: page, Writer: casetext.Writer{Words: words, Ink: casetext.Ink{
		Text: func(text string) string { return text },
		User: func(string) string { return words.Record.Somebody },
		When: func(t time.Time) string { return words.Moment(clock.Real(t).UTC()) },
	}}}
}

// lines are what the text of the task or ticket says.
func (t recordText) lines() []string {
	var lines []string
	if i := slices.IndexFunc(t.told.Responses, counts); i >= 0 {
		lines = append(lines, t.labelled(t.Labels.Score, t.scored(t.told.Responses[i])))
	}
	if name := t.told.Contact.Name(); name != "" {
		lines = append(lines, t.labelled(t.Labels.Contact, name))
	}
	lines = append(lines, t.labelled(t.Labels.Program, t.told.Program.ID), t.Record.Hint)
	if t.page != "" {
		lines = append(lines, t.labelled(t.CasePage, t.page))
	}
	return lines
}

func counts(r survey.Response) bool { return r.State != survey.Withdrawn }

func (t recordText) labelled(label, value string) string { return label + ": " + value }

// scored is a score with the comment that came with it.
func (t recordText) scored(r survey.Response) string {
	return withWords(t.Scored(t.told, r), r.Comment)
}

func withWords(text, said string) string {
	if said = strings.TrimSpace(said); said != "" {
		text += " “" + said + "”"
	}
	return text
}

// noted are the lines of a note that tells events from one, which is told already, to
// another.
func (t recordText) noted(after, to int64) []string {
	var lines []string
	for _, e := range t.told.History {
		lastResort := e.What == eventEscalated && stageOf(e) == survey.StageTask
		if e.ID <= after || e.ID > to || !slices.Contains(notedEvents, e.What) && !lastResort {
			continue
		}
		line, ok := t.Tell(t.told, e)
		if !ok {
			continue
		}
		text := withWords(line.Text, line.Said)
		if r, ok := t.opening(e); ok {
			text = line.Text + " " + t.labelled(t.Labels.Score, t.scored(r))
		}
		lines = append(lines, text)
	}
	return lines
}

// opening is the answer that opened the case, false for any other event.
func (t recordText) opening(e store.CaseEvent) (survey.Response, bool) {
	all := t.told.Responses
	if e.What != "opened" || len(all) == 0 {
		return survey.Response{}, false
	}
	if i := slices.IndexFunc(all, func(r survey.Response) bool { return r.ID == e.Choice }); i >= 0 {
		return all[i], true
	}
	return all[len(all)-1], true
}

func recordMark(caseID string) string { return "[cxloop case " + caseID + "]" }

func noteMark(caseID string, after int64) string {
	return fmt.Sprintf("[cxloop case %s, after %d]", caseID, after)
}

// caseRecord is what is made of a case in the CRM.
func (f *filedCase) caseRecord() crm.CaseRecord {
	return crm.CaseRecord{
		About: f.about(), Kind: f.record.Kind, Mark: recordMark(f.record.Case), Subject: f.text.Title(f.text.told), Lines: f.text.lines(),
		Priority: f.want.priority, OwnerID: f.want.owner, Due: f.due(),
	}
}

// recordDue is how long after a case was opened its task is due where nothing is promised
// for cases: within a day the customer has heard from somebody.
const recordDue = 24 * time.Hour

// due is when the customer has to be contacted, or else the next step taken.
func (f *filedCase) due() time.Time {
	at := f.detail.Case.OpenedAt.Add(recordDue)
	for i, due := range f.text.told.Dues {
		if i == 0 || due.Clock == survey.ClockContact {
			at = due.At
		}
	}
	return f.Clock.Real(at)
}

// note tells what happened after the last note, up to an event.
func (f *filedCase) note(to int64) crm.Note {
	note := crm.Note{
		About: f.about(), Mark: noteMark(f.record.Case, f.record.Noted), Lines: f.text.noted(f.record.Noted, to), At: f.Clock.Real(f.Clock.Now()),
	}
	for _, e := range f.detail.History {
		if e.ID > f.record.Noted && e.ID <= to {
			note.At = f.Clock.Real(e.At)
		}
	}
	return note
}
