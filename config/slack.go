package config

import "strings"

// Slack is the workspace that account teams work in. What people do there comes to
// POST /hooks/slack, signed by SigningSecret, over Socket Mode with AppToken, or by
// either.
type Slack struct {
	BaseURL       string `yaml:"base_url"` // without Slack's own /api/
	BotToken      Secret `yaml:"bot_token"`
	SigningSecret Secret `yaml:"signing_secret"`
	AppToken      Secret `yaml:"app_token"`
	// Rate is how many messages are posted or changed a second, over all processes.
	Rate float64 `yaml:"rate"`
}

// appTokenPrefix begins the tokens of apps, as xoxb- those of bots.
const appTokenPrefix = "xapp-"

// checkSlack reports a workspace that nothing is heard of, and the token of another kind.
func (d *document) checkSlack(s Slack) {
	secret, token := path{"slack", "signing_secret"}, path{"slack", "app_token"}
	given := d.value(path{"slack"}) != nil || !s.BotToken.Empty()
	switch {
	case s.AppToken.Empty():
		if given && s.SigningSecret.Empty() && !d.failed(secret) && !d.failed(token) {
			d.add(secret, "is required, or app_token: by one of the two cxloop hears which buttons people press (app_token needs no public address)")
		}
	case !strings.HasPrefix(s.AppToken.Reveal(), appTokenPrefix):
		d.add(token, "want the app's token for Socket Mode, which starts with %s: the bot's (xoxb-) is bot_token", appTokenPrefix)
	}
}
