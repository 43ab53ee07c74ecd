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
		contact, err := q.lockedContact(ctx, req.ContactKey)
		if err != nil {
			return err
		}
		if req.Program.Of == survey.Employees {
			contact.AccountKey = ""
		}
		group, err := q.groupAsked(ctx, req, contact)
		if err != nil {
			return err
		}
		if err := q.insertAsked(ctx, req, contact.AccountKey, group); err != nil {
			return err
		}
		made, err = scanInvitation(q.row(ctx, `SELECT `+invitationColumns+` FROM invitations i WHERE i.id = ?`, req.ID))
		return err
	})
	return made, err
}

// lockedContact locks a contact's person, as all do who add to what gaps are counted from.
func (q session) lockedContact(ctx context.Context, reference string) (survey.Contact, error) {
	if reference == "" {
		return survey.Contact{}, nil
	}
	if _, err := q.lockPersons(ctx, []string{reference}); err != nil {
		return survey.Contact{}, err
	}
	people, err := q.people(ctx, []string{reference}, "")
	return people[reference].Contact, err
}

// groupAsked is what an invitation that no rule decides about is counted with.
func (q session) groupAsked(ctx context.Context, req store.AskedRequest, contact survey.Contact) (int64, error) {
	accounts := map[string]survey.Account{}
	if contact.AccountKey != "" && req.Dimensions.Any() {
		var err error
		if accounts, err = q.accounts(ctx, []string{contact.AccountKey}); err != nil {
			return 0, err
		}
	}
	dims := req.Dimensions.Of(contact, accounts[contact.AccountKey], nil)
	if err := q.capValues(ctx, req.Dimensions.Declared, []map[string]string{dims}); err != nil {
		return 0, err
	}
	p := req.Program
	g := &scoreGroup{facet: facetWhole, program: p.ID, version: p.Version(), kind: string(p.Kind), touchpoint: p.AtTouchpoint(), dims: dims}
	err := q.number(ctx, []*scoreGroup{g})
	return g.id, err
}

func (q session) insertAsked(ctx context.Context, req store.AskedRequest, accountKey string, group int64) error {
	at := req.At.UnixMilli()
	countsAt := at
	if req.ContactKey == "" {
		// Before all gaps and days: caps are there for those who are asked, not for those
		// who come.
		countsAt = time.Time{}.UnixMilli()
	}
	p := req.Program
	_, err := q.insert(ctx, `INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key, state, rule, facts,
		locale, due_at, created_at, asked_at, sent_at, expires_at, kind, touchpoint, priority, channel, score_group)`,
		[][]any{{
			req.ID, p.ID, p.Version(), req.ID, 0, req.ContactKey, accountKey, string(survey.InvitationSent), "", "{}",
			req.Locale, at, at, countsAt, at, req.ExpiresAt.UnixMilli(), string(p.Kind), p.AtTouchpoint(), p.Priority, string(req.Channel), group,
		}}, `ON CONFLICT (id) DO NOTHING`)
	return err
}
