package hubspot

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// notice is one event of a delivery, in either of HubSpot's shapes: classic
// (contact.propertyChange) or of project apps (object.propertyChange with an
// objectTypeId).
type notice struct {
	EventID          int64  `json:"eventId"`
	SubscriptionID   int64  `json:"subscriptionId"`
	PortalID         int64  `json:"portalId"`
	AppID            int64  `json:"appId"`
	ObjectID         int64  `json:"objectId"`
	OccurredAt       int64  `json:"occurredAt"` // milliseconds
	SubscriptionType string `json:"subscriptionType"`
	// EventType is what HubSpot's own examples call SubscriptionType.
	EventType     string `json:"eventType"`
	ObjectTypeID  string `json:"objectTypeId"`
	PropertyName  string `json:"propertyName"`
	PropertyValue text   `json:"propertyValue"`
	ChangeSource  string `json:"changeSource"`
	SourceID      text   `json:"sourceId"`
}

var objectByTypeID = map[string]string{
	"0-1": survey.ObjectContact, "0-2": survey.ObjectAccount, "0-3": survey.ObjectDeal, "0-5": survey.ObjectTicket,
}

var objectByName = map[string]string{
	"contact": survey.ObjectContact, "company": survey.ObjectAccount, "deal": survey.ObjectDeal, "ticket": survey.ObjectTicket,
}

var whatHappened = map[string]string{"propertyChange": "changed", "creation": "created", "deletion": "deleted"}

// Receive verifies a delivery and returns its events: contact, account, deal or
// ticket, then .changed, .created or .deleted. The data of a change are property
// and value, as HubSpot names them ("dealstage", "closedwon"). What cxloop's app
// wrote itself, other objects and other subscriptions are left out.
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
		var n notice
		if err := json.Unmarshal(body, &n); err != nil {
			return nil, crm.Reject(http.StatusBadRequest, "[%d]%s", i, jsonReason(err))
		}
		if missing := n.missing(); missing != "" {
			return nil, crm.Reject(http.StatusBadRequest, "[%d].%s is missing", i, missing)
		}
		if event, ok := c.event(n); ok {
			events = append(events, event)
		}
	}
	return events, nil
}

func (n notice) missing() string {
	switch {
	case n.PortalID <= 0:
		return "portalId"
	case n.ObjectID <= 0:
		return "objectId"
	case n.OccurredAt <= 0:
		return "occurredAt"
	case n.SubscriptionType == "" && n.EventType == "":
		return "subscriptionType"
	}
	return ""
}

// event returns false for what is not listened to.
func (c *Client) event(n notice) (survey.Event, bool) {
	kind := n.SubscriptionType
	if kind == "" {
		kind = n.EventType
	}
	name, what, _ := strings.Cut(kind, ".")
	objectType := objectByName[name]
	if name == "object" {
		objectType = objectByTypeID[n.ObjectTypeID]
	}
	happened := whatHappened[what]
	if objectType == "" || happened == "" || c.own(n) {
		return survey.Event{}, false
	}
	id := strconv.FormatInt(n.ObjectID, 10)
	event := survey.Event{
		// eventId alone is not unique (docs: webhooks guide).
		ID:      fmt.Sprintf("%d-%d-%d-%d-%d", n.PortalID, n.SubscriptionID, n.ObjectID, n.EventID, n.OccurredAt),
		Source:  fmt.Sprintf("hubspot/%d", n.PortalID),
		Type:    objectType + "." + happened,
		Subject: objectType + "/" + id,
		Time:    time.UnixMilli(n.OccurredAt).UTC(),
		CRM:     c.options.ID,
		Object:  &survey.Object{Type: objectType, ID: id},
	}
	if n.PropertyName != "" {
		event.Data = map[string]any{"property": n.PropertyName, "value": string(n.PropertyValue)}
	}
	return event, true
}

// own reports whether cxloop's own app made the change.
func (c *Client) own(n notice) bool {
	app := c.options.AppID
	if app == "" {
		app = strconv.FormatInt(n.AppID, 10)
	}
	return n.ChangeSource == "INTEGRATION" && string(n.SourceID) == app
}
