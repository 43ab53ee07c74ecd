package main

import (
	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/integrations/smtp"
	"github.com/cxloop/cxloop/survey"
)

// newMailer makes the one that sends the mails, and names its vendor.
func newMailer(c *config.Config) (mail.Sender, string, error) {
	if c.SMTP.Host != "" {
		client, err := newSMTP(c.SMTP)
		return client, "smtp", err
	}
	client, err := sendgrid.New(sendgrid.Options{BaseURL: c.SendGrid.BaseURL, APIKey: c.SendGrid.APIKey.Reveal()})
	return client, "sendgrid", err
}

func newSMTP(c config.SMTP) (*smtp.Client, error) {
	return smtp.New(smtp.Options{
		Host: c.Host, Port: c.Port, TLS: smtp.TLS(c.TLS), Username: c.Username, Password: c.Password.Reveal(), PerSecond: c.Rate,
	})
}

// sendGridCallsAtOnce is below what other vendors' are: each may be of a wave's batch, which
// is of tens of megabytes while a thousand mails of it are composed and sent.
const sendGridCallsAtOnce = 8

// mailLimits are how many activities of mails are begun a second over all processes, 0
// for any number, and how many one process has under way. An activity is one call to
// SendGrid; over SMTP it is many mails, which the client paces.
func mailLimits(c *config.Config) (perSecond float64, atOnce int) {
	if c.SMTP.Host != "" {
		return 0, smtp.Connections
	}
	return c.SendGrid.Rate, sendGridCallsAtOnce
}

func (a *app) composer() activities.Composer {
	from, replyTo := a.config.Sender()
	return activities.Composer{
		Tokens: a.tokens, PublicURL: a.config.Server.PublicURL,
		Sender: survey.Sender{Email: from.Email, Name: from.Name, ReplyTo: replyTo}, Brand: survey.Brand(a.config.Brand),
	}
}
