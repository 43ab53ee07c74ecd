package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
)

func (st *stand) slackClient() *slack.Client {
	return slack.New(slackToken, slack.OptionAPIURL(st.url+"/slack/api/"))
}

func unhappyBlocks() []slack.Block {
	return []slack.Block{
		slack.NewHeaderBlock(slack.NewTextBlockObject(plain, "Unhappy customer", false, false)),
		slack.NewSectionBlock(slack.NewTextBlockObject(mrkdwn, "*Nordwind* gave a 2", false, false), nil, nil),
		slack.NewActionBlock("case",
			slack.NewButtonBlockElement("acknowledge", "case-1", slack.NewTextBlockObject(plain, "Acknowledge", false, false)).WithStyle(slack.StylePrimary),
			slack.NewButtonBlockElement("resolve", "case-1", slack.NewTextBlockObject(plain, "Resolve", false, false))),
	}
}

func TestSlackClientPostsAndUpdates(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	api, ctx := st.slackClient(), t.Context()
	meta := slack.SlackMetadata{EventType: "cxloop_case", EventPayload: map[string]any{"effect": "e-1"}}
	ch, ts, err := api.PostMessageContext(ctx, "#cx-cases", slack.MsgOptionText("fallback", false), slack.MsgOptionBlocks(unhappyBlocks()...),
		slack.MsgOptionMetadata(meta), slack.MsgOptionDisableLinkUnfurl())
	require.NoError(t, err)
	require.Equal(t, casesID, ch)
	m := st.s.Snapshot().Message(ch, ts)
	require.Equal(t, "fallback", m.Text)
	require.JSONEq(t, `{"event_type":"cxloop_case","event_payload":{"effect":"e-1"}}`, string(m.Metadata))
	var stored []map[string]any
	require.NoError(t, json.Unmarshal(m.Blocks, &stored))
	for _, b := range stored {
		require.NotEmpty(t, b["block_id"])
	}

	_, reply, _, err := api.SendMessageContext(ctx, ch, slack.MsgOptionText("more", false), slack.MsgOptionTS(ts))
	require.NoError(t, err)
	_, _, _, err = api.UpdateMessageContext(ctx, ch, ts, slack.MsgOptionBlocks(unhappyBlocks()[:2]...), slack.MsgOptionText("done", false))
	require.NoError(t, err)
	m = st.s.Snapshot().Message(ch, ts)
	require.NotContains(t, string(m.Blocks), "acknowledge")
	require.Len(t, m.Edits, 1)
	require.Equal(t, 1, m.ReplyCount)
	require.NotEmpty(t, m.Metadata, "an edit without metadata keeps it")
	require.Greater(t, reply, ts)

	_, _, _, err = api.UpdateMessageContext(ctx, ch, ts, slack.MsgOptionText("text alone", false))
	require.NoError(t, err)
	require.Empty(t, st.s.Snapshot().Message(ch, ts).Blocks, "text without blocks removes the blocks")

	history, err := api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: ch, IncludeAllMetadata: true})
	require.NoError(t, err)
	require.Len(t, history.Messages, 1, "replies are not part of the history")
	require.Equal(t, "e-1", history.Messages[0].Metadata.EventPayload["effect"])
	require.Equal(t, botUserID, history.Messages[0].User)
	require.NotNil(t, history.Messages[0].Edited)
	history, err = api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: ch})
	require.NoError(t, err)
	require.Empty(t, history.Messages[0].Metadata.EventType)
	require.Empty(t, st.refusals())
}

func TestSlackClientReads(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	api, ctx := st.slackClient(), t.Context()
	st.s.change(func(s *State) {
		s.addUser(&User{ID: "U0LEFT", Name: "left", Email: "left@cxloop.example", Deleted: true})
		s.addChannel(&Channel{ID: "C0ARCHIVED", Name: "archived", Archived: true})
	})
	me, err := api.AuthTestContext(ctx)
	require.NoError(t, err)
	require.Equal(t, botUserID, me.UserID)
	u, err := api.GetUserByEmailContext(ctx, strings.ToUpper(demoOwners[1].email))
	require.NoError(t, err)
	require.Equal(t, demoOwners[1].slack, u.ID)
	u, err = api.GetUserInfoContext(ctx, u.ID)
	require.NoError(t, err)
	require.Equal(t, demoOwners[1].email, u.Profile.Email)
	_, err = api.GetUserByEmailContext(ctx, "left@cxloop.example")
	require.EqualError(t, err, "users_not_found")
	ch, err := api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: casesID})
	require.NoError(t, err)
	require.Equal(t, "cx-cases", ch.Name)
	require.True(t, ch.IsMember)

	var names []string
	cursor := ""
	for {
		page, next, err := api.GetConversationsContext(ctx, &slack.GetConversationsParameters{Limit: 3, Cursor: cursor, ExcludeArchived: true})
		require.NoError(t, err)
		for _, c := range page {
			names = append(names, c.Name)
		}
		if cursor = next; next == "" {
			break
		}
	}
	require.Equal(t, []string{"cx-cases", "cx-escalations", "cx-wins", "general"}, names)
	require.Empty(t, st.refusals(), "a look-up that finds nobody breaks no rule")
}

func TestSlackHistoryPages(t *testing.T) {
	t.Parallel()
	st := newStand(t, func(o *Options) { o.Limits.SlackOff = true })
	api, ctx := st.slackClient(), t.Context()
	var all []string
	for i := range 5 {
		_, ts, err := api.PostMessageContext(ctx, casesID, slack.MsgOptionText(fmt.Sprint(i), false))
		require.NoError(t, err)
		all = append(all, ts)
	}
	for name, tc := range map[string]struct {
		in    slack.GetConversationHistoryParameters
		pages []string
	}{
		"newest first":       {slack.GetConversationHistoryParameters{Limit: 2}, []string{"4 3", "2 1", "0"}},
		"before latest":      {slack.GetConversationHistoryParameters{Limit: 3, Latest: all[3]}, []string{"2 1 0"}},
		"latest inclusive":   {slack.GetConversationHistoryParameters{Limit: 3, Latest: all[3], Inclusive: true}, []string{"3 2 1", "0"}},
		"between":            {slack.GetConversationHistoryParameters{Latest: all[4], Oldest: all[1]}, []string{"3 2"}},
		"oldest goes on":     {slack.GetConversationHistoryParameters{Limit: 2, Oldest: all[0]}, []string{"2 1", "4 3"}},
		"oldest is included": {slack.GetConversationHistoryParameters{Limit: 9, Oldest: all[3], Inclusive: true}, []string{"4 3"}},
		"nothing":            {slack.GetConversationHistoryParameters{Oldest: all[4]}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, pages := tc.in, []string(nil)
			in.ChannelID = casesID
			for {
				h, err := api.GetConversationHistoryContext(ctx, &in)
				require.NoError(t, err)
				var texts []string
				for _, m := range h.Messages {
					texts = append(texts, m.Text)
				}
				pages = append(pages, strings.Join(texts, " "))
				require.Equal(t, h.HasMore, h.ResponseMetaData.NextCursor != "")
				if in.Cursor = h.ResponseMetaData.NextCursor; in.Cursor == "" {
					break
				}
			}
			require.Equal(t, tc.pages, pages)
		})
	}
}

func TestSlackCutsLongText(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	_, ts, err := st.slackClient().PostMessageContext(t.Context(), casesID, slack.MsgOptionText(strings.Repeat("ü", 40_001), false))
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("ü", 40_000), st.s.Snapshot().Message(casesID, ts).Text)
}

// interactions receives what the stand-in posts to an app.
type interactions struct {
	url    string
	secret string
	got    chan slack.InteractionCallback
}

func newInteractions(t *testing.T) *interactions {
	t.Helper()
	app := &interactions{secret: slackSecret, got: make(chan slack.InteractionCallback, 10)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("X-Slack-Signature") != signSlack(app.secret, r.Header.Get("X-Slack-Request-Timestamp"), body) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		form, err := url.ParseQuery(string(body))
		var in slack.InteractionCallback
		if err == nil {
			err = json.Unmarshal([]byte(form.Get("payload")), &in)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		app.got <- in
	}))
	t.Cleanup(srv.Close)
	app.url = srv.URL
	return app
}

// click posts a case and clicks its button; it returns what the app received.
func (st *stand) click(app *interactions, action string) slack.InteractionCallback {
	st.t.Helper()
	_, ts, err := st.slackClient().PostMessageContext(st.t.Context(), casesID, slack.MsgOptionText("case", false), slack.MsgOptionBlocks(unhappyBlocks()...))
	require.NoError(st.t, err)
	in, err := st.s.Click(casesID, ts, action, demoOwners[0].slack)
	require.NoError(st.t, err)
	require.Equal(st.t, http.StatusOK, in.Status)
	return <-app.got
}

func standWithApp(t *testing.T) (*stand, *interactions) {
	t.Helper()
	app := newInteractions(t)
	return newStand(t, func(o *Options) { o.Slack.InteractionsURL, o.Limits.SlackOff = app.url, true }), app
}

func TestSlackResponseURL(t *testing.T) {
	t.Parallel()
	st, app := standWithApp(t)
	in := st.click(app, "acknowledge")
	require.Equal(t, "case-1", in.ActionCallback.BlockActions[0].Value)
	api, ctx := st.slackClient(), t.Context()

	_, _, err := api.PostMessageContext(ctx, "", slack.MsgOptionReplaceOriginal(in.ResponseURL), slack.MsgOptionText("acknowledged", false))
	require.NoError(t, err)
	m := st.s.Snapshot().Message(casesID, in.Message.Timestamp)
	require.Equal(t, "acknowledged", m.Text)
	require.Empty(t, m.Blocks)
	_, _, err = api.PostMessageContext(ctx, "", slack.MsgOptionResponseURL(in.ResponseURL, slack.ResponseTypeEphemeral), slack.MsgOptionText("only you", false))
	require.NoError(t, err)
	require.Equal(t, demoOwners[0].slack, st.s.Snapshot().Ephemerals()[0].EphemeralTo)
	_, _, err = api.PostMessageContext(ctx, "", slack.MsgOptionResponseURL(in.ResponseURL, slack.ResponseTypeInChannel), slack.MsgOptionText("all of you", false))
	require.NoError(t, err)
	require.Len(t, st.s.Snapshot().Messages(casesID), 2)
	_, _, err = api.PostMessageContext(ctx, "", slack.MsgOptionDeleteOriginal(in.ResponseURL))
	require.NoError(t, err)
	require.Len(t, st.s.Snapshot().Messages(casesID), 1)

	path := strings.TrimPrefix(in.ResponseURL, st.url)
	for name, tc := range map[string]struct{ body, code string }{
		"no text":        {`{"replace_original":false}`, "no_text"},
		"invalid blocks": {`{"blocks":[{"type":"section"}]}`, "invalid_blocks"},
		"truncated":      {`{"text":`, "invalid_json"},
	} {
		resp, answer := st.post(path, "application/json", tc.body, nil)
		require.Equal(t, http.StatusBadRequest, resp.StatusCode, name)
		require.Equal(t, tc.code, answer["error"], name)
	}
	resp, answer := st.post(path, "application/json", `{"text":"x","replace_original":true}`, nil)
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	require.Equal(t, "message_not_found", answer["error"])
	_, answer = st.post(path, "application/json", `{"text":"sixth"}`, nil)
	require.Equal(t, "used_url", answer["error"])

	second := strings.TrimPrefix(st.click(app, "resolve").ResponseURL, st.url)
	st.clock.advance(responseLife + time.Second)
	_, answer = st.post(second, "application/json", `{"text":"late"}`, nil)
	require.Equal(t, "expired_url", answer["error"])
	_, answer = st.post("/slack/response/forged", "application/json", `{"text":"x"}`, nil)
	require.Equal(t, "invalid_url", answer["error"])
}

func TestSlackViews(t *testing.T) {
	t.Parallel()
	st, app := standWithApp(t)
	api, ctx := st.slackClient(), t.Context()
	view := slack.ModalViewRequest{
		Type: slack.VTModal, Title: slack.NewTextBlockObject(plain, "Resolve", false, false), Submit: slack.NewTextBlockObject(plain, "Save", false, false),
		CallbackID: "resolve", PrivateMetadata: "case-1",
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("cause", slack.NewTextBlockObject(plain, "Cause", false, false), nil,
			slack.NewPlainTextInputBlockElement(nil, "cause"))}},
	}
	trigger := st.click(app, "resolve").TriggerID
	opened, err := api.OpenViewContext(ctx, trigger, view)
	require.NoError(t, err)
	require.Equal(t, "case-1", opened.PrivateMetadata)
	views := st.s.Snapshot().Views
	require.Len(t, views, 1)
	require.Equal(t, opened.ID, views[0].ID)
	require.True(t, views[0].Open)
	require.Equal(t, demoOwners[0].slack, views[0].UserID)
	_, err = api.OpenViewContext(ctx, trigger, view)
	require.EqualError(t, err, "exchanged_trigger_id")
	late := st.click(app, "resolve").TriggerID
	st.clock.advance(triggerLife + time.Millisecond)
	_, err = api.OpenViewContext(ctx, late, view)
	require.EqualError(t, err, "expired_trigger_id")
}

func TestSlackEphemeral(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	ts, err := st.slackClient().PostEphemeralContext(t.Context(), casesID, demoOwners[0].slack, slack.MsgOptionText("psst", false))
	require.NoError(t, err)
	require.Equal(t, ts, st.s.Snapshot().Ephemerals()[0].TS)
	require.Empty(t, st.s.Snapshot().Messages(casesID))
	_, _, _, err = st.slackClient().UpdateMessageContext(t.Context(), casesID, ts, slack.MsgOptionText("x", false))
	require.EqualError(t, err, "message_not_found")
}
