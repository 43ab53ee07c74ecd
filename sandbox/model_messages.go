package sandbox

import (
	"encoding/json"
	"time"
)

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

// Send is one accepted mail/send call or message, shared by the mails that it produced.
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
	// SMTP says that the mail came over SMTP: nobody tells what became of it.
	SMTP bool `json:"smtp,omitempty"`

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
	// User is whom the app writes to alone here, "" in a channel of many.
	User string `json:"user,omitempty"`
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
	// Broadcast replies are shown in the channel as well.
	Broadcast bool   `json:"broadcast,omitempty"`
	UserID    string `json:"user"`
	Text      string `json:"text"`
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
	// Errors are what the app last said is wrong, by block id.
	Errors map[string]string `json:"errors,omitempty"`
}

// Interaction is one payload that the Slack stand-in posted to the app, with the answer it got.
type Interaction struct {
	ID      int64  `json:"id"`
	Type    string `json:"type"`
	UserID  string `json:"user"`
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
	// Action is the action id of what was pressed, or the callback id of the view that was sent.
	Action string `json:"action,omitempty"`
	// View is the id of the view that the app opened because of it, or that was sent.
	View    string          `json:"view,omitempty"`
	Payload json.RawMessage `json:"payload"`
	At      time.Time       `json:"at"`
	// Status is the HTTP status of the answer, 0 where none came.
	Status   int    `json:"status"`
	Response string `json:"response,omitempty"`
	Error    string `json:"error,omitempty"`
}
