package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	signatureHeader = "X-Slack-Signature"
	timestampHeader = "X-Slack-Request-Timestamp"

	maxAge = 5 * time.Minute // to either side
)

// VerifyRequest checks the v0 signature of a request that Slack sent, over its
// raw body, at a moment of the real clock. Its error may be told to the sender.
func VerifyRequest(signingSecret string, header http.Header, body []byte, now time.Time) error {
	if signingSecret == "" {
		return errors.New("no signing secret is configured, so that no signature can be checked")
	}
	signature, timestamp := header.Get(signatureHeader), header.Get(timestampHeader)
	if signature == "" || timestamp == "" {
		return fmt.Errorf("%s or %s is missing", signatureHeader, timestampHeader)
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%s is not a number of seconds", timestampHeader)
	}
	sent := time.Unix(seconds, 0)
	if sent.Before(now.Add(-maxAge)) || sent.After(now.Add(maxAge)) {
		return fmt.Errorf("signature is not of the last %s: check the clocks", maxAge)
	}
	mac := hmac.New(sha256.New, []byte(signingSecret))
	mac.Write([]byte("v0:" + timestamp + ":"))
	mac.Write(body)
	version, sum, _ := strings.Cut(signature, "=")
	got, err := hex.DecodeString(sum)
	if version != "v0" || err != nil || !hmac.Equal(got, mac.Sum(nil)) {
		return errors.New("signature does not match: check slack.signing_secret")
	}
	return nil
}

// TypeBlockActions is the type of the interactions that press a button.
const TypeBlockActions = "block_actions"

// Interaction is what a user did with a message.
type Interaction struct {
	// Type is TypeBlockActions, or another that has no Actions.
	Type    string
	User    string // id
	Actions []Action
}

// Action is one press of a button.
type Action struct {
	ActionID string
	Value    string
	// TS is Slack's time of the press, unique for the user and the message.
	TS string
}

type payload struct {
	Type string `json:"type"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Actions []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
		ActionTS string `json:"action_ts"`
	} `json:"actions"`
}

// ParseInteraction reads the raw body of a verified request. Nothing but the
// body is looked at: a query is outside of the signature. Its error names the
// place and may be told to the sender.
func ParseInteraction(body []byte) (Interaction, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Interaction{}, errors.New("body is not a form")
	}
	if len(form["payload"]) != 1 {
		return Interaction{}, fmt.Errorf("form has %d fields payload: want one", len(form["payload"]))
	}
	var p payload
	if err := json.Unmarshal([]byte(form.Get("payload")), &p); err != nil {
		return Interaction{}, fmt.Errorf("payload%s", jsonReason(err))
	}
	in := Interaction{Type: p.Type, User: p.User.ID}
	for i, a := range p.Actions {
		if a.ActionID == "" || a.ActionTS == "" {
			return Interaction{}, fmt.Errorf("payload.actions[%d]: action_id or action_ts is missing", i)
		}
		in.Actions = append(in.Actions, Action{ActionID: a.ActionID, Value: a.Value, TS: a.ActionTS})
	}
	if missing := in.missing(); missing != "" {
		return Interaction{}, fmt.Errorf("payload.%s is missing", missing)
	}
	return in, nil
}

func (in Interaction) missing() string {
	switch {
	case in.Type == "":
		return "type"
	case in.User == "":
		return "user.id"
	case in.Type == TypeBlockActions && len(in.Actions) == 0:
		return "actions"
	}
	return ""
}

// jsonReason says what is wrong with JSON, and where, without quoting it.
func jsonReason(err error) string {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
		return fmt.Sprintf(".%s is of the wrong type", e.Field)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(": %s (at byte %d)", e.Error(), e.Offset)
	}
	return " is not a JSON object"
}
