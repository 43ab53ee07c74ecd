package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// sealExisting seals what a store of before 0003_seal keeps in clear, between the
// script that adds columns for it and the one that drops the old ones.
func (q session) sealExisting(ctx context.Context) error {
	hash, err := q.keys.hasher(ctx)
	if err != nil {
		return err
	}
	if err := q.sealContacts(ctx, hash); err != nil {
		return fmt.Errorf("seal contacts: %w", err)
	}
	if err := q.sealAccounts(ctx, hash); err != nil {
		return fmt.Errorf("seal accounts: %w", err)
	}
	for _, table := range []string{"invitations", "responses", "cases", "asks"} {
		for _, column := range []string{"contact_key", "account_key"} {
			if err := q.hashColumn(ctx, table, column, hash); err != nil {
				return fmt.Errorf("hash %s.%s: %w", table, column, err)
			}
		}
	}
	if err := q.hashSignals(ctx, hash); err != nil {
		return fmt.Errorf("hash signals: %w", err)
	}
	if err := q.sealComments(ctx); err != nil {
		return fmt.Errorf("seal comments: %w", err)
	}
	if err := q.sealInbox(ctx, hash); err != nil {
		return fmt.Errorf("seal the inbox: %w", err)
	}
	return nil
}

func (q session) sealContacts(ctx context.Context, hash hasher) error {
	contacts, err := collect(ctx, q, func(row scanner) (c survey.Contact, err error) {
		err = row.Scan(&c.Key, &c.ID, &c.AccountKey, &c.Email, &c.FirstName, &c.LastName, &c.Locale, &c.Timezone, jsonText{&c.Attributes})
		return c, err
	}, `SELECT key, id, account_key, email, first_name, last_name, locale, timezone, attributes FROM contacts`)
	if err != nil {
		return err
	}
	keys, err := q.keys.ensure(ctx, subjectsOf(hash, contacts, nil))
	if err != nil {
		return err
	}
	for _, c := range contacts {
		reference := hash.reference(c.Key)
		sealed, err := sealContact(c, reference, keys)
		if err != nil {
			return err
		}
		_, err = q.exec(ctx, `UPDATE contacts SET key = ?, account_key = ?, sealed = ?, address_hash = ? WHERE key = ?`,
			reference, hash.reference(c.AccountKey), sealed, hash.address(c.Email), c.Key)
		if err != nil {
			return err
		}
	}
	return nil
}

func (q session) sealAccounts(ctx context.Context, hash hasher) error {
	accounts, err := collect(ctx, q, func(row scanner) (a survey.Account, err error) {
		err = row.Scan(&a.Key, &a.ID, &a.Name, jsonText{&a.Attributes})
		return a, err
	}, `SELECT key, id, name, attributes FROM accounts`)
	if err != nil {
		return err
	}
	keys, err := q.keys.ensure(ctx, subjectsOf(hash, nil, accounts))
	if err != nil {
		return err
	}
	for _, a := range accounts {
		reference := hash.reference(a.Key)
		sealed, err := sealAccount(a, reference, keys)
		if err != nil {
			return err
		}
		if _, err = q.exec(ctx, `UPDATE accounts SET key = ?, sealed = ? WHERE key = ?`, reference, sealed, a.Key); err != nil {
			return err
		}
	}
	return nil
}

func (q session) hashColumn(ctx context.Context, table, column string, hash hasher) error {
	found, err := collect(ctx, q, scanOne[string], `SELECT DISTINCT `+column+` FROM `+table+` WHERE `+column+` <> ''`)
	if err != nil {
		return err
	}
	for _, key := range found {
		if _, err := q.exec(ctx, `UPDATE `+table+` SET `+column+` = ? WHERE `+column+` = ?`, hash.reference(key), key); err != nil {
			return err
		}
	}
	return nil
}

func (q session) hashSignals(ctx context.Context, hash hasher) error {
	found, err := collect(ctx, q, func(row scanner) (s signal, err error) {
		err = row.Scan(&s.crm, &s.record)
		return s, err
	}, `SELECT DISTINCT crm, record FROM signals`)
	if err != nil {
		return err
	}
	for _, s := range found {
		reference := hash.reference(survey.RecordKey(s.crm, s.record))
		if _, err := q.exec(ctx, `UPDATE signals SET record = ? WHERE crm = ? AND record = ?`, reference, s.crm, s.record); err != nil {
			return err
		}
	}
	return nil
}

// sealComments comes after the responses' contacts are hashed.
func (q session) sealComments(ctx context.Context) error {
	found, err := collect(ctx, q, func(row scanner) (r survey.Response, err error) {
		err = row.Scan(&r.ID, &r.ContactKey, &r.Comment)
		return r, err
	}, `SELECT id, contact_key, comment FROM responses WHERE comment <> ''`)
	if err != nil {
		return err
	}
	for _, r := range found {
		sealed, err := q.sealComment(ctx, r)
		if err != nil {
			return err
		}
		if _, err := q.exec(ctx, `UPDATE responses SET sealed = ? WHERE id = ?`, sealed, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func (q session) sealInbox(ctx context.Context, hash hasher) error {
	found, err := collect(ctx, q, func(row scanner) (i store.StoredItem, err error) {
		err = row.Scan(&i.ID, &i.Topic, &i.Lane, &i.Source, &i.Key, &i.Payload)
		return i, err
	}, `SELECT id, topic, lane, source, key, payload FROM inbox WHERE topic <> ?`, store.TopicAnswer)
	if err != nil {
		return err
	}
	day := today(time.Now())
	keys, err := q.keys.ensure(ctx, []string{inboxSubject(day)})
	if err != nil {
		return err
	}
	for _, item := range found {
		i := hash.named(item.Item)
		payload := sealPayload(keys[inboxSubject(day)], day, itemPlace(i.Topic, i.Lane, i.Key), i.Payload)
		if _, err := q.exec(ctx, `UPDATE inbox SET source = ?, key = ?, payload = ? WHERE id = ?`, i.Source, i.Key, payload, item.ID); err != nil {
			return err
		}
	}
	return nil
}
