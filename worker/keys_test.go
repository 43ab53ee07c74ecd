package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store/sqlstore"
	"github.com/cxloop/cxloop/survey"
)

// commanded is a configuration for commands, and its store.
func commanded(t *testing.T) (file string, s *sqlstore.Store) {
	t.Helper()
	folder := t.TempDir()
	text := worldConfig(t, places{
		"127.0.0.1:8080", freeAddress(t), "sqlite:" + filepath.Join(folder, "cxloop.db"), "sqlite:" + filepath.Join(folder, "keys.db"), "http://127.0.0.1:8090",
	})
	c, err := config.LoadBytes("cxloop.yaml", text, os.LookupEnv)
	require.NoError(t, err)
	s, err = openStore(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = s.Migrate(t.Context())
	require.NoError(t, err)
	return writeFile(t, string(text)), s
}

func TestMasterKeyIsRotatedByCommand(t *testing.T) {
	t.Parallel()
	file, s := commanded(t)
	require.NoError(t, s.SaveContacts(t.Context(), []survey.Contact{{Key: "shop/1", CRM: "shop", ID: "1", Email: "a@example.com"}}, nil))
	require.Equal(t, ran{0, "master key test wraps 2\n", ""}, cxloop(t, "keys", "-c", file))

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	added := strings.Replace(string(text), "master_keys: [", "master_keys: [{id: next, key: bmV4dG5leHRuZXh0bmV4dG5leHRuZXh0bmV4dG5leHQ=}, ", 1)
	only := strings.Replace(added, "}, {id: test, key: "+testMasterKey+"}]", "}]", 1)
	require.NotEqual(t, added, only)
	got := cxloop(t, "keys", "-c", writeFile(t, only))
	require.Equal(t, ran{1, "", "cxloop: keystore: no master key \"test\" is configured, which wraps 2 keys\n"}, got)
	require.Equal(t, ran{0, "2 rewrapped\n", ""}, cxloop(t, "keys", "rewrap", "-c", writeFile(t, added)))
	require.Equal(t, ran{0, "master key next wraps 2\n", ""}, cxloop(t, "keys", "-c", writeFile(t, only)))
}

func TestReferencesByCommand(t *testing.T) {
	t.Parallel()
	file, s := commanded(t)
	require.NoError(t, s.SaveContacts(t.Context(), []survey.Contact{{Key: "shop/1", CRM: "shop", ID: "1", Email: "a@example.com"}}, nil))
	want, err := s.Reference(t.Context(), "shop/1")
	require.NoError(t, err)
	for _, contact := range []string{"shop/1", "A@example.com"} {
		require.Equal(t, ran{0, want + "\n", ""}, cxloop(t, "reference", contact, "-c", file), contact)
	}
	require.Equal(t, ran{1, "", "cxloop: no contact is known by that\n"}, cxloop(t, "reference", "shop/2", "-c", file))
	event, err := s.EventReference(t.Context(), "order-1")
	require.NoError(t, err)
	require.Equal(t, ran{0, event + "\n", ""}, cxloop(t, "reference", "--event", "order-1", "-c", file))
	require.Equal(t, exitUsage, cxloop(t, "reference", "-c", file).code)
}
