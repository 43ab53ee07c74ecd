package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// What the page is sent at most; the rest stays in the stand-ins.
const (
	shownMails      = 100
	shownSMS        = 40
	shownMessages   = 40
	shownEphemerals = 10
	shownModals     = 20
	shownRecords    = 60
	shownEvents     = 30
)

// pageView is everything that the page shows without being asked.
type pageView struct {
	Revision  uint64                  `json:"revision"`
	Now       time.Time               `json:"now"`
	Scale     float64                 `json:"scale"`
	App       string                  `json:"app,omitempty"`
	Workflows []workflowLink          `json:"workflows,omitempty"`
	CaseURL   string                  `json:"case_url,omitempty"`
	Commands  []Command               `json:"commands,omitempty"`
	Scenarios []scenarioView          `json:"scenarios"`
	Runs      []run                   `json:"runs"`
	MailTotal int64                   `json:"mail_total"`
	Mails     []mailView              `json:"mails"`
	SMS       []*SMS                  `json:"sms"`
	Channels  []channelView           `json:"channels"`
	Views     []modalView             `json:"views"`
	Users     []*User                 `json:"users"`
	Records   map[string][]recordView `json:"records"`
	Columns   map[string][]string     `json:"columns"`
	Totals    map[string]int          `json:"totals"`
	Log       []logEntry              `json:"log"`
}

// workflowLink leads to the workflows of one type in Temporal's UI.
type workflowLink struct {
	Type  string `json:"type"`
	About string `json:"about"`
	URL   string `json:"url"`
}

type scenarioView struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	About string   `json:"about"`
	Steps []string `json:"steps"`
}

type mailView struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	From    Address   `json:"from"`
	To      Address   `json:"to"`
	Subject string    `json:"subject"`
}

type channelView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// User is who reads the messages alone, "" in a channel of many.
	User     string        `json:"user,omitempty"`
	Messages []messageView `json:"messages"`
}

type messageView struct {
	TS        string          `json:"ts"`
	ThreadTS  string          `json:"thread_ts,omitempty"`
	User      string          `json:"user"`
	Text      string          `json:"text"`
	Blocks    json.RawMessage `json:"blocks,omitempty"`
	Ephemeral string          `json:"ephemeral_to,omitempty"`
	At        time.Time       `json:"at"`
	Edited    bool            `json:"edited,omitempty"`
}

// modalView is a modal that is open for a user.
type modalView struct {
	ID     string            `json:"id"`
	User   string            `json:"user"`
	View   json.RawMessage   `json:"view"`
	Errors map[string]string `json:"errors,omitempty"`
}

type recordView struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	UpdatedAt time.Time         `json:"updated_at"`
	Values    map[string]string `json:"values"`
}

// logEntry is one exchange between a vendor and cxloop.
type logEntry struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Title  string    `json:"title"`
	Detail string    `json:"detail,omitempty"`
	// State is ok, waiting or failed.
	State string `json:"state"`
}

// shownTypes are the CRM's tables on the page, with the properties that stand in a row beside what cxloop wrote.
var shownTypes = map[string][]string{
	Contacts:  {"email", "company", "jobtitle", "hs_language"},
	Companies: {"region", "tier", "segment", "country"},
	Deals:     {"dealstage", "amount"},
	Tickets:   {"hs_pipeline_stage", "hs_ticket_priority"},
	Tasks:     {"hs_task_status", "hs_task_priority"},
	Notes:     {"hs_createdate"},
}

func (p *playground) view() pageView {
	v := pageView{
		Now: p.opts.Now(), Scale: p.opts.TimeScale, App: p.opts.App, Scenarios: viewScenarios(p.offered()), Workflows: p.workflowLinks(),
		Commands: p.opts.Commands,
		Columns:  shownTypes, Records: map[string][]recordView{}, Totals: map[string]int{},
	}
	if p.opts.TemporalUI != "" {
		v.CaseURL = p.workflowURL(`WorkflowId="case/{id}"`)
	}
	v.Runs = p.shownRuns()
	all := map[string][]*Record{}
	p.s.Read(func(st *State) {
		v.Revision, v.MailTotal, v.Users = st.Revision, st.Counts.Mails, slices.Clone(st.Users)
		v.Mails = viewMails(st.Mails)
		v.SMS = append([]*SMS{}, newest(st.SMS, shownSMS)...)
		v.Channels, v.Views = viewChannels(st), viewModals(st)
		v.Log = viewLog(st)
		for name := range shownTypes {
			all[name] = st.Records(name)
		}
	})
	for name, records := range all {
		v.Totals[name] = len(records)
		v.Records[name] = viewRecords(name, records)
	}
	return v
}

// newest returns the last n items, newest first.
func newest[T any](items []T, n int) []T {
	out := slices.Clone(items[max(0, len(items)-n):])
	slices.Reverse(out)
	return out
}

func viewScenarios(offered []*scenario) []scenarioView {
	var out []scenarioView
	for _, sc := range offered {
		view := scenarioView{Name: sc.name, Title: sc.title, About: sc.about}
		for _, s := range sc.steps {
			view.Steps = append(view.Steps, s.title)
		}
		out = append(out, view)
	}
	return out
}

func viewMails(mails []*Mail) []mailView {
	out := []mailView{}
	for _, m := range newest(mails, shownMails) {
		out = append(out, mailView{ID: m.ID, At: m.At, From: m.From, To: m.To, Subject: m.Subject})
	}
	return out
}

func viewChannels(st *State) []channelView {
	out := []channelView{}
	for _, c := range st.Channels {
		view := channelView{ID: c.ID, Name: c.Name, User: c.User, Messages: []messageView{}}
		messages := st.Messages(c.ID)
		messages = slices.Clone(messages[max(0, len(messages)-shownMessages):])
		var private []*Message
		for _, m := range st.ephemerals {
			if m.Channel == c.ID && !m.Deleted {
				private = append(private, m)
			}
		}
		messages = append(messages, private[max(0, len(private)-shownEphemerals):]...)
		slices.SortStableFunc(messages, func(a, b *Message) int { return strings.Compare(a.TS, b.TS) })
		for _, m := range messages {
			view.Messages = append(view.Messages, messageView{
				TS: m.TS, ThreadTS: m.ThreadTS, User: m.UserID, Text: m.Text, Blocks: m.Blocks,
				Ephemeral: m.EphemeralTo, At: m.At, Edited: !m.EditedAt.IsZero(),
			})
		}
		out = append(out, view)
	}
	return out
}

// viewModals are the latest of the modals that nobody has sent or closed.
func viewModals(st *State) []modalView {
	out := []modalView{}
	for _, v := range st.Views[max(0, len(st.Views)-shownModals):] {
		if v.Open {
			out = append(out, modalView{v.ID, v.UserID, v.JSON, v.Errors})
		}
	}
	return out
}

func viewRecords(objectType string, records []*Record) []recordView {
	slices.SortStableFunc(records, func(a, b *Record) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	out := []recordView{}
	for _, r := range records[:min(len(records), shownRecords)] {
		values := map[string]string{}
		for _, name := range shownTypes[objectType] {
			values[name] = r.Get(name)
		}
		for name, value := range r.Properties {
			if strings.HasPrefix(name, "cx_") {
				values[name] = value
			}
		}
		out = append(out, recordView{ID: r.ID, Name: r.Name(), UpdatedAt: r.UpdatedAt, Values: values})
	}
	return out
}

// workflowTypes are cxloop's workflows in the order in which a customer meets them.
var workflowTypes = []struct{ name, about string }{
	{"InviteWorkflow", "decides who may be asked, sends, reminds"},
	{"ResponseWorkflow", "scores and records what was answered"},
	{"CaseWorkflow", "follows an unhappy customer up"},
	{"AskWorkflow", "asks a promoter for a referral"},
	{"LeadWorkflow", "has the CRM take a friend of a promoter, and thanks"},
	{"SyncWorkflow", "writes the scores and forecasts to the CRM"},
	{"BehaviourWorkflow", "keeps what customers bought"},
	{"ModelWorkflow", "forecasts everybody, each night"},
}

func (p *playground) workflowLinks() []workflowLink {
	if p.opts.TemporalUI == "" {
		return nil
	}
	var out []workflowLink
	for _, t := range workflowTypes {
		out = append(out, workflowLink{t.name, t.about, p.workflowURL(`WorkflowType="` + t.name + `"`)})
	}
	return out
}

// workflowURL leads to Temporal's list of the workflows that a visibility query finds.
func (p *playground) workflowURL(query string) string {
	return p.opts.TemporalUI + "/namespaces/" + url.PathEscape(p.opts.Namespace) + "/workflows?query=" + url.QueryEscape(query)
}

// serveRecord answers with all of a record: the properties with their history, and what can be set.
func (p *playground) serveRecord(w http.ResponseWriter, r *http.Request) {
	t := lookupType(r.PathValue("type"))
	if t == nil {
		fail(w, http.StatusNotFound, "no such type of record")
		return
	}
	var record *Record
	writable := map[string]bool{}
	p.s.Read(func(st *State) {
		record = st.Record(t.name, r.PathValue("id"))
		for _, property := range st.Properties(t.name) {
			if !property.ReadOnly {
				writable[property.Name] = true
			}
		}
	})
	if record == nil {
		fail(w, http.StatusNotFound, "no such record")
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"type": record.Type, "id": record.ID, "name": record.Name(), "properties": record.Properties,
		"history": record.History, "writable": slices.Sorted(maps.Keys(writable)),
	})
}
