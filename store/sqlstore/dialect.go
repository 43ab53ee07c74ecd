package sqlstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is what differs between the databases. Statements are written with ?
// for parameters and these words in braces:
//
//	{any}   is one of the list that is the parameter here (see list)
//	{pairs} is the pairs that are the parameter here, as a table of id and number
//	{lock}  locks the selected rows
//	{share} keeps others from changing the selected rows
//	{skip}  locks the selected rows and passes over those locked by others
type dialect struct {
	words    *strings.Replacer
	numbered bool // parameters are $1, $2, …
	// waits: a transaction waits for another's locks. Else those that write follow one
	// another.
	waits bool
	// hasTable tells whether schema_version is there.
	hasTable string
	// migrationLock keeps two processes from migrating at once, inside a
	// transaction.
	migrationLock string
	// repeatable reports whether a transaction failed only because of another.
	repeatable func(error) bool
}

var sqlite = dialect{
	words: strings.NewReplacer(
		"{any}", "IN (SELECT value FROM json_each(?))",
		"{pairs}", "(SELECT value ->> 0 AS id, value ->> 1 AS number FROM json_each(?))",
		"{lock}", "", "{share}", "", "{skip}", ""),
	hasTable: `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'schema_version')`,
	// Every transaction that writes begins with BEGIN IMMEDIATE and waits for its turn,
	// but not while another process makes a new file one with a WAL.
	repeatable: func(err error) bool {
		const primary = 0xff // the code without its extension
		e, ok := errors.AsType[*driver.Error](err)
		return ok && e.Code()&primary == sqlite3.SQLITE_BUSY
	},
}

var postgres = dialect{
	words: strings.NewReplacer(
		"{any}", "= ANY (?)",
		"{pairs}", "(SELECT (value ->> 0)::bigint AS id, (value ->> 1)::bigint AS number FROM jsonb_array_elements(?::jsonb))",
		"{lock}", "FOR UPDATE", "{share}", "FOR SHARE", "{skip}", "FOR UPDATE SKIP LOCKED"),
	numbered:      true,
	waits:         true,
	hasTable:      `SELECT to_regclass('schema_version') IS NOT NULL`,
	migrationLock: `SELECT pg_advisory_xact_lock(7237138110)`, // any number that nothing else locks
	repeatable: func(err error) bool {
		const serializationFailure, deadlockDetected = "40001", "40P01"
		e, ok := errors.AsType[*pgconn.PgError](err)
		return ok && (e.Code == serializationFailure || e.Code == deadlockDetected)
	},
}

// sql translates a statement.
func (d dialect) sql(text string) string {
	text = d.words.Replace(text)
	if !d.numbered {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 16)
	for n := 1; ; n++ {
		before, after, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		text = after
	}
}

// list makes the parameter of {any}: one parameter whatever the number of texts,
// so that a statement stays the same and no limit on parameters is met.
func (d dialect) list(texts []string) any {
	stored := make([]string, 0, len(texts))
	for _, text := range texts {
		stored = append(stored, storableText(text))
	}
	if d.numbered {
		return stored
	}
	return plainJSON(stored)
}

// numbers is list for numbers.
func (d dialect) numbers(values []int64) any {
	if d.numbered {
		return values
	}
	return plainJSON(values)
}

// pairs makes the parameter of {pairs}.
func pairs(values [][2]int64) string {
	if values == nil {
		return "[]"
	}
	return plainJSON(values)
}

func plainJSON(values any) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("sqlstore: texts and numbers always have JSON: %v", err))
	}
	return string(text)
}

// busyMillis is how long SQLite waits for another process that writes.
const busyMillis = 10_000

// cacheKB is the page cache of each connection. The operating system caches the file for
// all of them together.
const cacheKB = 512

// sqliteDSN names a file that exists. An acknowledged event must survive a power
// cut, hence synchronous=FULL.
func sqliteDSN(file string, readOnly bool) string {
	query := url.Values{
		"mode":    {"rw"},
		"_txlock": {"immediate"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyMillis), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
			fmt.Sprintf("cache_size(-%d)", cacheKB),
		},
	}
	if readOnly {
		query.Set("_txlock", "deferred")
		query.Add("_pragma", "query_only(1)")
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: file, RawQuery: query.Encode()}).String()
}
