package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// migration is one step of the schema. Its number is its version.
type migration struct {
	version int
	name    string // without .sql
}

// Migrate brings the schema up to what this cxloop needs, in one transaction, and
// returns the names of the steps taken: none where nothing was missing. Two
// processes may call it at once. It creates the file of an SQLite database,
// readable by its owner alone.
func (s *Store) Migrate(ctx context.Context) (applied []string, err error) {
	if err := s.createFile(); err != nil {
		return nil, err
	}
	err = s.write(ctx, func(q session) error {
		applied = nil
		if s.dialect.migrationLock != "" {
			if _, err := q.exec(ctx, s.dialect.migrationLock); err != nil {
				return err
			}
		}
		if _, err := q.exec(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)`); err != nil {
			return err
		}
		todo, err := s.todo(ctx, q)
		if err != nil {
			return err
		}
		for _, m := range todo {
			if err := s.apply(ctx, q, m); err != nil {
				return err
			}
			applied = append(applied, m.name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("migrate the database: %w", err)
	}
	return applied, nil
}

func (s *Store) createFile() error {
	if s.file == "" {
		return nil
	}
	f, err := os.OpenFile(s.file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return f.Close()
}

func (s *Store) apply(ctx context.Context, q session, m migration) error {
	script, err := fs.ReadFile(s.migrations, m.name+".sql")
	if err != nil {
		return err
	}
	// The script is not translated: it is written in the dialect.
	if _, err := q.q.ExecContext(ctx, string(script)); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	_, err = q.exec(ctx, `INSERT INTO schema_version (version) VALUES (?)`, m.version)
	return err
}

// Pending returns the names of the steps that Migrate would take. It changes
// nothing.
func (s *Store) Pending(ctx context.Context) ([]string, error) {
	todo, err := s.todo(ctx, s.read())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range todo {
		names = append(names, m.name)
	}
	return names, nil
}

// CheckSchema returns an error that says what to do unless the schema is the one
// that this cxloop needs.
func (s *Store) CheckSchema(ctx context.Context) error {
	todo, err := s.todo(ctx, s.read())
	if err != nil {
		return err
	}
	if len(todo) > 0 {
		need := todo[len(todo)-1].version
		return fmt.Errorf("database schema is at %d, this cxloop needs %d: run cxloop setup", todo[0].version-1, need)
	}
	return nil
}

// todo returns the steps that are not taken, in order.
func (s *Store) todo(ctx context.Context, q session) ([]migration, error) {
	all, err := migrationsIn(s.migrations)
	if err != nil {
		return nil, err
	}
	have, err := s.schemaVersion(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read the schema's version%s: %w", s.place(), err)
	}
	if have > len(all) {
		return nil, fmt.Errorf("database schema is at %d, newer than this cxloop, which knows %d: run the newer cxloop", have, len(all))
	}
	return all[have:], nil
}

func (s *Store) schemaVersion(ctx context.Context, q session) (version int, err error) {
	if s.file != "" {
		if _, err := os.Stat(s.file); errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
	}
	var there bool
	if err := q.row(ctx, s.dialect.hasTable).Scan(&there); err != nil || !there {
		return 0, err
	}
	err = q.row(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_version`).Scan(&version)
	return version, err
}

// place names an SQLite database in an error; a server's address may hold a password.
func (s *Store) place() string {
	if s.file == "" {
		return ""
	}
	return " from " + s.file
}

// migrationsIn lists the scripts, which are named 0001_what.sql and so on without
// a gap.
func migrationsIn(scripts fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(scripts, ".")
	if err != nil {
		return nil, err
	}
	var out []migration
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != len(out)+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", entry.Name(), len(out)+1)
		}
		out = append(out, migration{version: version, name: name})
	}
	return out, nil
}
