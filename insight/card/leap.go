package card

// Leap is a figure that is so far from that of the version before that it is taken for a
// mistake in what was told, until somebody says that it is right.
type Leap struct {
	// Of names the figure.
	Of string `json:"of"`
	// From is the version that said Before.
	From   string  `json:"from"`
	Before float64 `json:"before"` // above 0
	Now    float64 `json:"now"`    // above 0
}

// Factor is Now over Before.
func (l Leap) Factor() float64 { return l.Now / l.Before }

// Held says that what was forecast before is to stay, because of leaps that nobody has
// accepted.
func (c Card) Held() bool { return len(c.Leaps) > 0 && !c.LeapAccepted }
