package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const accountSID = "AC0123456789abcdef0123456789abcdef"

var elevenOptions = strings.TrimSuffix(strings.Repeat("{id: x, text: {en: X}}, ", 11), ", ")

// sendGridSection is who sends the mails in valid.
const sendGridSection = "sendgrid:\n  api_key: SG.1\n  from: {email: hello@example.com}\n"

// asRelational is in the place of fromTrigger where valid's program is made relational.
const (
	fromTrigger  = "    trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}\n    reminder: 4d\n    expiry: 14d"
	asRelational = "    kind: relational\n    "
)

// hubSpotAudit is what valid's trigger gets of an audit, on another line.
func hubSpotAudit(line int) string {
	return fmt.Sprintf("\n:%d:36: programs[0].trigger.event: HubSpot's own events do not say which account is audited: send one with auditor and account to POST /v1/events", line)
}

// Each mistake is planted in valid: the first text is replaced by the second.
func TestMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, from, to, want string }{
		{"duplicate key", "  bot_token: xoxb-1\n", "  bot_token: xoxb-1\n  bot_token: xoxb-2\n", `:16:3: slack.bot_token: the key is already given at line 15`},
		{"broken indentation", "  name: Acme", " name: Acme\n  color: x", `:22:3: not valid YAML: mapping values are not allowed in this context`},
		{"tab", "  name: Acme", "\tname: Acme", `:21:2: not valid YAML: found character that cannot start any token`},
		{"second document", "brand:", "---\nbrand:", `:20:1: a second document begins here: a configuration is one YAML document`},
		{"merge key", "brand:\n", "brand:\n  <<: {color: '#112233'}\n", `:21:3: brand: merge keys (<<) are not supported: an alias can stand for a whole value`},
		{"capital in a key", "brand:", "Brand:", `:20:1: Brand: unknown key: did you mean brand?`},
		{"unknown section", "brand:", "nothing: {}\nbrand:", `:20:1: nothing: unknown key: known are brand, calendars, contact_rules, crm, dev, fields, guard, journey, mail, programs, routing, security, segments, sendgrid, server, sla, slack, smtp, store, temporal, themes, twilio`},
		{"unknown key without a value", "    expiry: 14d", "    expire:", `:32:5: programs[0].expire: unknown key: did you mean expiry?`},
		{"section without keys", "brand:\n  name: Acme\n", "brand:\n", `:20:7: brand: is required`},
		{"text for a section", "brand:\n  name: Acme\n", "brand: Acme\n", `:20:8: brand: want keys and values, got text`},
		{"list for a section", "brand:\n  name: Acme\n", "brand: [Acme]\n", `:20:8: brand: want keys and values, got a list`},
		{"number for text", "name: Acme", "name: 42", `:21:9: brand.name: want text, got a number: put it in quotes`},
		{"two lines", "name: Acme", `name: "Acme\nBcc: x"`, `:21:9: brand.name: want one line`},
		{"colour", "name: Acme", "name: Acme\n  color: red", `:22:10: brand.color: "red": want a colour such as #1f5eff, in quotes`},
		{"colour without quotes", "name: Acme", "name: Acme\n  color: #ff0000", `:22:9: brand.color: has no value: leave the key out, or put a text that begins with # in quotes`},
		{"key without a value", "expiry: 14d", "expiry:", `:32:12: programs[0].expiry: has no value: leave the key out, or put a text that begins with # in quotes`},
		{"required key without a value", "name: Acme", "name: ~", `:21:9: brand.name: has no value: leave the key out, or put a text that begins with # in quotes`},
		{"condition without a value", "value: closedwon", "value: ", `:30:86: programs[0].trigger.where.value: has no value: leave the key out, or put a text that begins with # in quotes`},
		{"text without a value", "expiry: 14d", "texts: {en: {subject: }}", `:32:27: programs[0].texts.en.subject: has no value: leave the key out, or put a text that begins with # in quotes`},
		{"themes nowhere", "brand:", "themes: {owner: U0123ABCD}\nbrand:", `:20:1: themes.channel: is required: where the themes of the week are told`},
		{"themes on no day", "brand:", "themes: {channel: C0123ABCD, cron: monday}\nbrand:", `:20:36: themes.cron: "monday": want five fields, for example 0 6 1 */3 * for 06:00 UTC on the first of each quarter`},
		{"owner by name", "brand:", "themes: {channel: C0123ABCD, owner: '@kim'}\nbrand:", `:20:37: themes.owner: "@kim": want a Slack user id such as U0123ABCD, not a name: a user's profile has it under Copy member ID`},
		{"owner of no cause", "brand:", "themes: {channel: C0123ABCD, owners: [{cause: prices, user: U0123ABCD}]}\nbrand:", `:20:47: themes.owners[0].cause: no program has a cause "prices": known are delivery, other, price, product, support, usability`},
		{"cause with two owners", "brand:", "themes: {channel: C0123ABCD, owners: [{cause: price, user: U0123ABCD}, {cause: price, user: U0123ABCE}]}\nbrand:", `:20:80: themes.owners[1].cause: "price" has an owner already, owners[0]`},
		{"route without a value", "account.region: EMEA", "account.region: ", `:25:30: routing.rules[0].when.account.region: has no value: leave the key out, or put a text that begins with # in quotes`},
		{"type without a value", "type: webhook", "type:", `:12:10: crm[1].type: has no value: leave the key out, or put a text that begins with # in quotes`},
		{"log level", "server:", "server:\n  log_level: loud", `:2:14: server.log_level: want debug or info or warn or error`},
		{"proxy without a mask", "server:", "server:\n  trusted_proxies: [10.1.2.3]", `:2:21: server.trusted_proxies[0]: "10.1.2.3": want a network such as 10.0.0.0/8, or one address as 10.1.2.3/32`},
		{"scanner without a mask", "server:", "server:\n  scanner_networks: [10.1.2.3]", `:2:22: server.scanner_networks[0]: "10.1.2.3": want a network such as 10.0.0.0/8, or one address as 10.1.2.3/32`},
		{"network with host bits", "server:", "server:\n  trusted_proxies: [10.1.2.3/8]", `:2:21: server.trusted_proxies[0]: "10.1.2.3/8": want a network such as 10.0.0.0/8, or one address as 10.1.2.3/32`},
		{"body cap", "server:", "server:\n  max_body: 12", `:2:13: server.max_body: want at least 65536`},
		{"nothing heard of Slack", "  signing_secret: abc\n", "", `:14:1: slack.signing_secret: is required, or app_token: by one of the two cxloop hears which buttons people press (app_token needs no public address)`},
		{"bot's token for the app's", "  signing_secret: abc\n", "  app_token: xoxb-1\n", `:16:14: slack.app_token: want the app's token for Socket Mode, which starts with xapp-: the bot's (xoxb-) is bot_token`},
		{"no calls at all", "  bot_token: xoxb-1", "  rate: 0\n  bot_token: xoxb-1", `:15:9: slack.rate: want more than 0`},
		{"listen", "server:", "server:\n  listen: localhost", `:2:11: server.listen: "localhost": want host:port, for example 127.0.0.1:8080`},
		{"store", "slack:", "store: {url: mysql://u:pa55@h/d}\nslack:", `:14:14: store.url: want sqlite:PATH or postgres://user@host/database`},
		{"no path of SQLite", "slack:", "store: {url: 'sqlite:'}\nslack:", `:14:14: store.url: want a path after sqlite:, for example sqlite:/var/lib/cxloop/cxloop.db`},
		{"user in an address", "https://cx.example.com", "https://u:p@cx.example.com", `:2:15: server.public_url: an address must not hold a user or a password`},
		{"address of another kind", "https://cx.example.com", "ftp://cx.example.com", `:2:15: server.public_url: want an address that begins with https://`},
		{"vendor without TLS", "  bot_token: xoxb-1", "  base_url: http://10.0.0.1\n  bot_token: xoxb-1", `:15:13: slack.base_url: plain http is for this machine only (localhost, 127.0.0.1): want https://10.0.0.1`},
		{"short key", "0123456789abcdef0123456789abcdef", "0123456789abcdef", `:4:14: security.token_key: the key has 16 bytes: want at least 32, for example from openssl rand -base64 48`},
		{"short API token", "security:", "security:\n  api_tokens: [abc]", `:4:16: security.api_tokens[0]: has 3 characters: want at least 16`},
		{"no master key", "  master_keys: [{id: m, key: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=}]\n", "", `:3:1: security.master_keys: is required`},
		{"empty list of master keys", "[{id: m, key: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=}]", "[]", `:5:16: security.master_keys: is empty`},
		{"keys in the store", "slack:", "store: {url: 'sqlite:a.db', keys_url: 'sqlite:./a.db'}\nslack:", `:14:39: store.keys_url: is the store itself: the keys are in a database of their own`},
		{"no keystore for PostgreSQL", "slack:", "store: {url: 'postgres://h/d'}\nslack:", `:14:14: store.url: with PostgreSQL, store.keys_url is required too: the keys are in a database of their own, for example postgres://user@host/cxloop_keys`},
		{"short payload key", "security:", "security:\n  payload_keys: [{id: a, key: c2hvcnQ=}]", `:4:31: security.payload_keys[0].key: want 32 bytes in base64: openssl rand -base64 32`},
		{"same payload key twice", "security:", "security:\n  payload_keys: [{id: a, key: " + payloadKey + "}, {id: a, key: " + payloadKey + "}]", `:4:83: security.payload_keys[1].id: "a" is already the id of security.payload_keys[0]`},
		{"payload key without id", "security:", "security:\n  payload_keys: [{key: " + payloadKey + "}]", `:4:18: security.payload_keys[0].id: is required`},
		{"collector with a path too much", "server:", "server:\n  otlp_endpoint: http://collector:4318/v1/traces", `:2:18: server.otlp_endpoint: want the collector's address without /v1/traces, for example http://127.0.0.1:4318`},
		{"collector with a key", "server:", "server:\n  otlp_endpoint: http://collector:4318?key=k", `:2:18: server.otlp_endpoint: want an address without ? and #: http://collector:4318`},
		{"collector by gRPC", "server:", "server:\n  otlp_endpoint: collector:4317", `:2:18: server.otlp_endpoint: want an address that begins with https://`},
		{"path of a site", "server:", "server:\n  embed_origins: ['https://app.example.com/shop']", `:2:19: server.embed_origins[0]: want an origin in small letters, without a path: https://app.example.com`},
		{"path of an origin", "security:", "security:\n  codec_origins: ['https://ui.example.com/']", `:4:19: security.codec_origins[0]: want an origin in small letters, without a path: https://ui.example.com`},
		{"nothing to decrypt", "security:", "security:\n  codec_origins: ['https://ui.example.com']", `:4:3: security.codec_origins: there is nothing to decrypt without security.payload_keys`},
		{"nobody to decrypt for", "security:", "security:\n  codec_origins: ['https://ui.example.com']\n  payload_keys: [{id: a, key: " + payloadKey + "}]", `:4:3: security.codec_origins: nobody may ask for it without a token of security.api_tokens`},
		{"webhook secret", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "whsec_short", `:13:13: crm[1].secret: want whsec_ and 24 to 64 bytes in base64 (Standard Webhooks): echo whsec_$(openssl rand -base64 32)`},
		{"sender", "hello@example.com", "Acme <hello@example.com>", `:19:17: sendgrid.from.email: "Acme <hello@example.com>": want a bare e-mail address in ASCII, for example hello@example.com`},
		{"key of another kind", "api_key: SG.1", "api_key: SG.1\n  webhook_public_key: MCowBQYDK2VwAyEA", `:19:23: sendgrid.webhook_public_key: "MCowBQYDK2VwAyEA": want the verification key that SendGrid's settings show for signed events`},
		{"sender of this machine", "hello@example.com", "hello@localhost", `:19:17: sendgrid.from.email: "hello@localhost": want a bare e-mail address in ASCII, for example hello@example.com`},
		{"sender with an umlaut", "hello@example.com", "hello@exämple.com", `:19:17: sendgrid.from.email: "hello@exämple.com": want a bare e-mail address in ASCII, for example hello@example.com`},
		{"two that send mails", "brand:", "smtp: {host: smtp.example.com, from: {email: hello@example.com}}\nbrand:", `:20:1: smtp: sendgrid is configured too: one of the two sends all mails`},
		{"nobody sends mails", sendGridSection, "", `:1:1: sendgrid: is required, or smtp: one of the two sends the mails`},
		{"mail server with a port", sendGridSection, "smtp: {host: 'smtp.example.com:587', from: {email: hello@example.com}}\n", `:17:14: smtp.host: "smtp.example.com:587": want a host such as smtp.example.com, without a port`},
		{"mail server in the clear", sendGridSection, "smtp: {host: smtp.example.com, tls: none, from: {email: hello@example.com}}\n", `:17:37: smtp.tls: none is for this machine alone: want starttls or implicit for smtp.example.com`},
		{"another kind of TLS", sendGridSection, "smtp: {host: smtp.example.com, tls: ssl, from: {email: hello@example.com}}\n", `:17:37: smtp.tls: want starttls or implicit or none`},
		{"user without a password", sendGridSection, "smtp: {host: smtp.example.com, username: cx, from: {email: hello@example.com}}\n", `:17:42: smtp.username: smtp.password or smtp.password_file is required too`},
		{"password of nobody", sendGridSection, "smtp: {host: smtp.example.com, password: cx, from: {email: hello@example.com}}\n", `:17:42: smtp.password: smtp.username is required too`},
		{"mail server's sender", sendGridSection, "smtp: {host: smtp.example.com}\n", `:17:1: smtp.from: is required`},
		{"program's sender", "    expiry: 14d", "    sender: {email: care}", `:32:21: programs[0].sender.email: "care": want a bare e-mail address in ASCII, for example hello@example.com`},
		{"program's colour", "    expiry: 14d", "    brand: {color: blue}", `:32:20: programs[0].brand.color: "blue": want a colour such as #1f5eff, in quotes`},
		{"program's privacy notice", "    expiry: 14d", "    brand: {privacy_url: acme.example}", `:32:26: programs[0].brand.privacy_url: want an address that begins with https://`},
		{"SMS without a vendor", "expiry: 14d", "channel: sms", `:32:14: programs[0].channel: SMS are sent by Twilio: give the section twilio`},
		{"channel of another kind", "expiry: 14d", "channel: fax", `:32:14: programs[0].channel: want mail or sms`},
		{"account of another vendor", "brand:", "twilio: {account_sid: SG1, auth_token: t, from: '+4915112345678'}\nbrand:", `:20:23: twilio.account_sid: "SG1": want the SID of a Twilio account: AC and 32 hexadecimal digits`},
		{"sender without a country", "brand:", "twilio: {account_sid: " + accountSID + ", auth_token: t, from: '015112345678'}\nbrand:", `:20:80: twilio.from: "015112345678": want a number such as +4915112345678, or the SID of a messaging service: MG and 32 hexadecimal digits`},
		{"account without a token", "brand:", "twilio: {account_sid: " + accountSID + ", from: '+4915112345678'}\nbrand:", `:20:1: twilio.auth_token: is required`},
		{"region of nowhere", "brand:", "twilio: {account_sid: " + accountSID + ", auth_token: t, from: '+4915112345678', default_region: Germany}\nbrand:", `:20:114: twilio.default_region: "Germany": want a country in two capital letters, for example DE`},
		{"API key without its secret", "brand:", "twilio: {account_sid: " + accountSID + ", auth_token: t, from: '+4915112345678', api_key: SK0123456789abcdef0123456789abcdef}\nbrand:", `:20:107: twilio.api_key: twilio.api_secret is required too`},
		{"API secret without its key", "brand:", "twilio: {account_sid: " + accountSID + ", auth_token: t, from: '+4915112345678', api_secret: s}\nbrand:", `:20:110: twilio.api_secret: twilio.api_key is required too`},
		{"SMS without a link", "    expiry: 14d", "    channel: sms\n    texts: {en: {sms: Tell us}}", ":32:14: programs[0].channel: SMS are sent by Twilio: give the section twilio\n:33:23: programs[0].texts.en.sms: want {link} in it, where the survey's link stands"},
		{"link in a mail", "expiry: 14d", "texts: {en: {subject: 'x {link}'}}", `:32:27: programs[0].texts.en.subject: unknown placeholder {link}: known are {first_name}, {account}, {brand}`},
		{"variable not closed", "api_key: SG.1", "api_key: SG.${KEY", `:18:12: sendgrid.api_key: ${ begins the name of an environment variable: write ${NAME}, or $${ for the characters themselves`},
		{"secret twice", "  bot_token: xoxb-1", "  bot_token: xoxb-1\n  bot_token_file: x", `:16:3: slack.bot_token_file: bot_token is given too: one of the two is enough`},
		{"secret file missing", "  bot_token: xoxb-1", "  bot_token_file: /nowhere/x", `:15:19: slack.bot_token: secret file: open /nowhere/x: no such file or directory`},
		{"clock of ordinary hours", "brand:", "sla: {contact: 1w}\nbrand:", `:20:16: sla.contact: "1w": want business time such as 4h, 5d (business days) or 1d4h, or off`},
		{"clock of a number", "brand:", "sla: {contact: 24}\nbrand:", `:20:16: sla.contact: want text, got a number: put it in quotes`},
		{"clock of no time", "brand:", "sla: {low: {contact: 0h}}\nbrand:", `:20:22: sla.low.contact: 0 leaves no time: say off for no such clock`},
		{"contact before the acknowledgement", "brand:", "sla: {contact: 3h}\nbrand:", `:20:16: sla.contact: 3h is shorter than sla.acknowledge, 4h`},
		{"acknowledgement after the contact", "brand:", "sla: {acknowledge: 9h}\nbrand:", `:20:20: sla.acknowledge: 9h is longer than sla.contact, 1d`},
		{"haste that is slower", "brand:", "sla: {high: {resolve: 6d}}\nbrand:", `:20:23: sla.high.resolve: 6d is longer than sla.resolve, 5d`},
		{"stages in a wrong order", "brand:", "sla: {escalate: {manager: 3d}}\nbrand:", `:20:27: sla.escalate.manager: 3d is longer than sla.escalate.channel, 2d`},
		{"warning at once", "brand:", "sla: {warn: 0%}\nbrand:", `:20:13: sla.warn: 0% warns as soon as a case is opened: want more, or 100% for no warning`},
		{"hours of nobody", "brand:", "sla: {calendar: ofice}\ncalendars: [{id: office, timezone: UTC, days: [mon]}]\nbrand:", `:20:17: sla.calendar: no calendar has the id "ofice": did you mean office?`},
		{"hours without calendars", "brand:", "sla: {calendar: office}\nbrand:", `:20:17: sla.calendar: no calendar has the id "office": add it to calendars`},
		{"hours on the days of mails", "brand:", "sla: {calendar: office}\ncalendars: [{id: office, timezone: UTC}]\nbrand:", `:20:17: sla.calendar: the calendar office does not say its days, and mails are sent on tue, wed and thu: say on which the team works`},
		{"quarantine", "brand:", "contact_rules: {quarantine: 2h}\nbrand:", `:20:29: contact_rules.quarantine: 2h is too short: at least 24h lie between two surveys of a contact`},
		{"quarantine of no kind", "brand:", "contact_rules: {quarantines: {monthly: 60d}}\nbrand:", `:20:31: contact_rules.quarantines.monthly: unknown key: known are in_the_moment, relational, transactional`},
		{"quarantine of a kind that adds nothing", "brand:", "contact_rules: {quarantines: {relational: 2w}}\nbrand:", `:20:43: contact_rules.quarantines.relational: 14d adds nothing: the quarantine keeps any two surveys 30d apart`},
		{"cap of none", "brand:", "contact_rules: {daily_cap: 0}\nbrand:", `:20:28: contact_rules.daily_cap: want at least 1`},
		{"cap of a month above that of a year", "brand:", "contact_rules: {per_month: 3, per_year: 2}\nbrand:", `:20:28: contact_rules.per_month: 3 adds nothing: per_year allows 2`},
		{"account cap without a number", "brand:", "contact_rules: {per_account: {within: 90d}}\nbrand:", `:20:17: contact_rules.per_account.invitations: is required: how many surveys an account gets within 90d`},
		{"account cap within no time", "brand:", "contact_rules: {per_account: {invitations: 2, within: 0}}\nbrand:", `:20:55: contact_rules.per_account.within: 0 limits nothing`},
		{"address for a domain", "brand:", "contact_rules: {blocked_domains: ['@rival.example']}\nbrand:", `:20:35: contact_rules.blocked_domains[0]: "@rival.example": want a mail domain in small letters, without @, for example example.com`},
		{"condition on nothing", "brand:", "contact_rules: {not_when: [{}]}\nbrand:", `:20:28: contact_rules.not_when[0]: is empty`},
		{"condition on a name", "brand:", "contact_rules: {not_when: [{contact.email: a@b.example}]}\nbrand:", `:20:29: contact_rules.not_when[0].contact.email: want contact.<attribute>, account.<attribute> or account.name, for example account.tier`},
		{"condition on the event", "brand:", "contact_rules: {not_when: [{deal.amount: 1}]}\nbrand:", `:20:29: contact_rules.not_when[0].deal.amount: want contact.<attribute>, account.<attribute> or account.name, for example account.tier`},
		{"tenure since nothing", "expiry: 14d", "tenure: 30d", `:32:5: programs[0].tenure: needs contact_rules.customer_since: the contact's attribute that tells since when, for example createdate`},
		{"sample of nobody", "expiry: 14d", "sampling: 0", `:32:15: programs[0].sampling: want more than 0`},
		{"sample of a percentage", "expiry: 14d", "sampling: 20", `:32:15: programs[0].sampling: want at most 1`},
		{"touchpoint with a blank", "expiry: 14d", "touchpoint: After sale", `:32:17: programs[0].touchpoint: "After sale": want small letters, digits and -, at most 40, for example won-deal-nps`},
		{"priority in words", "expiry: 14d", "priority: high", `:32:15: programs[0].priority: want a whole number, got text`},
		{"program off the map", "brand:", "journey: {stages: [{id: use, touchpoints: [{id: support}, {id: renewal}]}]}\nbrand:", `:29:5: programs[0].touchpoint: is required with a journey: known are support, renewal`},
		{"stage without touchpoints", "brand:", "journey: {stages: [{id: use, touchpoints: []}]}\nbrand:", `:20:43: journey.stages[0].touchpoints: is empty`},
		{"same touchpoint in two stages", "brand:", "journey: {stages: [{id: buy, touchpoints: [{id: won-deal-nps}]}, {id: use, touchpoints: [{id: won-deal-nps}]}]}\nbrand:", `:20:95: journey.stages[1].touchpoints[0].id: "won-deal-nps" is already the id of journey.stages[0].touchpoints[0]`},
		{"same stage twice", "brand:", "journey: {stages: [{id: buy, touchpoints: [{id: won-deal-nps}]}, {id: buy, touchpoints: [{id: support}]}]}\nbrand:", `:20:71: journey.stages[1].id: "buy" is already the id of journey.stages[0]`},
		{"misspelt touchpoint", valid[strings.Index(valid, "    expiry"):], "    touchpoint: suport\njourney: {stages: [{id: use, touchpoints: [{id: support}]}]}\n", `:32:17: programs[0].touchpoint: the journey has no touchpoint "suport": did you mean support?`},
		{"unknown touchpoint", valid[strings.Index(valid, "    expiry"):], "    touchpoint: delivery\njourney: {stages: [{id: use, touchpoints: [{id: support}]}]}\n", `:32:17: programs[0].touchpoint: the journey has no touchpoint "delivery": known are support`},
		{"warm-up from no day", "brand:", "mail: {warm_up: {from: tomorrow}}\nbrand:", `:20:24: mail.warm_up.from: "tomorrow": want a day such as 2027-05-14`},
		{"warm-up without a day", "brand:", "mail: {warm_up: {first_day: 20}}\nbrand:", `:20:8: mail.warm_up.from: is required`},
		{"warm-up that does not grow", "brand:", "mail: {warm_up: {from: 2026-12-01, growth: 1}}\nbrand:", `:20:44: mail.warm_up.growth: want more than 1`},
		{"warm-up that is over at once", "brand:", "mail: {warm_up: {from: 2026-12-01, first_day: 500, until: 500}}\nbrand:", `:20:59: mail.warm_up.until: want more than first_day, 500`},
		{"window of a referral", "expiry: 14d", "follow_up: {referral: {url: 'https://example.com', window: office}}", `:32:64: programs[0].follow_up.referral.window: no calendar has the id "office": add it to calendars, or say off`},
		{"clock too fast", "brand:", "dev: {time_scale: 100000}\nbrand:", `:20:19: dev.time_scale: want at most 2880`},
		{"not a number", "brand:", "dev: {time_scale: .nan}\nbrand:", `:20:19: dev.time_scale: want a number, got text`},

		{"type of CRM", "type: hubspot", "type: salesforce", `:8:11: crm[0].type: want hubspot or webhook`},
		{"secret missing", "    client_secret: s3cret\n", "", `:7:5: crm[0].client_secret: is required`},
		{"key of another type", "    secret: whsec", "    app_id: 1\n    secret: whsec", `:13:5: crm[1].app_id: unknown key: known are cases, id, push_url, secret, type`},
		{"case of another kind", "    client_secret: s3cret", "    client_secret: s3cret\n    cases: deal", `:11:12: crm[0].cases: want task or ticket or none`},
		{"pipeline of tasks", "    client_secret: s3cret", "    client_secret: s3cret\n    cases: task\n    tickets: {pipeline: '7'}", `:12:5: crm[0].tickets: is for cases: ticket`},
		{"notes on nothing", "    client_secret: s3cret", "    client_secret: s3cret\n    case_notes: true", `:11:5: crm[0].case_notes: is for cases: task or cases: ticket`},
		{"no stage in which a case is over", "    client_secret: s3cret", "    client_secret: s3cret\n    cases: ticket\n    tickets: {closed_stages: []}", `:12:30: crm[0].tickets.closed_stages: is empty`},
		{"stage without quotes", "    client_secret: s3cret", "    client_secret: s3cret\n    cases: ticket\n    tickets: {open_stage: 1}", `:12:27: crm[0].tickets.open_stage: want text, got a number: put it in quotes`},
		{"messages about cases to nobody", "    secret: whsec", "    cases: messages\n    secret: whsec", `:13:12: crm[1].cases: push_url is required too: it is where the messages go`},
		{"slug of a CRM", "id: shop", "id: My Shop", `:11:9: crm[1].id: "My Shop": want small letters, digits and -, at most 40, for example won-deal-nps`},
		{"same CRM twice", "id: shop", "id: hubspot", `:11:9: crm[1].id: "hubspot" is already the id of crm[0]`},
		{"CRM named as Slack", "id: shop", "id: slack", `:11:9: crm[1].id: "slack" is taken: /hooks/slack is for the vendor of that name`},
		{"CRM named as SendGrid", "id: shop", "id: sendgrid", `:11:9: crm[1].id: "sendgrid" is taken: /hooks/sendgrid is for the vendor of that name`},

		{"channel by name", "channel: C0CX00002", "channel: '#cx'", `:26:16: routing.rules[0].channel: "#cx": want a Slack channel id such as C0123ABCD, not a name: it stands at the end of the channel's link`},
		{"rule on a contact", "when: {account.region", "when: {contact.region", `:25:14: routing.rules[0].when.contact.region: want account.name or account.<attribute>, for example account.region`},
		{"empty rule", "when: {account.region: EMEA}", "when: {}", `:25:13: routing.rules[0].when: is empty`},

		{"no programs", valid[strings.Index(valid, "  - id: won"):], "  []\n", `:28:3: programs: is empty`},
		{"program is text", valid[strings.Index(valid, "  - id: won"):], "  - nps\n", `:28:5: programs[0]: want keys and values, got text`},
		{"same program twice", "    expiry: 14d\n", "  - {id: won-deal-nps, template: ces, trigger: {event: a.b}}\n", `:32:10: programs[1].id: "won-deal-nps" is already the id of programs[0]`},
		{"kind of a later version", "    template: nps", "    kind: audit\n    template: nps", `:29:11: programs[0].kind: "audit" is not known: want transactional, in_the_moment or relational`},
		{"delay in the moment", "    template: nps", "    kind: in_the_moment\n    delay: 1h\n    template: nps", `:30:12: programs[0].delay: a program in the moment asks at once: leave it out, or make the kind transactional`},
		{"no trigger", "    trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}\n", "", `:28:5: programs[0].trigger: is required: the event that starts the program`},
		{"no template", "    template: nps\n", "", `:28:5: programs[0].template: is required: nps, csat, ces or another (or a metric, with all texts your own)`},
		{"unknown template", "template: nps", "template: npss", `:29:15: programs[0].template: want ` + strings.Join(TemplateNames(), " or ")},
		{"metric of another template", "template: nps", "template: nps\n    metric: ces", `:30:13: programs[0].metric: the template nps measures nps`},
		{"eNPS of customers", "template: nps", "template: employee\n    of: customers", `:30:9: programs[0].of: enps is asked of employees: for others it is nps`},
		{"NPS of employees", "template: nps", "template: nps\n    of: employees", `:30:9: programs[0].of: nps is asked of customers: for employees it is enps, for example with template: employee`},
		{"respondents that are none", "template: nps", "template: nps\n    of: partners", `:30:9: programs[0].of: want customers or employees or auditors`},
		{"floor that hides nobody", "template: nps", "template: employee\n    floor: 3", `:30:12: programs[0].floor: want at least 5`},
		{"floor of named answers", "template: nps", "template: nps\n    floor: 20", `:30:5: programs[0].floor: is of anonymous programs, and this one is not`},
		{"case of nobody", "template: nps", "template: employee\n    follow_up: {case: {alert_after: 1m}}", `:30:5: programs[0].follow_up: nothing follows an anonymous answer: nobody knows whose it is. Leave it out, or set anonymous: false`},
		{"referral of employees", "template: nps", "template: employee\n    anonymous: false\n    follow_up: {referral: {url: 'https://example.com'}}", `:31:17: programs[0].follow_up.referral: employees are not asked for referrals`},
		{"scale without choice", "template: nps", "template: nps\n    scale: 10", `:30:12: programs[0].scale: only csat has a choice: nps is asked from 0 to 10`},
		{"scale", "template: nps", "template: csat\n    scale: 7", `:30:12: programs[0].scale: want 5 or 10`},
		{"no event", "crm: hubspot, event: deal.changed", "crm: hubspot", `:30:5: programs[0].trigger.event: is required`},
		{"unknown key of a trigger", "where: {", "wheer: {", `:30:50: programs[0].trigger.wheer: unknown key: did you mean where?`},
		{"list in where", "value: closedwon", "value: [closedwon]", `:30:86: programs[0].trigger.where.value: want true or false or a number or text, got a list`},
		{"CRM not configured", "crm: hubspot, event", "crm: sap, event", `:30:20: programs[0].trigger.crm: no crm has the id "sap": known are hubspot, shop`},
		{"condition with a wrong field", "value: closedwon}}", "value: closedwon}, when: \"event.amuont > 5\"}", `:30:111: programs[0].trigger.when: event has no field amuont: declare it in fields, as event.amuont: text; known are property, value`},
		{"audience that is a list", "expiry: 14d", "audience: [a]", `:32:15: programs[0].audience: want text, got a list`},
		{"relational without a calendar", fromTrigger, asRelational + "from: {crm: hubspot}", `:28:5: programs[0].every: is required, or cron: when campaigns begin, for example every: 90d`},
		{"every and cron", fromTrigger, asRelational + "from: {crm: hubspot}\n    every: 90d\n    cron: 0 6 1 * *", `:33:5: programs[0].cron: every is given too: one of the two says when campaigns begin`},
		{"campaigns twice a day", fromTrigger, asRelational + "from: {crm: hubspot}\n    every: 12h", `:32:12: programs[0].every: 12h is too short: at least 24h lie between the starts of two campaigns`},
		{"every without a unit", fromTrigger, asRelational + "from: {crm: hubspot}\n    every: 90", `:32:12: programs[0].every: time span "90": want numbers with units, for example 24h or 30d`},
		{"cron of six fields", fromTrigger, asRelational + "from: {crm: hubspot}\n    cron: 0 0 6 1 * *", `:32:11: programs[0].cron: "0 0 6 1 * *": want five fields, for example 0 6 1 */3 * for 06:00 UTC on the first of each quarter`},
		{"cron of a day that is none", fromTrigger, asRelational + "from: {crm: hubspot}\n    cron: 0 6 31 2 *", `:32:11: programs[0].cron: this comes less than twice in four years: is there such a day?`},
		{"cron in a zone that is none", fromTrigger, asRelational + "from: {crm: hubspot}\n    cron: CRON_TZ=CET+1 0 6 1 * *", `:32:11: programs[0].cron: "CET+1": want a time zone by its IANA name, for example Europe/Paris`},
		{"cron twice a day", fromTrigger, asRelational + "from: {crm: hubspot}\n    cron: 0 6,18 * * *", `:32:11: programs[0].cron: "0 6,18 * * *" comes more than once a day: at least 24h lie between the starts of two campaigns`},
		{"campaign from nowhere", fromTrigger, asRelational + "every: 90d", `:28:5: programs[0].from: is required: the CRM that lists whom to ask, for example from: {crm: hubspot}`},
		{"campaign from no CRM", fromTrigger, asRelational + "every: 90d\n    from: {where: {a: b}}", `:32:5: programs[0].from.crm: is required`},
		{"campaign from a misspelt CRM", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubpsot}", `:32:17: programs[0].from.crm: no crm has the id "hubpsot": did you mean hubspot?`},
		{"campaign from an unknown CRM", fromTrigger, asRelational + "every: 90d\n    from: {crm: sap}", `:32:17: programs[0].from.crm: no crm has the id "sap": known are hubspot, shop`},
		{"CRM that cannot list", fromTrigger, asRelational + "every: 90d\n    from: {crm: shop}", `:32:17: programs[0].from.crm: shop is of type webhook, which cannot list contacts: want a CRM of type hubspot`},
		{"campaign of too many properties", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot, where: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6}}", `:32:26: programs[0].from.where: has 6 properties: a CRM is asked for at most 5; use audience for more`},
		{"property by its label", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot, where: {Lifecycle Stage: customer}}", `:32:34: programs[0].from.where.Lifecycle Stage: "Lifecycle Stage": want a property's internal name, such as annualrevenue`},
		{"campaign on an event", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    trigger: {event: deal.changed}", `:33:5: programs[0].trigger: a relational program is started by its calendar, not by an event: leave it out, or make the kind transactional`},
		{"delay of a campaign", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    delay: 1h", `:33:5: programs[0].delay: a relational program has no event to wait after: its spread says when contacts are asked`},
		{"audience of an event", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    audience: event.value == 'x'", `:33:15: programs[0].audience: event is not known here: known are contact, account, segment, now`},
		{"owner that nobody knows", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    spread: {per_owner: 5, owner: account.hubspot_owner}", `:33:35: programs[0].spread.owner: "account.hubspot_owner" is no field that is known: did you mean account.hubspot_owner_id?`},
		{"owner without a cap", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    spread: {owner: account.tier}", `:33:14: programs[0].spread.owner: counts for nothing without per_owner`},
		{"campaign on no day", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    spread: {days: []}", `:33:20: programs[0].spread.days: is empty`},
		{"campaign on another day", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    spread: {days: [monday]}", `:33:21: programs[0].spread.days[0]: want mon or tue or wed or thu or fri or sat or sun`},
		{"nobody a day", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    spread: {per_day: 0}", `:33:23: programs[0].spread.per_day: want at least 1`},
		{"nobody of an owner", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    spread: {per_owner: 0}", `:33:25: programs[0].spread.per_owner: want at least 1`},
		{"campaign into the next", fromTrigger, asRelational + "every: 7d\n    from: {crm: hubspot}\n    spread: {over: 7d}", `:33:20: programs[0].spread.over: 7d is not shorter than the 7d from one campaign to the next`},
		{"asked in every second campaign", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    again_after: 90d", `:33:18: programs[0].again_after: 90d leaves out some of those who were asked in the campaign before: as little as 89d lies between their days in the two`},
		{"unknown key of a spread", fromTrigger, asRelational + "every: 90d\n    from: {crm: hubspot}\n    spread: {perday: 5}", `:33:14: programs[0].spread.perday: unknown key: did you mean per_day?`},
		{"every of another kind", "expiry: 14d", "every: 90d", `:32:5: programs[0].every: only a relational program has this: leave it out, or say kind: relational`},
		{"cron of another kind", "expiry: 14d", "cron: 0 6 1 * *", `:32:5: programs[0].cron: only a relational program has this: leave it out, or say kind: relational`},
		{"from of another kind", "expiry: 14d", "from: {crm: hubspot}", `:32:5: programs[0].from: only a relational program has this: leave it out, or say kind: relational`},
		{"spread of another kind", "expiry: 14d", "spread: {per_day: 5}", `:32:5: programs[0].spread: only a relational program has this: leave it out, or say kind: relational`},
		{"negative span", "expiry: 14d", "expiry: -14d", `:32:13: programs[0].expiry: time span "-14d": want numbers with units, for example 24h or 30d`},
		{"number without unit", "expiry: 14d", "expiry: 14", `:32:13: programs[0].expiry: time span "14": want numbers with units, for example 24h or 30d`},
		{"reminder after expiry", "reminder: 4d", "reminder: 3w", `:31:15: programs[0].reminder: 21d is not before the expiry, 14d`},
		{"late answers without a unit", "expiry: 14d", "late_answers: 7", `:32:19: programs[0].late_answers: time span "7": want numbers with units, for example 24h or 30d`},
		{"negative late answers", "expiry: 14d", "late_answers: -7d", `:32:19: programs[0].late_answers: time span "-7d": want numbers with units, for example 24h or 30d`},
		{"reminder and reminders", "reminder: 4d", "reminder: 4d\n    reminders: [4d]", `:32:5: programs[0].reminders: reminder is given too: one of the two is enough`},
		{"three reminders", "reminder: 4d", "reminders: [4d, 6d, 8d]", `:31:16: programs[0].reminders: 3 reminders: at most 2 are sent`},
		{"reminders in the wrong order", "reminder: 4d", "reminders: [9d, 4d]", `:31:21: programs[0].reminders[1]: 4d is not after the first reminder, 9d`},
		{"second reminder after expiry", "reminder: 4d", "reminders: [4d, 14d]", `:31:21: programs[0].reminders[1]: 14d is not before the expiry, 14d`},
		{"reminder at once", "reminder: 4d", "reminders: [0]", `:31:17: programs[0].reminders[0]: want a time after the mail; [] reminds nobody`},
		{"no time to answer", "expiry: 14d", "expiry: 0s", `:32:13: programs[0].expiry: 0 leaves no time to answer`},
		{"case closed at once", "expiry: 14d", "follow_up: {case: {close_after: 1m}}", `:32:37: programs[0].follow_up.case.close_after: 1m is not after the first alert, 2m`},
		{"referral without page", "expiry: 14d", "follow_up: {referral: {off: false}}", `:32:17: programs[0].follow_up.referral.url: is required: it is where a promoter is led on to`},
		{"referral without TLS", "expiry: 14d", "follow_up: {referral: {url: 'http://example.com'}}", `:32:33: programs[0].follow_up.referral.url: plain http is for this machine only (localhost, 127.0.0.1): want https://example.com`},

		{"share of a guard", "brand:", "guard: {complaints: 0.3}\nbrand:", `:20:21: guard.complaints: want text, got a number: put it in quotes`},
		{"no percentage", "brand:", "guard: {bounces: 5 percent}\nbrand:", `:20:18: guard.bounces: "5 percent": want a percentage such as 0.3%`},
		{"guard of no mails", "brand:", "guard: {least: 0}\nbrand:", `:20:16: guard.least: want at least 1`},
		{"window without a calendar", "expiry: 14d", "window: office", `:32:13: programs[0].window: no calendar has the id "office": add it to calendars, or say off`},
		{"misspelt window", "programs:\n  - id: won-deal-nps\n", "calendars: [{id: office, timezone: UTC}]\nprograms:\n  - id: won-deal-nps\n    window: ofice\n", `:30:13: programs[0].window: no calendar has the id "ofice": did you mean office?`},
		{"unknown window", "programs:\n  - id: won-deal-nps\n", "calendars: [{id: office, timezone: UTC}]\nprograms:\n  - id: won-deal-nps\n    window: shop-floor\n", `:30:13: programs[0].window: no calendar has the id "shop-floor": known are office, and off`},
		{"same calendar twice", "programs:", "calendars: [{id: a, timezone: UTC}, {id: a, timezone: UTC}]\nprograms:", `:27:42: calendars[1].id: "a" is already the id of calendars[0]`},
		{"calendar named off", "programs:", "calendars: [{id: off, timezone: UTC}]\nprograms:", `:27:18: calendars[0].id: off is what a program without a window says: choose another id`},
		{"calendar without a zone", "programs:", "calendars: [{id: a}]\nprograms:", `:27:13: calendars[0].timezone: is required`},
		{"zone that is none", "programs:", "calendars: [{id: a, timezone: CET+1}]\nprograms:", `:27:31: calendars[0].timezone: "CET+1": want a time zone by its IANA name, for example Europe/Paris`},
		{"zone of the machine", "programs:", "calendars: [{id: a, timezone: Local}]\nprograms:", `:27:31: calendars[0].timezone: "Local": want a time zone by its IANA name, for example Europe/Paris`},
		{"day that is none", "programs:", "calendars: [{id: a, timezone: UTC, days: [Tuesday]}]\nprograms:", `:27:43: calendars[0].days[0]: want mon or tue or wed or thu or fri or sat or sun`},
		{"no day", "programs:", "calendars: [{id: a, timezone: UTC, days: []}]\nprograms:", `:27:42: calendars[0].days: is empty`},
		{"hours over midnight", "programs:", "calendars: [{id: a, timezone: UTC, hours: '22:00-06:00'}]\nprograms:", `:27:43: calendars[0].hours: "22:00-06:00": want the earlier time first, in one day`},
		{"hours without minutes", "programs:", "calendars: [{id: a, timezone: UTC, hours: 9-17}]\nprograms:", `:27:43: calendars[0].hours: "9-17": want two times such as 09:00-17:00`},
		{"day of another calendar", "programs:", "calendars: [{id: a, timezone: UTC, holidays: [02-30]}]\nprograms:", `:27:47: calendars[0].holidays[0]: "02-30": want a day such as 2027-05-14, or 12-27 for every year`},
		{"state that is none", "programs:", "calendars: [{id: a, timezone: UTC, countries: [de-bx]}]\nprograms:", `:27:48: calendars[0].countries[0]: "de-bx": did you mean de-bb?`},

		{"unknown text", "expiry: 14d", "texts: {en: {subjet: x}}", `:32:18: programs[0].texts.en.subjet: unknown key: did you mean subject?`},
		{"unknown placeholder", "expiry: 14d", "texts: {en: {intro: 'Dear {name}'}}", `:32:25: programs[0].texts.en.intro: unknown placeholder {name}: known are {first_name}, {account}, {brand}`},
		{"name in a shared text", "expiry: 14d", "texts: {en: {low: 'No, {first_name}'}}", `:32:23: programs[0].texts.en.low: {first_name} cannot stand here: this text is the same for everybody, with {brand} alone`},
		{"subject of two lines", "expiry: 14d", `texts: {en: {subject: "a\nb"}}`, `:32:27: programs[0].texts.en.subject: want one line`},
		{"empty text", "expiry: 14d", "texts: {en: {subject: ''}}", `:32:27: programs[0].texts.en.subject: is empty`},
		{"not a language", "expiry: 14d", "texts: {french_: {subject: x}}", `:32:13: programs[0].texts.french_: want a language such as fr or fr-CA`},
		{"incomplete language", "expiry: 14d", "texts: {nl: {subject: x}}", `:32:13: programs[0].texts.nl: has no built-in texts to complete it; missing are ` +
			`reminder_subject, greeting, intro, question, low, high, comment, causes, other, required, next, send, done, thanks, thanks_more, change, expired, unsubscribe, unsubscribed, privacy, notice, unsubscribe_program, unsubscribed_program, ask_subject, ask_body, ask_button, ask_page`},
		{"question without a type", "expiry: 14d", "questions: [{id: a, text: {en: A}}]", `:32:17: programs[0].questions[0].type: is required`},
		{"question of another type", "expiry: 14d", "questions: [{id: a, type: slider, text: {en: A}}]", `:32:31: programs[0].questions[0].type: want single or multiple or scale or text`},
		{"question without text", "expiry: 14d", "questions: [{id: a, type: text, text: {}}]", `:32:43: programs[0].questions[0].text: is required`},
		{"question not in all languages", "expiry: 14d", "questions: [{id: a, type: text, text: {en: A, de: B, fr-CA: C}}]", `:32:37: programs[0].questions[0].text: is missing in es, fr: want it in all languages of the program, or fewer languages`},
		{"variants of nobody knows whom", "template: nps", "template: employee\n    languages: [en]\n    variants: [{id: a, share: 0.5}, {id: b, share: 0.5, delay: 1d}]", `:31:5: programs[0].variants: an anonymous answer does not tell by which variant it was asked for`},
		{"one variant alone", "expiry: 14d", "languages: [en]\n    variants: [{id: a, share: 0.5}]", `:33:15: programs[0].variants: want 2 to 5 variants to try against each other, got 1`},
		{"shares that miss somebody", "expiry: 14d", "languages: [en]\n    variants: [{id: a, share: 0.5}, {id: b, share: 0.4, delay: 1d}]", `:33:15: programs[0].variants: the shares sum to 0.9: want 1`},
		{"share of a percentage", "expiry: 14d", "languages: [en]\n    variants: [{id: a, share: 50}, {id: b, share: 0.5, delay: 1d}]", `:33:31: programs[0].variants[0].share: want at most 1`},
		{"same variant twice", "expiry: 14d", "languages: [en]\n    variants: [{id: a, share: 0.5}, {id: a, share: 0.5, delay: 1d}]", `:33:42: programs[0].variants[1].id: "a" is already the id of programs[0].variants[0]`},
		{"variants that ask alike", "expiry: 14d", "languages: [en]\n    variants: [{id: a, share: 0.5}, {id: b, share: 0.5, delay: 0s}]", `:33:37: programs[0].variants[1]: asks as programs[0].variants[0] does: want another text, delay or window`},
		{"variant in too few languages", "expiry: 14d", "variants: [{id: a, share: 0.5}, {id: b, share: 0.5, texts: {en: {subject: Hi}, fr: {subject: Salut}}}]", `:32:57: programs[0].variants[1].texts: subject is missing in de, es: want it in all languages of the program, or fewer languages`},
		{"variant in another language", "expiry: 14d", "variants: [{id: a, share: 0.5}, {id: b, share: 0.5, texts: {nl: {subject: Hoi}}}]", `:32:65: programs[0].variants[1].texts.nl: the program has no texts in "nl": known are de, en, es, fr`},
		{"text that no variant changes", "expiry: 14d", "variants: [{id: a, share: 0.5}, {id: b, share: 0.5, texts: {en: {causes: 'Why?'}}}]", `:32:70: programs[0].variants[1].texts.en.causes: unknown key: known are greeting, high, intro, low, question, reminder_subject, subject`},
		{"placeholder of a variant", "expiry: 14d", "languages: [en]\n    variants: [{id: a, share: 0.5}, {id: b, share: 0.5, texts: {en: {low: 'No, {first_name}'}}}]", `:33:75: programs[0].variants[1].texts.en.low: {first_name} cannot stand here: this text is the same for everybody, with {brand} alone`},
		{"delay of a variant in the moment", "    template: nps", "    kind: in_the_moment\n    languages: [en]\n    variants: [{id: a, share: 0.5}, {id: b, share: 0.5, delay: 1h}]\n    template: nps", `:31:37: programs[0].variants[1]: a program in the moment asks at once: want no delay and no window`},
		{"window of a variant", "expiry: 14d", "languages: [en]\n    variants: [{id: a, share: 0.5}, {id: b, share: 0.5, window: office}]", `:33:65: programs[0].variants[1].window: no calendar has the id "office": add it to calendars, or say off`},
		{"placeholder in a question", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: 'Hi {brand}'}}]", `:33:48: programs[0].questions[0].text.en: {brand} is not filled in here: questions are the same for everybody`},
		{"placeholder in the causes", "expiry: 14d", "texts: {en: {causes: 'Why, {first_name}?'}}", `:32:26: programs[0].texts.en.causes: {first_name} is not filled in here: questions are the same for everybody`},
		{"same question twice", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: A}}, {id: a, type: text, text: {en: A}}]", `:33:58: programs[0].questions[1].id: "a" is already the id of programs[0].questions[0]`},
		{"question named causes", "expiry: 14d", "languages: [en]\n    questions: [{id: causes, type: text, text: {en: A}}]", `:33:22: programs[0].questions[0].id: "causes" is the id of the question that causes makes`},
		{"slug of a question", "expiry: 14d", "questions: [{id: Why, type: text, text: {en: A}}]", `:32:22: programs[0].questions[0].id: "Why": want small letters, digits and -, at most 40, for example won-deal-nps`},
		{"nothing to choose from", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: single, text: {en: A}}]", `:33:17: programs[0].questions[0].options: want at least 2 to choose from`},
		{"same option twice", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: single, text: {en: A}, options: [{id: b, text: {en: B}}, {id: b, text: {en: C}}]}]", `:33:93: programs[0].questions[0].options[1].id: "b" is already the id of another option`},
		{"option named other", "expiry: 14d", "languages: [en]\n    causes: [{id: other, text: {en: Other}}]", `:33:19: programs[0].causes[0].id: "other" is the id of the option that other: true adds`},
		{"eleven causes", "expiry: 14d", "languages: [en]\n    causes: [" + elevenOptions + "]", `:33:13: programs[0].causes: 11 causes: at most 10 are offered`},
		{"cause in too few languages", "expiry: 14d", "languages: [en, fr]\n    causes: [{id: price, text: {en: Price}}]", `:33:26: programs[0].causes[0].text: is missing in fr: want it in all languages of the program, or fewer languages`},
		{"options of a text", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: A}, shuffle: true}]", `:33:52: programs[0].questions[0].shuffle: a text question has no options`},
		{"ends of a text", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: A}, to: 3}]", `:33:52: programs[0].questions[0].to: only a scale has this, and the question is of type text`},
		{"scale of one number", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: scale, text: {en: A}, from: 3, to: 3, low: {en: L}, high: {en: H}}]", `:33:66: programs[0].questions[0].to: the scale from 3 to 3 has 1 numbers: want 2 to 11`},
		{"scale without ends", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: scale, text: {en: A}, to: 5, low: {en: L}}]", `:33:17: programs[0].questions[0].high: is required`},
		{"band of another metric", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: A}, when: {bands: [hard]}}]", `:33:67: programs[0].questions[0].when.bands[0]: nps has no band "hard": known are detractor, passive, promoter`},
		{"score that nobody has", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: A}, when: {score: {from: 6, to: 0}}}]", `:33:66: programs[0].questions[0].when.score: want a range within 0 to 10, the lower end first`},
		{"condition of nothing", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: A}, when: {}}]", `:33:58: programs[0].questions[0].when: is empty`},
		{"branch on a later question", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: A}, when: {answers: {b: [c]}}}]", `:33:69: programs[0].questions[0].when.answers.b: no question before this one has the id "b"`},
		{"branch on a text", "expiry: 14d", "languages: [en]\n    questions: [{id: a, type: text, text: {en: A}}, {id: b, type: text, text: {en: B}, when: {answers: {a: [c]}}}]", `:33:105: programs[0].questions[1].when.answers.a: a text has no options: want a question that is chosen from`},
		{"branch on an option that is not there", "expiry: 14d", "languages: [en]\n    causes: [{id: price, text: {en: Price}}]\n    questions: [{id: a, type: text, text: {en: A}, when: {answers: {causes: [prise]}}}]", `:34:78: programs[0].questions[0].when.answers.causes[0]: the question causes has no option "prise": known are price, other`},
		{"checklist of a score", "expiry: 14d", "checklist: [{id: a, text: {en: A}}]", `:32:5: programs[0].checklist: is of audits: nps has none`},
		{"bands of a score", "expiry: 14d", "bands: {weak: 5}", `:32:5: programs[0].bands: is of audits: nps has none`},
		{"auditors without a checklist", "expiry: 14d", "of: auditors", `:32:9: programs[0].of: auditors go through a checklist: want metric audit, for example with template: audit`},
		{"audit of customers", "template: nps", "template: audit\n    of: customers", `:30:9: programs[0].of: an audit is made by auditors: leave it out` + hubSpotAudit(31)},
		{"audit by whoever comes", "template: nps", "template: audit\n    kind: in_the_moment", `:30:11: programs[0].kind: an audit is asked for by an event that names auditor and account: leave it out` + hubSpotAudit(31)},
		{"anonymous audit", "template: nps", "template: audit\n    anonymous: true", `:30:16: programs[0].anonymous: an audit has a name to it, that of what was audited` + hubSpotAudit(31)},
		{"audit by SMS", "template: nps", "template: audit\n    channel: sms", `:30:14: programs[0].channel: an audit is asked for by mail, which has room for what is to be done: leave it out` + hubSpotAudit(31)},
		{"audit with questions", "template: nps", "template: audit\n    languages: [en]\n    questions: [{id: a, type: text, text: {en: A}}]", `:31:5: programs[0].questions: an audit has its checklist: leave it out` + hubSpotAudit(32)},
		{"audit with a gap", "template: nps", "template: audit\n    again_after: 90d", `:30:5: programs[0].again_after: auditors are asked as often as there is something to audit: leave it out` + hubSpotAudit(31)},
		{"audit that asks for referrals", "template: nps", "template: audit\n    follow_up: {referral: {url: 'https://a.b/c'}}", `:30:17: programs[0].follow_up.referral: auditors are not asked for referrals` + hubSpotAudit(31)},
		{"audit of HubSpot's events", "template: nps", "template: audit", strings.TrimPrefix(hubSpotAudit(30), "\n")},
		{"empty checklist", "template: nps", "template: audit\n    checklist: []", `:30:16: programs[0].checklist: is empty`},
		{"item twice", "template: nps", "template: audit\n    languages: [en]\n    checklist: [{id: a, text: {en: A}}, {id: a, text: {en: B}}]", `:31:46: programs[0].checklist[1].id: "a" is already the id of another item`},
		{"item in too few languages", "template: nps", "template: audit\n    languages: [en, fr]\n    checklist: [{id: a, text: {en: A}}]", `:31:25: programs[0].checklist[0].text: is missing in fr: want it in all languages of the program, or fewer languages`},
		{"item without weight", "template: nps", "template: audit\n    languages: [en]\n    checklist: [{id: a, text: {en: A}, weight: 0}]", `:31:48: programs[0].checklist[0].weight: want at least 1`},
		{"bands the wrong way round", "template: nps", "template: audit\n    bands: {weak: 80, passed: 80}", `:30:12: programs[0].bands: passed, 80, is not above weak, 80`},
		{"language without texts", "expiry: 14d", "languages: [en, nl]", `:32:21: programs[0].languages[1]: there are no texts in "nl": known are de, en, es, fr`},
		{"languages without English", "expiry: 14d", "languages: [fr]", `:32:16: programs[0].languages: en is required: every other language falls back to it`},
		{"own texts without English", "template: nps", "metric: nps", `:28:5: programs[0].texts.en: is required: every other language falls back to it`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(valid, test.from, test.to, 1)
			require.NotEqual(t, valid, body, "the mistake is not planted")
			cfg, err := LoadBytes("f", []byte(body), env())
			require.Nil(t, cfg)
			require.EqualError(t, err, "f"+strings.ReplaceAll(test.want, "\n", "\nf"))
		})
	}
}

func TestMistakesOfTheWholeFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, want string }{
		"list":     {"- a\n", "f:1:1: want keys and values, for example server: {public_url: https://…}"},
		"too long": {strings.Repeat("#", maxBytes+1), "f:1:1: the file has 1048577 bytes: at most 1048576 are read"},
		"too deep": {strings.Repeat("[", 60) + strings.Repeat("]", 60), "f:1:1: more than 100000 values or 50 levels, with aliases written out"},
		"bomb": {"a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n", "f:1:1: more than 100000 values or 50 levels, with aliases written out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadBytes("f", []byte(test.body), env())
			require.EqualError(t, err, test.want)
		})
	}
}

func TestEmptyFileTellsWhatIsRequired(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "# nothing yet\n", "~\n"} {
		_, err := LoadBytes("f", []byte(body), env())
		for _, section := range []string{"server", "security", "crm", "slack", "sendgrid", "brand", "routing", "programs"} {
			require.ErrorContains(t, err, "f:1:1: "+section+": is required")
		}
	}
}
