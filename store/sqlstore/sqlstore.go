// Package sqlstore is store.Store over SQL: SQLite in one file, or PostgreSQL.
// Both run the same statements; dialect holds what differs.
package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/cxloop/cxloop/store"
)

//go:embed migrations
var embedded embed.FS

// Options are what a database may be opened with. The zero Options are good.
type Options struct {
	// MaxConns is the most connections: to PostgreSQL, or for reading an SQLite
	// file, which has one more for writing. 0 means 10 and 4.
	MaxConns int
	// Now is the real clock, for the leases of batches. nil means time.Now.
	Now func() time.Time
}

const (
	defaultPostgresConns = 10
	defaultSQLiteReaders = 4
	// connIdle is how long a connection to PostgreSQL is kept unused.
	connIdle = 5 * time.Minute
)

// Store is the database. It is safe for concurrent use.
type Store struct {
	dialect dialect
	writer  *sql.DB
	reader  *sql.DB // the writer itself on PostgreSQL
	now     func() time.Time
	// file is the path of an SQLite database.
	file string
	// migrations are the scripts of the dialect.
	migrations fs.FS
}

var _ store.Store = (*Store)(nil)

// Open makes a Store from sqlite:PATH or postgres://… (any URL that pgx takes). It
// connects to nothing and creates nothing: see Migrate and CheckSchema.
func Open(url string, options Options) (*Store, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(rest, options)
	case "postgres", "postgresql":
		return openPostgres(url, options)
	}
	return nil, errors.New("store url: want sqlite:PATH or postgres://…")
}

func openSQLite(path string, options Options) (*Store, error) {
	if path == "" || strings.HasPrefix(path, ":") {
		return nil, fmt.Errorf("store url sqlite:%s: want the path of a file", path)
	}
	file, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store url sqlite:%s: %w", path, err)
	}
	migrations, err := fs.Sub(embedded, "migrations/sqlite")
	if err != nil {
		return nil, err
	}
	writer, err := sql.Open("sqlite", sqliteDSN(file, false))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", sqliteDSN(file, true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), writer.Close())
	}
	limitConns(reader, options.MaxConns, defaultSQLiteReaders)
	return &Store{dialect: sqlite, writer: writer, reader: reader, now: options.Now, file: file, migrations: migrations}, nil
}

func openPostgres(url string, options Options) (*Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("store url: %w", err) // pgx leaves the password out
	}
	migrations, err := fs.Sub(embedded, "migrations/postgres")
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	limitConns(db, options.MaxConns, defaultPostgresConns)
	db.SetConnMaxIdleTime(connIdle)
	return &Store{dialect: postgres, writer: db, reader: db, now: options.Now, migrations: migrations}, nil
}

func limitConns(db *sql.DB, conns, byDefault int) {
	if conns <= 0 {
		conns = byDefault
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read().row(ctx, `SELECT 1`).Scan(&one)
}

// Close closes the connections.
func (s *Store) Close() error {
	if s.reader == s.writer {
		return s.writer.Close()
	}
	return errors.Join(s.reader.Close(), s.writer.Close())
}

// newBatchID makes an id that no other process makes.
func newBatchID() string { return strings.ToLower(rand.Text()[:16]) }
