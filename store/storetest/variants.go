package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// split is the tests' program with two variants.
func split(change func(*survey.Program)) survey.Program {
	p := program()
	p.Variants = []survey.Variant{{ID: "plain", Share: 0.5}, {ID: "short", Share: 0.5}}
	if change != nil {
		change(&p)
	}
	return p
}

// inviteAs mails contacts by variants of a version of the program, even ones by the first.
func (w world) inviteAs(p survey.Program, contacts ...int) (ids []string) {
	w.Helper()
	w.must(w.SaveProgram(w.Context(), p))
	w.addEvents(len(contacts))
	req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, contacts...)
	req.Version = p.Version()
	variants := map[string]string{}
	for _, c := range contacts {
		variants[w.contactRef(c)] = p.Variants[c%2].ID
	}
	req.Variant = func(c survey.Contact) string { return variants[c.Key] }
	made, err := w.Store.Admit(w.Context(), req)
	w.must(err)
	byContact := map[string]string{}
	for _, i := range made {
		require.Equal(w.T, variants[i.ContactKey], i.Variant)
		byContact[i.ContactKey] = i.ID
	}
	for _, c := range contacts {
		ids = append(ids, byContact[w.contactRef(c)])
	}
	w.must(w.MarkSent(w.Context(), ids, start, start.Add(expiry)))
	return ids
}

var variantCases = map[string]func(world){
	"variants are counted over all versions that try them": func(w world) {
		w.saveContacts(12)
		first := split(nil)
		reworded := split(func(p *survey.Program) { p.Variants[0].Texts = map[string]survey.Texts{"en": {Subject: "New"}} })
		shifted := split(func(p *survey.Program) { p.Variants[0].Share, p.Variants[1].Share = 0.9, 0.1 })
		ids := append(w.inviteAs(first, 0, 1, 2, 3, 4), w.inviteAs(reworded, 5, 6)...)
		w.inviteAs(shifted, 7, 8)
		w.done(ids[0], start, 9)
		w.done(ids[2], start, 9)
		w.done(ids[2], start.Add(time.Minute), 3)
		w.done(ids[5], start, 7)
		require.Equal(w.T, "plain", w.stateOf(ids[0]).Variant)

		counts, err := w.VariantCounts(w.Context(), reworded, start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, []store.VariantCount{
			{Variant: "plain", Sent: 4, Open: 2, Scores: map[int]int{9: 1, 3: 1}},
			{Variant: "short", Sent: 3, Open: 2, Scores: map[int]int{7: 1}},
		}, counts, "a correction counts once")
		late, err := w.VariantCounts(w.Context(), reworded, start.Add(2*expiry))
		w.must(err)
		require.Zero(w.T, late[0].Open+late[1].Open)
	},

	"what was not mailed is not counted": func(w world) {
		w.saveContacts(3)
		p := split(nil)
		w.must(w.SaveProgram(w.Context(), p))
		w.addEvents(2)
		req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, 0, 0)
		req.Version, req.Variant = p.Version(), func(survey.Contact) string { return "plain" }
		made, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		suppressed := map[string]survey.InvitationState{}
		for _, i := range made {
			suppressed[i.Variant] = i.State
		}
		require.Equal(w.T, map[string]survey.InvitationState{"plain": survey.InvitationAdmitted, "": survey.InvitationSuppressed}, suppressed)
		counts, err := w.VariantCounts(w.Context(), p, start)
		w.must(err)
		require.Equal(w.T, []store.VariantCount{{Variant: "plain", Scores: map[int]int{}}, {Variant: "short", Scores: map[int]int{}}}, counts)
	},
}
