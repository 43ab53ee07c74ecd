package config

import (
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// Twilio sends the SMS. Without an AccountSID there are none.
type Twilio struct {
	BaseURL    string `yaml:"base_url"`
	AccountSID string `yaml:"account_sid"`
	// AuthToken signs what Twilio tells, and calls where there is no API key.
	AuthToken Secret `yaml:"auth_token"`
	APIKey    string `yaml:"api_key"` // SK…, or ""
	APISecret Secret `yaml:"api_secret"`
	// From is a number in the form of E.164, or the SID of a messaging service (MG…).
	From string `yaml:"from"`
	// DefaultRegion is the country of phone numbers that are written without one, two
	// capital letters, or "".
	DefaultRegion string `yaml:"default_region"`
	// Rate is how many SMS are sent a second by each process.
	Rate float64 `yaml:"rate"`
}

// checkTwilio reports what is missing to send the SMS of programs.
func (d *document) checkTwilio(cfg *Config) {
	at := path{"twilio"}
	if d.failed(at) {
		return
	}
	switch t := cfg.Twilio; {
	case t.APIKey != "" && t.APISecret.Empty():
		d.add(at.join("api_key"), "twilio.api_secret is required too")
	case t.APIKey == "" && !t.APISecret.Empty():
		d.add(at.join("api_secret"), "twilio.api_key is required too")
	case t.AccountSID == "":
		for i := range d.ids(path{"programs"}) {
			here := path{"programs", strconv.Itoa(i), "channel"}
			if n := d.value(here); n != nil && n.Value == string(survey.ChannelSMS) {
				d.add(here, "SMS are sent by Twilio: give the section twilio")
			}
		}
	}
}

// smsText is the key of the text of an SMS.
const smsText = "sms"

// linkPlaceholder is where the survey's link stands in an SMS.
const linkPlaceholder = "{link}"

// checkSMSText reports an SMS that leads nowhere.
func (d *document) checkSMSText(text string, by survey.Channel, at path) {
	if by == survey.ChannelSMS && text != "" && !strings.Contains(text, linkPlaceholder) {
		d.add(at, "want %s in it, where the survey's link stands", linkPlaceholder)
	}
}

// withoutSMS leaves a program that mails as it was before there were SMS.
func withoutSMS(p *survey.Program) {
	if p.Channel == survey.ChannelSMS {
		return
	}
	p.Channel = ""
	for locale, texts := range p.Texts {
		texts.SMS = ""
		p.Texts[locale] = texts
	}
}
