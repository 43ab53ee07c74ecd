package workflows_test

import (
	"testing"
	"time"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// A program by SMS takes the same steps at the vendor of SMS.
func TestInviteBySMS(t *testing.T) {
	t.Parallel()
	s := inviting{
		prepare: once(activities.Prepared{Channel: survey.ChannelSMS}), admit: admits(group(0)), unanswered: once(1),
	}.tell(t)
	var sms *activities.SMS
	on(s, sms.SendSMSInvitations, gives(activities.Sent{Again: after(time.Hour)}), sentAndRemind(time.Hour, 5*day))
	on(s, sms.SendSMSReminders, gives(activities.Reminded{}))
	s.reads(workflows.InviteWorkflow, batch,
		prepareLine, admitLine,
		"0s SendSMSInvitations @cxloop-twilio nps/v1/b due 8760h0m0s",
		"1h0m0s SendSMSInvitations @cxloop-twilio nps/v1/b due 8760h0m0s",
		"120h0m0s CountUnanswered nps/v1/b sent by 1h0m0s",
		"120h0m0s SendSMSReminders @cxloop-twilio nps/v1/b sent by 1h0m0s",
	)
	s.ends(5 * day)
}
