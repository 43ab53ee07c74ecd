package crm

import (
	"fmt"
	"net/http"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Delivery is one HTTP request of a CRM's webhook, as it came in.
type Delivery struct {
	Method string
	// URL is the full public address that the CRM called, with its query.
	URL    string
	Header http.Header
	// Body is the raw body; signatures are over these very bytes.
	Body []byte
	// Received is the real time of arrival.
	Received time.Time
}

// Receiver reads the deliveries of one configured CRM.
type Receiver interface {
	// Receive verifies a delivery and returns its events, without the echo of
	// cxloop's own writes. Its errors are *Rejection.
	Receive(Delivery) ([]survey.Event, error)
}

// Rejection says why a delivery is not taken. Its text goes to the sender.
type Rejection struct {
	// Status is the HTTP status of the answer: 400 or 401.
	Status int
	Reason string
}

func (r *Rejection) Error() string { return r.Reason }

// Reject makes a Rejection.
func Reject(status int, format string, args ...any) *Rejection {
	return &Rejection{Status: status, Reason: fmt.Sprintf(format, args...)}
}
