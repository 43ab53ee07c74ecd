package survey

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Campaign says when a relational program asks its audience, whom, and at what pace.
type Campaign struct {
	// Every is the time from the start of one campaign to the next; 0 where Cron says when.
	Every Span `json:"every,omitempty" yaml:"every"`
	// Cron is five fields, in UTC unless they begin with CRON_TZ=<zone>; "" where Every
	// says when.
	Cron string `json:"cron,omitempty" yaml:"cron"`
	// From is whom the CRM is asked for; nil in programs of other kinds.
	From *Source `json:"from,omitempty" yaml:"from"`
	// Spread is the pace; nil in programs of other kinds.
	Spread *Spread `json:"spread,omitempty" yaml:"spread"`
}

// Source is the contacts of a CRM.
type Source struct {
	CRM string `json:"crm" yaml:"crm"`
	// Where are properties of the contact, by the CRM's own names, and the text that each
	// must have; empty for all contacts.
	Where map[string]string `json:"where,omitempty" yaml:"where"`
}

// Spread is how a campaign is spread over days.
type Spread struct {
	// Over is how long the campaign takes where no cap makes it take longer; 0 is a day.
	Over Span `json:"over,omitempty" yaml:"over"`
	// Days are the days of the week on which contacts are asked, sun to sat, in UTC.
	Days []string `json:"days" yaml:"days"`
	// PerDay is the most contacts that are asked on one day, 0 for any number.
	PerDay int `json:"per_day,omitempty" yaml:"per_day"`
	// PerOwner is the most contacts of one owner that are asked on one day, 0 for any
	// number.
	PerOwner int `json:"per_owner,omitempty" yaml:"per_owner"`
	// Owner is the field that names the owner: account.<attribute> or contact.<attribute>.
	Owner string `json:"owner,omitempty" yaml:"owner"`
}

// Day is the n-th day, from 0, on which a campaign asks that began at a moment: at the
// same time of the day, and never before it began.
func (s Spread) Day(began time.Time, n int) time.Time {
	at := began.UTC()
	for range 7 { // to the first
		if s.asksOn(at) {
			break
		}
		at = at.Add(wholeDay)
	}
	perWeek := max(len(s.Days), 1)
	at = at.Add(time.Duration(n/perWeek) * 7 * wholeDay)
	for range n % perWeek {
		at = at.Add(wholeDay)
		for range 6 {
			if s.asksOn(at) {
				break
			}
			at = at.Add(wholeDay)
		}
	}
	return at
}

func (s Spread) asksOn(t time.Time) bool { return slices.Contains(s.Days, Weekdays[t.Weekday()]) }

// Width is over how many days a campaign is spread that began at a moment, at least 1.
func (s Spread) Width(began time.Time) int {
	n := 1
	for s.Day(began, n).Before(began.Add(s.Over.Std())) {
		n++
	}
	return n
}

// Today is which day of a campaign it is that began at a moment: the last that has come,
// 0 also before the first.
func (s Spread) Today(began, now time.Time) int {
	n := 0
	for !s.Day(began, n+1).After(now) {
		n++
	}
	return n
}

// handedOnApart is how far apart two languages are handed on, and languagesApart how many
// of them before the next hour.
const (
	handedOnApart  = time.Millisecond
	languagesApart = 8
)

// HandedOnAt is when a contact of a campaign's day is handed on: less than a second after
// it begins, in the order of the hours in which mails go out, and of languages. So those
// who share a timer and a call are in the same batches.
func (p Program) HandedOnAt(day time.Time, zone, locale string) time.Time {
	hours := min(p.MailAt(day, zone).Sub(day)/time.Hour, 99)
	_, language := p.TextsFor(locale)
	nth := max(0, slices.Index(slices.Sorted(maps.Keys(p.Texts)), language))
	return day.Add((hours*languagesApart + time.Duration(min(nth, languagesApart-1))) * handedOnApart)
}

// CampaignID names a run of a version of a program.
func CampaignID(program, version, run string) string { return program + "/" + version + "/" + run }

// ParseCampaignID is the reverse of CampaignID.
func ParseCampaignID(id string) (program, version, run string, ok bool) {
	parts := strings.SplitN(id, "/", 3)
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}

// CampaignState says where a campaign stands.
type CampaignState string

// The states of a campaign. It begins as reading, and ends as cancelled or done.
const (
	// CampaignReading is while the CRM is read.
	CampaignReading CampaignState = "reading"
	// CampaignAsking is when all is read, until the last contact's day has come.
	CampaignAsking    CampaignState = "asking"
	CampaignCancelled CampaignState = "cancelled"
	CampaignDone      CampaignState = "done"
)

// Ended reports whether nothing comes after the state.
func (s CampaignState) Ended() bool { return s == CampaignCancelled || s == CampaignDone }

// RuleCampaignCancelled is the rule of invitations that an operator's cancelling of their
// campaign ended before they were mailed.
const RuleCampaignCancelled Rule = "campaign_cancelled"
