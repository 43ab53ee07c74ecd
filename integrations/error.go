// Package integrations holds what all outside systems have in common: how their
// errors are typed. Each system has a package of its own below.
package integrations

import (
	"errors"
	"fmt"
	"time"
)

// ErrorKind says what may be done about a vendor's error.
type ErrorKind int

const (
	// RetryAfter: the call did nothing; it may be repeated after Error.After.
	RetryAfter ErrorKind = iota + 1
	// Permanent: the call did nothing, and repeating it would be refused again.
	Permanent
	// Ambiguous: the call may or may not have done its work (a time-out, a cut
	// connection, a 5xx to a write). It must not be repeated blindly.
	Ambiguous
)

func (k ErrorKind) String() string {
	return [...]string{"unknown", "retry after", "permanent", "ambiguous"}[k]
}

// Error is what every vendor client returns, so that activities decide on kinds
// and never on a vendor's codes or strings. It holds no personal data and no
// secret.
type Error struct {
	// Vendor is the client's package name.
	Vendor string
	Kind   ErrorKind
	// Code is the vendor's own code or the HTTP status.
	Code string
	// After is how long to wait before a repetition; 0 leaves it to the caller.
	After time.Duration
	// Hint says what an operator can do about a permanent error, or "".
	Hint string
	Err  error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s (%s): %v", e.Vendor, e.Kind, e.Code, e.Err)
	if e.Hint != "" {
		text += ": " + e.Hint
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of a vendor's error, "" of any other.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// KindOf returns the kind of a vendor's error. What no client has typed is
// Ambiguous, the kind that does no harm.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Ambiguous
}
