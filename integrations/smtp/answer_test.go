package smtp

import (
	"errors"
	"net/textproto"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/mail"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	signedIn := &Client{options: Options{Username: "cx"}}
	stranger := &Client{}
	for name, c := range map[string]struct {
		client *Client
		stage  stage
		code   int
		text   string
		kind   integrations.ErrorKind
		hint   string
		is     error
	}{
		"no mailbox, told late":       {signedIn, atEnd, 550, "5.1.1 unknown", integrations.Permanent, "", mail.ErrNoMailbox},
		"no mail for the domain":      {signedIn, atRecipient, 556, "5.1.10 null MX", integrations.Permanent, "", mail.ErrNoMailbox},
		"550 that may be anything":    {signedIn, atRecipient, 550, "no", integrations.Permanent, "", nil},
		"one of both addresses":       {signedIn, atRecipient, 550, "5.1.0 address rejected", integrations.Permanent, "", nil},
		"the sender's address is bad": {signedIn, atRecipient, 550, "5.1.8 bad sender", integrations.Permanent, "", nil},
		"the sender is refused":       {signedIn, atSender, 553, "5.7.1 not yours", integrations.Permanent, hintFrom, nil},
		"relaying denied":             {stranger, atRecipient, 554, "5.7.1 relay access denied", integrations.Permanent, hintNoRelay, nil},
		"spam":                        {signedIn, atEnd, 554, "5.7.1 spam", integrations.Permanent, "", nil},
		"mailbox full":                {signedIn, atRecipient, 452, "4.2.2 full", integrations.RetryAfter, "", mail.ErrDeferred},
		"put off at the end":          {signedIn, atEnd, 451, "4.7.1 later", integrations.RetryAfter, "", mail.ErrDeferred},
		"going down":                  {signedIn, atEnd, 421, "4.3.2 going down", integrations.RetryAfter, "", nil},
		"cannot check passwords now":  {signedIn, atSignIn, 454, "4.7.0 later", integrations.RetryAfter, "", nil},
		"wrong password":              {signedIn, atSignIn, 535, "5.7.8 no", integrations.Permanent, hintSignIn, nil},
		"greeted with no":             {signedIn, atConnect, 554, "no SMTP here", integrations.Permanent, hintHost, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.client.typed(at(c.stage, &textproto.Error{Code: c.code, Msg: c.text + " lena@kunde.example"}))
			e, _ := errors.AsType[*integrations.Error](err)
			require.NotNil(t, e)
			require.Equal(t, c.kind, e.Kind)
			require.Equal(t, c.hint, e.Hint)
			require.NotContains(t, err.Error(), "lena")
			require.Equal(t, c.is == mail.ErrNoMailbox, errors.Is(err, mail.ErrNoMailbox))
			require.Equal(t, c.is == mail.ErrDeferred, errors.Is(err, mail.ErrDeferred))
		})
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(550, "5.1.1 no such mailbox lena@kunde.example")
	f.Add(421, "")
	f.Add(354, "go on")
	f.Fuzz(func(t *testing.T, code int, text string) {
		for s := atConnect; s <= atEnd; s++ {
			err := (&Client{}).typed(at(s, &textproto.Error{Code: code, Msg: text}))
			e, typed := errors.AsType[*integrations.Error](err)
			require.True(t, typed)
			require.NotEmpty(t, e.Code)
			require.Less(t, len(e.Code), 16)
			if code >= 400 && code <= 599 {
				require.NotEqual(t, integrations.Ambiguous, e.Kind, "a server that refuses has taken nothing")
			}
		}
	})
}
