package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// NumberNews is something learnt of a phone number.
type NumberNews struct {
	// Phone is the number in the form of E.164. It is kept as a keyed hash alone.
	Phone string
	What  survey.NumberEvent
	// Message is the vendor's id of the message that told it, so that telling it again
	// changes nothing; "" where it was learnt in another way.
	Message string
	At      time.Time
}

// Numbers keeps what is known of phone numbers.
type Numbers interface {
	// TakeNumberNews takes something learnt of a number, in one idempotent transaction.
	// All contacts with a stopped number count as unsubscribed, and so do others with
	// their addresses: what is admitted and not yet sent is cancelled. Resumed takes
	// back that and no more: who unsubscribed in another way stays so.
	TakeNumberNews(ctx context.Context, news NumberNews) error
}
