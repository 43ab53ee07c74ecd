package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// stage is how far a mail came.
type stage int

// The stages, in their order.
const (
	atConnect stage = iota
	atTLS
	atSignIn
	atSender
	atRecipient
	// atData is until all of the message was written but its end.
	atData
	// atEnd is after the end of the message was sent: what is lost then may have arrived.
	atEnd
)

func (s stage) String() string {
	return [...]string{"connect", "TLS", "sign-in", "sender", "recipient", "message", "end of message"}[s]
}

// stageError is what went wrong at a stage.
type stageError struct {
	stage stage
	err   error
}

func (e *stageError) Error() string { return e.stage.String() }
func (e *stageError) Unwrap() error { return e.err }

func at(s stage, err error) error {
	if err == nil {
		return nil
	}
	return &stageError{s, err}
}

// connection is one to the server, used by one mail at a time.
type connection struct {
	net    net.Conn
	client *smtp.Client
	mails  int
	wait   *time.Timer
}

// connect makes a connection, encrypts it and signs in.
func (c *Client) connect(ctx context.Context, deadline time.Time) (*connection, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", c.address())
	if err != nil {
		return nil, at(atConnect, err)
	}
	_ = conn.SetDeadline(deadline) // the next read tells
	if c.options.TLS == Implicit {
		encrypted := tls.Client(conn, c.tlsConfig())
		if err := encrypted.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, at(atTLS, err)
		}
		conn = encrypted
	}
	client, err := smtp.NewClient(conn, c.options.Host)
	if err != nil {
		_ = conn.Close()
		return nil, at(atConnect, err)
	}
	// Mails to addresses that need SMTPUTF8 are refused by survey.ValidAddress before.
	client.SkipSMTPUTF8(true)
	if err := c.greet(client); err != nil {
		_ = client.Close()
		return nil, err
	}
	return &connection{net: conn, client: client}, nil
}

func (c *Client) greet(client *smtp.Client) error {
	if err := client.Hello(hello()); err != nil {
		return at(atConnect, err)
	}
	if c.options.TLS == StartTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return at(atTLS, errNoStartTLS)
		}
		if err := client.StartTLS(c.tlsConfig()); err != nil {
			return at(atTLS, err)
		}
	}
	if c.options.Username == "" {
		return nil
	}
	auth, err := c.signIn(client)
	if err == nil {
		err = client.Auth(auth)
	}
	return at(atSignIn, err)
}

// hello is how this machine names itself.
func hello() string {
	if name, err := os.Hostname(); err == nil && hostname.MatchString(name) {
		return name
	}
	return "localhost"
}

var hostname = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$`)

var (
	errNoStartTLS = errors.New("the server offers no STARTTLS")
	errNoSignIn   = errors.New("the server offers no way to sign in that is known")
)

// signIn chooses the safest way that the server offers.
func (c *Client) signIn(client *smtp.Client) (smtp.Auth, error) {
	_, text := client.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(text))
	o := c.options
	switch {
	case slices.Contains(offered, "SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(o.Username, o.Password), nil
	case slices.Contains(offered, "PLAIN"):
		return smtp.PlainAuth("", o.Username, o.Password, o.Host, o.TLS == None), nil
	case slices.Contains(offered, "LOGIN"):
		return smtp.LoginAuth(o.Username, o.Password, o.Host, o.TLS == None), nil
	case slices.Contains(offered, "CRAM-MD5"):
		return smtp.CRAMMD5Auth(o.Username, o.Password), nil
	}
	return nil, errNoSignIn
}

// begin makes a connection that was idle ready for another mail.
func (c *connection) begin(deadline time.Time) error {
	if err := c.net.SetDeadline(deadline); err != nil {
		return fmt.Errorf("set a deadline: %w", err)
	}
	return c.client.Reset()
}

func (c *connection) send(m message) error {
	if err := c.client.Mail("<" + m.from + ">"); err != nil {
		return at(atSender, err)
	}
	if err := c.client.Rcpt("<" + m.to + ">"); err != nil {
		return at(atRecipient, err)
	}
	body, err := c.client.Data()
	if err != nil {
		return at(atData, err)
	}
	// A connection that breaks before the end was sent leaves no mail (RFC 5321, 4.1.1.4).
	if _, err := body.Write(m.body); err != nil {
		return at(atData, err)
	}
	return at(atEnd, body.Close())
}

// quitTimeout is how long a server may take to say good-bye.
const quitTimeout = 2 * time.Second

func (c *connection) quit() {
	_ = c.net.SetDeadline(time.Now().Add(quitTimeout))
	_ = c.client.Quit()
	c.close()
}

func (c *connection) close() { _ = c.client.Close() }
