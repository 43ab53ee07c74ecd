package survey

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestScaledClock(t *testing.T) {
	t.Parallel()
	real := noon
	clock, err := NewClock(nil, 1440, func() time.Time { return real })
	if err != nil {
		t.Fatal(err)
	}
	real = real.Add(time.Minute)
	if got, want := clock.Now(), noon.Add(24*time.Hour); !got.Equal(want) {
		t.Errorf("a minute later it is %v, want %v", got, want)
	}
	if got := clock.Real(noon.Add(48 * time.Hour)); !got.Equal(noon.Add(2 * time.Minute)) {
		t.Errorf("two days are over at %v, want two minutes after noon", got)
	}
	if got := clock.Real(clock.Scaled(real)); !got.Equal(real) {
		t.Errorf("there and back is %v, want %v", got, real)
	}
}

func TestKeptClockGoesOnWhereItStood(t *testing.T) {
	t.Parallel()
	real := noon
	now := func() time.Time { return real }
	first, err := NewClock(nil, 60, now)
	if err != nil {
		t.Fatal(err)
	}
	real = real.Add(time.Hour)
	kept := first.State()
	for _, scale := range []float64{60, 120, 1} {
		again, err := NewClock(&kept, scale, now)
		if err != nil {
			t.Fatal(err)
		}
		if !again.Now().Equal(noon.Add(60 * time.Hour)) {
			t.Errorf("with scale %g it is %v, want 60 hours after noon", scale, again.Now())
		}
		before := again.Now()
		real = real.Add(time.Second)
		if got := again.Now().Sub(before); got != time.Duration(scale)*time.Second {
			t.Errorf("with scale %g a second is %v long", scale, got)
		}
		real = real.Add(-time.Second)
	}
}

func TestZeroClockIsTheWallClock(t *testing.T) {
	t.Parallel()
	var clock Clock
	if away := time.Since(clock.Now()).Abs(); away > time.Minute {
		t.Errorf("it is %v away from the wall clock", away)
	}
	if !clock.Real(noon).Equal(noon) || !clock.Scaled(noon).Equal(noon) {
		t.Error("it converts, and must not")
	}
}

func TestClockRefusesScales(t *testing.T) {
	t.Parallel()
	for _, scale := range []float64{0, 0.5, -1, MaxTimeScale + 1} {
		if _, err := NewClock(nil, scale, nil); err == nil {
			t.Errorf("scale %g was taken", scale)
		}
	}
}
