package smtp_test

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/integrations/smtp"
	"github.com/cxloop/cxloop/sandbox"
)

const (
	username = "cx@nordwind.example"
	password = "only-of-the-tests"
)

// server is a mail server on this machine.
type server struct {
	box   *sandbox.Sandbox
	port  int
	roots *x509.CertPool
	// connections are all that were made.
	connections *counted
}

// counted counts what a listener accepts.
type counted struct {
	net.Listener
	n chan struct{}
}

func (c *counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n <- struct{}{}
	}
	return conn, err
}

// serve starts a server whose certificate is for 127.0.0.1.
func serve(t *testing.T, o sandbox.SMTPOptions, encrypted bool) *server {
	t.Helper()
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	t.Cleanup(certified.Close)
	s := &server{roots: x509.NewCertPool()}
	s.roots.AddCert(certified.Certificate())
	if encrypted {
		o.TLS = certified.TLS
	}
	var err error
	s.box, err = sandbox.New(sandbox.Options{SMTP: o, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.port = listener.Addr().(*net.TCPAddr).Port
	s.connections = &counted{listener, make(chan struct{}, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.box.ServeSMTP(ctx, s.connections) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return s
}

func (s *server) client(t *testing.T, o smtp.Options) *smtp.Client {
	t.Helper()
	o.Host, o.Port, o.RootCAs = "127.0.0.1", s.port, s.roots
	c, err := smtp.New(o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func (s *server) fail(kind sandbox.FaultKind) {
	s.box.SetFaults(sandbox.SMTP, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{kind}})
}

func mailing(to string) mail.Mailing {
	return mail.Mailing{
		From: mail.Address{Email: "cx@nordwind.example", Name: "Nörd, Wind"}, ReplyTo: mail.Address{Email: "care@nordwind.example"}, Kind: "invite",
		Text: "Hallo -name-,\n\n.ein Punkt\nFrom hier an\n" + long + "\n", HTML: "<p>Hallo -name.html-</p>",
		Recipients: []mail.Recipient{{
			Address: mail.Address{Email: to, Name: `Zoë "the" O'Brien`}, ID: "inv1", Subject: "Wie fanden Sie’s, Zoë?",
			Blanks:  map[string]string{"-name-": "Zoë", "-name.html-": "Zo&euml;"},
			Headers: map[string]string{"List-Unsubscribe": "<https://cx.nordwind.example/u/" + token + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
		}},
	}
}
