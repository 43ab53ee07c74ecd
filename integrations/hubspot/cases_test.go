package hubspot_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

var due = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// filed is a case of Ana's, of Acme.
func filed(t *testing.T, box *sandbox.Sandbox, kind survey.RecordKind) crm.CaseRecord {
	t.Helper()
	company, err := box.CreateCompany(map[string]string{"name": "Acme"})
	require.NoError(t, err)
	contact, err := box.CreateContact(map[string]string{"email": string(kind) + "@acme.example", "firstname": "Ana"}, company.ID)
	require.NoError(t, err)
	return crm.CaseRecord{
		About: crm.About{ContactID: contact.ID, AccountID: company.ID}, Kind: kind, Mark: "[cxloop case c1]",
		Subject: "Unhappy customer: Acme & Söhne", Lines: []string{"score 2 <of 10>", "“Too slow”"}, Priority: survey.PriorityNormal, OwnerID: "41629779", Due: due,
	}
}

// TestRecordsOfCases makes the records of cases, finds them by their associations at once,
// changes them, and reads back that they were closed.
func TestRecordsOfCases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind               survey.RecordKind
		objects            string
		made, done         map[string]string
		property, finished string
	}{
		{
			survey.RecordTask, sandbox.Tasks,
			map[string]string{
				"hs_task_subject": "Unhappy customer: Acme & Söhne", "hs_task_body": "score 2 &lt;of 10&gt;<br>“Too slow”<br>[cxloop case c1]",
				"hs_task_status": "NOT_STARTED", "hs_task_priority": "MEDIUM", "hs_task_type": "TODO", "hs_timestamp": "2026-11-23T09:00:00.000Z",
				"hubspot_owner_id": "41629779",
			},
			map[string]string{"hs_task_status": "COMPLETED", "hs_task_priority": "HIGH", "hubspot_owner_id": "41629780"},
			"hs_task_status", "COMPLETED",
		},
		{
			survey.RecordTicket, sandbox.Tickets,
			map[string]string{
				"subject": "Unhappy customer: Acme & Söhne", "content": "score 2 <of 10>\n“Too slow”\n[cxloop case c1]",
				"hs_pipeline": "0", "hs_pipeline_stage": "1", "hs_ticket_priority": "MEDIUM", "hubspot_owner_id": "41629779",
			},
			map[string]string{"hs_pipeline_stage": "4", "hs_ticket_priority": "HIGH", "hubspot_owner_id": "41629780"},
			"hs_pipeline_stage", "4",
		},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			box, client := connect(t, "")
			r := filed(t, box, c.kind)
			id, err := client.FindRecord(t.Context(), r, time.Now().Add(-time.Minute))
			require.NoError(t, err)
			require.Empty(t, id)
			id, err = client.MakeRecord(t.Context(), r)
			require.NoError(t, err)
			for name, want := range c.made {
				require.Equal(t, want, box.Record(c.objects, id).Get(name), name)
			}
			for kind, to := range map[string]string{sandbox.Contacts: r.ContactID, sandbox.Companies: r.AccountID} {
				require.Equal(t, to, box.Record(c.objects, id).Associations[kind][0].ToID)
			}
			other := r
			other.Mark = "[cxloop case c2]"
			_, err = client.MakeRecord(t.Context(), other)
			require.NoError(t, err)
			found, err := client.FindRecord(t.Context(), r, time.Now().Add(-time.Minute))
			require.NoError(t, err)
			require.Equal(t, id, found)

			closed, err := client.ReadRecords(t.Context(), c.kind, []string{id, "999"})
			require.NoError(t, err)
			require.Equal(t, map[string]bool{id: false}, closed)
			require.NoError(t, client.ChangeRecord(t.Context(), c.kind, id, crm.RecordChange{}), "nothing")
			change := crm.RecordChange{State: survey.RecordClosed, Priority: survey.PriorityHigh, OwnerID: "41629780"}
			require.NoError(t, client.ChangeRecord(t.Context(), c.kind, id, change))
			for name, want := range c.done {
				require.Equal(t, want, box.Record(c.objects, id).Get(name), name)
			}
			closed, err = client.ReadRecords(t.Context(), c.kind, []string{id})
			require.NoError(t, err)
			require.Equal(t, map[string]bool{id: true}, closed)

			event := survey.Event{Type: string(c.kind) + ".changed", Object: &survey.Object{ID: id}, Data: map[string]any{"property": c.property, "value": c.finished}}
			closing, ok := client.Closing(event)
			require.True(t, ok)
			require.Equal(t, crm.Closing{Kind: c.kind, Record: id}, closing)
			event.Data["value"] = "2"
			_, ok = client.Closing(event)
			require.False(t, ok)

			require.NoError(t, box.Archive(c.objects, id))
			require.Equal(t, crm.CodeGone, integrations.CodeOf(client.ChangeRecord(t.Context(), c.kind, id, change)))
			require.NoError(t, box.Archive(sandbox.Companies, r.AccountID))
			_, err = client.FindRecord(t.Context(), r, time.Time{})
			require.Equal(t, crm.CodeGone, integrations.CodeOf(err), "nobody can tell: %v", err)
		})
	}
}

func TestPlaceOfTickets(t *testing.T) {
	t.Parallel()
	box, _ := connect(t, "")
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	const known = "known are 1 (New), 2 (Waiting on contact), 3 (Waiting on us), 4 (Closed)"
	for want, tickets := range map[string]hubspot.Pipeline{
		"": {},
		`tickets.pipeline: HubSpot has no pipeline of tickets with the id "7/8"`: {ID: "7/8"},
		`tickets.open_stage: pipeline 0 has no stage "new": ` + known + "\n" +
			`tickets.closed_stages: pipeline 0 has no stage "5": ` + known: {Open: "new", Closed: []string{"4", "5"}},
	} {
		client, err := hubspot.New(hubspot.Options{ID: "hs", BaseURL: server.URL + "/hubspot", Token: token, Tickets: tickets})
		require.NoError(t, err)
		err = client.CheckTickets(t.Context())
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, want)
	}
}

func TestNotesOfCases(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	n := crm.Note{About: filed(t, box, survey.RecordTask).About, Mark: "[cxloop case c1, after 3]", Lines: []string{"Case resolved."}, At: due}
	id, err := client.MakeNote(t.Context(), n)
	require.NoError(t, err)
	note := box.Record(sandbox.Notes, id)
	require.Equal(t, "Case resolved.<br>[cxloop case c1, after 3]", note.Get("hs_note_body"))
	require.Equal(t, "2026-11-23T09:00:00.000Z", note.Get("hs_timestamp"))
	n.AccountID = "" // found by the contact as well
	found, err := client.FindNote(t.Context(), n, time.Now().Add(-time.Minute))
	require.NoError(t, err)
	require.Equal(t, id, found)
	n.Mark = "[cxloop case c1, after 33]"
	found, err = client.FindNote(t.Context(), n, time.Now().Add(-time.Minute))
	require.NoError(t, err)
	require.Empty(t, found)

	n.Lines = []string{"Kept", strings.Repeat("<", 40_000)}
	id, err = client.MakeNote(t.Context(), n)
	require.NoError(t, err, "what is too long is left out")
	require.Equal(t, "Kept<br>…<br>"+n.Mark, box.Record(sandbox.Notes, id).Get("hs_note_body"))
}

// answers is a server that answers in turn, and tells what it was sent.
func answers(t *testing.T, status ...int) (client *hubspot.Client, sent func() []map[string]any) {
	t.Helper()
	var mu sync.Mutex
	var got []map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		mu.Lock()
		got = append(got, body)
		status := status[min(len(got), len(status))-1]
		mu.Unlock()
		switch status {
		case 0:
			panic(http.ErrAbortHandler)
		case http.StatusTooManyRequests:
			w.Header().Set("Retry-After", "0")
			w.Header().Set("X-HubSpot-RateLimit-Interval-Milliseconds", "10")
		}
		w.WriteHeader(status)
		answer := `{"id":"7"}`
		if status == http.StatusBadRequest {
			answer = `{"category":"VALIDATION_ERROR","errors":[{"code":"INVALID_OWNER_ID","context":{"propertyName":["hubspot_owner_id"]}}]}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	client, err := hubspot.New(hubspot.Options{ID: "hs", BaseURL: server.URL, Token: token})
	require.NoError(t, err)
	return client, func() []map[string]any {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(got)
	}
}

// What may have been made is not made again; what certainly was not, is.
func TestRecordIsMadeOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status []int
		calls  int
		kind   integrations.ErrorKind // 0 for none
	}{
		{"made", []int{201}, 1, 0},
		{"no answer", []int{0}, 1, integrations.Ambiguous},
		{"server error", []int{500}, 1, integrations.Ambiguous},
		{"gateway", []int{502}, 1, integrations.Ambiguous},
		{"the edge", []int{522}, 1, integrations.Ambiguous},
		{"too many requests", []int{429, 429, 201}, 3, 0},
		{"locked for long", []int{477}, 1, integrations.RetryAfter},
		{"refused", []int{403}, 1, integrations.Permanent},
		{"an owner who left", []int{400, 201}, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, sent := answers(t, c.status...)
			id, err := client.MakeRecord(t.Context(), crm.CaseRecord{Kind: survey.RecordTask, OwnerID: "1", About: crm.About{ContactID: "5"}, Due: due})
			got := sent()
			require.Len(t, got, c.calls)
			if c.kind != 0 {
				require.Equal(t, c.kind, integrations.KindOf(err), "%v", err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "7", id)
			_, owned := got[c.calls-1]["properties"].(map[string]any)["hubspot_owner_id"]
			require.Equal(t, c.status[0] != 400, owned)
		})
	}
}

// TestFindReadsEveryPage follows the pages of associations, and reads the newest records
// first.
func TestFindReadsEveryPage(t *testing.T) {
	t.Parallel()
	var read []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Inputs []struct{ ID, After string }
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		switch {
		case strings.Contains(r.URL.Path, "/associations/") && in.Inputs[0].After == "":
			_, _ = w.Write([]byte(`{"results":[{"from":{"id":"9"},"to":[{"toObjectId":9}],"paging":{"next":{"after":"p2"}}}]}`))
		case strings.Contains(r.URL.Path, "/associations/"):
			_, _ = w.Write([]byte(`{"results":[{"from":{"id":"9"},"to":[{"toObjectId":"10"}]}]}`))
		default:
			for _, i := range in.Inputs {
				read = append(read, i.ID)
			}
			_, _ = w.Write([]byte(`{"results":[{"id":"10","properties":{"hs_note_body":"<p>[a&amp;b]</p>"}}]}`))
		}
	}))
	t.Cleanup(server.Close)
	client, err := hubspot.New(hubspot.Options{ID: "hs", BaseURL: server.URL, Token: token})
	require.NoError(t, err)
	id, err := client.FindNote(t.Context(), crm.Note{About: crm.About{AccountID: "9"}, Mark: "[a&b]"}, time.Time{})
	require.NoError(t, err)
	require.Equal(t, "10", id)
	require.Equal(t, []string{"10", "9"}, read)
}
