package activities

import (
	"context"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Referrals deals with the friends of promoters. Its activities touch the database alone.
type Referrals struct {
	Store store.Store
	Clock survey.Clock
}

// LeadsRef names a batch of friends who left their details, by the CRM of their promoters.
type LeadsRef struct{ CRM, Batch string }

// BeginLeads takes a batch out of the inbox and says what it is about. It may be repeated.
func (a *Referrals) BeginLeads(ctx context.Context, in LeadsRef) (store.LeadsBegun, error) {
	return a.Store.BeginLeads(ctx, in.Batch, a.Clock.Now(), referralSignals)
}

// referralSignals are what a promoter's contact shows of friends.
func referralSignals(n store.ReferralCounts) map[string]string {
	return map[string]string{survey.SignalReferrals: strconv.Itoa(n.Referred), survey.SignalReferralsWon: strconv.Itoa(n.Won)}
}

// AdmitLeadThanks decides whom a batch thanks and returns how many are to be mailed.
func (a *Referrals) AdmitLeadThanks(ctx context.Context, in LeadsRef) (int, error) {
	admitted, err := admitLeadThanks(ctx, a.Store, in.Batch, a.Clock.Now())
	return len(admitted), err
}

// admitLeadThanks decides what is undecided and returns what is admitted and not sent.
func admitLeadThanks(ctx context.Context, s store.Store, batch string, now time.Time) ([]store.LeadThanks, error) {
	return s.AdmitLeadThanks(ctx, batch, now, func(r store.LeadThanks) survey.Rule { return survey.AdmitLeadThanks(r.Facts, now) })
}

// LeadThanked says what comes after the mails of thanks of a batch.
type LeadThanked struct {
	// Again is when those are to be mailed whose window is closed now or for whom the
	// day has no room, on the real clock; zero where there are none.
	Again time.Time
}

// SendLeadThanks mails the promoters whose friends left their details.
func (m *Mail) SendLeadThanks(ctx context.Context, in LeadsRef) (LeadThanked, error) {
	thanks, err := admitLeadThanks(ctx, m.Store, in.Batch, m.Clock.Now())
	if err != nil {
		return LeadThanked{}, err
	}
	letters, err := m.referredLetters(ctx, thanks)
	if err != nil {
		return LeadThanked{}, err
	}
	letters, again := openNow(m.Clock, letters, func(l letter, at time.Time) time.Time {
		return l.config.FollowUp.Referral.InWindow(at, l.contact.Timezone)
	})
	mark := func(state survey.LeadThanksState) func(context.Context, []string) error {
		return func(ctx context.Context, ids []string) error {
			return m.Store.MarkLeadThanked(ctx, ids, state, m.Clock.Now())
		}
	}
	var held heldBack
	err = m.deliver(ctx, letters, outcome{
		sent: mark(survey.LeadThanksSent), unknown: mark(survey.LeadThanksUnknown), refused: mark(survey.LeadThanksSuppressed), held: &held,
	})
	return LeadThanked{Again: m.again(again, held)}, err
}

func (m *Mail) referredLetters(ctx context.Context, thanks []store.LeadThanks) ([]letter, error) {
	letters := make([]letter, 0, len(thanks))
	for _, r := range thanks {
		program, err := m.Programs.Get(ctx, r.Lead.Program, r.Lead.Version)
		if err != nil {
			return nil, err
		}
		_, locale := program.TextsFor(r.Contact.Locale)
		l := letter{
			sheet: sheet{kind: referredMail, program: r.Lead.Program, version: r.Lead.Version, locale: locale},
			id:    r.Lead.ID, cameOf: r.Lead.AskID, config: &program, contact: r.Contact, account: r.Account,
		}
		if r.Friend.MayTell {
			l.friend = r.Friend.FirstName
		}
		letters = append(letters, l)
	}
	return bySheet(letters), nil
}
