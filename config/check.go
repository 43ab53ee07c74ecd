package config

import (
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

// minQuarantine is the shortest gap between two surveys that a customer has to
// bear.
const minQuarantine = survey.Span(24 * time.Hour)

// check looks for what no schema can say: what has to fit together.
func (d *document) check(cfg *Config) {
	if at := (path{"contact_rules", "quarantine"}); cfg.ContactRules.Quarantine < minQuarantine && !d.failed(at) {
		d.add(at, "%s is too short: at least 24h lie between two surveys of a contact", cfg.ContactRules.Quarantine)
	}
	d.checkEligibility(cfg.ContactRules)
	d.checkRouting(cfg)
	cfg.AskRules = d.compileAskRules(cfg.ContactRules)
	d.checkGatingOfAll(cfg)
	d.checkIDs(path{"crm"})
	d.checkHooks()
	d.checkCRMCases(cfg)
	d.checkBehaviour(cfg)
	d.checkIDs(path{"programs"})
	d.checkIDs(path{"calendars"})
	d.checkIDs(path{"security", "master_keys"})
	d.checkIDs(path{"security", "payload_keys"})
	d.checkMail(cfg)
	d.checkKeystore(cfg.Store)
	d.checkCodec(cfg.Security)
	d.checkTriggers(cfg)
	d.checkCampaigns(cfg)
	d.checkJourney(cfg)
	if w := cfg.Mail.WarmUp; w.Until <= w.FirstDay {
		d.add(path{"mail", "warm_up", "until"}, "want more than first_day, %d", w.FirstDay)
	}
	d.checkTwilio(cfg)
	d.checkSlack(cfg.Slack)
	d.checkSLA(cfg.SLA)
	d.checkThemes(cfg)
	d.checkScores(cfg)
	d.checkModels(cfg.Models)
	d.checkTopics(cfg)
	d.checkReferrals(cfg)
	d.checkCaseFacts(cfg)
	d.checkROI(cfg.ROI)
	d.checkDimensions(cfg)
}

// checkIDs reports ids that a list has twice.
func (d *document) checkIDs(list path) {
	first := map[string]int{}
	for i, id := range d.ids(list) {
		switch before, known := first[id]; {
		case id == "":
		case known:
			d.add(list.join(strconv.Itoa(i), "id"), "%q is already the id of %s[%d]", id, list, before)
		default:
			first[id] = i
		}
	}
}

// checkKeystore reports keys that would not be kept apart from what they open.
func (d *document) checkKeystore(s Store) {
	switch at := (path{"store", "keys_url"}); {
	case d.failed(path{"store"}):
	case s.KeysURL.Reveal() == "":
		d.add(path{"store", "url"}, "with PostgreSQL, store.keys_url is required too: the keys are in a database of their own, for example postgres://user@host/cxloop_keys")
	case databaseOf(s.KeysURL.Reveal()) == databaseOf(s.URL.Reveal()):
		d.add(at, "is the store itself: the keys are in a database of their own")
	}
}

// databaseOf is a store URL without what may differ for the same database.
func databaseOf(text string) string {
	if file, ok := strings.CutPrefix(text, "sqlite:"); ok {
		return filepath.Clean(file)
	}
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.Host + u.Path + "?" + u.Query().Get("search_path")
}

// checkCodec reports a codec endpoint that could not serve anybody.
func (d *document) checkCodec(s Security) {
	at := path{"security", "codec_origins"}
	switch {
	case len(s.CodecOrigins) == 0 || d.failed(path{"security"}):
	case len(s.PayloadKeys) == 0:
		d.addAtKey(at, "there is nothing to decrypt without security.payload_keys")
	case len(s.APITokens) == 0:
		d.addAtKey(at, "nobody may ask for it without a token of security.api_tokens")
	}
}

// vendorHooks are the names in /hooks/<name> that vendors' own webhooks have.
var vendorHooks = []string{"slack", "sendgrid", "twilio"}

// checkHooks reports CRMs whose webhooks would come in at a vendor's address.
func (d *document) checkHooks() {
	for i, id := range d.ids(path{"crm"}) {
		if slices.Contains(vendorHooks, id) {
			d.add(path{"crm", strconv.Itoa(i), "id"}, "%q is taken: /hooks/%s is for the vendor of that name", id, id)
		}
	}
}

// ids returns the ids of a list's items, "" where an item has none.
func (d *document) ids(list path) []string {
	n := d.value(list)
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	ids := make([]string, len(n.Content))
	for i := range n.Content {
		if id := d.value(list.join(strconv.Itoa(i), "id")); id != nil {
			ids[i] = id.Value
		}
	}
	return ids
}

// checkProgram looks for what of a program does not fit together.
func (d *document) checkProgram(p survey.Program, at path) {
	d.checkKind(p, at)
	if p.Scale != 0 && p.Metric != survey.CSAT {
		low, high := survey.Program{Metric: p.Metric}.Range()
		d.add(at.join("scale"), "only csat has a choice: %s is asked from %d to %d", p.Metric, low, high)
	}
	d.checkRespondents(p, at)
	d.checkAudit(p, at)
	if p.Target != nil {
		d.checkScore(p.Metric, *p.Target, at.join("target"))
	}
	if p.Expiry <= 0 {
		d.add(at.join("expiry"), "0 leaves no time to answer")
	} else if p.Reminder >= p.Expiry && d.value(at.join("reminders")) == nil {
		d.add(at.join("reminder"), "%s is not before the expiry, %s", p.Reminder, p.Expiry)
	}
	d.checkCases(p, at)
	d.checkReferral(p.FollowUp.Referral, at.join("follow_up", "referral"))
	d.checkAsks(p, at)
}

var (
	textPlaceholder = regexp.MustCompile(`\{[^{}]*\}`)
	localePattern   = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$`)
)

// placeholders are what survey.Fill replaces.
var placeholders = []string{"{first_name}", "{account}", "{brand}"}

// sharedTexts are the same for all that a mail goes to, so they name the brand
// alone.
var sharedTexts = []string{"low", "high", "unsubscribe", "privacy", "anonymous", "open", "ask_button", "review_button", "testimonial_button"}

// checkTexts reports texts that are missing, and placeholders that nobody fills.
func (d *document) checkTexts(texts survey.Texts, p survey.Program, at path) {
	if locale := at[len(at)-1]; !localePattern.MatchString(locale) {
		d.addAtKey(at, "want a language such as fr or fr-CA")
		return
	}
	var missing []string
	for _, text := range textFields(texts) {
		here := at.join(text.name)
		if text.value == "" && needed(text.name, p) {
			missing = append(missing, text.name)
		}
		for _, found := range textPlaceholder.FindAllString(text.value, -1) {
			switch {
			case isFriendText(text.name):
				d.checkFriendPlaceholder(here, text.name, found)
			case (text.name == smsText || text.name == resurveySMS) && found == linkPlaceholder:
			case text.name == thanksText && found == survey.PlaceDone:
			case text.name == "causes":
				d.add(here, "%s is not filled in here: questions are the same for everybody", found)
			case !slices.Contains(placeholders, found):
				d.add(here, "unknown placeholder %s: known are %s", found, strings.Join(placeholders, ", "))
			case found != "{brand}" && slices.Contains(sharedTexts, text.name):
				d.add(here, "%s cannot stand here: this text is the same for everybody, with {brand} alone", found)
			}
		}
	}
	d.checkSMSText(texts.SMS, p.Channel, at.join(smsText))
	d.checkSMSText(texts.ResurveySMS, p.Channel, at.join(resurveySMS))
	if len(missing) > 0 {
		d.addAtKey(at, "has no built-in texts to complete it; missing are %s", strings.Join(missing, ", "))
	}
}

type textField struct{ name, value string }

// textFields are the texts by their keys.
func textFields(texts survey.Texts) []textField {
	v := reflect.ValueOf(texts)
	var fields []textField
	for _, f := range reflect.VisibleFields(v.Type()) {
		if !f.Anonymous {
			fields = append(fields, textField{f.Tag.Get("yaml"), v.FieldByIndex(f.Index).String()})
		}
	}
	return fields
}
