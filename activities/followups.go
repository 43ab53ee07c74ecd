package activities

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/insight/effect"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// FollowedUp are customers of whom it is asked whether a call helped, with what is known of
// them.
type FollowedUp struct {
	Customers []effect.Customer
	// Purchases and Contracts say whether anything is known of those.
	Purchases, Contracts bool
	// Currency is that of the amounts of Purchases, "" where they are not all known or are in
	// several currencies: then no amounts are told.
	Currency string
}

// FollowUpReader reads how customers were followed up and what came of it.
type FollowUpReader struct {
	Store    store.Store
	Programs *Programs
	// Facts name the fields that say what a customer is worth and which segment it is of.
	Facts survey.CaseFacts
	Now   time.Time
}

// Cases are the customers whose unhappy answers opened cases since a moment: each account
// once, by its first case, as customers of one account are not independent of each other.
func (r FollowUpReader) Cases(ctx context.Context, since time.Time) (FollowedUp, error) {
	all, err := r.Store.FollowUps(ctx, since, r.Now)
	if err != nil {
		return FollowedUp{}, err
	}
	seen := map[string]bool{}
	all = slices.DeleteFunc(all, func(f store.FollowUp) bool {
		owner := historyOf(f)
		out := seen[owner] || !f.Band.Unhappy()
		seen[owner] = seen[owner] || !out
		return out
	})
	return r.read(ctx, all, func(f store.FollowUp, c *effect.Customer) {
		c.Waited = math.Inf(1)
		if !f.SpokenAt.IsZero() {
			c.Waited = max(0, days(f.SpokenAt.Sub(f.OpenedAt)))
		}
	})
}

// HeldOut are the customers of a program about whom chance decided.
type HeldOut struct {
	Program string
	// Share is the part that is held out. Who was drawn while it was another is no part of it.
	Share float64
	FollowedUp
}

// HoldOuts are the draws of each program with its latest share, in order of their ids: each
// account once, by the first draw about it.
func (r FollowUpReader) HoldOuts(ctx context.Context) ([]HeldOut, error) {
	all, err := r.Store.Draws(ctx)
	if err != nil {
		return nil, err
	}
	shares := map[string]float64{}
	for _, d := range all {
		shares[d.Program] = d.Share
	}
	drawn, seen, held := map[string][]store.FollowUp{}, map[string]bool{}, map[string]bool{}
	for _, d := range all {
		account := d.Program + "\x00" + historyOf(d.FollowUp)
		if !seen[account] && d.Share == shares[d.Program] {
			drawn[d.Program] = append(drawn[d.Program], d.FollowUp)
			held[d.ResponseID] = d.Held
		}
		seen[account] = true
	}
	var out []HeldOut
	for _, program := range slices.Sorted(maps.Keys(drawn)) {
		found, err := r.read(ctx, drawn[program], func(f store.FollowUp, c *effect.Customer) { c.Held = held[f.ResponseID] })
		if err != nil {
			return nil, err
		}
		out = append(out, HeldOut{Program: program, Share: shares[program], FollowedUp: found})
	}
	return out, nil
}

// historiesAtOnce is how many customers are read at once.
const historiesAtOnce = 500

// read makes customers of answers; begin sets what is known of the follow-up.
func (r FollowUpReader) read(ctx context.Context, all []store.FollowUp, begin func(store.FollowUp, *effect.Customer)) (FollowedUp, error) {
	var out FollowedUp
	amounts := amountsOf{}
	for chunk := range slices.Chunk(all, historiesAtOnce) {
		histories, err := r.histories(ctx, chunk)
		if err != nil {
			return FollowedUp{}, err
		}
		accounts, contacts, err := r.people(ctx, chunk)
		if err != nil {
			return FollowedUp{}, err
		}
		for _, f := range chunk {
			program, err := r.Programs.Get(ctx, f.Program, f.Version)
			if err != nil {
				return FollowedUp{}, err
			}
			h := histories[historyOf(f)]
			c := effect.Customer{
				Metric: metricOf(program), Score: ofHundred(program, f.Score), Followed: max(0, days(r.Now.Sub(f.OpenedAt))),
				Segment: r.Facts.Value(r.Facts.Segment, accounts[f.AccountKey], contacts[f.ContactKey]),
				Value:   numberOf(r.Facts.Value(r.Facts.Worth, accounts[f.AccountKey], contacts[f.ContactKey])),
			}
			begin(f, &c)
			if err := r.addAnswers(ctx, f, h, &c); err != nil {
				return FollowedUp{}, err
			}
			r.addBehaviour(f, h, &c, amounts)
			out.Purchases = out.Purchases || len(h.Purchases) > 0
			out.Contracts = out.Contracts || len(h.Subscriptions) > 0
			out.Customers = append(out.Customers, c)
		}
	}
	out.Currency = amounts.currency()
	return out, nil
}

// historyOf is whose history counts: the account's where there is one.
func historyOf(f store.FollowUp) string {
	if f.AccountKey != "" {
		return f.AccountKey
	}
	return f.ContactKey
}

func (r FollowUpReader) histories(ctx context.Context, of []store.FollowUp) (map[string]store.CustomerHistory, error) {
	keys := map[string][]string{survey.ObjectAccount: {}, survey.ObjectContact: {}}
	for _, f := range of {
		kind := survey.ObjectAccount
		if f.AccountKey == "" {
			kind = survey.ObjectContact
		}
		keys[kind] = append(keys[kind], historyOf(f))
	}
	out := map[string]store.CustomerHistory{}
	for kind, some := range keys {
		if len(some) == 0 {
			continue
		}
		found, err := r.Store.Snapshot(ctx, store.SnapshotPage{Of: kind, Until: r.Now, Keys: some})
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			out[h.Key] = h
		}
	}
	return out, nil
}

func (r FollowUpReader) people(ctx context.Context, of []store.FollowUp) (map[string]survey.Account, map[string]survey.Contact, error) {
	var accountKeys, contactKeys []string
	for _, f := range of {
		contactKeys = append(contactKeys, f.ContactKey)
		if f.AccountKey != "" {
			accountKeys = append(accountKeys, f.AccountKey)
		}
	}
	accounts, err := r.Store.Accounts(ctx, accountKeys)
	if err != nil {
		return nil, nil, err
	}
	contacts, err := r.Store.Contacts(ctx, contactKeys)
	return accounts, contacts, err
}

// addAnswers adds what the contact of an answer was asked and said besides.
func (r FollowUpReader) addAnswers(ctx context.Context, f store.FollowUp, h store.CustomerHistory, c *effect.Customer) error {
	for _, i := range h.Invitations {
		if i.ContactKey != f.ContactKey || i.AnsweredAt.Equal(f.AnsweredAt) {
			continue
		}
		asked := effect.Invitation{Day: days(i.AskedAt.Sub(f.OpenedAt)), Answered: math.Inf(1)}
		if !i.AnsweredAt.IsZero() {
			asked.Answered = days(i.AnsweredAt.Sub(f.OpenedAt))
		}
		c.Invitations = append(c.Invitations, asked)
	}
	for _, a := range h.Answers {
		if a.ContactKey != f.ContactKey || a.ID == f.ResponseID {
			continue
		}
		program, err := r.Programs.Get(ctx, a.Program, a.Version)
		if err != nil {
			return err
		}
		if metricOf(program) == c.Metric {
			c.Answers = append(c.Answers, effect.Answer{
				Day: days(a.At.Sub(f.OpenedAt)), Score: ofHundred(program, a.Score), Unhappy: a.Band.Unhappy(),
			})
		}
	}
	return nil
}

// addBehaviour adds what the customer bought, and the contracts that ended.
func (r FollowUpReader) addBehaviour(f store.FollowUp, h store.CustomerHistory, c *effect.Customer, amounts amountsOf) {
	for _, p := range h.Purchases {
		if !p.CancelledAt.IsZero() && !p.CancelledAt.After(r.Now) {
			continue
		}
		worth, known := p.NetAt(r.Now)
		amounts.add(worth.Currency, known)
		c.Purchases = append(c.Purchases, effect.Purchase{Day: days(p.At.Sub(f.OpenedAt)), Amount: float64(worth.Amount) / 100})
	}
	for _, s := range h.Subscriptions {
		ended := !s.EndsAt.IsZero() && !s.EndsAt.After(r.Now)
		if !s.StartedAt.After(f.OpenedAt) && (!ended || s.EndsAt.After(f.OpenedAt)) {
			c.Contract = true
			if ended {
				c.Ends = append(c.Ends, days(s.EndsAt.Sub(f.OpenedAt)))
			}
		}
	}
}

// amountsOf counts purchases by their currency, "" for those of whom no amount is known.
type amountsOf map[string]int

func (a amountsOf) add(currency string, known bool) {
	if !known {
		currency = ""
	}
	a[currency]++
}

func (a amountsOf) currency() string {
	if len(a) != 1 {
		return ""
	}
	for currency := range a {
		return currency
	}
	return ""
}

// metricOf names what scores can be compared with: CSAT of five is not that of ten.
func metricOf(p survey.Program) string {
	if p.Metric != survey.CSAT {
		return string(p.Metric)
	}
	_, high := p.Range()
	return string(p.Metric) + strconv.Itoa(high)
}

// ofHundred is a score in points of 100, from the lowest of its scale to the highest.
func ofHundred(p survey.Program, score int) float64 {
	low, high := p.Range()
	return 100 * float64(score-low) / float64(high-low)
}

func days(d time.Duration) float64 { return d.Hours() / 24 }

// numberOf is NaN for what is no number.
func numberOf(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) {
		return math.NaN()
	}
	return n
}
