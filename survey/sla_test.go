package survey

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func spanOf(text string) BusinessSpan {
	span, err := ParseBusinessSpan(text)
	if err != nil {
		panic(err)
	}
	return span
}

// promised is an SLA of a team that works from nine to five.
var promised = SLA{
	Normal:   Promises{spanOf("4h"), spanOf("1d"), spanOf("5d")},
	High:     Promises{spanOf("2h"), spanOf("4h"), spanOf("3d")},
	Low:      Promises{spanOf("off"), spanOf("off"), spanOf("10d")},
	Warn:     0.75,
	Ladder:   Ladder{spanOf("1d"), spanOf("2d"), spanOf("3d")},
	Calendar: Calendar{Timezone: "Europe/Berlin", Days: Weekdays[1:6], Hours: "09:00-17:00"},
}

var berliners = CaseTeam{Route: CaseRoute{Manager: "U0BOSS", Escalation: "C0ALARM"}}

// deed is what somebody does at a moment of the clock in Berlin.
type deed struct {
	at string
	do func(*Case, *CaseTeam, time.Time)
}

func click(action CaseAction) func(*Case, *CaseTeam, time.Time) {
	return func(c *Case, _ *CaseTeam, at time.Time) {
		_, _ = c.Apply(Click{Action: action, User: "U1", Target: "U2", Seen: c.Revision, At: at})
	}
}

func snooze(t *testing.T, until string) func(*Case, *CaseTeam, time.Time) {
	return func(c *Case, _ *CaseTeam, at time.Time) {
		_, err := c.Apply(Click{Action: ActionSnooze, User: "U1", At: at, Until: inZone(t, until, "Europe/Berlin")})
		require.NoError(t, err)
	}
}

// follow lets time pass over a case from moment to moment, as its workflow does, and says
// what was told when, in Berlin.
func follow(t *testing.T, sla SLA, c Case, team CaseTeam, deeds []deed) (told []string) {
	t.Helper()
	berlin := inZone(t, "2026-01-01 00:00", "Europe/Berlin").Location()
	for now := c.OpenedAt; ; {
		if until := c.SnoozedUntil; c.Wake(now) {
			sla.Follow(&c, team, until)
			told = append(told, now.In(berlin).Format("Mon 02 15:04")+" woke")
		}
		events, next := sla.Tick(&c, team, now)
		for _, e := range events {
			line := now.In(berlin).Format("Mon 02 15:04") + " " + string(e.Clock)
			if e.Stage > 0 {
				line += fmt.Sprintf(" %d", e.Stage)
			}
			told = append(told, line)
		}
		c.Shown = c.Revision
		if c.State == CaseSnoozed {
			next = c.SnoozedUntil
		}
		if len(deeds) > 0 {
			if at := inZone(t, deeds[0].at, "Europe/Berlin"); next.IsZero() || !at.After(next) {
				deeds[0].do(&c, &team, at)
				sla.Follow(&c, team, at)
				deeds, next = deeds[1:], at
			}
		}
		if next.IsZero() || c.State.Ended() {
			return told
		}
		now = next
	}
}

func TestCaseClocks(t *testing.T) {
	t.Parallel()
	away := CaseTeam{Route: berliners.Route, Owner: Owner{ID: "7", Away: true}}
	leaves := func(_ *Case, team *CaseTeam, _ time.Time) { team.Owner = Owner{ID: "7", Away: true} }
	flies := func(zone string) func(*Case, *CaseTeam, time.Time) {
		return func(_ *Case, team *CaseTeam, _ time.Time) { team.Owner = Owner{ID: "8", Zone: zone} }
	}
	reopen := func(c *Case, _ *CaseTeam, at time.Time) {
		c.Reopen(at.Add(-time.Hour), c.CloseAt) // the worker was down for an hour
		c.Priority = PriorityNormal
	}
	evening := promised
	evening.Warn = 1
	quiet := promised
	quiet.Ladder = Ladder{spanOf("off"), spanOf("2d"), spanOf("off")}
	for _, c := range []struct {
		name     string
		sla      SLA
		priority CasePriority
		team     CaseTeam
		opened   string
		deeds    []deed
		want     []string
	}{
		{
			name: "nobody does anything", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			want: []string{
				"Mon 23 13:00 acknowledge", "Mon 23 14:00 acknowledge 1", "Mon 23 16:00 contact", "Tue 24 10:00 contact 1",
				"Tue 24 14:00 acknowledge 2", "Wed 25 14:00 acknowledge 3", "Thu 26 14:00 acknowledge 4", "Thu 26 16:00 resolve",
				"Mon 30 10:00 resolve 1",
			},
		},
		{
			name: "opened at the weekend", sla: promised, team: berliners, opened: "2026-11-21 23:00",
			deeds: []deed{{"2026-11-23 12:30", click(ActionAcknowledge)}, {"2026-11-23 16:00", click(ActionResolve)}},
			want:  []string{"Mon 23 12:00 acknowledge", "Mon 23 15:00 contact"},
		},
		{
			name: "acknowledged: the clock of the contact is the one that is late", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 10:05", click(ActionAcknowledge)}, {"2026-11-25 11:00", click(ActionContacted)}},
			want: []string{
				"Mon 23 16:00 contact", "Tue 24 10:00 contact 1", "Wed 25 10:00 contact 2", "Thu 26 16:00 resolve", "Mon 30 10:00 resolve 1",
				"Wed 02 10:00 resolve 3", "Thu 03 10:00 resolve 4",
			},
		},
		{
			name: "given to somebody who does not acknowledge", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 10:05", click(ActionAssign)}, {"2026-11-23 15:00", click(ActionReject)}},
			want:  []string{"Mon 23 13:00 acknowledge", "Mon 23 14:00 acknowledge 1"},
		},
		{
			name: "kept in time", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{
				{"2026-11-23 11:00", click(ActionAcknowledge)}, {"2026-11-23 15:00", click(ActionContacted)}, {"2026-11-24 15:00", click(ActionResolve)},
			},
		},
		{
			name: "no warnings", sla: evening, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 14:30", click(ActionContacted)}, {"2026-11-24 15:00", click(ActionResolve)}},
			want:  []string{"Mon 23 14:00 acknowledge 1"},
		},
		{
			name: "high priority", sla: promised, priority: PriorityHigh, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 15:00", click(ActionContacted)}, {"2026-11-23 16:00", click(ActionResolve)}},
			want:  []string{"Mon 23 11:30 acknowledge", "Mon 23 12:00 acknowledge 1", "Mon 23 13:00 contact", "Mon 23 14:00 contact 1"},
		},
		{
			name: "low priority", sla: promised, priority: PriorityLow, team: berliners, opened: "2026-11-23 10:00",
			want: []string{
				"Wed 02 14:00 resolve", "Mon 07 10:00 resolve 1", "Tue 08 10:00 resolve 2", "Wed 09 10:00 resolve 3", "Thu 10 10:00 resolve 4",
			},
		},
		{name: "off", sla: SLA{Off: true, Calendar: promised.Calendar}, team: away, opened: "2026-11-23 10:00"},
		{
			name: "nobody at the upper stages", sla: promised, priority: PriorityLow, team: CaseTeam{}, opened: "2026-11-23 10:00",
			want: []string{"Wed 02 14:00 resolve", "Mon 07 10:00 resolve 1", "Thu 10 10:00 resolve 4"},
		},
		{
			name: "nobody above at all", sla: promised, priority: PriorityLow, team: CaseTeam{NoTasks: true}, opened: "2026-11-23 10:00",
			want: []string{"Wed 02 14:00 resolve", "Mon 07 10:00 resolve 1"},
		},
		{
			name: "stages left out", sla: quiet, priority: PriorityLow, team: berliners, opened: "2026-11-23 10:00",
			want: []string{"Wed 02 14:00 resolve", "Mon 07 10:00 resolve 1", "Wed 09 10:00 resolve 3"},
		},
		{
			name: "snoozed: what is left begins after it", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{
				{"2026-11-23 12:00", snooze(t, "2026-11-26 11:00")}, {"2026-11-26 16:30", click(ActionContacted)},
				{"2026-11-27 09:00", click(ActionResolve)},
			},
			want: []string{"Thu 26 11:00 woke", "Thu 26 15:00 contact"},
		},
		{
			name: "woken before its time", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{
				{"2026-11-23 12:00", snooze(t, "2026-12-01 11:00")}, {"2026-11-24 12:00", click(ActionAcknowledge)},
				{"2026-11-26 09:00", click(ActionResolve)},
			},
			want: []string{"Tue 24 16:00 contact", "Wed 25 10:00 contact 1"},
		},
		{
			name: "snoozed when all is late", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-25 15:00", snooze(t, "2026-11-27 10:00")}, {"2026-11-30 16:30", click(ActionResolve)}},
			want: []string{
				"Mon 23 13:00 acknowledge", "Mon 23 14:00 acknowledge 1", "Mon 23 16:00 contact", "Tue 24 10:00 contact 1",
				"Tue 24 14:00 acknowledge 2", "Wed 25 14:00 acknowledge 3", "Fri 27 10:00 woke", "Mon 30 11:00 resolve",
				"Mon 30 13:00 contact 4",
			},
		},
		{
			name: "the owner is away", sla: promised, team: away, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 11:00", click(ActionContacted)}, {"2026-11-23 12:00", click(ActionResolve)}},
			want:  []string{"Mon 23 10:00 acknowledge 2"},
		},
		{
			name: "the owner is away, and has no manager", sla: promised, opened: "2026-11-23 10:00",
			team:  CaseTeam{Owner: away.Owner, Route: CaseRoute{Escalation: "C0ALARM"}},
			deeds: []deed{{"2026-11-23 11:00", click(ActionContacted)}, {"2026-11-23 12:00", click(ActionResolve)}},
			want:  []string{"Mon 23 10:00 acknowledge 3"},
		},
		{
			name: "the owner leaves", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 11:00", leaves}, {"2026-11-23 12:00", click(ActionContacted)}, {"2026-11-23 12:00", click(ActionResolve)}},
			want:  []string{"Mon 23 11:00 acknowledge 2"},
		},
		{
			name: "the owner leaves what somebody has", sla: promised, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 10:30", click(ActionAssign)}, {"2026-11-23 11:00", leaves}, {"2026-11-23 12:00", click(ActionResolve)}},
		},
		{
			// Two hours have passed, two are left, and it is six in the morning in New York.
			name: "an owner in New York gets it", sla: evening, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 12:00", flies("America/New_York")}, {"2026-11-23 17:30", click(ActionResolve)}},
			want:  []string{"Mon 23 17:00 acknowledge 1"},
		},
		{
			// In Tokyo it is eight in the evening.
			name: "an owner in Tokyo gets it", sla: evening, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-23 12:00", flies("Asia/Tokyo")}, {"2026-11-24 04:00", click(ActionResolve)}},
			want:  []string{"Tue 24 03:00 acknowledge 1"},
		},
		{
			name: "opened again: all begins anew", sla: evening, team: berliners, opened: "2026-11-23 10:00",
			deeds: []deed{{"2026-11-24 12:00", reopen}, {"2026-11-24 16:30", click(ActionResolve)}},
			want:  []string{"Mon 23 14:00 acknowledge 1", "Tue 24 10:00 contact 1", "Tue 24 15:00 acknowledge 1"},
		},
		{
			name: "over the change of the clock", sla: evening, team: berliners, opened: "2026-10-23 16:00",
			deeds: []deed{{"2026-10-26 13:00", click(ActionResolve)}},
			want:  []string{"Mon 26 12:00 acknowledge 1"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			opened := inZone(t, c.opened, "Europe/Berlin").UTC()
			one := Case{State: CaseOpen, Revision: 1, OpenedAt: opened, CloseAt: opened.Add(60 * wholeDay), CaseProgress: CaseProgress{Priority: c.priority}}
			require.Equal(t, c.want, follow(t, c.sla, one, c.team, c.deeds))
		})
	}
}

// TestClocksOfACaseLateLookedAt is a worker that was down: each thing is told, once.
func TestClocksOfACaseLateLookedAt(t *testing.T) {
	t.Parallel()
	opened := inZone(t, "2026-11-23 10:00", "Europe/Berlin").UTC()
	one := Case{State: CaseOpen, OpenedAt: opened}
	told, next := promised.Tick(&one, berliners, opened.Add(4*wholeDay))
	var stages []EscalationStage
	for _, e := range told {
		stages = append(stages, e.Stage)
	}
	require.Equal(t, []EscalationStage{1, 1, 2, 3, 4, 0}, stages)
	require.Equal(t, inZone(t, "2026-11-30 10:00", "Europe/Berlin").UTC(), next)
	again, same := promised.Tick(&one, berliners, opened.Add(4*wholeDay))
	require.Empty(t, again)
	require.Equal(t, next, same)
}

func TestClocksOfACaseFromBeforeThereWereAny(t *testing.T) {
	t.Parallel()
	now := inZone(t, "2026-11-23 10:00", "Europe/Berlin").UTC()
	one := Case{State: CaseAcknowledged, OpenedAt: now.Add(-20 * wholeDay), Shown: 2}
	told, next := promised.Tick(&one, berliners, now)
	require.Empty(t, told)
	require.Equal(t, now.Add(6*time.Hour), next, "it has the whole time from now on")
}

func TestCalendarOfTheTeam(t *testing.T) {
	t.Parallel()
	late := Calendar{Timezone: "Europe/Berlin", Days: Weekdays[1:6], Hours: "12:00-22:00"}
	now := inZone(t, "2026-11-23 10:00", "Europe/Berlin").UTC()
	one := Case{State: CaseOpen, OpenedAt: now}
	team := CaseTeam{Route: CaseRoute{Calendar: &late}}
	promised.Follow(&one, team, now)
	dues := promised.Dues(one, team)
	require.Len(t, dues, 3)
	require.Equal(t, inZone(t, "2026-11-23 16:00", "Europe/Berlin").UTC(), dues[0].At)
	require.Equal(t, inZone(t, "2026-11-23 22:00", "Europe/Berlin").UTC(), dues[1].At, "a day of ten hours")
}

// TestClocksAgainstTheWall moves owners and snoozes cases at any minute, and counts the
// minutes on the wall of whoever had the case.
func TestClocksAgainstTheWall(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	begin := inZone(t, "2026-10-12 00:00", "UTC")
	sla := SLA{Normal: Promises{spanOf("off"), spanOf("off"), spanOf("6d")}, Warn: 1, Calendar: desk}
	for range 60 {
		from, to := oddZones[random.IntN(len(oddZones))], oddZones[random.IntN(len(oddZones))]
		opened := random.IntN(20 * 24 * 60)
		moved := opened + random.IntN(4*24*60)
		slept := moved + 1 + random.IntN(24*60)
		woken := slept + 1 + random.IntN(4*24*60)
		t.Run(fmt.Sprintf("%s %s %d %d %d", from, to, opened, moved, slept), func(t *testing.T) {
			t.Parallel()
			w := watch(t, desk, begin, 75, func(at time.Time) string {
				if at.Before(begin.Add(time.Duration(moved) * time.Minute)) {
					return from
				}
				return to
			})
			passes := 6*8*60 + w.passed[woken] - w.passed[slept]
			due, _ := w.after(opened, passes)

			one := Case{State: CaseAcknowledged, OpenedAt: w.at(opened), CloseAt: w.at(opened).Add(90 * wholeDay)}
			sla.Follow(&one, CaseTeam{Owner: Owner{Zone: from}}, w.at(opened))
			team := CaseTeam{Owner: Owner{Zone: to}}
			sla.Follow(&one, team, w.at(moved))
			_, err := one.Apply(Click{Action: ActionSnooze, User: "U1", At: w.at(slept), Until: w.at(woken)})
			require.NoError(t, err)
			sla.Follow(&one, team, w.at(slept))
			require.Empty(t, sla.Dues(one, team))
			require.True(t, one.Wake(w.at(woken)))
			sla.Follow(&one, team, w.at(woken))
			require.Equal(t, w.at(due).UTC(), sla.Dues(one, team)[0].At)
		})
	}
}
