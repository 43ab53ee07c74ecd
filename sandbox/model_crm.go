package sandbox

import (
	"html"
	"maps"
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
	// History holds the versions of each property, oldest first, the current one last; capped by Options.Keep. What a
	// record was imported with has none until it changes.
	History map[string][]PropertyVersion `json:"history"`
	// Associations are keyed by the object type at the other end.
	Associations map[string][]Association `json:"associations,omitempty"`
	CreatedAt    time.Time                `json:"created_at"`
	UpdatedAt    time.Time                `json:"updated_at"`
	Archived     bool                     `json:"archived,omitempty"`
}

// Get returns the current value of a property, or "".
func (r *Record) Get(name string) string { return r.Properties[name] }

// Name is what a person would call the record: a person's name, a company's name, a deal's name, a ticket's or a task's subject,
// a note's first line.
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
	case Notes:
		line, _, _ := strings.Cut(r.Get("hs_note_body"), "<br>")
		return html.UnescapeString(line)
	}
	return r.ID
}

// valueAsOf returns the property's value as it was at that time.
func (r *Record) valueAsOf(name string, at time.Time) string {
	if !r.UpdatedAt.After(at) {
		return r.Properties[name]
	}
	versions, changed := r.History[name]
	if !changed && !r.CreatedAt.After(at) {
		return r.Properties[name]
	}
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
	if c.History = maps.Clone(r.History); c.History == nil {
		c.History = map[string][]PropertyVersion{}
	}
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

// PropertyGroup is a section of the CRM's pages that properties are shown in; every property is in one.
type PropertyGroup struct {
	Name         string `json:"name"`
	Label        string `json:"label"`
	DisplayOrder int    `json:"displayOrder"`
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
	// Archived is of one who was removed from the account.
	Archived bool `json:"archived"`
	// OutOfOffice are the hours that the owner's user record has, each from and until; it
	// is no part of an owner.
	OutOfOffice [][2]time.Time `json:"-"`
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
