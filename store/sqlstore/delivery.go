package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// mailNews is an event with what the store knows of its mail.
type mailNews struct {
	store.MailEvent
	program, contact string
	// address is the hash of the address, or of the number, that it went to, "" where that is not known.
	address string
}

// mailEventKey is what makes an event one that is known.
type mailEventKey struct {
	id, kind string
	what     survey.MailEvent
}

// TakeMailEvents implements store.Delivery. It writes only where something changes:
// most events say no more than that a mail is under way.
func (s *Store) TakeMailEvents(ctx context.Context, req store.MailEventsRequest) (taken store.MailEventsTaken, err error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return taken, err
	}
	refs := map[string]string{}
	var told []store.MailEvent
	for _, e := range req.Events {
		key := store.MailEffect(e.Kind, e.ID)
		refs[key] = cmp.Or(refs[key], e.Ref)
		if e.What != "" {
			told = append(told, e)
		}
	}
	doubtful, err := s.read().inDoubt(ctx, refs, "")
	if err != nil || len(doubtful)+len(told) == 0 {
		return taken, err
	}
	err = s.write(ctx, func(q session) error {
		taken = store.MailEventsTaken{}
		if taken.Proved, err = q.proveEffects(ctx, refs, req.Now); err != nil {
			return err
		}
		return q.takeNews(ctx, hash, told, req, &taken)
	})
	if err != nil {
		return store.MailEventsTaken{}, fmt.Errorf("take events of mails: %w", err)
	}
	return taken, nil
}

func (q session) takeNews(ctx context.Context, hash hasher, told []store.MailEvent, req store.MailEventsRequest, taken *store.MailEventsTaken) error {
	known, err := q.mailsOf(ctx, hash, told)
	if err != nil {
		return err
	}
	news, err := q.insertNews(ctx, known)
	if err != nil || len(news) == 0 {
		return err
	}
	if err := q.followNews(ctx, news, req.Now); err != nil {
		return err
	}
	taken.New = map[store.ProgramEvent]int{}
	for _, n := range news {
		taken.New[store.ProgramEvent{Program: n.program, What: n.What}]++
	}
	taken.Paused, err = q.guard(ctx, taken.New, req)
	return err
}

// mailsOf keeps the events of known mails, in an order in which all insert them.
func (q session) mailsOf(ctx context.Context, hash hasher, told []store.MailEvent) ([]mailNews, error) {
	ids := make([]string, len(told))
	for i, e := range told {
		ids[i] = e.ID
	}
	type mail struct{ id, program, contact, address string }
	about := map[string]mail{}
	for _, table := range []string{"invitations", "asks", "thanks", "leads"} {
		mails, err := collect(ctx, q, func(row scanner) (m mail, err error) {
			err = row.Scan(&m.id, &m.program, &m.contact, &m.address)
			return m, err
		}, `SELECT i.id, i.program, i.contact_key, COALESCE(c.address_hash, '') FROM `+table+` i
			LEFT JOIN contacts c ON c.key = i.contact_key WHERE i.id {any}`, q.list(ids))
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", table, err)
		}
		for _, m := range mails {
			about[m.id] = m
		}
	}
	found := map[mailEventKey]mailNews{}
	for _, e := range told {
		key := mailEventKey{e.ID, e.Kind, e.What}
		m, known := about[e.ID]
		if _, twice := found[key]; !known || twice {
			continue
		}
		address, isTold := hash.address(e.Address).(string)
		if number, ofSMS := hash.phone(e.Phone).(string); ofSMS {
			address, isTold = number, true
		}
		if !isTold {
			address = m.address
		}
		found[key] = mailNews{e, m.program, m.contact, address}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b mailNews) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Kind, b.Kind), cmp.Compare(a.What, b.What))
	}), nil
}

// insertNews keeps events and returns those that were not known.
func (q session) insertNews(ctx context.Context, events []mailNews) ([]mailNews, error) {
	rows := make([][]any, 0, len(events))
	for _, e := range events {
		rows = append(rows, []any{e.ID, e.Kind, string(e.What), e.program, e.At.UnixMilli()})
	}
	keys, err := insertReturning(ctx, q, `INSERT INTO mail_events (item, kind, what, program, at)`, rows,
		`ON CONFLICT DO NOTHING RETURNING item, kind, what`, func(row scanner) (k mailEventKey, err error) {
			err = row.Scan(&k.id, &k.kind, &k.what)
			return k, err
		})
	if err != nil {
		return nil, fmt.Errorf("keep events of mails: %w", err)
	}
	isNew := map[mailEventKey]bool{}
	for _, k := range keys {
		isNew[k] = true
	}
	return slices.DeleteFunc(events, func(e mailNews) bool { return !isNew[mailEventKey{e.ID, e.Kind, e.What}] }), nil
}

// followNews draws the consequences of events.
func (q session) followNews(ctx context.Context, news []mailNews, now time.Time) error {
	var invitations, contacts, unwanted []string
	var dead [][]any
	for _, n := range news {
		switch {
		case n.What.Unsubscribes():
			contacts, unwanted = append(contacts, n.contact), append(unwanted, n.address)
		case n.What == survey.MailBounced && n.address != "":
			dead = append(dead, []any{n.address, now.UnixMilli()})
		}
		if !slices.Contains([]string{store.MailAsk, store.MailThanks, store.MailReferred}, n.Kind) {
			invitations = append(invitations, n.ID)
		}
	}
	if len(contacts) > 0 {
		if err := q.unsubscribeAll(ctx, contacts, unwanted, now); err != nil {
			return err
		}
	}
	if _, err := q.insert(ctx, `INSERT INTO dead_addresses (address_hash, at)`, dead, `ON CONFLICT DO NOTHING`); err != nil {
		return fmt.Errorf("keep dead addresses: %w", err)
	}
	// A mail that is just noted as sent is locked: its state is decided by whoever
	// comes second, who sees what the other wrote.
	_, err := collect(ctx, q, scanOne[string], `SELECT id FROM invitations WHERE id {any} ORDER BY id {lock}`, q.list(invitations))
	if err != nil {
		return fmt.Errorf("lock invitations: %w", err)
	}
	return q.settleDelivery(ctx, invitations, now)
}

const contactsAt = `SELECT key FROM contacts WHERE key {any} OR address_hash {any} ORDER BY key {lock}`

// unsubscribeAll unsubscribes contacts, and all who have their addresses.
func (q session) unsubscribeAll(ctx context.Context, contacts, addresses []string, at time.Time) error {
	references, err := collect(ctx, q, scanOne[string], contactsAt, q.list(contacts), q.list(addresses))
	if err != nil {
		return fmt.Errorf("lock contacts: %w", err)
	}
	return q.unsubscribe(ctx, references, at)
}

// settleDelivery sets the states of invitations that follow from the events of their
// mails, whichever came first: the events, or the note that the mail was sent.
func (q session) settleDelivery(ctx context.Context, invitations []string, at time.Time) error {
	const told = `EXISTS (SELECT 1 FROM mail_events e WHERE e.item = invitations.id AND `
	_, err := q.exec(ctx, `UPDATE invitations SET state = ?, ended_at = ? WHERE id {any} AND state IN ('sent', 'delivered')
		AND `+told+`(e.what = 'bounced' OR e.what = 'dropped' AND e.kind = 'invite'))`,
		survey.InvitationBounced, at.UnixMilli(), q.list(invitations))
	if err != nil {
		return fmt.Errorf("mark invitations bounced: %w", err)
	}
	_, err = q.exec(ctx, `UPDATE invitations SET state = ? WHERE id {any} AND state = 'sent' AND `+told+`e.what = 'delivered')`,
		survey.InvitationDelivered, q.list(invitations))
	if err != nil {
		return fmt.Errorf("mark invitations delivered: %w", err)
	}
	return nil
}
