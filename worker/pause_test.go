package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestPausedProgramsAreListedAndResumed(t *testing.T) {
	t.Parallel()
	file, db := commanded(t)
	pause := func(args ...string) ran {
		return cxloop(t, append([]string{"pause", "-c", file}, args...)...)
	}
	require.Equal(t, ran{0, "No program is paused.\n", ""}, pause("list"))

	now := time.Now()
	var contacts []survey.Contact
	var candidates []store.Candidate
	for i := range 3 {
		key := survey.RecordKey("shop", fmt.Sprint(i))
		contacts = append(contacts, survey.Contact{Key: key, CRM: "shop", ID: fmt.Sprint(i), Email: fmt.Sprintf("c%d@other.example", i)})
		candidates = append(candidates, store.Candidate{ContactKey: key, EventAt: now})
	}
	require.NoError(t, db.SaveContacts(t.Context(), contacts, nil))
	invited, err := db.Admit(t.Context(), store.AdmitRequest{
		Batch: "b", Program: "order-csat", Version: "v", Candidates: candidates, Now: now, NewID: newID,
		Decide: func(survey.Applicant) survey.Ruling { return survey.Ruling{} },
		DueAt:  func(store.Candidate, survey.Contact) time.Time { return now },
		Locale: func(survey.Contact) string { return "en" },
	})
	require.NoError(t, err)
	req := store.MailEventsRequest{Now: now, Guard: survey.Guard{Least: 1, Within: survey.Span(time.Hour)}}
	for _, i := range invited {
		require.NoError(t, db.MarkSent(t.Context(), []string{i.ID}, now, now.Add(time.Hour)))
		req.Events = append(req.Events, store.MailEvent{Kind: store.MailInvite, ID: i.ID, What: survey.MailBounced, At: now})
	}
	_, err = db.TakeMailEvents(t.Context(), req)
	require.NoError(t, err)

	listed := pause("list")
	require.Zero(t, listed.code, listed.errOut)
	require.Regexp(t, `order-csat +20\d\d-.* bounced: 3 of 3 mails`, listed.out)
	var shown shownPause
	require.NoError(t, json.Unmarshal([]byte(pause("list", "--json").out), &shown))
	require.Equal(t, shownPause{"order-csat", "bounced", 3, 3, now.UTC().Truncate(time.Millisecond)}, shown)

	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"resume"}, exitUsage, "takes one program"},
		{[]string{"resume", "won-deal-nps"}, exitFailed, "cxloop pause list shows those that are paused"},
		{[]string{"resume", "order-csat"}, 0, "It mails again"},
		{[]string{"resume", "order-csat"}, exitFailed, "cxloop pause list shows"},
		{[]string{"stop"}, exitUsage, "unknown command"},
	} {
		got := pause(test.args...)
		require.Equal(t, test.code, got.code, "%v: %s", test.args, got.errOut)
		require.Contains(t, got.out+got.errOut, test.says)
	}
	require.Equal(t, "No program is paused.\n", pause("list").out)
}
