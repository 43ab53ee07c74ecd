package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/integrations/webhook"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// TestCasesAsTicketsAndMessages has one CRM keep cases as tickets and another system be
// told of them by messages; both close theirs.
func TestCasesAsTicketsAndMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	desk := newDesk(t)
	w.config.CRM[0].Cases, w.config.CRM[1].Cases, w.config.CRM[1].PushURL = survey.RecordTicket, survey.RecordMessages, desk.url
	w.config.CRM[0].Tickets = config.Tickets{Pipeline: "0", OpenStage: "2", ClosedStages: []string{"4"}}
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)
	f := filing{w}
	f.ticket(t)
	f.messages(t, desk)
	w.sandbox.Read(func(st *sandbox.State) { require.Empty(t, st.Refusals) })
}

// ticket follows a case whose ticket somebody closes: nobody is asked how that went.
func (f filing) ticket(t *testing.T) {
	c, _ := f.complain(t, "Tick", "Slow")
	require.True(t, eventually(func() bool { return len(f.about(sandbox.Tickets, c)) == 1 }), "no ticket")
	ticket := f.about(sandbox.Tickets, c)[0]
	require.Equal(t, "2", ticket.Get("hs_pipeline_stage"))
	f.awaitNotes(t, c, "The case was opened")
	require.NoError(t, f.sandbox.SetProperty(sandbox.Tickets, ticket.ID, "hs_pipeline_stage", "4", sandbox.SourceUser))
	f.message(t, casesChannel, c.name, "resolved in the CRM", contains("it was closed in the CRM"))
	require.Zero(t, f.number(t, `SELECT count(*) FROM inbox WHERE lane = 'ticket-csat'`))

	other, m := f.complain(t, "Tock", "Slow")
	require.True(t, eventually(func() bool { return len(f.about(sandbox.Tickets, other)) == 1 }), "no ticket")
	f.click(t, m, survey.ActionAcknowledge, "U0GRACE")
	f.awaitNotes(t, other, "acknowledged the case")
	require.NoError(t, f.sandbox.SetProperty(sandbox.Tickets, f.about(sandbox.Tickets, other)[0].ID, "hs_pipeline_stage", "3", sandbox.SourceUser))
	f.awaitDelivery(t, "hs_pipeline_stage", sandbox.SourceUser, "3")
	require.Equal(t, 1, f.number(t, `SELECT count(*) FROM cases WHERE ended_at IS NULL`), "it waits for somebody else")
}

// messages follows a case of a system that is told, and closes it.
func (f filing) messages(t *testing.T, desk *desk) {
	order := []byte(`{"id":"m1","source":"test","type":"order.delivered","data":{"contact":{"id":"ines","email":"ines@desk.example","first_name":"Ines","locale":"en"}}}`)
	send := func(id string, body []byte) {
		t.Helper()
		a := f.do(t, http.MethodPost, f.url+"/hooks/shop", webhookHeader(t, testShopSecret, id, body, time.Now()), body)
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.JSONEq(t, `{"received":1,"listened":1}`, a.body)
	}
	send("msg_1", order)
	f.give(t, f.mail(t, "ines@desk.example", "invite"), "1", "It came late")
	opened := desk.await(t, "case.opened")
	require.Equal(t, "open", opened.Data.Case.State)
	require.Equal(t, "ines", opened.Data.Contact.ID)
	send("msg_2", fmt.Appendf(nil, `{"id":"d1","source":"desk","type":"case.closed","data":{"case":{"id":%q}}}`, opened.Data.Case.ID))
	ended := desk.await(t, "case.ended")
	require.Equal(t, opened.Data.Case.ID, ended.Data.Case.ID)
	require.Equal(t, "resolved", ended.Data.Case.State)
	f.message(t, casesChannel, "Ines", "closed by the desk", contains("it was closed in the CRM"))
	desk.mu.Lock()
	defer desk.mu.Unlock()
	require.Len(t, desk.told, 2)
	require.NotContains(t, string(desk.bodies[0])+string(desk.bodies[1]), "late", "nobody's words")
}

// desk is a system that is told of cases, and does not answer at first.
type desk struct {
	url    string
	mu     sync.Mutex
	failed bool
	bodies [][]byte
	told   []deskMessage
}

type deskMessage struct {
	Type string `json:"type"`
	Data struct {
		Case    struct{ ID, State string } `json:"case"`
		Contact struct{ ID string }        `json:"contact"`
	} `json:"data"`
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	secret, err := webhook.NewSecret(testShopSecret)
	require.NoError(t, err)
	d := &desk{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var message deskMessage
		err := secret.Verify(r.Header, body, time.Now())
		if err == nil {
			err = json.Unmarshal(body, &message)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		switch {
		case err != nil:
			t.Error(err)
		case message.Type == "records.updated":
		case !d.failed:
			d.failed = true
			w.WriteHeader(http.StatusInternalServerError)
		default:
			d.bodies, d.told = append(d.bodies, body), append(d.told, message)
		}
	}))
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// await returns the first message of a type.
func (d *desk) await(t *testing.T, kind string) (found deskMessage) {
	t.Helper()
	require.True(t, eventually(func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		i := slices.IndexFunc(d.told, func(m deskMessage) bool { return m.Type == kind })
		if i >= 0 {
			found = d.told[i]
		}
		return i >= 0
	}), "nobody told %s", kind)
	return found
}
