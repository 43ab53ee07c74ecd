package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// warming is the world's mail with two mails on the day of the test, and four a day later.
func (w *world) warming() *Mail {
	m := w.mail()
	m.WarmUp = survey.WarmUp{From: survey.Date{Time: start}, FirstDay: 2, Growth: 2, Until: 1000}
	return m
}

func TestWarmUpHoldsMailsForTheNextDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.Delay = 0
	w.must(w.store.SaveProgram(t.Context(), w.program))
	batch, _ := w.admit(people(7)...)
	midnight := survey.NextDay(start)
	send := func() Sent {
		sent, err := run[Sent](w, w.warming().SendInvitations, SendInput{BatchRef: batch, Due: w.clock.Now()})
		w.must(err)
		return sent
	}
	for range 2 { // a repetition sends no more
		require.Equal(t, midnight, send().Again)
		require.Len(t, w.mailed(), 2)
	}
	require.Zero(t, send().RemindAt, "nobody was mailed")
	w.moment.Store(int64(midnight.Sub(start)))
	sent := send()
	require.Equal(t, midnight.Add(day), sent.Again)
	require.Len(t, w.mailed(), 6)
	require.NotZero(t, sent.RemindAt)
	w.pass(day)
	require.Zero(t, send().Again)
	require.Len(t, w.mailed(), 7)
}

// A wave leaves a part of the day to those whom something just happened to.
func TestWavesLeaveRoomInAWarmUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays})
	batch, _ := w.admit(people(7)...)
	m := w.warming()
	m.WarmUp.FirstDay = 5
	sent, err := run[Sent](w, m.SendInvitations, SendInput{BatchRef: batch, Due: w.clock.Now()})
	w.must(err)
	require.Equal(t, survey.NextDay(start), sent.Again)
	require.Len(t, w.mailed(), 4)
	reminded, err := run[Reminded](w, m.SendReminders, RemindInput{BatchRef: batch, SentBy: w.clock.Now()})
	w.must(err)
	require.NotZero(t, reminded.Again, "one of four")
	require.Len(t, w.mailed(), 5)
}

func TestWarmUpCountsRemindersAndAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.FollowUp.Referral.Delay = 0
	w.must(w.store.SaveProgram(t.Context(), w.program))
	batch, ids := w.admit(person(0, "en"), person(6, "en"), person(11, "en"))
	w.must(w.store.MarkSent(t.Context(), ids, w.clock.Now(), w.clock.Now().Add(14*day)))
	midnight := survey.NextDay(start)
	reminded, err := run[Reminded](w, w.warming().SendReminders, RemindInput{BatchRef: batch, SentBy: w.clock.Now()})
	w.must(err)
	require.Equal(t, Reminded{Again: midnight}, reminded)
	require.Len(t, w.mailed(), 2)
	for _, id := range ids {
		w.answer(id, survey.Answer{Score: 10, Done: true})
	}
	asks, _ := w.record()
	ask := func() Asked {
		asked, err := run[Asked](w, w.warming().SendAsks, asks)
		w.must(err)
		return asked
	}
	require.Equal(t, Asked{Again: midnight}, ask())
	w.moment.Store(int64(midnight.Sub(start)))
	require.Zero(t, ask())
	require.Len(t, w.mailed(), 5)
}

func TestReferralMailsWaitForTheWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.FollowUp.Referral.Window = &survey.Calendar{ID: "office", Timezone: "Europe/Paris", Days: survey.Weekdays, Hours: "09:00-17:00"}
	w.must(w.store.SaveProgram(t.Context(), w.program))
	berlin, tokyo := person(0, "en"), person(6, "en")
	tokyo.Timezone = "Asia/Tokyo"
	berlin.Timezone = "Europe/Berlin"
	batch, _ := w.admitWindowed([]survey.Contact{berlin, tokyo})
	unsent, err := w.store.Unsent(t.Context(), batch.Batch, w.clock.Now().Add(day))
	w.must(err)
	for _, r := range unsent {
		w.answer(r.Invitation.ID, survey.Answer{Score: 10, Done: true})
	}
	asks, recorded := w.record()
	require.Equal(t, 2, recorded.Asks)
	w.goTo(3, 12) // 13:00 in Berlin, 21:00 in Tokyo
	ask := func() time.Time {
		asked, err := run[Asked](w, w.mail().SendAsks, asks)
		w.must(err)
		return asked.Again
	}
	require.Equal(t, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), ask(), "nine in Tokyo")
	require.Equal(t, []string{berlin.Email}, w.mailed())
	w.goTo(4, 0)
	require.Zero(t, ask())
	require.Equal(t, []string{berlin.Email, tokyo.Email}, w.mailed())
}
