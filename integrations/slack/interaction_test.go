package slack

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func form(payload string) []byte { return []byte(url.Values{"payload": {payload}}.Encode()) }

func TestParseInteraction(t *testing.T) {
	t.Parallel()
	in, err := ParseInteraction(form(`{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1","name":"amelie"},
		"channel":{"id":"C1"},"container":{"type":"message","message_ts":"1.2"},"response_url":"https://hooks.slack.com/x",
		"actions":[{"type":"button","action_id":"case_acknowledge","value":"case-1","action_ts":"3.4"}]}`))
	require.NoError(t, err)
	require.Equal(t, Interaction{
		Type: TypeBlockActions, User: "U1",
		Actions: []Action{{ActionID: "case_acknowledge", Value: "case-1", TS: "3.4"}},
	}, in)
	// A button outside of a message works as well.
	in, err = ParseInteraction(form(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"a","action_ts":"1"}]}`))
	require.NoError(t, err)
	require.Equal(t, []Action{{ActionID: "a", TS: "1"}}, in.Actions)
	in, err = ParseInteraction(form(`{"type":"block_actions","user":{"id":"U1"},"trigger_id":"1.2.3","actions":[{"action_id":"a","action_ts":"1"}]}`))
	require.NoError(t, err)
	require.Equal(t, "1.2.3", in.Trigger)
	in, err = ParseInteraction(form(`{"type":"view_closed","user":{"id":"U1"}}`))
	require.NoError(t, err)
	require.Equal(t, Interaction{Type: "view_closed", User: "U1"}, in)
}

func TestParseSubmission(t *testing.T) {
	t.Parallel()
	in, err := ParsePayload([]byte(`{"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1"},"trigger_id":"1.2.3","view":{
		"id":"V1","hash":"1.a","callback_id":"case_resolve","private_metadata":"case-1.4","state":{"values":{
			"cause":{"cause":{"type":"static_select","selected_option":{"text":{"type":"plain_text","text":"Price"},"value":"price"}}},
			"note":{"note":{"type":"plain_text_input","value":"Renewed"}},
			"who":{"who":{"type":"users_select","selected_user":"U2"}},
			"date":{"date":{"type":"datepicker","selected_date":"2026-12-01"}},
			"none":{"none":{"type":"datepicker","selected_date":null}},
			"empty":{"empty":{"type":"plain_text_input","value":null},"x":{"type":"static_select","selected_option":null}},
			"several":{"several":{"type":"checkboxes","selected_options":[{"value":"a"}]}}}}}}`))
	require.NoError(t, err)
	require.Equal(t, Interaction{Type: TypeViewSubmission, User: "U1", Trigger: "1.2.3", View: &Submission{
		ID: "V1", CallbackID: "case_resolve", Metadata: "case-1.4",
		Values: map[string]string{"cause": "price", "note": "Renewed", "who": "U2", "date": "2026-12-01"},
	}}, in)
	// Of another type the view is none of a submission.
	in, err = ParsePayload([]byte(`{"type":"view_closed","user":{"id":"U1"},"view":{"id":"V1"}}`))
	require.NoError(t, err)
	require.Nil(t, in.View)
}

func TestParseInteractionNamesThePlace(t *testing.T) {
	t.Parallel()
	for body, reason := range map[string]string{
		"":                                       "form has 0 fields payload",
		"%zz":                                    "not a form",
		"payload={}&payload=":                    "form has 2 fields payload",
		string(form(`{`)):                        "payload: unexpected end of JSON input",
		string(form(`[]`)):                       "payload is not a JSON object",
		string(form(`{"user":{"id":7}}`)):        "payload.user.id is of the wrong type",
		string(form(`{}`)):                       "payload.type is missing",
		string(form(`{"type":"block_actions"}`)): "payload.user.id is missing",
		string(form(`{"type":"block_actions","user":{"id":"U"}}`)):                                                "payload.actions is missing",
		string(form(`{"type":"block_actions","user":{"id":"U"},"actions":[{"action_id":"a"}]}`)):                  "payload.actions[0]: action_id or action_ts is missing",
		string(form(`{"type":"view_submission","user":{"id":"U"}}`)):                                              "payload.view is missing",
		string(form(`{"type":"view_submission","user":{"id":"U"},"view":{}}`)):                                    "payload.view.id is missing",
		string(form(`{"type":"view_submission","user":{"id":"U"},"view":{"id":"V","state":{"values":{"a":1}}}}`)): "payload.view.state.values",
	} {
		_, err := ParseInteraction([]byte(body))
		require.ErrorContains(t, err, reason)
	}
}

func TestParseVendorSample(t *testing.T) {
	t.Parallel()
	root := os.Getenv("CXLOOP_TESTDATA")
	if root == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	raw, err := os.ReadFile(filepath.Join(root, "samples", "slack", "block_actions.json"))
	require.NoError(t, err)
	var sample struct {
		Payload json.RawMessage `json:"payload"`
	}
	require.NoError(t, json.Unmarshal(raw, &sample))
	in, err := ParseInteraction(form(string(sample.Payload)))
	require.NoError(t, err)
	require.Equal(t, "W111", in.User)
	require.Equal(t, []Action{{ActionID: "a", Value: "click_me_123", TS: "1596530385.194939"}}, in.Actions)
}

func FuzzParseInteraction(f *testing.F) {
	f.Add([]byte("payload=%7B%7D"))
	f.Add(form(`{"type":"block_actions","user":{"id":"U"},"container":{"channel_id":"C","message_ts":"1"},"actions":[{"action_id":"a","action_ts":"1"}]}`))
	f.Add(form(`{"type":"view_submission","user":{"id":"U"},"view":{"id":"V","state":{"values":{"b":{"a":{"value":"x"}}}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := ParseInteraction(body)
		if err != nil {
			return
		}
		if in.Type == "" || in.User == "" || (in.View != nil) != (in.Type == TypeViewSubmission) {
			t.Fatalf("incomplete interaction %+v", in)
		}
		if in.View != nil {
			for block, value := range in.View.Values {
				if value == "" {
					t.Fatalf("block %q holds nothing", block)
				}
			}
		}
	})
}
