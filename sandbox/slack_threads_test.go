package sandbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThreads(t *testing.T) {
	t.Parallel()
	sb := newStand(t, func(o *Options) { o.Limits.SlackOff = true })
	parent := sb.done("chat.postMessage", map[string]any{"channel": "cx-cases", "text": "case"})
	channel, ts := parent["channel"], parent["ts"]
	var replies []any
	for _, broadcast := range []bool{false, true, false} {
		reply := sb.done("chat.postMessage", map[string]any{"channel": channel, "text": "told", "thread_ts": ts, "reply_broadcast": broadcast})
		replies = append(replies, reply["ts"])
	}
	require.Equal(t, []any{replies[1], ts}, timesOf(sb.done("conversations.history", map[string]any{"channel": channel})), "a broadcast reply is in the channel too")
	page := sb.done("conversations.replies", map[string]any{"channel": channel, "ts": ts, "limit": 2})
	require.Equal(t, []any{ts, replies[0], replies[1]}, timesOf(page))
	require.Equal(t, true, page["has_more"])
	next, _ := page["response_metadata"].(map[string]any)
	page = sb.done("conversations.replies", map[string]any{"channel": channel, "ts": ts, "limit": 2, "cursor": next["next_cursor"]})
	require.Equal(t, []any{ts, replies[2]}, timesOf(page))
	require.Equal(t, false, page["has_more"])

	sb.refuses("chat.postMessage", map[string]any{"channel": channel, "text": "x", "thread_ts": replies[0]}, "invalid_thread_ts")
	sb.refuses("chat.postMessage", map[string]any{"channel": channel, "text": "x", "thread_ts": "1111111111.000000"}, "thread_not_found")
	sb.refuses("conversations.replies", map[string]any{"channel": channel, "ts": "1111111111.000000"}, "thread_not_found")
}

func timesOf(page map[string]any) []any {
	var out []any
	messages, _ := page["messages"].([]any)
	for _, m := range messages {
		m, _ := m.(map[string]any)
		out = append(out, m["ts"])
	}
	return out
}

func TestDirectMessages(t *testing.T) {
	t.Parallel()
	sb := newStand(t, func(o *Options) { o.Limits.SlackOff = true })
	opened := sb.done("conversations.open", map[string]any{"users": "U0GRACE"})
	channel, _ := opened["channel"].(map[string]any)
	require.Equal(t, map[string]any{"id": "D0GRACE"}, channel)
	again := sb.done("conversations.open", map[string]any{"users": "U0GRACE", "return_im": true})
	require.Equal(t, true, again["already_open"])
	channel, _ = again["channel"].(map[string]any)
	require.Equal(t, []any{"D0GRACE", "U0GRACE", true}, []any{channel["id"], channel["user"], channel["is_im"]})
	sb.done("chat.postMessage", map[string]any{"channel": "D0GRACE", "text": "yours"})
	sb.refuses("conversations.open", map[string]any{"users": "U0NOBODY"}, "user_not_found")
	sb.refuses("conversations.open", map[string]any{"users": botUserID}, "cannot_dm_bot")
	sb.refuses("conversations.open", map[string]any{}, "users_list_not_supplied")
}

// done calls a method that has to succeed.
func (st *stand) done(method string, args map[string]any) map[string]any {
	st.t.Helper()
	_, answer := st.slack(method, args)
	require.Equal(st.t, true, answer["ok"], "%s: %v", method, answer)
	return answer
}

// refuses calls a method that has to be refused for a reason.
func (st *stand) refuses(method string, args map[string]any, code string) {
	st.t.Helper()
	_, answer := st.slack(method, args)
	require.Equal(st.t, code, answer["error"], "%s: %v", method, answer)
}
