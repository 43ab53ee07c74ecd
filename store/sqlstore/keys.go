package sqlstore

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// KeySize is the length of a key in bytes, for AES-256.
const KeySize = 32

// MasterKey wraps the keys that a keystore holds. Its ID stands in clear beside each.
type MasterKey struct {
	ID     string
	Secret []byte // KeySize bytes
}

// Keys is the keystore: a key for each contact and account, by which the store seals
// what it holds of them, in a database of its own. Whoever has the store alone, or
// the keystore without its master key, reads nothing. To destroy a key is to destroy
// all that it sealed, in backups of the store too.
type Keys struct {
	*database
	current string // id of the master key that wraps new keys
	masters map[string]cipher.AEAD

	mu    sync.Mutex
	known map[string]knownKey
}

// knownKey is a key in memory.
type knownKey struct {
	key   dataKey
	until time.Time // real time
}

const (
	// keyKnownFor is how long a key that another process destroyed may still be used.
	keyKnownFor = time.Minute
	// keystoreTimeout is how long a look for keys may take: others wait meanwhile for what
	// its transaction has locked.
	keystoreTimeout = 20 * time.Second
	// maxKnownKeys is how many keys are in memory, at about 200 bytes each: those of a few
	// large batches.
	maxKnownKeys = 10_000
	// keystoreConns are few: most keys that are asked for are in memory.
	keystoreConns = 2
)

// CheckSchema returns an error that says what to do unless the schema is the one that
// this cxloop needs, and its keys are wrapped by known master keys.
func (k *Keys) CheckSchema(ctx context.Context) error {
	if err := k.checkSchema(ctx); err != nil {
		return err
	}
	counts, err := k.Masters(ctx)
	for id, n := range counts {
		if k.masters[id] == nil {
			return fmt.Errorf("keystore: no master key %q is configured, which wraps %d keys", id, n)
		}
	}
	return err
}

// OpenKeys makes a keystore from sqlite:PATH or postgres://…: the first master key
// wraps new keys, all unwrap. It connects to nothing and creates nothing: the store
// that it is given to does.
func OpenKeys(url string, masters []MasterKey) (*Keys, error) {
	k := &Keys{masters: map[string]cipher.AEAD{}, known: map[string]knownKey{}}
	if len(masters) == 0 {
		return nil, errors.New("keystore: want at least one master key")
	}
	k.current = masters[0].ID
	for _, m := range masters {
		if len(m.Secret) != KeySize {
			return nil, fmt.Errorf("master key %q has %d bytes: want %d", m.ID, len(m.Secret), KeySize)
		}
		if k.masters[m.ID] != nil {
			return nil, fmt.Errorf("master key %q is there twice", m.ID)
		}
		k.masters[m.ID] = aead(m.Secret)
	}
	var err error
	if k.database, err = openDatabase(url, "keystore", "migrations/keys", keystoreConns); err != nil {
		return nil, err
	}
	return k, nil
}

// aead is AES-256-GCM with random nonces. A key of KeySize bytes has no error.
func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err == nil {
		var a cipher.AEAD
		if a, err = cipher.NewGCMWithRandomNonce(block); err == nil {
			return a
		}
	}
	panic(fmt.Sprintf("sqlstore: a key of %d bytes: %v", len(key), err))
}

// dataKey seals what belongs to one subject.
type dataKey [KeySize]byte

// sealed begins with the version of how it is sealed.
const sealedV1 = 1

// seal encrypts a text for a place, which says where the row stands: moved elsewhere,
// it does not open.
func (k dataKey) seal(place string, plain []byte) []byte {
	return aead(k[:]).Seal([]byte{sealedV1}, nil, plain, []byte(place))
}

func (k dataKey) open(place string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealedV1 {
		return nil, fmt.Errorf("%s: not sealed in a way that this cxloop knows", place)
	}
	plain, err := aead(k[:]).Open(nil, nil, sealed[1:], []byte(place))
	if err != nil {
		return nil, fmt.Errorf("%s: its key does not open it: it was changed, or the keystore is not that of this store", place)
	}
	return plain, nil
}

// get returns the keys of subjects, each of which has to have one.
func (k *Keys) get(ctx context.Context, subjects []string) (map[string]dataKey, error) {
	keys, missing, err := k.find(ctx, subjects)
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("keystore: no key of %s%s: it was destroyed, or the keystore is older than the store",
			missing[0], andMore(len(missing)-1))
	}
	return keys, err
}

func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// ensure returns the keys of subjects, and makes those that are not there.
func (k *Keys) ensure(ctx context.Context, subjects []string) (map[string]dataKey, error) {
	keys, missing, err := k.find(ctx, subjects)
	if err != nil || len(missing) == 0 {
		return keys, err
	}
	rows := make([][]any, 0, len(missing))
	for _, subject := range missing {
		var key dataKey
		_, _ = rand.Read(key[:]) // it never fails
		rows = append(rows, []any{subject, k.wrap(subject, key), k.current, time.Now().UnixMilli()})
	}
	err = k.write(ctx, func(q session) error {
		_, err := q.insert(ctx, `INSERT INTO keys (subject, wrapped, master, created_at)`, rows, `ON CONFLICT DO NOTHING`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keystore: make keys: %w", err)
	}
	// Another process may have been first.
	made, err := k.get(ctx, missing)
	maps.Copy(keys, made)
	return keys, err
}

// find returns the keys that are there, and the subjects that have none, sorted.
func (k *Keys) find(ctx context.Context, subjects []string) (keys map[string]dataKey, missing []string, err error) {
	keys, missing = k.recall(subjects)
	if len(missing) == 0 {
		return keys, nil, nil
	}
	type row struct {
		subject, master string
		wrapped         []byte
	}
	ctx, cancel := context.WithTimeout(ctx, keystoreTimeout)
	defer cancel()
	rows, err := collect(ctx, k.read(), func(s scanner) (r row, err error) {
		err = s.Scan(&r.subject, &r.master, &r.wrapped)
		return r, err
	}, `SELECT subject, master, wrapped FROM keys WHERE subject {any}`, k.dialect.list(missing))
	if err != nil {
		return nil, nil, fmt.Errorf("keystore: %w", err)
	}
	found := make(map[string]dataKey, len(rows))
	for _, r := range rows {
		if found[r.subject], err = k.unwrap(r.subject, r.master, r.wrapped); err != nil {
			return nil, nil, err
		}
	}
	k.remember(found)
	maps.Copy(keys, found)
	missing = slices.DeleteFunc(missing, func(subject string) bool { _, ok := found[subject]; return ok })
	return keys, missing, nil
}

// forgetVisitors destroys the keys by which the sources of earlier days were hashed, the
// day before excepted: whoever has an old hash cannot try addresses on it.
func (k *Keys) forgetVisitors(ctx context.Context, now time.Time) error {
	day := today(now)
	err := k.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `DELETE FROM keys WHERE subject LIKE 'visitors/%' AND subject NOT IN (?, ?)`,
			visitorSubject(day), visitorSubject(day-1))
		return err
	})
	if err != nil {
		return fmt.Errorf("keystore: forget the keys of visitors: %w", err)
	}
	return nil
}

func (k *Keys) recall(subjects []string) (keys map[string]dataKey, missing []string) {
	keys = make(map[string]dataKey, len(subjects))
	now := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, subject := range subjects {
		if known, ok := k.known[subject]; ok && now.Before(known.until) {
			keys[subject] = known.key
		} else {
			missing = append(missing, subject)
		}
	}
	return keys, sortedUnique(missing)
}

func (k *Keys) remember(keys map[string]dataKey) {
	until := time.Now().Add(keyKnownFor)
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known)+len(keys) > maxKnownKeys {
		clear(k.known)
	}
	for subject, key := range keys {
		k.known[subject] = knownKey{key, until}
	}
}

func (k *Keys) wrap(subject string, key dataKey) []byte {
	return k.masters[k.current].Seal(nil, nil, key[:], []byte(subject))
}

func (k *Keys) unwrap(subject, master string, wrapped []byte) (key dataKey, err error) {
	m, ok := k.masters[master]
	if !ok {
		return key, fmt.Errorf("keystore: no master key %q is configured, which wraps the key of %s", master, subject)
	}
	plain, err := m.Open(nil, nil, wrapped, []byte(subject))
	if err != nil || len(plain) != KeySize {
		return key, fmt.Errorf("keystore: master key %q does not unwrap the key of %s", master, subject)
	}
	return dataKey(plain), nil
}
