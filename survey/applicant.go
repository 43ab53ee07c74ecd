package survey

import (
	"slices"
	"strconv"
	"time"
)

// Applicant is what is known of one contact that a program wants to ask, read in the
// transaction that records the decision. What AdmissionReads does not ask for is zero.
type Applicant struct {
	Found   bool
	Contact Contact
	Account Account
	// ByLink: the survey is shown by a link and no mail is sent, so that no address is
	// needed.
	ByLink bool
	// Bounced: a mail to its address came back for good.
	Bounced bool
	// DeadNumber: its phone number takes no SMS.
	DeadNumber bool
	// Unsubscribed: the contact, or another one with its address.
	Unsubscribed bool
	// LeftProgram: one of them unsubscribed from this program's mails alone.
	LeftProgram bool
	OpenCase    bool
	// Verdicts are what the program's expressions say of the contact.
	Verdicts Verdicts
	// Past are the invitations of the contact and of all others with its address
	// that were mailed, may have been, or may still be.
	Past []PastInvitation
	// InAccount counts the invitations of the account since
	// AdmissionReads.AccountSince.
	InAccount int
	// Due is when the mail goes out if the contact is asked.
	Due time.Time
	// OnDay and OnDayByAll count the invitations for the day of Due, by the program
	// that asks and by all.
	OnDay, OnDayByAll int
}

// PastInvitation is an earlier invitation of the same person.
type PastInvitation struct {
	ID         string
	Program    string
	Kind       Kind
	Touchpoint string
	Priority   int
	AccountKey string
	// At is when it was mailed, or is to be.
	At time.Time
	// Reserved: its mail is not begun, so that a better program may take it over.
	Reserved bool
}

// Ruling is what the rules make of an applicant.
type Ruling struct {
	// Rule says no; "" admits.
	Rule Rule
	// Facts are what the rule saw.
	Facts AdmissionFacts
}

// Decide asks the rules. Where they say no only because of what worse programs have
// reserved, it admits, and the facts name the reservations that are taken over:
// the latest first, and no more than it takes.
func Decide(p Program, rules ContactRules, a Applicant, now time.Time) Ruling {
	rules = rules.For(p)
	if p.Of == Auditors {
		a.Past = nil // what is due later counts whatever the gap
	}
	facts := factsOf(p, rules, a, now)
	rule := Admit(p, rules, facts, now)
	facts.Limit = limitOf(rule, p, rules)
	refused := Ruling{Rule: rule, Facts: facts}
	accountSince := ReadsFor(p, rules, now).AccountSince
	var outranked []string
	for rule != "" {
		taken, found := a.latestBelow(p)
		if !found {
			return refused
		}
		outranked = append(outranked, taken.ID)
		a = a.without(taken, accountSince)
		facts = factsOf(p, rules, a, now)
		rule = Admit(p, rules, facts, now)
	}
	facts.Outranks = outranked
	return Ruling{Facts: facts}
}

// latestBelow is the latest reservation that a program may take over.
func (a Applicant) latestBelow(p Program) (latest PastInvitation, found bool) {
	for _, i := range a.Past {
		if i.Reserved && i.Program != p.ID && i.Priority < p.Priority && (!found || i.At.After(latest.At)) {
			latest, found = i, true
		}
	}
	return latest, found
}

// without is the applicant as it is once a reservation is taken over.
func (a Applicant) without(taken PastInvitation, accountSince time.Time) Applicant {
	a.Past = slices.DeleteFunc(slices.Clone(a.Past), func(i PastInvitation) bool { return i.ID == taken.ID })
	if taken.AccountKey != "" && taken.AccountKey == a.Contact.AccountKey && taken.At.After(accountSince) {
		a.InAccount--
	}
	if DayOf(taken.At).Equal(DayOf(a.Due)) {
		a.OnDayByAll--
	}
	return a
}

// DayOf is the beginning of the day of daily caps that a moment is on, in UTC.
func DayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func factsOf(p Program, rules ContactRules, a Applicant, now time.Time) AdmissionFacts {
	facts := AdmissionFacts{
		Found: a.Found, HasAddress: a.Contact.Email != "", ByLink: a.ByLink, Bounced: a.Bounced, Unsubscribed: a.Unsubscribed,
		LeftProgram: a.LeftProgram, Verdicts: a.Verdicts, NoAccount: p.Of == Auditors && a.Contact.AccountKey == "",
		BlockedDomain: rules.blocks(a.Contact.Email), NotWhen: rules.notWhen(a.Contact, a.Account),
		Tenure: tenureOf(p, a.Contact.Attributes[rules.CustomerSince], now), OpenCase: rules.NotDuringCase && a.OpenCase,
		NotSampled: !p.samples(a.Contact.Key),
	}
	if p.Channel == ChannelSMS {
		facts.HasPhone, facts.Bounced = a.Contact.Phone != "", a.DeadNumber
	}
	for _, i := range a.Past {
		facts.LastInvited = later(facts.LastInvited, i.At)
		switch {
		case i.Program == p.ID:
			facts.LastByThis = later(facts.LastByThis, i.At)
		case i.Touchpoint == p.AtTouchpoint():
			facts.LastAtTouchpoint = later(facts.LastAtTouchpoint, i.At)
		}
		if i.Kind == p.Kind && rules.Quarantines[p.Kind] > 0 {
			facts.LastOfKind = later(facts.LastOfKind, i.At)
		}
		if rules.PerMonth > 0 && i.At.After(now.Add(-monthWindow)) {
			facts.InMonth++
		}
		if rules.PerYear > 0 && i.At.After(now.Add(-yearWindow)) {
			facts.InYear++
		}
	}
	if a.Contact.AccountKey != "" && rules.PerAccount.Invitations > 0 {
		facts.InAccount = a.InAccount
	}
	if p.DailyCap > 0 {
		facts.OnDay = a.OnDay
	}
	if rules.DailyCap > 0 {
		facts.OnDayByAll = a.OnDayByAll
	}
	return facts
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// samples reports whether a contact is in the program's sample, which is the same
// each time: a hash of both decides.
func (p Program) samples(contactKey string) bool {
	if p.Sampling == 0 || p.Sampling >= 1 {
		return true
	}
	return hashed("sampling", p.ID, contactKey) < p.Sampling
}

// Tenure is how a contact stands to a program's least tenure.
type Tenure string

// The tenures. TenureUnknown: the CRM does not tell since when.
const (
	TenureLongEnough Tenure = "long_enough"
	TenureTooShort   Tenure = "too_short"
	TenureUnknown    Tenure = "unknown"
)

// tenureOf is "" where the program wants none.
func tenureOf(p Program, since string, now time.Time) Tenure {
	if p.Tenure == 0 {
		return ""
	}
	switch at, known := parseMoment(since); {
	case !known:
		return TenureUnknown
	case now.Before(at.Add(p.Tenure.Std())):
		return TenureTooShort
	}
	return TenureLongEnough
}

// parseMoment reads what CRMs write: RFC 3339, a date (midnight in UTC), or
// milliseconds since 1970.
func parseMoment(text string) (t time.Time, known bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	const shortest = 10_000_000_000 // of April 1970: a smaller number is none of milliseconds
	ms, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(ms), err == nil && ms >= shortest
}
