package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Reviews of those alone who are content are refused, wherever that is written, with the
// reason. Each mistake is planted in valid: the first text is replaced by the second.
func TestReviewGatingIsRefused(t *testing.T) {
	t.Parallel()
	const (
		expiry  = "expiry: 14d"
		review  = "follow_up: {review: {url: 'https://reviews.example/w'"
		reviews = review + "}}"
		byScore = " goes by an earlier score, and reviews are asked for here: " + whyGating
	)
	for _, c := range []struct{ name, from, to, want string }{
		{"by a condition", expiry, review + ", when: {bands: [promoter]}}}", `:32:60: programs[0].follow_up.review.when: ` + whyGating + `. Leave the key out`},
		{"by an audience", expiry, review + ", audience: contact.cx_nps_last > 8}}", `:32:60: programs[0].follow_up.review.audience: ` + whyGating + `. Leave the key out`},
		{"by a score", expiry, review + ", min_score: 9}}", `:32:60: programs[0].follow_up.review.min_score: ` + whyGating + `. Leave the key out`},
		{"below the referral", expiry, "follow_up: {referral: {url: 'https://example.com/r', review_url: 'https://reviews.example/w'}}", `:32:58: programs[0].follow_up.referral.review_url: referral is for promoters alone: ` + whyGating + `. Write it as follow_up.review`},
		{"as the referral", expiry, "follow_up: {referral: {url: 'https://www.trustpilot.com/evaluate/example.com'}}", `:32:33: programs[0].follow_up.referral.url: trustpilot.com is a place for public reviews, and a referral is asked of promoters alone: ` + whyGating + `. Write it as follow_up.review`},
		{"as the referral, on a map", expiry, "follow_up: {referral: {url: 'https://search.google.com/local/writereview?placeid=1'}}", `:32:33: programs[0].follow_up.referral.url: search.google.com is a place for public reviews, and a referral is asked of promoters alone: ` + whyGating + `. Write it as follow_up.review`},
		{"by the audience of the program", expiry, "audience: contact.cx_nps_last == '9'\n    " + reviews, `:32:15: programs[0].audience: contact.cx_nps_last` + byScore},
		{"by a segment", expiry, "audience: segment.fans\n    " + reviews, `:32:15: programs[0].audience: contact.cx_nps_last` + byScore},
		{"by the event", "value: closedwon", "value: cx_nps_band", `:30:86: programs[0].trigger.where.value:` + byScore},
		{"by the consent", "brand:", "contact_rules: {marketing_consent: segment.fans}\nbrand:", `:20:36: contact_rules.marketing_consent: contact.cx_nps_last` + byScore},
		{"by whom nobody asks", "brand:", "contact_rules: {not_when: [{contact.cx_nps_band: detractor}]}\nbrand:", `:20:29: contact_rules.not_when[0].contact.cx_nps_band:` + byScore},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(valid, c.from, c.to, 1)
			if c.from != expiry {
				body = strings.Replace(body, expiry, reviews, 1)
			}
			body += "fields: {contact.cx_nps_last: text}\nsegments: {fans: \"contact.cx_nps_last == '9'\"}\n"
			_, err := LoadBytes("", []byte(body), env())
			require.EqualError(t, err, c.want)
		})
	}
	// What the CRM knows of a customer may decide, and where nobody asks for reviews an
	// earlier score may, too.
	fields := "fields: {contact.cx_nps_last: text, account.tier: text}\n"
	load(t, fields+strings.Replace(valid, expiry, "audience: account.tier == 'gold'\n    "+reviews, 1))
	load(t, fields+strings.Replace(valid, expiry, "audience: contact.cx_nps_last == '9'", 1))
}

func TestMistakesOfAsks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, to, want string }{
		{"review without a page", "follow_up: {review: {delay: 1d}}", `:32:17: programs[0].follow_up.review.url: is required (or sites): it is where a review is written`},
		{"two ways to say it", "follow_up: {review: {url: 'https://a.example', sites: [{name: A, url: 'https://a.example'}]}}", `:32:31: programs[0].follow_up.review.url: sites are given too: one of the two is enough`},
		{"site without a name", "follow_up: {review: {sites: [{url: 'https://a.example'}]}}", `:32:34: programs[0].follow_up.review.sites[0].name: is required`},
		{"review without TLS", "follow_up: {review: {url: 'http://a.example'}}", `:32:31: programs[0].follow_up.review.url: plain http is for this machine only (localhost, 127.0.0.1): want https://a.example`},
		{"window of a testimonial", "follow_up: {testimonial: {window: office}}", `:32:39: programs[0].follow_up.testimonial.window: no calendar has the id "office": add it to calendars, or say off`},
		{"order of another kind", "follow_up: {asks: {order: [gift]}}", `:32:32: programs[0].follow_up.asks.order[0]: want referral or review or testimonial`},
		{"order with a kind twice", "follow_up: {asks: {order: [review, review]}}", `:32:40: programs[0].follow_up.asks.order[1]: review stands here twice`},
		{"order without a kind that is on", "follow_up: {testimonial: {}, asks: {order: [review]}}", `:32:48: programs[0].follow_up.asks.order: testimonial is left out: it would never have its turn`},
		{"rule of another rotation", "follow_up: {asks: {by: chance}}", `:32:28: programs[0].follow_up.asks.by: want turns or priority`},
		{"employees asked for a review", "of: employees\n    anonymous: false\n    follow_up: {review: {url: 'https://a.example'}}", `:32:9: programs[0].of: nps is asked of customers: for employees it is enps, for example with template: employee
:34:17: programs[0].follow_up.review: employees are not asked for a review`},
		{"consent that is no condition", "priority: 1\ncontact_rules: {marketing_consent: contact.email}", `:33:36: contact_rules.marketing_consent: want what is true or false, got text`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadBytes("", []byte(strings.Replace(valid, "expiry: 14d", c.to, 1)), env())
			require.EqualError(t, err, c.want)
		})
	}
}
