package crm

import (
	"testing"
	"time"
)

func TestOwnerAway(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	absent := func(from, until time.Duration) Absence { return Absence{noon.Add(from), noon.Add(until)} }
	for name, c := range map[string]struct {
		owner   Owner
		away    bool
		changes time.Duration
	}{
		"works":           {Owner{Active: true}, false, 0},
		"was removed":     {Owner{Absences: []Absence{absent(-1, 1)}}, true, 0},
		"is away":         {Owner{Active: true, Absences: []Absence{absent(time.Hour, 2*time.Hour), absent(0, time.Minute)}}, true, time.Minute},
		"is back":         {Owner{Active: true, Absences: []Absence{absent(-time.Hour, 0)}}, false, 0},
		"will be away":    {Owner{Active: true, Absences: []Absence{absent(3*time.Hour, 4*time.Hour), absent(time.Hour, 2*time.Hour)}}, false, time.Hour},
		"was and will be": {Owner{Active: true, Absences: []Absence{absent(-time.Hour, -time.Minute), absent(time.Minute, time.Hour)}}, false, time.Minute},
	} {
		away, changes := c.owner.AwayAt(noon)
		want := time.Time{}
		if c.changes > 0 {
			want = noon.Add(c.changes)
		}
		if away != c.away || !changes.Equal(want) {
			t.Errorf("%s: away %t until %s, want %t until %s", name, away, changes, c.away, want)
		}
	}
}
