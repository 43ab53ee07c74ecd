package survey

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Friend is somebody to whom a promoter passed a link on, as they told of themselves.
type Friend struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	Email     string `json:"email"`
	Company   string `json:"company,omitempty"`
	Message   string `json:"message,omitempty"`
	// Locale is the language that they read the page in.
	Locale string `json:"locale,omitempty"`
	// Consent is the text that they agreed to, and ConsentAt when.
	Consent   string    `json:"consent"`
	ConsentAt time.Time `json:"consent_at"`
	// MayTell: the promoter may hear of them by their first name.
	MayTell bool `json:"may_tell,omitempty"`
}

// The longest texts taken of a friend, in characters.
const (
	MaxFriendName    = 80
	MaxFriendCompany = 120
	MaxFriendMessage = 2000
)

// FriendFault names a field of the landing page that a friend has to look at again.
type FriendFault string

// The fields of the landing page.
const (
	FriendFirstName FriendFault = "first_name"
	FriendLastName  FriendFault = "last_name"
	FriendEmail     FriendFault = "email"
	FriendCompany   FriendFault = "company"
	FriendMessage   FriendFault = "message"
	FriendConsent   FriendFault = "consent"
)

// Fault returns the first field that cannot be taken as it is, "" for none. Names that
// hold an address of the web are how spam comes.
func (f Friend) Fault() FriendFault {
	switch {
	case f.FirstName == "" || !plainName(f.FirstName, MaxFriendName):
		return FriendFirstName
	case !plainName(f.LastName, MaxFriendName):
		return FriendLastName
	case !ValidAddress(f.Email):
		return FriendEmail
	case !plainName(f.Company, MaxFriendCompany):
		return FriendCompany
	case utf8.RuneCountInString(f.Message) > MaxFriendMessage:
		return FriendMessage
	case f.Consent == "":
		return FriendConsent
	}
	return ""
}

func plainName(text string, most int) bool {
	lower := strings.ToLower(text)
	for _, sign := range []string{"://", "www.", "http:", "https:", "\n", "\r"} {
		if strings.Contains(lower, sign) {
			return false
		}
	}
	return utf8.RuneCountInString(text) <= most
}

// LeadState is where somebody stands who left their details.
type LeadState string

// The states of a lead. The last three are no leads: of these nothing is kept but that
// they came.
const (
	// LeadNew waits for the CRM.
	LeadNew LeadState = "new"
	// LeadCreated is a contact in the CRM that was made of it.
	LeadCreated LeadState = "created"
	// LeadExisting is one whom the CRM had already: nothing of it was changed.
	LeadExisting LeadState = "existing"
	// LeadRefused is one that the CRM does not take; an operator can send it again.
	LeadRefused LeadState = "refused"
	// LeadOwn is the promoter, LeadKnown another contact whom the store knows, and
	// LeadDuplicate somebody who left their details before.
	LeadOwn       LeadState = "own"
	LeadKnown     LeadState = "known"
	LeadDuplicate LeadState = "duplicate"
)

// LeadStates are those of leads whose details are kept.
var LeadStates = []LeadState{LeadNew, LeadCreated, LeadExisting, LeadRefused}

// MaxLeadsADay is how many forms are taken by one promoter's link within a day.
const MaxLeadsADay = 50

// LeadThanksState is where the mail stands that thanks a promoter for a friend.
type LeadThanksState string

// The states of thanks. There is none before it is decided whether to thank.
const (
	LeadThanksWaiting    LeadThanksState = "waiting"
	LeadThanksSuppressed LeadThanksState = "suppressed"
	LeadThanksSent       LeadThanksState = "sent"
	// LeadThanksUnknown: the mail may or may not have gone out; it is not sent again.
	LeadThanksUnknown LeadThanksState = "unknown"
)

// RuleThankedToday keeps a promoter from being thanked twice in a day, whatever the
// number of friends.
const RuleThankedToday Rule = "thanked_today"

// leadThanksGap is how long after a thank-you mail the next one goes out at the earliest.
const leadThanksGap = 24 * time.Hour

// LeadThanksFacts are what the rules see of a promoter whom a mail is to thank.
type LeadThanksFacts struct {
	HasAddress   bool
	Bounced      bool
	Unsubscribed bool
	LastThanked  time.Time
}

// AdmitLeadThanks decides whether a promoter may be thanked at a moment. It returns the rule
// that says no, or "".
func AdmitLeadThanks(facts LeadThanksFacts, now time.Time) Rule {
	switch {
	case !facts.HasAddress:
		return RuleNoAddress
	case facts.Bounced:
		return RuleBounced
	case facts.Unsubscribed:
		return RuleUnsubscribed
	case !facts.LastThanked.IsZero() && now.Before(facts.LastThanked.Add(leadThanksGap)):
		return RuleThankedToday
	}
	return ""
}
