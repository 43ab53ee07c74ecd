package sandbox

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStateSurvives shows that a second sandbox over the same file answers as the first did.
func TestStateSurvives(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	onFile := func(o *Options) {
		o.StateFile = file
		o.HubSpot.WebhookURL = "https://cx.example/hooks/hubspot"
	}
	c := newHSClient(t, onFile)
	c.s.SeedDemo()
	require.Equal(t, http.StatusCreated, c.call("POST", hsProperties+"/groups", `{"name":"cxloop","label":"cxloop"}`).status)
	c.defineScore()
	lena := c.s.ContactByEmail("lena.hoffmann@nordwind.example")
	require.Equal(t, http.StatusOK, c.call("POST", hsContacts+"/batch/update", inputs("cx_nps_last", "9", lena.ID)).status)
	require.Equal(t, http.StatusNotFound, c.call("GET", hsContacts+"/404", nil).status)
	require.NoError(t, c.s.Close())

	again := newHSClient(t, onFile)
	require.Equal(t, crmText(t, c.s), crmText(t, again.s))
	require.Equal(t, c.s.Snapshot().Counts, again.s.Snapshot().Counts)
	require.Equal(t, rulesOf(c.s), rulesOf(again.s))
	require.Equal(t, "9", again.s.ContactByEmail("lena.hoffmann@nordwind.example").Get("cx_nps_last"))

	again.s.SeedDemo()
	require.Equal(t, crmText(t, c.s), crmText(t, again.s), "the demo is seeded once")
	fresh := again.contact("new@nordwind.example", "")
	require.Equal(t, http.StatusBadRequest, again.call("POST", hsContacts+"/batch/update", inputs("createdate", "1", fresh.ID)).status, "read-only still")
}

// TestNoIDComesTwice shows that a sandbox which was killed before it saved has used up its ids: those who were told of
// a contact or an event take it for a former one else.
func TestNoIDComesTwice(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	seen := map[any]bool{}
	fresh := func(id any) {
		require.False(t, seen[id], "%v comes twice", id)
		seen[id] = true
	}
	for range 4 { // none is closed
		c := newHSClient(t, func(o *Options) {
			o.StateFile = file
			o.HubSpot.WebhookURL = "https://cx.example/hooks/hubspot"
		})
		fresh(c.contact("a@x.example", "").ID)
		c.deal("won", "1", "closedwon")
		d := c.s.nextDelivery()
		fresh(d.ID)
		fresh(d.Events[0].EventID)
		fresh(c.s.Revision())
	}
}

// TestWebhooksSurvive shows that events which wait, or whose delivery failed so far, are sent after a restart.
func TestWebhooksSurvive(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	c := newHSClient(t, func(o *Options) {
		o.StateFile = file
		o.HubSpot.WebhookURL = "https://cx.example/hooks/hubspot"
	})
	c.deal("under way", "1", "closedwon")
	require.NotNil(t, c.s.nextDelivery())
	c.deal("waiting", "1", "closedwon")
	require.NoError(t, c.s.Close())

	h := &hook{statuses: []int{200}}
	again := newHooked(t, h, func(o *Options) { o.StateFile = file })
	again.await("both events", settled(2))
	require.Len(t, h.requests, 2)
}

// TestStateIsSavedWhenIdle shows that no Close is needed.
func TestStateIsSavedWhenIdle(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	c := newHSClient(t, func(o *Options) { o.StateFile, o.Now = file, time.Now })
	require.NoError(t, os.Remove(file))
	c.run()
	c.contact("a@x.example", "")
	require.Eventually(t, func() bool {
		_, err := os.Stat(file)
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
}

// TestOlderStateFile shows that a file from before an upgrade gets what is new, and keeps what it has.
func TestOlderStateFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"format":1,"channels":[{"id":"C0OWN","name":"own"}],
		"properties":{"contacts":[{"name":"cx_nps_last","label":"Last NPS","type":"number","fieldType":"number"}]}}`), 0o600))
	s, err := New(Options{StateFile: file})
	require.NoError(t, err)
	st := s.Snapshot()
	require.NotNil(t, st.Channel("own"))
	require.NotNil(t, st.Channel("#cx-cases"))
	require.NotNil(t, st.Property(Contacts, "cx_nps_last"))
	require.True(t, st.Property(Contacts, "lastmodifieddate").ReadOnly)
	require.Len(t, st.Owners, len(demoOwners))
}

func TestBadStateFile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ content, want string }{
		"truncated":      {`{"format":1,"records":{`, "damaged"},
		"not JSON":       {"SQLite format 3", "damaged"},
		"empty":          {"", "damaged"},
		"another format": {`{"format":99}`, "format 99"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "sandbox.json")
			require.NoError(t, os.WriteFile(file, []byte(tt.content), 0o600))
			_, err := New(Options{StateFile: file, Logger: slog.New(slog.DiscardHandler)})
			require.ErrorContains(t, err, file)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "move it away")
			kept, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, tt.content, string(kept))
		})
	}
	t.Run("a folder", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		_, err := New(Options{StateFile: dir})
		require.ErrorContains(t, err, dir)
	})
}

func TestSaveWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "missing")
	opts := Options{StateFile: filepath.Join(dir, "sandbox.json")}
	_, err := New(opts)
	require.ErrorContains(t, err, dir)
	require.NoError(t, os.Mkdir(dir, 0o700))
	s, err := New(opts)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(dir))
	require.ErrorContains(t, s.Save(), dir)
}
