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
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
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
// readable by its owner alone.
func (s *Store) Migrate(ctx context.Context) (applied []string, err error) {
	applied, err = s.both(ctx, (*database).migrate)
	if err == nil && s.file != "" && slices.Contains(applied, stepSeal) {
		// What stood in clear before is still in pages that are free now.
		_, err = s.writer.ExecContext(ctx, `VACUUM; PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	return applied, err
}

// Pending returns the names of the steps that Migrate would take. It changes
// nothing.
func (s *Store) Pending(ctx context.Context) ([]string, error) {
	return s.both(ctx, (*database).pending)
}

func (s *Store) both(ctx context.Context, do func(*database, context.Context) ([]string, error)) ([]string, error) {
	steps, err := do(s.keys.database, ctx)
	if err != nil {
		return nil, err
	}
	more, err := do(s.database, ctx)
	return append(steps, more...), err
}

// CheckSchema returns an error that says what to do unless the schemas are those
// that this cxloop needs.
func (s *Store) CheckSchema(ctx context.Context) error {
	if err := s.keys.checkSchema(ctx); err != nil {
		return err
	}
	return s.checkSchema(ctx)
}

// Close closes the connections, and the keys.
func (s *Store) Close() error { return errors.Join(s.database.Close(), s.keys.Close()) }

// newBatchID makes an id that no other process makes.
func newBatchID() string { return strings.ToLower(rand.Text()[:16]) }
