package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
)

// querier is a database or a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// session runs statements in a dialect.
type session struct {
	dialect
	q querier
	// keys open what rows seal.
	keys *Keys
}

func (d *database) read() session { return session{d.dialect, d.reader, d.keys} }

// tries is how often a transaction is begun that others make fail.
const tries = 8

// write runs do in one transaction, again where it failed only because of
// another one. do must set, not add to, what it returns through its closure.
func (d *database) write(ctx context.Context, do func(session) error) error {
	for try := 1; ; try++ {
		err := d.writeOnce(ctx, do)
		if err == nil || try == tries || !d.dialect.repeatable(err) {
			return err
		}
		pause := time.NewTimer(rand.N(time.Duration(try) * 20 * time.Millisecond))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

func (d *database) writeOnce(ctx context.Context, do func(session) error) error {
	tx, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := do(session{d.dialect, tx, d.keys}); err != nil {
		return err
	}
	return tx.Commit()
}

// exec runs a statement and returns how many rows it changed.
func (s session) exec(ctx context.Context, text string, args ...any) (int, error) {
	result, err := s.q.ExecContext(ctx, s.sql(text), storable(args)...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func (s session) row(ctx context.Context, text string, args ...any) *sql.Row {
	return s.q.QueryRowContext(ctx, s.sql(text), storable(args)...)
}

// maxRows is how many rows one statement inserts: enough to save round trips, few
// enough that the texts of all sizes fit the cache of prepared statements.
const maxRows = 50

// insert inserts rows by a statement "INSERT INTO … (columns)" with a tail that
// says what to do about conflicts. It returns how many rows were changed.
func (s session) insert(ctx context.Context, into string, rows [][]any, tail string) (int, error) {
	var n int
	err := eachInsert(into, rows, tail, func(text string, args []any) error {
		some, err := s.exec(ctx, text, args...)
		n += some
		return err
	})
	return n, err
}

func eachInsert(into string, rows [][]any, tail string, do func(text string, args []any) error) error {
	for len(rows) > 0 {
		chunk := rows[:min(maxRows, len(rows))]
		rows = rows[len(chunk):]
		args := make([]any, 0, len(chunk)*len(chunk[0]))
		for _, row := range chunk {
			args = append(args, row...)
		}
		one := "(?" + strings.Repeat(", ?", len(chunk[0])-1) + ")"
		text := into + " VALUES " + one + strings.Repeat(", "+one, len(chunk)-1) + " " + tail
		if err := do(text, args); err != nil {
			return err
		}
	}
	return nil
}

// insertReturning is insert with a RETURNING in its tail.
func insertReturning[T any](ctx context.Context, s session, into string, rows [][]any, tail string, scan func(scanner) (T, error)) ([]T, error) {
	var out []T
	err := eachInsert(into, rows, tail, func(text string, args []any) error {
		some, err := collect(ctx, s, scan, text, args...)
		out = append(out, some...)
		return err
	})
	return out, err
}

// scanner is one row of a result.
type scanner interface{ Scan(dest ...any) error }

// collect runs a query and reads all its rows.
func collect[T any](ctx context.Context, s session, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := s.q.QueryContext(ctx, s.sql(text), storable(args)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// scanOne reads a column.
func scanOne[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}

// storable makes texts what both databases hold, in place.
func storable(args []any) []any {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = storableText(text)
		}
	}
	return args
}

// storableText replaces what is not UTF-8, and NUL, which PostgreSQL refuses.
func storableText(text string) string {
	const replacement = "\uFFFD"
	return strings.ReplaceAll(strings.ToValidUTF8(text, replacement), "\x00", replacement)
}

// missing names what a single record was asked for by, where it is not there.
func missing(err error, what, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s %s: %w", what, id, store.ErrNotFound)
	}
	return err
}

// single returns the one record that was asked for.
func single[T any](found []T, err error, what, id string) (T, error) {
	if err == nil && len(found) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		var none T
		return none, missing(err, what, id)
	}
	return found[0], nil
}

// millis makes a moment's column: null for the zero time.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// moment reads a moment's column.
type moment struct{ t *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(column any) error {
	switch ms := column.(type) {
	case nil:
		*m.t = time.Time{}
	case int64:
		*m.t = time.UnixMilli(ms).UTC()
	default:
		return fmt.Errorf("column holds %T where milliseconds are wanted", column)
	}
	return nil
}

// asJSON reads a column of JSON into what it points to.
type asJSON struct{ into any }

// Scan implements sql.Scanner.
func (j asJSON) Scan(column any) error {
	switch text := column.(type) {
	case string:
		return json.Unmarshal([]byte(text), j.into)
	case []byte:
		return json.Unmarshal(text, j.into)
	}
	return fmt.Errorf("column holds %T where JSON is wanted", column)
}
