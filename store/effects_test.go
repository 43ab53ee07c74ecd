package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEffectsAreNamedForOperators(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]Effect{
		"the digest of storm s1":                   {Key: StormEffect("s1"), Vendor: "slack"},
		"a reply in the thread of case c1":         {Key: StoryEffect("c1", 0, 7), Vendor: "slack"},
		"the escalation of case c1":                {Key: EscalationEffect("c1", 7), Vendor: "slack"},
		"the message of case c1 after move 2":      {Key: MovedCaseEffect("c1", 2), Vendor: "slack"},
		"the mail of invitation i1":                {Key: MailEffect(MailInvite, "i1"), Vendor: "sendgrid"},
		"the SMS of invitation i1":                 {Key: MailEffect(MailInvite, "i1"), Vendor: VendorSMS},
		"the reminder of invitation i1":            {Key: MailEffect(MailReminder, "i1"), Vendor: VendorSMS},
		"the second reminder of invitation i1":     {Key: MailEffect(MailSecondReminder, "i1"), Vendor: "smtp"},
		"the mail of referral ask a1":              {Key: MailEffect(MailAsk, "a1"), Vendor: "smtp"},
		"the first message of case c1":             {Key: CaseEffect("c1"), Vendor: "slack"},
		"the task or ticket of case c1 in the CRM": {Key: RecordEffect("c1"), Vendor: "hubspot"},
		"a note on case c1 in the CRM":             {Key: NoteEffect("c1", 3), Vendor: "hubspot"},
		"":                                         {Key: "mail/letter/i1"},
	} {
		require.Equal(t, want, e.About())
	}
}
