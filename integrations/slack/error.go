package slack

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations"
)

// errNoResult is an answer that neither refuses nor has a result.
var errNoResult = errors.New("answer has no result")

// CodeMessageGone is the refusal of a change to a message that somebody deleted.
const CodeMessageGone = "message_not_found"

// hints are the refusals that an operator can do something about.
var hints = map[string]string{
	"not_in_channel":          "invite the app to the channel",
	"channel_not_found":       "check the channel's name, and invite the app if it is private",
	"is_archived":             "unarchive the channel or configure another",
	"restricted_action":       "allow apps to post in the channel",
	"no_permission":           "allow apps to post in the channel",
	"access_denied":           "allow the app in the workspace",
	"ekm_access_denied":       "allow the app in the workspace",
	"team_access_not_granted": "allow the app in the workspace",
	"not_authed":              "check slack.bot_token",
	"invalid_auth":            "check slack.bot_token",
	"account_inactive":        "install the app again: its user or workspace was deactivated",
	"token_revoked":           "install the app again and configure its new bot token",
	"token_expired":           "install the app again and configure its new bot token",
	"not_allowed_token_type":  "configure the bot token, which starts with xoxb-",
	"expired_trigger_id":      "a form has to be shown within three seconds: look why the database or the way to Slack is slow",
	"missing_scope":           "give the app the scopes chat:write, users:read, users:read.email, im:write, channels:history, groups:history and im:history",
}

// undecided are the refusals after which Slack may have done part of the work
// (docs: chat.postMessage, errors).
var undecided = map[string]bool{"fatal_error": true, "internal_error": true, "service_unavailable": true}

// notNow are the refusals of a moment.
var notNow = map[string]bool{
	"ratelimited": true, "rate_limited": true, "request_timeout": true,
	"team_added_to_org": true, "org_login_required": true,
}

// typed turns what slack-go returns into an *integrations.Error, or nil.
func typed(method string, repeatable bool, err error) error {
	if err == nil {
		return nil
	}
	maybeDone := integrations.Ambiguous
	if repeatable {
		maybeDone = integrations.RetryAfter
	}
	e := &integrations.Error{Vendor: vendor, Kind: integrations.Permanent}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		e.Kind, e.Code, e.After = integrations.RetryAfter, "ratelimited", limited.RetryAfter
	} else if refused, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		e.Code, e.Hint = short(refused.Err), hints[refused.Err]
		switch {
		case undecided[refused.Err]:
			e.Kind = maybeDone
		case notNow[refused.Err]:
			e.Kind = integrations.RetryAfter
		case refused.Err == "missing_scope" && refused.Needed != "":
			e.Hint = "give the app the scope " + short(refused.Needed)
		}
	} else if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		e.Code = strconv.Itoa(status.Code)
		switch {
		case status.Code == http.StatusTooManyRequests:
			e.Kind = integrations.RetryAfter
		case status.Code == http.StatusRequestTimeout, status.Code >= 500:
			e.Kind = maybeDone
		default:
			e.Hint = "check slack.base_url"
		}
	} else {
		e = integrations.NoAnswer(vendor, repeatable, err)
	}
	if e.Err == nil {
		e.Err = errors.New("refused")
	}
	e.Err = fmt.Errorf("%s: %w", method, e.Err)
	return e
}

// short is a word of Slack's, at a length that histories can hold.
func short(word string) string {
	const most = 80
	if len(word) <= most {
		return word
	}
	return strings.ToValidUTF8(word[:most], "") + "…"
}
