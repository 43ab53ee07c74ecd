package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Campaign is one run of a relational program through its audience.
type Campaign struct {
	// ID is the lane of its items in the inbox.
	ID      string
	Program string
	Version string // of the program, which it keeps to its end
	State   survey.CampaignState
	// Paused says that its program is paused: nothing more is handed over.
	Paused bool
	// Cursor is where the CRM is read on from while the state is reading.
	Cursor string
	// Read is how many contacts the CRM has listed, Waiting how many of them wait for
	// their day, Dropped how many waited when it was cancelled.
	Read, Waiting, Dropped int
	// Invitations are those made so far, by state.
	Invitations map[survey.InvitationState]int
	StartedAt   time.Time
	EndedAt     time.Time // zero until then
}

// Listed is a contact that a CRM lists for a campaign.
type Listed struct {
	ContactKey string
	// Owner is whom the contact counts for, or "". It is kept as a keyed hash.
	Owner string
	// Timezone and Locale are the contact's. They are not kept.
	Timezone, Locale string
}

// CampaignPage is a page of a campaign's audience.
type CampaignPage struct {
	Campaign string
	// From and Next are the cursors before and after it; Next is "" on the last page.
	From, Next string
	Contacts   []Listed
	// PerDay and PerOwner are the most contacts of a day, in all and of one owner; 0 for
	// any number.
	PerDay, PerOwner int
	// First is the first day that is given: those before it are over. Width is over how
	// many days contacts are spread where no cap moves them on.
	First, Width int
	// DueAt is when a contact of the n-th day is due, from 0. Those that are due one after
	// another are handed on together.
	DueAt func(n int, l Listed) time.Time
}

// Postponement moves whole days of a campaign, so that its caps hold on the new ones.
type Postponement struct {
	Campaign string
	// Due is when the first of its contacts that wait are due. Where that is not so any
	// more nothing is moved.
	Due time.Time
	// Today is which day it is. Contacts of earlier ones get a day after all others, and
	// not before this one.
	Today int
	// Day is when the n-th day begins, from 0.
	Day func(n int) time.Time
}

// MaxCampaignBatch is the most contacts of a campaign that are handed on together: their
// mails share timers and calls.
const MaxCampaignBatch = 2500

// CampaignBatchesAtOnce is how many batches of a campaign are handed over and not yet
// admitted at most.
const CampaignBatchesAtOnce = 4

// Campaigns keeps the runs of relational programs.
type Campaigns interface {
	// BeginCampaign keeps a new one, or returns the one that has its id, or that of its
	// program that has not ended.
	BeginCampaign(ctx context.Context, c Campaign) (Campaign, error)
	// Campaign returns one.
	Campaign(ctx context.Context, id string) (Campaign, error)
	// Campaigns lists those of a program, of all programs for "", the latest first.
	Campaigns(ctx context.Context, program string) ([]Campaign, error)
	// QueuePage gives the contacts of a page their days and puts them into the inbox, in
	// one transaction. A page whose From is not the cursor was dealt with before, and one
	// of a campaign that does not read any more is not wanted: both change nothing. It
	// returns where the campaign stands then.
	QueuePage(ctx context.Context, page CampaignPage) (state survey.CampaignState, cursor string, err error)
	// CampaignDueAt returns when the next of its contacts that wait are due; done where
	// none waits and all batches are admitted.
	CampaignDueAt(ctx context.Context, id string) (due time.Time, done bool, err error)
	// PostponeCampaign gives contacts of a campaign whose days are over without their
	// having been handed on other days.
	PostponeCampaign(ctx context.Context, p Postponement) error
	// EndCampaign ends one that is not ended, once all its contacts were dealt with.
	EndCampaign(ctx context.Context, id string, at time.Time) error
	// CancelCampaign ends one that is not ended: who waits is not asked, and invitations
	// whose mail is not begun are cancelled. It returns ErrNotFound where it has ended.
	CancelCampaign(ctx context.Context, id string, at time.Time) error
	// PauseProgram stops the mails of a program, and of its campaign, until it is
	// resumed. One that is paused stays so.
	PauseProgram(ctx context.Context, program string, at time.Time) error
}
