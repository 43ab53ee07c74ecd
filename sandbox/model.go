package sandbox

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Object types of the CRM by name. Requests may also use HubSpot's ids (0-1, 0-2, 0-3, 0-5, 0-27, 0-46).
const (
	Contacts  = "contacts"
	Companies = "companies"
	Deals     = "deals"
	Tickets   = "tickets"
	Tasks     = "tasks"
	Notes     = "notes"
)

// PropertyVersion is one value that a property of a record has had.
type PropertyVersion struct {
	Value string    `json:"value"`
	At    time.Time `json:"at"`
	// Source is HubSpot's changeSource: INTEGRATION for writes through the API, CRM_UI for what a person did.
	Source string `json:"source"`
	// SourceID is the app id of an integration, or userId:<n>.
	SourceID string `json:"source_id,omitempty"`
}

// Association is a typed edge from one record to another.
type Association struct {
	ToID   string `json:"to_id"`
	TypeID int    `json:"type_id"`
	// Category is HUBSPOT_DEFINED or USER_DEFINED.
	Category string `json:"category"`
}

// Record is one CRM object. A published Record never changes: an update replaces it, so that readers need no lock.
type Record struct {
	Type       string            `json:"type"`
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
	// History holds the versions of each property, oldest first, the current one last; capped by Options.Keep.
	History map[string][]PropertyVersion `json:"history"`
	// Associations are keyed by the object type at the other end.
	Associations map[string][]Association `json:"associations,omitempty"`
	CreatedAt    time.Time                `json:"created_at"`
	UpdatedAt    time.Time                `json:"updated_at"`
	Archived     bool                     `json:"archived,omitempty"`
}

// Get returns the current value of a property, or "".
func (r *Record) Get(name string) string { return r.Properties[name] }

// Name is what a person would call the record: a person's name, a company's name, a deal's name, a ticket's subject.
func (r *Record) Name() string {
	switch r.Type {
	case Contacts:
		return strings.TrimSpace(r.Get("firstname") + " " + r.Get("lastname"))
	case Companies:
		return r.Get("name")
	case Deals:
		return r.Get("dealname")
	case Tickets:
		return r.Get("subject")
	case Tasks:
		return r.Get("hs_task_subject")
	}
	return r.ID
}

// valueAt returns the property's value as it was at that time.
func (r *Record) valueAt(name string, at time.Time) string {
	versions := r.History[name]
	for i := len(versions) - 1; i >= 0; i-- {
		if !versions[i].At.After(at) {
			return versions[i].Value
		}
	}
	return ""
}

func (r *Record) clone() *Record {
	c := *r
	c.Properties = maps.Clone(r.Properties)
	c.History = maps.Clone(r.History)
	return &c
}

// Property is the definition of a CRM property (HubSpot's properties API).
type Property struct {
	Name           string           `json:"name"`
	Label          string           `json:"label"`
	Type           string           `json:"type"`
	FieldType      string           `json:"fieldType"`
	GroupName      string           `json:"groupName"`
	Description    string           `json:"description"`
	Options        []PropertyOption `json:"options"`
	HasUniqueValue bool             `json:"hasUniqueValue"`
	Hidden         bool             `json:"hidden"`
	HubSpotDefined bool             `json:"hubspotDefined"`
	ReadOnly       bool             `json:"-"`
	CreatedAt      time.Time        `json:"createdAt"`
	UpdatedAt      time.Time        `json:"updatedAt"`
}

// PropertyOption is one allowed value of an enumeration property.
type PropertyOption struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	Description  string `json:"description,omitempty"`
	DisplayOrder int    `json:"displayOrder"`
	Hidden       bool   `json:"hidden"`
}

// Owner is a CRM user to whom records belong.
type Owner struct {
	ID        string    `json:"id"`
	UserID    int64     `json:"userId"`
	Email     string    `json:"email"`
	FirstName string    `json:"firstName"`
	LastName  string    `json:"lastName"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// Address is a mailbox with an optional display name.
type Address struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

// MailPart is one MIME part of a mail's body, before substitutions.
type MailPart struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Send is one accepted mail/send call, shared by the mails that it produced.
type Send struct {
	// ID is what the call was answered with in X-Message-Id.
	ID    string     `json:"id"`
	At    time.Time  `json:"at"`
	Parts []MailPart `json:"parts"`
}

// Mail is one message as one recipient got it. It never changes once published.
type Mail struct {
	// ID is unique per mail: <send id>.<n>.
	ID     string    `json:"id"`
	SendID string    `json:"send_id"`
	At     time.Time `json:"at"`
	// SendAt is when the mail was asked to leave, zero for at once.
	SendAt     time.Time         `json:"send_at,omitzero"`
	From       Address           `json:"from"`
	To         Address           `json:"to"`
	CC         []Address         `json:"cc,omitempty"`
	BCC        []Address         `json:"bcc,omitempty"`
	ReplyTo    []Address         `json:"reply_to,omitempty"`
	Subject    string            `json:"subject"`
	Headers    map[string]string `json:"headers,omitempty"`
	CustomArgs map[string]string `json:"custom_args,omitempty"`
	Categories []string          `json:"categories,omitempty"`
	// Substitutions turn the call's shared parts into this recipient's text; rendered when read, so that a
	// thousand recipients of one call share one body in memory.
	Substitutions map[string]string `json:"substitutions,omitempty"`

	send *Send
}

// Part renders the body part of that MIME type, "" where there is none.
func (m *Mail) Part(mimeType string) string {
	if m.send == nil {
		return ""
	}
	for _, p := range m.send.Parts {
		if p.Type == mimeType {
			return substitute(p.Value, m.Substitutions)
		}
	}
	return ""
}

// HTML renders the mail's HTML part, "" where there is none.
func (m *Mail) HTML() string { return m.Part("text/html") }

// Text renders the mail's plain text part, "" where there is none.
func (m *Mail) Text() string { return m.Part("text/plain") }

// Channel is a Slack channel.
type Channel struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Private  bool   `json:"private,omitempty"`
	Archived bool   `json:"archived,omitempty"`
	// NotMember is true where the bot was not invited: posting fails with not_in_channel.
	NotMember bool `json:"not_member,omitempty"`
}

// User is a Slack user.
type User struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	RealName string `json:"real_name"`
	Email    string `json:"email"`
	TZ       string `json:"tz,omitempty"`
	Locale   string `json:"locale,omitempty"`
	Bot      bool   `json:"bot,omitempty"`
	// Deleted users are deactivated: users.lookupByEmail answers users_not_found for them.
	Deleted bool `json:"deleted,omitempty"`
}

// MessageVersion is what a Slack message said before it was edited.
type MessageVersion struct {
	Text   string          `json:"text"`
	Blocks json.RawMessage `json:"blocks,omitempty"`
	At     time.Time       `json:"at"`
}

// Message is a Slack message. A published Message never changes: an edit replaces it.
type Message struct {
	Channel  string `json:"channel"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts,omitempty"`
	UserID   string `json:"user"`
	Text     string `json:"text"`
	// Blocks is the Block Kit JSON as the vendor keeps it: every block has a block_id and every action an action_id.
	Blocks   json.RawMessage `json:"blocks,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// EphemeralTo is the only user who sees the message, "" where the channel does.
	EphemeralTo string           `json:"ephemeral_to,omitempty"`
	At          time.Time        `json:"at"`
	EditedAt    time.Time        `json:"edited_at,omitzero"`
	Edits       []MessageVersion `json:"edits,omitempty"`
	ReplyCount  int              `json:"reply_count,omitempty"`
	Deleted     bool             `json:"deleted,omitempty"`
}

// View is a Slack modal that was opened.
type View struct {
	ID     string          `json:"id"`
	UserID string          `json:"user"`
	JSON   json.RawMessage `json:"view"`
	At     time.Time       `json:"at"`
	// Open is false once the view was submitted or closed.
	Open bool   `json:"open"`
	Hash string `json:"hash"`
}

// Interaction is one payload that the Slack stand-in posted to the app, with the answer it got.
type Interaction struct {
	ID      int64           `json:"id"`
	Type    string          `json:"type"`
	UserID  string          `json:"user"`
	Channel string          `json:"channel,omitempty"`
	TS      string          `json:"ts,omitempty"`
	Action  string          `json:"action,omitempty"`
	Payload json.RawMessage `json:"payload"`
	At      time.Time       `json:"at"`
	// Status is the HTTP status of the answer, 0 where none came.
	Status   int    `json:"status"`
	Response string `json:"response,omitempty"`
	Error    string `json:"error,omitempty"`
}

// Delivery states.
const (
	DeliveryPending   = "pending"
	DeliveryDelivered = "delivered"
	// DeliveryFailed means that the vendor has given up after its last retry.
	DeliveryFailed = "failed"
)

// Attempt is one try to deliver a webhook.
type Attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"`
	Error  string    `json:"error,omitempty"`
}

// Delivery is one webhook request of the CRM: an array of up to 100 events. It is replaced, never changed.
type Delivery struct {
	ID       int64          `json:"id"`
	Events   []WebhookEvent `json:"events"`
	At       time.Time      `json:"at"`
	Attempts []Attempt      `json:"attempts,omitempty"`
	Status   string         `json:"status"`
}

// WebhookEvent is one element of a webhook's array, in HubSpot's own field names. ObjectTypeID and IsSensitive are of
// the developer platform's shape (object.propertyChange) and absent from the classic one (contact.propertyChange).
type WebhookEvent struct {
	EventID          int64  `json:"eventId"`
	SubscriptionID   int64  `json:"subscriptionId"`
	PortalID         int64  `json:"portalId"`
	AppID            int64  `json:"appId"`
	OccurredAt       int64  `json:"occurredAt"`
	SubscriptionType string `json:"subscriptionType"`
	AttemptNumber    int    `json:"attemptNumber"`
	ObjectID         int64  `json:"objectId"`
	ObjectTypeID     string `json:"objectTypeId,omitempty"`
	PropertyName     string `json:"propertyName,omitempty"`
	PropertyValue    string `json:"propertyValue"`
	ChangeSource     string `json:"changeSource"`
	SourceID         string `json:"sourceId,omitempty"`
	IsSensitive      *bool  `json:"isSensitive,omitempty"`
}

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
	Channels     []*Channel
	Users        []*User
	Views        []*View
	Interactions []*Interaction
	Deliveries   []*Delivery
	Refusals     []*Refusal

	tables     map[string]*table
	properties map[string]map[string]*Property
	messages   map[string]*messageLog
	ephemerals []*Message
	sends      map[string]*Send

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
