package slack_test

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	api "github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/sandbox"
)

const token = "xoxb-sandbox-token"

// The stand-in holds the client to Slack's contract.
func TestAgainstTheStandIn(t *testing.T) {
	t.Parallel()
	o := sandbox.Options{Slack: sandbox.SlackOptions{BotToken: token}, Logger: slog.New(slog.DiscardHandler)}
	if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
		o.SpecsDir = filepath.Join(dir, "specs")
	}
	box, err := sandbox.New(o)
	require.NoError(t, err)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	client, err := slack.New(slack.Options{BaseURL: server.URL + "/slack", BotToken: token})
	require.NoError(t, err)

	message := slack.Message{
		Text:     "New case",
		Blocks:   []api.Block{api.NewSectionBlock(api.NewTextBlockObject(api.MarkdownType, "*New case*", false, false), nil, nil)},
		Metadata: api.SlackMetadata{EventType: "cxloop_case", EventPayload: map[string]any{"case": "c-1"}},
	}
	channel, ts, err := client.Post(t.Context(), "cx-cases", message)
	require.NoError(t, err)
	require.NoError(t, client.Update(t.Context(), channel, ts, slack.Message{Text: "Case resolved"}))
	require.NoError(t, client.Ephemeral(t.Context(), channel, "U0AMELIE", "nothing was changed"))
	box.Read(func(st *sandbox.State) {
		posted := st.Message(channel, ts)
		require.Equal(t, "Case resolved", posted.Text)
		require.JSONEq(t, `{"event_type":"cxloop_case","event_payload":{"case":"c-1"}}`, string(posted.Metadata))
		require.Len(t, st.Ephemerals(), 1)
	})

	about := api.SlackMetadata{EventType: "cxloop_told", EventPayload: map[string]any{"event": "7"}}
	_, reply, err := client.Post(t.Context(), channel, slack.Message{Text: "Acknowledged", ThreadTS: ts, Metadata: about})
	require.NoError(t, err)
	found, err := client.FindReply(t.Context(), channel, ts, time.Now().Add(-time.Minute), "cxloop_told", "event", "7")
	require.NoError(t, err)
	require.Equal(t, reply, found)
	found, err = client.FindMessage(t.Context(), channel, time.Now().Add(-time.Minute), "cxloop_told", "event", "7")
	require.NoError(t, err)
	require.Empty(t, found, "a reply is none of the channel's messages")

	address, err := client.Permalink(t.Context(), channel, ts)
	require.NoError(t, err)
	require.Equal(t, "https://sandbox.slack.com/archives/"+channel+"/p"+strings.ReplaceAll(ts, ".", ""), address)
	_, err = client.Permalink(t.Context(), channel, "1111111111.000000")
	require.Equal(t, integrations.Permanent, integrations.KindOf(err))

	user, err := client.LookupByEmail(t.Context(), "amelie.durand@cxloop.example")
	require.NoError(t, err)
	require.Equal(t, slack.User{ID: "U0AMELIE", Active: true, Zone: "Europe/Paris"}, user)
	user, err = client.LookupByEmail(t.Context(), "nobody@cxloop.example")
	require.NoError(t, err)
	require.Zero(t, user)
	dm, err := client.OpenDM(t.Context(), "U0AMELIE")
	require.NoError(t, err)
	_, _, err = client.Post(t.Context(), dm, slack.Message{Text: "Yours"})
	require.NoError(t, err)

	for id, want := range map[string]bool{"U0AMELIE": true, "U0CXLOOP": false, "U0NOBODY": false} {
		active, err := client.UserActive(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, want, active, id)
	}

	_, _, err = client.Post(t.Context(), "no-such-channel", message)
	require.Equal(t, integrations.Permanent, integrations.KindOf(err), err)
	stranger, err := slack.New(slack.Options{BaseURL: server.URL + "/slack", BotToken: "xoxb-other"})
	require.NoError(t, err)
	_, _, err = stranger.Post(t.Context(), channel, message)
	require.ErrorContains(t, err, "check slack.bot_token")

	for kind, want := range map[sandbox.FaultKind]integrations.ErrorKind{
		sandbox.FaultCut: integrations.Ambiguous, sandbox.FaultServerError: integrations.Ambiguous,
		sandbox.FaultRateLimit: integrations.RetryAfter, sandbox.FaultRateLimitRetryAfter: integrations.RetryAfter,
	} {
		box.SetFaults(sandbox.Slack, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{kind}})
		_, _, err = client.Post(t.Context(), "cx-wins", message)
		require.Equal(t, want, integrations.KindOf(err), "%s: %v", kind, err)
	}
}
