package storetest

import (
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// machine sends the forms of many scores at once, the last one done.
func (w world) machine(item string, at time.Time, scores ...int) (last survey.Response) {
	w.Helper()
	for i, score := range scores {
		last = w.visited(item, "machine", at.Add(time.Duration(i)*time.Second), survey.Answer{Score: score, Done: i == len(scores)-1})
	}
	return last
}

// visited answers from a source, from a page that was not shown.
func (w world) visited(item, source string, at time.Time, a survey.Answer) survey.Response {
	w.Helper()
	req := w.answerRequest(item, at, a)
	req.Visit = store.VisitNote{Source: source, At: at}
	r, err := w.SaveAnswer(w.Context(), req)
	w.must(err)
	return r
}

// person answers from a page that was shown.
func (w world) person(item, source string, at time.Time, a survey.Answer) survey.Response {
	w.Helper()
	page := "page-" + source
	w.must(w.NoteVisit(w.Context(), store.VisitNote{Item: item, Source: source, Page: page, Shown: true, At: at}, at))
	req := w.answerRequest(item, at, a)
	req.Visit = store.VisitNote{Source: source, Page: page, At: at}
	r, err := w.SaveAnswer(w.Context(), req)
	w.must(err)
	return r
}

func (w world) verdicts(item string) (whats []string) {
	w.Helper()
	found, err := w.Verdicts(w.Context(), item)
	w.must(err)
	for _, v := range found {
		whats = append(whats, v.What)
	}
	return whats
}

func (w world) heldItems() (items []string) {
	w.Helper()
	held, err := w.HeldAnswers(w.Context(), 100)
	w.must(err)
	for _, h := range held {
		items = append(items, h.Item)
	}
	return items
}

func (w world) accept(item string, at time.Time) error {
	return w.AcceptHeld(w.Context(), store.AcceptRequest{
		Verdict: store.Verdict{Item: item, At: at, What: store.VerdictAccepted, Who: "ada", Why: "I asked her"},
		DueAt:   func(r survey.Response) time.Time { return r.ChangedAt }, NewID: w.newID,
	})
}

func (w world) reject(item string, at time.Time) error {
	return w.RejectHeld(w.Context(), store.Verdict{Item: item, At: at, What: store.VerdictRejected, Who: "ada", Why: "a test"})
}

func (w world) exclude(item string, at time.Time) error {
	return w.ExcludeAnswer(w.Context(), store.Verdict{Item: item, At: at, What: store.VerdictRejected, Who: "ada", Why: "a test"})
}

var visitCases = map[string]func(world){
	"a machine's answers are held and lead to nothing": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		r := w.machine(id, start, 0, 1, 2, 3)
		require.Equal(w.T, survey.Held, r.State)
		require.Equal(w.T, survey.InvitationSent, w.stateOf(id).State, "the invitation waits for its reader")
		kept, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, survey.Withdrawn, kept.State, "the first two looked like a person's")
		due, err := w.ClaimBatches(w.Context(), store.TopicAnswer, start.Add(24*time.Hour), longLease, nil)
		w.must(err)
		require.Empty(w.T, due)
		held, err := w.HeldAnswers(w.Context(), 10)
		w.must(err)
		require.Len(w.T, held, 1)
		require.Equal(w.T, 3, held[0].Score)
		require.Equal(w.T, []survey.Sign{survey.SignScores, survey.SignUnrendered}, held[0].Visit.Signs)
		require.Equal(w.T, []string{store.VerdictWithdrawn}, w.verdicts(id))
	},

	"a person's later answer counts and replaces it": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.machine(id, start, 0, 1, 2)
		r := w.person(id, "a reader", start.Add(time.Hour), survey.Answer{Score: 9, Comment: "fine", Done: true})
		require.Equal(w.T, survey.Provisional, r.State)
		require.Equal(w.T, 9, r.Score)
		require.Equal(w.T, "fine", r.Comment)
		require.Equal(w.T, survey.InvitationResponded, w.stateOf(id).State)
		require.Empty(w.T, w.heldItems())
		require.Equal(w.T, []string{store.VerdictWithdrawn, store.VerdictReplaced}, w.verdicts(id))
		require.Equal(w.T, 1, w.record(start.Add(time.Hour)).Asks)
	},

	"a machine takes nothing back that a person gave": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.person(id, "a reader", start, survey.Answer{Score: 9, Comment: "fine", Done: true})
		w.machine(id, start.Add(time.Minute), 0, 1, 2)
		r, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, 9, r.Score)
		require.Equal(w.T, "fine", r.Comment)
		require.Equal(w.T, survey.Provisional, r.State)
		require.Equal(w.T, []string{id}, w.heldItems())
	},

	"what is final already is withdrawn from all that it led to": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.visited(id, "machine", start, survey.Answer{Score: 0, Done: true})
		recorded := w.record(start)
		require.Len(w.T, recorded.Cases, 1)
		for link := range 7 { // late signs: it opens the other links
			w.must(w.NoteVisit(w.Context(), store.VisitNote{
				Item: id, Source: "machine", Link: strconv.Itoa(link), Links: 12, At: start.Add(time.Second),
			}, start.Add(time.Second)))
		}
		r, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, survey.Withdrawn, r.State)
		require.Equal(w.T, 2, r.Revision)
		again := w.record(start.Add(time.Second))
		require.Equal(w.T, recorded.Cases, again.Cases, "the case is woken")
		detail, err := w.Case(w.Context(), recorded.Cases[0])
		w.must(err)
		require.Equal(w.T, survey.CaseClosed, detail.Case.State)
		require.Equal(w.T, []string{"opened", "withdrawn", "closed"}, whatsOf(detail.History))
		r, err = w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, survey.Withdrawn, r.State)
		require.Equal(w.T, 2, r.Recorded)
	},

	"colleagues whose answers are withdrawn have no open case": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		for _, id := range ids {
			w.visited(id, "machine", start, survey.Answer{Score: 0, Done: true})
		}
		w.record(start)
		for _, id := range ids {
			for link := range 7 {
				w.must(w.NoteVisit(w.Context(), store.VisitNote{
					Item: id, Source: "machine", Link: strconv.Itoa(link), Links: 12, At: start.Add(time.Second),
				}, start.Add(time.Second)))
			}
			w.record(start.Add(time.Second))
		}
		contacts := w.signals(survey.ObjectContact)
		require.Equal(w.T, "0", contacts["c000"][survey.SignalOpenCases])
		require.Equal(w.T, "0", contacts["c001"][survey.SignalOpenCases])
	},

	"one form for each of many contacts": func(w world) {
		w.saveContacts(12)
		ids := w.invite(start, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
		for i, id := range ids {
			w.visited(id, "machine", start.Add(time.Duration(i)*time.Second), survey.Answer{Score: 0, Done: true})
		}
		require.ElementsMatch(w.T, ids, w.heldItems(), "the first ones too")
	},

	"nobody is unsubscribed by a machine": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		leave := func(at time.Time, program string) bool {
			held, err := w.UnsubscribeByForm(w.Context(), store.UnsubscribeRequest{
				ContactKey: contactKey(0), Program: program, At: at, Visit: store.VisitNote{Item: id, Source: "machine", At: at},
			})
			w.must(err)
			return held
		}
		require.False(w.T, leave(start, ""), "one form alone looks like a person's")
		w.machine(id, start.Add(time.Second), 0, 1, 2)
		require.True(w.T, leave(start.Add(4*time.Second), programID))
		kept, err := w.AdmitAsks(w.Context(), "none", start, nil)
		w.must(err)
		require.Empty(w.T, kept)
		require.False(w.T, w.hasLeft(0))
		w.must(w.accept(id, start.Add(time.Hour)))
		require.True(w.T, w.hasLeft(0), "an operator says that it was a person")
	},

	"an operator's word stays": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		require.ErrorIs(w.T, w.accept(id, start), store.ErrNotFound)
		require.ErrorIs(w.T, w.reject(id, start), store.ErrNotFound)
		require.ErrorIs(w.T, w.exclude(id, start), store.ErrNotFound)
		w.machine(id, start, 0, 1, 9)
		w.must(w.accept(id, start.Add(20*24*time.Hour)))
		r, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, 9, r.Score)
		require.Equal(w.T, start.Add(20*24*time.Hour), r.AnsweredAt, "it flows on as if it had come now")
		require.Equal(w.T, 1, w.record(start.Add(20*24*time.Hour)).Asks)
		for link := range 12 {
			w.must(w.NoteVisit(w.Context(), store.VisitNote{Item: id, Source: "machine", Link: strconv.Itoa(link), Links: 12, At: start}, start))
		}
		w.must(w.exclude(id, start.Add(21*24*time.Hour)))
		r, err = w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, survey.Withdrawn, r.State)
		require.Equal(w.T, []string{store.VerdictWithdrawn, store.VerdictAccepted, store.VerdictRejected}, w.verdicts(id))
		found, err := w.Verdicts(w.Context(), id)
		w.must(err)
		require.Equal(w.T, "ada", found[1].Who)
		require.Equal(w.T, "I asked her", found[1].Why)
		w.must(w.accept(id, start.Add(22*24*time.Hour)))
	},

	"an operator decides too late about what its reader has replaced": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.machine(id, start, 0, 1, 2)
		require.Equal(w.T, []string{id}, w.heldItems(), "what the operator sees")
		w.person(id, "a reader", start.Add(time.Hour), survey.Answer{Score: 9})
		require.ErrorIs(w.T, w.reject(id, start.Add(2*time.Hour)), store.ErrNotFound)
		require.ErrorIs(w.T, w.accept(id, start.Add(2*time.Hour)), store.ErrNotFound)
		r, err := w.ResponseOf(w.Context(), id)
		w.must(err)
		require.Equal(w.T, 9, r.Score)
		require.Equal(w.T, survey.Provisional, r.State)
	},

	"visitors of a mail are kept up to a number": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		for i := range survey.MaxVisitors + 5 {
			source := "browser " + strconv.Itoa(i)
			w.must(w.NoteVisit(w.Context(), store.VisitNote{Item: id, Source: source, Link: "9", Links: 12, At: start}, start))
		}
		require.Equal(w.T, 9, w.visited(id, "one more", start, survey.Answer{Score: 9}).Score, "who answers is kept always")
		n, err := w.PurgeVisits(w.Context(), start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, survey.MaxVisitors+1, n)
	},

	"visits are forgotten, those of held answers are not": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		w.machine(ids[0], start, 0, 1, 2)
		w.person(ids[1], "a reader", start, survey.Answer{Score: 9})
		n, err := w.PurgeVisits(w.Context(), start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, 1, n)
		require.Equal(w.T, ids[:1], w.heldItems())
	},

	"an answer after the expiry": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		late := start.Add(expiry + 24*time.Hour)
		_, err := w.Expire(w.Context(), late)
		w.must(err)
		req := w.answerRequest(id, late, survey.Answer{Score: 9})
		_, err = w.SaveAnswer(w.Context(), req)
		require.ErrorIs(w.T, err, store.ErrExpired)
		req.Late = survey.Span(48 * time.Hour)
		_, err = w.SaveAnswer(w.Context(), req)
		w.must(err)
		require.Equal(w.T, survey.InvitationResponded, w.stateOf(id).State)
	},
}

// hasLeft reports whether a contact is asked no more by the tests' program.
func (w world) hasLeft(i int) bool {
	w.Helper()
	made := w.admit(start.Add(365*24*time.Hour), i)
	return strings.HasPrefix(string(made[0].Rule), "unsubscribed")
}

func whatsOf(history []store.CaseEvent) (whats []string) {
	for _, e := range history {
		whats = append(whats, e.What)
	}
	return whats
}
