package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// sealExisting seals what a store of before 0003_seal keeps in clear, between the
// script that adds columns for it and the one that drops the old ones.
func (q session) sealExisting(ctx context.Context) error {
	hash, err := q.firstHasher(ctx)
	if err != nil {
		return err
	}
	if err := q.sealContacts(ctx, hash); err != nil {
		return fmt.Errorf("seal contacts: %w", err)
	}
	if err := q.sealAccounts(ctx, hash); err != nil {
		return fmt.Errorf("seal accounts: %w", err)
	}
	if err := q.hashColumns(ctx, hash); err != nil {
		return fmt.Errorf("hash keys: %w", err)
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
	_, err = q.exec(ctx, `INSERT INTO settings (name, value) SELECT ?, '' WHERE EXISTS (SELECT 1 FROM contacts)`, settingRewrite)
	return err
}

// settingRewrite is there until a store that sealed what it held is rewritten: what stood
// in clear is in pages that are free now.
const settingRewrite = "rewrite"

// rewrite frees an SQLite file of what was sealed. PostgreSQL's VACUUM FULL is the
// operator's: it locks tables for long.
func (s *Store) rewrite(ctx context.Context) (steps []string, err error) {
	if s.file == "" {
		return nil, nil
	}
	due, err := collect(ctx, s.read(), scanOne[string], `SELECT name FROM settings WHERE name = ?`, settingRewrite)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	if _, err := s.writer.ExecContext(ctx, `VACUUM`); err != nil {
		return nil, fmt.Errorf("rewrite the database: %w", err)
	}
	var busy, pages, moved int
	if err := s.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil || busy != 0 {
		return nil, errors.Join(errors.New("rewrite the database: another process uses it; end it and run cxloop setup again"), err)
	}
	return due, s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `DELETE FROM settings WHERE name = ?`, settingRewrite)
		return err
	})
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

// hashColumns replaces the keys of contacts and accounts, each column in one statement:
// the tables may be large, and have no index by them.
func (q session) hashColumns(ctx context.Context, hash hasher) error {
	// A table made like this has the column's order of texts.
	for _, statement := range []string{
		`CREATE TEMPORARY TABLE hashed AS SELECT contact_key AS old, contact_key AS new FROM invitations WHERE 1 = 0`,
		`CREATE UNIQUE INDEX hashed_old ON hashed (old)`,
	} {
		if _, err := q.exec(ctx, statement); err != nil {
			return err
		}
	}
	for _, table := range []string{"invitations", "responses", "cases", "asks"} {
		for _, column := range []string{"contact_key", "account_key"} {
			found, err := collect(ctx, q, scanOne[string], `SELECT DISTINCT `+column+` FROM `+table+` WHERE `+column+` <> ''`)
			if err != nil {
				return err
			}
			rows := make([][]any, len(found))
			for i, key := range found {
				rows[i] = []any{key, hash.reference(key)}
			}
			if _, err := q.insert(ctx, `INSERT INTO hashed (old, new)`, rows, `ON CONFLICT DO NOTHING`); err != nil {
				return err
			}
			_, err = q.exec(ctx, `UPDATE `+table+` SET `+column+` = (SELECT new FROM hashed WHERE old = `+column+`) WHERE `+column+` <> ''`)
			if err != nil {
				return err
			}
		}
	}
	_, err := q.exec(ctx, `DROP TABLE hashed`)
	return err
}

func (q session) hashSignals(ctx context.Context, hash hasher) error {
	found, err := collect(ctx, q, func(row scanner) (s signal, err error) {
		err = row.Scan(&s.crm, &s.objectType, &s.record)
		return s, err
	}, `SELECT DISTINCT crm, object_type, record FROM signals`)
	if err != nil {
		return err
	}
	for _, s := range found {
		_, err := q.exec(ctx, `UPDATE signals SET record = ? WHERE crm = ? AND object_type = ? AND record = ?`,
			hash.reference(survey.RecordKey(s.crm, s.record)), s.crm, s.objectType, s.record)
		if err != nil {
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
		sealed, err := q.sealResponse(ctx, r)
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
	if err != nil || len(found) == 0 {
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
