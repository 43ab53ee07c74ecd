package survey

import "time"

type CaseClock string
type Due struct {
	Clock    CaseClock
	Warn, At time.Time
}
