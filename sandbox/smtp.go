package sandbox

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// SMTPOptions configure the SMTP server of ServeSMTP.
type SMTPOptions struct {
	// Username and Password are what clients sign in with. Empty: nobody has to.
	Username, Password string
	// TLS is offered by STARTTLS. Nil: none is.
	TLS *tls.Config
}

// Limits of the SMTP server.
const (
	smtpBodyMax = 10 << 20
	smtpTimeout = time.Minute
)

// ServeSMTP takes mails over SMTP until the context ends, into the same mailboxes as SendGrid's. Faults are those of
// vendor SMTP: rate_limit greylists a recipient (451), rate_limit_retry_after is a server that is busy (421),
// server_error refuses what was sent (554), cut_before cuts the connection before a message was taken and cut after.
// Addresses have fates: bounce@ is no mailbox (550 5.1.1), block@ puts off (451 4.7.1), drop@ is disabled (550 5.2.1).
func (s *Sandbox) ServeSMTP(ctx context.Context, listener net.Listener) error {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.requests[SMTP].Add(1)
		return &smtpSession{box: s, conn: c, signedIn: s.opts.SMTP.Username == ""}, nil
	}))
	server.Domain = "smtp.sandbox.example"
	server.MaxMessageBytes, server.MaxRecipients = smtpBodyMax, 100
	server.ReadTimeout, server.WriteTimeout = smtpTimeout, smtpTimeout
	server.TLSConfig, server.AllowInsecureAuth = s.opts.SMTP.TLS, s.opts.SMTP.TLS == nil
	server.ErrorLog = slogPrinter{s.log}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); err != nil && ctx.Err() == nil {
		return fmt.Errorf("serve SMTP: %w", err)
	}
	return nil
}

// slogPrinter is what go-smtp logs to.
type slogPrinter struct{ *slog.Logger }

var _ smtp.Logger = slogPrinter{}

// Printf implements smtp.Logger.
func (p slogPrinter) Printf(format string, v ...any) {
	p.Debug("smtp", "said", fmt.Sprintf(format, v...))
}

// Println implements smtp.Logger.
func (p slogPrinter) Println(v ...any) { p.Debug("smtp", "said", fmt.Sprintln(v...)) }

// smtpSession is one connection of a client.
type smtpSession struct {
	box      *Sandbox
	conn     *smtp.Conn
	signedIn bool
	to       []string
	// fault is what goes wrong with the mail under way.
	fault  FaultKind
	faults Faults
}

var _ smtp.AuthSession = (*smtpSession)(nil)

// AuthMechanisms implements smtp.AuthSession.
func (c *smtpSession) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth implements smtp.AuthSession.
func (c *smtpSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(username, password string) error {
		o := c.box.opts.SMTP
		if subtle.ConstantTimeCompare([]byte(username+"\x00"+password), []byte(o.Username+"\x00"+o.Password)) != 1 {
			return smtp.ErrAuthFailed
		}
		c.signedIn = true
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error { return check(username, password) }), nil
}

// loginServer is LOGIN, which go-sasl has for clients alone.
type loginServer struct {
	check    func(username, password string) error
	username *string
	asked    bool
}

// Next implements sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case !l.asked:
		l.asked = true
		return []byte("Username:"), false, nil
	case l.username == nil:
		username := string(response)
		l.username = &username
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.username, string(response))
}

func smtpError(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// Mail implements smtp.Session.
func (c *smtpSession) Mail(string, *smtp.MailOptions) error {
	if !c.signedIn {
		return smtpError(530, smtp.EnhancedCode{5, 7, 0}, "Authentication required")
	}
	c.fault, c.faults = c.box.faults[SMTP].next("")
	if c.fault != "" {
		c.box.change(func(st *State) { st.Counts.Faults++ })
	}
	if c.fault == FaultRateLimitRetryAfter {
		return smtpError(421, smtp.EnhancedCode{4, 3, 2}, "Too busy, closing the channel")
	}
	return nil
}

// Rcpt implements smtp.Session.
func (c *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	local, _, _ := strings.Cut(to, "@")
	fate, _, _ := strings.Cut(local, "+")
	switch {
	case c.fault == FaultRateLimit || fate == "block":
		return smtpError(451, smtp.EnhancedCode{4, 7, 1}, "Greylisted, <"+to+"> come again")
	case fate == "bounce":
		return smtpError(550, smtp.EnhancedCode{5, 1, 1}, "<"+to+"> no such mailbox")
	case fate == "drop":
		return smtpError(550, smtp.EnhancedCode{5, 2, 1}, "<"+to+"> is disabled")
	}
	c.to = append(c.to, to)
	return nil
}

// Data implements smtp.Session.
func (c *smtpSession) Data(r io.Reader) error {
	if c.fault == FaultCutBefore {
		return errors.Join(c.conn.Conn().Close(), io.ErrUnexpectedEOF)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	switch c.fault {
	case FaultServerError:
		return smtpError(554, smtp.EnhancedCode{5, 6, 0}, "This looks like spam")
	case FaultHang:
		timer := time.NewTimer(max(c.faults.Hang, time.Millisecond))
		defer timer.Stop()
		<-timer.C
	}
	if err := c.box.takeMessage(raw, c.to); err != nil {
		return smtpError(554, smtp.EnhancedCode{5, 6, 0}, err.Error())
	}
	if c.fault == FaultCut {
		return errors.Join(c.conn.Conn().Close(), io.ErrUnexpectedEOF)
	}
	return nil
}

// Reset implements smtp.Session.
func (c *smtpSession) Reset() { c.to, c.fault = nil, "" }

// Logout implements smtp.Session.
func (c *smtpSession) Logout() error { return nil }
