// Package smtp sends mail over any provider's SMTP server: each recipient gets a
// message of their own. The composing and the dialogue are go-mail's.
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/mail"
)

const vendor = "smtp"

// TLS says how a connection is encrypted.
type TLS string

// The kinds of TLS.
const (
	// StartTLS begins in the clear and goes on encrypted, or not at all (RFC 3207).
	StartTLS TLS = "starttls"
	// Implicit is encrypted from the first byte (RFC 8314).
	Implicit TLS = "implicit"
	// None is for this machine alone.
	None TLS = "none"
)

// Port is the usual one of a kind of TLS.
func (t TLS) Port() int {
	return map[TLS]int{StartTLS: 587, Implicit: 465, None: 25}[t]
}

// Connections is how many a client keeps at most when as many mails are sent at once.
const Connections = 5

// The patience with a server, in real time. All of one mail is within callTimeout, which
// is less than activities leave a call.
const (
	callTimeout = 25 * time.Second
	dialTimeout = 10 * time.Second
	// idleAtMost is how long a connection waits for another mail.
	idleAtMost = 10 * time.Second
	// mailsAtMost are sent over one connection; servers count them.
	mailsAtMost = 100
)

// Options configure a client. Host is required.
type Options struct {
	Host string
	// Port is TLS.Port where it is 0.
	Port int
	// TLS is StartTLS where it is "".
	TLS TLS
	// Username and Password are "" where the server asks for none.
	Username, Password string
	// PerSecond is how many mails are sent a second, by this process; 0 for any number.
	PerSecond float64
	// RootCAs sign the server's certificate; nil are the machine's.
	RootCAs *x509.CertPool
}

// Client sends over one server. It is safe for concurrent use.
type Client struct {
	options Options
	pace    integrations.Pace
	now     func() time.Time

	mu   sync.Mutex
	idle []*connection
}

// New makes a client. It makes no connection.
func New(o Options) (*Client, error) {
	if o.TLS == "" {
		o.TLS = StartTLS
	}
	if o.Port == 0 {
		o.Port = o.TLS.Port()
	}
	switch {
	case o.Host == "":
		return nil, errors.New("smtp: host is required")
	case o.Port <= 0 || o.Port > 65535:
		return nil, fmt.Errorf("smtp: port %d: want 1 to 65535", o.Port)
	case o.TLS == None && !Loopback(o.Host):
		return nil, fmt.Errorf("smtp: tls none: %s is not this machine", o.Host)
	case (o.Username == "") != (o.Password == ""):
		return nil, errors.New("smtp: username and password belong together")
	}
	return &Client{options: o, pace: integrations.NewPace(o.PerSecond), now: time.Now}, nil
}

// Loopback reports whether a host is this machine.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// AtMost implements mail.Sender: the outcome of each mail is kept before the next.
func (c *Client) AtMost() int { return 1 }

// Deliver implements mail.Sender. What goes wrong after the end of a message was sent and
// before the server took it is Ambiguous.
func (c *Client) Deliver(ctx context.Context, m mail.Mailing) (ref string, err error) {
	if len(m.Recipients) != 1 {
		return "", invalid("", fmt.Sprintf("mailing has %d recipients: want 1", len(m.Recipients)))
	}
	message, err := c.message(m)
	if err != nil {
		return "", err
	}
	if err := c.pace.Take(ctx, vendor); err != nil {
		return "", err
	}
	began := time.Now()
	defer func() { integrations.Tell(ctx, httpStatus(err), began) }()
	conn, err := c.take(ctx, began.Add(callTimeout))
	if err != nil {
		return "", err
	}
	err = conn.send(message)
	if err == nil || c.usable(err) {
		c.put(conn)
	} else {
		conn.close()
	}
	if err != nil {
		return "", c.typed(err)
	}
	return message.id, nil
}

// Check connects and signs in, without mailing anything. Its errors are as those of
// Deliver.
func (c *Client) Check(ctx context.Context) error {
	conn, err := c.take(ctx, time.Now().Add(callTimeout))
	if err == nil {
		conn.quit()
	}
	return err
}

// take returns a connection that works until a deadline: an idle one or a new one.
func (c *Client) take(ctx context.Context, deadline time.Time) (*connection, error) {
	for {
		c.mu.Lock()
		n := len(c.idle)
		if n == 0 {
			c.mu.Unlock()
			break
		}
		conn := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.mu.Unlock()
		conn.wait.Stop()
		if conn.begin(deadline) == nil {
			return conn, nil
		}
		conn.close() // the server had enough of it
	}
	conn, err := c.connect(ctx, deadline)
	if err != nil {
		return nil, c.typed(err)
	}
	return conn, nil
}

// put keeps a connection for the next mail, for a while.
func (c *Client) put(conn *connection) {
	if conn.mails++; conn.mails >= mailsAtMost {
		conn.quit()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, conn)
	conn.wait = time.AfterFunc(idleAtMost, func() {
		if c.forget(conn) {
			conn.quit()
		}
	})
}

// forget takes a connection out of the idle ones; false where somebody else did.
func (c *Client) forget(conn *connection) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range c.idle {
		if other == conn {
			c.idle = append(c.idle[:i], c.idle[i+1:]...)
			return true
		}
	}
	return false
}

// Close ends the idle connections.
func (c *Client) Close() {
	c.mu.Lock()
	idle := c.idle
	c.idle = nil
	c.mu.Unlock()
	for _, conn := range idle {
		conn.wait.Stop()
		conn.quit()
	}
}

func (c *Client) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: c.options.Host, RootCAs: c.options.RootCAs, MinVersion: tls.VersionTLS12}
}

func (c *Client) address() string {
	return net.JoinHostPort(c.options.Host, strconv.Itoa(c.options.Port))
}
