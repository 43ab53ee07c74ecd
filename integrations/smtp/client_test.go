package smtp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/integrations/smtp"
	"github.com/cxloop/cxloop/sandbox"
)

var (
	long  = strings.Repeat("Eine lange Zeile ohne Ende. ", 60)
	token = strings.Repeat("t0ken-", 15)
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]smtp.Options{
		"no host":               {},
		"a port that is none":   {Host: "smtp.example", Port: 70000},
		"in the clear":          {Host: "smtp.example", TLS: smtp.None},
		"a password of nobody":  {Host: "smtp.example", Password: password},
		"nobody's password yet": {Host: "smtp.example", Username: username},
	} {
		_, err := smtp.New(o)
		require.Error(t, err, name)
	}
}

// The mail arrives as it was written, over one connection, signed in and encrypted.
func TestMailsAsTheyArrive(t *testing.T) {
	t.Parallel()
	s := serve(t, sandbox.SMTPOptions{Username: username, Password: password}, true)
	c := s.client(t, smtp.Options{Username: username, Password: password})
	for range 3 {
		ref, err := c.Deliver(t.Context(), mailing("lena@kunde.example"))
		require.NoError(t, err)
		require.Equal(t, "<invite.inv1@nordwind.example>", ref)
	}
	require.Len(t, s.connections.n, 1)
	mails := s.box.Snapshot().Mails
	require.Len(t, mails, 3)
	m := mails[2]
	require.Equal(t, sandbox.Address{Email: "lena@kunde.example", Name: `Zoë "the" O'Brien`}, m.To)
	require.Equal(t, sandbox.Address{Email: "cx@nordwind.example", Name: "Nörd, Wind"}, m.From)
	require.Equal(t, []sandbox.Address{{Email: "care@nordwind.example"}}, m.ReplyTo)
	require.Equal(t, "Wie fanden Sie’s, Zoë?", m.Subject)
	require.Equal(t, "Hallo Zoë,\n\n.ein Punkt\nFrom hier an\n"+long+"\n", m.Text())
	require.Equal(t, "<p>Hallo Zo&euml;</p>", strings.TrimSpace(m.HTML()))
	require.Equal(t, "<invite.inv1@nordwind.example>", m.Headers["Message-Id"], "the same each time")
	require.Equal(t, "<https://cx.nordwind.example/u/"+token+">", m.Headers["List-Unsubscribe"])
	require.Equal(t, "List-Unsubscribe=One-Click", m.Headers["List-Unsubscribe-Post"])
	require.NotContains(t, m.Headers, "User-Agent")
}

func TestWaysToConnect(t *testing.T) {
	t.Parallel()
	account := sandbox.SMTPOptions{Username: username, Password: password}
	for name, c := range map[string]struct {
		server    sandbox.SMTPOptions
		encrypted bool
		options   smtp.Options
		want      string // in the error, with a hint
	}{
		"in the clear, for nobody": {},
		"in the clear, signed in":  {server: account, options: smtp.Options{Username: username, Password: password}},
		"wrong password":           {account, true, smtp.Options{TLS: smtp.StartTLS, Username: username, Password: "wrong"}, "check smtp.username and smtp.password"},
		"no password":              {account, true, smtp.Options{TLS: smtp.StartTLS}, "check smtp.username and smtp.password"},
		"no STARTTLS":              {sandbox.SMTPOptions{}, false, smtp.Options{TLS: smtp.StartTLS}, "check smtp.host, smtp.port and smtp.tls"},
		"not encrypted at once":    {sandbox.SMTPOptions{}, true, smtp.Options{TLS: smtp.Implicit}, "check smtp.host, smtp.port and smtp.tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.server, c.encrypted)
			if c.options.TLS == "" {
				c.options.TLS = smtp.None
			}
			_, err := s.client(t, c.options).Deliver(t.Context(), mailing("lena@kunde.example"))
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
			require.Equal(t, integrations.Permanent, integrations.KindOf(err))
			require.NotContains(t, err.Error(), "wrong")
			require.Empty(t, s.box.Snapshot().Mails)
		})
	}
}

func TestUnknownCertificateIsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, sandbox.SMTPOptions{}, true)
	c, err := smtp.New(smtp.Options{Host: "127.0.0.1", Port: s.port})
	require.NoError(t, err)
	require.ErrorContains(t, c.Check(t.Context()), "certificate is not valid")
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	c, err := smtp.New(smtp.Options{Host: "127.0.0.1", Port: 1, TLS: smtp.None})
	require.NoError(t, err)
	_, err = c.Deliver(t.Context(), mailing("lena@kunde.example"))
	require.Equal(t, integrations.RetryAfter, integrations.KindOf(err))
}

func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to    string
		fault sandbox.FaultKind
		kind  integrations.ErrorKind
		is    error
		code  string
		after time.Duration
		mails int
	}{
		"no such mailbox":            {"bounce@kunde.example", "", integrations.Permanent, mail.ErrNoMailbox, "550 5.1.1", 0, 0},
		"refused by its side":        {"drop@kunde.example", "", integrations.Permanent, nil, "550 5.2.1", 0, 0},
		"greylisted":                 {"block@kunde.example", "", integrations.RetryAfter, mail.ErrDeferred, "451 4.7.1", 5 * time.Minute, 0},
		"not an address":             {"lena @kunde", "", integrations.Permanent, nil, "invalid", 0, 0},
		"busy":                       {"lena@kunde.example", sandbox.FaultRateLimitRetryAfter, integrations.RetryAfter, nil, "421 4.3.2", time.Minute, 0},
		"what was sent is refused":   {"lena@kunde.example", sandbox.FaultServerError, integrations.Permanent, nil, "554 5.6.0", 0, 0},
		"cut when all was sent":      {"lena@kunde.example", sandbox.FaultCut, integrations.Ambiguous, nil, "no_answer", 0, 1},
		"slow":                       {"lena@kunde.example", sandbox.FaultHang, 0, nil, "", 0, 1},
		"cut before it was all sent": {"lena@kunde.example", sandbox.FaultCutBefore, integrations.Ambiguous, nil, "no_answer", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, sandbox.SMTPOptions{Username: username, Password: password}, true)
			client := s.client(t, smtp.Options{Username: username, Password: password})
			if c.fault != "" {
				s.fail(c.fault)
			}
			_, err := client.Deliver(t.Context(), mailing(c.to))
			if c.kind == 0 {
				require.NoError(t, err)
			} else {
				e, typed := errors.AsType[*integrations.Error](err)
				require.True(t, typed)
				require.Equal(t, c.kind, e.Kind, err)
				require.Equal(t, c.code, e.Code)
				require.Equal(t, c.after, e.After)
				require.Empty(t, e.Hint)
				require.NotContains(t, err.Error(), "kunde", "no address in an error")
				require.Equal(t, c.is == mail.ErrNoMailbox, errors.Is(err, mail.ErrNoMailbox))
				require.Equal(t, c.is == mail.ErrDeferred, errors.Is(err, mail.ErrDeferred))
			}
			require.Len(t, s.box.Snapshot().Mails, c.mails)
			_, err = client.Deliver(t.Context(), mailing("next@kunde.example"))
			require.NoError(t, err, "the next is sent")
		})
	}
}

// A server may close a connection that was idle: the next mail has a new one.
func TestConnectionThatIsGone(t *testing.T) {
	t.Parallel()
	s := serve(t, sandbox.SMTPOptions{}, false)
	c := s.client(t, smtp.Options{TLS: smtp.None})
	for _, to := range []string{"a@kunde.example", "b@kunde.example"} {
		_, err := c.Deliver(t.Context(), mailing(to))
		require.NoError(t, err)
		smtp.Break(c)
	}
	require.Len(t, s.box.Snapshot().Mails, 2)
	require.Len(t, s.connections.n, 2)
}

func TestPace(t *testing.T) {
	t.Parallel()
	s := serve(t, sandbox.SMTPOptions{}, false)
	c := s.client(t, smtp.Options{TLS: smtp.None, PerSecond: 0.1})
	_, err := c.Deliver(t.Context(), mailing("a@kunde.example"))
	require.NoError(t, err)
	_, err = c.Deliver(t.Context(), mailing("b@kunde.example"))
	e, _ := errors.AsType[*integrations.Error](err)
	require.NotNil(t, e)
	require.Equal(t, integrations.RetryAfter, e.Kind)
	require.Greater(t, e.After, 5*time.Second)
	require.Len(t, s.box.Snapshot().Mails, 1)
}
