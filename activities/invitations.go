package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Invitations decides who is asked. Its activities touch the database alone.
type Invitations struct {
	Store    store.Store
	Programs *Programs
	Rules    survey.ContactRules
	Clock    survey.Clock
	NewID    func() string
	// Region is the one of phone numbers that are written without a country, or "".
	Region string
	// Dimensions are those that answers are counted by.
	Dimensions survey.Dimensions
}

// BatchRef names a batch of a program's invitations.
type BatchRef struct {
	Program string
	Version string
	Batch   string
}

// Prepared says what a batch needs before it can be admitted.
type Prepared struct {
	// CRMs are those to read contacts from, sorted.
	CRMs []string
	// Channel is how the program reaches its contacts.
	Channel survey.Channel
}

// PrepareInvitations saves the contacts that the batch's events carry and names the CRMs
// that the others have to be read from.
func (a *Invitations) PrepareInvitations(ctx context.Context, in BatchRef) (Prepared, error) {
	program, err := a.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Prepared{}, err
	}
	items, err := a.Store.BatchItems(ctx, in.Batch)
	if err != nil {
		return Prepared{}, err
	}
	var contacts []survey.Contact
	var accounts []survey.Account
	need := map[string]bool{}
	for _, item := range items {
		if item.Topic != store.TopicEvent { // of a campaign, or of a case: the contact is known
			continue
		}
		event, err := eventOf(item)
		if err != nil {
			return Prepared{}, err
		}
		if event.Object != nil {
			need[event.CRM] = true
			continue
		}
		contact, account := event.People()
		if contact != nil {
			if program.Of == survey.Auditors {
				contact.AccountKey = "" // the event's account is audited, not the auditor's own
			}
			contact.RefreshedAt = a.Clock.Now()
			contacts = append(contacts, *contact)
		}
		if account != nil {
			accounts = append(accounts, *account)
		}
	}
	if len(contacts)+len(accounts) > 0 {
		if err := a.savePeople(ctx, contacts, accounts); err != nil {
			return Prepared{}, err
		}
	}
	return Prepared{CRMs: slices.Sorted(maps.Keys(need)), Channel: program.Channel}, nil
}

// savePeople saves what events tell over what is known.
func (a *Invitations) savePeople(ctx context.Context, contacts []survey.Contact, accounts []survey.Account) error {
	knownContacts, err := a.Store.Contacts(ctx, keysOf(contacts, func(c survey.Contact) string { return c.Key }))
	if err != nil {
		return err
	}
	knownAccounts, err := a.Store.Accounts(ctx, keysOf(accounts, func(a survey.Account) string { return a.Key }))
	if err != nil {
		return err
	}
	for i, c := range contacts {
		contacts[i] = c.Over(knownContacts[c.Key])
		contacts[i].Phone, _ = survey.E164(contacts[i].Phone, a.Region)
		knownContacts[c.Key] = contacts[i]
	}
	for i, account := range accounts {
		accounts[i] = account.Over(knownAccounts[account.Key])
		knownAccounts[account.Key] = accounts[i]
	}
	return a.Store.SaveContacts(ctx, contacts, accounts)
}

func keysOf[T any](records []T, key func(T) string) []string {
	keys := make([]string, len(records))
	for i, r := range records {
		keys[i] = key(r)
	}
	return keys
}

// Admitted is what admission made of a batch.
type Admitted struct {
	Suppressed int
	// Groups are the admitted invitations by due time, the earliest first.
	Groups []Group
}

// Group is invitations that are sent together.
type Group struct {
	// Due is when the last of them is due, in scaled time, and At the same moment
	// on the real clock.
	Due, At     time.Time
	Invitations int
}

// groupWithin is how far apart the due times of one group may be: nobody minds
// a mail a minute late, and each group costs a timer and a vendor's call.
const groupWithin = time.Minute

// AdmitInput is a batch with the contacts that its CRM records lead to.
type AdmitInput struct {
	BatchRef
	Resolved []ResolvedItem
}

// ResolvedItem is an inbox item and the contacts that it is about.
type ResolvedItem struct {
	Item     int64
	Contacts []string
}

// AdmitInvitations decides a batch in one transaction and groups what was admitted.
func (a *Invitations) AdmitInvitations(ctx context.Context, in AdmitInput) (Admitted, error) {
	program, err := a.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Admitted{}, err
	}
	items, err := a.Store.BatchItems(ctx, in.Batch)
	if err != nil {
		return Admitted{}, err
	}
	if ofCases(items) {
		return a.admitAgain(ctx, in.BatchRef, program, items)
	}
	candidates, err := a.candidates(items, in, program)
	if err != nil {
		return Admitted{}, err
	}
	now := a.Clock.Now()
	if err := a.askConditions(ctx, in, items, candidates, now); err != nil {
		return Admitted{}, err
	}
	invitations, err := a.Store.Admit(ctx, store.AdmitRequest{
		Batch: in.Batch, Program: in.Program, Version: in.Version, Campaign: campaignOf(items), Candidates: candidates, Now: now,
		Kind: program.Kind, Channel: program.Channel, Touchpoint: program.AtTouchpoint(), Priority: program.Priority,
		NoAccount: program.Of == survey.Employees, Audit: program.Of == survey.Auditors,
		Reads: survey.ReadsFor(program, a.Rules, now), Dimensions: a.Dimensions.For(program),
		Decide: func(applicant survey.Applicant) survey.Ruling {
			return survey.Decide(program, a.Rules, applicant, now)
		},
		DueAt: func(c store.Candidate, contact survey.Contact) time.Time {
			return dueAt(program.As(program.VariantOf(contact.Key)), c, contact, now)
		},
		Variant: func(c survey.Contact) string { return program.VariantOf(c.Key) },
		Locale: func(c survey.Contact) string {
			_, locale := program.TextsFor(c.Locale)
			return locale
		},
		NewID: a.NewID,
	})
	if err != nil {
		return Admitted{}, err
	}
	return a.grouped(invitations), nil
}

// campaignOf is the campaign of a batch, or "".
func campaignOf(items []store.StoredItem) string {
	if len(items) == 0 || items[0].Topic != store.TopicCampaign {
		return ""
	}
	return items[0].Lane
}

func (a *Invitations) candidates(items []store.StoredItem, in AdmitInput, program survey.Program) ([]store.Candidate, error) {
	resolved := make(map[int64][]string, len(in.Resolved))
	for _, r := range in.Resolved {
		resolved[r.Item] = r.Contacts
	}
	dimensions := a.Dimensions.For(program)
	var out []store.Candidate
	for _, item := range items {
		if item.Topic == store.TopicCampaign {
			out = append(out, store.Candidate{ItemID: item.ID, ContactKey: item.Key, EventAt: item.DueAt})
			continue
		}
		event, err := eventOf(item)
		if err != nil {
			return nil, err
		}
		keys, audited := resolved[item.ID], ""
		contact, account := event.People()
		if contact != nil {
			keys = []string{contact.Key}
		}
		if account != nil && program.Of == survey.Auditors {
			audited = account.Key
		}
		if len(keys) == 0 {
			keys = []string{""}
		}
		for _, key := range keys {
			out = append(out, store.Candidate{
				ItemID: item.ID, ContactKey: key, AccountKey: audited, EventAt: a.Clock.Scaled(event.Time), Event: dimensions.OfEvent(event),
			})
		}
	}
	return out, nil
}

func (a *Invitations) grouped(invitations []store.Invitation) Admitted {
	var out Admitted
	now := a.Clock.Now()
	var due []time.Time
	for _, inv := range invitations {
		if inv.State == survey.InvitationSuppressed {
			out.Suppressed++
			continue
		}
		due = append(due, inv.DueAt)
	}
	slices.SortFunc(due, time.Time.Compare)
	for start := 0; start < len(due); {
		// What is overdue goes out together. Its time stays past: nothing waits for it.
		until := later(due[start], now).Add(groupWithin)
		end := start
		for end < len(due) && !due[end].After(until) {
			end++
		}
		last := due[end-1]
		out.Groups = append(out.Groups, Group{Due: last, At: a.Clock.Real(last), Invitations: end - start})
		start = end
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func eventOf(item store.StoredItem) (survey.Event, error) {
	var event survey.Event
	if err := json.Unmarshal(item.Payload, &event); err != nil {
		return survey.Event{}, fmt.Errorf("inbox item %d: %w", item.ID, err)
	}
	return event, nil
}

// Contacts reads people from a CRM. Its activity runs on the CRM's queue.
type Contacts struct {
	Store store.Store
	CRMs  map[string]crm.CRM
}

// ResolveInput names a batch and the CRM to read.
type ResolveInput struct {
	Batch string
	CRM   string
}

// ResolveContacts reads the contacts of a batch's events from a CRM, saves them and
// returns who they are.
func (a *Contacts) ResolveContacts(ctx context.Context, in ResolveInput) ([]ResolvedItem, error) {
	items, err := a.Store.BatchItems(ctx, in.Batch)
	if err != nil {
		return nil, err
	}
	var objects []survey.Object
	byObject := map[survey.Object][]int64{}
	for _, item := range items {
		event, err := eventOf(item)
		if err != nil {
			return nil, err
		}
		if event.CRM != in.CRM || event.Object == nil {
			continue
		}
		if byObject[*event.Object] == nil {
			objects = append(objects, *event.Object)
		}
		byObject[*event.Object] = append(byObject[*event.Object], item.ID)
	}
	stop := heartbeats(ctx)
	found, err := a.CRMs[in.CRM].Resolve(ctx, objects)
	stop()
	if err != nil {
		return nil, readable(err)
	}
	if err := a.Store.SaveContacts(ctx, found.Contacts, found.Accounts); err != nil {
		return nil, err
	}
	var out []ResolvedItem
	for _, object := range objects {
		for _, id := range byObject[object] {
			out = append(out, ResolvedItem{Item: id, Contacts: found.People[object]})
		}
	}
	return out, nil
}

// CountUnanswered returns how many of a batch are to be reminded.
func (a *Invitations) CountUnanswered(ctx context.Context, in RemindInput) (int, error) {
	program, err := a.Programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return 0, err
	}
	recipients, err := unanswered(ctx, a.Store, a.Rules.For(program), in, a.Clock.Now())
	return len(recipients), err
}
