package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// selectFollowUps finds the answer that opened a case by the first event of its history, and
// the first word with the customer by those that people wrote, which a case keeps that was
// re-opened.
const selectFollowUps = `SELECT c.id, c.account_key, r.contact_key, r.id, r.program, r.version, r.score, r.band, r.answered_at, c.opened_at,
		(SELECT MIN(w.at) FROM case_events w WHERE w.case_id = c.id AND w.what {any})
	FROM cases c
	JOIN case_events e ON e.case_id = c.id AND e.what = 'opened'
	JOIN responses r ON r.id = e.choice
	WHERE c.opened_at >= ? AND c.opened_at < ? AND c.state <> 'rejected' AND r.state <> 'withdrawn' AND NOT r.band {any}
	ORDER BY c.opened_at, c.id`

// wordsWithCustomers are the events that say that somebody spoke with the customer.
var wordsWithCustomers = []string{string(survey.ActionContacted), string(survey.ActionResolve), string(survey.ActionClosedInCRM)}

// FollowUps implements store.FollowUps.
func (s *Store) FollowUps(ctx context.Context, from, until time.Time) ([]store.FollowUp, error) {
	q := s.read()
	found, err := collect(ctx, q, func(row scanner) (f store.FollowUp, err error) {
		err = row.Scan(&f.CaseID, &f.AccountKey, &f.ContactKey, &f.ResponseID, &f.Program, &f.Version, &f.Score, &f.Band,
			moment{&f.AnsweredAt}, moment{&f.OpenedAt}, moment{&f.SpokenAt})
		return f, err
	}, selectFollowUps, q.list(wordsWithCustomers), from.UnixMilli(), until.UnixMilli(), q.list(bandNames(auditBands)))
	if err != nil {
		return nil, fmt.Errorf("read how cases were followed up: %w", err)
	}
	return found, nil
}

// MessagesSent implements store.FollowUps. Mails and SMS are the effects whose keys
// store.MailEffect makes; 0 comes after /.
func (s *Store) MessagesSent(ctx context.Context, from, until time.Time) (mails, sms int, err error) {
	err = s.read().row(ctx, `SELECT COUNT(CASE WHEN vendor <> ? THEN 1 END), COUNT(CASE WHEN vendor = ? THEN 1 END) FROM effects
		WHERE key >= ? AND key < ? AND at >= ? AND at < ? AND state <> ?`,
		store.VendorSMS, store.VendorSMS, "mail/", "mail0", from.UnixMilli(), until.UnixMilli(), store.EffectPending).Scan(&mails, &sms)
	if err != nil {
		return 0, 0, fmt.Errorf("count messages: %w", err)
	}
	return mails, sms, nil
}
