package storetest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const days = 24 * time.Hour

// under is a transactional program with its own rules of whom to ask.
func under(id string, e survey.Eligibility) survey.Program {
	return survey.Program{ID: id, Kind: survey.Transactional, Eligibility: e}
}

// apart keeps any two surveys of a contact a quarantine apart.
func apart() survey.ContactRules { return survey.ContactRules{Quarantine: survey.Span(quarantine)} }

// decide takes an event for each contact, by its key, through a program's admission. The
// mails are due after a delay. It returns the invitations by contact.
func (w world) decide(p survey.Program, rules survey.ContactRules, now time.Time, delay time.Duration, keys ...string) map[string]store.Invitation {
	w.Helper()
	w.addEvents(len(keys))
	req := underRules(p, rules, w.admitRequest(w.claim(store.TopicEvent, now).ID, now, make([]int, len(keys))...))
	for i, key := range keys {
		req.Candidates[i].ContactKey = key
	}
	req.DueAt = func(c store.Candidate, _ survey.Contact) time.Time { return c.EventAt.Add(delay) }
	made, err := w.Store.Admit(w.Context(), req)
	w.must(err)
	byContact := map[string]store.Invitation{}
	for _, i := range made {
		byContact[i.ContactKey] = i
	}
	out := map[string]store.Invitation{}
	for _, key := range keys {
		out[key] = byContact[w.reference(key)]
	}
	return out
}

// inShop is the same person as a contact of the first CRM, as another knows it.
func inShop(i int) survey.Contact {
	c := contact(i, -1)
	c.CRM, c.Key, c.Email = "shop", strings.Replace(c.Key, "hubspot/", "shop/", 1), strings.ToUpper(c.Email)
	return c
}

func (w world) facts(id string) survey.AdmissionFacts {
	w.Helper()
	var facts survey.AdmissionFacts
	w.must(json.Unmarshal(w.stateOf(id).Facts, &facts))
	return facts
}

func (w world) beginMail(id string) store.Begun {
	w.Helper()
	begun, err := w.BeginEffects(w.Context(), "sendgrid", "", []string{store.MailEffect(store.MailInvite, id)}, start, start)
	w.must(err)
	return begun
}

var eligibilityCases = map[string]func(world){
	"contacts with one address are one person": func(w world) {
		w.saveContacts(1)
		twin := inShop(0)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{twin}, nil))
		w.invite(start, 0)
		refused := w.decide(under("other", survey.Eligibility{}), apart(), start.Add(days), 0, twin.Key)[twin.Key]
		require.Equal(w.T, survey.RuleQuarantine, refused.Rule)
		require.Equal(w.T, start, w.facts(refused.ID).LastInvited)

		twin.Email, twin.RefreshedAt = "another@example.com", start.Add(time.Hour)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{twin}, nil))
		require.Empty(w.T, w.decide(under("other", survey.Eligibility{}), apart(), start.Add(days), 0, twin.Key)[twin.Key].Rule)
	},

	"one batch asks a person once": func(w world) {
		w.saveContacts(1)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{inShop(0)}, nil))
		made := w.decide(under("other", survey.Eligibility{}), apart(), start, 0, contactKey(0), inShop(0).Key)
		require.Empty(w.T, made[contactKey(0)].Rule)
		require.Equal(w.T, survey.RuleQuarantine, made[inShop(0).Key].Rule)
	},

	"of many batches at once one admits a person": func(w world) {
		const batches, people = 24, 4
		var requests []store.AdmitRequest
		w.saveContacts(people)
		for i := range people {
			w.must(w.SaveContacts(w.Context(), []survey.Contact{inShop(i)}, nil))
		}
		for i := range batches {
			w.addEvents(people)
			req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, 0, 1, 2, 3)
			for n := range req.Candidates {
				if (n+i)%2 == 0 {
					req.Candidates[n].ContactKey = inShop(n).Key
				}
			}
			requests = append(requests, req)
		}
		admitted := 0
		for _, made := range atOnce(w, batches, func(i int) ([]store.Invitation, error) { return w.Store.Admit(w.Context(), requests[i]) }) {
			for _, i := range made {
				if i.Rule == "" {
					admitted++
				}
			}
		}
		require.Equal(w.T, people, admitted)
	},

	"who unsubscribes does so for all contacts with the address": func(w world) {
		w.saveContacts(2)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{inShop(0), inShop(1)}, nil))
		sent := w.invite(start, 1)
		reserved := w.decide(program(), apart(), start, 0, contactKey(0))[contactKey(0)]
		w.must(w.Unsubscribe(w.Context(), inShop(0).Key, start))
		w.must(w.Unsubscribe(w.Context(), inShop(1).Key, start))
		require.Equal(w.T, survey.InvitationCancelled, w.stateOf(reserved.ID).State)
		unanswered, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: w.stateOf(sent[0]).Batch, SentBy: start.Add(time.Hour), Now: start.Add(time.Hour), Reminder: 1})
		w.must(err)
		require.Empty(w.T, unanswered, "no reminder either")
		refused := w.decide(program(), apart(), start.Add(300*days), 0, contactKey(0))[contactKey(0)]
		require.Equal(w.T, survey.RuleUnsubscribed, refused.Rule)
	},

	"a better program takes a reservation over": func(w world) {
		w.saveContacts(1)
		worse := w.decide(under("worse", survey.Eligibility{}), apart(), start, days, contactKey(0))[contactKey(0)]
		better := w.decide(under("better", survey.Eligibility{Priority: 1}), apart(), start.Add(time.Hour), 0, contactKey(0))[contactKey(0)]
		require.Equal(w.T, survey.InvitationAdmitted, better.State)
		require.Equal(w.T, []string{worse.ID}, w.facts(better.ID).Outranks)
		taken := w.stateOf(worse.ID)
		require.Equal(w.T, survey.InvitationSuppressed, taken.State)
		require.Equal(w.T, survey.RuleOutranked, taken.Rule)
		require.Equal(w.T, start.Add(time.Hour), taken.EndedAt)
		require.Equal(w.T, "better", w.facts(worse.ID).OutrankedBy)

		unsent, err := w.Unsent(w.Context(), worse.Batch, start.Add(2*days))
		w.must(err)
		require.Empty(w.T, unsent)
		require.Equal(w.T, store.Begun{}, w.beginMail(worse.ID), "a step that read it before sends nothing")
		equal := w.decide(under("equal", survey.Eligibility{Priority: 1}), apart(), start.Add(2*time.Hour), 0, contactKey(0))[contactKey(0)]
		require.Equal(w.T, survey.RuleQuarantine, equal.Rule)
	},

	"a mail that is begun is not taken over": func(w world) {
		w.saveContacts(1)
		worse := w.decide(under("worse", survey.Eligibility{}), apart(), start, 0, contactKey(0))[contactKey(0)]
		require.Len(w.T, w.beginMail(worse.ID).Act, 1)
		better := w.decide(under("better", survey.Eligibility{Priority: 1}), apart(), start, 0, contactKey(0))[contactKey(0)]
		require.Equal(w.T, survey.RuleQuarantine, better.Rule)
		require.Equal(w.T, survey.InvitationAdmitted, w.stateOf(worse.ID).State)
	},

	"a mail is begun or taken over, not both": func(w world) {
		const contacts = 20
		w.saveContacts(contacts)
		var requests []store.AdmitRequest
		var worse []store.Invitation
		for i := range contacts {
			worse = append(worse, w.decide(under("worse", survey.Eligibility{}), apart(), start, 0, contactKey(i))[contactKey(i)])
		}
		for i := range contacts {
			w.addEvents(1)
			requests = append(requests, underRules(under("better", survey.Eligibility{Priority: 1}), apart(),
				w.admitRequest(w.claim(store.TopicEvent, start).ID, start, i)))
		}
		results := atOnce(w, 2*contacts, func(i int) (bool, error) {
			if i%2 == 0 {
				begun, err := w.BeginEffects(w.Context(), "sendgrid", "", []string{store.MailEffect(store.MailInvite, worse[i/2].ID)}, start, start)
				return len(begun.Act) > 0, err
			}
			_, err := w.Store.Admit(w.Context(), requests[i/2])
			return false, err
		})
		begun := 0
		for _, mine := range results {
			if mine {
				begun++
			}
		}
		taken := 0
		for _, i := range worse {
			if w.stateOf(i.ID).Rule == survey.RuleOutranked {
				taken++
			}
		}
		require.Equal(w.T, contacts, begun+taken)
	},

	"nobody is asked during a case": func(w world) {
		w.saveContacts(2)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(2, 2), contact(3, -1)}, nil))
		w.openCase(start, 0)
		rules := apart()
		rules.NotDuringCase = true
		later := start.Add(quarantine)
		made := w.decide(under("other", survey.Eligibility{}), rules, later, 0, contactKey(0), contactKey(1), contactKey(2), contactKey(3))
		require.Equal(w.T, survey.RuleOpenCase, made[contactKey(0)].Rule)
		require.Equal(w.T, survey.RuleOpenCase, made[contactKey(1)].Rule, "of the same account")
		require.Empty(w.T, made[contactKey(2)].Rule)
		require.Empty(w.T, made[contactKey(3)].Rule)
		require.True(w.T, w.facts(made[contactKey(1)].ID).OpenCase)
	},

	"conditions look at contact and account": func(w world) {
		w.saveContacts(1)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(1, 1)}, nil))
		rules := apart()
		rules.NotWhen = []map[string]string{{"contact.tier": "silver"}, {"contact.tier": "gold", "account.region": "emea"}}
		made := w.decide(under("other", survey.Eligibility{}), rules, start, 0, contactKey(0), contactKey(1))
		require.Equal(w.T, survey.RuleNotWhen, made[contactKey(0)].Rule)
		require.Equal(w.T, 2, w.facts(made[contactKey(0)].ID).NotWhen)
		require.Empty(w.T, made[contactKey(1)].Rule)
	},

	"an account is asked so often": func(w world) {
		w.saveContacts(4)
		rules := survey.ContactRules{Quarantine: survey.Span(days), PerAccount: survey.AccountCap{Invitations: 2, Within: survey.Span(10 * days)}}
		p := under("other", survey.Eligibility{})
		keys := []string{contactKey(0), contactKey(1), contactKey(2)}
		made := w.decide(p, rules, start, 0, keys...)
		require.Equal(w.T, survey.RulePerAccount, made[contactKey(2)].Rule)
		require.Equal(w.T, 2, w.facts(made[contactKey(2)].ID).InAccount)
		w.must(w.MarkSent(w.Context(), []string{made[contactKey(0)].ID, made[contactKey(1)].ID}, start, start.Add(expiry)))
		require.Equal(w.T, survey.RulePerAccount, w.decide(p, rules, start.Add(10*days-time.Millisecond), 0, contactKey(3))[contactKey(3)].Rule)
		require.Empty(w.T, w.decide(p, rules, start.Add(10*days), 0, contactKey(3))[contactKey(3)].Rule)
	},

	"a day has its caps": func(w world) {
		w.saveContacts(8)
		rules := apart()
		rules.DailyCap = 3
		capped, free := under("capped", survey.Eligibility{DailyCap: 2}), under("free", survey.Eligibility{})
		made := w.decide(capped, rules, start, 0, contactKey(0), contactKey(1), contactKey(2))
		require.Equal(w.T, survey.RuleDailyCap, made[contactKey(2)].Rule)
		require.Empty(w.T, w.decide(capped, rules, start, days, contactKey(2))[contactKey(2)].Rule, "the day on which it is due counts")
		made = w.decide(free, rules, start.Add(time.Hour), 0, contactKey(3), contactKey(4))
		require.Empty(w.T, made[contactKey(3)].Rule)
		require.Equal(w.T, survey.RuleDailyCapOfAll, made[contactKey(4)].Rule)
		require.Equal(w.T, 3, w.facts(made[contactKey(4)].ID).OnDayByAll)

		tomorrow := start.Add(days)
		w.must(w.MarkCancelled(w.Context(), []string{made[contactKey(3)].ID}, start))
		require.Equal(w.T, survey.RuleDailyCapOfAll, w.decide(free, rules, tomorrow, 0, contactKey(5))[contactKey(5)].Rule,
			"the two of yesterday that are overdue, and the one that is due")
		require.Empty(w.T, w.decide(free, rules, start.Add(2*time.Hour), 0, contactKey(6))[contactKey(6)].Rule, "what is cancelled makes room")
	},
}
