package activities

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const escalationChannel = "C0CX00099"

// happen adds events to a case's history, as clocks and clicks do.
func (w *world) happen(caseID string, events ...store.CaseEvent) {
	w.Helper()
	_, err := w.store.AdvanceCase(w.Context(), caseID, w.clock.Now(), func(c *survey.Case, _ []survey.Click) store.Advance {
		c.Revision++
		for i := range events {
			events[i].At = w.clock.Now()
		}
		return store.Advance{History: events}
	})
	w.must(err)
}

// shown is a case that Slack shows.
func (w *world) shown(s *Slack) string {
	w.Helper()
	id := w.openCase(person(0, "en"), "Too slow.")
	w.must(s.ShowCase(w.Context(), CaseRef{Case: id}))
	require.Empty(w.T, w.replies(), "the message shows what opened the case")
	return id
}

func (w *world) show(s *Slack, caseID string) {
	w.Helper()
	_, err := run[any](w, s.ShowCase, CaseRef{Case: caseID})
	w.must(err)
}

func TestThreadTellsTheStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.slack()
	id := w.shown(s)
	until := start.Add(2 * day)
	w.happen(id,
		store.CaseEvent{What: "case_acknowledge", User: "U0JONAS"},
		store.CaseEvent{What: "refused", User: "U0GRACE", Note: "case is already acknowledged"},
		store.CaseEvent{What: "case_assign", User: "U0JONAS", Target: "U0GRACE"},
		store.CaseEvent{What: "case_assign", User: "U0MIA", Target: "U0MIA"},
		store.CaseEvent{What: "case_snooze", User: "U0MIA", Choice: until.Format(time.RFC3339)},
	)
	w.show(s, id)
	w.show(s, id)
	w.happen(id,
		store.CaseEvent{What: "woke"}, store.CaseEvent{What: "case_contacted", User: "U0MIA", Note: "Spoke with <Zoë>:\nshe wants a call."},
		store.CaseEvent{What: "case_resolve", User: "U0MIA", Choice: "price", Note: "10 % off"}, store.CaseEvent{What: "something new"},
	)
	w.show(s, id)
	require.Equal(t, []string{
		strings.Join([]string{
			"<@U0JONAS> acknowledged the case.", "<@U0JONAS> gave the case to <@U0GRACE>.", "<@U0MIA> took the case.",
			"<@U0MIA> snoozed the case until " + slackDate(until) + ".",
		}, "\n"),
		strings.Join([]string{
			"The snooze is over.", "<@U0MIA> contacted the customer.", "> Spoke with &lt;Zoë&gt;:\n> she wants a call.",
			"<@U0MIA> resolved the case. Cause: Price.", "> 10 % off",
		}, "\n"),
	}, w.replies())
	require.Len(t, w.messages(), 1)
	one := w.caseOf(id)
	require.Equal(t, one.History[len(one.History)-1].ID, one.Case.Told)
	require.Empty(t, w.unknownEffects())
}

// An answer that comes when the case is there is told, with what the customer wrote.
func TestThreadTellsOfAnotherAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.slack()
	id := w.shown(s)
	_, ids := w.admit(person(1, "en"))
	w.answer(ids[0], survey.Answer{Score: 3, Comment: "I agree\nwith Zoë.", Done: true})
	_, recorded := w.record()
	require.Equal(t, []string{id}, recorded.Cases)
	w.show(s, id)
	require.Equal(t, []string{"An answer came in, or was changed: 3 of 10 (detractor)\n> I agree\n> with Zoë."}, w.replies())
}

// Whose turn it is is named, at each stage somebody else; the channel for what nobody takes
// up hears of it once, without names.
func TestClocksAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.box.AddChannel(sandbox.Channel{ID: escalationChannel, Name: "escalations"})
	s := w.slack()
	s.Route = func(store.CaseDetail) survey.CaseRoute {
		return survey.CaseRoute{Channel: channel, Manager: "U0GRACE", Escalation: escalationChannel}
	}
	id := w.shown(s)
	w.happen(id, store.CaseEvent{What: "case_acknowledge", User: "U0JONAS"})
	_, err := w.store.AdvanceCase(t.Context(), id, w.clock.Now(), func(c *survey.Case, _ []survey.Click) store.Advance {
		c.Assignee = "U0JONAS"
		return store.Advance{}
	})
	w.must(err)
	w.happen(id,
		store.CaseEvent{What: "warned", Choice: "contact"}, store.CaseEvent{What: "escalated", Choice: "contact", Target: "1"},
		store.CaseEvent{What: "escalated", Choice: "contact", Target: "2"}, store.CaseEvent{What: "escalated", Choice: "contact", Target: "3"},
		store.CaseEvent{What: "escalated", Choice: "resolve", Target: "4"},
	)
	faulty := *s
	faulty.Client = faultyPost{s.Client, w.box, sandbox.FaultCut, func(channel string, _ slack.Message) bool { return channel == escalationChannel }}
	_, err = run[any](w, faulty.ShowCase, CaseRef{Case: id})
	fails(t, FailureRetryAfter, err)
	w.pass(time.Minute)
	w.show(s, id)
	w.show(s, id)
	require.Equal(t, []string{strings.Join([]string{
		"<@U0JONAS> acknowledged the case.", "<@U0JONAS> Soon due: contact the customer", "<@U0JONAS> Overdue: contact the customer",
		"<@U0GRACE> Overdue: contact the customer", "Overdue: contact the customer", "Overdue: resolve the case",
	}, "\n")}, w.replies())

	escalations := w.box.Snapshot().Messages(escalationChannel)
	require.Len(t, escalations, 1)
	told := strings.Join(visible(t, escalations[0]), "\n")
	link := "<https://sandbox.slack.com/archives/" + channel + "/p" + strings.ReplaceAll(w.messages()[0].TS, ".", "") + "|To the case>"
	require.Contains(t, told, "*Nobody has taken care of a case yet: Ångström &amp; Söhne*\nOverdue: contact the customer\n*State*\n")
	require.Contains(t, told, link)
	for _, name := range []string{"Zoë", "Brien", "Too slow", "c0"} {
		require.NotContains(t, told, name)
	}
	require.Empty(t, w.unknownEffects())
}

// Where the thread is in the owner's own messages the manager gets one of their own.
func TestManagerOfAnOwnerWithTheirOwnMessages(t *testing.T) {
	t.Parallel()
	o := newOwned(t, map[string]string{"hubspot_owner_id": amelie})
	o.cases.Route = func(store.CaseDetail) survey.CaseRoute {
		return survey.CaseRoute{Channel: channel, ToOwner: true, Manager: jonasInSlack}
	}
	o.slack.Route = o.cases.Route
	o.follow()
	o.happen(o.id, store.CaseEvent{What: "escalated", Choice: "contact", Target: "1"}, store.CaseEvent{What: "escalated", Choice: "contact", Target: "2"})
	o.show(o.slack, o.id)
	o.show(o.slack, o.id)
	require.Len(t, o.in("D0JONAS"), 1)
	told := strings.Join(visible(t, o.in("D0JONAS")[0]), "\n")
	require.Contains(t, told, "Nobody has taken care of a case yet")
	require.NotContains(t, told, "To the case", "they cannot open it")
	require.NotContains(t, told, "Too slow")
	require.Empty(t, o.unknownEffects())
}

// faultyPost has Slack fail at some posts.
type faultyPost struct {
	SlackClient
	box  *sandbox.Sandbox
	kind sandbox.FaultKind
	at   func(channel string, m slack.Message) bool
}

func (f faultyPost) Post(ctx context.Context, channel string, m slack.Message) (id, ts string, err error) {
	if f.at(channel, m) {
		f.box.SetFaults(sandbox.Slack, fault(f.kind))
	}
	return f.SlackClient.Post(ctx, channel, m)
}

// What may have been told is looked for in the thread, and told again only where it is not
// there.
func TestStoryIsToldOnceUnderEveryFault(t *testing.T) {
	t.Parallel()
	for kind, looks := range map[sandbox.FaultKind]int{
		sandbox.FaultCut: 1, sandbox.FaultCutBefore: 2, sandbox.FaultServerError: 2, sandbox.FaultHang: 2, sandbox.FaultRateLimitRetryAfter: 1,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.slack()
			id := w.shown(s)
			w.happen(id, store.CaseEvent{What: "case_acknowledge", User: "U0JONAS"})
			faulty := *s
			faulty.Client = faultyPost{s.Client, w.box, kind, func(_ string, m slack.Message) bool { return m.ThreadTS != "" }}
			_, err := run[any](w, faulty.ShowCase, CaseRef{Case: id})
			for range looks {
				w.happen(id, store.CaseEvent{What: "case_contacted", User: "U0JONAS"}) // meanwhile
				w.pass(fails(t, FailureRetryAfter, err).NextRetryDelay())
				_, err = run[any](w, s.ShowCase, CaseRef{Case: id})
			}
			w.must(err)
			require.Equal(t, 1, strings.Count(strings.Join(w.replies(), "\n"), "acknowledged the case"))
			require.Equal(t, looks, strings.Count(strings.Join(w.replies(), "\n"), "contacted the customer"))
			one := w.caseOf(id)
			require.Equal(t, []any{one.Case.Revision, one.History[len(one.History)-1].ID}, []any{one.Case.Shown, one.Case.Told})
			require.Empty(t, w.unknownEffects())
		})
	}
}

// A long story is told in several replies, each of which Slack takes.
func TestLongStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.slack()
	id := w.shown(s)
	var events []store.CaseEvent
	for i := range 2*maxTold + 1 {
		events = append(events, store.CaseEvent{What: "case_contacted", User: "U0JONAS", Note: fmt.Sprint(i, strings.Repeat("<&>", 600))})
	}
	w.happen(id, events...)
	w.show(s, id)
	require.Len(t, w.replies(), 3)
	require.Equal(t, len(events), strings.Count(strings.Join(w.replies(), "\n"), "contacted the customer"))
}

// dyingStory forgets to keep what the thread knows.
type dyingStory struct {
	store.Store
	left int
}

func (s *dyingStory) StoryTold(ctx context.Context, id string, event int64) error {
	if s.left--; s.left >= 0 {
		return errDied
	}
	return s.Store.StoryTold(ctx, id, event)
}

func TestStoryOfAWorkerThatDied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.slack()
	id := w.shown(s)
	w.happen(id, store.CaseEvent{What: "case_acknowledge", User: "U0JONAS"})
	dying := *s
	dying.Store = &dyingStory{w.store, 1}
	_, err := run[any](w, dying.ShowCase, CaseRef{Case: id})
	require.ErrorContains(t, err, errDied.Error())
	w.show(s, id)
	require.Equal(t, []string{"<@U0JONAS> acknowledged the case."}, w.replies())
}
