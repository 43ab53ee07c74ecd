package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// recipient is what the decision about thanks, and the mail, see of a lead.
func (l *leadRow) recipient() store.LeadThanks {
	return store.LeadThanks{
		Lead: l.lead, Friend: l.body.Friend, Contact: l.promoter.Contact, Account: l.company.Account,
		Facts: survey.LeadThanksFacts{
			HasAddress: l.promoter.Email != "", Bounced: l.promoter.bounced,
			Unsubscribed: l.promoter.unsubscribed || l.leftProgram, LastThanked: l.lastThanked,
		},
	}
}

// AdmitLeadThanks implements store.Referrals. The promoters are locked, so that two batches do
// not thank one twice.
func (s *Store) AdmitLeadThanks(ctx context.Context, batch string, now time.Time, decide func(store.LeadThanks) survey.Rule) ([]store.LeadThanks, error) {
	var admitted []store.LeadThanks
	err := s.write(ctx, func(q session) error {
		admitted = nil
		const undecided = `f.batch = ? AND ` + isLead + ` AND f.thanks IN ('', 'waiting')`
		promoters, err := collect(ctx, q, scanOne[string], `SELECT DISTINCT f.contact_key FROM leads f WHERE `+undecided, batch)
		if err != nil {
			return err
		}
		if err := q.lockContacts(ctx, promoters); err != nil {
			return err
		}
		found, err := q.leadRows(ctx, `WHERE `+undecided+` ORDER BY f.id`, batch)
		if err != nil {
			return err
		}
		thanked := map[string]bool{} // promoters, by this batch
		for _, l := range found {
			r := l.recipient()
			if l.begun { // its mail may be under way: nothing is decided any more
				admitted = append(admitted, r)
				thanked[l.lead.ContactKey] = true
				continue
			}
			if thanked[l.lead.ContactKey] {
				r.Facts.LastThanked = toMillis(now)
			}
			rule := decide(r)
			if err := q.noteLeadThanks(ctx, l.lead.ID, rule, now); err != nil {
				return err
			}
			if rule == "" {
				admitted = append(admitted, r)
				thanked[l.lead.ContactKey] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("decide thanks of batch %s: %w", batch, err)
	}
	return admitted, nil
}

func (q session) noteLeadThanks(ctx context.Context, id string, rule survey.Rule, now time.Time) error {
	state, at := survey.LeadThanksWaiting, any(now.UnixMilli())
	if rule != "" {
		state, at = survey.LeadThanksSuppressed, nil
	}
	_, err := q.exec(ctx, `UPDATE leads SET thanks = ?, thanks_rule = ?, thanked_at = ? WHERE id = ?`, state, rule, at, id)
	return err
}

// MarkLeadThanked implements store.Referrals.
func (s *Store) MarkLeadThanked(ctx context.Context, ids []string, state survey.LeadThanksState, at time.Time) error {
	var thankedAt any
	if state != survey.LeadThanksSuppressed {
		thankedAt = at.UnixMilli()
	}
	return s.mark(ctx, "mark thanks "+string(state), ids, `
		UPDATE leads SET thanks = ?, thanked_at = ? WHERE id {any} AND thanks IN ('waiting', 'unknown')`,
		[]any{state, thankedAt}, nil)
}
