package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type args = map[string]any

func text(kind, s string) args { return args{"type": kind, "text": s} }

func repeat(n int, v any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func section(s string) args { return args{"type": "section", "text": text(mrkdwn, s)} }

func button(more args) args {
	b := args{"type": "button", "text": text(plain, "Go")}
	for k, v := range more {
		b[k] = v
	}
	return b
}

func actions(elements ...any) args { return args{"type": "actions", "elements": elements} }

func blocks(list ...any) args { return args{"channel": casesID, "blocks": list} }

func TestSlackRefusesBlocks(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("é", n) }
	options := func(n int) []any { return repeat(n, args{"text": text(plain, "o"), "value": "v"}) }
	menu := func(kind string, n int) args { return args{"type": kind, "action_id": "m", "options": options(n)} }
	confirm := func(title string) args {
		return args{"title": text(plain, title), "text": text(plain, "x"), "confirm": text(plain, "y"), "deny": text(plain, "n")}
	}
	groups := func(n int) args {
		return args{"type": "static_select", "option_groups": repeat(n, args{"label": text(plain, "g"), "options": options(1)})}
	}
	image := args{"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}
	for name, tc := range map[string]struct {
		rule    string
		bad     []any
		good    []any
		pointer string
	}{
		"too many blocks":     {"blocks_max", repeat(51, section("x")), repeat(50, section("x")), "/blocks"},
		"unknown block":       {"block_type", []any{args{"type": "blink"}}, nil, "/blocks/0/type"},
		"block is no object":  {"block_type", []any{"x"}, nil, "/blocks/0"},
		"block id long":       {"block_id_max", []any{args{"type": "divider", "block_id": long(256)}}, []any{args{"type": "divider", "block_id": long(255)}}, "/blocks/0/block_id"},
		"block id twice":      {"block_id_unique", repeat(2, args{"type": "divider", "block_id": "a"}), nil, "/blocks/1/block_id"},
		"section empty":       {"section_empty", []any{args{"type": "section"}}, nil, "/blocks/0"},
		"section long":        {"section_text", []any{section(long(3001))}, []any{section(long(3000))}, "/blocks/0/text/text"},
		"section blank":       {"section_text", []any{section("")}, nil, "/blocks/0/text/text"},
		"fields many":         {"fields_max", []any{args{"type": "section", "fields": repeat(11, text(plain, "f"))}}, []any{args{"type": "section", "fields": repeat(10, text(plain, "f"))}}, "/blocks/0/fields"},
		"field long":          {"field_text", []any{args{"type": "section", "fields": []any{text(plain, long(2001))}}}, []any{args{"type": "section", "fields": []any{text(plain, long(2000))}}}, "/blocks/0/fields/0/text"},
		"header long":         {"header_text", []any{args{"type": "header", "text": text(plain, long(151))}}, []any{args{"type": "header", "text": text(plain, long(150))}}, "/blocks/0/text/text"},
		"header markdown":     {"header_text", []any{args{"type": "header", "text": text(mrkdwn, "h")}}, nil, "/blocks/0/text/type"},
		"header without text": {"header_text", []any{args{"type": "header"}}, nil, "/blocks/0"},
		"many elements":       {"actions_max", []any{actions(repeat(26, button(nil))...)}, []any{actions(repeat(25, button(nil))...)}, "/blocks/0/elements"},
		"no elements":         {"actions_max", []any{actions()}, nil, "/blocks/0/elements"},
		"unknown element":     {"element_type", []any{actions(args{"type": "lever"})}, nil, "/blocks/0/elements/0/type"},
		"input in actions":    {"element_type", []any{actions(args{"type": "plain_text_input"})}, nil, "/blocks/0/elements/0/type"},
		"action id long":      {"action_id_max", []any{actions(button(args{"action_id": long(256)}))}, []any{actions(button(args{"action_id": long(255)}))}, "/blocks/0/elements/0/action_id"},
		"action id twice":     {"action_id_unique", []any{actions(button(args{"action_id": "a"}), button(args{"action_id": "a"}))}, nil, "/blocks/0/elements/1/action_id"},
		"button text long":    {"button_text", []any{actions(button(args{"text": text(plain, long(76))}))}, []any{actions(button(args{"text": text(plain, long(75))}))}, "/blocks/0/elements/0/text/text"},
		"button markdown":     {"button_text", []any{actions(button(args{"text": text(mrkdwn, "x")}))}, nil, "/blocks/0/elements/0/text/type"},
		"button value long":   {"button_value", []any{actions(button(args{"value": long(2001)}))}, []any{actions(button(args{"value": long(2000)}))}, "/blocks/0/elements/0/value"},
		"button url long":     {"button_url", []any{actions(button(args{"url": long(3001)}))}, []any{actions(button(args{"url": long(3000)}))}, "/blocks/0/elements/0/url"},
		"button style":        {"button_style", []any{actions(button(args{"style": "loud"}))}, []any{actions(button(args{"style": "danger"}))}, "/blocks/0/elements/0/style"},
		"confirm long":        {"confirm", []any{actions(button(args{"confirm": confirm(long(101))}))}, []any{actions(button(args{"confirm": confirm(long(100))}))}, "/blocks/0/elements/0/confirm/title/text"},
		"accessory":           {"button_text", []any{args{"type": "section", "text": text(plain, "s"), "accessory": button(args{"text": text(plain, long(76))})}}, nil, "/blocks/0/accessory/text/text"},
		"placeholder long":    {"placeholder", []any{actions(args{"type": "users_select", "placeholder": text(plain, long(151))})}, []any{actions(args{"type": "users_select", "placeholder": text(plain, long(150))})}, "/blocks/0/elements/0/placeholder/text"},
		"options many":        {"options_max", []any{actions(menu("static_select", 101))}, []any{actions(menu("static_select", 100))}, "/blocks/0/elements/0/options"},
		"option groups many":  {"options_max", []any{actions(groups(101))}, []any{actions(groups(100))}, "/blocks/0/elements/0/option_groups"},
		"overflow many":       {"options_max", []any{actions(menu("overflow", 6))}, []any{actions(menu("overflow", 5))}, "/blocks/0/elements/0/options"},
		"option value long":   {"option_value", []any{actions(args{"type": "static_select", "options": []any{args{"text": text(plain, "o"), "value": long(151)}}})}, nil, "/blocks/0/elements/0/options/0/value"},
		"context many":        {"context_max", []any{args{"type": "context", "elements": repeat(11, text(plain, "c"))}}, []any{args{"type": "context", "elements": append(repeat(9, text(plain, "c")), image)}}, "/blocks/0/elements"},
		"image without alt":   {"image_alt", []any{args{"type": "image", "image_url": "https://example.com/a.png"}}, []any{image}, "/blocks/0"},
		"image without url":   {"image_source", []any{args{"type": "image", "alt_text": "a"}}, nil, "/blocks/0"},
		"input without label": {"input_label", []any{args{"type": "input", "element": args{"type": "plain_text_input"}}}, nil, "/blocks/0"},
		"markdown long":       {"markdown_text", []any{args{"type": "markdown", "text": long(12_001)}}, []any{args{"type": "markdown", "text": long(12_000)}}, "/blocks/0/text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			_, answer := st.slack("chat.postMessage", blocks(tc.bad...))
			require.Equal(t, "invalid_blocks", answer["error"])
			messages := answer["response_metadata"].(args)["messages"].([]any)
			require.Contains(t, messages[0], "[json-pointer:"+tc.pointer+"]")
			require.Equal(t, "slack/"+tc.rule, st.lastRefusal().Rule)
			require.Empty(t, st.s.Snapshot().Messages(casesID))
			if tc.good != nil {
				_, answer := st.slack("chat.postMessage", blocks(tc.good...))
				require.Equal(t, true, answer["ok"], "%v %v", answer, st.refusals())
			}
		})
	}
}

func TestSlackRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method string
		args   args
		code   string
	}{
		"method":               {"chat.shout", args{}, "unknown_method"},
		"no channel":           {"chat.postMessage", args{"text": "x"}, "invalid_arguments"},
		"unknown channel":      {"chat.postMessage", args{"channel": "C0NOPE", "text": "x"}, "channel_not_found"},
		"private channel":      {"chat.postMessage", args{"channel": "C0PRIVATE", "text": "x"}, "channel_not_found"},
		"not a member":         {"chat.postMessage", args{"channel": "C0FOREIGN", "text": "x"}, "not_in_channel"},
		"archived":             {"chat.postMessage", args{"channel": "C0ARCHIVED", "text": "x"}, "is_archived"},
		"no text":              {"chat.postMessage", args{"channel": casesID}, "no_text"},
		"no blocks":            {"chat.postMessage", args{"channel": casesID, "blocks": []any{}}, "no_text"},
		"blocks are no JSON":   {"chat.postMessage", args{"channel": casesID, "blocks": "[{"}, "invalid_blocks_format"},
		"blocks are no array":  {"chat.postMessage", args{"channel": casesID, "blocks": args{}}, "invalid_blocks_format"},
		"metadata no JSON":     {"chat.postMessage", args{"channel": casesID, "text": "x", "metadata": "{"}, "invalid_metadata_format"},
		"metadata no object":   {"chat.postMessage", args{"channel": casesID, "text": "x", "metadata": []any{}}, "invalid_metadata_format"},
		"metadata no type":     {"chat.postMessage", args{"channel": casesID, "text": "x", "metadata": args{"event_payload": args{}}}, "invalid_metadata_schema"},
		"metadata no payload":  {"chat.postMessage", args{"channel": casesID, "text": "x", "metadata": args{"event_type": "t"}}, "invalid_metadata_schema"},
		"thread malformed":     {"chat.postMessage", args{"channel": casesID, "text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"},
		"thread unknown":       {"chat.postMessage", args{"channel": casesID, "text": "x", "thread_ts": "1700000000.000000"}, "thread_not_found"},
		"bad flag":             {"chat.postMessage", args{"channel": casesID, "text": "x", "unfurl_links": "maybe"}, "invalid_arguments"},
		"attachments":          {"chat.postMessage", args{"channel": casesID, "attachments": []any{args{"text": "x"}}}, "invalid_arguments"},
		"markdown and text":    {"chat.postMessage", args{"channel": casesID, "text": "x", "markdown_text": "y"}, "markdown_text_conflict"},
		"update no ts":         {"chat.update", args{"channel": casesID, "text": "x"}, "invalid_arguments"},
		"update unknown":       {"chat.update", args{"channel": casesID, "ts": "1700000000.000000", "text": "x"}, "message_not_found"},
		"update by name":       {"chat.update", args{"channel": "cx-cases", "ts": "1700000000.000000", "text": "x"}, "channel_not_found"},
		"update long":          {"chat.update", args{"channel": casesID, "ts": "1700000000.000000", "text": strings.Repeat("x", 4001)}, "msg_too_long"},
		"update empty":         {"chat.update", args{"channel": casesID, "ts": "1700000000.000000"}, "no_text"},
		"ephemeral no user":    {"chat.postEphemeral", args{"channel": casesID, "text": "x"}, "invalid_arguments"},
		"ephemeral stranger":   {"chat.postEphemeral", args{"channel": casesID, "text": "x", "user": "U0NOBODY"}, "user_not_in_channel"},
		"history unknown":      {"conversations.history", args{"channel": "C0NOPE"}, "channel_not_found"},
		"history not a member": {"conversations.history", args{"channel": "C0FOREIGN"}, "not_in_channel"},
		"history limit":        {"conversations.history", args{"channel": casesID, "limit": "1000"}, "invalid_limit"},
		"history oldest":       {"conversations.history", args{"channel": casesID, "oldest": "then"}, "invalid_ts_oldest"},
		"history latest":       {"conversations.history", args{"channel": casesID, "latest": "then"}, "invalid_ts_latest"},
		"history cursor":       {"conversations.history", args{"channel": casesID, "cursor": "??"}, "invalid_cursor"},
		"list types":           {"conversations.list", args{"types": "secret_channel"}, "invalid_types"},
		"list limit":           {"conversations.list", args{"limit": "0"}, "invalid_limit"},
		"list cursor":          {"conversations.list", args{"cursor": "eHg="}, "invalid_cursor"},
		"info unknown":         {"conversations.info", args{"channel": "C0NOPE"}, "channel_not_found"},
		"user unknown":         {"users.info", args{"user": "U0NOPE"}, "user_not_found"},
		"look up nothing":      {"users.lookupByEmail", args{}, "invalid_arguments"},
		"view missing":         {"views.open", args{"trigger_id": "t"}, "invalid_arguments"},
		"view no trigger":      {"views.open", args{"view": modal(nil)}, "invalid_arguments"},
		"view bad trigger":     {"views.open", args{"trigger_id": "t", "view": modal(nil)}, "invalid_trigger_id"},
		"view type":            {"views.open", args{"trigger_id": "t", "view": modal(args{"type": "home"})}, "invalid_arguments"},
		"view title":           {"views.open", args{"trigger_id": "t", "view": modal(args{"title": text(plain, strings.Repeat("x", 25))})}, "invalid_arguments"},
		"view blocks":          {"views.open", args{"trigger_id": "t", "view": modal(args{"blocks": repeat(101, section("x"))})}, "invalid_arguments"},
		"view private data":    {"views.open", args{"trigger_id": "t", "view": modal(args{"private_metadata": strings.Repeat("x", 3001)})}, "invalid_arguments"},
		"view no submit":       {"views.open", args{"trigger_id": "t", "view": modal(args{"submit": nil})}, "invalid_arguments"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			st.s.change(func(s *State) {
				s.addChannel(&Channel{ID: "C0FOREIGN", Name: "foreign", NotMember: true})
				s.addChannel(&Channel{ID: "C0PRIVATE", Name: "private", Private: true, NotMember: true})
				s.addChannel(&Channel{ID: "C0ARCHIVED", Name: "archived", Archived: true})
			})
			resp, answer := st.slack(tc.method, tc.args)
			require.Equal(t, http.StatusOK, resp.StatusCode)
			require.Equal(t, false, answer["ok"])
			require.Equal(t, tc.code, answer["error"])
			r := st.lastRefusal()
			require.Equal(t, Slack, r.Vendor)
			require.True(t, strings.HasPrefix(r.Rule, "slack/"), r.Rule)
			require.NotContains(t, r.Body, slackToken)
			require.Zero(t, st.s.Snapshot().Counts.Messages)
		})
	}
}

func modal(change args) args {
	v := args{
		"type": "modal", "title": text(plain, "Resolve"), "submit": text(plain, "Save"),
		"blocks": []any{args{"type": "input", "label": text(plain, "Cause"), "element": args{"type": "plain_text_input", "action_id": "cause"}}},
	}
	for k, x := range change {
		v[k] = x
		if x == nil {
			delete(v, k)
		}
	}
	return v
}

func TestSlackUpdatesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	const ts = "1700000000.000001"
	st.s.change(func(s *State) {
		s.addMessage(&Message{Channel: casesID, TS: ts, UserID: demoOwners[0].slack, Text: "mine"}, 10)
	})
	_, answer := st.slack("chat.update", args{"channel": casesID, "ts": ts, "text": "yours"})
	require.Equal(t, "cant_update_message", answer["error"])
	require.Equal(t, "mine", st.s.Snapshot().Message(casesID, ts).Text)
}

func TestSlackAuthentication(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	for name, tc := range map[string]struct {
		kind, body string
		header     http.Header
		code       any
	}{
		"form token":       {formType, "token=" + slackToken, nil, nil},
		"header token":     {formType, "", bearer(slackToken), nil},
		"JSON and header":  {"application/json", "{}", bearer(slackToken), nil},
		"JSON and token":   {"application/json", `{"token":"` + slackToken + `"}`, nil, "not_authed"},
		"none":             {formType, "", nil, "not_authed"},
		"wrong":            {formType, "token=xoxb-other", nil, "invalid_auth"},
		"wrong in header":  {formType, "", bearer("xoxb-other"), "invalid_auth"},
		"truncated JSON":   {"application/json", "{", bearer(slackToken), "invalid_json"},
		"JSON array":       {"application/json", "[]", bearer(slackToken), "json_not_object"},
		"unknown type":     {"text/xml", "<a/>", bearer(slackToken), "invalid_post_type"},
		"malformed form":   {formType, "a=%zz", bearer(slackToken), "invalid_form_data"},
		"no type at all":   {"", "a=b", bearer(slackToken), "missing_post_type"},
		"larger than life": {formType, "x=" + strings.Repeat("x", slackBodyMax), bearer(slackToken), "request_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, answer := st.post("/slack/api/auth.test", tc.kind, tc.body, tc.header)
			require.Equal(t, tc.code, answer["error"])
		})
	}
}

func TestSlackRateLimits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method  string
		args    args
		allowed int
		after   time.Duration
	}{
		"a channel's posts":   {"chat.postMessage", args{"channel": casesID, "text": "x"}, slackPostBurst, time.Second},
		"tier 2":              {"conversations.list", args{}, slackTier2, 3 * time.Second},
		"tier 3 lookup":       {"users.lookupByEmail", args{"email": demoOwners[0].email}, slackTier3, 2 * time.Second},
		"tier 3 update":       {"chat.update", args{"channel": casesID, "ts": "1700000000.000000", "text": "x"}, slackTier3, 2 * time.Second},
		"tier 4 user details": {"users.info", args{"user": demoOwners[0].slack}, slackTier4, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			for range tc.allowed {
				resp, _ := st.slack(tc.method, tc.args)
				require.Equal(t, http.StatusOK, resp.StatusCode)
			}
			resp, answer := st.slack(tc.method, tc.args)
			require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
			require.Equal(t, "ratelimited", answer["error"])
			require.Equal(t, strings.TrimSuffix(tc.after.String(), "s"), resp.Header.Get("Retry-After"))
			require.EqualValues(t, 1, st.s.Snapshot().Counts.RateLimited)
			st.clock.advance(tc.after)
			resp, _ = st.slack(tc.method, tc.args)
			require.Equal(t, http.StatusOK, resp.StatusCode)
		})
	}
}
