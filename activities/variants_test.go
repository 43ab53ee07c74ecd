package activities

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// TestEachContactIsAskedByItsVariant mails contacts at two times and with two subjects,
// and reminds them with the words that they know.
func TestEachContactIsAskedByItsVariant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	short := map[string]survey.Texts{}
	for locale, texts := range w.program.Texts {
		texts.Subject, texts.ReminderSubject, texts.Question = "Short", "Short again", "Short?"
		short[locale] = texts
	}
	w.program.Variants = []survey.Variant{
		{ID: "plain", Share: 0.5, Texts: w.program.Texts, Delay: w.program.Delay},
		{ID: "short", Share: 0.5, Texts: short, Delay: w.program.Delay + survey.Span(day)},
	}
	w.must(w.store.SaveProgram(t.Context(), w.program))
	batch, admitted := w.admitWindowed(people(20))
	require.Len(t, admitted.Groups, 2)
	require.Equal(t, day, admitted.Groups[1].Due.Sub(admitted.Groups[0].Due))
	var sentBy time.Time
	for _, g := range admitted.Groups {
		w.moment.Store(int64(g.Due.Sub(start)))
		sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch, Due: g.Due})
		w.must(err)
		sentBy = sent.SentBy
	}
	w.pass(4 * day)
	_, err := run[Reminded](w, w.mail().SendReminders, RemindInput{BatchRef: batch, SentBy: sentBy})
	w.must(err)

	got := map[string]int{}
	w.box.Read(func(st *sandbox.State) {
		for _, m := range st.Mails {
			found, err := w.store.Invitation(t.Context(), m.CustomArgs["cxloop_id"])
			w.must(err)
			i := found.Invitation
			require.Equal(t, w.program.VariantOf(i.ContactKey), i.Variant)
			as := w.program.As(i.Variant)
			subject := as.Texts[i.Locale].Subject
			if m.CustomArgs["cxloop_kind"] == "reminder" {
				subject = as.Texts[i.Locale].ReminderSubject
			}
			require.Equal(t, survey.Fill(subject, map[string]string{"brand": "Nordwind", "first_name": found.Contact.FirstName, "account": found.Account.Name}), m.Subject)
			got[fmt.Sprint(i.Variant, m.CustomArgs["cxloop_kind"])]++
		}
	})
	require.Len(t, got, 4, "%v", got)
	require.Equal(t, got["plaininvite"], got["plainreminder"])
	require.Equal(t, 20, got["plaininvite"]+got["shortinvite"])
}
