package sandbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sendgrid/sendgrid-go/helpers/eventwebhook"
	"github.com/stretchr/testify/require"
)

type receivedEvents struct {
	header http.Header
	body   []byte
}

// standWithEvents is a stand whose events go to an app that answers each delivery with the next status, then 200.
func standWithEvents(t *testing.T, key *ecdsa.PrivateKey, statuses ...int) (*stand, <-chan receivedEvents) {
	t.Helper()
	deliveries := make(chan receivedEvents, 100)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if len(statuses) > 0 {
			w.WriteHeader(statuses[0])
			statuses = statuses[1:]
		}
		deliveries <- receivedEvents{r.Header, body}
	}))
	t.Cleanup(app.Close)
	st := newStand(t, func(o *Options) {
		o.SendGrid.EventsURL, o.SendGrid.EventsKey, o.SendGrid.EventsRetryBase = app.URL, key, time.Millisecond
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- st.s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return st, deliveries
}

func TestSendGridTellsWhatBecameOfMails(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	st, deliveries := standWithEvents(t, key, http.StatusInternalServerError, http.StatusFound)
	_, err = st.send(npsMail("a@x.example", "b@x.example"))
	require.NoError(t, err)
	public, err := EventsPublicKey(key)
	require.NoError(t, err)
	check, err := eventwebhook.ConvertPublicKeyBase64ToECDSA(public)
	require.NoError(t, err)

	first := <-deliveries
	for _, repeated := range []receivedEvents{<-deliveries, <-deliveries} {
		require.Equal(t, string(first.body), string(repeated.body))
		valid, err := eventwebhook.VerifySignature(check, repeated.body,
			repeated.header.Get(eventwebhook.VerificationHTTPHeader), repeated.header.Get(eventwebhook.TimestampHTTPHeader))
		require.NoError(t, err)
		require.True(t, valid)
	}
	require.True(t, strings.HasSuffix(string(first.body), "]\r\n"))
	var events []map[string]any
	require.NoError(t, json.Unmarshal(first.body, &events))
	ids := map[any]bool{}
	told := map[any][]any{}
	for _, e := range events {
		ids[e["sg_event_id"]] = true
		require.Equal(t, "post-deal", e["program"])
		told[e["invitation_id"]] = append(told[e["invitation_id"]], e["event"])
	}
	require.Len(t, ids, 4)
	require.Equal(t, map[any][]any{"inv-0": {"processed", "delivered"}, "inv-1": {"processed", "delivered"}}, told)
}

func TestSendGridTellsTheFateThatAnAddressNames(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]any{
		"ann@x.example":          {"processed", "delivered"},
		"bouncer@x.example":      {"processed", "delivered"},
		"bounce@x.example":       {"processed", "bounce bounce"},
		"Bounce+7@x.example":     {"processed", "bounce bounce"},
		"block@x.example":        {"processed", "bounce blocked"},
		"drop@x.example":         {"dropped Bounced Address"},
		"complaint@x.example":    {"processed", "delivered", "spamreport"},
		"unsubscribe+@x.example": {"processed", "delivered", "unsubscribe"},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			st, deliveries := standWithEvents(t, nil)
			_, err := st.send(npsMail(address))
			require.NoError(t, err)
			require.Equal(t, want, toldBy(t, <-deliveries))
		})
	}
}

// toldBy are the kinds of a delivery's events, with their types and reasons.
func toldBy(t *testing.T, d receivedEvents) (told []any) {
	t.Helper()
	var events []struct{ Event, Type, Reason string }
	require.NoError(t, json.Unmarshal(d.body, &events))
	for _, e := range events {
		text := e.Event
		if e.Type != "" {
			text += " " + e.Type
		} else if e.Reason != "" {
			text += " " + e.Reason
		}
		told = append(told, text)
	}
	return told
}

func TestSendGridTellsOnDemand(t *testing.T) {
	t.Parallel()
	st, deliveries := standWithEvents(t, nil)
	_, err := st.send(npsMail("ann@x.example"))
	require.NoError(t, err)
	<-deliveries
	id := st.s.Snapshot().Mails[0].ID
	for fate, want := range map[string]string{"bounce": "bounce bounce", "complaint": "spamreport", "open": "open"} {
		require.NoError(t, st.s.TellMail(id, fate))
		require.Equal(t, []any{want}, toldBy(t, <-deliveries))
	}
	require.ErrorIs(t, st.s.TellMail(id, "vanish"), ErrNotFound)
	require.ErrorIs(t, st.s.TellMail("none", "bounce"), ErrNotFound)
}

// A connection that is cut after the work was done leaves the events as the evidence.
func TestSendGridTellsOfACallThatWasCut(t *testing.T) {
	t.Parallel()
	st, deliveries := standWithEvents(t, nil)
	st.s.SetFaults(SendGrid, Faults{Rate: 1, Count: 1, Kinds: []FaultKind{FaultCut}})
	_, err := st.send(npsMail("a@x.example"))
	require.Error(t, err)
	require.Contains(t, string((<-deliveries).body), "inv-0")
}

func TestSendGridTellsNothingOfWhatItDidNotDo(t *testing.T) {
	t.Parallel()
	st, deliveries := standWithEvents(t, nil)
	for _, kind := range []FaultKind{FaultCutBefore, FaultServerError} {
		st.s.SetFaults(SendGrid, Faults{Rate: 1, Count: 1, Kinds: []FaultKind{kind}})
		resp, err := st.send(npsMail("never@x.example"))
		require.True(t, err != nil || resp.StatusCode >= 500)
	}
	resp, err := st.send(npsMail("not an address"))
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	_, err = st.send(npsMail("b@x.example"))
	require.NoError(t, err)
	body := string((<-deliveries).body)
	require.Contains(t, body, "b@x.example")
	require.NotContains(t, body, "never@x.example")
}
