package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Campaigns takes relational programs through their audiences. Its activities touch the
// database alone.
type Campaigns struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
}

// CampaignInput says which program asks its audience.
type CampaignInput struct {
	Program string
	// Campaign is the id of one that was begun before, or "".
	Campaign string
}

// CampaignRef names a campaign and the CRM that lists its audience. Both are "" where none
// begins.
type CampaignRef struct {
	Campaign string
	CRM      string
}

// BeginInput is a campaign's workflow.
type BeginInput struct {
	CampaignInput
	// Run tells this campaign of the program from others.
	Run string
}

// BeginCampaign keeps a campaign of the program as it is configured now. None begins
// where it is not configured any more, or another one is under way: that one's workflow
// may be one that housekeeping began again, of which the schedule does not know.
func (a *Campaigns) BeginCampaign(ctx context.Context, in BeginInput) (CampaignRef, error) {
	if in.Campaign != "" {
		return a.ref(ctx, in.Campaign)
	}
	program, ok := a.Programs.Configured(in.Program)
	if !ok || program.Kind != survey.Relational {
		return CampaignRef{}, nil
	}
	version := program.Version()
	begun, err := a.Store.BeginCampaign(ctx, store.Campaign{
		ID: survey.CampaignID(in.Program, version, in.Run), Program: in.Program, Version: version, StartedAt: a.Clock.Now(),
	})
	if err != nil {
		return CampaignRef{}, err
	}
	// An earlier attempt may have begun it under another version.
	if _, _, run, _ := survey.ParseCampaignID(begun.ID); run != in.Run {
		return CampaignRef{}, nil
	}
	return a.ref(ctx, begun.ID)
}

func (a *Campaigns) ref(ctx context.Context, id string) (CampaignRef, error) {
	campaign, err := a.Store.Campaign(ctx, id)
	if err != nil {
		return CampaignRef{}, err
	}
	program, err := a.Programs.Get(ctx, campaign.Program, campaign.Version)
	if err != nil {
		return CampaignRef{}, err
	}
	return CampaignRef{Campaign: id, CRM: program.From.CRM}, nil
}

// How often it is looked whether a campaign is over when nothing says when it will be, in
// scaled time, and at least on the real clock.
const (
	campaignLook      = 10 * time.Minute
	campaignLookLeast = 2 * time.Second
)

// CampaignStep says when to look again.
type CampaignStep struct {
	Ended bool
	// At is on the real clock.
	At time.Time
}

// FollowCampaign ends a campaign whose contacts are all dealt with, or says when to look
// again.
func (a *Campaigns) FollowCampaign(ctx context.Context, in CampaignRef) (CampaignStep, error) {
	campaign, err := a.Store.Campaign(ctx, in.Campaign)
	if err != nil || campaign.State.Ended() {
		return CampaignStep{Ended: err == nil}, err
	}
	due, done, err := a.Store.CampaignDueAt(ctx, in.Campaign)
	if err != nil {
		return CampaignStep{}, err
	}
	now := a.Clock.Now()
	if done && campaign.State == survey.CampaignAsking {
		return CampaignStep{Ended: true}, a.Store.EndCampaign(ctx, in.Campaign, now)
	}
	if due.After(now) {
		return CampaignStep{At: a.Clock.Real(due)}, nil
	}
	if campaign.Paused && !due.IsZero() {
		if err := a.postpone(ctx, campaign, due, now); err != nil {
			return CampaignStep{}, err
		}
	}
	return CampaignStep{At: later(a.Clock.Real(now.Add(campaignLook)), a.Clock.Real(now).Add(campaignLookLeast))}, nil
}

// postpone gives those other days whose day went by while the program was paused, so that
// they are not all asked at the moment at which it is resumed.
func (a *Campaigns) postpone(ctx context.Context, campaign store.Campaign, due, now time.Time) error {
	program, err := a.Programs.Get(ctx, campaign.Program, campaign.Version)
	if err != nil {
		return err
	}
	spread, began := program.Spread, campaign.StartedAt
	today := spread.Today(began, now)
	if !due.Before(spread.Day(began, today)) {
		return nil
	}
	return a.Store.PostponeCampaign(ctx, store.Postponement{
		Campaign: campaign.ID, Due: due, Today: today, Day: func(n int) time.Time { return spread.Day(began, n) },
	})
}

// Audience reads a CRM's contacts for campaigns. Its activity runs on the CRM's queue.
type Audience struct {
	Store    store.Store
	Programs *Programs
	CRMs     map[string]crm.CRM
	Clock    survey.Clock
}

// AudienceRead says whether all of an audience is read.
type AudienceRead struct{ All bool }

// ReadAudience reads pages of a campaign's audience on from where the store says, saves
// their contacts and gives each a day, until all is read or the activity's time is over.
func (a *Audience) ReadAudience(ctx context.Context, in CampaignRef) (AudienceRead, error) {
	lister, ok := a.CRMs[in.CRM].(crm.Lister)
	if !ok {
		return AudienceRead{}, fmt.Errorf("crm %q cannot list contacts, or is not configured any more", in.CRM)
	}
	campaign, err := a.Store.Campaign(ctx, in.Campaign)
	if err != nil {
		return AudienceRead{}, err
	}
	program, err := a.Programs.Get(ctx, campaign.Program, campaign.Version)
	if err != nil {
		return AudienceRead{}, err
	}
	stop := heartbeats(ctx)
	defer stop()
	for campaign.State == survey.CampaignReading {
		if timeForACall(ctx) != nil {
			return AudienceRead{}, nil
		}
		page, err := lister.Audience(ctx, crm.AudienceQuery{Where: program.From.Where, After: campaign.Cursor})
		if err != nil {
			return AudienceRead{}, readable(err)
		}
		if err := a.Store.SaveContacts(ctx, page.Contacts, page.Accounts); err != nil {
			return AudienceRead{}, err
		}
		campaign.State, campaign.Cursor, err = a.Store.QueuePage(ctx, campaignPage(program, campaign, page, a.Clock.Now()))
		if err != nil {
			return AudienceRead{}, err
		}
	}
	return AudienceRead{All: true}, nil
}

func campaignPage(program survey.Program, campaign store.Campaign, page crm.AudiencePage, now time.Time) store.CampaignPage {
	spread := program.Spread
	accounts := map[string]survey.Account{}
	for _, account := range page.Accounts {
		accounts[account.Key] = account
	}
	out := store.CampaignPage{
		Campaign: campaign.ID, From: campaign.Cursor, Next: page.Next,
		PerDay: spread.PerDay, PerOwner: spread.PerOwner, First: spread.Today(campaign.StartedAt, now), Width: spread.Width(campaign.StartedAt),
		DueAt: func(n int, l store.Listed) time.Time {
			return program.HandedOnAt(spread.Day(campaign.StartedAt, n), l.Timezone, l.Locale)
		},
	}
	for _, contact := range page.Contacts {
		out.Contacts = append(out.Contacts, store.Listed{
			ContactKey: contact.Key, Owner: ownerOf(spread.Owner, contact, accounts[contact.AccountKey]), Timezone: contact.Timezone, Locale: contact.Locale,
		})
	}
	return out
}

// ownerOf reads the field that names an owner, "" where it has no value.
func ownerOf(field string, contact survey.Contact, account survey.Account) string {
	if name, of := strings.CutPrefix(field, "contact."); of {
		return contact.Attributes[name]
	}
	return account.Attributes[strings.TrimPrefix(field, "account.")]
}
