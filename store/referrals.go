package store

import (
	"context"
	"errors"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// ErrTooManyLeads is returned, wrapped, where a promoter's link has brought more forms in
// a day than people would send.
var ErrTooManyLeads = errors.New("too many forms came by this link today")

// Lead is somebody who left their details on the page behind a promoter's link.
type Lead struct {
	ID      string
	AskID   string
	Program string
	Version string
	// CRM is that of the promoter, who is ContactKey; AccountKey is their account.
	CRM        string
	ContactKey string
	AccountKey string
	State      survey.LeadState
	// Reason is the CRM's code for why it does not take the lead, "" for none.
	Reason    string
	CreatedAt time.Time
	// TakenAt is when the CRM took it, or refused it.
	TakenAt   time.Time
	Thanks    survey.LeadThanksState
	ThankedAt time.Time
}

// LeadDetail is a lead with what is sealed of it, and its promoter.
type LeadDetail struct {
	Lead     Lead
	Friend   survey.Friend
	Promoter survey.Contact
}

// TakeLeadRequest is a form of the landing page.
type TakeLeadRequest struct {
	// ID of the lead: unguessable, of letters and digits. The first form of an ID counts.
	ID     string
	AskID  string
	Friend survey.Friend
	At     time.Time
}

// LeadThanks is a lead for which its promoter is to be thanked.
type LeadThanks struct {
	Lead    Lead
	Friend  survey.Friend
	Contact survey.Contact
	Account survey.Account
	Facts   survey.LeadThanksFacts
}

// LeadsBegun is what a batch of leads is about.
type LeadsBegun struct {
	// Leads is how many the CRM has to take.
	Leads int
	// CRMs are those whose signals changed, sorted.
	CRMs []string
}

// LeadOutcome is what the CRM made of a lead.
type LeadOutcome struct {
	ID    string
	State survey.LeadState
	// Record is the CRM's own id of the contact, "" where it told none.
	Record string
	Reason string
}

// Won is a deal that was won.
type Won struct {
	// Deal names it once and for all within its CRM.
	CRM, Deal string
	// Contacts are the keys of the contacts of the deal, Addresses their mail addresses as
	// far as the event tells them.
	Contacts  []string
	Addresses []string
	// Amount is what it is worth, nil where that is not known; Currency may be "".
	Amount   *survey.Hundredths
	Currency string
	At       time.Time
}

// Credited is what won deals came to.
type Credited struct {
	// Deals is how many were new and of somebody whom a promoter brought.
	Deals int
	// CRMs are those whose signals changed, sorted.
	CRMs []string
}

// ReferralFigure counts what came of a program's asks for referrals.
type ReferralFigure struct {
	Program string
	// Leads are the friends who left their details, by state.
	Leads map[survey.LeadState]int
	// Thanked counts the thank-you mails that were sent.
	Thanked int
	// Won counts deals, Revenue adds up what they are worth, by currency; "" is of deals
	// whose currency is not known.
	Won     int
	Revenue map[string]survey.Hundredths
}

// Referrals keeps who came by promoters' links, and what became of them.
type Referrals interface {
	// TakeLead keeps what a friend left, sealed by a key of its own, with an inbox item for
	// the CRM, and says what it is. Of those who are no leads nothing but that is kept.
	// It returns ErrNotFound without the ask, and ErrTooManyLeads.
	TakeLead(ctx context.Context, req TakeLeadRequest) (survey.LeadState, error)
	// BeginLeads takes the leads of a batch of inbox items out of the inbox, and sets the
	// signals of their promoters. Repeated, it returns what it returned the first time.
	BeginLeads(ctx context.Context, batch string, now time.Time, signals func(ReferralCounts) map[string]string) (LeadsBegun, error)
	// NewLeads returns the leads of a batch that the CRM has to take, oldest first.
	NewLeads(ctx context.Context, batch string) ([]LeadDetail, error)
	// LeadTaken notes what the CRM made of a new lead.
	LeadTaken(ctx context.Context, outcome LeadOutcome, at time.Time) error
	// AdmitLeadThanks decides, in one transaction, for which leads of a batch their promoters
	// are thanked: decide is asked in order of id, an admitted one counts as thanked from
	// now on, and the others are suppressed with the rule. Repeated, it decides again
	// about those whose mail was not begun, and returns what is admitted and not sent.
	AdmitLeadThanks(ctx context.Context, batch string, now time.Time, decide func(LeadThanks) survey.Rule) ([]LeadThanks, error)
	// MarkLeadThanked sets what became of thanks: sent, unknown or suppressed.
	MarkLeadThanked(ctx context.Context, ids []string, state survey.LeadThanksState, at time.Time) error
	// RefusedLeads returns up to limit leads that the CRM does not take, oldest first.
	RefusedLeads(ctx context.Context, limit int) ([]Lead, error)
	// RetryLead puts a refused lead back, as a batch of its own: ErrNotFound where there is
	// none.
	RetryLead(ctx context.Context, id, batch string) (LeadBatch, error)
	// CreditDeals credits the asks whose leads won deals are of, once a deal, to the first
	// of its leads, and takes the items of the batch out of the inbox.
	CreditDeals(ctx context.Context, batch string, won []Won, now time.Time, signals func(ReferralCounts) map[string]string) (Credited, error)
	// ReferralFigures counts by program what came by asks that were made in a period, from
	// since until before until; the zero time is no bound.
	ReferralFigures(ctx context.Context, since, until time.Time) ([]ReferralFigure, error)
}

// ReferralCounts are of one promoter, over all their asks.
type ReferralCounts struct {
	// Referred are the friends who left their details, Won the deals with them.
	Referred, Won int
}

// LeadBatch names a batch of leads of a CRM.
type LeadBatch struct{ CRM, Batch string }
