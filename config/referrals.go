package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// Referrals says what becomes of friends whom promoters recommended to.
type Referrals struct {
	// Converted are the events of a won deal; without a type of event there are none.
	Converted survey.Conversion `yaml:"converted"`
}

// Conversions are the events of won deals, by CRM; CRMs without have no entry.
func (c *Config) Conversions() map[string]survey.Conversion {
	all := map[string]survey.Conversion{}
	for _, one := range c.CRM {
		if one.Referrals.Converted.Event != "" {
			all[one.ID] = one.Referrals.Converted
		}
	}
	return all
}

// isFriendText tells the texts of survey.FriendTexts by their keys.
func isFriendText(name string) bool {
	return slices.ContainsFunc([]string{"share_", "friend_", "thanked_"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// namingTexts are read by friends and name the promoter, where the program does.
var namingTexts = []string{"friend_title_named", "friend_tell", "thanked_body_named"}

// The placeholders of single texts besides those of all.
const (
	fieldPlaceholder  = "{field}"
	friendPlaceholder = "{friend}"
)

// checkFriendPlaceholder reports a placeholder that nobody fills, and one that would tell
// friends of the promoter what they are not to know.
func (d *document) checkFriendPlaceholder(at path, name, found string) {
	known := placeholders
	switch {
	case name == "share_body":
		known = append(slices.Clone(placeholders), linkPlaceholder)
	case name == "thanked_body_named":
		known = append(slices.Clone(placeholders), friendPlaceholder)
	case name == "friend_title_named", name == "friend_tell":
		known = []string{"{first_name}", "{brand}"}
	case name == "friend_wrong":
		known = []string{fieldPlaceholder, "{brand}"}
	case strings.HasPrefix(name, "friend_"):
		known = []string{"{brand}"}
	}
	if !slices.Contains(known, found) {
		d.add(at, "%s cannot stand here: this text takes %s", found, strings.Join(known, ", "))
	}
}

// withoutFriends leaves a program without a page of its own for friends as it was before
// there was one.
func withoutFriends(p *survey.Program) {
	rule := p.FollowUp.Referral
	for locale, texts := range p.Texts {
		if !rule.BuiltIn() {
			texts.FriendTexts = survey.FriendTexts{}
		} else if !rule.ShowName {
			texts.FriendTitleNamed, texts.FriendTell, texts.ThankedBodyNamed = "", "", ""
		}
		p.Texts[locale] = texts
	}
}

func (d *document) checkReferral(rule survey.ReferralRule, at path) {
	switch {
	case rule.Off:
	case rule.URL == "" && rule.Page == "":
		d.add(at.join("url"), "is required: it is where a promoter is led on to; or say page: built_in")
	case rule.URL != "" && rule.Page != "":
		d.add(at.join("page"), "a url leads promoters to a page of your own: leave out one of both")
	case rule.ShowName && rule.Page == "":
		d.add(at.join("show_name"), "there is no page to show a name on: it goes with page: built_in")
	}
	if rule.URL != "" {
		d.checkReferralURL(rule, at.join("url"))
	}
}

// checkReferrals reports pages for friends that nobody could agree to or that lead
// nowhere, and events of won deals that nothing can send.
func (d *document) checkReferrals(cfg *Config) {
	for i, id := range d.ids(path{"programs"}) {
		j := slices.IndexFunc(cfg.Programs, func(p survey.Program) bool { return p.ID == id })
		if j < 0 || !cfg.Programs[j].FollowUp.Referral.BuiltIn() {
			continue
		}
		at := path{"programs", strconv.Itoa(i), "follow_up", "referral", "page"}
		p := cfg.Programs[j]
		if p.BrandOver(survey.Brand{PrivacyURL: cfg.Brand.PrivacyURL}).PrivacyURL == "" {
			d.add(at, "brand.privacy_url is required: friends agree that their details are used, and have to be able to read how")
		}
		for _, c := range cfg.CRM {
			if (p.Trigger.CRM == "" || p.Trigger.CRM == c.ID) && c.Type == Webhook && c.PushURL == "" {
				d.add(at, "crm %s has no push_url, which would take the leads", c.ID)
			}
		}
		for _, locale := range slices.Sorted(maps.Keys(p.Texts)) {
			if text := p.Texts[locale].ShareBody; !strings.Contains(text, linkPlaceholder) {
				d.add(path{"programs", strconv.Itoa(i), "texts", locale, "share_body"}, "want %s in it, where the personal link stands", linkPlaceholder)
			}
		}
	}
	for i, c := range cfg.CRM {
		d.checkConversion(c, path{"crm", strconv.Itoa(i), "referrals", "converted"})
	}
}

func (d *document) checkConversion(c CRM, at path) {
	if d.failed(at) || c.Type != HubSpot || c.Referrals.Converted.Event == "" {
		return
	}
	if event := c.Referrals.Converted.Event; !strings.HasPrefix(event, survey.ObjectDeal+".") {
		d.add(at.join("event"), "%q tells of no deal: want deal.changed", event)
		return
	}
	d.checkHubSpotTrigger(at, false)
}
