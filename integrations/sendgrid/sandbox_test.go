package sendgrid_test

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/sandbox"
)

const key = "SG.sandbox"

// The stand-in holds the client to SendGrid's contract.
func TestAgainstTheStandIn(t *testing.T) {
	t.Parallel()
	o := sandbox.Options{SendGrid: sandbox.SendGridOptions{APIKey: key}, Logger: slog.New(slog.DiscardHandler)}
	if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
		o.SpecsDir = filepath.Join(dir, "specs")
	}
	box, err := sandbox.New(o)
	require.NoError(t, err)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	client, err := sendgrid.New(sendgrid.Options{BaseURL: server.URL + "/sendgrid", APIKey: key})
	require.NoError(t, err)

	mail := sendgrid.Mail{
		From: sendgrid.Address{Email: "hello@cx.example", Name: "CX"}, ReplyTo: sendgrid.Address{Email: "team@cx.example"},
		Subject: "How did we do?", Text: "Hi -name-", HTML: "<p>Hi -name-</p>",
		Categories: []string{"invitation"}, CustomArgs: map[string]string{"effect": "e-1"},
	}
	for email, name := range map[string]string{"lena@nordwind.example": "Lena", "info@nordwind.example": "Tobias"} {
		mail.Recipients = append(mail.Recipients, sendgrid.Recipient{
			Address: sendgrid.Address{Email: email, Name: name}, Substitutions: map[string]string{"-name-": name},
			Headers: map[string]string{
				"List-Unsubscribe":      "<https://cx.example/u/t>",
				"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
			},
			CustomArgs: map[string]string{"invitation": "i-" + name},
		})
	}
	id, err := client.Send(t.Context(), mail)
	require.NoError(t, err)
	require.NotEmpty(t, id)
	box.Read(func(st *sandbox.State) {
		mails := st.MailsTo("lena@nordwind.example")
		require.Len(t, mails, 1)
		require.Equal(t, "Hi Lena", mails[0].Text())
		require.Equal(t, "<p>Hi Lena</p>", mails[0].HTML())
		require.Equal(t, "i-Lena", mails[0].CustomArgs["invitation"])
		require.Contains(t, mails[0].Headers, "List-Unsubscribe-Post")
	})

	// Two records of one shared mailbox do not spoil a batch.
	shared := mail
	shared.Recipients = append(shared.Recipients, shared.Recipients[0])
	_, err = client.Send(t.Context(), shared)
	require.NoError(t, err)

	stranger, err := sendgrid.New(sendgrid.Options{BaseURL: server.URL + "/sendgrid", APIKey: "SG.other"})
	require.NoError(t, err)
	_, err = stranger.Send(t.Context(), mail)
	require.ErrorContains(t, err, "check sendgrid.api_key")

	for kind, want := range map[sandbox.FaultKind]integrations.ErrorKind{
		sandbox.FaultCut: integrations.Ambiguous, sandbox.FaultServerError: integrations.Ambiguous,
		sandbox.FaultRateLimit: integrations.RetryAfter, sandbox.FaultRateLimitRetryAfter: integrations.RetryAfter,
	} {
		box.SetFaults(sandbox.SendGrid, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{kind}})
		_, err = client.Send(t.Context(), mail)
		require.Equal(t, want, integrations.KindOf(err), "%s: %v", kind, err)
	}
}
