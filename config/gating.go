package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

// whyGating is the reason for which reviews may not be asked for by score.
const whyGating = "to ask only those for reviews who are content is review gating, which Google forbids and the FTC calls deceptive: " +
	"a review is asked of everybody, whatever the score"

// gatingKeys are keys by which somebody would choose who is asked for a review.
var gatingKeys = []string{
	"when", "audience", "only", "for", "band", "bands", "score", "scores", "min_score", "from", "to", "above", "promoters", "promoters_only", "happy", "if",
}

// refusedKey is why a key is refused that the schema does not know, "" where there is
// no more to say than that.
func refusedKey(at path) string {
	n := len(at)
	if n < 3 || at[n-3] != "follow_up" {
		return ""
	}
	gates := at[n-2] == string(survey.AskReview) && slices.Contains(gatingKeys, at[n-1])
	below := (at[n-2] == string(survey.AskReferral) || at[n-2] == string(survey.AskTestimonial)) && strings.HasPrefix(at[n-1], string(survey.AskReview))
	switch {
	case gates:
		return whyGating + ". Leave the key out"
	case below:
		return at[n-2] + " is for promoters alone: " + whyGating + ". Write it as follow_up.review"
	}
	return ""
}

// checkGating refuses a program that asks for reviews and chooses by an earlier score
// whom it asks at all.
func (d *document) checkGating(p survey.Program, at path) {
	scope := condition.OfProgram
	if p.Kind == survey.Relational {
		scope = condition.OfSegment
	}
	for _, place := range []path{at.join("trigger", "when"), at.join("audience")} {
		if e := d.compile(place, scope); e != nil {
			d.refuseScores(place, e)
		}
	}
	d.refuseScoresIn(at.join("trigger", "where"), p.Trigger.Where)
	if p.From != nil {
		d.refuseScoresIn(at.join("from", "where"), p.From.Where)
	}
}

func (d *document) refuseScoresIn(at path, where map[string]string) {
	for field, value := range where {
		if isScore(field) || isScore(value) {
			d.add(at.join(field), "goes by an earlier score, and reviews are asked for here: %s", whyGating)
		}
	}
}

// checkGatingOfAll refuses rules of all programs that choose by score where one of them
// asks for reviews.
func (d *document) checkGatingOfAll(cfg *Config) {
	if !slices.ContainsFunc(cfg.Programs, func(p survey.Program) bool { return p.FollowUp.Review != nil }) {
		return
	}
	at := path{"contact_rules"}
	if cfg.AskRules.Consent != nil {
		d.refuseScores(at.join("marketing_consent"), cfg.AskRules.Consent)
	}
	for i, fields := range cfg.ContactRules.NotWhen {
		for field := range fields {
			if isScore(field) {
				d.addAtKey(at.join("not_when", strconv.Itoa(i), field), "goes by an earlier score, and reviews are asked for here: %s", whyGating)
			}
		}
	}
}

func (d *document) refuseScores(at path, e *condition.Expression) {
	fields := e.Fields()
	slices.Sort(fields)
	if i := slices.IndexFunc(fields, isScore); i >= 0 {
		d.add(at, "%s goes by an earlier score, and reviews are asked for here: %s", fields[i], whyGating)
	}
}

// isScore reports whether a field holds what cxloop wrote: all of that follows from
// scores.
func isScore(field string) bool {
	return strings.HasPrefix(field[strings.LastIndexByte(field, '.')+1:], "cx_")
}

// reviewHosts are places for public reviews, with all that is below them.
var reviewHosts = []string{
	"trustpilot.com", "g2.com", "capterra.com", "getapp.com", "softwareadvice.com", "trustradius.com", "gartner.com", "yelp.com", "tripadvisor.com",
	"g.page", "reviews.io", "feefo.com", "provenexpert.com", "trustedshops.com", "ekomi.com", "avis-verifies.com", "sourceforge.net", "producthunt.com",
}

// checkReferralURL refuses a page for public reviews where only promoters are led.
func (d *document) checkReferralURL(r survey.ReferralRule, at path) {
	to, err := url.Parse(r.URL)
	if err != nil || r.Off {
		return
	}
	host := strings.TrimPrefix(strings.ToLower(to.Hostname()), "www.")
	google := strings.HasSuffix(host, "google.com") && (strings.Contains(to.Path, "writereview") || strings.Contains(to.Path, "/maps"))
	known := slices.ContainsFunc(reviewHosts, func(site string) bool { return host == site || strings.HasSuffix(host, "."+site) })
	if google || known {
		d.add(at, "%s is a place for public reviews, and a referral is asked of promoters alone: %s. Write it as follow_up.review", host, whyGating)
	}
}
