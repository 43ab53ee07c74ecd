package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// reminding is a world whose program reminds twice, and the mails of a batch of it.
func reminding(t *testing.T, change func(*survey.Program), contacts ...survey.Contact) (w *world, batch BatchRef, sent Sent) {
	t.Helper()
	w = newWorld(t)
	w.program.SecondReminder = survey.Span(9 * day)
	if change != nil {
		change(&w.program)
	}
	w.must(w.store.SaveProgram(t.Context(), w.program))
	batch, _ = w.admit(contacts...)
	sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	return w, batch, sent
}

func TestTwoReminders(t *testing.T) {
	t.Parallel()
	w, batch, sent := reminding(t, nil, people(3)...)
	require.Equal(t, 6*day, sent.RemindAgainAt.Sub(sent.RemindAt))
	remind := func(second bool) []string {
		before := len(w.mailed())
		for range 2 { // a repetition reminds nobody again
			_, err := run[Reminded](w, w.mail().SendReminders, RemindInput{BatchRef: batch, SentBy: sent.SentBy, Second: second})
			w.must(err)
		}
		return w.mailed()[before:]
	}
	w.pass(3 * day)
	require.Len(t, remind(false), 3)
	w.must(w.store.Unsubscribe(t.Context(), person(1, "").Key, w.clock.Now()))
	w.pass(6 * day)
	require.ElementsMatch(t, []string{"c0@customers.example", "c2@customers.example"}, remind(true))
	require.Empty(t, remind(false), "it is too late for the first one")
	kinds := map[string]int{}
	w.box.Read(func(st *sandbox.State) {
		for _, m := range st.Mails {
			kinds[m.CustomArgs["cxloop_kind"]]++
		}
	})
	require.Equal(t, map[string]int{"invite": 3, "reminder": 3, "second_reminder": 2}, kinds)
}

// The rules are asked again, by what is known by then.
func TestWhoIsNotMeantAnyMoreIsNotReminded(t *testing.T) {
	t.Parallel()
	w, batch, sent := reminding(t, func(p *survey.Program) { p.Audience = "!(contact.first_name in ['Gone'])" }, people(3)...)
	gone := person(1, "en")
	gone.FirstName, gone.RefreshedAt = "Gone", w.clock.Now().Add(time.Minute)
	w.must(w.store.SaveContacts(t.Context(), []survey.Contact{gone}, nil))
	w.pass(3 * day)
	_, err := run[Reminded](w, w.mail().SendReminders, RemindInput{BatchRef: batch, SentBy: sent.SentBy})
	w.must(err)
	require.ElementsMatch(t, []string{"c0@customers.example", "c2@customers.example"}, w.mailed()[3:])
}
