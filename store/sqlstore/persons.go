package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// hasLeft tells that the contact c unsubscribed, or another one that is the same person:
// by the page of a mail, or by stopping the SMS to its number.
const hasLeft = `(c.unsubscribed_at IS NOT NULL OR EXISTS (SELECT 1 FROM stopped_numbers n WHERE n.phone_hash = c.phone_hash)
	OR EXISTS (SELECT 1 FROM contacts other WHERE other.address_hash = c.address_hash AND (other.unsubscribed_at IS NOT NULL
		OR EXISTS (SELECT 1 FROM stopped_numbers n WHERE n.phone_hash = other.phone_hash)))
	OR c.address_hash IS NULL AND EXISTS (SELECT 1 FROM contacts other
		WHERE other.phone_hash = c.phone_hash AND other.address_hash IS NULL AND other.unsubscribed_at IS NOT NULL))`

// samePersons are the contacts of references and all others that are the same persons:
// those with their addresses or, of those without any, with their numbers.
const samePersons = `(SELECT key FROM contacts WHERE key {any}
	UNION SELECT other.key FROM contacts c JOIN contacts other ON other.address_hash = c.address_hash WHERE c.key {any}
	UNION SELECT other.key FROM contacts c JOIN contacts other ON other.phone_hash = c.phone_hash
		WHERE c.key {any} AND c.address_hash IS NULL AND other.address_hash IS NULL)`

// lockPersons locks contacts and all others that are the same persons in order of their
// references. It returns who each is: contacts with one address are one person, who
// goes by the hash of the address; one without goes by the hash of the number, and one
// without that too by the contact's reference.
func (q session) lockPersons(ctx context.Context, references []string) (map[string]string, error) {
	type row struct{ key, person string }
	persons := map[string]string{}
	// Who has an address may have changed while this waited for the locks.
	for locked := -1; len(persons) > locked; {
		locked = len(persons)
		rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
			err = sc.Scan(&r.key, &r.person)
			return r, err
		}, `SELECT key, COALESCE(address_hash, phone_hash, key) FROM contacts WHERE key IN `+samePersons+` ORDER BY key {lock}`,
			q.list(references), q.list(references), q.list(references))
		if err != nil {
			return nil, fmt.Errorf("lock contacts: %w", err)
		}
		for _, r := range rows {
			persons[r.key] = r.person
		}
		if !q.waits {
			break
		}
	}
	return persons, nil
}

func keysIn(persons map[string]string) []string { return slices.Sorted(maps.Keys(persons)) }
