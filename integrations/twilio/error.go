package twilio

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/survey"
)

// numberEvents are the codes that tell something of the number, of refused calls and of
// messages that were not delivered (docs: api/errors).
var numberEvents = map[string]survey.NumberEvent{
	"21211": survey.NumberDead,    // not a valid number
	"21614": survey.NumberDead,    // not a mobile number
	"30005": survey.NumberDead,    // unknown handset
	"30006": survey.NumberDead,    // a landline, or a carrier that nobody reaches
	"21610": survey.NumberStopped, // its owner replied STOP
}

// NumberEventOf is what a code of Twilio's tells of a number, "" for nothing.
func NumberEventOf(code string) survey.NumberEvent { return numberEvents[code] }

// hints are for the codes that an operator can do something about.
var hints = map[string]string{
	"20003": "check twilio.account_sid and twilio.auth_token, or the API key",
	"20404": "check twilio.account_sid and twilio.base_url",
	"21212": "check twilio.from: it is no number that can send SMS",
	"21603": "check twilio.from: a sender is required",
	"21606": "check twilio.from: the number is not one of the account's that can send SMS",
	"21609": "check server.public_url: Twilio has to reach it",
	"21659": "check twilio.from: the number is not one of the account's",
	"21660": "check twilio.from: the number belongs to another account",
	"21701": "check twilio.from: there is no such messaging service",
	"21703": "give the messaging service a number to send from",
	"21704": "give the messaging service a number to send from",
}

// busy are the codes by which Twilio asks for patience, besides status 429.
var busy = map[string]time.Duration{
	"14107": time.Minute, // too fast
	"20429": 0,
	"21611": time.Minute, // the sender's queue is full
}

// refused types an answer of 300 and above. Twilio's own words are left out: they name
// the number.
func (c *Client) refused(reads bool, resp *http.Response, body []byte) error {
	var told struct {
		Code int `json:"code"`
	}
	code := strconv.Itoa(resp.StatusCode)
	if json.Unmarshal(body, &told) == nil && told.Code != 0 {
		code = strconv.Itoa(told.Code)
	}
	e := &integrations.Error{
		Vendor: vendor, Kind: integrations.Permanent, Code: code, Hint: hints[code],
		Err: errors.New("refused: see https://www.twilio.com/docs/api/errors/" + code),
	}
	pause, isBusy := busy[code]
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests, isBusy:
		e.Kind, e.After = integrations.RetryAfter, max(pause, integrations.RetryAfterOf(resp.Header, c.now()))
	case status == http.StatusRequestTimeout, status >= 500:
		return unclear(reads, code, errors.New("the vendor failed"))
	case e.Hint != "":
	case status == http.StatusUnauthorized:
		e.Hint = hints["20003"]
	case status == http.StatusForbidden:
		e.Hint = "the account may not do this: see Twilio's console"
	case status == http.StatusNotFound, status < 400:
		e.Hint = hints["20404"]
	}
	return e
}

// unclear is for a call of which nobody knows whether it did its work.
func unclear(reads bool, code string, err error) error {
	kind := integrations.Ambiguous
	if reads {
		kind = integrations.RetryAfter
	}
	return &integrations.Error{Vendor: vendor, Kind: kind, Code: code, Err: err}
}
