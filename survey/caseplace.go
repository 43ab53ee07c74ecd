package survey

import "strings"

// CaseMessage is a message in Slack, zero for none.
type CaseMessage struct {
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
}

// CasePlace is where a case's message is.
type CasePlace struct {
	// Place is where it goes: a channel, or the Slack user whose direct messages it is in.
	Place string `json:"place,omitempty"`
	// Moves counts the messages that the case had before the present one.
	Moves int `json:"moves,omitempty"`
	// Former is the one before, until it says that the case has moved.
	Former CaseMessage `json:"former,omitzero"`
}

// Follow takes the present owner of a case's account and the place where its route leads.
// It reports whether readers have to know: the account has another owner, or the message
// has to be posted anew because it was with one person or is to be. From channel to channel
// no message moves, and none of a case that has ended.
func (c *Case) Follow(owner, place string) (changed bool) {
	if c.State.Ended() {
		return false
	}
	handedOver := c.Owner != "" && c.Owner != owner
	c.Owner = owner
	if c.MessageTS == "" {
		c.Place = place
		return false
	}
	if place == c.Channel { // though it was to go elsewhere
		c.Place = place
	}
	if was := c.postedIn(); place != was && (DirectMessages(place) || DirectMessages(was)) {
		c.Former = CaseMessage{Channel: c.Channel, TS: c.MessageTS}
		c.Channel, c.MessageTS, c.Shown = "", "", 0
		c.Place, c.Moves = place, c.Moves+1
		handedOver = true
	}
	if handedOver {
		c.Revision++
	}
	return handedOver
}

// LoseMessage takes a case's message for gone, deleted by somebody in Slack, so that it is
// posted anew. It does nothing where the case has another message already.
func (c *Case) LoseMessage(lost CaseMessage) {
	if lost == (CaseMessage{Channel: c.Channel, TS: c.MessageTS}) {
		c.Channel, c.MessageTS, c.Shown = "", "", 0
		c.Moves++
	}
}

// postedIn is the place that a case's message was posted for. Of a user who takes no
// messages it is in the channel, and stays there: it is not posted anew at every look.
func (c *Case) postedIn() string {
	if DirectChannel(c.Channel) || DirectMessages(c.Place) {
		return c.Place
	}
	return c.Channel
}

// DirectChannel reports whether a channel of Slack is that of two people.
func DirectChannel(id string) bool { return strings.HasPrefix(id, "D") }
