package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestLoadTwilio(t *testing.T) {
	t.Parallel()
	body := strings.Replace(valid, "brand:", "twilio:\n  account_sid: "+accountSID+"\n  auth_token: t0ken\n  from: MG0123456789abcdef0123456789abcdef\n  default_region: DE\nbrand:", 1)
	mails := load(t, body).Programs[0]
	cfg := load(t, strings.Replace(body, "expiry: 14d", "channel: sms", 1))
	require.Equal(t, "t0ken", cfg.Twilio.AuthToken.Reveal())
	require.Equal(t, "DE", cfg.Twilio.DefaultRegion)
	require.Equal(t, Twilio{
		BaseURL: "https://api.twilio.com", AccountSID: accountSID, AuthToken: cfg.Twilio.AuthToken,
		From: "MG0123456789abcdef0123456789abcdef", DefaultRegion: "DE", Rate: 10,
	}, cfg.Twilio)
	require.Equal(t, survey.ChannelSMS, cfg.Programs[0].Channel)
	require.Contains(t, cfg.Programs[0].Texts["de"].SMS, "{link}")
	require.Zero(t, mails.Channel)
	require.Empty(t, mails.Texts["de"].SMS, "a program that mails keeps its version")
	require.Equal(t, mails.Version(), load(t, strings.Replace(body, "expiry: 14d", "channel: mail", 1)).Programs[0].Version())
}

// Each part is paid for: the built-in texts fit into one, with a link of a usual length.
func TestTheSMSOfATemplateIsOnePart(t *testing.T) {
	t.Parallel()
	link := "https://feedback.example.com/s/" + strings.Repeat("A", 26) + "." + strings.Repeat("a", 22)
	for name, template := range builtin() {
		for locale, texts := range template.Texts {
			text := survey.Fill(texts.SMS, map[string]string{"brand": "Example", "link": link})
			require.Equal(t, survey.SMSSize{Parts: 1}, survey.SizeOfSMS(text), "%s in %s: %s", name, locale, text)
			require.Contains(t, text, "STOP")
		}
	}
}
