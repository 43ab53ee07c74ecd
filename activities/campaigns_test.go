package activities

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// relational has the world's program ask an audience.
func (w *world) relational(spread survey.Spread) {
	w.Helper()
	w.program.Kind, w.program.Delay, w.program.Trigger = survey.Relational, 0, survey.Trigger{}
	w.program.Campaign = survey.Campaign{
		Every: survey.Span(90 * day), From: &survey.Source{CRM: crmID, Where: map[string]string{"lifecyclestage": "customer"}}, Spread: &spread,
	}
	var err error
	w.programs, err = NewPrograms(w.Context(), w.store, []survey.Program{w.program})
	w.must(err)
}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri"}

// listing is a CRM that lists people a few at a time, by their numbers.
type listing struct {
	crm.CRM
	people []survey.Contact
	// before is told of each page, and may fail it.
	before func(query crm.AudienceQuery) error
}

const perPage = 3

func (l listing) Audience(_ context.Context, query crm.AudienceQuery) (page crm.AudiencePage, err error) {
	if l.before != nil {
		if err := l.before(query); err != nil {
			return crm.AudiencePage{}, err
		}
	}
	from := 0
	if query.After != "" {
		if _, err := fmt.Sscan(query.After, &from); err != nil {
			return crm.AudiencePage{}, err
		}
	}
	to := min(from+perPage, len(l.people))
	page.Contacts = l.people[from:to]
	for _, c := range page.Contacts {
		page.Accounts = append(page.Accounts, survey.Account{Key: c.AccountKey, CRM: crmID, ID: c.AccountKey[len(crmID)+1:], Name: "Nordwind", Attributes: map[string]string{"owner": c.AccountKey}})
	}
	if to < len(l.people) {
		page.Next = fmt.Sprint(to)
	}
	return page, nil
}

func (w *world) campaigns() *Campaigns {
	return &Campaigns{Store: w.store, Programs: w.programs, Clock: w.clock}
}

func (w *world) audience(client crm.CRM) *Audience {
	return &Audience{Store: w.store, Programs: w.programs, CRMs: map[string]crm.CRM{crmID: client}, Clock: w.clock}
}

func (w *world) begin() CampaignRef {
	w.Helper()
	ref, err := w.campaigns().BeginCampaign(w.Context(), BeginInput{CampaignInput{Program: w.program.ID}, "first"})
	w.must(err)
	return ref
}

func (w *world) campaign(ref CampaignRef) store.Campaign {
	w.Helper()
	c, err := w.store.Campaign(w.Context(), ref.Campaign)
	w.must(err)
	return c
}

// A campaign reads its CRM page by page, gives everybody a day, and its batches are
// mailed like any other.
func TestCampaignFromTheCRMToTheMails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays, PerDay: 4, PerOwner: 2, Owner: "account.owner"})
	ref := w.begin()
	require.Equal(t, CampaignRef{survey.CampaignID("nps", w.program.Version(), "first"), crmID}, ref)
	var asked []string
	client := listing{people: people(10), before: func(q crm.AudienceQuery) error {
		require.Equal(t, map[string]string{"lifecyclestage": "customer"}, q.Where)
		asked = append(asked, q.After)
		if len(asked) == 2 {
			return &integrations.Error{Vendor: crmID, Kind: integrations.Ambiguous, Code: "502"}
		}
		return nil
	}}
	_, err := run[AudienceRead](w, w.audience(client).ReadAudience, ref)
	fails(t, FailureRetryAfter, err)
	read, err := run[AudienceRead](w, w.audience(client).ReadAudience, ref)
	w.must(err)
	require.True(t, read.All)
	require.Equal(t, []string{"", "3", "3", "6", "9"}, asked, "what was read is not read again")
	require.Equal(t, 10, w.campaign(ref).Waiting)

	var mailed []int
	for range 4 { // of two companies with five people each, two a day are asked
		step, err := w.campaigns().FollowCampaign(t.Context(), ref)
		w.must(err)
		if step.Ended {
			break
		}
		w.moment.Store(int64(max(0, step.At.Sub(start))))
		batches, err := w.store.ClaimBatches(t.Context(), store.TopicCampaign, w.clock.Now(), time.Hour, nil)
		w.must(err)
		require.Len(t, batches, 1)
		batch := BatchRef{Program: w.program.ID, Version: w.program.Version(), Batch: batches[0].ID}
		prepared, err := w.invitations().PrepareInvitations(t.Context(), batch)
		w.must(err)
		require.Empty(t, prepared.CRMs, "all of them are known")
		admitted, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch})
		w.must(err)
		require.Len(t, admitted.Groups, 1)
		_, err = run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch, Due: admitted.Groups[0].Due})
		w.must(err)
		mailed = append(mailed, len(w.mailed()))
	}
	require.Equal(t, []int{4, 8, 10}, mailed)
	step, err := w.campaigns().FollowCampaign(t.Context(), ref)
	w.must(err)
	require.True(t, step.Ended)
	got := w.campaign(ref)
	require.Equal(t, survey.CampaignDone, got.State)
	require.Equal(t, map[survey.InvitationState]int{survey.InvitationSent: 10}, got.Invitations)
}

func TestCampaignOfAProgramThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // whose program is transactional
	for _, program := range []string{w.program.ID, "unheard-of"} {
		ref, err := w.campaigns().BeginCampaign(t.Context(), BeginInput{CampaignInput{Program: program}, "first"})
		w.must(err)
		require.Zero(t, ref)
	}
}

// A campaign keeps the version of its program, whatever is configured meanwhile.
func TestCampaignKeepsItsVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays})
	before := w.begin()
	w.relational(survey.Spread{Days: weekdays, PerDay: 1})
	again, err := w.campaigns().BeginCampaign(t.Context(), BeginInput{CampaignInput{w.program.ID, before.Campaign}, "first"})
	w.must(err)
	require.Equal(t, before, again)
	_, err = run[AudienceRead](w, w.audience(listing{people: people(5)}).ReadAudience, again)
	w.must(err)
	batches, err := w.store.ClaimBatches(t.Context(), store.TopicCampaign, w.clock.Now(), time.Hour, nil)
	w.must(err)
	require.Equal(t, 5, batches[0].Items, "on one day")
}

func TestCancelledCampaignIsNotReadOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays})
	ref := w.begin()
	step, err := w.campaigns().FollowCampaign(t.Context(), ref)
	w.must(err)
	require.False(t, step.Ended, "nobody waits before anybody was read")
	pages := 0
	client := listing{people: people(9), before: func(crm.AudienceQuery) error {
		if pages++; pages == 2 {
			w.must(w.store.CancelCampaign(t.Context(), ref.Campaign, w.clock.Now()))
		}
		return nil
	}}
	read, err := run[AudienceRead](w, w.audience(client).ReadAudience, ref)
	w.must(err)
	require.True(t, read.All)
	require.Equal(t, 2, pages)
	step, err = w.campaigns().FollowCampaign(t.Context(), ref)
	w.must(err)
	require.True(t, step.Ended)
	require.Equal(t, survey.CampaignCancelled, w.campaign(ref).State)
}

// A pause costs a campaign days, and none of its caps: who waited is not asked all at once.
func TestPausedCampaignKeepsItsPace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays, PerDay: 2})
	ref := w.begin()
	_, err := run[AudienceRead](w, w.audience(listing{people: people(6)}).ReadAudience, ref)
	w.must(err)
	w.must(w.store.PauseProgram(t.Context(), w.program.ID, start))
	spread := w.program.Spread
	w.moment.Store(int64(spread.Day(start, 2).Add(time.Hour).Sub(start))) // of three days one is left
	for range 2 {
		_, err := w.campaigns().FollowCampaign(t.Context(), ref)
		w.must(err)
	}
	w.must(w.store.Resume(t.Context(), w.program.ID, w.clock.Now()))
	for n := 2; n < 5; n++ {
		w.moment.Store(int64(spread.Day(start, n).Add(time.Hour).Sub(start)))
		batches, err := w.store.ClaimBatches(t.Context(), store.TopicCampaign, w.clock.Now(), time.Hour, nil)
		w.must(err)
		require.Len(t, batches, 1)
		require.Equal(t, 2, batches[0].Items, "day %d", n)
	}
	require.Equal(t, 6, w.campaign(ref).Waiting, "none is admitted yet")
}

// A CRM that answers days later does not bring the days together that went by.
func TestCampaignThatIsReadLateBeginsLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays, PerDay: 3})
	ref := w.begin()
	w.moment.Store(int64(w.program.Spread.Day(start, 4).Add(time.Hour).Sub(start)))
	_, err := run[AudienceRead](w, w.audience(listing{people: people(6)}).ReadAudience, ref)
	w.must(err)
	batches, err := w.store.ClaimBatches(t.Context(), store.TopicCampaign, w.clock.Now(), time.Hour, nil)
	w.must(err)
	require.Equal(t, 3, batches[0].Items)
}

// While one is under way no other begins, also where the schedule does not know of it; a
// second attempt to begin it by a worker of another version finds the first one's.
func TestOneCampaignOfAProgramAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays})
	first := w.begin()
	w.relational(survey.Spread{Days: weekdays, PerDay: 1})
	require.Equal(t, first, w.begin())
	second := BeginInput{CampaignInput{Program: w.program.ID}, "second"}
	ref, err := w.campaigns().BeginCampaign(t.Context(), second)
	w.must(err)
	require.Zero(t, ref)
	w.must(w.store.EndCampaign(t.Context(), first.Campaign, w.clock.Now()))
	ref, err = w.campaigns().BeginCampaign(t.Context(), second)
	w.must(err)
	require.Equal(t, survey.CampaignID(w.program.ID, w.program.Version(), "second"), ref.Campaign)
}

func TestCampaignIsLookedAtNowAndThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays})
	ref := w.begin()
	_, err := run[AudienceRead](w, w.audience(listing{people: people(2)}).ReadAudience, ref)
	w.must(err)
	step, err := w.campaigns().FollowCampaign(t.Context(), ref)
	w.must(err)
	require.Equal(t, CampaignStep{At: start.Add(campaignLook)}, step, "who is due is not handed on yet")
}

func TestCRMThatCannotListIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relational(survey.Spread{Days: weekdays})
	_, err := run[AudienceRead](w, w.audience(readCRM{}).ReadAudience, w.begin())
	require.ErrorContains(t, err, `crm "hubspot" cannot list contacts`)
}
