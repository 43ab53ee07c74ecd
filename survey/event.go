package survey

import (
	"cmp"
	"maps"
	"strconv"
	"strings"
	"time"
)

// Event is something that happened in a CRM or another system, in one shape.
// ID, Source, Type, Subject and Time are CloudEvents attributes (CloudEvents
// 1.0.2, section 3); Source and ID together name the event once and for all.
type Event struct {
	ID      string    `json:"id"`
	Source  string    `json:"source"`
	Type    string    `json:"type"`
	Subject string    `json:"subject,omitempty"`
	Time    time.Time `json:"time"`
	// CRM is the configured id of the CRM that the contact and account ids below
	// belong to.
	CRM string `json:"crm"`
	// Object is the CRM record that the event is about when the event itself does
	// not name the contact; the contact is then looked up in the CRM.
	Object *Object `json:"object,omitempty"`
	// Data is the event's own payload; see Field.
	Data map[string]any `json:"data,omitempty"`
}

// Object names a record of a CRM.
type Object struct {
	// Type is contact, account, deal or ticket.
	Type string `json:"type"`
	ID   string `json:"id"`
}

// The types of CRM records that cxloop knows.
const (
	ObjectContact = "contact"
	ObjectAccount = "account"
	ObjectDeal    = "deal"
	ObjectTicket  = "ticket"
)

// Field returns the value at a dotted path of the event's data as text
// ("account.region"), and whether it is there. Numbers and booleans are written
// as in JSON; lists and objects have no text.
func (e Event) Field(path string) (string, bool) {
	var at any = e.Data
	for _, name := range strings.Split(path, ".") {
		m, ok := at.(map[string]any)
		if !ok {
			return "", false
		}
		if at, ok = m[name]; !ok {
			return "", false
		}
	}
	return scalarText(at)
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}

// Contact is the person asked, as last read from the CRM.
type Contact struct {
	// Key is unique across CRMs: <crm>/<id>.
	Key        string            `json:"key"`
	CRM        string            `json:"crm"`
	ID         string            `json:"id"`
	AccountKey string            `json:"account_key,omitempty"`
	Email      string            `json:"email,omitempty"`
	Phone      string            `json:"phone,omitempty"` // in the form of E.164
	FirstName  string            `json:"first_name,omitempty"`
	LastName   string            `json:"last_name,omitempty"`
	Locale     string            `json:"locale,omitempty"`
	Timezone   string            `json:"timezone,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	// RefreshedAt is when the record was last read, in scaled time.
	RefreshedAt time.Time `json:"refreshed_at"`
}

// Name returns the contact's full name, or "" where the CRM has none.
func (c Contact) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

// Account is the company that a contact belongs to.
type Account struct {
	Key        string            `json:"key"`
	CRM        string            `json:"crm"`
	ID         string            `json:"id"`
	Name       string            `json:"name,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Over returns the contact with what it does not tell taken from what was known
// before: an event may carry no more than an id.
func (c Contact) Over(known Contact) Contact {
	c.AccountKey = cmp.Or(c.AccountKey, known.AccountKey)
	c.Email = cmp.Or(c.Email, known.Email)
	c.Phone = cmp.Or(c.Phone, known.Phone)
	c.FirstName = cmp.Or(c.FirstName, known.FirstName)
	c.LastName = cmp.Or(c.LastName, known.LastName)
	c.Locale = cmp.Or(c.Locale, known.Locale)
	c.Timezone = cmp.Or(c.Timezone, known.Timezone)
	c.Attributes = over(c.Attributes, known.Attributes)
	return c
}

// Over returns the account with what it does not tell taken from what was known
// before.
func (a Account) Over(known Account) Account {
	a.Name = cmp.Or(a.Name, known.Name)
	a.Attributes = over(a.Attributes, known.Attributes)
	return a
}

func over(attributes, known map[string]string) map[string]string {
	out := maps.Clone(known)
	if out == nil {
		return attributes
	}
	maps.Copy(out, attributes)
	return out
}

// RecordKey is the key of a contact or account across CRMs.
func RecordKey(crm, id string) string { return crm + "/" + id }

// People reads the contact and the account that an event's data carries:
// contact.{id,email,phone,first_name,last_name,locale,timezone} and account.{id,name};
// every other scalar below contact and account becomes an attribute. Contact is
// nil where data has no contact.id, account where it has no account.id.
func (e Event) People() (*Contact, *Account) {
	var account *Account
	if id, ok := e.Field("account.id"); ok && id != "" {
		account = &Account{Key: RecordKey(e.CRM, id), CRM: e.CRM, ID: id, Attributes: map[string]string{}}
		for name, text := range e.scalars("account") {
			switch name {
			case "id":
			case "name":
				account.Name = text
			default:
				account.Attributes[name] = text
			}
		}
	}
	id, ok := e.Field("contact.id")
	if !ok || id == "" {
		return nil, account
	}
	contact := &Contact{Key: RecordKey(e.CRM, id), CRM: e.CRM, ID: id, Attributes: map[string]string{}}
	if account != nil {
		contact.AccountKey = account.Key
	}
	for name, text := range e.scalars("contact") {
		switch name {
		case "id":
		case "email":
			contact.Email = text
		case "phone":
			contact.Phone = text
		case "first_name":
			contact.FirstName = text
		case "last_name":
			contact.LastName = text
		case "locale":
			contact.Locale = text
		case "timezone":
			contact.Timezone = text
		default:
			contact.Attributes[name] = text
		}
	}
	return contact, account
}

func (e Event) scalars(below string) map[string]string {
	out := map[string]string{}
	m, _ := e.Data[below].(map[string]any)
	for name, v := range m {
		if text, ok := scalarText(v); ok {
			out[name] = text
		}
	}
	return out
}
