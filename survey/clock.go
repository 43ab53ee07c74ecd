package survey

import (
	"fmt"
	"time"
)

// MaxTimeScale is the fastest clock allowed: a day in 30 seconds. Beyond it the
// second or so that a timer and a mail take would no longer be small.
const MaxTimeScale = 24 * 60 * 60 / 30

// Clock is the one clock that store, web and workflows ask. In production it is
// the wall clock; with dev.time_scale it runs faster from a fixed origin. The
// time it tells is called scaled time; signatures, rate limits and time-outs
// stay in real time. The zero Clock is the wall clock.
type Clock struct {
	state ClockState
	real  func() time.Time
}

// ClockState is what has to be kept so that a scaled clock goes on where it
// stood after a restart.
type ClockState struct {
	// Real and Scaled are the same moment on both clocks.
	Real   time.Time `json:"real"`
	Scaled time.Time `json:"scaled"`
	// Scale is how many scaled seconds pass in one real second, at least 1.
	Scale float64 `json:"scale"`
}

// NewClock continues a kept state with a scale, which may be another than the
// state's. Without a state the scaled clock starts at the present. Scale is 1 to
// MaxTimeScale. The real clock may be nil: time.Now.
func NewClock(kept *ClockState, scale float64, real func() time.Time) (Clock, error) {
	if scale < 1 || scale > MaxTimeScale {
		return Clock{}, fmt.Errorf("time scale %g: want 1 to %d (a day in 30 seconds)", scale, MaxTimeScale)
	}
	if real == nil {
		real = time.Now
	}
	now := real()
	if kept == nil {
		return Clock{state: ClockState{Real: now, Scaled: now, Scale: scale}, real: real}, nil
	}
	if kept.Scale == scale {
		return Clock{state: *kept, real: real}, nil
	}
	scaled := Clock{state: *kept, real: real}.Scaled(now)
	return Clock{state: ClockState{Real: now, Scaled: scaled, Scale: scale}, real: real}, nil
}

// State returns what NewClock needs to continue this clock.
func (c Clock) State() ClockState { return c.state }

// Now tells the scaled time, in UTC with millisecond precision, which is what
// the store keeps.
func (c Clock) Now() time.Time {
	if c.real == nil {
		return time.Now().UTC().Truncate(time.Millisecond)
	}
	return c.Scaled(c.real())
}

// Scaled converts a moment of the real clock.
func (c Clock) Scaled(real time.Time) time.Time {
	if c.state.Scale == 0 {
		return real.UTC().Truncate(time.Millisecond)
	}
	passed := time.Duration(float64(real.Sub(c.state.Real)) * c.state.Scale)
	return c.state.Scaled.Add(passed).UTC().Truncate(time.Millisecond)
}

// Real converts a scaled moment to the moment of the real clock at which a
// timer for it has to fire.
func (c Clock) Real(scaled time.Time) time.Time {
	if c.state.Scale == 0 {
		return scaled
	}
	wait := time.Duration(float64(scaled.Sub(c.state.Scaled)) / c.state.Scale)
	return c.state.Real.Add(wait)
}
