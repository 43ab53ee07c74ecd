package sqlstore

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

// lookup is the subject of the key that makes keyed hashes. It is made with the store
// and never changes.
const lookup = "lookup"

// hasher makes keyed hashes, by which rows are found without the keystore's other
// keys and which tell nothing to who does not have this one.
type hasher struct{ key dataKey }

// errOtherKeystore is for keys that are not those of the store: with new ones, everybody
// would be unknown, who unsubscribed too.
var errOtherKeystore = errors.New("the keystore is not that of this store: restore the one that belongs to it, or name it in store.keys_url")

// settingKeystore holds a hash by which a store knows its keystore.
const settingKeystore = "keystore"

func (h hasher) fingerprint() string { return h.hash("store", "fingerprint") }

// hasher makes the store's keyed hashes, of the keystore that the store was made with.
func (s *Store) hasher(ctx context.Context) (hasher, error) {
	if h := s.hash.Load(); h != nil {
		return *h, nil
	}
	want, err := s.read().fingerprint(ctx)
	if err != nil {
		return hasher{}, err
	}
	keys, missing, err := s.keys.find(ctx, []string{lookup})
	if err != nil {
		return hasher{}, err
	}
	h := hasher{keys[lookup]}
	if len(missing) > 0 || h.fingerprint() != want {
		return hasher{}, errOtherKeystore
	}
	s.hash.Store(&h)
	return h, nil
}

// fingerprint is the kept one, "" where nothing is sealed yet.
func (q session) fingerprint(ctx context.Context) (string, error) {
	kept, err := collect(ctx, q, scanOne[string], `SELECT value FROM settings WHERE name = ?`, settingKeystore)
	if err != nil {
		return "", fmt.Errorf("read which keystore belongs to the store: %w", err)
	}
	return strings.Join(kept, ""), nil
}

// firstHasher makes the key of hashes, and keeps which keystore has it.
func (q session) firstHasher(ctx context.Context) (hasher, error) {
	keys, err := q.keys.ensure(ctx, []string{lookup})
	if err != nil {
		return hasher{}, err
	}
	h := hasher{keys[lookup]}
	_, err = q.exec(ctx, `INSERT INTO settings (name, value) VALUES (?, ?)`, settingKeystore, h.fingerprint())
	return h, err
}

// hash is 130 bits in small letters and digits. domain keeps hashes of different
// things apart.
func (h hasher) hash(domain, text string) string {
	mac := hmac.New(sha256.New, h.key[:])
	mac.Write([]byte(domain + "\x00" + text))
	return strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil))[:26])
}

// reference is what the store knows a record by: a keyed hash of its key, <crm>/<id>,
// behind its CRM and a colon, which no key has before its slash. What is a
// reference already stays, as what leads to nobody does.
func (h hasher) reference(key string) string {
	key = storableText(key)
	crm, _, isKey := strings.Cut(key, "/")
	if !isKey {
		return key
	}
	return crm + ":" + h.hash("record", key)
}

func (h hasher) references(keys []string) []string {
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = h.reference(key)
	}
	return out
}

// crmOf is the CRM of a reference.
func crmOf(reference string) string {
	crm, _, _ := strings.Cut(reference, ":")
	return crm
}

// address is the hash by which a mail address is found, whatever the cases of its
// letters; null for none.
func (h hasher) address(email string) any {
	if email = strings.ToLower(strings.TrimSpace(email)); email == "" {
		return nil
	}
	return h.hash("address", email)
}

// phone is the hash by which a phone number in the form of E.164 is found; null for none.
func (h hasher) phone(number string) any {
	if number == "" {
		return nil
	}
	return h.hash("phone", number)
}
