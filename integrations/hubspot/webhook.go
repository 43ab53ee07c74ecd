package hubspot

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// subject says what an event of a delivery is about, in either of HubSpot's
// shapes: classic (contact.propertyChange) or of project apps
// (object.propertyChange with an objectTypeId).
type subject struct {
	SubscriptionType string `json:"subscriptionType"`
	// EventType is what HubSpot's own examples call SubscriptionType.
	EventType    string `json:"eventType"`
	ObjectTypeID text   `json:"objectTypeId"`
}

// notice is an event that cxloop listens to. What else HubSpot sends has other
// fields: an associationChange, for one, has no objectId.
type notice struct {
	EventID        int64  `json:"eventId"`
	SubscriptionID int64  `json:"subscriptionId"`
	PortalID       int64  `json:"portalId"`
	AppID          int64  `json:"appId"`
	ObjectID       int64  `json:"objectId"`
	OccurredAt     int64  `json:"occurredAt"` // milliseconds
	PropertyName   string `json:"propertyName"`
	PropertyValue  text   `json:"propertyValue"`
	ChangeSource   string `json:"changeSource"`
	SourceID       text   `json:"sourceId"`
}

// objectTask is no object of programs: cases watch theirs.
const objectTask = "task"

var objectByTypeID = map[string]string{
	"0-1": survey.ObjectContact, "0-2": survey.ObjectAccount, "0-3": survey.ObjectDeal, "0-5": survey.ObjectTicket, "0-27": objectTask,
}

var objectByName = map[string]string{
	"contact": survey.ObjectContact, "company": survey.ObjectAccount, "deal": survey.ObjectDeal, "ticket": survey.ObjectTicket,
}

var whatHappened = map[string]string{"propertyChange": "changed", "creation": "created", "deletion": "deleted"}

// Receive verifies a delivery and returns its events: contact, account, deal,
// ticket or task, then .changed, .created or .deleted. The data of a change are property
// and value, as HubSpot names them ("dealstage", "closedwon"). What cxloop's app
// wrote itself, other objects and other subscriptions are left out, whatever they
// look like.
func (c *Client) Receive(d crm.Delivery) ([]survey.Event, error) {
	if err := verify(c.options.ClientSecret, d); err != nil {
		return nil, err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(d.Body, &raw); err != nil {
		return nil, crm.Reject(http.StatusBadRequest, "body is not a JSON array of events%s", jsonReason(err))
	}
	var events []survey.Event
	for i, body := range raw {
		event, ok, err := c.read(body)
		if err != nil {
			return nil, crm.Reject(http.StatusBadRequest, "[%d]%v", i, err)
		}
		if ok {
			events = append(events, event)
		}
	}
	return events, nil
}

// read returns the event of one item of a delivery; ok is false for what is not
// listened to. Its error begins with the place in the item.
func (c *Client) read(item json.RawMessage) (event survey.Event, ok bool, err error) {
	var s subject
	if err := json.Unmarshal(item, &s); err != nil {
		return event, false, errors.New(jsonReason(err))
	}
	if s.SubscriptionType == "" && s.EventType == "" {
		return event, false, errors.New(".subscriptionType is missing")
	}
	object, happened, ok := s.kind()
	if !ok {
		return event, false, nil
	}
	var n notice
	if err := json.Unmarshal(item, &n); err != nil {
		return event, false, errors.New(jsonReason(err))
	}
	if missing := n.missing(); missing != "" {
		return event, false, fmt.Errorf(".%s is missing", missing)
	}
	return c.event(n, object, happened), !c.own(n), nil
}

// kind is cxloop's name of the object and of what happened to it; ok is false for
// what is not listened to.
func (s subject) kind() (object, happened string, ok bool) {
	name, what, _ := strings.Cut(cmp.Or(s.SubscriptionType, s.EventType), ".")
	object = objectByName[name]
	if name == "object" {
		object = objectByTypeID[string(s.ObjectTypeID)]
	}
	happened = whatHappened[what]
	return object, happened, object != "" && happened != ""
}

func (n notice) missing() string {
	switch {
	case n.PortalID <= 0:
		return "portalId"
	case n.ObjectID <= 0:
		return "objectId"
	case n.OccurredAt <= 0:
		return "occurredAt"
	}
	return ""
}

func (c *Client) event(n notice, object, happened string) survey.Event {
	id := strconv.FormatInt(n.ObjectID, 10)
	event := survey.Event{
		// eventId alone is not unique (docs: webhooks guide).
		ID:      fmt.Sprintf("%d-%d-%d-%d-%d", n.PortalID, n.SubscriptionID, n.ObjectID, n.EventID, n.OccurredAt),
		Source:  fmt.Sprintf("hubspot/%d", n.PortalID),
		Type:    object + "." + happened,
		Subject: object + "/" + id,
		Time:    time.UnixMilli(n.OccurredAt).UTC(),
		CRM:     c.options.ID,
		Object:  &survey.Object{Type: object, ID: id},
	}
	if n.PropertyName != "" {
		event.Data = map[string]any{"property": n.PropertyName, "value": string(n.PropertyValue)}
	}
	return event
}

// own reports whether cxloop's own app made the change.
func (c *Client) own(n notice) bool {
	app := c.options.AppID
	if app == "" {
		app = strconv.FormatInt(n.AppID, 10)
	}
	return n.ChangeSource == "INTEGRATION" && string(n.SourceID) == app
}
