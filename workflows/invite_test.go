package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

var batch = activities.BatchRef{Program: "nps", Version: "v1", Batch: "b"}

// inviting is what the steps of an invitation answer; a step that is left out is
// never to be called.
type inviting struct {
	prepare    []turn[activities.Prepared]
	resolve    []turn[[]activities.ResolvedItem]
	admit      []turn[activities.Admitted]
	send       []turn[activities.Sent]
	unanswered []turn[int]
	remind     []turn[activities.Reminded]
}

func (i inviting) tell(t *testing.T) *story {
	t.Helper()
	s := tell(t)
	var invitations *activities.Invitations
	var contacts *activities.Contacts
	var mail *activities.Mail
	if i.prepare == nil {
		i.prepare = once(activities.Prepared{})
	}
	on(s, invitations.PrepareInvitations, i.prepare...)
	on(s, contacts.ResolveContacts, i.resolve...)
	on(s, invitations.AdmitInvitations, i.admit...)
	on(s, mail.SendInvitations, i.send...)
	on(s, invitations.CountUnanswered, i.unanswered...)
	on(s, mail.SendReminders, i.remind...)
	return s
}

// once is a single turn.
func once[Out any](out Out) []turn[Out] { return []turn[Out]{gives(out)} }

// group is invitations that are mailed at a moment. In scaled time that is a year
// later, so that the two clocks cannot be taken for each other.
func group(at time.Duration) activities.Group {
	return activities.Group{At: after(at), Due: after(365*day + at), Invitations: 1}
}

func admits(groups ...activities.Group) []turn[activities.Admitted] {
	return once(activities.Admitted{Groups: groups})
}

// sentAndRemind is mails that are followed by a reminder on the real clock.
func sentAndRemind(sentBy, remindAt time.Duration) turn[activities.Sent] {
	return gives(activities.Sent{SentBy: after(sentBy), RemindAt: after(remindAt)})
}

var sentForGood = gives(activities.Sent{})

// The steps before the first mail where no CRM has to be read.
const (
	prepareLine = "0s PrepareInvitations nps/v1/b"
	admitLine   = "0s AdmitInvitations nps/v1/b[]"
)

func TestInvite(t *testing.T) {
	t.Parallel()
	resolved := func(item int64, contact string) turn[[]activities.ResolvedItem] {
		return gives([]activities.ResolvedItem{{Item: item, Contacts: []string{contact}}})
	}
	for _, c := range []struct {
		name  string
		steps inviting
		want  []string
		ends  time.Duration
	}{
		{
			name:  "nobody is admitted",
			steps: inviting{admit: once(activities.Admitted{Suppressed: 3})},
			want:  []string{prepareLine, admitLine},
		},
		{
			name:  "one CRM is read",
			steps: inviting{prepare: once(activities.Prepared{CRMs: []string{"hubspot"}}), resolve: []turn[[]activities.ResolvedItem]{resolved(1, "a")}, admit: admits()},
			want: []string{
				prepareLine,
				"0s ResolveContacts @cxloop-crm-hubspot b in hubspot",
				"0s AdmitInvitations nps/v1/b[{1 [a]}]",
			},
		},
		{
			name: "two CRMs are read, and admission hears of both",
			steps: inviting{
				prepare: once(activities.Prepared{CRMs: []string{"hubspot", "shop"}}),
				resolve: []turn[[]activities.ResolvedItem]{resolved(1, "a"), resolved(2, "b")}, admit: admits(),
			},
			want: []string{
				prepareLine,
				"0s ResolveContacts @cxloop-crm-hubspot b in hubspot",
				"0s ResolveContacts @cxloop-crm-shop b in shop",
				"0s AdmitInvitations nps/v1/b[{1 [a]} {2 [b]}]",
			},
		},
		{
			name:  "no reminder",
			steps: inviting{admit: admits(group(0)), send: []turn[activities.Sent]{sentForGood}},
			want:  []string{prepareLine, admitLine, "0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s"},
		},
		{
			name:  "what was due in the past goes at once",
			steps: inviting{admit: admits(group(-time.Hour)), send: []turn[activities.Sent]{sentForGood}},
			want:  []string{prepareLine, admitLine, "0s SendInvitations @cxloop-sendgrid nps/v1/b due 8759h0m0s"},
		},
		{
			name: "the delay is waited for, then the reminder",
			steps: inviting{
				admit: admits(group(24 * time.Hour)), send: []turn[activities.Sent]{sentAndRemind(time.Minute, 5*day)},
				unanswered: once(1), remind: once(activities.Reminded{}),
			},
			want: []string{
				prepareLine, admitLine,
				"24h0m0s SendInvitations @cxloop-sendgrid nps/v1/b due 8784h0m0s",
				"120h0m0s CountUnanswered nps/v1/b sent by 1m0s",
				"120h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 1m0s",
			},
			ends: 5 * day,
		},
		{
			name: "who has not answered the first reminder gets a second one, when the window is open",
			steps: inviting{
				admit: admits(group(0)), send: []turn[activities.Sent]{gives(activities.Sent{SentBy: after(0), RemindAt: after(4 * day), RemindAgainAt: after(9 * day)})},
				unanswered: []turn[int]{gives(2), gives(1), gives(1)},
				remind: []turn[activities.Reminded]{
					gives(activities.Reminded{}), gives(activities.Reminded{Again: after(10 * day)}), gives(activities.Reminded{}),
				},
			},
			want: []string{
				prepareLine, admitLine,
				"0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s",
				"96h0m0s CountUnanswered nps/v1/b sent by 0s",
				"96h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 0s",
				"216h0m0s CountUnanswered nps/v1/b sent by 0s again",
				"216h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 0s again",
				"240h0m0s CountUnanswered nps/v1/b sent by 0s again",
				"240h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 0s again",
			},
			ends: 10 * day,
		},
		{
			name: "where all have answered, nobody is reminded",
			steps: inviting{
				admit: admits(group(0)), send: []turn[activities.Sent]{sentAndRemind(0, 4*day)}, unanswered: once(0),
			},
			want: []string{
				prepareLine, admitLine,
				"0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s",
				"96h0m0s CountUnanswered nps/v1/b sent by 0s",
			},
			ends: 4 * day,
		},
		{
			name: "mails and reminders of several groups in the order of their times",
			steps: inviting{
				admit: admits(group(0), group(3*day), group(6*day)),
				send: []turn[activities.Sent]{
					sentAndRemind(time.Minute, 4*day), sentAndRemind(time.Hour, 7*day), sentAndRemind(2*time.Hour, 10*day),
				},
				unanswered: []turn[int]{gives(2), gives(0), gives(1)}, remind: []turn[activities.Reminded]{gives(activities.Reminded{}), gives(activities.Reminded{})},
			},
			want: []string{
				prepareLine, admitLine,
				"0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s",
				"72h0m0s SendInvitations @cxloop-sendgrid nps/v1/b due 8832h0m0s",
				"96h0m0s CountUnanswered nps/v1/b sent by 1m0s",
				"96h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 1m0s",
				"144h0m0s SendInvitations @cxloop-sendgrid nps/v1/b due 8904h0m0s",
				"168h0m0s CountUnanswered nps/v1/b sent by 1h0m0s",
				"240h0m0s CountUnanswered nps/v1/b sent by 2h0m0s",
				"240h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 2h0m0s",
			},
			ends: 10 * day,
		},
		{
			name: "those whose window is closed are mailed and reminded when it opens",
			steps: inviting{
				admit: admits(group(0)),
				send: []turn[activities.Sent]{
					gives(activities.Sent{SentBy: after(0), RemindAt: after(4 * day), Again: after(day)}), sentAndRemind(day, 5*day),
				},
				unanswered: []turn[int]{gives(2), gives(1), gives(0)},
				remind:     []turn[activities.Reminded]{gives(activities.Reminded{Again: after(4*day + time.Hour)}), gives(activities.Reminded{})},
			},
			want: []string{
				prepareLine, admitLine,
				"0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s",
				"24h0m0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s",
				"96h0m0s CountUnanswered nps/v1/b sent by 0s",
				"96h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 0s",
				"97h0m0s CountUnanswered nps/v1/b sent by 0s",
				"97h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 0s",
				"120h0m0s CountUnanswered nps/v1/b sent by 24h0m0s",
			},
			ends: 5 * day,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := c.steps.tell(t)
			s.reads(workflows.InviteWorkflow, batch, c.want...)
			s.ends(c.ends)
		})
	}
}

// A vendor that says how long to wait is not asked sooner, and the mails behind it
// keep their order.
func TestInviteWaitsAsTheVendorSays(t *testing.T) {
	t.Parallel()
	s := inviting{
		prepare: once(activities.Prepared{CRMs: []string{"hubspot"}}),
		resolve: []turn[[]activities.ResolvedItem]{fails[[]activities.ResolvedItem](rateLimited(10 * time.Second)), gives[[]activities.ResolvedItem](nil)},
		admit:   admits(group(time.Minute), group(time.Hour)),
		send:    []turn[activities.Sent]{fails[activities.Sent](rateLimited(2 * time.Hour)), sentForGood, sentForGood},
	}.tell(t)
	s.reads(workflows.InviteWorkflow, batch,
		prepareLine,
		"0s ResolveContacts @cxloop-crm-hubspot b in hubspot",
		"10s ResolveContacts @cxloop-crm-hubspot b in hubspot",
		"10s AdmitInvitations nps/v1/b[]",
		"1m0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h1m0s",
		"2h1m0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h1m0s",
		"2h1m0s SendInvitations @cxloop-sendgrid nps/v1/b due 8761h0m0s",
	)
	s.ends(2*time.Hour + time.Minute)
}

// What says nothing of waiting is tried again, ever more seldom. (The test
// environment gives up after ten attempts.)
func TestInviteTriesAgainUntilTheVendorAnswers(t *testing.T) {
	t.Parallel()
	broken := fails[activities.Sent](errors.New("no route to host"))
	sends := make([]turn[activities.Sent], 9)
	for i := range sends {
		sends[i] = broken
	}
	s := inviting{admit: admits(group(0)), send: append(sends, sentForGood)}.tell(t)
	const send = " SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s"
	s.reads(workflows.InviteWorkflow, batch, prepareLine, admitLine,
		"0s"+send, "1s"+send, "3s"+send, "7s"+send, "15s"+send, "31s"+send, "1m3s"+send, "2m7s"+send, "4m15s"+send,
		"8m31s"+send)
	s.ends(8*time.Minute + 31*time.Second)
}

// Reading hundreds of records takes long.
func TestInviteHasReadingSayThatItLives(t *testing.T) {
	t.Parallel()
	s := tell(t)
	var invitations *activities.Invitations
	var contacts *activities.Contacts
	on(s, invitations.PrepareInvitations, gives(activities.Prepared{CRMs: []string{"hubspot"}}))
	on(s, invitations.AdmitInvitations, gives(activities.Admitted{}))
	s.env.OnActivity(contacts.ResolveContacts, mock.Anything, mock.Anything).Return(
		func(ctx context.Context, _ activities.ResolveInput) ([]activities.ResolvedItem, error) {
			return nil, livingFor(ctx, 10*time.Minute, time.Minute)
		})
	s.env.ExecuteWorkflow(workflows.InviteWorkflow, batch)
	s.ends(0)
}

// The database is waited for.
func TestInviteOutlastsTheDatabase(t *testing.T) {
	t.Parallel()
	down := errors.New("database is locked")
	s := inviting{
		prepare:    []turn[activities.Prepared]{fails[activities.Prepared](down), gives(activities.Prepared{})},
		admit:      append([]turn[activities.Admitted]{fails[activities.Admitted](down), fails[activities.Admitted](down)}, admits(group(0))...),
		send:       []turn[activities.Sent]{sentAndRemind(0, time.Hour)},
		unanswered: []turn[int]{fails[int](down), gives(0)},
	}.tell(t)
	s.reads(workflows.InviteWorkflow, batch,
		prepareLine, "200ms PrepareInvitations nps/v1/b",
		"200ms AdmitInvitations nps/v1/b[]", "400ms AdmitInvitations nps/v1/b[]", "800ms AdmitInvitations nps/v1/b[]",
		"800ms SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s",
		"1h0m0s CountUnanswered nps/v1/b sent by 0s", "1h0m0.2s CountUnanswered nps/v1/b sent by 0s",
	)
	s.ends(time.Hour + 200*time.Millisecond)
}

// A step that can never succeed fails the workflow, where an operator sees it, and
// nothing after it is done.
func TestInviteFailsForGood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps inviting
		last  string
	}{
		{"prepare", inviting{prepare: []turn[activities.Prepared]{fails[activities.Prepared](refusedForGood())}}, "0s PrepareInvitations nps/v1/b"},
		{"resolve", inviting{
			prepare: once(activities.Prepared{CRMs: []string{"hubspot", "shop"}}),
			resolve: []turn[[]activities.ResolvedItem]{fails[[]activities.ResolvedItem](refusedForGood())},
		}, "0s ResolveContacts @cxloop-crm-hubspot b in hubspot"},
		{"admit", inviting{admit: []turn[activities.Admitted]{fails[activities.Admitted](refusedForGood())}}, admitLine},
		{"send", inviting{
			admit: admits(group(0), group(time.Hour)), send: []turn[activities.Sent]{fails[activities.Sent](refusedForGood())},
		}, "0s SendInvitations @cxloop-sendgrid nps/v1/b due 8760h0m0s"},
		{"count", inviting{
			admit: admits(group(0)), send: []turn[activities.Sent]{sentAndRemind(0, time.Hour)},
			unanswered: []turn[int]{fails[int](refusedForGood())},
		}, "1h0m0s CountUnanswered nps/v1/b sent by 0s"},
		{"remind", inviting{
			admit: admits(group(0)), send: []turn[activities.Sent]{sentAndRemind(0, time.Hour)},
			unanswered: once(1), remind: []turn[activities.Reminded]{fails[activities.Reminded](refusedForGood())},
		}, "1h0m0s SendReminders @cxloop-sendgrid nps/v1/b sent by 0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := c.steps.tell(t)
			s.env.ExecuteWorkflow(workflows.InviteWorkflow, batch)
			failure, ok := errors.AsType[*temporal.ApplicationError](s.env.GetWorkflowError())
			require.True(t, ok, "%v", s.env.GetWorkflowError())
			require.Equal(t, activities.FailurePermanent, failure.Type())
			require.Equal(t, c.last, s.lines[len(s.lines)-1])
		})
	}
}

func TestInviteIsCancelledWhileItWaits(t *testing.T) {
	t.Parallel()
	s := inviting{admit: admits(group(day))}.tell(t)
	s.at(time.Hour, s.env.CancelWorkflow)
	s.reads(workflows.InviteWorkflow, batch, prepareLine, admitLine)
	require.ErrorContains(t, s.env.GetWorkflowError(), "canceled")
	require.Equal(t, time.Hour, s.elapsed())
}
