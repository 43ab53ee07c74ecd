package activities

import (
	"time"

	"github.com/cxloop/cxloop/survey"
)

// heldBack are the letters of an activity that the day's cap has no room for. They are
// not begun and stay as they are.
type heldBack struct{ letters int }

// most is how many mails of the day may have been sent when letters go out, 0 for any
// number: a wave leaves room for the others.
func (m *Mail) most(of letter, now time.Time) int {
	if of.kind == invitationMail && of.config.Kind == survey.Relational {
		return m.WarmUp.MostBeforeWave(now)
	}
	return m.WarmUp.Most(now)
}

// again is when, on the real clock, what was held back may be sent, or what a window
// holds back, whichever comes first; zero where nothing is.
func (m *Mail) again(window time.Time, held heldBack) time.Time {
	if held.letters == 0 {
		return window
	}
	now := m.Clock.Now()
	m.Log.Info("mails wait for the next day: the sending domain is being warmed up", "mails", held.letters, "most", m.WarmUp.Most(now))
	return earlier(window, m.Clock.Real(survey.NextDay(now)))
}
