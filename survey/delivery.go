package survey

import (
	"fmt"
	"strconv"
	"strings"
)

// MailEvent names what became of a mail.
type MailEvent string

// What a mail vendor tells of a mail. Opened and clicked prove nothing: mail scanners
// and proxies do both.
const (
	MailDelivered MailEvent = "delivered"
	// MailBounced: there is no such mailbox; the address is dead.
	MailBounced MailEvent = "bounced"
	// MailBlocked: refused for now; the address may be good.
	MailBlocked MailEvent = "blocked"
	// MailDropped: the vendor did not even try.
	MailDropped      MailEvent = "dropped"
	MailComplaint    MailEvent = "complaint"
	MailUnsubscribed MailEvent = "unsubscribed"
	MailOpened       MailEvent = "opened"
	MailClicked      MailEvent = "clicked"
)

// Unsubscribes reports whether its reader wants no mail any more.
func (e MailEvent) Unsubscribes() bool { return e == MailComplaint || e == MailUnsubscribed }

// Guard says when a program stops mailing by itself: a guard of 100% never does, and
// the zero Guard at once.
type Guard struct {
	// Bounces and Complaints are the largest shares that are borne.
	Bounces    Share `yaml:"bounces"`
	Complaints Share `yaml:"complaints"`
	// Least is the number of mails below which nothing is concluded.
	Least int `yaml:"least"`
	// Within is how old the mails are at most that are counted.
	Within Span `yaml:"within"`
}

// leastEvents is how many bounces or complaints it takes: fewer may be chance.
const leastEvents = 3

// Trips returns the event that of so many mails came too often, "" for none.
func (g Guard) Trips(mails, bounces, complaints int) MailEvent {
	tooMany := func(events int, limit Share) bool {
		return mails >= g.Least && events >= leastEvents && float64(events) > float64(limit)*float64(mails)
	}
	switch {
	case tooMany(complaints, g.Complaints):
		return MailComplaint
	case tooMany(bounces, g.Bounces):
		return MailBounced
	}
	return ""
}

// Share is a part of a whole, 0 to 1, written as a percentage: 0.3%.
type Share float64

// String writes the percentage.
func (s Share) String() string { return strconv.FormatFloat(float64(s)*100, 'g', 6, 64) + "%" }

// MarshalText writes what String writes.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseShare reads.
func (s *Share) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShare(string(text))
	return err
}

// ParseShare reads a percentage from 0% to 100%.
func ParseShare(text string) (Share, error) {
	number, ok := strings.CutSuffix(text, "%")
	percent, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(percent >= 0 && percent <= 100) { // NaN compares with nothing
		return 0, fmt.Errorf("%q: want a percentage such as 0.3%%", text)
	}
	return Share(percent / 100), nil
}
