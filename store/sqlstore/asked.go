package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// AddAsked implements store.Invitations.
func (s *Store) AddAsked(ctx context.Context, req store.AskedRequest) (store.Invitation, error) {
	made, err := s.addAsked(ctx, req)
	if err != nil {
		return store.Invitation{}, fmt.Errorf("keep invitation %s: %w", req.ID, err)
	}
	return made, nil
}

func (s *Store) addAsked(ctx context.Context, req store.AskedRequest) (store.Invitation, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return store.Invitation{}, err
	}
	req.ContactKey = hash.reference(req.ContactKey)
	if req.ContactKey == "" {
		// The answer is sealed with it.
		if _, err := s.keys.ensure(ctx, []string{invitationSubject(req.ID)}); err != nil {
			return store.Invitation{}, err
		}
	}
	var made store.Invitation
	err = s.write(ctx, func(q session) error {
		accountKey, err := q.accountOf(ctx, req.ContactKey)
		if err != nil {
			return err
		}
		if req.Program.Of == survey.Employees {
			accountKey = ""
		}
		if err := q.insertAsked(ctx, req, accountKey); err != nil {
			return err
		}
		made, err = scanInvitation(q.row(ctx, `SELECT `+invitationColumns+` FROM invitations i WHERE i.id = ?`, req.ID))
		return err
	})
	return made, err
}

// accountOf locks a contact's person, as all do who add to what gaps are counted from,
// and returns the contact's account.
func (q session) accountOf(ctx context.Context, contact string) (string, error) {
	if contact == "" {
		return "", nil
	}
	if _, err := q.lockPersons(ctx, []string{contact}); err != nil {
		return "", err
	}
	people, err := q.people(ctx, []string{contact}, "")
	return people[contact].AccountKey, err
}

func (q session) insertAsked(ctx context.Context, req store.AskedRequest, accountKey string) error {
	at := req.At.UnixMilli()
	countsAt := at
	if req.ContactKey == "" {
		// Before all gaps and days: caps are there for those who are asked, not for those
		// who come.
		countsAt = time.Time{}.UnixMilli()
	}
	p := req.Program
	_, err := q.insert(ctx, `INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key, state, rule, facts,
		locale, due_at, created_at, asked_at, sent_at, expires_at, kind, touchpoint, priority, channel)`,
		[][]any{{
			req.ID, p.ID, p.Version(), req.ID, 0, req.ContactKey, accountKey, string(survey.InvitationSent), "", "{}",
			req.Locale, at, at, countsAt, at, req.ExpiresAt.UnixMilli(), string(p.Kind), p.AtTouchpoint(), p.Priority, string(req.Channel),
		}}, `ON CONFLICT (id) DO NOTHING`)
	return err
}
