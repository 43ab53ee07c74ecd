package slack

import (
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
)

func TestLookupByEmail(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]User{
		`{"ok":true,"user":{"id":"U1","tz":"Europe/Paris","locale":"fr-FR"}}`: {ID: "U1", Active: true, Zone: "Europe/Paris", Locale: "fr-FR"},
		`{"ok":true,"user":{"id":"U2","is_bot":true}}`:                        {ID: "U2"},
		`{"ok":false,"error":"users_not_found"}`:                              {},
	} {
		c, forms := newTestClient(t, says(200, body))
		user, err := c.LookupByEmail(t.Context(), "amelie@example.com")
		require.NoError(t, err)
		require.Equal(t, want, user, body)
		form := <-forms
		require.Equal(t, []string{"/slack/api/users.lookupByEmail", "amelie@example.com"}, []string{form.Get("path"), form.Get("email")})
	}
	c, _ := newTestClient(t, says(200, `{"ok":false,"error":"missing_scope","needed":"users:read.email"}`))
	_, err := c.LookupByEmail(t.Context(), "amelie@example.com")
	require.ErrorContains(t, err, "give the app the scope users:read.email")
	require.NotContains(t, err.Error(), "amelie")
}

func TestOpenDM(t *testing.T) {
	t.Parallel()
	c, forms := newTestClient(t, says(200, `{"ok":true,"channel":{"id":"D1"}}`))
	channel, err := c.OpenDM(t.Context(), "U1")
	require.NoError(t, err)
	require.Equal(t, "D1", channel)
	require.Equal(t, "U1", (<-forms).Get("users"))
	c, _ = newTestClient(t, says(200, `{"ok":true}`))
	_, err = c.OpenDM(t.Context(), "U1")
	require.Equal(t, integrations.RetryAfter, integrations.KindOf(err))
}

func TestReplyInAThread(t *testing.T) {
	t.Parallel()
	c, forms := newTestClient(t, says(200, `{"ok":true,"channel":"C1","ts":"1.3"}`))
	for _, m := range []Message{{Text: "a", ThreadTS: "1.2"}, {Text: "a", ThreadTS: "1.2", Broadcast: true}, {Text: "a", Broadcast: true}} {
		_, ts, err := c.Post(t.Context(), "C1", m)
		require.NoError(t, err)
		require.Equal(t, "1.3", ts)
		form, broadcast := <-forms, ""
		if m.Broadcast && m.ThreadTS != "" {
			broadcast = "true"
		}
		require.Equal(t, []string{m.ThreadTS, broadcast}, []string{form.Get("thread_ts"), form.Get("reply_broadcast")})
	}
}

func TestFindReplyReadsAllPages(t *testing.T) {
	t.Parallel()
	found := `{"ts":"1.9","metadata":{"event_type":"cxloop_told","event_payload":{"event":"7"}}}`
	c, forms := newTestClient(t, says(200, `{"ok":true,"messages":[{"ts":"1.2"},`+found+`],"has_more":true,"response_metadata":{"next_cursor":"n"}}`))
	ts, err := c.FindReply(t.Context(), "C1", "1.2", time.Unix(1, 5000), "cxloop_told", "event", "7")
	require.NoError(t, err)
	require.Equal(t, "1.9", ts)
	form := <-forms
	require.Equal(t, []string{"/slack/api/conversations.replies", "C1", "1.2", "1.000005"}, []string{form.Get("path"), form.Get("channel"), form.Get("ts"), form.Get("oldest")})
	ts, err = c.FindReply(t.Context(), "C1", "1.2", time.Unix(1, 0), "cxloop_told", "event", "8")
	require.NoError(t, err)
	require.Empty(t, ts)
	<-forms
	require.Equal(t, "n", (<-forms).Get("cursor")) // and gives up on a cursor that leads nowhere
}

func TestOpenViewIsNotRepeated(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, says(200, `{"ok":true,"view":{"id":"V1"}}`))
	id, err := c.OpenView(t.Context(), "1.2.3", slack.ModalViewRequest{Type: slack.VTModal})
	require.NoError(t, err)
	require.Equal(t, "V1", id)
	for body, kind := range map[string]integrations.ErrorKind{
		`{"ok":false,"error":"expired_trigger_id"}`: integrations.Permanent, `{"ok":false,"error":"fatal_error"}`: integrations.Ambiguous,
		`{"ok":true}`: integrations.Ambiguous,
	} {
		c, _ := newTestClient(t, says(200, body))
		_, err := c.OpenView(t.Context(), "1.2.3", slack.ModalViewRequest{Type: slack.VTModal})
		require.Equal(t, kind, integrations.KindOf(err), body)
	}
}
