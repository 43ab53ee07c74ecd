package sqlstore

import (
	"context"
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
)

//go:embed migrations
var embedded embed.FS

const (
	defaultPostgresConns = 10
	defaultSQLiteReaders = 4
	// connIdle is how long a connection to PostgreSQL is kept unused.
	connIdle = 5 * time.Minute
)

// database is the connections to one database, and its schema.
type database struct {
	dialect dialect
	writer  *sql.DB
	reader  *sql.DB // the writer itself on PostgreSQL
	// file is the path of an SQLite database.
	file string
	// migrations are the scripts of the dialect.
	migrations fs.FS
	// also are what belongs to a migration and no script can do, by its name.
	also map[string]func(session, context.Context) error
	// what it is called in errors.
	what string
	// keys seal what its rows hold of persons; nil in the keystore itself.
	keys *Keys
}

// openDatabase makes a database from sqlite:PATH or postgres://…. scripts is the
// folder of its migrations, and conns the most connections, 0 for as many as is usual.
func openDatabase(url, what, scripts string, conns int) (*database, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	var db *database
	var err error
	switch scheme {
	case "sqlite":
		scripts += "/sqlite"
		db, err = openSQLite(rest, conns)
	case "postgres", "postgresql":
		scripts += "/postgres"
		db, err = openPostgres(url, conns)
	default:
		err = errors.New("want sqlite:PATH or postgres://…")
	}
	if err != nil {
		return nil, fmt.Errorf("%s url: %w", what, err)
	}
	db.what = what
	if db.migrations, err = fs.Sub(embedded, scripts); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openSQLite(path string, conns int) (*database, error) {
	if path == "" || strings.HasPrefix(path, ":") {
		return nil, fmt.Errorf("sqlite:%s: want the path of a file", path)
	}
	file, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite:%s: %w", path, err)
	}
	writes, err := newPreparing(sqliteDSN(file, false))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	reads, err := newPreparing(sqliteDSN(file, true))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	writer, reader := sql.OpenDB(writes), sql.OpenDB(reads)
	writer.SetMaxOpenConns(1)
	limitConns(reader, conns, defaultSQLiteReaders)
	return &database{dialect: sqlite, writer: writer, reader: reader, file: file}, nil
}

func openPostgres(url string, conns int) (*database, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err // pgx leaves the password out
	}
	db := stdlib.OpenDB(*config)
	limitConns(db, conns, defaultPostgresConns)
	db.SetConnMaxIdleTime(connIdle)
	return &database{dialect: postgres, writer: db, reader: db}, nil
}

func limitConns(db *sql.DB, conns, byDefault int) {
	if conns <= 0 {
		conns = byDefault
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
}

// Ping reports whether the database answers.
func (d *database) Ping(ctx context.Context) error {
	var one int
	return d.read().row(ctx, `SELECT 1`).Scan(&one)
}

// Close closes the connections.
func (d *database) Close() error {
	if d.reader == d.writer {
		return d.writer.Close()
	}
	return errors.Join(d.reader.Close(), d.writer.Close())
}
