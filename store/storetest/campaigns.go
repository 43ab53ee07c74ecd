package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const campaignID = programID + "/v1/first"

func (w world) beginCampaign() {
	w.Helper()
	c, err := w.BeginCampaign(w.Context(), store.Campaign{ID: campaignID, Program: programID, Version: "v1", StartedAt: start})
	require.NoError(w.T, err)
	require.Equal(w.T, survey.CampaignReading, c.State)
}

func (w world) campaign() store.Campaign {
	w.Helper()
	c, err := w.Campaign(w.Context(), campaignID)
	require.NoError(w.T, err)
	return c
}

func (w world) queue(p store.CampaignPage) {
	w.Helper()
	_, _, err := w.QueuePage(w.Context(), p)
	require.NoError(w.T, err)
}

// page is contacts from to (without to), of owners that follow each other.
func page(cursor, next string, from, to, owners int) store.CampaignPage {
	p := store.CampaignPage{
		Campaign: campaignID, From: cursor, Next: next, Width: 1,
		DueAt: func(n int, _ store.Listed) time.Time { return start.Add(time.Duration(n) * 24 * time.Hour) },
	}
	for i := from; i < to; i++ {
		p.Contacts = append(p.Contacts, store.Listed{ContactKey: contactKey(i), Owner: fmt.Sprint("owner", i%max(owners, 1))})
	}
	return p
}

// dueOn counts the contacts that a day brings.
func (w world) dueOn(day int) int {
	w.Helper()
	n := 0
	for {
		b := w.claimable(store.TopicCampaign, start.Add(time.Duration(day)*24*time.Hour))
		if b.Items == 0 {
			return n
		}
		n += b.Items
		require.NoError(w.T, w.HandedOver(w.Context(), []string{b.ID}))
		_, err := w.Admit(w.Context(), w.campaignRequest(b.ID))
		require.NoError(w.T, err)
	}
}

// claimable claims the one batch there is, if any.
func (w world) claimable(topic store.Topic, now time.Time) store.Batch {
	w.Helper()
	batches, err := w.ClaimBatches(w.Context(), topic, now, longLease, nil)
	require.NoError(w.T, err)
	if len(batches) == 0 {
		return store.Batch{}
	}
	require.Len(w.T, batches, 1)
	return batches[0]
}

// campaignRequest admits everybody of a batch.
func (w world) campaignRequest(batch string) store.AdmitRequest {
	w.Helper()
	items, err := w.BatchItems(w.Context(), batch)
	require.NoError(w.T, err)
	var candidates []store.Candidate
	for _, i := range items {
		require.Equal(w.T, campaignID, i.Lane)
		candidates = append(candidates, store.Candidate{ItemID: i.ID, ContactKey: i.Key, EventAt: i.DueAt})
	}
	req := w.emptyRequest(batch, start)
	req.Candidates, req.Campaign = candidates, campaignID
	req.Decide = func(survey.Applicant) survey.Ruling { return survey.Ruling{} }
	return req
}

var campaignCases = map[string]func(world){
	"begins once": func(w world) {
		w.beginCampaign()
		w.queue(page("", "5", 0, 5, 1))
		again, err := w.BeginCampaign(w.Context(), store.Campaign{ID: campaignID, Program: programID, Version: "v2", StartedAt: start.Add(time.Hour)})
		require.NoError(w.T, err)
		require.Equal(w.T, "v1", again.Version)
		require.Equal(w.T, "5", again.Cursor)
		require.Equal(w.T, 5, again.Read)
	},
	"none begins while one of its program is under way": func(w world) {
		w.beginCampaign()
		w.queue(page("", "", 0, 1, 1))
		second := store.Campaign{ID: programID + "/v2/second", Program: programID, Version: "v2", StartedAt: start.Add(time.Hour)}
		begun, err := w.BeginCampaign(w.Context(), second)
		require.NoError(w.T, err)
		require.Equal(w.T, campaignID, begun.ID)
		require.NoError(w.T, w.EndCampaign(w.Context(), campaignID, start.Add(time.Hour)))
		begun, err = w.BeginCampaign(w.Context(), second)
		require.NoError(w.T, err)
		require.Equal(w.T, second.ID, begun.ID)
	},
	"days that are over come after the others": func(w world) {
		w.beginCampaign()
		w.saveContacts(9)
		p := page("", "", 0, 9, 1)
		p.PerDay = 2 // and one on the fifth day
		w.queue(p)
		over := store.Postponement{Campaign: campaignID, Due: start, Today: 2, Day: func(n int) time.Time { return p.DueAt(n, store.Listed{}) }}
		for range 2 { // the second time the first is due at another moment
			require.NoError(w.T, w.PostponeCampaign(w.Context(), over))
		}
		got := []int{}
		for day := range 8 {
			got = append(got, w.dueOn(day))
		}
		require.Equal(w.T, []int{0, 0, 2, 2, 1, 2, 2, 0}, got)
	},
	"a page that is read late begins with its day": func(w world) {
		w.beginCampaign()
		w.saveContacts(3)
		p := page("", "", 0, 3, 1)
		p.First, p.PerDay = 2, 2
		w.queue(p)
		require.Equal(w.T, []int{0, 2, 1}, []int{w.dueOn(1), w.dueOn(2), w.dueOn(3)})
	},
	"a page counts once": func(w world) {
		w.beginCampaign()
		for range 2 {
			w.queue(page("", "5", 0, 5, 1))
		}
		for range 2 {
			w.queue(page("5", "", 5, 8, 1))
		}
		c := w.campaign()
		require.Equal(w.T, survey.CampaignAsking, c.State)
		require.Equal(w.T, []int{8, 8}, []int{c.Read, c.Waiting})
	},
	"the same page at the same time counts once": func(w world) {
		w.beginCampaign()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { w.queue(page("", "50", 0, 50, 5)) })
		}
		all.Wait()
		require.Equal(w.T, []int{50, 50}, []int{w.campaign().Read, w.campaign().Waiting})
	},
	"caps of a day and of an owner hold over pages": func(w world) {
		w.beginCampaign()
		w.saveContacts(40)
		for i := range 4 {
			p := page(cursor(i), cursor((i+1)%4), 10*i, 10*i+10, 2) // two owners, 20 contacts each
			p.PerDay, p.PerOwner = 9, 4
			w.queue(p)
		}
		got := []int{}
		for day := range 6 {
			got = append(got, w.dueOn(day))
		}
		require.Equal(w.T, []int{8, 8, 8, 8, 8, 0}, got, "four of each owner a day")
	},
	"spreads over days": func(w world) {
		w.beginCampaign()
		w.saveContacts(100)
		p := page("", "", 0, 100, 1)
		p.Width = 4
		w.queue(p)
		for day := range 4 {
			n := w.dueOn(day)
			require.Greater(w.T, n, 10, "day %d", day)
			require.Less(w.T, n, 45, "day %d", day)
		}
		require.Zero(w.T, w.campaign().Waiting)
	},
	"is handed on when it is read": func(w world) {
		w.beginCampaign()
		w.queue(page("", "3", 0, 3, 1))
		require.Zero(w.T, w.claimable(store.TopicCampaign, start).Items)
		w.queue(page("3", "", 3, 5, 1))
		require.Equal(w.T, 5, w.claimable(store.TopicCampaign, start).Items)
	},
	"is done when all is admitted": func(w world) {
		w.beginCampaign()
		w.saveContacts(3)
		w.queue(page("", "", 0, 3, 1))
		due, done, err := w.CampaignDueAt(w.Context(), campaignID)
		require.NoError(w.T, err)
		require.False(w.T, done)
		require.Equal(w.T, start, due)
		b := w.claimable(store.TopicCampaign, start)
		due, done, err = w.CampaignDueAt(w.Context(), campaignID)
		require.NoError(w.T, err)
		require.True(w.T, due.IsZero() && !done, "handed over and not admitted")
		_, err = w.Admit(w.Context(), w.campaignRequest(b.ID))
		require.NoError(w.T, err)
		_, done, err = w.CampaignDueAt(w.Context(), campaignID)
		require.NoError(w.T, err)
		require.True(w.T, done)
		for range 2 {
			require.NoError(w.T, w.EndCampaign(w.Context(), campaignID, start.Add(time.Hour)))
		}
		c := w.campaign()
		require.Equal(w.T, survey.CampaignDone, c.State)
		require.Equal(w.T, start.Add(time.Hour), c.EndedAt)
		require.Equal(w.T, map[survey.InvitationState]int{survey.InvitationAdmitted: 3}, c.Invitations)
	},
	"no more than a few batches are under way": func(w world) {
		w.beginCampaign()
		many := store.MaxCampaignBatch*store.CampaignBatchesAtOnce + 1
		w.queue(page("", "", 0, many, 1))
		var batches []store.Batch
		for {
			b := w.claimable(store.TopicCampaign, start)
			if b.Items == 0 {
				break
			}
			require.NoError(w.T, w.HandedOver(w.Context(), []string{b.ID}))
			batches = append(batches, b)
		}
		require.Len(w.T, batches, store.CampaignBatchesAtOnce)
		require.Equal(w.T, store.MaxCampaignBatch, batches[0].Items)
		lost, err := w.ClaimBatches(w.Context(), store.TopicCampaign, start, 0, nil)
		require.NoError(w.T, err)
		require.Empty(w.T, lost)
		_, err = w.Reclaim(w.Context())
		require.NoError(w.T, err)
		lost, err = w.ClaimBatches(w.Context(), store.TopicCampaign, start, 0, nil)
		require.NoError(w.T, err)
		require.Len(w.T, lost, 1, "what was lost comes again although no more may be under way")
		_, err = w.Admit(w.Context(), store.AdmitRequest{Batch: batches[0].ID, Program: programID, Version: "v1", Now: start, Campaign: campaignID})
		require.NoError(w.T, err)
		require.Equal(w.T, 1, w.claimable(store.TopicCampaign, start).Items)
	},
	"pauses with its program": func(w world) {
		w.beginCampaign()
		w.queue(page("", "", 0, 3, 1))
		for range 2 {
			require.NoError(w.T, w.PauseProgram(w.Context(), programID, start))
		}
		require.True(w.T, w.campaign().Paused)
		require.Zero(w.T, w.claimable(store.TopicCampaign, start).Items)
		require.NoError(w.T, w.Resume(w.Context(), programID, start))
		require.False(w.T, w.campaign().Paused)
		require.Equal(w.T, 3, w.claimable(store.TopicCampaign, start).Items)
	},
	"cancelling ends what is not mailed": func(w world) {
		w.beginCampaign()
		w.saveContacts(5)
		p := page("", "", 0, 5, 1)
		p.PerDay = 2
		w.queue(p)
		first := w.claimable(store.TopicCampaign, start)
		invitations, err := w.Admit(w.Context(), w.campaignRequest(first.ID))
		require.NoError(w.T, err)
		begun := store.MailEffect(store.MailInvite, invitations[0].ID)
		_, err = w.BeginEffects(w.Context(), "sendgrid", "", []string{begun}, start, start)
		require.NoError(w.T, err)
		late := w.claimable(store.TopicCampaign, start.Add(24*time.Hour))
		request := w.campaignRequest(late.ID) // its workflow has read them already

		require.NoError(w.T, w.CancelCampaign(w.Context(), campaignID, start.Add(time.Minute)))
		require.ErrorIs(w.T, w.CancelCampaign(w.Context(), campaignID, start.Add(time.Minute)), store.ErrNotFound)
		made, err := w.Admit(w.Context(), request)
		require.NoError(w.T, err)
		require.Empty(w.T, made)
		require.NoError(w.T, w.EndCampaign(w.Context(), campaignID, start.Add(time.Hour)))

		c := w.campaign()
		require.Equal(w.T, survey.CampaignCancelled, c.State)
		require.Equal(w.T, []int{5, 0, 3}, []int{c.Read, c.Waiting, c.Dropped})
		require.Equal(w.T, map[survey.InvitationState]int{survey.InvitationAdmitted: 1, survey.InvitationCancelled: 1}, c.Invitations)
		require.Equal(w.T, survey.RuleCampaignCancelled, w.stateOf(invitations[1].ID).Rule)
	},
	"cancelled while it is read": func(w world) {
		w.beginCampaign()
		w.queue(page("", "3", 0, 3, 1))
		require.NoError(w.T, w.CancelCampaign(w.Context(), campaignID, start))
		state, _, err := w.QueuePage(w.Context(), page("3", "", 3, 9, 1))
		require.NoError(w.T, err)
		require.Equal(w.T, survey.CampaignCancelled, state)
		require.Equal(w.T, []int{3, 0, 3}, []int{w.campaign().Read, w.campaign().Waiting, w.campaign().Dropped})
	},
	"lists the latest first": func(w world) {
		w.beginCampaign()
		require.NoError(w.T, w.EndCampaign(w.Context(), campaignID, start))
		_, err := w.BeginCampaign(w.Context(), store.Campaign{ID: programID + "/v2/second", Program: programID, Version: "v2", StartedAt: start.Add(time.Hour)})
		require.NoError(w.T, err)
		_, err = w.BeginCampaign(w.Context(), store.Campaign{ID: "other/v1/x", Program: "other", Version: "v1", StartedAt: start})
		require.NoError(w.T, err)
		of, err := w.Campaigns(w.Context(), programID)
		require.NoError(w.T, err)
		require.Equal(w.T, []string{programID + "/v2/second", campaignID}, []string{of[0].ID, of[1].ID})
		all, err := w.Campaigns(w.Context(), "")
		require.NoError(w.T, err)
		require.Len(w.T, all, 3)
	},
	"none has no such id": func(w world) {
		_, err := w.Campaign(w.Context(), "none")
		require.ErrorIs(w.T, err, store.ErrNotFound)
		require.ErrorIs(w.T, w.CancelCampaign(w.Context(), "none", start), store.ErrNotFound)
	},
}

func cursor(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprint(i)
}
