package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
)

func TestUnknownEffectsAreListedAndDecided(t *testing.T) {
	t.Parallel()
	file, db := commanded(t)
	effects := func(args ...string) ran {
		return cxloop(t, append([]string{"effects", "-c", file}, args...)...)
	}
	require.Equal(t, ran{0, "Nothing is unknown.\n", ""}, effects())

	reminder, ask := store.MailEffect(store.MailReminder, "inv1"), store.MailEffect(store.MailAsk, "ask1")
	shown := store.CaseEffect("case1")
	for _, key := range []string{reminder, ask, shown} {
		vendor, _, _ := strings.Cut(key, "/")
		now := time.Now()
		_, err := db.BeginEffects(t.Context(), vendor, "", []string{key}, now, now.Add(-time.Hour))
		require.NoError(t, err)
		_, err = db.LoseEffects(t.Context(), []string{key}, now)
		require.NoError(t, err)
	}
	listed := effects()
	require.Zero(t, listed.code, listed.errOut)
	for _, want := range []string{"1h0m", "the reminder of invitation inv1", "the mail of referral ask ask1", "the first message of case case1"} {
		require.Contains(t, listed.out, want)
	}
	var first shownEffect
	require.NoError(t, json.NewDecoder(strings.NewReader(effects("--json").out)).Decode(&first))
	require.Equal(t, reminder, first.Key)
	require.GreaterOrEqual(t, first.AgeSeconds, int64(3600))

	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"repeat"}, exitUsage, "takes one key"},
		{[]string{"repeat", reminder, "--program", "won-deal-nps"}, exitUsage, "or --program"},
		{[]string{"repeat", "--program", "won-deal-nps"}, 0, "Nothing of this program can be repeated."},
		{[]string{"done", "--program", "won-deal-nps"}, 0, "Mails taken as sent: 0."},
		{[]string{"repeat", "mail/invite/none"}, exitFailed, "cxloop effects lists those that are unknown"},
		{[]string{"repeat", reminder}, exitFailed, "take it as done instead"},
		{[]string{"done", shown}, exitFailed, "repeated only"},
		{[]string{"done", reminder}, 0, "It is taken as sent."},
		{[]string{"done", reminder}, exitFailed, "cxloop effects lists those that are unknown"},
		{[]string{"done", ask}, 0, "It is taken as sent."},
		{[]string{"repeat", shown}, 0, "Temporal does not answer: housekeeping begins it"},
	} {
		got := effects(test.args...)
		require.Equal(t, test.code, got.code, "%v: %s", test.args, got.errOut)
		require.Contains(t, got.out+got.errOut, test.says)
	}
	require.Equal(t, "Nothing is unknown.\n", effects().out)
}
