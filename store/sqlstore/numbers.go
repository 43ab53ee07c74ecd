package sqlstore

import (
	"context"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// isDeadNumber says whether the number of a contact c takes no SMS.
const isDeadNumber = `EXISTS (SELECT 1 FROM dead_addresses d WHERE d.address_hash = c.phone_hash)`

// TakeNumberNews implements store.Numbers.
func (s *Store) TakeNumberNews(ctx context.Context, news store.NumberNews) error {
	hash, err := s.hasher(ctx)
	if err != nil {
		return err
	}
	number := hash.phone(news.Phone)
	if number == nil {
		return nil
	}
	err = s.write(ctx, func(q session) error {
		if known, err := q.knowsMessage(ctx, news); err != nil || known {
			return err
		}
		switch news.What {
		case survey.NumberDead:
			_, err := q.exec(ctx, `INSERT INTO dead_addresses (address_hash, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, number, news.At.UnixMilli())
			return err
		case survey.NumberResumed:
			_, err := q.exec(ctx, `DELETE FROM stopped_numbers WHERE phone_hash = ?`, number)
			return err
		default:
			return q.stopNumber(ctx, number, news)
		}
	})
	if err != nil {
		return fmt.Errorf("take news of a phone number: %w", err)
	}
	return nil
}

// knowsMessage keeps the message that tells something, and reports whether it was known.
func (q session) knowsMessage(ctx context.Context, news store.NumberNews) (bool, error) {
	if news.Message == "" {
		return false, nil
	}
	n, err := q.exec(ctx, `INSERT INTO number_messages (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, news.Message, news.At.UnixMilli())
	return n == 0, err
}

// stopNumber stops a number under the locks of all whom that concerns, so that nobody of
// them is admitted meanwhile.
func (q session) stopNumber(ctx context.Context, number any, news store.NumberNews) error {
	references, err := collect(ctx, q, scanOne[string], `SELECT key FROM contacts WHERE phone_hash = ?`, number)
	if err != nil {
		return err
	}
	persons, err := q.lockPersons(ctx, references)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `INSERT INTO stopped_numbers (phone_hash, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, number, news.At.UnixMilli())
	if err != nil {
		return err
	}
	return q.cancelAll(ctx, keysIn(persons), news.At)
}
