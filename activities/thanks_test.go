package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// caring is the test's program with all that comes after a resolved case.
func caring(w *world) {
	w.Helper()
	rule := &w.program.FollowUp.Case
	rule.Thanks, rule.Resurvey, rule.ReopenWithin, rule.Contradictions = true, survey.Span(25*day), survey.Span(30*day), true
	texts := w.program.Texts["en"]
	texts.ThanksSubject, texts.ThanksBody = "You said, {first_name}", "{account} told {brand}. {done}"
	texts.ResurveySubject, texts.ResurveyIntro = "Better now?", "We ask once more."
	w.program.Texts["en"] = texts
	programs, err := NewPrograms(w.Context(), w.store, []survey.Program{w.program})
	w.must(err)
	w.programs = programs
}

func (w *world) resolved(caseID string) {
	w.Helper()
	w.clickWith(caseID, survey.Click{ID: w.newID(), Action: survey.ActionResolve, User: "U0GRACE00", Seen: 9, Choice: "support", Note: "Called Zoë."})
	w.must(w.store.SaveSlackUsers(w.Context(), map[string]bool{"U0GRACE00": true}, time.Now()))
	require.True(w.T, w.advance(caseID).Ended)
}

func (w *world) lastMail() *sandbox.Mail {
	var last *sandbox.Mail
	w.box.Read(func(st *sandbox.State) { last = st.Mails[len(st.Mails)-1] })
	return last
}

func TestThanksAfterAResolvedCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caring(w)
	w.resolved(w.openCase(person(0, "en"), "It broke."))
	in := ThanksRef{Batch: w.claim(store.TopicThanks)}
	thanked, err := run[Thanked](w, w.mail().SendThanks, in)
	w.must(err)
	require.Zero(t, thanked)
	m := w.lastMail()
	require.Equal(t, "You said, Zoë", m.Subject)
	require.Contains(t, m.Text(), "Ångström & Söhne told Nordwind. We have gone through what happened with our support team.")
	require.NotContains(t, m.Text(), "Called", "the note is the team's")
	require.Contains(t, m.Headers["List-Unsubscribe"], "https://cx.nordwind.example/u/")
	sent := len(w.mailed())
	_, err = run[Thanked](w, w.mail().SendThanks, in)
	w.must(err)
	require.Len(t, w.mailed(), sent, "nobody is thanked twice")
}

func TestThanksAfterACaseWaitForTheWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opens := w.clock.Now().UTC()
	w.program.Window = &survey.Calendar{Timezone: "UTC", Days: survey.Weekdays, Hours: opens.Format("15:04") + "-" + opens.Add(4*time.Hour).Format("15:04")}
	caring(w)
	id := w.openCase(person(0, "en"), "It broke.")
	w.pass(6 * time.Hour)
	w.resolved(id)
	in := ThanksRef{Batch: w.claim(store.TopicThanks)}
	thanked, err := run[Thanked](w, w.mail().SendThanks, in)
	w.must(err)
	require.WithinDuration(t, opens.Add(day), thanked.Again, 31*time.Minute)
	require.Empty(t, w.mailed())
	w.pass(thanked.Again.Sub(w.clock.Now()))
	thanked, err = run[Thanked](w, w.mail().SendThanks, in)
	w.must(err)
	require.Zero(t, thanked)
	require.Len(t, w.mailed(), 1)
}

func TestCustomersOfAResolvedCaseAreAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caring(w)
	id := w.openCase(person(0, "en"), "It broke.")
	w.resolved(id)
	w.pass(25 * day)
	batch := BatchRef{Program: w.program.ID, Version: w.program.Version(), Batch: w.claim(store.TopicRecheck)}
	prepared, err := w.invitations().PrepareInvitations(t.Context(), batch)
	w.must(err)
	require.Empty(t, prepared.CRMs)
	admitted, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch})
	w.must(err)
	require.Zero(t, admitted.Suppressed, "the quarantine does not count")
	require.Len(t, admitted.Groups, 1)
	again, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, admitted, again)
	sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch, Due: admitted.Groups[0].Due})
	w.must(err)
	require.Zero(t, sent.RemindAt, "nobody is reminded")
	m := w.lastMail()
	require.Equal(t, "Better now?", m.Subject)
	require.Contains(t, m.Text(), "We ask once more.")
	w.answer(m.CustomArgs["cxloop_id"], survey.Answer{Score: 3, Done: true})
	_, recorded := w.record()
	require.Len(t, recorded.Cases, 2)
	require.Contains(t, recorded.Cases, id)
	require.Equal(t, survey.CaseUnrecovered, w.caseOf(id).Case.State)
}

func TestCaseByACondition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.FollowUp.Case.When = "response.score == 10 && account.name.startsWith('Ång')"
	w.program.FollowUp.Case.Priority = survey.PriorityHigh
	caring(w)
	_, ids := w.admit(person(0, "en"), person(6, "en"))
	w.answer(ids[0], survey.Answer{Score: 9, Done: true})
	_, recorded := w.record()
	require.Empty(t, recorded.Cases)
	w.answer(ids[1], survey.Answer{Score: 10, Done: true})
	_, recorded = w.record()
	require.Len(t, recorded.Cases, 1)
	require.Equal(t, survey.CaseProgress{Origin: survey.OriginCondition, Priority: survey.PriorityHigh}, w.caseOf(recorded.Cases[0]).Case.CaseProgress)
}

// What may lead to a case is looked at once before it is final, and not over and over.
func TestWhatMayLeadToACaseWaitsThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.FollowUp.Case.When = "response.score == 10"
	caring(w)
	_, ids := w.admit(person(0, "en"))
	w.answer(ids[0], survey.Answer{Score: 9})
	w.pass(2 * time.Minute)
	_, recorded := w.record()
	require.Empty(t, recorded.Cases)
	batches, err := w.store.ClaimBatches(t.Context(), store.TopicAnswer, w.clock.Now().Add(50*time.Minute), time.Hour, nil)
	w.must(err)
	require.Empty(t, batches)
}

func TestAngryPromoterIsACaseAndIsNotAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caring(w)
	_, ids := w.admit(person(0, "en"))
	w.answer(ids[0], survey.Answer{Score: 9, Comment: "Nice people, but I will cancel.", Done: true})
	_, recorded := w.record()
	require.Len(t, recorded.Cases, 1)
	require.Zero(t, recorded.Asks)
	require.Equal(t, survey.OriginContradiction, w.caseOf(recorded.Cases[0]).Case.Origin)
}
