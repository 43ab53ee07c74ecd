package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Refusal is a request that the stand-in rejected, with the rule that it broke.
type Refusal struct {
	At     time.Time `json:"at"`
	Vendor Vendor    `json:"vendor"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Status int       `json:"status"`
	// Rule is the short, stable name of what was broken, e.g. "slack/blocks_max" or "contract".
	Rule string `json:"rule"`
	// Detail says it in a sentence.
	Detail string `json:"detail"`
	// Body is the head of the request's body, without tokens.
	Body string `json:"body,omitempty"`
}

// Counts are totals since the state was created; they go on where the kept lists are capped.
type Counts struct {
	Requests      map[Vendor]int64 `json:"requests"`
	Mails         int64            `json:"mails"`
	SMS           int64            `json:"sms"`
	Messages      int64            `json:"messages"`
	WebhookEvents int64            `json:"webhook_events"`
	Faults        int64            `json:"faults"`
	Refusals      int64            `json:"refusals"`
	RateLimited   int64            `json:"rate_limited"`
}

// State is what the stand-ins hold. The one handed to WaitFor and Read is live and guarded by the sandbox's lock: it
// must not be kept. The one from Snapshot is the caller's own. What both point to never changes.
type State struct {
	Revision     uint64
	Counts       Counts
	Owners       []*Owner
	Mails        []*Mail
	SMS          []*SMS
	Channels     []*Channel
	Users        []*User
	Views        []*View
	Interactions []*Interaction
	Deliveries   []*Delivery
	Refusals     []*Refusal

	tables     map[string]*table
	properties map[string]map[string]*Property
	groups     map[string]map[string]*PropertyGroup
	messages   map[string]*messageLog
	ephemerals []*Message
	sends      map[string]*Send
	// stopped are the numbers whose owners replied STOP.
	stopped map[string]bool

	mailsTo       map[string][]*Mail
	usersByID     map[string]*User
	usersByEmail  map[string]*User
	channelsByID  map[string]*Channel
	contactEmails map[string]string
	ownersByID    map[string]*Owner
}

// Record returns a CRM record, nil where there is none or it is archived.
func (st *State) Record(objectType, id string) *Record {
	if r := st.tables[objectType].get(id); r != nil && !r.Archived {
		return r
	}
	return nil
}

// Records returns the records of one type that are not archived, in order of creation.
func (st *State) Records(objectType string) []*Record {
	t := st.tables[objectType]
	if t == nil {
		return nil
	}
	out := make([]*Record, 0, len(t.list))
	for _, r := range t.list {
		if !r.Archived {
			out = append(out, r)
		}
	}
	return out
}

// ContactByEmail returns the contact with that address in any letter case, nil where there is none.
func (st *State) ContactByEmail(email string) *Record {
	return st.Record(Contacts, st.contactEmails[strings.ToLower(email)])
}

// MailsTo returns what one address got, oldest first.
func (st *State) MailsTo(email string) []*Mail {
	return slices.Clone(st.mailsTo[strings.ToLower(email)])
}

// Message returns a Slack message, nil where there is none.
func (st *State) Message(channel, ts string) *Message {
	l := st.messages[channel]
	if l == nil {
		return nil
	}
	return l.byTS[ts]
}

// Messages returns the messages of a channel, oldest first, replies in threads included.
func (st *State) Messages(channel string) []*Message {
	l := st.messages[channel]
	if l == nil {
		return nil
	}
	out := make([]*Message, 0, len(l.order))
	for _, ts := range l.order {
		if m := l.byTS[ts]; !m.Deleted {
			out = append(out, m)
		}
	}
	return out
}

// Ephemerals returns the messages that only one user sees, oldest first.
func (st *State) Ephemerals() []*Message { return slices.Clone(st.ephemerals) }

// Channel returns a Slack channel by its id or by its name with or without "#", nil where there is none.
func (st *State) Channel(idOrName string) *Channel {
	if c := st.channelsByID[idOrName]; c != nil {
		return c
	}
	name := strings.TrimPrefix(idOrName, "#")
	for _, c := range st.Channels {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// User returns a Slack user by id, nil where there is none.
func (st *State) User(id string) *User { return st.usersByID[id] }

// Owner returns a CRM owner by id, nil where there is none.
func (st *State) Owner(id string) *Owner { return st.ownersByID[id] }

// Property returns a property's definition, nil where there is none.
func (st *State) Property(objectType, name string) *Property {
	return st.properties[objectType][name]
}

// Properties returns the definitions of an object type's properties, by name.
func (st *State) Properties(objectType string) []*Property {
	names := slices.Sorted(maps.Keys(st.properties[objectType]))
	out := make([]*Property, 0, len(names))
	for _, n := range names {
		out = append(out, st.properties[objectType][n])
	}
	return out
}
