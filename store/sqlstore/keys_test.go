package sqlstore

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func master(id string) MasterKey {
	return MasterKey{ID: id, Secret: bytes.Repeat([]byte(id[:1]), KeySize)}
}

// openKeys opens a keystore with master keys and makes its schema.
func openKeys(t *testing.T, url string, masters ...MasterKey) *Keys {
	t.Helper()
	keys, err := OpenKeys(url, masters)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, keys.Close()) })
	_, err = keys.migrate(t.Context())
	require.NoError(t, err)
	return keys
}

func keysURL(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "keys.db") }

func TestSealedOpensWhereItWasSealed(t *testing.T) {
	t.Parallel()
	k, other := dataKey{1}, dataKey{2}
	sealed := k.seal("response/a", []byte("too slow"))
	require.NotContains(t, string(sealed), "slow")
	require.NotEqual(t, sealed, k.seal("response/a", []byte("too slow")), "equal texts do not show")
	plain, err := k.open("response/a", sealed)
	require.NoError(t, err)
	require.Equal(t, "too slow", string(plain))

	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"elsewhere":       func() ([]byte, error) { return k.open("response/b", sealed) },
		"by another key":  func() ([]byte, error) { return other.open("response/a", sealed) },
		"changed":         func() ([]byte, error) { return k.open("response/a", changed) },
		"cut":             func() ([]byte, error) { return k.open("response/a", sealed[:5]) },
		"nothing":         func() ([]byte, error) { return k.open("response/a", []byte{}) },
		"another version": func() ([]byte, error) { return k.open("response/a", append([]byte{9}, sealed[1:]...)) },
	} {
		_, err := open()
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "slow")
	}
}

func TestKeysAreMadeOnce(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"SQLite": keysURL, "Postgres": func(t *testing.T) string { return localtest.PostgresForTests(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := url(t)
			const n = 8
			made := make(chan map[string]dataKey, n)
			failed := make(chan error, n)
			for range n {
				keys := openKeys(t, at, master("a"))
				go func() {
					got, err := keys.ensure(t.Context(), []string{"contact/1", "contact/2", "contact/1"})
					failed <- err
					made <- got
				}()
			}
			var err error
			for range n {
				err = errors.Join(err, <-failed)
			}
			require.NoError(t, err)
			first := <-made
			require.Len(t, first, 2)
			require.NotEqual(t, first["contact/1"], first["contact/2"])
			for range n - 1 {
				require.Equal(t, first, <-made)
			}
		})
	}
}

func TestMissingKeyIsSaid(t *testing.T) {
	t.Parallel()
	keys := openKeys(t, keysURL(t), master("a"))
	_, err := keys.get(t.Context(), []string{"contact/2", "contact/1"})
	require.EqualError(t, err, "keystore: no key of contact/1 and 1 more: it was destroyed, or the keystore is older than the store")
}

func TestMasterKeysRotate(t *testing.T) {
	t.Parallel()
	url := keysURL(t)
	before := openKeys(t, url, master("old"))
	made, err := before.ensure(t.Context(), []string{"contact/1", "contact/2"})
	require.NoError(t, err)

	_, err = openKeys(t, url, master("new")).get(t.Context(), []string{"contact/1"})
	require.EqualError(t, err, `keystore: no master key "old" is configured, which wraps the key of contact/1`)
	wrong := MasterKey{ID: "old", Secret: bytes.Repeat([]byte("x"), KeySize)}
	_, err = openKeys(t, url, wrong).get(t.Context(), []string{"contact/1"})
	require.EqualError(t, err, `keystore: master key "old" does not unwrap the key of contact/1`)

	both := openKeys(t, url, master("new"), master("old"))
	more, err := both.ensure(t.Context(), []string{"contact/3"})
	require.NoError(t, err)
	counts, err := both.Masters(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"old": 2, "new": 1}, counts)
	n, err := both.Rewrap(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	counts, err = both.Masters(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"new": 3}, counts)

	after := openKeys(t, url, master("new"))
	got, err := after.get(t.Context(), []string{"contact/1", "contact/2", "contact/3"})
	require.NoError(t, err)
	made["contact/3"] = more["contact/3"]
	require.Equal(t, made, got)
}

func TestMasterKeysAreChecked(t *testing.T) {
	t.Parallel()
	for want, masters := range map[string][]MasterKey{
		"want at least one master key":        nil,
		`master key "a" has 3 bytes: want 32`: {{ID: "a", Secret: []byte("abc")}},
		`master key "a" is there twice`:       {master("a"), master("a")},
	} {
		_, err := OpenKeys("sqlite:"+filepath.Join(t.TempDir(), "k"), masters)
		require.ErrorContains(t, err, want)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	h, other := hasher{dataKey{1}}, hasher{dataKey{2}}
	reference := h.reference("shop/anna@example.com")
	require.Regexp(t, `^shop:[a-z2-7]{26}$`, reference)
	require.Equal(t, reference, h.reference(reference), "a reference stays one")
	require.Equal(t, "shop", crmOf(reference))
	require.Empty(t, h.reference(""))
	require.NotEqual(t, reference, other.reference("shop/anna@example.com"))
	require.NotEqual(t, reference, h.reference("shop/"+reference), "no id passes for a reference")
	require.Equal(t, h.address("Anna@Example.com "), h.address("anna@example.com"))
	require.Nil(t, h.address(" "))
}

// made is a store and the path of its keystore, with a contact who unsubscribed.
func made(t *testing.T) (storeURL, keys string) {
	t.Helper()
	storeURL, keys = "sqlite:"+filepath.Join(t.TempDir(), "cxloop.db"), filepath.Join(t.TempDir(), "keys.db")
	s := openWith(t, storeURL, "sqlite:"+keys, testMasters)
	_, err := s.Migrate(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.SaveContacts(t.Context(), []survey.Contact{{Key: "shop/1", CRM: "shop", ID: "1", Email: "a@example.com"}}, nil))
	require.NoError(t, s.Unsubscribe(t.Context(), "shop/1", time.Now()))
	return storeURL, keys
}

func openWith(t *testing.T, storeURL, keysURL string, masters []MasterKey) *Store {
	t.Helper()
	keys, err := OpenKeys(keysURL, masters)
	require.NoError(t, err)
	s, err := Open(storeURL, keys, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// With another keystore, everybody would be unknown, and be asked again.
func TestAnotherKeystoreIsRefused(t *testing.T) {
	t.Parallel()
	storeURL, _ := made(t)
	_, others := made(t)
	none := filepath.Join(t.TempDir(), "none.db")
	for name, keys := range map[string]string{"another's": others, "none": none} {
		s := openWith(t, storeURL, "sqlite:"+keys, testMasters)
		for what, err := range map[string]error{
			"check":   s.CheckSchema(t.Context()),
			"migrate": second(s.Migrate(t.Context())),
			"read":    second(s.Contacts(t.Context(), []string{"shop/1"})),
			"intake":  second(s.AddItems(t.Context(), []store.Item{{Topic: store.TopicEvent, Key: "1"}})),
		} {
			require.Error(t, err, "%s: %s", name, what)
			if keys != none || what == "check" || what == "migrate" {
				require.ErrorIs(t, err, errOtherKeystore, "%s: %s", name, what)
			}
		}
	}
	require.NoFileExists(t, none, "no new keystore is made")
}

func second[T any](_ T, err error) error { return err }

func TestStartSaysWhichMasterKeyIsMissing(t *testing.T) {
	t.Parallel()
	storeURL, keys := made(t)
	s := openWith(t, storeURL, "sqlite:"+keys, []MasterKey{master("new")})
	require.EqualError(t, s.CheckSchema(t.Context()), `keystore: no master key "test" is configured, which wraps 2 keys`)
	s = openWith(t, storeURL, "sqlite:"+keys, []MasterKey{{ID: "test", Secret: bytes.Repeat([]byte("x"), KeySize)}})
	require.EqualError(t, s.CheckSchema(t.Context()), `keystore: master key "test" does not unwrap the key of lookup`)
}

func TestPingAsksTheKeystoreToo(t *testing.T) {
	t.Parallel()
	storeURL, keys := made(t)
	s := openWith(t, storeURL, "sqlite:"+keys, testMasters)
	require.NoError(t, s.Ping(t.Context()))
	s = openWith(t, storeURL, "sqlite:"+filepath.Join(t.TempDir(), "gone", "keys.db"), testMasters)
	require.ErrorContains(t, s.Ping(t.Context()), "keystore")
}

func TestContactsAreFoundByAddress(t *testing.T) {
	t.Parallel()
	storeURL, keys := made(t)
	s := openWith(t, storeURL, "sqlite:"+keys, testMasters)
	want, err := s.Reference(t.Context(), "shop/1")
	require.NoError(t, err)
	found, err := s.ReferencesAt(t.Context(), "A@Example.com")
	require.NoError(t, err)
	require.Equal(t, []string{want}, found)
	found, err = s.ReferencesAt(t.Context(), "b@example.com")
	require.NoError(t, err)
	require.Empty(t, found)
}
