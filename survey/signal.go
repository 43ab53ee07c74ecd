package survey

import (
	"strconv"
	"time"
)

// The names of the values that are written to CRM records, all below one prefix
// so that an administrator knows whose they are.
const (
	SignalNPSLast   = "cx_nps_last"    // contact: 0–10
	SignalNPSBand   = "cx_nps_band"    // contact: promoter, passive, detractor
	SignalNPSLastAt = "cx_nps_last_at" // contact: RFC 3339, UTC
	SignalCSATLast  = "cx_csat_last"   // contact: 1–5 or 1–10
	SignalCESLast   = "cx_ces_last"    // contact: 1–7
	SignalOpenCases = "cx_open_cases"  // contact and account: count
	// SignalUnanswered counts invitations of the last UnansweredSpan that expired without
	// an answer.
	SignalUnanswered = "cx_invites_unanswered_12m" // contact: count
	// A promoter's friends who left their details, and the deals that were won with them.
	SignalReferrals    = "cx_referrals"     // contact: count
	SignalReferralsWon = "cx_referrals_won" // contact: count
	SignalAccountNPS   = "cx_account_nps"   // account: −100 to 100, from MinGroup responses on
	SignalAccountNPSN  = "cx_account_nps_n" // account: how many responses stand behind it
)

// MinGroup is the fewest responses of which an aggregate is shown.
const MinGroup = 10

// UnansweredSpan is for how long an invitation counts that was not answered.
const UnansweredSpan = 365 * 24 * time.Hour

// ContactSignals are the values that a response puts on its contact: none on one who
// does not answer as a customer.
func ContactSignals(p Program, r Response) map[string]string {
	if p.Of != Customers {
		return nil
	}
	score := strconv.Itoa(r.Score)
	switch p.Metric {
	case CSAT:
		return map[string]string{SignalCSATLast: score}
	case CES:
		return map[string]string{SignalCESLast: score}
	}
	return map[string]string{
		SignalNPSLast:   score,
		SignalNPSBand:   string(r.Band),
		SignalNPSLastAt: r.AnsweredAt.UTC().Format(time.RFC3339),
	}
}
