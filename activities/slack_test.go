package activities

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// click puts a press of a button into the inbox, of a message that shows the case
// as it is.
func (w *world) click(id, caseID string, action survey.CaseAction, user string) {
	w.Helper()
	w.clickOn(w.caseOf(caseID).Case.Button(), id, action, user)
}

// clickOn puts a press of a button with a value into the inbox.
func (w *world) clickOn(button, id string, action survey.CaseAction, user string) {
	w.Helper()
	caseID, seen, ok := survey.ParseButton(button)
	require.True(w.T, ok)
	w.clickWith(caseID, survey.Click{ID: id, Action: action, User: user, Seen: seen})
}

// clickWith puts a click on a case into the inbox.
func (w *world) clickWith(caseID string, click survey.Click) {
	w.Helper()
	click.CaseID, click.At = caseID, w.clock.Now()
	payload, err := json.Marshal(click)
	w.must(err)
	_, err = w.store.AddItems(w.Context(), []store.Item{
		{Topic: store.TopicClick, Lane: caseID, Source: "slack", Key: click.ID, Payload: payload, DueAt: click.At},
	})
	w.must(err)
}

func (w *world) cases() *Cases {
	return &Cases{Store: w.store, Programs: w.programs, Clock: w.clock, SLA: survey.SLA{Off: true}, Route: to(channel), OwnerOf: usualOwner}
}

func usualOwner(a survey.Account) string { return survey.OwnerOf(a, "") }

func (w *world) advance(caseID string) Advanced {
	w.Helper()
	out, err := w.cases().AdvanceCase(w.Context(), CaseRef{Case: caseID})
	w.must(err)
	return out
}

func (w *world) caseOf(id string) store.CaseDetail {
	w.Helper()
	detail, err := w.store.Case(w.Context(), id)
	w.must(err)
	return detail
}

// messages are those of the channel itself.
func (w *world) messages() []*sandbox.Message {
	return withoutReplies(w.box.Snapshot().Messages(channel))
}

func isReply(m *sandbox.Message) bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

func withoutReplies(messages []*sandbox.Message) []*sandbox.Message {
	return slices.DeleteFunc(slices.Clone(messages), isReply)
}

// replies are those in all threads of the channel, as they are read.
func (w *world) replies() []string {
	w.Helper()
	var replies []string
	for _, m := range w.box.Snapshot().Messages(channel) {
		if isReply(m) {
			replies = append(replies, strings.Join(visible(w.T, m), "\n"))
		}
	}
	return replies
}

func TestCaseIsPostedOnceAndThenUpdated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "Too slow.")
	show := func() {
		t.Helper()
		_, err := run[any](w, w.slack().ShowCase, CaseRef{Case: id})
		w.must(err)
	}
	show()
	require.Len(t, w.messages(), 1)
	one := w.caseOf(id).Case
	require.Equal(t, []any{channel, w.messages()[0].TS, 1}, []any{one.Channel, one.MessageTS, one.Shown})
	show()
	require.Empty(t, w.messages()[0].Edits, "nothing changed, nothing is called")
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U0JONAS": true}, time.Now()))
	w.click("k1", id, survey.ActionAcknowledge, "U0JONAS")
	require.True(t, w.advance(id).Show)
	show()
	require.Len(t, w.messages(), 1)
	require.Contains(t, string(w.messages()[0].Blocks), "Acknowledged by ")
	require.False(t, w.advance(id).Show)
	require.Empty(t, w.unknownEffects())
}

// What may have been posted is looked for in the channel, again after a pause, and
// posted again only where it is not there.
func TestCaseIsPostedOnceUnderEveryFault(t *testing.T) {
	t.Parallel()
	for kind, want := range map[sandbox.FaultKind]struct {
		delay    time.Duration
		messages int
		// looks are the pauses after the tries that follow; the last has none.
		looks []time.Duration
	}{
		sandbox.FaultCut:                 {slackLook, 1, []time.Duration{0}},
		sandbox.FaultCutBefore:           {slackLook, 0, []time.Duration{slackSettles - slackLook, 0}},
		sandbox.FaultServerError:         {slackLook, 0, []time.Duration{slackSettles - slackLook, 0}},
		sandbox.FaultHang:                {slackLook, 0, []time.Duration{slackSettles - slackLook, 0}},
		sandbox.FaultRateLimitRetryAfter: {3 * time.Second, 0, []time.Duration{0}},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.openCase(person(0, "en"), "Too slow.")
			w.box.SetFaults(sandbox.Slack, fault(kind))
			_, err := run[any](w, w.slack().ShowCase, CaseRef{Case: id})
			failed := fails(t, FailureRetryAfter, err)
			require.False(t, failed.NonRetryable())
			require.Len(t, w.messages(), want.messages)
			for _, look := range want.looks {
				require.Equal(t, want.delay, failed.NextRetryDelay())
				w.pass(failed.NextRetryDelay())
				_, err := run[any](w, w.slack().ShowCase, CaseRef{Case: id})
				if want.delay = look; look == 0 {
					w.must(err)
				} else {
					failed = fails(t, FailureRetryAfter, err)
				}
			}
			w.isShownOnce(id)
		})
	}
}

// isShownOnce wants one message of a case, known to the store.
func (w *world) isShownOnce(id string) {
	w.Helper()
	require.Len(w.T, w.messages(), 1)
	shown := w.caseOf(id).Case
	require.Equal(w.T, []any{channel, w.messages()[0].TS, shown.Revision}, []any{shown.Channel, shown.MessageTS, shown.Shown})
	effects, err := w.store.BeginEffects(w.Context(), slackVendor, channel, []string{store.CaseEffect(id)}, start, start)
	w.must(err)
	require.Len(w.T, effects.Done, 1)
	require.Equal(w.T, channel+"/"+shown.MessageTS, effects.Done[0].Ref)
}

// A case found in the channel is brought up to date: it went on meanwhile.
func TestFoundCaseIsUpdated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "Too slow.")
	for i := range historyOfOthers {
		_, _, err := w.slack().Client.Post(t.Context(), channel, slack.Message{Text: "something else " + strconv.Itoa(i)})
		w.must(err)
	}
	w.box.SetFaults(sandbox.Slack, fault(sandbox.FaultCut))
	_, err := run[any](w, w.slack().ShowCase, CaseRef{Case: id})
	fails(t, FailureRetryAfter, err)
	w.pass(10 * day)
	require.True(t, w.advance(id).Ended)
	_, err = run[any](w, w.slack().ShowCase, CaseRef{Case: id})
	w.must(err)
	require.Len(t, w.messages(), historyOfOthers+1)
	require.Contains(t, string(w.messages()[historyOfOthers].Blocks), "nobody resolved it in time")
	require.Empty(t, w.unknownEffects())
}

// A post in doubt is looked for where it was begun, though the account's cases go
// elsewhere by now.
func TestAccountMovesWhileAPostIsInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.box.AddChannel(sandbox.Channel{ID: "C0MOVED01", Name: "moved"})
	id := w.openCase(person(0, "en"), "Too slow.")
	w.box.SetFaults(sandbox.Slack, fault(sandbox.FaultCut))
	s := w.slack()
	_, err := run[any](w, s.ShowCase, CaseRef{Case: id})
	fails(t, FailureRetryAfter, err)
	s.Route = to("C0MOVED01")
	_, err = run[any](w, s.ShowCase, CaseRef{Case: id})
	w.must(err)
	w.isShownOnce(id)
}

// historyOfOthers is more than one page of a channel's history.
const historyOfOthers = 201

// A look that Slack refuses is left to an operator, and nothing is posted meanwhile.
func TestLookWithoutItsScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "Too slow.")
	w.box.SetFaults(sandbox.Slack, fault(sandbox.FaultCutBefore))
	s := w.slack()
	_, err := run[any](w, s.ShowCase, CaseRef{Case: id})
	fails(t, FailureRetryAfter, err)
	w.pass(time.Hour)
	s.Client = blindSlack{s.Client}
	_, err = run[any](w, s.ShowCase, CaseRef{Case: id})
	require.Equal(t, operatorWait, fails(t, FailureRetryAfter, err).NextRetryDelay())
	require.Empty(t, w.messages())
}

// blindSlack may not read the channel.
type blindSlack struct{ SlackClient }

func (blindSlack) FindMessage(context.Context, string, time.Time, string, string, string) (string, error) {
	return "", &integrations.Error{Vendor: slackVendor, Kind: integrations.Permanent, Code: "missing_scope", Err: errors.New("refused")}
}

// What an earlier cxloop gave up is looked up as well.
func TestUnknownPostIsLookedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "Too slow.")
	_, err := w.store.BeginEffects(t.Context(), slackVendor, channel, []string{store.CaseEffect(id)}, start, start)
	w.must(err)
	_, err = w.store.LoseEffects(t.Context(), []string{store.CaseEffect(id)}, start)
	w.must(err)
	_, err = run[any](w, w.slack().ShowCase, CaseRef{Case: id})
	w.must(err)
	w.isShownOnce(id)
}

// A message that somebody deleted is posted anew with what it showed, and the story goes on
// in its thread. Of a case that has ended it is not.
func TestDeletedMessageIsPostedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.slack()
	id := w.openCase(person(0, "en"), "Too slow.")
	w.show(s, id)
	first := w.messages()[0]
	w.must(w.box.DeleteMessage(first.Channel, first.TS))
	w.happen(id, store.CaseEvent{What: "case_acknowledge", User: "U0JONAS"})
	w.show(s, id)
	require.Len(t, w.messages(), 1)
	second := w.messages()[0]
	require.NotEqual(t, first.TS, second.TS)
	require.Equal(t, second.TS, w.caseOf(id).Case.MessageTS)
	require.Equal(t, []string{"<@U0JONAS> acknowledged the case."}, w.replies())

	w.must(w.box.DeleteMessage(second.Channel, second.TS))
	w.pass(10 * day)
	require.True(t, w.advance(id).Ended)
	w.show(s, id)
	require.Empty(t, w.messages())
	require.False(t, w.advance(id).Show)
	require.Empty(t, w.unknownEffects())
}

func TestUpdateIsRepeatedUnderEveryFault(t *testing.T) {
	t.Parallel()
	for _, kind := range sandbox.FaultKinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.openCase(person(0, "en"), "Too slow.")
			_, err := run[any](w, w.slack().ShowCase, CaseRef{Case: id})
			w.must(err)
			w.pass(10 * day)
			require.True(t, w.advance(id).Ended)
			w.box.SetFaults(sandbox.Slack, fault(kind))
			_, err = run[any](w, w.slack().ShowCase, CaseRef{Case: id})
			require.False(t, fails(t, FailureRetryAfter, err).NonRetryable())
			_, err = run[any](w, w.slack().ShowCase, CaseRef{Case: id})
			w.must(err)
			require.Len(t, w.messages(), 1)
			require.Contains(t, string(w.messages()[0].Blocks), "nobody resolved it in time")
			require.Empty(t, w.unknownEffects())
		})
	}
}

func TestChannelWithoutTheAppWaitsForTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "Too slow.")
	w.box.AddChannel(sandbox.Channel{ID: "C0LATER01", Name: "later", NotMember: true})
	s := w.slack()
	s.Route = func(d store.CaseDetail) survey.CaseRoute {
		require.Equal(t, "Ångström & Söhne", d.Account.Name, "the account decides")
		return survey.CaseRoute{Channel: "C0LATER01"}
	}
	_, err := run[any](w, s.ShowCase, CaseRef{Case: id})
	failed := fails(t, FailureRetryAfter, err)
	require.Equal(t, 5*time.Minute, failed.NextRetryDelay())
	require.ErrorContains(t, failed, "invite the app to the channel")
	s.Route = to(channel) // as after the invitation
	_, err = run[any](w, s.ShowCase, CaseRef{Case: id})
	w.must(err)
	require.Len(t, w.messages(), 1)
	require.Empty(t, w.unknownEffects())
}

// forgetfulStore loses what a worker that dies would not have written.
type forgetfulStore struct {
	store.Store
	lost bool
}

func (f *forgetfulStore) CaseShown(ctx context.Context, id, channel, ts string, revision int) error {
	if !f.lost {
		f.lost = true
		return errDied
	}
	return f.Store.CaseShown(ctx, id, channel, ts, revision)
}

func TestCrashAfterThePost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "Too slow.")
	s := w.slack()
	s.Store = &forgetfulStore{Store: w.store}
	_, err := run[any](w, s.ShowCase, CaseRef{Case: id})
	require.ErrorContains(t, err, errDied.Error())
	for range 2 {
		_, err = run[any](w, s.ShowCase, CaseRef{Case: id})
		w.must(err)
		w.isShownOnce(id)
		require.Empty(t, w.unknownEffects())
	}
}

// stoppedSlack tells the worker to stop while a post is under way.
type stoppedSlack struct {
	SlackClient
	stop context.CancelFunc
}

func (s stoppedSlack) Post(ctx context.Context, channel string, m slack.Message) (id, ts string, err error) {
	id, ts, err = s.SlackClient.Post(ctx, channel, m)
	s.stop()
	return id, ts, err
}

func TestPostIsKeptWhenTheWorkerStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "Too slow.")
	ctx, stop := context.WithCancel(t.Context())
	s := w.slack()
	s.Client = stoppedSlack{s.Client, stop}
	w.must(s.ShowCase(ctx, CaseRef{Case: id}))
	require.Equal(t, 1, w.caseOf(id).Case.Shown)
}
