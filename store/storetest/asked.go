package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (w world) askedRequest(id, contact string) store.AskedRequest {
	return store.AskedRequest{
		ID: id, Program: program(), ContactKey: contact, Channel: survey.ChannelAPI, Locale: "fr", At: start, ExpiresAt: start.Add(expiry),
	}
}

var askedCases = map[string]func(world){
	"whom another tool asked is not asked again": func(w world) {
		w.saveContacts(1)
		made, err := w.AddAsked(w.Context(), w.askedRequest("asked1", contactKey(0)))
		w.must(err)
		require.Equal(w.T, survey.InvitationSent, made.State)
		require.Equal(w.T, w.contactRef(0), made.ContactKey)
		require.Equal(w.T, w.accountRef(0), made.AccountKey)
		require.Equal(w.T, survey.ChannelAPI, made.Channel)
		require.Equal(w.T, start.Add(expiry), made.ExpiresAt)
		refused := w.admit(start.Add(time.Hour), 0)[0]
		require.Equal(w.T, survey.RuleQuarantine, refused.Rule)
	},

	"the first of an id is kept": func(w world) {
		first, err := w.AddAsked(w.Context(), w.askedRequest("asked1", ""))
		w.must(err)
		later := w.askedRequest("asked1", "")
		later.At, later.Locale = start.Add(time.Hour), "de"
		again, err := w.AddAsked(w.Context(), later)
		w.must(err)
		require.Equal(w.T, first, again)
	},

	"an answer of nobody in particular leads to nobody": func(w world) {
		_, err := w.AddAsked(w.Context(), w.askedRequest("asked1", ""))
		w.must(err)
		r, err := w.SaveAnswer(w.Context(), w.answerRequest("asked1", start, survey.Answer{Score: 0, Comment: "Ça ne va pas", Done: true}))
		w.must(err)
		require.Empty(w.T, r.ContactKey)
		require.Empty(w.T, w.record(start), "a case, an ask or a signal")
		kept, err := w.ResponseOf(w.Context(), "asked1")
		w.must(err)
		require.Equal(w.T, "Ça ne va pas", kept.Comment)
		require.Equal(w.T, survey.Final, kept.State)
		require.Empty(w.T, w.signals(survey.ObjectContact))
	},

	"who is asked by a link is asked at once": func(w world) {
		w.saveContacts(1)
		w.addEvents(1)
		req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, 0)
		req.OpenUntil = start.Add(expiry)
		made, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		require.Equal(w.T, survey.InvitationSent, made[0].State)
		require.Equal(w.T, survey.ChannelLink, made[0].Channel)
		kept := w.stateOf(made[0].ID)
		require.Equal(w.T, made[0].SentAt, kept.SentAt)
		require.Equal(w.T, start.Add(expiry), kept.ExpiresAt)
		unsent, err := w.Unsent(w.Context(), req.Batch, start.Add(time.Hour))
		w.must(err)
		require.Empty(w.T, unsent, "nothing is to be mailed")
		n, err := w.Expire(w.Context(), start.Add(expiry))
		w.must(err)
		require.Equal(w.T, 1, n)
	},
}
