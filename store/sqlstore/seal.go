package sqlstore

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The subjects that have keys: a contact, an account, an invitation of nobody in
// particular, and a day on which events came in.
func contactSubject(reference string) string { return "contact/" + reference }
func accountSubject(reference string) string { return "account/" + reference }
func invitationSubject(id string) string     { return "invitation/" + id }
func inboxSubject(day uint16) string         { return fmt.Sprintf("inbox/%d", day) }

// The places of what is sealed.
func responsePlace(id string) string { return "response/" + id }

func itemPlace(topic store.Topic, lane, key string) string {
	return "inbox/" + string(topic) + "/" + lane + "/" + key
}

// sealedPart is what a query read sealed, and where it is to go.
type sealedPart struct {
	subject, place string
	sealed         []byte
	into           func(plain []byte) error
}

// open opens parts with one look for their keys. A part that is empty stays so.
func (q session) open(ctx context.Context, parts []sealedPart) error {
	var subjects []string
	for _, p := range parts {
		if p.sealed != nil {
			subjects = append(subjects, p.subject)
		}
	}
	if len(subjects) == 0 {
		return nil
	}
	keys, err := q.keys.get(ctx, subjects)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.sealed == nil {
			continue
		}
		plain, err := keys[p.subject].open(p.place, p.sealed)
		if err == nil {
			err = p.into(plain)
		}
		if err != nil {
			return fmt.Errorf("open what is sealed: %w", err)
		}
	}
	return nil
}

// contactBody is what a contact's row seals, as JSON.
type contactBody struct {
	ID         string            `json:"id"`
	Email      string            `json:"email,omitempty"`
	Phone      string            `json:"phone,omitempty"`
	FirstName  string            `json:"first_name,omitempty"`
	LastName   string            `json:"last_name,omitempty"`
	Locale     string            `json:"locale,omitempty"`
	Timezone   string            `json:"timezone,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

func sealContact(c survey.Contact, reference string, keys map[string]dataKey) ([]byte, error) {
	plain, err := json.Marshal(contactBody{
		storableText(c.ID), storableText(c.Email), storableText(c.Phone), storableText(c.FirstName), storableText(c.LastName), storableText(c.Locale),
		storableText(c.Timezone), c.Attributes,
	})
	subject := contactSubject(reference)
	return keys[subject].seal(subject, plain), err
}

// part is the sealed part of a contact's row.
func (p *person) part() sealedPart {
	subject := contactSubject(p.Key)
	return sealedPart{subject, subject, p.sealed, func(plain []byte) error {
		var b contactBody
		err := json.Unmarshal(plain, &b)
		p.ID, p.Email, p.Phone, p.FirstName, p.LastName, p.Locale, p.Timezone, p.Attributes =
			b.ID, b.Email, b.Phone, b.FirstName, b.LastName, b.Locale, b.Timezone, b.Attributes
		return err
	}}
}

// accountBody is what an account's row seals, as JSON.
type accountBody struct {
	ID         string            `json:"id"`
	Name       string            `json:"name,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

func sealAccount(a survey.Account, reference string, keys map[string]dataKey) ([]byte, error) {
	plain, err := json.Marshal(accountBody{storableText(a.ID), storableText(a.Name), a.Attributes})
	subject := accountSubject(reference)
	return keys[subject].seal(subject, plain), err
}

// part is the sealed part of an account's row.
func (c *company) part() sealedPart {
	subject := accountSubject(c.Key)
	return sealedPart{subject, subject, c.sealed, func(plain []byte) error {
		var b accountBody
		err := json.Unmarshal(plain, &b)
		c.ID, c.Name, c.Attributes = b.ID, b.Name, b.Attributes
		return err
	}}
}

// daySize is how long the day before a sealed payload is.
const daySize = 2

// today is the day by whose key payloads are sealed: days since 1970, of real time.
func today(now time.Time) uint16 { return uint16(now.Unix() / 86_400) }

// sealPayload seals an item's payload behind the day whose key it is sealed by.
func sealPayload(key dataKey, day uint16, place string, payload []byte) []byte {
	if payload == nil {
		return nil
	}
	return append(binary.BigEndian.AppendUint16(nil, day), key.seal(place, payload)...)
}

// openItems opens the payloads of items.
func (q session) openItems(ctx context.Context, items []store.StoredItem) error {
	parts := make([]sealedPart, len(items))
	for i := range items {
		item := &items[i]
		if item.Payload == nil || item.Topic == store.TopicAnswer { // an answer's tells a version alone
			continue
		}
		if len(item.Payload) < daySize {
			return fmt.Errorf("inbox item %d: its payload is not sealed", item.ID)
		}
		parts[i] = sealedPart{
			inboxSubject(binary.BigEndian.Uint16(item.Payload)), itemPlace(item.Topic, item.Lane, item.Key), item.Payload[daySize:],
			func(plain []byte) error {
				item.Payload = plain
				return nil
			},
		}
	}
	return q.open(ctx, parts)
}
