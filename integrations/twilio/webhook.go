package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what Twilio signs with
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

const signatureHeader = "X-Twilio-Signature"

// Verify checks that a form was posted by the account whose auth token is given, to an
// address as Twilio called it, query and all (docs: usage/security).
func Verify(authToken string, h http.Header, address string, form url.Values) error {
	signature, err := base64.StdEncoding.DecodeString(h.Get(signatureHeader))
	switch {
	case h.Get(signatureHeader) == "":
		return fmt.Errorf("%s is missing", signatureHeader)
	case err != nil:
		return fmt.Errorf("%s is not base64", signatureHeader)
	}
	var params strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		// A parameter that is there twice is signed as Twilio's own libraries do.
		for _, value := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			params.WriteString(name + value)
		}
	}
	for _, signed := range withAndWithoutPort(address) {
		mac := hmac.New(sha1.New, []byte(authToken))
		mac.Write([]byte(signed + params.String()))
		if hmac.Equal(signature, mac.Sum(nil)) {
			return nil
		}
	}
	return errors.New("signature does not match")
}

// withAndWithoutPort are an address and the same with its port, or without it: Twilio signs
// either, and its own libraries take both.
func withAndWithoutPort(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return []string{address}
	}
	other := u.Host + map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	if port := u.Port(); port != "" {
		other = strings.TrimSuffix(u.Host, ":"+port)
	}
	return []string{address, strings.Replace(address, "://"+u.Host, "://"+other, 1)}
}

// Notice is what Twilio tells of one message.
type Notice struct {
	MessageSID string
	// Phone is the customer's number in the form of E.164.
	Phone string
	// Status is that of a message that was sent; "" of one that came in.
	Status string
	// Code is why it was not delivered, or "".
	Code string
	// Asked is what the customer wants by a message that came in: NumberStopped,
	// NumberResumed or nothing.
	Asked survey.NumberEvent
}

// The words that customers stop and start messages with; the first are Twilio's own
// (docs: messaging/tutorials/advanced-opt-out).
var (
	stopWords  = []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ARRET", "ARRÊT"}
	startWords = []string{"START", "YES", "UNSTOP"}
)

// ParseNotice reads the form of a status callback, or of a message that came in.
func ParseNotice(form url.Values) (Notice, error) {
	n := Notice{MessageSID: form.Get("MessageSid"), Status: form.Get("MessageStatus"), Code: form.Get("ErrorCode"), Phone: form.Get("To")}
	if n.MessageSID == "" || len(n.MessageSID) > 64 {
		return Notice{}, errors.New("MessageSid is missing")
	}
	if n.Status == "" || n.Status == "received" {
		n.Status, n.Code, n.Phone = "", "", form.Get("From")
		n.Asked = askedBy(form)
	}
	if number, ok := survey.E164(n.Phone, ""); ok {
		n.Phone = number
	} else if n.Asked != "" || n.Status != "" {
		return Notice{}, errors.New("the customer's number is none")
	}
	return n, nil
}

// askedBy is what a message asks for. Twilio tells by OptOutType which words it took, where
// the account has words of its own.
func askedBy(form url.Values) survey.NumberEvent {
	word := strings.ToUpper(strings.Trim(form.Get("Body"), " \t\r\n.!\"'"))
	if told := form.Get("OptOutType"); told != "" {
		word = strings.ToUpper(told)
	}
	switch {
	case slices.Contains(stopWords, word):
		return survey.NumberStopped
	case slices.Contains(startWords, word):
		return survey.NumberResumed
	}
	return ""
}

// Told is what a notice tells of the message that was sent, "" where that is not more
// than that it was sent.
func (n Notice) Told() survey.MailEvent {
	dead := NumberEventOf(n.Code) == survey.NumberDead
	switch n.Status {
	case "delivered", "read":
		return survey.MailDelivered
	case "undelivered", "failed":
		switch {
		case dead:
			return survey.MailBounced
		case n.Status == "failed":
			return survey.MailDropped // it did not leave Twilio
		}
		return survey.MailBlocked
	}
	return ""
}
