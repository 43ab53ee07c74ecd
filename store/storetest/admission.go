package storetest

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

var admissionCases = map[string]func(world){
	"a batch is decided once and for all": func(w world) {
		w.saveContacts(1)
		w.addEvents(2)
		batch := w.claim(store.TopicEvent, start)
		req := w.admitRequest(batch.ID, start, 0, 0)
		made, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		require.Len(w.T, made, 2)
		require.Less(w.T, made[0].ID, made[1].ID)
		require.Equal(w.T, survey.InvitationAdmitted, made[0].State)
		require.Equal(w.T, "fr-CA", made[0].Locale)
		require.Equal(w.T, w.accountRef(0), made[0].AccountKey)
		require.Equal(w.T, survey.InvitationSuppressed, made[1].State)
		require.Equal(w.T, survey.RuleQuarantine, made[1].Rule, "the one admitted before it counts")

		req.Decide = func(survey.Applicant) survey.Ruling {
			w.T.Error("asked again")
			return survey.Ruling{}
		}
		again, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		require.Equal(w.T, made, again)
		items, err := w.BatchItems(w.Context(), batch.ID)
		w.must(err)
		require.Empty(w.T, items, "done")
		kept := w.stateOf(made[1].ID)
		require.Equal(w.T, made[1], kept)
	},

	"a mail that is late keeps its distance": func(w world) {
		w.saveContacts(2)
		made := w.admit(start, 0, 1)
		late := start.Add(quarantine + time.Hour)
		require.Equal(w.T, survey.RuleQuarantine, w.admit(late, 0)[0].Rule, "the first is not sent yet")
		w.must(w.MarkUnknown(w.Context(), []string{made[0].ID, made[1].ID}, late, late.Add(expiry)))
		later := late.Add(quarantine - time.Hour)
		require.Equal(w.T, survey.RuleQuarantine, w.admit(later, 1)[0].Rule, "it may have been sent late")
		require.Equal(w.T, survey.InvitationAdmitted, w.admit(late.Add(quarantine), 1)[0].State)
	},

	"an empty batch is decided too": func(w world) {
		w.addEvents(1)
		batch := w.claim(store.TopicEvent, start)
		req := w.admitRequest(batch.ID, start, 0)
		req.Candidates = nil
		for range 2 {
			made, err := w.Store.Admit(w.Context(), req)
			w.must(err)
			require.Empty(w.T, made)
		}
		backlog, err := w.Backlog(w.Context())
		w.must(err)
		require.Empty(w.T, backlog)
	},

	"who is not found or has no address": func(w world) {
		unreachable := contact(1, -1)
		unreachable.Email = ""
		w.must(w.SaveContacts(w.Context(), []survey.Contact{unreachable}, nil))
		w.addEvents(3)
		req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, 0, 1, 2)
		req.Candidates[2].ContactKey = ""
		made, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		rules := map[string]survey.Rule{}
		for _, i := range made {
			rules[i.ContactKey] = i.Rule
			require.Equal(w.T, start, i.EndedAt)
		}
		require.Equal(w.T, map[string]survey.Rule{
			w.contactRef(0): survey.RuleNoContact, w.contactRef(1): survey.RuleNoAddress, "": survey.RuleNoContact,
		}, rules)
	},

	"the facts are read and kept": func(w world) {
		w.saveContacts(1)
		w.invite(start, 0)
		w.addEvents(1)
		later := start.Add(time.Hour)
		rules := survey.ContactRules{Quarantine: survey.Span(quarantine), PerYear: 5}
		req := underRules(survey.Program{ID: "other", Kind: survey.Transactional}, rules, w.admitRequest(w.claim(store.TopicEvent, later).ID, later, 0))
		made, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		require.Equal(w.T, survey.RuleQuarantine, made[0].Rule)
		var kept survey.AdmissionFacts
		w.must(json.Unmarshal(w.stateOf(made[0].ID).Facts, &kept))
		require.Equal(w.T, survey.AdmissionFacts{Found: true, HasAddress: true, LastInvited: start, InYear: 1, Limit: "30d"}, kept)
	},

	"a mail is counted from when it goes out": func(w world) {
		w.saveContacts(1)
		w.addEvents(1)
		req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, 0)
		const delay = 20 * 24 * time.Hour
		req.DueAt = func(store.Candidate, survey.Contact) time.Time { return start.Add(delay) }
		made, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		before := start.Add(delay + quarantine - time.Hour)
		require.Equal(w.T, survey.RuleQuarantine, w.admit(before, 0)[0].Rule, "as due")
		sent := start.Add(delay + 2*time.Hour)
		w.must(w.MarkSent(w.Context(), []string{made[0].ID}, sent, sent.Add(expiry)))
		require.Equal(w.T, survey.RuleQuarantine, w.admit(sent.Add(quarantine-time.Minute), 0)[0].Rule, "as sent")
		require.Empty(w.T, w.admit(sent.Add(quarantine), 0)[0].Rule)
	},

	"what was never mailed does not count": func(w world) {
		w.saveContacts(1)
		made := w.admit(start, 0)
		require.Equal(w.T, survey.RuleQuarantine, w.admit(start, 0)[0].Rule)
		w.must(w.MarkCancelled(w.Context(), []string{made[0].ID}, start))
		require.Empty(w.T, w.admit(start, 0)[0].Rule)
	},

	"of many batches at once one admits a contact": func(w world) {
		const batches = 20
		w.saveContacts(3)
		var requests []store.AdmitRequest
		for i := range batches {
			w.addEvents(3)
			contacts := [][]int{{0, 1, 2}, {2, 1, 0}}[i%2] // in either order
			requests = append(requests, w.admitRequest(w.claim(store.TopicEvent, start).ID, start, contacts...))
		}
		admitted := map[string]int{}
		for _, made := range atOnce(w, batches, func(i int) ([]store.Invitation, error) {
			return w.Store.Admit(w.Context(), requests[i])
		}) {
			for _, i := range made {
				if i.State == survey.InvitationAdmitted {
					admitted[i.ContactKey]++
				}
			}
		}
		require.Equal(w.T, map[string]int{w.contactRef(0): 1, w.contactRef(1): 1, w.contactRef(2): 1}, admitted)
	},

	"the same batch at once is decided once": func(w world) {
		w.saveContacts(1)
		w.addEvents(1)
		req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, 0)
		results := atOnce(w, 8, func(int) ([]store.Invitation, error) { return w.Store.Admit(w.Context(), req) })
		for _, made := range results {
			require.Equal(w.T, results[0], made)
		}
	},

	"a full batch": func(w world) {
		w.saveContacts(store.MaxBatch)
		w.addEvents(store.MaxBatch)
		contacts := make([]int, store.MaxBatch)
		for i := range contacts {
			contacts[i] = i
		}
		made, err := w.Store.Admit(w.Context(), w.admitRequest(w.claim(store.TopicEvent, start).ID, start, contacts...))
		w.must(err)
		unsent, err := w.Unsent(w.Context(), made[0].Batch, start)
		w.must(err)
		require.Len(w.T, unsent, store.MaxBatch)
	},
}
