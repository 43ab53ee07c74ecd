package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	sqlite3 "modernc.org/sqlite"
)

// preparing makes connections to SQLite that keep their statements prepared, as pgx does
// for PostgreSQL: to prepare one takes longer than to run it.
type preparing struct{ driver.Connector }

func newPreparing(dsn string) (driver.Connector, error) {
	base, err := sqlite3.NewConnector(dsn)
	return preparing{base}, err
}

// Connect implements driver.Connector.
func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("sqlstore: the SQLite driver's connections cannot what they could"), conn.Close())
	}
	return &preparedConn{sqliteConn: full, statements: map[string]*preparedStmt{}}, nil
}

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
	driver.Pinger
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// unseen keeps SQLite from looking at parameters while it plans: what it learns of one, that
// it is what an index is restricted to (topic = 'recheck') or how many rows are wanted, has it
// plan the statement anew each time that the parameter is set. The sign changes no value, not
// even of a text.
var unseen = strings.NewReplacer("= ?", "= +?", "> ?", "> +?", "< ?", "< +?", "LIMIT ?", "LIMIT +?")

// maxPrepared is how many statements a connection keeps, at some kilobytes each.
const maxPrepared = 256

// preparedConn is one connection. database/sql uses it for one call at a time, but may run a
// statement while the rows of another are being read.
type preparedConn struct {
	sqliteConn
	statements map[string]*preparedStmt
	uses       uint64
}

type preparedStmt struct {
	sqliteStmt
	// reading is set while its rows are read.
	reading bool
	used    uint64 // by preparedConn.uses
}

// prepared returns a statement that is free to run, nil for what is not to be kept: a
// script, or a statement whose rows are being read.
func (c *preparedConn) prepared(ctx context.Context, text string) (*preparedStmt, error) {
	c.uses++
	if kept := c.statements[text]; kept != nil {
		if kept.reading {
			return nil, nil
		}
		kept.used = c.uses
		return kept, nil
	}
	if strings.Contains(text, ";") {
		return nil, nil
	}
	made, err := c.PrepareContext(ctx, unseen.Replace(text))
	if err != nil {
		return nil, err
	}
	stmt, ok := made.(sqliteStmt)
	if !ok {
		return nil, made.Close()
	}
	if len(c.statements) >= maxPrepared {
		c.dropOldest()
	}
	kept := &preparedStmt{sqliteStmt: stmt, used: c.uses}
	c.statements[text] = kept
	return kept, nil
}

// dropOldest makes room for another statement.
func (c *preparedConn) dropOldest() {
	oldest := ""
	for text, kept := range c.statements {
		if !kept.reading && (oldest == "" || kept.used < c.statements[oldest].used) {
			oldest = text
		}
	}
	c.drop(oldest)
}

func (c *preparedConn) drop(text string) {
	if kept := c.statements[text]; kept != nil {
		delete(c.statements, text)
		_ = kept.Close() // what it last failed with is known already
	}
}

// ExecContext implements driver.ExecerContext.
func (c *preparedConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	kept, err := c.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	if kept == nil {
		return c.sqliteConn.ExecContext(ctx, text, args)
	}
	result, err := kept.ExecContext(ctx, args)
	if err != nil {
		c.drop(text)
	}
	return result, err
}

// QueryContext implements driver.QueryerContext.
func (c *preparedConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	kept, err := c.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	if kept == nil {
		return c.sqliteConn.QueryContext(ctx, text, args)
	}
	rows, err := kept.QueryContext(ctx, args)
	if err != nil {
		c.drop(text)
		return nil, err
	}
	kept.reading = true
	return &preparedRows{Rows: rows, stmt: kept}, nil
}

// Close implements driver.Conn.
func (c *preparedConn) Close() error {
	for text := range c.statements {
		c.drop(text)
	}
	return c.sqliteConn.Close()
}

// preparedRows free their statement when they are closed.
type preparedRows struct {
	driver.Rows
	stmt *preparedStmt
}

// Close implements driver.Rows.
func (r *preparedRows) Close() error {
	r.stmt.reading = false
	return r.Rows.Close()
}
