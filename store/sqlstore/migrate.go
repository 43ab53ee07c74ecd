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

// migrate takes the steps that are not taken, in one transaction. The steps of one
// database are taken by one process at a time.
func (d *database) migrate(ctx context.Context) (applied []string, err error) {
	if err := d.createFile(); err != nil {
		return nil, err
	}
	err = d.write(ctx, func(q session) error {
		applied = nil
		if d.dialect.migrationLock != "" {
			if _, err := q.exec(ctx, d.dialect.migrationLock); err != nil {
				return err
			}
		}
		if _, err := q.exec(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)`); err != nil {
			return err
		}
		todo, err := d.todo(ctx, q)
		if err != nil {
			return err
		}
		for _, m := range todo {
			if err := d.apply(ctx, q, m); err != nil {
				return err
			}
			applied = append(applied, m.name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("migrate the %s: %w", d.what, err)
	}
	return applied, nil
}

func (d *database) createFile() error {
	if d.file == "" {
		return nil
	}
	f, err := os.OpenFile(d.file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("create the %s: %w", d.what, err)
	}
	return f.Close()
}

func (d *database) apply(ctx context.Context, q session, m migration) error {
	script, err := fs.ReadFile(d.migrations, m.name+".sql")
	if err != nil {
		return err
	}
	// The script is not translated: it is written in the dialect.
	if _, err := q.q.ExecContext(ctx, string(script)); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	if also := d.also[m.name]; also != nil {
		if err := also(q, ctx); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	_, err = q.exec(ctx, `INSERT INTO schema_version (version) VALUES (?)`, m.version)
	return err
}

// pending returns the names of the steps that migrate would take.
func (d *database) pending(ctx context.Context) ([]string, error) {
	todo, err := d.todo(ctx, d.read())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range todo {
		names = append(names, m.name)
	}
	return names, nil
}

// checkSchema returns an error that says what to do unless all steps are taken.
func (d *database) checkSchema(ctx context.Context) error {
	todo, err := d.todo(ctx, d.read())
	if err != nil {
		return err
	}
	if len(todo) > 0 {
		need := todo[len(todo)-1].version
		return fmt.Errorf("%s schema is at %d, this cxloop needs %d: run cxloop setup", d.what, todo[0].version-1, need)
	}
	return nil
}

// todo returns the steps that are not taken, in order.
func (d *database) todo(ctx context.Context, q session) ([]migration, error) {
	all, err := migrationsIn(d.migrations)
	if err != nil {
		return nil, err
	}
	have, err := d.schemaVersion(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read the schema's version%s: %w", d.place(), err)
	}
	if have > len(all) {
		return nil, fmt.Errorf("%s schema is at %d, newer than this cxloop, which knows %d: run the newer cxloop", d.what, have, len(all))
	}
	return all[have:], nil
}

func (d *database) schemaVersion(ctx context.Context, q session) (version int, err error) {
	if d.file != "" {
		if _, err := os.Stat(d.file); errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
	}
	var there bool
	if err := q.row(ctx, d.dialect.hasTable).Scan(&there); err != nil || !there {
		return 0, err
	}
	err = q.row(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_version`).Scan(&version)
	return version, err
}

// place names an SQLite database in an error; a server's address may hold a password.
func (d *database) place() string {
	if d.file == "" {
		return ""
	}
	return " from " + d.file
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
