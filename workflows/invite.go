package workflows

import (
	"cmp"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/survey"
)

// InviteID is the id of the workflow of a batch of a program's events.
func InviteID(program, batch string) string { return "invite/" + program + "/" + batch }

// InviteWorkflow asks the contacts that a batch of events leads to, one or 500 with
// the same steps: resolve, admit, wait, mail, wait, remind.
func InviteWorkflow(ctx workflow.Context, in activities.BatchRef) error {
	w := invite{batch: in}
	if err := w.admit(ctx); err != nil {
		return err
	}
	return w.mailAll(ctx)
}

type invite struct {
	batch activities.BatchRef
	steps []inviteStep
	// by is how the contacts are reached.
	by survey.Channel
}

// inviteStep is a group's next mail.
type inviteStep struct {
	at time.Time // on the real clock
	do func(workflow.Context) error
}

func (w *invite) admit(ctx workflow.Context) error {
	var invitations *activities.Invitations
	var contacts *activities.Contacts
	var prepared activities.Prepared
	if err := workflow.ExecuteLocalActivity(inStore(ctx), invitations.PrepareInvitations, w.batch).Get(ctx, &prepared); err != nil {
		return err
	}
	w.by = prepared.Channel
	admit := activities.AdmitInput{BatchRef: w.batch}
	for _, crm := range prepared.CRMs {
		var resolved []activities.ResolvedItem
		in := activities.ResolveInput{Batch: w.batch.Batch, CRM: crm}
		if err := workflow.ExecuteActivity(longAtVendor(ctx, QueueCRM(crm)), contacts.ResolveContacts, in).Get(ctx, &resolved); err != nil {
			return err
		}
		admit.Resolved = append(admit.Resolved, resolved...)
	}
	var admitted activities.Admitted
	if err := workflow.ExecuteLocalActivity(inStore(ctx), invitations.AdmitInvitations, admit).Get(ctx, &admitted); err != nil {
		return err
	}
	for _, group := range admitted.Groups {
		w.plan(group.At, func(ctx workflow.Context) error { return w.send(ctx, group.Due) })
	}
	return nil
}

func (w *invite) plan(at time.Time, do func(workflow.Context) error) {
	w.steps = append(w.steps, inviteStep{at, do})
}

// mailAll takes the groups' mails in the order of their times.
func (w *invite) mailAll(ctx workflow.Context) error {
	for len(w.steps) > 0 {
		slices.SortStableFunc(w.steps, func(a, b inviteStep) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
		next := w.steps[0]
		w.steps = w.steps[1:]
		if err := sleepUntil(ctx, next.at); err != nil {
			return err
		}
		if err := next.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// toSend is what sends the invitations and the reminders by a channel, and where.
func toSend(by survey.Channel) (queue string, invite, remind any) {
	var mail *activities.Mail
	var sms *activities.SMS
	if by == survey.ChannelSMS {
		return QueueTwilio, sms.SendSMSInvitations, sms.SendSMSReminders
	}
	return QueueMail, mail.SendInvitations, mail.SendReminders
}

func (w *invite) send(ctx workflow.Context, due time.Time) error {
	var sent activities.Sent
	in := activities.SendInput{BatchRef: w.batch, Due: due}
	queue, invite, _ := toSend(w.by)
	if err := workflow.ExecuteActivity(atVendor(ctx, queue), invite, in).Get(ctx, &sent); err != nil {
		return err
	}
	if !sent.Again.IsZero() {
		w.plan(sent.Again, func(ctx workflow.Context) error { return w.send(ctx, due) })
	}
	if !sent.RemindAt.IsZero() {
		w.plan(sent.RemindAt, func(ctx workflow.Context) error { return w.remind(ctx, sent.SentBy, false) })
	}
	if !sent.RemindAgainAt.IsZero() {
		w.plan(sent.RemindAgainAt, func(ctx workflow.Context) error { return w.remind(ctx, sent.SentBy, true) })
	}
	return nil
}

func (w *invite) remind(ctx workflow.Context, sentBy time.Time, second bool) error {
	var invitations *activities.Invitations
	in := activities.RemindInput{BatchRef: w.batch, SentBy: sentBy, Second: second}
	var unanswered int
	if err := workflow.ExecuteLocalActivity(inStore(ctx), invitations.CountUnanswered, in).Get(ctx, &unanswered); err != nil {
		return err
	}
	if unanswered == 0 {
		return nil
	}
	var reminded activities.Reminded
	queue, _, remind := toSend(w.by)
	if err := workflow.ExecuteActivity(atVendor(ctx, queue), remind, in).Get(ctx, &reminded); err != nil {
		return err
	}
	if !reminded.Again.IsZero() {
		w.plan(reminded.Again, func(ctx workflow.Context) error { return w.remind(ctx, sentBy, second) })
	}
	return nil
}
