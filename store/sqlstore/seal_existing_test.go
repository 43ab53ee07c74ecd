package sqlstore

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// before is what a store held before it sealed anything.
const before = `
INSERT INTO contacts (key, crm, id, account_key, email, first_name, last_name, locale, timezone, attributes, refreshed_at)
VALUES ('shop/anna@example.com', 'shop', 'anna@example.com', 'shop/Quimby Ltd', 'Anna@example.com', 'Anna', 'Quimby', 'fr', 'UTC', '{"tier":"gold"}', 7);
INSERT INTO accounts (key, crm, id, name, attributes) VALUES ('shop/Quimby Ltd', 'shop', 'Quimby Ltd', 'Quimby Ltd', 'null');
INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key, state, rule, facts, locale, due_at, created_at, asked_at)
VALUES ('i1', 'nps', 'v1', 'b0', 1, 'shop/anna@example.com', 'shop/Quimby Ltd', 'responded', '', '{}', 'fr', 1, 1, 1);
INSERT INTO responses (id, invitation_id, program, version, contact_key, account_key, state, score, band, comment, done, revision, recorded, answered_at, changed_at)
VALUES ('r1', 'i1', 'nps', 'v1', 'shop/anna@example.com', 'shop/Quimby Ltd', 'final', 3, 'detractor', 'Quimby is cross', TRUE, 1, 1, 5, 5);
INSERT INTO signals (crm, object_type, object_id, name, value, as_of) VALUES ('shop', 'contact', 'anna@example.com', 'cx_nps_last', '3', 5);
INSERT INTO inbox (topic, lane, source, key, payload, due_at, batch)
VALUES ('event', 'nps', 'shop|shop', 'order of anna@example.com', 'Quimby again', 1, 'b1');
`

func TestWhatWasInTheClearIsSealed(t *testing.T) {
	t.Parallel()
	for name, newURL := range map[string]func(*testing.T) string{
		"SQLite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "cxloop.db") },
		"Postgres": func(t *testing.T) string { return localtest.PostgresForTests(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := newURL(t)
			writeBefore(t, url)
			keys, err := OpenKeys(keysURL(t), testMasters)
			require.NoError(t, err)
			s, err := Open(url, keys, Options{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			applied, err := s.Migrate(t.Context())
			require.NoError(t, err)
			require.Subset(t, applied, []string{"0001_keys", stepSeal, "0004_sealed"})
			requireAnna(t, s)
			again, err := s.Migrate(t.Context())
			require.NoError(t, err)
			require.Empty(t, again)
			if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
				require.Contains(t, applied, settingRewrite)
				files, err := filepath.Glob(file + "*")
				require.NoError(t, err)
				for _, one := range files {
					content, err := os.ReadFile(one)
					require.NoError(t, err)
					require.NotRegexp(t, `(?i)quimby|anna`, string(content), one)
				}
			}
		})
	}
}

// writeBefore makes a store that sealed nothing.
func writeBefore(t *testing.T, url string) {
	t.Helper()
	db, err := openDatabase(url, "database", "migrations/store", 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	scripts := fstest.MapFS{}
	for _, name := range []string{"0001_init.sql", "0002_effects.sql"} {
		script, err := fs.ReadFile(db.migrations, name)
		require.NoError(t, err)
		scripts[name] = &fstest.MapFile{Data: script}
	}
	db.migrations = scripts
	_, err = db.migrate(t.Context())
	require.NoError(t, err)
	_, err = db.writer.ExecContext(t.Context(), before)
	require.NoError(t, err)
}

func requireAnna(t *testing.T, s *Store) {
	t.Helper()
	const key = "shop/anna@example.com"
	contacts, err := s.Contacts(t.Context(), []string{key})
	require.NoError(t, err)
	anna := contacts[key]
	require.Equal(t, "anna@example.com", anna.ID)
	require.Equal(t, "Anna@example.com", anna.Email)
	require.Equal(t, "Anna Quimby", anna.Name())
	require.Equal(t, map[string]string{"tier": "gold"}, anna.Attributes)
	accounts, err := s.Accounts(t.Context(), []string{anna.AccountKey})
	require.NoError(t, err)
	require.Equal(t, "Quimby Ltd", accounts[anna.AccountKey].Name)
	r, err := s.ResponseOf(t.Context(), "i1")
	require.NoError(t, err)
	require.Equal(t, anna.Key, r.ContactKey)
	require.Equal(t, "Quimby is cross", r.Comment)
	signals, err := s.DirtySignals(t.Context(), "shop", 10)
	require.NoError(t, err)
	require.Equal(t, []store.SignalRow{{ObjectType: survey.ObjectContact, Record: anna.Key, ObjectID: "anna@example.com", Values: map[string]string{"cx_nps_last": "3"}}}, signals)
	items, err := s.BatchItems(t.Context(), "b1")
	require.NoError(t, err)
	require.Equal(t, "Quimby again", string(items[0].Payload))
	added, err := s.AddItems(t.Context(), []store.Item{{Topic: store.TopicEvent, Lane: "nps", Source: "shop|shop", Key: "order of anna@example.com"}})
	require.NoError(t, err)
	require.Zero(t, added, "the same event is known")
	var address sql.NullString
	require.NoError(t, s.read().row(t.Context(), `SELECT address_hash FROM contacts`).Scan(&address))
	hash, err := s.hasher(t.Context())
	require.NoError(t, err)
	require.Equal(t, hash.address("anna@example.com"), address.String)
}
