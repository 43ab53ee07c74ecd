package survey

import (
	"strings"
	"time"
)

// The account attributes that hold the id of an account's owner, where the configuration
// names no other: HubSpot's, and that of other systems.
const (
	hubSpotOwner = "hubspot_owner_id"
	OwnerID      = "owner_id"
)

// OwnerEmail is the account attribute with the owner's mail address, of systems that
// cannot be asked for it.
const OwnerEmail = "owner_email"

// Owner is who has an account in its CRM, and who that is in Slack.
type Owner struct {
	ID string // the CRM's own
	// User is the Slack user id, "" where nobody in Slack has the owner's mail address.
	User string
	// Zone is the IANA name of the time zone that they set in Slack, or "".
	Zone string
	// Away says that the CRM knows them as no active user, or not at all.
	Away bool
	// At is when CRM and Slack were asked, in real time; zero where they were not.
	At time.Time
}

// Reachable reports whether a message to the owner would be read.
func (o Owner) Reachable() bool { return o.User != "" && !o.Away }

// OwnerOf returns the CRM's id of an account's owner, "" where there is none. It is in an
// attribute, "" for the usual ones.
func OwnerOf(account Account, attribute string) string {
	if attribute != "" {
		return account.Attributes[attribute]
	}
	if id := account.Attributes[hubSpotOwner]; id != "" {
		return id
	}
	return account.Attributes[OwnerID]
}

// Place is where a case of a route goes: the id of a channel, or that of the Slack user
// whose direct messages it is sent to.
func (r CaseRoute) Place(owner Owner) string {
	if r.ToOwner && owner.Reachable() {
		return owner.User
	}
	return r.Channel
}

// DirectMessages reports whether a place is a user's direct messages.
func DirectMessages(place string) bool {
	return strings.HasPrefix(place, "U") || strings.HasPrefix(place, "W")
}
