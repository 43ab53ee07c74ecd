package sqlstore

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// openPreparing is one connection to a file with the numbers 1 to 3 in it.
func openPreparing(t *testing.T) *sql.Conn {
	t.Helper()
	s := openFile(t, newPath(t))
	_, err := s.Migrate(t.Context()) // makes the file
	require.NoError(t, err)
	conn, err := s.writer.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = conn.ExecContext(t.Context(), `CREATE TABLE numbers (n INTEGER); INSERT INTO numbers VALUES (1), (2), (3)`)
	require.NoError(t, err, "a script")
	return conn
}

// keptOf are the statements that a connection has prepared.
func keptOf(t *testing.T, conn *sql.Conn) (texts map[string]bool) {
	t.Helper()
	texts = map[string]bool{}
	require.NoError(t, conn.Raw(func(raw any) error {
		for text := range raw.(*preparedConn).statements {
			texts[text] = true
		}
		return nil
	}))
	return texts
}

func TestStatementsStayPrepared(t *testing.T) {
	t.Parallel()
	conn := openPreparing(t)
	const insert = `INSERT INTO numbers VALUES (?)`
	for n := range 2 {
		_, err := conn.ExecContext(t.Context(), insert, 10+n)
		require.NoError(t, err)
	}
	require.Contains(t, keptOf(t, conn), insert)
	var sum int
	require.NoError(t, conn.QueryRowContext(t.Context(), `SELECT SUM(n) FROM numbers`).Scan(&sum))
	require.Equal(t, 1+2+3+10+11, sum)

	_, err := conn.ExecContext(t.Context(), `CREATE UNIQUE INDEX numbers_n ON numbers (n)`)
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), insert, 10)
	require.ErrorContains(t, err, "UNIQUE", "under another schema")
	require.NotContains(t, keptOf(t, conn), insert, "what failed is not kept")
	_, err = conn.ExecContext(t.Context(), insert, 12)
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), `INSERT INTO missing VALUES (1)`)
	require.ErrorContains(t, err, "no such table")
}

// A statement whose rows are being read runs once more beside itself.
func TestStatementWithinItself(t *testing.T) {
	t.Parallel()
	conn := openPreparing(t)
	const query = `SELECT n FROM numbers WHERE n >= ? ORDER BY n`
	outer, err := conn.QueryContext(t.Context(), query, 1)
	require.NoError(t, err)
	var got [][]int
	for outer.Next() {
		var n int
		require.NoError(t, outer.Scan(&n))
		inner, err := conn.QueryContext(t.Context(), query, n)
		require.NoError(t, err)
		var from []int
		for inner.Next() {
			var m int
			require.NoError(t, inner.Scan(&m))
			from = append(from, m)
		}
		require.NoError(t, inner.Err())
		require.NoError(t, inner.Close())
		got = append(got, from)
	}
	require.NoError(t, outer.Err())
	require.NoError(t, outer.Close())
	require.Equal(t, [][]int{{1, 2, 3}, {2, 3}, {3}}, got)
}

func TestOldStatementsGo(t *testing.T) {
	t.Parallel()
	conn := openPreparing(t)
	for i := range maxPrepared + 20 {
		var n int
		require.NoError(t, conn.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT %d`, i)).Scan(&n))
		require.Equal(t, i, n)
		require.NoError(t, conn.QueryRowContext(t.Context(), `SELECT -1`).Scan(&n))
	}
	kept := keptOf(t, conn)
	require.Len(t, kept, maxPrepared)
	require.Contains(t, kept, `SELECT -1`)
	require.NotContains(t, kept, `SELECT 5`)
}

// What a parameter is changes no plan: else SQLite would plan anew for each.
func TestParametersChangeNoPlan(t *testing.T) {
	t.Parallel()
	conn := openPreparing(t)
	_, err := conn.ExecContext(t.Context(), `CREATE TABLE items (topic TEXT, n INTEGER);
		CREATE INDEX items_of_one ON items (topic, n) WHERE topic = 'one';
		INSERT INTO items VALUES ('one', 1), ('two', 2)`)
	require.NoError(t, err)
	for _, test := range []struct{ topic, plan string }{{`?`, "SCAN items"}, {`'one'`, "items_of_one"}} {
		query := `SELECT n FROM items WHERE n > 0 AND topic = ` + test.topic
		args := []any{"one"}[:strings.Count(query, "?")]
		var n int
		require.NoError(t, conn.QueryRowContext(t.Context(), query, args...).Scan(&n))
		require.Equal(t, 1, n)
		var id, parent, unused int
		var step string
		require.NoError(t, conn.QueryRowContext(t.Context(), `EXPLAIN QUERY PLAN `+query, args...).Scan(&id, &parent, &unused, &step))
		require.Contains(t, step, test.plan)
	}
}
