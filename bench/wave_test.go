package bench

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestTallyOfAWave(t *testing.T) {
	t.Parallel()
	good := []waveInvitation{
		{id: "a", contact: "1", state: survey.InvitationSent}, {id: "b", contact: "2", state: survey.InvitationDelivered},
		{id: "c", contact: "3", state: survey.InvitationSuppressed, rule: "no_address"},
	}
	invite := func(id string) string { return store.MailEffect(store.MailInvite, id) }
	reminder := func(id string) string { return store.MailEffect(store.MailReminder, id) }
	for name, c := range map[string]struct {
		invitations []waveInvitation
		mails       map[string]int
		want        string
	}{
		"all is well":         {good, map[string]int{invite("a"): 1, invite("b"): 1, reminder("a"): 1}, ""},
		"skipped":             {good[1:], map[string]int{invite("b"): 1}, "2 of 3 contacts have an invitation"},
		"invited twice":       {append(good[:3:3], waveInvitation{id: "d", contact: "3", state: "suppressed", rule: "quarantine"}), map[string]int{invite("a"): 1, invite("b"): 1}, "contact 3 has 2 invitations"},
		"mailed twice":        {good, map[string]int{invite("a"): 2, invite("b"): 1}, "invitation a is sent and has 2 mails"},
		"not mailed":          {good, map[string]int{invite("a"): 1}, "invitation b is delivered and has 0 mails"},
		"reminded twice":      {good, map[string]int{invite("a"): 1, invite("b"): 1, reminder("b"): 2}, "invitation b: 1 mails, 2 reminders"},
		"suppressed, mailed":  {good, map[string]int{invite("a"): 1, invite("b"): 1, invite("c"): 1}, `invitation c is suppressed by "no_address" and has 1 mails`},
		"a mail of nobody":    {good, map[string]int{invite("a"): 1, invite("b"): 1, invite("x"): 1}, "a mail is of no invitation: mail/invite/x"},
		"unknown, and mailed": {append(good[:2:2], waveInvitation{id: "c", contact: "3", state: survey.InvitationUnknown}), map[string]int{invite("a"): 1, invite("b"): 1, invite("c"): 1}, "invitation c is unknown and has 1 mails"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tally := tally{rules: map[string]int{}}
			tally.contacts(c.invitations, 3)
			tally.mails(c.invitations, c.mails)
			if c.want == "" {
				require.NoError(t, tally.err)
				require.Equal(t, "1 no_address", tally.suppressed())
				return
			}
			require.EqualError(t, tally.err, c.want)
		})
	}
}

func TestWaveStore(t *testing.T) {
	t.Parallel()
	s, err := openWaveStore("sqlite:" + filepath.Join(t.TempDir(), "cxloop.db"))
	require.NoError(t, err)
	defer s.close()
	now := time.UnixMilli(1_800_000_000_000)
	for _, statement := range []string{
		`CREATE TABLE invitations (id TEXT, contact_key TEXT, state TEXT, rule TEXT)`,
		`CREATE TABLE effects (key TEXT, state TEXT, tried_at INTEGER)`,
		`INSERT INTO invitations VALUES ('a', '1', 'admitted', ''), ('b', '2', 'suppressed', 'no_address')`,
		`INSERT INTO effects VALUES ('new', 'pending', 1800000000000), ('lost', 'pending', 1799999940000), ('done', 'done', 1799999940000)`,
	} {
		_, err := s.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	p, err := s.progress(t.Context())
	require.NoError(t, err)
	require.Equal(t, progress{invitations: 2, waiting: 1}, p)
	all, err := s.invitations(t.Context())
	require.NoError(t, err)
	require.Equal(t, []waveInvitation{{"a", "1", "", survey.InvitationAdmitted}, {"b", "2", "no_address", survey.InvitationSuppressed}}, all)
	pending := func() []string {
		keys, err := s.pending(t.Context(), now.Add(-doubtLasts), now.Add(-callLasts))
		require.NoError(t, err)
		return keys
	}
	require.Equal(t, []string{"lost"}, pending())
	require.NoError(t, s.age(t.Context(), "lost", doubtLasts))
	require.Empty(t, pending())
}
