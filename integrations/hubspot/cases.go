package hubspot

import (
	"cmp"
	"context"
	"errors"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// HubSpot's names of what cases are made of.
const (
	tasks   = "tasks"
	tickets = "tickets"
	notes   = "notes"

	taskStatus  = "hs_task_status"
	taskDone    = "COMPLETED"
	taskWaits   = "NOT_STARTED"
	ticketStage = "hs_pipeline_stage"
	madeAt      = "hs_timestamp"
	ownerID     = "hubspot_owner_id"
)

const (
	// maxBody is the longest body of a task, a ticket or a note, in characters; HubSpot
	// takes 65,536.
	maxBody    = 65_000
	maxSubject = 250
)

// Pipeline is where the tickets of cases go, by HubSpot's ids. What is empty is as in the
// pipeline that every account has.
type Pipeline struct {
	ID   string
	Open string // the stage of a case that is open
	// Closed are the stages in which a case is over. Tickets are put into the first.
	Closed []string
}

func (p Pipeline) complete() Pipeline {
	p.ID, p.Open = cmp.Or(p.ID, "0"), cmp.Or(p.Open, "1")
	if len(p.Closed) == 0 {
		p.Closed = []string{"4"}
	}
	return p
}

// recordTypes are HubSpot's object types of the records of cases.
var recordTypes = map[survey.RecordKind]string{survey.RecordTask: tasks, survey.RecordTicket: tickets}

// bodies are the properties that hold the text of what is made.
var bodies = map[string]string{tasks: "hs_task_body", tickets: "content", notes: "hs_note_body"}

// associationTypes lead to contacts and to companies (docs: CRM associations, type ids).
var associationTypes = map[string]struct{ contact, company int }{
	tasks: {204, 192}, tickets: {16, 339}, notes: {202, 190},
}

var priorities = map[survey.CasePriority]string{
	survey.PriorityHigh: "HIGH", survey.PriorityNormal: "MEDIUM", survey.PriorityLow: "LOW",
}

// MakeRecord implements crm.Filer.
func (c *Client) MakeRecord(ctx context.Context, r crm.CaseRecord) (string, error) {
	subject, values := clipRunes(r.Subject, maxSubject), map[string]string{}
	if r.Kind == survey.RecordTicket {
		values["subject"], values["hs_pipeline"] = subject, c.options.Tickets.ID
		values[bodies[tickets]] = plainBody(r.Lines, r.Mark)
	} else {
		values["hs_task_subject"], values["hs_task_type"] = subject, "TODO"
		values[bodies[tasks]] = htmlBody(r.Lines, r.Mark)
		values[madeAt] = stamp(r.Due) // of a task, when it is due
	}
	for name, value := range c.changed(r.Kind, crm.RecordChange{State: survey.RecordOpen, Priority: r.Priority, OwnerID: r.OwnerID}) {
		values[name] = value
	}
	id, err := c.make(ctx, recordTypes[r.Kind], values, r.About)
	if r.OwnerID != "" && refusedFor(err, ownerID) { // who left the company, say
		delete(values, ownerID)
		id, err = c.make(ctx, recordTypes[r.Kind], values, r.About)
	}
	return id, err
}

// refusedFor reports whether HubSpot did nothing because of a property's value.
func refusedFor(err error, property string) bool {
	r, bad := badRows(err)
	return bad && slices.ContainsFunc(r.details(), func(d string) bool { return strings.HasSuffix(d, " "+property) })
}

// MakeNote implements crm.Filer.
func (c *Client) MakeNote(ctx context.Context, n crm.Note) (string, error) {
	return c.make(ctx, notes, map[string]string{madeAt: stamp(n.At), bodies[notes]: htmlBody(n.Lines, n.Mark)}, n.About)
}

// ChangeRecord implements crm.Filer.
func (c *Client) ChangeRecord(ctx context.Context, kind survey.RecordKind, id string, change crm.RecordChange) error {
	values := c.changed(kind, change)
	if len(values) == 0 {
		return nil
	}
	_, err := c.call(ctx, http.MethodPatch, c.objects(recordTypes[kind], id), map[string]any{"properties": values})
	return goneIfNotFound(err)
}

// changed are the values of a change, by HubSpot's properties.
func (c *Client) changed(kind survey.RecordKind, change crm.RecordChange) map[string]string {
	values := map[string]string{}
	priority := "hs_task_priority"
	state, open, closed := taskStatus, taskWaits, taskDone
	if kind == survey.RecordTicket {
		priority = "hs_ticket_priority"
		state, open, closed = ticketStage, c.options.Tickets.Open, c.options.Tickets.Closed[0]
	}
	switch change.State {
	case survey.RecordOpen:
		values[state] = open
	case survey.RecordClosed:
		values[state] = closed
	}
	if change.Priority != "" {
		values[priority] = priorities[change.Priority]
	}
	if change.OwnerID != "" {
		values[ownerID] = change.OwnerID
	}
	return values
}

// goneIfNotFound says so of what is not there any more, which no setting mends.
func goneIfNotFound(err error) error {
	if e, ok := errors.AsType[*integrations.Error](err); ok && e.Code == "404" {
		e.Code, e.Hint = crm.CodeGone, ""
	}
	return err
}

type associationInput struct {
	To    inputID           `json:"to"`
	Types []associationSpec `json:"types"`
}

type associationSpec struct {
	Category string `json:"associationCategory"`
	TypeID   int    `json:"associationTypeId"`
}

// make makes a record that is associated with whom it is about.
func (c *Client) make(ctx context.Context, objectType string, values map[string]string, about crm.About) (string, error) {
	path := "/crm/objects/" + c.options.Version + "/" + objectType
	types, in := associationTypes[objectType], []associationInput{}
	for _, to := range []struct {
		id   string
		kind int
	}{{about.ContactID, types.contact}, {about.AccountID, types.company}} {
		if to.id != "" {
			in = append(in, associationInput{inputID{to.id}, []associationSpec{{"HUBSPOT_DEFINED", to.kind}}})
		}
	}
	got, err := c.callOnce(ctx, http.MethodPost, path, map[string]any{"properties": values, "associations": in})
	if err != nil {
		return "", err
	}
	var made record
	if err := got.decode(path, &made); err != nil || made.ID == "" {
		return "", &integrations.Error{Vendor: vendor, Kind: integrations.Ambiguous, Code: "answer", Err: errors.New(path + ": the answer names no id")}
	}
	return made.ID, nil
}

// ReadRecords implements crm.Filer.
func (c *Client) ReadRecords(ctx context.Context, kind survey.RecordKind, ids []string) (map[string]bool, error) {
	property := taskStatus
	if kind == survey.RecordTicket {
		property = ticketStage
	}
	records, err := c.readAll(ctx, recordTypes[kind], ids, []string{property})
	if err != nil {
		return nil, err
	}
	closed := make(map[string]bool, len(records))
	for _, r := range records {
		closed[r.ID] = c.closes(kind, r.Properties[property])
	}
	return closed, nil
}

// closes reports whether a case is over in a status or a stage.
func (c *Client) closes(kind survey.RecordKind, value string) bool {
	if kind == survey.RecordTicket {
		return slices.Contains(c.options.Tickets.Closed, value)
	}
	return value == taskDone
}

// Closing implements crm.CaseWatcher.
func (c *Client) Closing(e survey.Event) (crm.Closing, bool) {
	property, kind := taskStatus, survey.RecordTask
	if e.Type == survey.ObjectTicket+".changed" {
		property, kind = ticketStage, survey.RecordTicket
	} else if e.Type != objectTask+".changed" {
		return crm.Closing{}, false
	}
	value, _ := e.Data["value"].(string)
	if e.Object == nil || e.Data["property"] != property || !c.closes(kind, value) {
		return crm.Closing{}, false
	}
	return crm.Closing{Kind: kind, Record: e.Object.ID}, true
}

// stamp is a moment as HubSpot takes it.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// htmlBody is a text with its mark as a last line, for properties that hold HTML.
func htmlBody(lines []string, mark string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = strings.ReplaceAll(html.EscapeString(line), "\n", "<br>")
	}
	return fit(escaped, html.EscapeString(mark), "<br>")
}

func plainBody(lines []string, mark string) string { return fit(lines, mark, "\n") }

// fit leaves out the last lines where a body is too long; its mark always stays.
func fit(lines []string, mark, between string) string {
	left := maxBody - utf8.RuneCountInString(mark)
	for i, line := range lines {
		left -= utf8.RuneCountInString(line) + len(between)
		if left < 0 {
			lines = append(slices.Clone(lines[:i]), "…")
			break
		}
	}
	return strings.Join(append(slices.Clone(lines), mark), between)
}

func clipRunes(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
