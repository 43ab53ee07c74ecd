package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// testimonialPlace is where a testimonial is sealed, by the key of its contact.
func testimonialPlace(responseID string) string { return "testimonial/" + responseID }

// testimonialBody is what a testimonial's row seals, as JSON.
type testimonialBody struct {
	Words   string `json:"words"`
	Name    string `json:"name,omitempty"`
	Company string `json:"company,omitempty"`
	Locale  string `json:"locale,omitempty"`
}

// GiveTestimonial implements store.Testimonials.
func (s *Store) GiveTestimonial(ctx context.Context, t store.Testimonial) error {
	err := s.write(ctx, func(q session) error {
		found, err := q.responses(ctx, `SELECT `+responseColumns+` FROM responses r WHERE r.id = ? AND r.state NOT IN (?, ?) AND r.contact_key <> '' {lock}`,
			t.ResponseID, survey.Withdrawn, survey.Held)
		if err == nil && len(found) == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		r := found[0]
		plain, err := json.Marshal(testimonialBody{storableText(t.Words), storableText(t.Name), storableText(t.Company), t.Locale})
		if err != nil {
			return err
		}
		subject := contactSubject(r.ContactKey)
		keys, err := q.keys.get(ctx, []string{subject})
		if err != nil {
			return err
		}
		_, err = q.exec(ctx, `INSERT INTO testimonials (response_id, program, contact_key, sealed, given_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (response_id) DO UPDATE SET sealed = excluded.sealed, given_at = excluded.given_at, withdrawn_at = NULL`,
			r.ID, r.Program, r.ContactKey, keys[subject].seal(testimonialPlace(r.ID), plain), t.GivenAt.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("keep testimonial of response %s: %w", t.ResponseID, err)
	}
	return nil
}

// WithdrawTestimonial implements store.Testimonials. The first time counts.
func (s *Store) WithdrawTestimonial(ctx context.Context, responseID string, at time.Time) error {
	return s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `UPDATE testimonials SET withdrawn_at = COALESCE(withdrawn_at, ?) WHERE response_id = ?`, at.UnixMilli(), responseID)
		if err != nil {
			return fmt.Errorf("withdraw testimonial of response %s: %w", responseID, err)
		}
		return nil
	})
}

// Testimonial implements store.Testimonials.
func (s *Store) Testimonial(ctx context.Context, responseID string) (store.Testimonial, error) {
	found, err := s.read().testimonials(ctx, `WHERE t.response_id = ?`, responseID)
	return single(found, err, "testimonial of response", responseID)
}

// Testimonials implements store.Testimonials.
func (s *Store) Testimonials(ctx context.Context, program string) ([]store.Testimonial, error) {
	found, err := s.read().testimonials(ctx, `JOIN responses r ON r.id = t.response_id AND r.state <> ?
		WHERE t.withdrawn_at IS NULL AND (? = '' OR t.program = ?) ORDER BY t.given_at DESC, t.response_id`, survey.Withdrawn, program, program)
	if err != nil {
		return nil, fmt.Errorf("testimonials: %w", err)
	}
	return found, nil
}

// testimonials reads what a query finds.
func (q session) testimonials(ctx context.Context, where string, args ...any) ([]store.Testimonial, error) {
	var parts []sealedPart
	found, err := collect(ctx, q, func(row scanner) (t *store.Testimonial, err error) {
		t = &store.Testimonial{}
		var contact string
		var sealed []byte
		err = row.Scan(&t.ResponseID, &t.Program, &contact, &sealed, moment{&t.GivenAt}, moment{&t.WithdrawnAt})
		parts = append(parts, sealedPart{contactSubject(contact), testimonialPlace(t.ResponseID), sealed, func(plain []byte) error {
			var b testimonialBody
			err := json.Unmarshal(plain, &b)
			t.Words, t.Name, t.Company, t.Locale = b.Words, b.Name, b.Company, b.Locale
			return err
		}})
		return t, err
	}, `SELECT t.response_id, t.program, t.contact_key, t.sealed, t.given_at, t.withdrawn_at FROM testimonials t `+where, args...)
	if err != nil {
		return nil, err
	}
	if err := q.open(ctx, parts); err != nil {
		return nil, err
	}
	out := make([]store.Testimonial, len(found))
	for i, t := range found {
		out[i] = *t
	}
	return out, nil
}
