// Package sqlstore is store.Store over SQL: SQLite in one file, or PostgreSQL.
// Both run the same statements; dialect holds what differs.
//
// What rows hold of persons is sealed with a key for each contact and account, which
// Keys keeps in a database apart.
package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// stepSeal is the migration from which on rows are sealed.
const stepSeal = "0003_seal"

// Options are what a database may be opened with. The zero Options are good.
type Options struct {
	// MaxConns is the most connections: to PostgreSQL, or for reading an SQLite
	// file, which has one more for writing. 0 means 10 and 4.
	MaxConns int
	// Now is the real clock, for the leases of batches. nil means time.Now.
	Now func() time.Time
}

// Store is the database. It is safe for concurrent use.
type Store struct {
	*database
	now func() time.Time
	// hash is there once it was needed.
	hash atomic.Pointer[hasher]
	// metrics are those of the versions of programs that were looked up.
	metrics atomic.Pointer[map[programVersion]survey.Metric]
	// foldAtOnce is how many changes of scores are rolled up at once, see nextFold.
	foldAtOnce atomic.Int64
}

var _ store.Store = (*Store)(nil)

// Open makes a Store from sqlite:PATH or postgres://… (any URL that pgx takes) and
// the keys of what it holds of persons, which it closes with itself. It connects to
// nothing and creates nothing: see Migrate and CheckSchema.
func Open(url string, keys *Keys, options Options) (*Store, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	db, err := openDatabase(url, "database", "migrations/store", options.MaxConns)
	if err != nil {
		return nil, err
	}
	db.keys = keys
	db.also = map[string]func(session, context.Context) error{stepSeal: session.sealExisting}
	return &Store{database: db, now: options.Now}, nil
}

// Migrate brings the schema of the keys and its own up to what this cxloop needs, and
// returns the names of the steps taken: none where nothing was missing. Two
// processes may call it at once. It creates the file of an SQLite database,
// readable by its owner alone. A keystore that is not the store's is left alone.
func (s *Store) Migrate(ctx context.Context) (applied []string, err error) {
	if err := s.checkKeystoreIsThere(ctx); err != nil {
		return nil, err
	}
	if applied, err = s.keys.migrate(ctx); err != nil {
		return nil, err
	}
	more, err := s.migrate(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := s.hasher(ctx); err != nil {
		return nil, err
	}
	rewritten, err := s.rewrite(ctx)
	return slices.Concat(applied, more, rewritten), err
}

// Pending returns the names of the steps that Migrate would take. It changes
// nothing.
func (s *Store) Pending(ctx context.Context) ([]string, error) {
	if err := s.checkKeystoreIsThere(ctx); err != nil {
		return nil, err
	}
	steps, err := s.keys.pending(ctx)
	if err != nil {
		return nil, err
	}
	more, err := s.pending(ctx)
	return append(steps, more...), err
}

// checkKeystoreIsThere refuses to make a keystore for a store that has one.
func (s *Store) checkKeystoreIsThere(ctx context.Context) error {
	version, err := s.schemaVersion(ctx, s.read())
	if err != nil || version == 0 {
		return err
	}
	kept, err := s.read().fingerprint(ctx)
	if err != nil || kept == "" {
		return err
	}
	version, err = s.keys.schemaVersion(ctx, s.keys.read())
	if err == nil && version == 0 {
		err = errOtherKeystore
	}
	return err
}

// CheckSchema returns an error that says what to do unless the schemas are those
// that this cxloop needs, and the keys those of the store.
func (s *Store) CheckSchema(ctx context.Context) error {
	if err := s.checkKeystoreIsThere(ctx); err != nil {
		return err
	}
	if err := s.keys.CheckSchema(ctx); err != nil {
		return err
	}
	if err := s.checkSchema(ctx); err != nil {
		return err
	}
	_, err := s.hasher(ctx)
	return err
}

// Ping reports whether the database and the keystore answer.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.database.Ping(ctx); err != nil {
		return err
	}
	if err := s.keys.Ping(ctx); err != nil {
		return fmt.Errorf("keystore: %w", err)
	}
	return nil
}

// Close closes the connections, and the keys.
func (s *Store) Close() error { return errors.Join(s.database.Close(), s.keys.Close()) }

// newBatchID makes an id that no other process makes.
func newBatchID() string { return strings.ToLower(rand.Text()[:16]) }
