package survey

import (
	"fmt"
	"strconv"
	"strings"
)

// Metric is what a program measures.
type Metric string

// The metrics and their scales (design.md, Metrics).
const (
	NPS  Metric = "nps"  // 0–10
	CSAT Metric = "csat" // 1–5 or 1–10
	CES  Metric = "ces"  // 1–7
	ENPS Metric = "enps" // 0–10, of employees
	// Audit is the share of a checklist that passed, 0–100 %, as auditors see it.
	Audit Metric = "audit"
)

// Band is the class of one score.
type Band string

// The bands of the metrics, from the unhappy to the happy.
const (
	Detractor    Band = "detractor"
	Passive      Band = "passive"
	Promoter     Band = "promoter"
	Dissatisfied Band = "dissatisfied"
	Satisfied    Band = "satisfied"
	Hard         Band = "hard"
	Easy         Band = "easy"
	Neutral      Band = "neutral" // of CSAT and of CES
	Failed       Band = "failed"
	Weak         Band = "weak"
	Passed       Band = "passed"
)

// Unhappy reports whether the band is the one that opens a case.
func (b Band) Unhappy() bool {
	return b == Detractor || b == Dissatisfied || b == Hard || b == Failed
}

// Happy reports whether the band is the one that is asked for a referral; of an audit
// none is.
func (b Band) Happy() bool { return b == Promoter || b == Satisfied || b == Easy }

// OfAudit reports whether the band is of an audit, whose score is no customer's.
func (b Band) OfAudit() bool { return b == Failed || b == Weak || b == Passed }

// Range returns the lowest and the highest score that the program's question
// takes.
func (p Program) Range() (low, high int) {
	switch p.Metric {
	case CSAT:
		if p.Scale == 10 {
			return 1, 10
		}
		return 1, 5
	case CES:
		return 1, 7
	case Audit:
		return 0, 100
	}
	return 0, 10
}

// ParseScore reads a score as a form or an API sends it. Anything but an integer
// in the program's range is an error that says what is wanted.
func (p Program) ParseScore(text string) (int, error) {
	low, high := p.Range()
	score, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0, fmt.Errorf("score %q is not a whole number: want %d to %d", clip(text, 20), low, high)
	}
	if score < low || score > high {
		return 0, fmt.Errorf("score %d is out of range: want %d to %d", score, low, high)
	}
	return score, nil
}

// BandOf classes a score of the program's metric. NPS: 0–6 detractor, 7–8
// passive, 9–10 promoter (Reichheld 2003). CSAT: top-2 box of 1–5 and ≥8 of
// 1–10 satisfied, the lower two fifths dissatisfied. CES: ≥5 easy, 4 neutral. An audit by
// the program's own Bands.
func (p Program) BandOf(score int) Band {
	switch p.Metric {
	case CSAT:
		_, high := p.Range()
		switch {
		case score*5 >= 4*high:
			return Satisfied
		case score*5 <= 2*high:
			return Dissatisfied
		}
		return Neutral
	case CES:
		switch {
		case score >= 5:
			return Easy
		case score <= 3:
			return Hard
		}
		return Neutral
	case Audit:
		return p.Bands.of(score)
	}
	switch {
	case score >= 9:
		return Promoter
	case score <= 6:
		return Detractor
	}
	return Passive
}

func clip(text string, runes int) string {
	for i := range text {
		if runes--; runes < 0 {
			return text[:i] + "…"
		}
	}
	return text
}
