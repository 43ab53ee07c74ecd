package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/mail"
)

// How long to wait where a server asks to come again: it never says. Greylisting takes
// some minutes (RFC 6647), a server that is busy or shuts down less.
const (
	deferredFor = 5 * time.Minute
	busyFor     = time.Minute
)

// What an operator can do.
const (
	hintHost    = "check smtp.host, smtp.port and smtp.tls"
	hintSignIn  = "check smtp.username and smtp.password"
	hintNoRelay = "the server relays for nobody who has not signed in: check smtp.username and smtp.password"
)

// answer is a server's refusal.
type answer struct {
	// code is the reply's, 400 to 599 (RFC 5321), enhanced its status code such as 5.1.1,
	// or "" (RFC 3463). Its words are left out: they quote addresses.
	code     int
	enhanced string
}

var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// answerOf reads a server's refusal; false where an error is none.
func answerOf(err error) (answer, bool) {
	e, ok := errors.AsType[*textproto.Error](err)
	if !ok || e.Code < 400 || e.Code > 599 {
		return answer{}, false
	}
	return answer{e.Code, enhancedCode.FindString(e.Msg)}, true
}

func (a answer) String() string {
	return strings.TrimSpace(strconv.Itoa(a.code) + " " + a.enhanced)
}

// noMailbox reports whether an answer about a recipient says that there is no such
// mailbox (RFC 3463, 3.2; RFC 7505). 5.1.7 and 5.1.8 are about the sender's, 5.1.0 is about
// either, and a 550 without a status code may be anything.
func (a answer) noMailbox() bool {
	return a.code >= 500 && slices.Contains([]string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}, a.enhanced)
}

// busy reports whether the server takes nothing at all now (RFC 5321, 3.8).
func (a answer) busy() bool { return a.code == 421 }

// typed says what may be done about what went wrong.
func (c *Client) typed(err error) error {
	failed, ok := errors.AsType[*stageError](err)
	if !ok {
		return &integrations.Error{Vendor: vendor, Kind: integrations.Ambiguous, Code: "unknown", Err: err}
	}
	e := &integrations.Error{Vendor: vendor, Kind: integrations.RetryAfter, Err: errors.New(failed.stage.String())}
	a, answered := answerOf(err)
	if !answered {
		e.Code, e.Hint = c.lost(failed)
		switch {
		case e.Hint != "":
			e.Kind, e.Err = integrations.Permanent, fmt.Errorf("%s: %s", failed.stage, e.Code)
		case failed.stage == atEnd:
			e.Kind = integrations.Ambiguous
		}
		return e
	}
	e.Code, e.Err = a.String(), fmt.Errorf("refused: %s", failed.stage)
	switch {
	case a.busy():
		e.After = busyFor
	case a.code < 500 && failed.stage >= atRecipient:
		e.After, e.Err = deferredFor, fmt.Errorf("%s: %w", failed.stage, mail.ErrDeferred)
	case a.code < 500:
		e.After = busyFor
	default:
		e.Kind, e.Hint = integrations.Permanent, c.hint(failed.stage, a)
		if failed.stage >= atRecipient && a.noMailbox() {
			e.Err = fmt.Errorf("%s: %w", failed.stage, mail.ErrNoMailbox)
		}
	}
	return e
}

// hint says what to do about a refusal for good, "" where it is about one recipient.
func (c *Client) hint(s stage, a answer) string {
	switch {
	case s <= atTLS:
		return hintHost
	case s == atSignIn || a.code == 530 || a.code == 535:
		return hintSignIn
	case s == atSender:
		return hintFrom
	case s == atRecipient && c.options.Username == "" && strings.HasPrefix(a.enhanced, "5.7."):
		return hintNoRelay
	}
	return ""
}

// lost is about a connection that broke off, or could not be made. What only an
// operator can mend has a hint.
func (c *Client) lost(failed *stageError) (code, hint string) {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](failed)
	_, noTLS := errors.AsType[tls.RecordHeaderError](failed)
	_, invalidCert := errors.AsType[x509.CertificateInvalidError](failed)
	var timeout net.Error
	switch {
	case certificate || invalidCert:
		return "certificate", "the server's certificate is not valid for smtp.host"
	case noTLS || errors.Is(failed, errNoStartTLS):
		return "no_tls", hintHost
	case errors.Is(failed, errNoSignIn), errors.Is(failed, smtp.ErrUnencrypted):
		return "no_auth", hintSignIn
	case errors.Is(failed, context.DeadlineExceeded), errors.As(failed.err, &timeout) && timeout.Timeout():
		return "timeout", ""
	case failed.stage == atConnect:
		return "unreachable", ""
	}
	return "no_answer", ""
}

// usable reports whether a connection can be used again after an error: the server said
// no and goes on.
func (c *Client) usable(err error) bool {
	a, answered := answerOf(err)
	return answered && !a.busy()
}

// httpStatus is the outcome of a mail as observers know it, by the status that HTTP has
// for the same.
func httpStatus(err error) int {
	e, ok := errors.AsType[*integrations.Error](err)
	switch {
	case err == nil:
		return http.StatusOK
	case ok && e.Code[0] == '4':
		return http.StatusTooManyRequests
	case ok && e.Code[0] == '5':
		return http.StatusUnprocessableEntity
	}
	return 0
}
