package activities

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// The time zones of the contacts of windowed, three of them in one.
var contactZones = []string{"Asia/Tokyo", "Asia/Kolkata", "Europe/Berlin", "Europe/Paris", "", "Africa/Lagos", "America/New_York", "America/Los_Angeles"}

// windowed is a world whose program mails from Tuesday to Thursday, nine to five, and
// a contact of each zone. It is Monday, 09:00 UTC.
func windowed(t *testing.T) (*world, []survey.Contact) {
	t.Helper()
	w := newWorld(t)
	w.program.Window = &survey.Calendar{
		ID: "office", Timezone: "Europe/Paris", Days: []string{"tue", "wed", "thu"}, Hours: "09:00-17:00", Holidays: []string{"2026-03-03"},
	}
	w.must(w.store.SaveProgram(t.Context(), w.program))
	contacts := people(len(contactZones))
	for i, zone := range contactZones {
		contacts[i].Timezone = zone
	}
	return w, contacts
}

// admitWindowed takes contacts through admission.
func (w *world) admitWindowed(contacts []survey.Contact) (BatchRef, Admitted) {
	w.Helper()
	var events []survey.Event
	for _, c := range contacts {
		e := w.event(c)
		e.Data["contact"].(map[string]any)["timezone"] = c.Timezone
		events = append(events, e)
	}
	batch := w.arrive(events...)
	_, err := w.invitations().PrepareInvitations(w.Context(), batch)
	w.must(err)
	admitted, err := w.invitations().AdmitInvitations(w.Context(), AdmitInput{BatchRef: batch})
	w.must(err)
	return batch, admitted
}

// goTo moves the clock to a moment in UTC.
func (w *world) goTo(day, hour int) {
	w.moment.Store(int64(time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC).Sub(start)))
}

func TestWindowGroupsByTimeZone(t *testing.T) {
	t.Parallel()
	w, contacts := windowed(t)
	_, admitted := w.admitWindowed(contacts)
	var opens []string
	for _, g := range admitted.Groups {
		require.Equal(t, g.Due, g.At)
		opens = append(opens, g.Due.Format("Mon 15:04"))
	}
	require.Equal(t, []string{"Wed 00:00", "Wed 03:30", "Wed 08:00", "Wed 14:00", "Wed 17:00"}, opens, "Tuesday is a holiday")
	require.Equal(t, 4, admitted.Groups[2].Invitations)
}

func TestNobodyIsMailedOrRemindedAtNight(t *testing.T) {
	t.Parallel()
	w, contacts := windowed(t)
	batch, admitted := w.admitWindowed(contacts)
	opens := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC) }
	send := func(due time.Time) Sent {
		sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch, Due: due})
		w.must(err)
		return sent
	}
	var due []time.Time
	for _, g := range admitted.Groups {
		due = append(due, g.Due)
	}

	// The worker was away: in Asia it is evening by now.
	w.goTo(4, 14)
	sent := send(due[3])
	require.Equal(t, opens(5, 0, 0), sent.Again, "Tokyo")
	require.Len(t, w.mailed(), 5, "Europe, Lagos and New York")
	require.Equal(t, opens(10, 8, 0), sent.RemindAt, "three days later is Saturday")
	require.Zero(t, send(due[4]).RemindAt, "nobody was mailed")
	require.Len(t, w.mailed(), 5)
	w.goTo(4, 17)
	send(due[4])
	w.goTo(5, 0)
	require.Equal(t, opens(5, 3, 30), send(due[0]).Again, "Kolkata")
	w.goTo(5, 4)
	require.Zero(t, send(due[0]).Again)
	require.Len(t, w.mailed(), len(contactZones))

	remind := func(day, hour int) time.Time {
		w.goTo(day, hour)
		reminded, err := run[Reminded](w, w.mail().SendReminders, RemindInput{BatchRef: batch, SentBy: opens(5, 4, 0)})
		w.must(err)
		return reminded.Again
	}
	require.Equal(t, opens(10, 13, 0), remind(10, 9), "New York, by summer time")
	require.Equal(t, opens(10, 16, 0), remind(10, 13), "Los Angeles")
	require.Equal(t, opens(11, 0, 0), remind(10, 16))
	require.Zero(t, remind(11, 4))
	reminded := w.mailed()[len(contactZones):]
	require.ElementsMatch(t, w.mailed()[:len(contactZones)], reminded)
	require.Less(t, slices.Index(reminded, contacts[6].Email), slices.Index(reminded, contacts[0].Email))
}

func TestMailThatIsALittleLateGoesOut(t *testing.T) {
	t.Parallel()
	w, contacts := windowed(t)
	batch, _ := w.admitWindowed(contacts[2:3])
	w.goTo(4, 16) // 17:00 in Berlin
	w.pass(windowGrace - time.Second)
	sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Zero(t, sent.Again)
	require.Len(t, w.mailed(), 1)
}

func TestWindowOfAFastClock(t *testing.T) {
	t.Parallel()
	w, contacts := windowed(t)
	clock, err := survey.NewClock(nil, 1440, func() time.Time { return start.Add(time.Duration(w.moment.Load())) })
	w.must(err)
	w.clock = clock
	_, admitted := w.admitWindowed(contacts[2:3])
	require.Equal(t, time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC), admitted.Groups[0].Due)
	require.Equal(t, 117*time.Second+500*time.Millisecond, admitted.Groups[0].At.Sub(start), "47 hours later")
}
