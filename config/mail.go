package config

import (
	"cmp"
	"net"
	"strconv"
)

// The values of smtp.tls.
const (
	SMTPStartTLS = "starttls"
	SMTPImplicit = "implicit"
	SMTPNoTLS    = "none"
)

// SMTP sends the mails where it has a Host.
type SMTP struct {
	Host string `yaml:"host"`
	// Port is the usual one of TLS where it is 0.
	Port int `yaml:"port"`
	// TLS is SMTPNoTLS for this machine alone.
	TLS string `yaml:"tls"`
	// Username and Password are both "" where the server asks for none.
	Username string  `yaml:"username"`
	Password Secret  `yaml:"password"`
	From     Address `yaml:"from"`
	// ReplyTo is an e-mail address, or "".
	ReplyTo string `yaml:"reply_to"`
	// Rate is how many mails are sent a second, by each process.
	Rate float64 `yaml:"rate"`
}

// Sender is who mails come from, whichever section sends them: the address, and where
// answers go, or "".
func (c *Config) Sender() (from Address, replyTo string) {
	if c.SMTP.Host != "" {
		return c.SMTP.From, c.SMTP.ReplyTo
	}
	return c.SendGrid.From, c.SendGrid.ReplyTo
}

// MailOverSMTP has the mails of SendGrid's sender go to a mail server of this machine, at
// host:port, that asks for no password.
func (c *Config) MailOverSMTP(address string) error {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	from, replyTo := c.Sender()
	c.SMTP = SMTP{Host: host, Port: port, TLS: SMTPNoTLS, From: from, ReplyTo: replyTo, Rate: defaults().SMTP.Rate}
	return nil
}

// completeMail names the sender after the brand.
func (c *Config) completeMail() {
	c.SMTP.From.Name = cmp.Or(c.SMTP.From.Name, c.Brand.Name)
	c.SendGrid.From.Name = cmp.Or(c.SendGrid.From.Name, c.Brand.Name)
}

// checkMail reports what leaves it open who sends the mails.
func (d *document) checkMail(cfg *Config) {
	sendGrid, overSMTP := path{"sendgrid"}, path{"smtp"}
	if d.failed(sendGrid) || d.failed(overSMTP) {
		return
	}
	switch hasSendGrid, hasSMTP := cfg.SendGrid.APIKey.Reveal() != "", cfg.SMTP.Host != ""; {
	case hasSendGrid && hasSMTP:
		d.addAtKey(overSMTP, "sendgrid is configured too: one of the two sends all mails")
	case !hasSendGrid && !hasSMTP:
		d.add(sendGrid, "is required, or smtp: one of the two sends the mails")
	case hasSMTP:
		d.checkSMTP(cfg.SMTP, overSMTP)
	}
}

func (d *document) checkSMTP(s SMTP, at path) {
	if s.TLS == SMTPNoTLS && !loopback(s.Host) {
		d.add(at.join("tls"), "none is for this machine alone: want starttls or implicit for %s", s.Host)
	}
	switch {
	case s.Username != "" && s.Password.Reveal() == "":
		d.add(at.join("username"), "smtp.password or smtp.password_file is required too")
	case s.Username == "" && s.Password.Reveal() != "":
		d.add(at.join("password"), "smtp.username is required too")
	}
}
