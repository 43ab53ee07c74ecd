package store

import (
	"context"
	"time"
)

// Testimonial is what a customer permits to quote.
type Testimonial struct {
	ResponseID string
	Program    string
	// Words are the comment as it was when the permission was given.
	Words string
	// Name and Company are as they are to be named, "" for not at all.
	Name, Company string
	// Locale is the language of the page.
	Locale      string
	GivenAt     time.Time
	WithdrawnAt time.Time
}

// Testimonials keeps what may be quoted.
type Testimonials interface {
	// GiveTestimonial keeps a permission, in the place of an earlier one for the same
	// response. ErrNotFound where the response does not count any more.
	GiveTestimonial(ctx context.Context, t Testimonial) error
	// WithdrawTestimonial ends a permission; without one it does nothing.
	WithdrawTestimonial(ctx context.Context, responseID string, at time.Time) error
	// Testimonial returns the permission for a response: ErrNotFound where none was given.
	Testimonial(ctx context.Context, responseID string) (Testimonial, error)
	// Testimonials returns what may be quoted now, of one program or, for "", of all, the
	// newest first: what was withdrawn, or whose response was, is left out.
	Testimonials(ctx context.Context, program string) ([]Testimonial, error)
}
