package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// silence ends what expired at a moment and returns how often each contact of whom that
// has to be told left an invitation unanswered.
func (w world) silence(at time.Time) map[string]string {
	w.Helper()
	_, err := w.Expire(w.Context(), at)
	w.must(err)
	_, crms, err := w.CountUnanswered(w.Context(), at)
	w.must(err)
	out := map[string]string{}
	for id, values := range w.signals(survey.ObjectContact) {
		if n, told := values[survey.SignalUnanswered]; told {
			out[id] = n
		}
	}
	require.Equal(w.T, len(out) > 0, len(crms) > 0)
	return out
}

var unansweredCases = map[string]func(world){
	"what expired without an answer counts for a year": func(w world) {
		w.saveContacts(3)
		first := w.invite(start, 0, 1)
		w.done(first[1], start, 9)
		w.record(start)
		require.Empty(w.T, w.silence(start.Add(expiry-time.Millisecond)))
		require.Equal(w.T, map[string]string{"c000": "1"}, w.silence(start.Add(expiry)))
		later := start.Add(100 * aDay)
		w.invite(later, 0, 2)
		require.Empty(w.T, w.silence(later))
		require.Equal(w.T, map[string]string{"c000": "2", "c002": "1"}, w.silence(later.Add(expiry)))
		require.Empty(w.T, w.silence(start.Add(survey.UnansweredSpan-time.Millisecond)))
		require.Equal(w.T, map[string]string{"c000": "1"}, w.silence(start.Add(survey.UnansweredSpan)))
		require.Equal(w.T, map[string]string{"c000": "0", "c002": "0"}, w.silence(later.Add(survey.UnansweredSpan)))
		n, _, err := w.CountUnanswered(w.Context(), later.Add(2*survey.UnansweredSpan))
		w.must(err)
		require.Zero(w.T, n, "nothing is left to grow old")
	},

	"a late answer takes back that there was none": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		at := start.Add(expiry)
		require.Equal(w.T, map[string]string{"c000": "1"}, w.silence(at))
		req := w.answerRequest(id, at, survey.Answer{Score: 9, Done: true})
		req.Late = survey.Span(aDay)
		_, err := w.SaveAnswer(w.Context(), req)
		w.must(err)
		require.Equal(w.T, map[string]string{"c000": "0"}, w.silence(at))
	},

	"of what may not have been mailed nobody is told": func(w world) {
		w.saveContacts(1)
		made := w.admit(start, 0)
		w.must(w.MarkUnknown(w.Context(), []string{made[0].ID}, start, start.Add(expiry)))
		require.Empty(w.T, w.silence(start.Add(expiry)))
		require.Equal(w.T, survey.InvitationExpired, w.stateOf(made[0].ID).State)
	},

	"of employees and of those asked anonymously nobody is told": func(w world) {
		for name, change := range map[string]func(*survey.Program){
			"employees": func(p *survey.Program) { p.Of = survey.Employees },
			"anonymous": func(p *survey.Program) { p.Anonymous = true },
		} {
			p := program()
			p.ID = name
			w.must(w.SaveProgram(w.Context(), p))
			change(&p)
			w.must(w.SaveProgram(w.Context(), p))
			w.saveContacts(1)
			req := w.askedRequest(name, contactKey(0))
			req.Program = p
			_, err := w.AddAsked(w.Context(), req)
			w.must(err)
		}
		require.Empty(w.T, w.silence(start.Add(expiry)))
		n, _, err := w.CountUnanswered(w.Context(), start.Add(expiry))
		w.must(err)
		require.Zero(w.T, n)
	},
}
