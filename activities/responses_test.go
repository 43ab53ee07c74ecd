package activities

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestResponseFromProvisionalToFinal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, ids := w.admit(person(0, "en"))
	w.answer(ids[0], survey.Answer{Score: 2})
	nothing, err := w.store.ClaimBatches(t.Context(), store.TopicAnswer, w.clock.Now().Add(2*time.Minute-time.Millisecond), time.Hour, nil)
	w.must(err)
	require.Empty(t, nothing, "the customer may still write a comment")

	w.pass(2 * time.Minute)
	_, alerted := w.record()
	require.Len(t, alerted.Cases, 1)
	require.Equal(t, []string{crmID}, alerted.CRMs)
	one, err := w.store.ResponseOf(t.Context(), ids[0])
	w.must(err)
	require.Equal(t, survey.Provisional, one.State)
	require.Equal(t, w.clock.Now(), one.Alerted)
	require.Equal(t, w.clock.Now().Add(10*day), w.caseOf(alerted.Cases[0]).Case.CloseAt)

	w.answer(ids[0], survey.Answer{Score: 2, Comment: "Too slow."})
	w.pass(time.Hour)
	_, final := w.record()
	require.Equal(t, alerted.Cases, final.Cases, "the comment completes the case")
	one, err = w.store.ResponseOf(t.Context(), ids[0])
	w.must(err)
	require.Equal(t, survey.Final, one.State)
	detail := w.caseOf(final.Cases[0])
	require.Equal(t, []any{2, "Too slow."}, []any{detail.Case.Revision, detail.Responses[0].Comment})
}

func TestPromoterIsAskedWhenFinal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, ids := w.admit(person(0, "en"))
	w.answer(ids[0], survey.Answer{Score: 10})
	w.pass(time.Hour)
	batch, recorded := w.record()
	require.Equal(t, store.Recorded{Asks: 1, CRMs: []string{crmID}}, recorded)
	again, err := w.responses().RecordResponses(t.Context(), batch)
	w.must(err)
	require.Equal(t, recorded, again, "a repetition says the same")
}

func TestNPSOfAnAccountNeedsTenResponses(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]map[string]string{
		0:  {survey.SignalAccountNPSN: "0"},
		9:  {survey.SignalAccountNPSN: "9"},
		10: {survey.SignalAccountNPSN: "10", survey.SignalAccountNPS: "-10.0"},
		12: {survey.SignalAccountNPSN: "12", survey.SignalAccountNPS: "-8.3"},
	} {
		require.Equal(t, want, accountSignals(store.AccountCounts{N: n, Promoters: 1, Detractors: 2}), n)
	}
}

func TestAnswerToAProgramThatIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, ids := w.admit(person(0, "en"))
	w.answer(ids[0], survey.Answer{Score: 9, Done: true})
	batch := AnswersRef{Batch: w.claim(store.TopicAnswer)}
	other, err := NewPrograms(t.Context(), emptySettings{}, nil)
	w.must(err)
	lost := w.responses()
	lost.Programs = other
	_, err = lost.RecordResponses(t.Context(), batch)
	require.ErrorIs(t, err, store.ErrNotFound)
	recorded, err := w.responses().RecordResponses(t.Context(), batch)
	w.must(err)
	require.Equal(t, 1, recorded.Asks, "nothing was recorded before")
}

func TestAnswerItemThatIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.store.AddItems(t.Context(), []store.Item{{Topic: store.TopicAnswer, Lane: "nps", Source: "s", Key: "k", Payload: []byte(`{`), DueAt: start}})
	w.must(err)
	_, err = w.responses().RecordResponses(t.Context(), AnswersRef{Batch: w.claim(store.TopicAnswer)})
	require.ErrorContains(t, err, "inbox item 1: ")
}

// Answers of one batch may be to different versions of their program.
func TestAnswersToTwoVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, first := w.admit(person(0, "en"))
	w.program.FollowUp.Referral.Delay = survey.Span(2 * day)
	programs, err := NewPrograms(t.Context(), w.store, []survey.Program{w.program})
	w.must(err)
	w.programs = programs
	_, second := w.admit(person(6, "en"))
	for _, id := range []string{first[0], second[0]} {
		w.answer(id, survey.Answer{Score: 10, Done: true})
	}
	batch, recorded := w.record()
	require.Equal(t, 2, recorded.Asks)
	waiting, err := w.store.WaitingAsks(t.Context(), batch.Batch)
	w.must(err)
	due := map[string]time.Duration{}
	for _, ask := range waiting {
		found, err := w.store.Ask(t.Context(), ask.Ask.ID)
		w.must(err)
		due[found.Contact.ID] = ask.Ask.DueAt.Sub(w.clock.Now())
	}
	require.Equal(t, map[string]time.Duration{"c0": day, "c6": 2 * day}, due)
	require.Equal(t, w.clock.Now().Add(day), w.plan(batch).At, "the first of them")
}

// emptySettings keeps no program.
type emptySettings struct{ store.Settings }

func (emptySettings) Program(context.Context, string, string) (survey.Program, error) {
	return survey.Program{}, store.ErrNotFound
}

// startList notes what is started and fails where it is told to.
type startList struct {
	mu    sync.Mutex
	begun []string
	fail  string
}

func (l *startList) note(what string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun = append(l.begun, what)
	if what == l.fail {
		return errors.New("temporal is away")
	}
	return nil
}

func (l *startList) Case(_ context.Context, id string) error    { return l.note("case " + id) }
func (l *startList) Invite(_ context.Context, b BatchRef) error { return l.note("invite " + b.Batch) }
func (l *startList) Campaign(_ context.Context, id string) error {
	return l.note("campaign " + id)
}
func (l *startList) Ask(_ context.Context, id string) error { return l.note("ask " + id) }
func (l *startList) Leads(_ context.Context, b LeadsRef) error {
	return l.note("leads " + b.CRM + " " + b.Batch)
}
func (l *startList) Sync(_ context.Context, crm string) error { return l.note("sync " + crm) }
func (l *startList) Storm(_ context.Context, id string) error { return l.note("storm " + id) }

func TestFollowUps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   store.Recorded
		want []string
	}{
		"nothing":    {store.Recorded{}, nil},
		"everything": {store.Recorded{Cases: []string{"1", "2"}, Asks: 3, CRMs: []string{"a", "b"}}, []string{"ask b1", "case 1", "case 2", "sync a", "sync b"}},
	} {
		list := &startList{}
		require.NoError(t, (&Starts{Starter: list}).FollowUps(t.Context(), FollowUpsInput{Batch: "b1", Recorded: c.in}), name)
		slices.Sort(list.begun)
		require.Equal(t, c.want, list.begun, name)
	}
	list := &startList{fail: "ask b1"}
	require.ErrorContains(t, (&Starts{Starter: list}).FollowUps(t.Context(), FollowUpsInput{Batch: "b1", Recorded: store.Recorded{Asks: 1}}), "temporal is away")
}

// promote makes asks of promoters' answers.
func (w *world) promote(contacts ...survey.Contact) AnswersRef {
	w.Helper()
	_, ids := w.admit(contacts...)
	for _, id := range ids {
		w.answer(id, survey.Answer{Score: 10, Done: true})
	}
	batch, recorded := w.record()
	require.Equal(w.T, len(contacts), recorded.Asks)
	return batch
}

func (w *world) asks() *Asks { return &Asks{Store: w.store, Programs: w.programs, Clock: w.clock} }

func (w *world) plan(batch AnswersRef) PlannedAsks {
	w.Helper()
	planned, err := w.asks().PlanAsks(w.Context(), batch)
	w.must(err)
	return planned
}

func TestAsksAreDecidedWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch := w.promote(person(0, "en"), person(6, "en"), person(1, "en"), person(11, "en"))
	due := w.clock.Now().Add(day)
	require.Equal(t, PlannedAsks{Asks: 4, At: due}, w.plan(batch))
	w.pass(day)
	w.openCase(person(2, "en"), "") // of the account of 0 and 1
	w.must(w.store.Unsubscribe(t.Context(), person(11, "").Key, w.clock.Now()))
	for range 2 { // a repetition says the same
		n, err := w.asks().AdmitAsks(t.Context(), batch)
		w.must(err)
		require.Equal(t, 1, n)
	}
	_, err := run[any](w, w.mail().SendAsks, batch)
	w.must(err)
	require.Equal(t, []string{"c6@customers.example"}, w.mailed())
	require.Equal(t, PlannedAsks{}, w.plan(batch))
}

// Who has thought better of it by then is not asked, even after admission.
func TestAskOfWhoIsNoPromoterAnyMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, ids := w.admit(person(0, "en"), person(6, "en"))
	for _, id := range ids {
		w.answer(id, survey.Answer{Score: 10, Done: true})
	}
	batch, _ := w.record()
	w.pass(day)
	n, err := w.asks().AdmitAsks(t.Context(), batch)
	w.must(err)
	require.Equal(t, 2, n)
	w.answer(ids[0], survey.Answer{Score: 8, Done: true})
	_, err = run[any](w, w.mail().SendAsks, batch)
	w.must(err)
	require.Equal(t, []string{"c6@customers.example"}, w.mailed())
	require.Zero(t, w.plan(batch).Asks)
}

func TestAskIsMailedOnceUnderEveryFault(t *testing.T) {
	t.Parallel()
	for kind, mails := range map[sandbox.FaultKind]int{"": 1, sandbox.FaultCut: 1, sandbox.FaultCutBefore: 0, sandbox.FaultRateLimit: 1} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			batch := w.promote(person(0, "en"))
			w.pass(day)
			if kind != "" {
				w.box.SetFaults(sandbox.SendGrid, fault(kind))
			}
			mail := w.mail()
			for range 3 {
				if _, err := run[any](w, mail.SendAsks, batch); err != nil {
					fails(t, FailureRetryAfter, err)
				}
			}
			require.Len(t, w.mailed(), mails)
			require.Zero(t, w.plan(batch).Asks)
		})
	}
}

func TestRefusedAskIsSuppressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	contact := person(0, "en")
	contact.Email = "bad@customers.example"
	batch := w.promote(contact)
	w.pass(day)
	vendor := &strictVendor{}
	mail := w.mailWith(w.sender(scripted(t, vendor.ServeHTTP), secret))
	for range 2 {
		_, err := run[any](w, mail.SendAsks, batch)
		w.must(err)
		require.Equal(t, 1, vendor.calls)
	}
	require.Zero(t, w.plan(batch).Asks)
}
