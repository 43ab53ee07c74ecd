package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func needContracts(t testing.TB) *contracts {
	t.Helper()
	c, err := testContracts()
	require.NoError(t, err)
	if c == nil {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	return c
}

func TestContractsCatchWhatRulesDoNot(t *testing.T) {
	t.Parallel()
	needContracts(t)
	for name, tc := range map[string]struct {
		method  string
		args    args
		code    string
		pointer string
	}{
		"unknown argument":       {"chat.postMessage", args{"channel": casesID, "text": "x", "priority": "high"}, "invalid_arguments", ""},
		"unknown parse":          {"chat.update", args{"channel": casesID, "ts": "1700000000.000000", "text": "x", "parse": "some"}, "invalid_arguments", ""},
		"metadata key":           {"chat.postMessage", args{"channel": casesID, "text": "x", "metadata": args{"event_type": "t", "event_payload": args{}, "extra": 1}}, "invalid_arguments", ""},
		"unknown key in a block": {"chat.postMessage", blocks(args{"type": "divider", "colour": "red"}), "invalid_blocks", ""},
		"unknown key in a text":  {"chat.postMessage", blocks(args{"type": "header", "text": args{"type": plain, "text": "x", "verbatim": true}}), "invalid_blocks", "/text"},
		"a number for a flag":    {"chat.postMessage", blocks(actions(button(args{"text": args{"type": plain, "text": "x", "emoji": 1}}))), "invalid_blocks", "/elements/0/text/emoji"},
		"unknown key in a view":  {"views.open", args{"trigger_id": "t", "view": modal(args{"colour": "red"})}, "invalid_arguments", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			_, answer := st.slack(tc.method, tc.args)
			require.Equal(t, tc.code, answer["error"], "%v", answer)
			require.Contains(t, answer["response_metadata"].(args)["messages"].([]any)[0], tc.pointer+"]")
			require.Equal(t, "contract", st.lastRefusal().Rule)
		})
	}
	for name, change := range map[string]args{
		"group without id":        {"asm": args{"groups_to_display": []any{1}}},
		"26 groups":               {"asm": args{"group_id": 1, "groups_to_display": repeat(26, 1)}},
		"pool name":               {"ip_pool_name": "x"},
		"attachment without name": {"attachments": []any{args{"content": "eA=="}}},
		"long category":           {"categories": []any{fmt.Sprintf("%256d", 1)}},
		"key in another case":     {"Categories": []any{"a"}},
		"unknown tracking":        {"tracking_settings": args{"mind_tracking": args{"enable": true}}},
		"same reply-to twice":     {"reply_to_list": repeat(2, args{"email": "a@x.example"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			m := plainMail()
			for k, v := range change {
				m[k] = v
			}
			resp, answer := st.sendRaw(m)
			require.Equal(t, http.StatusBadRequest, resp.StatusCode)
			require.Equal(t, "contract", st.lastRefusal().Rule, "%v", answer)
			require.Empty(t, st.s.Snapshot().Mails)
		})
	}
}

func TestContractOfHubSpot(t *testing.T) {
	t.Parallel()
	c := needContracts(t)
	for name, tc := range map[string]struct {
		definition, body string
		ok               bool
	}{
		"update":             {"BatchInputSimplePublicObjectBatchInput", `{"inputs":[{"id":"1","properties":{"a":"1"}}]}`, true},
		"number":             {"BatchInputSimplePublicObjectBatchInput", `{"inputs":[{"id":"1","properties":{"a":1}}]}`, false},
		"no id":              {"BatchInputSimplePublicObjectBatchInput", `{"inputs":[{"properties":{"a":"1"}}]}`, false},
		"unknown key":        {"SimplePublicObjectInputForCreate", `{"properties":{},"owner":"1"}`, false},
		"unknown operator":   {"PublicObjectSearchRequest", `{"filterGroups":[{"filters":[{"propertyName":"a","operator":"LIKE"}]}]}`, false},
		"no such definition": {"", `{"anything":1}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.checkHubSpot(tc.definition, []byte(tc.body))
			require.Equal(t, tc.ok, err == nil, "%v", err)
		})
	}
}

func TestWithoutContractsBuiltInRulesStand(t *testing.T) {
	t.Parallel()
	c, err := loadContracts("")
	require.NoError(t, err)
	require.NoError(t, c.checkHubSpot("PublicObjectSearchRequest", []byte(`{"x":1}`)))
	require.NoError(t, c.mailSend([]byte(`{"x":1}`)))
	require.NoError(t, c.slackBlocks([]any{1}))
	require.NoError(t, c.slackCall("chat.update", nil))
	_, err = New(Options{SpecsDir: t.TempDir()})
	require.ErrorContains(t, err, "load the vendors' contracts")
}

// TestClickPostsWhatSlackPosts holds an interaction against one that Slack's own SDK was tested with: whatever that
// has, ours has too, with the same type.
func TestClickPostsWhatSlackPosts(t *testing.T) {
	t.Parallel()
	var sample struct {
		Payload map[string]any `json:"payload"`
	}
	require.NoError(t, json.Unmarshal(testData(t, "samples/slack/block_actions.json"), &sample))
	// Only workspaces of an Enterprise Grid have these.
	team := sample.Payload["team"].(map[string]any)
	delete(team, "enterprise_id")
	delete(team, "enterprise_name")
	st, app := standWithApp(t)
	_, answer := st.slack("chat.postMessage", blocks(actions(button(args{
		"action_id": "a", "value": "click_me_123", "text": args{"type": plain, "text": "Button", "emoji": true},
	}))))
	in, err := st.s.Click(casesID, answer["ts"].(string), "a", demoOwners[0].slack)
	require.NoError(t, err)
	<-app.got
	var posted map[string]any
	require.NoError(t, json.Unmarshal(in.Payload, &posted))
	requireShape(t, "payload", sample.Payload, posted)
}

func requireShape(t *testing.T, path string, want, got any) {
	t.Helper()
	require.IsType(t, want, got, path)
	switch w := want.(type) {
	case map[string]any:
		for k, v := range w {
			require.Contains(t, got, k, path)
			requireShape(t, path+"."+k, v, got.(map[string]any)[k])
		}
	case []any:
		require.NotEmpty(t, got, path)
		requireShape(t, path+"[0]", w[0], got.([]any)[0])
	}
}

func TestSlackSignatureVector(t *testing.T) {
	t.Parallel()
	var v struct {
		Secret    string `json:"signing_secret"`
		Timestamp string `json:"timestamp"`
		Body      string `json:"body"`
		Signature string `json:"signature"`
	}
	require.NoError(t, json.Unmarshal(testData(t, "samples/slack/signature_vectors.json"), &v))
	require.Equal(t, v.Signature, signSlack(v.Secret, v.Timestamp, []byte(v.Body)))
	require.NotEqual(t, v.Signature, signSlack(v.Secret, v.Timestamp, []byte(v.Body+" ")))
}

func BenchmarkContracts(b *testing.B) {
	c := needContracts(b)
	raw, err := json.Marshal(unhappyBlocks())
	require.NoError(b, err)
	message, err := plainJSON([]byte(`{"channel":"C1","text":"x","blocks":` + string(raw) + `}`))
	require.NoError(b, err)
	to := make([]string, 500)
	for i := range to {
		to[i] = fmt.Sprintf("p%d@x.example", i)
	}
	mail, err := json.Marshal(npsMail(to...))
	require.NoError(b, err)
	b.Run("slack message", func(b *testing.B) {
		for b.Loop() {
			m := message.(map[string]any)
			require.NoError(b, c.slackBlocks(m["blocks"].([]any)))
			require.NoError(b, c.slackCall("chat.postMessage", m))
		}
	})
	b.Run("mail to 500", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, c.mailSend(mail))
		}
	})
}
