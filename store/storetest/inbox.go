package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func item(topic store.Topic, lane, key string, due time.Time) store.Item {
	return store.Item{Topic: topic, Lane: lane, Source: "src", Key: key, Payload: []byte("{}"), DueAt: due}
}

var inboxCases = map[string]func(world){
	"answers a ping": func(w world) { w.must(w.Ping(w.Context())) },

	"a duplicate is added once": func(w world) {
		items := []store.Item{
			item(store.TopicEvent, "a", "1", start), item(store.TopicEvent, "a", "2", start),
			item(store.TopicEvent, "b", "1", start), item(store.TopicEvent, "a", "1", start),
		}
		added, err := w.AddItems(w.Context(), items)
		w.must(err)
		require.Equal(w.T, 3, added)
		added, err = w.AddItems(w.Context(), items)
		w.must(err)
		require.Zero(w.T, added)
		backlog, err := w.Backlog(w.Context())
		w.must(err)
		require.Equal(w.T, map[store.Topic]int{store.TopicEvent: 3}, backlog)
	},

	"a duplicate of what is done is known": func(w world) {
		w.saveContacts(1)
		one := item(store.TopicEvent, programID, "1", start)
		_, err := w.AddItems(w.Context(), []store.Item{one})
		w.must(err)
		batch := w.claim(store.TopicEvent, start)
		_, err = w.Store.Admit(w.Context(), w.admitRequest(batch.ID, start, 0))
		w.must(err)
		added, err := w.AddItems(w.Context(), []store.Item{one})
		w.must(err)
		require.Zero(w.T, added)
		purged, err := w.PurgeInbox(w.Context(), start)
		w.must(err)
		require.Zero(w.T, purged, "it was done at that moment, not before")
		purged, err = w.PurgeInbox(w.Context(), start.Add(time.Millisecond))
		w.must(err)
		require.Equal(w.T, 1, purged)
		added, err = w.AddItems(w.Context(), []store.Item{one})
		w.must(err)
		require.Equal(w.T, 1, added)
	},

	"items come back as they went in, in order of arrival": func(w world) {
		one := store.Item{Topic: store.TopicEvent, Lane: "a", Source: "s", Key: "é", Payload: []byte{0, 0xff, '{'}, DueAt: start.Add(time.Millisecond)}
		two := store.Item{Topic: store.TopicEvent, Lane: "a", Source: "s", Key: "2", Payload: []byte("{}"), DueAt: start}
		for _, i := range []store.Item{one, two} {
			_, err := w.AddItems(w.Context(), []store.Item{i})
			w.must(err)
		}
		items, err := w.BatchItems(w.Context(), w.claim(store.TopicEvent, start.Add(time.Second)).ID)
		w.must(err)
		require.Len(w.T, items, 2)
		for i, in := range []store.Item{one, two} {
			out := items[i].Item
			require.NotEqual(w.T, in.Key, out.Key, "what another system calls its event is kept as a hash")
			out.Source, out.Key = in.Source, in.Key
			require.Equal(w.T, in, out)
		}
		require.Less(w.T, items[0].ID, items[1].ID)
	},

	"only what is due is claimed, by lane": func(w world) {
		_, err := w.AddItems(w.Context(), []store.Item{
			item(store.TopicEvent, "a", "1", start), item(store.TopicEvent, "a", "2", start.Add(time.Minute)),
			item(store.TopicEvent, "b", "1", start), item(store.TopicEvent, "c", "1", start),
			item(store.TopicEvent, "d", "1", start.Add(time.Minute)), item(store.TopicClick, "e", "1", start),
		})
		w.must(err)
		batches, err := w.ClaimBatches(w.Context(), store.TopicEvent, start, longLease, []string{"c"})
		w.must(err)
		lanes := map[string]int{}
		for _, b := range batches {
			require.Equal(w.T, store.TopicEvent, b.Topic)
			lanes[b.Lane] = b.Items
		}
		require.Equal(w.T, map[string]int{"a": 1, "b": 1}, lanes)
		batches, err = w.ClaimBatches(w.Context(), store.TopicEvent, start, longLease, []string{"c"})
		w.must(err)
		require.Empty(w.T, batches)
		require.Equal(w.T, "c", w.claim(store.TopicEvent, start).Lane)
	},

	"a batch is at most MaxBatch items": func(w world) {
		w.addEvents(store.MaxBatch + 3)
		require.Equal(w.T, store.MaxBatch, w.claim(store.TopicEvent, start).Items)
		require.Equal(w.T, 3, w.claim(store.TopicEvent, start).Items)
	},

	"a lapsed lease gives the same batch again": func(w world) {
		w.addEvents(2)
		batch := w.claim(store.TopicEvent, start)
		again, err := w.ClaimBatches(w.Context(), store.TopicEvent, start, longLease, nil)
		w.must(err)
		require.Empty(w.T, again, "the lease holds")
		skipped, err := w.ClaimBatches(w.Context(), store.TopicEvent, start, 0, []string{programID})
		w.must(err)
		require.Empty(w.T, skipped)
		again, err = w.ClaimBatches(w.Context(), store.TopicEvent, start, 0, nil)
		w.must(err)
		require.Equal(w.T, []store.Batch{batch}, again)
		w.addEvents(1)
		again, err = w.ClaimBatches(w.Context(), store.TopicEvent, start, 0, nil)
		w.must(err)
		require.Equal(w.T, []store.Batch{batch}, again, "one batch a lane")
		w.must(w.HandedOver(w.Context(), []string{batch.ID}))
		w.must(w.HandedOver(w.Context(), []string{batch.ID}))
		next, err := w.ClaimBatches(w.Context(), store.TopicEvent, start, 0, nil)
		w.must(err)
		require.Len(w.T, next, 1)
		require.NotEqual(w.T, batch.ID, next[0].ID)
		require.Equal(w.T, 1, next[0].Items)
	},

	"what was handed over and not dealt with comes again": func(w world) {
		w.addEvents(2)
		batch := w.claim(store.TopicEvent, start)
		none, err := w.Reclaim(w.Context())
		w.must(err)
		require.Zero(w.T, none, "it is claimed")
		w.must(w.HandedOver(w.Context(), []string{batch.ID}))
		reclaimed, err := w.Reclaim(w.Context())
		w.must(err)
		require.Equal(w.T, 1, reclaimed)
		again, err := w.ClaimBatches(w.Context(), store.TopicEvent, start, longLease, nil)
		w.must(err)
		require.Empty(w.T, again, "after the lease")
		again, err = w.ClaimBatches(w.Context(), store.TopicEvent, start, 0, nil)
		w.must(err)
		require.Equal(w.T, []store.Batch{batch}, again)
		w.must(w.HandedOver(w.Context(), []string{batch.ID}))
		w.saveContacts(1)
		_, err = w.Store.Admit(w.Context(), w.admitRequest(batch.ID, start, 0, 0))
		w.must(err)
		reclaimed, err = w.Reclaim(w.Context())
		w.must(err)
		require.Zero(w.T, reclaimed, "it is dealt with")
	},

	"invitations whose workflow is lost are found": func(w world) {
		w.saveContacts(2)
		made := w.admit(start, 0, 1)
		stalled, err := w.Stalled(w.Context(), start)
		w.must(err)
		require.Zero(w.T, stalled)
		stalled, err = w.Stalled(w.Context(), start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, []store.InvitationBatch{{Program: programID, Version: "v1", Batch: made[0].Batch}}, stalled.Invitations)
		w.must(w.MarkSent(w.Context(), []string{made[0].ID, made[1].ID}, start, start.Add(expiry)))
		stalled, err = w.Stalled(w.Context(), start.Add(time.Hour))
		w.must(err)
		require.Zero(w.T, stalled)
	},

	"what waits too long is found": func(w world) {
		w.saveContacts(3)
		id := w.openCase(start, 0)
		asks := w.promoters(start, 1)
		later := start.Add(askDelay + time.Hour)
		stalled, err := w.Stalled(w.Context(), start)
		w.must(err)
		require.Zero(w.T, stalled)
		stalled, err = w.Stalled(w.Context(), later)
		w.must(err)
		require.Equal(w.T, store.Stalled{Cases: []string{id}, AskBatches: []string{asks}, CRMs: []string{"hubspot"}}, stalled)
		w.must(w.CaseShown(w.Context(), id, "C1", "1.1", 1))
		w.signals(survey.ObjectContact)
		ask, err := w.WaitingAsks(w.Context(), asks)
		w.must(err)
		w.must(w.MarkAsked(w.Context(), []string{ask[0].Ask.ID}, survey.AskSent, later))
		stalled, err = w.Stalled(w.Context(), later)
		w.must(err)
		require.Zero(w.T, stalled)
		stalled, err = w.Stalled(w.Context(), start.Add(closeAfter+time.Hour))
		w.must(err)
		require.Equal(w.T, []string{id}, stalled.Cases, "it should have been closed by policy")
	},

	"claimers never get the same item": func(w world) {
		const lanes, each, claimers = 5, 40, 8
		var items []store.Item
		for i := range lanes * each {
			items = append(items, item(store.TopicEvent, fmt.Sprint("lane", i%lanes), fmt.Sprint(i), start))
		}
		_, err := w.AddItems(w.Context(), items)
		w.must(err)
		ids := map[string]bool{}
		total := 0
		for _, batches := range atOnce(w, claimers, func(int) ([]store.Batch, error) {
			return w.ClaimBatches(w.Context(), store.TopicEvent, start, longLease, nil)
		}) {
			for _, b := range batches {
				require.False(w.T, ids[b.ID])
				ids[b.ID] = true
				total += b.Items
				held, err := w.BatchItems(w.Context(), b.ID)
				w.must(err)
				require.Len(w.T, held, b.Items)
			}
		}
		require.Equal(w.T, lanes*each, total)
	},

	"the same items added at once, in either order, are added once": func(w world) {
		var items []store.Item
		for i := range 60 {
			items = append(items, item(store.TopicEvent, "a", fmt.Sprint(i), start))
		}
		total := 0
		reversed := slices.Clone(items)
		slices.Reverse(reversed)
		for _, n := range atOnce(w, 6, func(i int) (int, error) {
			return w.AddItems(w.Context(), [][]store.Item{items, reversed}[i%2])
		}) {
			total += n
		}
		require.Equal(w.T, len(items), total)
	},
}
