package survey

import (
	"slices"
	"strings"
	"time"
)

// ContactRules are the limits that hold across all programs. Every limit but
// Quarantine is off where it is zero.
type ContactRules struct {
	// Quarantine is the gap between any two invitations of a contact, at least
	// 24 h in a configuration.
	Quarantine Span `json:"quarantine" yaml:"quarantine"`
	// Quarantines are the gaps between two invitations of a contact by programs of
	// one kind.
	Quarantines map[Kind]Span `json:"quarantines,omitempty" yaml:"quarantines"`
	// TouchpointAgain is the gap between the invitations of a contact by different
	// programs at one touchpoint; a program's own is its AgainAfter.
	TouchpointAgain Span `json:"touchpoint_again,omitempty" yaml:"touchpoint_again"`
	// PerMonth and PerYear are the most invitations of a contact in any 30 and 365
	// days.
	PerMonth int `json:"per_month,omitempty" yaml:"per_month"`
	PerYear  int `json:"per_year,omitempty" yaml:"per_year"`
	// PerAccount limits the invitations of all contacts of an account.
	PerAccount AccountCap `json:"per_account,omitzero" yaml:"per_account"`
	// DailyCap is the most invitations of all programs whose mails are due on one
	// day, in UTC.
	DailyCap int `json:"daily_cap,omitempty" yaml:"daily_cap"`
	// BlockedDomains are domains of mail addresses that nobody is asked at, those
	// below them too, in small letters.
	BlockedDomains []string `json:"blocked_domains,omitempty" yaml:"-"`
	// NotDuringCase: nobody is asked while there is an open case in the account, or
	// of a contact without an account.
	NotDuringCase bool `json:"not_during_case,omitempty" yaml:"not_during_case"`
	// CustomerSince names the contact's attribute from which Tenure is counted.
	CustomerSince string `json:"customer_since,omitempty" yaml:"customer_since"`
	// MarketingConsent and OpenTicket are expressions over contact and account, or "": where
	// the first holds marketing is consented to, where the second does a ticket is open.
	// They decide about asks, not about surveys.
	MarketingConsent string `json:"marketing_consent,omitempty" yaml:"marketing_consent"`
	OpenTicket       string `json:"open_ticket,omitempty" yaml:"open_ticket"`
	// NotWhen are conditions: whoever fits all fields of one is not asked. A field is
	// contact.<attribute>, account.<attribute> or account.name, with its text.
	NotWhen []map[string]string `json:"not_when,omitempty" yaml:"-"`
}

// AccountCap is the most invitations of an account within a span.
type AccountCap struct {
	Invitations int  `json:"invitations,omitempty" yaml:"invitations"`
	Within      Span `json:"within,omitempty" yaml:"within"`
}

// Eligibility is what a program says of whom it asks. Its zero value limits nothing.
type Eligibility struct {
	// Touchpoint is where in the customer's journey the program asks; "" means a
	// touchpoint of its own, named by its id.
	Touchpoint string `json:"touchpoint,omitempty" yaml:"touchpoint"`
	// Priority decides between programs that want the same person: the higher takes
	// over what the lower has reserved and not begun to mail.
	Priority int `json:"priority,omitempty" yaml:"priority"`
	// Sampling is the share of contacts that the program asks, above 0 to 1; 0
	// means all.
	Sampling float64 `json:"sampling,omitempty" yaml:"sampling"`
	// DailyCap is the most invitations of the program whose mails are due on one
	// day, in UTC; 0 means any number.
	DailyCap int `json:"daily_cap,omitempty" yaml:"daily_cap"`
	// Tenure is the least time since the contact's attribute that
	// ContactRules.CustomerSince names.
	Tenure Span `json:"tenure,omitempty" yaml:"tenure"`
}

// The lengths of the windows of ContactRules.PerMonth and PerYear.
const (
	monthWindow = 30 * 24 * time.Hour
	yearWindow  = 365 * 24 * time.Hour
)

// AtTouchpoint is the touchpoint that the program asks at.
func (p Program) AtTouchpoint() string {
	if p.Touchpoint == "" {
		return p.ID
	}
	return p.Touchpoint
}

// blocks reports whether nobody is asked at an address.
func (r ContactRules) blocks(email string) bool {
	email = strings.ToLower(strings.TrimSpace(email))
	domain := email[strings.LastIndexByte(email, '@')+1:]
	return slices.ContainsFunc(r.BlockedDomains, func(blocked string) bool {
		return domain == blocked || strings.HasSuffix(domain, "."+blocked)
	})
}

// notWhen is the number of the first condition of NotWhen that a contact and its
// account fit, from 1; 0 where they fit none.
func (r ContactRules) notWhen(c Contact, a Account) int {
	return 1 + slices.IndexFunc(r.NotWhen, func(fields map[string]string) bool {
		for field, want := range fields {
			if got, known := attribute(field, c, a); !known || got != want {
				return false
			}
		}
		return len(fields) > 0
	})
}

// attribute is the value of a field of NotWhen.
func attribute(field string, c Contact, a Account) (value string, known bool) {
	of, name, _ := strings.Cut(field, ".")
	switch {
	case of == "contact":
		value, known = c.Attributes[name]
	case name == "name":
		value, known = a.Name, a.Name != ""
	default:
		value, known = a.Attributes[name]
	}
	return value, known
}

// AdmissionReads says what the rules see of the candidates of a program, so that no
// more is read and locked.
type AdmissionReads struct {
	// Since is the age of the oldest invitation of a person that counts.
	Since time.Time
	// Account: the account's name and attributes.
	Account bool
	// OpenCase: whether there is an open case.
	OpenCase bool
	// AccountSince is the age of the oldest invitation of an account that counts;
	// zero where accounts have no cap.
	AccountSince time.Time
	// OnDay and OnDayByAll: how many are invited on a day, by the program and by all.
	OnDay, OnDayByAll bool
}

// ReadsFor says what Decide needs of the candidates of a program at a moment.
func ReadsFor(p Program, rules ContactRules, now time.Time) AdmissionReads {
	rules = rules.For(p)
	oldest := max(p.AgainAfter, rules.Quarantine, rules.Quarantines[p.Kind], rules.TouchpointAgain)
	if rules.PerMonth > 0 {
		oldest = max(oldest, Span(monthWindow))
	}
	if rules.PerYear > 0 {
		oldest = max(oldest, Span(yearWindow))
	}
	reads := AdmissionReads{
		Since: now.Add(-oldest.Std()), OpenCase: rules.NotDuringCase,
		OnDay: p.DailyCap > 0, OnDayByAll: rules.DailyCap > 0,
		Account: slices.ContainsFunc(rules.NotWhen, func(fields map[string]string) bool {
			for field := range fields {
				if strings.HasPrefix(field, "account.") {
					return true
				}
			}
			return false
		}),
	}
	if rules.PerAccount.Invitations > 0 {
		reads.AccountSince = now.Add(-rules.PerAccount.Within.Std())
	}
	return reads
}
