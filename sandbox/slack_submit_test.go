package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// formApp is an app whose button opens a form, and which answers what was sent in it.
type formApp struct {
	*stand
	// answer is what it answers to a form.
	answer  atomic.Value
	channel string
	ts      string
}

func newFormApp(t *testing.T) *formApp {
	t.Helper()
	a := &formApp{}
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var payload struct {
			Type    string `json:"type"`
			Trigger string `json:"trigger_id"`
		}
		if !a.s.isSigned(r) || json.Unmarshal([]byte(r.PostFormValue("payload")), &payload) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if payload.Type == "block_actions" {
			a.done("views.open", args{"trigger_id": payload.Trigger, "view": formOf()})
			return
		}
		_, _ = io.WriteString(w, a.answer.Load().(string))
	}))
	t.Cleanup(app.Close)
	a.answer.Store("")
	a.stand = newStand(t, func(o *Options) { o.Slack.InteractionsURL, o.Limits.SlackOff = app.URL, true })
	posted := a.done("chat.postMessage", blocks(actions(button(args{"action_id": "ask", "value": "c1"}))))
	a.channel, a.ts = posted["channel"].(string), posted["ts"].(string)
	return a
}

// isSigned reads the form, whose signature the sandbox's own tests of clicks check.
func (s *Sandbox) isSigned(r *http.Request) bool { return r.Header.Get("X-Slack-Signature") != "" }

func formOf() args {
	input := func(id string, optional bool, element args) args {
		element["action_id"] = id
		return args{"type": "input", "block_id": id, "optional": optional, "label": text(plain, id), "element": element}
	}
	return args{
		"type": "modal", "callback_id": "ask", "private_metadata": "c1.2", "title": text(plain, "Ask"), "submit": text(plain, "Send"),
		"blocks": []any{
			input("choice", false, args{"type": "static_select", "options": []any{
				args{"text": text(plain, "A"), "value": "a"}, args{"text": text(plain, "B"), "value": "b"},
			}}),
			input("who", false, args{"type": "users_select", "initial_user": "U0GRACE"}),
			input("day", true, args{"type": "datepicker"}),
			input("note", true, args{"type": "plain_text_input", "max_length": 5}),
		},
	}
}

// press presses the button and returns the view that it opened.
func (a *formApp) press() string {
	a.t.Helper()
	in, err := a.s.Click(a.channel, a.ts, "ask", "U0GRACE")
	require.NoError(a.t, err)
	require.NotEmpty(a.t, in.View)
	return in.View
}

func (a *formApp) view(id string) (found View) {
	a.s.Read(func(st *State) {
		for _, v := range st.Views {
			if v.ID == id {
				found = *v
			}
		}
	})
	return found
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	a := newFormApp(t)
	id := a.press()
	in, err := a.s.Submit(id, map[string]string{"choice": "b", "day": "2026-11-24", "note": "yes"})
	require.NoError(t, err)
	var sent struct {
		Type string `json:"type"`
		View struct {
			ID              string `json:"id"`
			CallbackID      string `json:"callback_id"`
			PrivateMetadata string `json:"private_metadata"`
			State           struct {
				Values json.RawMessage `json:"values"`
			} `json:"state"`
		} `json:"view"`
	}
	require.NoError(t, json.Unmarshal(in.Payload, &sent))
	require.Equal(t, []string{"view_submission", id, "ask", "c1.2"}, []string{sent.Type, sent.View.ID, sent.View.CallbackID, sent.View.PrivateMetadata})
	require.JSONEq(t, `{"choice":{"choice":{"type":"static_select","selected_option":{"text":{"type":"plain_text","text":"B"},"value":"b"}}},
		"who":{"who":{"type":"users_select","selected_user":"U0GRACE"}},"day":{"day":{"type":"datepicker","selected_date":"2026-11-24"}},
		"note":{"note":{"type":"plain_text_input","value":"yes"}}}`, string(sent.View.State.Values))
	require.False(t, a.view(id).Open)
	_, err = a.s.Submit(id, map[string]string{"choice": "b"})
	require.ErrorIs(t, err, ErrNotFound, "a view is sent once")
}

func TestSlackRefusesWhatIsNotFilledIn(t *testing.T) {
	t.Parallel()
	a := newFormApp(t)
	id := a.press()
	for reason, values := range map[string]map[string]string{
		"choice: please complete": {}, `choice: option "c"`: {"choice": "c"}, "day:": {"choice": "a", "day": "tomorrow"},
		"note: 6 characters": {"choice": "a", "note": "sixsix"}, `who: user "U0NOBODY"`: {"choice": "a", "who": "U0NOBODY"},
		`input "other"`: {"choice": "a", "other": "x"},
	} {
		_, err := a.s.Submit(id, values)
		require.ErrorContains(t, err, reason)
	}
	require.True(t, a.view(id).Open)
	require.NoError(t, a.s.CloseView(id))
	require.False(t, a.view(id).Open)
}

func TestAnswersToForms(t *testing.T) {
	t.Parallel()
	a := newFormApp(t)
	good := map[string]string{"choice": "a"}
	id := a.press()
	a.answer.Store(`{"response_action":"errors","errors":{"note":"Say more."}}`)
	_, err := a.s.Submit(id, good)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"note": "Say more."}, a.view(id).Errors)
	require.True(t, a.view(id).Open, "the form stays open")
	for answer, reason := range map[string]string{
		`{"response_action":"errors","errors":{"nothing":"x"}}`: "no input block", `{"response_action":"errors"}`: "names no errors",
		`{"response_action":"push","view":{}}`: "not known", `thanks`: "not JSON",
	} {
		a.answer.Store(answer)
		_, err = a.s.Submit(id, good)
		require.ErrorContains(t, err, reason)
		require.True(t, a.view(id).Open)
	}
	a.answer.Store(`{"response_action":"clear"}`)
	_, err = a.s.Submit(id, good)
	require.NoError(t, err)
	require.False(t, a.view(id).Open)
}

func TestTriggerExpires(t *testing.T) {
	t.Parallel()
	a := newFormApp(t)
	trigger := a.s.newTrigger("U0GRACE")
	a.clock.advance(triggerLife + time.Millisecond)
	a.refuses("views.open", args{"trigger_id": trigger, "view": formOf()}, "expired_trigger_id")
	trigger = a.s.newTrigger("U0GRACE")
	a.done("views.open", args{"trigger_id": trigger, "view": formOf()})
	a.refuses("views.open", args{"trigger_id": trigger, "view": formOf()}, "exchanged_trigger_id")
}
