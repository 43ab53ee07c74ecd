package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const caseColumns = `id, crm, account_key, contact_key, program, version, state, revision, shown, answered, channel, message_ts,
	opened_at, close_at, acked_by, acked_at, resolved_by, ended_at, next_at, told, progress`

func scanCase(row scanner) (c survey.Case, err error) {
	err = row.Scan(&c.ID, &c.CRM, &c.AccountKey, &c.ContactKey, &c.Program, &c.Version, &c.State, &c.Revision, &c.Shown, &c.Answered,
		&c.Channel, &c.MessageTS, moment{&c.OpenedAt}, moment{&c.CloseAt}, &c.AckedBy, moment{&c.AckedAt}, &c.ResolvedBy,
		moment{&c.EndedAt}, moment{&c.NextAt}, &c.Told, asJSON{&c.CaseProgress})
	return c, err
}

// caseByID reads a case; lock is "{lock}" to lock it.
func (q session) caseByID(ctx context.Context, id, lock string) (survey.Case, error) {
	c, err := scanCase(q.row(ctx, `SELECT `+caseColumns+` FROM cases WHERE id = ? `+lock, id))
	return c, missing(err, "case", id)
}

// Case implements store.Cases.
func (s *Store) Case(ctx context.Context, id string) (store.CaseDetail, error) {
	var detail store.CaseDetail
	q := s.read()
	var err error
	if detail.Case, err = q.caseByID(ctx, id, ""); err != nil {
		return store.CaseDetail{}, err
	}
	detail.Responses, err = q.responses(ctx, `SELECT `+responseColumns+` FROM case_responses l
		JOIN responses r ON r.id = l.response_id WHERE l.case_id = ? ORDER BY r.answered_at DESC, r.id DESC`, id)
	if err != nil {
		return store.CaseDetail{}, fmt.Errorf("responses of case %s: %w", id, err)
	}
	if detail.History, err = q.caseHistory(ctx, detail.Case); err != nil {
		return store.CaseDetail{}, fmt.Errorf("history of case %s: %w", id, err)
	}
	contact := detail.Case.ContactKey
	if len(detail.Responses) > 0 {
		contact = detail.Responses[0].ContactKey
	}
	people, err := q.people(ctx, []string{contact}, "")
	if err != nil {
		return store.CaseDetail{}, err
	}
	detail.Contact = people[contact].Contact
	accounts, err := q.accounts(ctx, []string{detail.Case.AccountKey})
	if err != nil {
		return store.CaseDetail{}, err
	}
	detail.Account = accounts[detail.Case.AccountKey]
	if detail.Owner, err = q.owner(ctx, detail.Case.CRM, detail.Case.CaseProgress.Owner); err != nil {
		return store.CaseDetail{}, err
	}
	detail.Storm, detail.Thread, err = q.threadOf(ctx, id)
	return detail, err
}

// PendingClicks implements store.Cases.
func (s *Store) PendingClicks(ctx context.Context, caseID string) ([]survey.Click, error) {
	return s.read().pendingClicks(ctx, caseID)
}

// pendingClicks reads clicks, whose ids are the keys of their inbox items.
func (q session) pendingClicks(ctx context.Context, caseID string) ([]survey.Click, error) {
	items, err := q.items(ctx, `SELECT `+itemColumns+` FROM inbox WHERE topic = ? AND lane = ? AND done_at IS NULL ORDER BY id`, store.TopicClick, caseID)
	if err != nil {
		return nil, fmt.Errorf("clicks on case %s: %w", caseID, err)
	}
	clicks := make([]survey.Click, 0, len(items))
	for _, item := range items {
		var click survey.Click
		if err := json.Unmarshal(item.Payload, &click); err != nil {
			return nil, fmt.Errorf("click %s on case %s: %w", item.Key, caseID, err)
		}
		click.ID, click.CaseID = item.Key, caseID
		clicks = append(clicks, click)
	}
	return clicks, nil
}

// AdvanceCase implements store.Cases.
func (s *Store) AdvanceCase(ctx context.Context, id string, now time.Time, apply func(*survey.Case, []survey.Click) store.Advance) (survey.Case, error) {
	var c survey.Case
	var unknown error
	err := s.write(ctx, func(q session) error {
		contacts, err := q.lockCasePeople(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			unknown = err
			return q.dropClicks(ctx, id, now)
		}
		if err != nil {
			return err
		}
		if c, err = q.caseByID(ctx, id, "{lock}"); err != nil {
			return err
		}
		clicks, err := q.pendingClicks(ctx, id)
		if err != nil {
			return err
		}
		before := c
		advance := apply(&c, clicks)
		if c != before {
			if err := q.updateCase(ctx, c); err != nil {
				return err
			}
		}
		if err := q.noteAdvance(ctx, c, now, advance); err != nil {
			return err
		}
		if err := q.planAftercare(ctx, c, advance.Aftercare); err != nil {
			return err
		}
		if c.EndedAt.Equal(before.EndedAt) {
			return nil
		}
		signals, err := q.openCaseSignals(ctx, contacts, []string{c.AccountKey}, now)
		if err != nil {
			return err
		}
		_, err = q.setSignals(ctx, signals)
		return err
	})
	if err := cmp.Or(err, unknown); err != nil {
		return survey.Case{}, fmt.Errorf("advance case %s: %w", id, err)
	}
	return c, nil
}

// dropClicks ends the clicks on a case that is not there.
func (q session) dropClicks(ctx context.Context, id string, now time.Time) error {
	_, err := q.exec(ctx, `UPDATE inbox SET done_at = ?, payload = NULL WHERE topic = ? AND lane = ? AND done_at IS NULL`,
		now.UnixMilli(), store.TopicClick, id)
	return err
}

// lockCasePeople locks those whose count of open cases a case is in, in the order
// that Record keeps, and returns the contacts.
func (q session) lockCasePeople(ctx context.Context, id string) (contacts []string, err error) {
	c, err := q.caseByID(ctx, id, "")
	if err != nil {
		return nil, err
	}
	if err := q.lockContacts(ctx, []string{c.ContactKey}); err != nil {
		return nil, err
	}
	if err := q.lockAccounts(ctx, []string{c.AccountKey}); err != nil {
		return nil, err
	}
	// Only now: Record may have added a contact while this waited for the locks.
	return q.contactsOf(ctx, []string{id})
}

func (q session) updateCase(ctx context.Context, c survey.Case) error {
	progress, err := json.Marshal(c.CaseProgress)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `UPDATE cases SET state = ?, revision = ?, answered = ?, close_at = ?, acked_by = ?, acked_at = ?, resolved_by = ?,
		ended_at = ?, next_at = ?, progress = ?, channel = ?, message_ts = ?, shown = ? WHERE id = ?`,
		c.State, c.Revision, c.Answered, c.CloseAt.UnixMilli(), c.AckedBy, millis(c.AckedAt), c.ResolvedBy, millis(c.EndedAt), millis(c.NextAt),
		string(progress), c.Channel, c.MessageTS, c.Shown, c.ID)
	return err
}

func (q session) noteAdvance(ctx context.Context, c survey.Case, now time.Time, advance store.Advance) error {
	if err := q.addCaseEvents(ctx, c, advance.History); err != nil {
		return err
	}
	_, err := q.exec(ctx, `UPDATE inbox SET done_at = ?, payload = NULL
		WHERE topic = ? AND lane = ? AND key {any} AND done_at IS NULL`,
		now.UnixMilli(), store.TopicClick, c.ID, q.list(advance.Done))
	return err
}

// CaseShown implements store.Cases. A message never shows less than before.
func (s *Store) CaseShown(ctx context.Context, id, channel, messageTS string, revision int) error {
	return s.write(ctx, func(q session) error {
		n, err := q.exec(ctx, `UPDATE cases SET channel = ?, message_ts = ?, shown = CASE WHEN shown > ? THEN shown ELSE ? END
			WHERE id = ?`, channel, messageTS, revision, revision, id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err == nil {
			_, err = q.exec(ctx, `UPDATE effects SET state = ?, ref = ? WHERE key = ? AND state <> ?`,
				store.EffectDone, channel+"/"+messageTS, store.CaseEffect(id), store.EffectDone)
		}
		if err != nil {
			return fmt.Errorf("case %s: %w", id, err)
		}
		return nil
	})
}

// SlackUsers implements store.Cases.
func (s *Store) SlackUsers(ctx context.Context, ids []string, since time.Time) (map[string]bool, error) {
	type user struct {
		id      string
		allowed bool
	}
	q := s.read()
	users, err := collect(ctx, q, func(row scanner) (u user, err error) {
		err = row.Scan(&u.id, &u.allowed)
		return u, err
	}, `SELECT id, allowed FROM slack_users WHERE id {any} AND at >= ?`, q.list(ids), since.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read Slack users: %w", err)
	}
	out := make(map[string]bool, len(users))
	for _, u := range users {
		out[u.id] = u.allowed
	}
	return out, nil
}

// SaveSlackUsers implements store.Cases.
func (s *Store) SaveSlackUsers(ctx context.Context, users map[string]bool, at time.Time) error {
	rows := make([][]any, 0, len(users))
	for id, allowed := range users {
		rows = append(rows, []any{id, allowed, at.UnixMilli()})
	}
	return s.write(ctx, func(q session) error {
		_, err := q.insert(ctx, `INSERT INTO slack_users (id, allowed, at)`, rows,
			`ON CONFLICT (id) DO UPDATE SET allowed = excluded.allowed, at = excluded.at`)
		return err
	})
}
