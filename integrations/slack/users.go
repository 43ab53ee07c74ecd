package slack

import (
	"context"
	"errors"

	"github.com/slack-go/slack"
)

// User is what cxloop knows of a member of the workspace. There is nothing in it
// that would have to be kept secret.
type User struct {
	ID string
	// Active says that it is a present human member: not a bot, not deactivated.
	Active bool
	// Zone is the IANA name of the time zone that the user set, "" where Slack tells none.
	Zone string
	// Locale is the language that the user reads Slack in, for example fr-FR, or "".
	Locale string
}

// noUser are the refusals that say that there is no such user, or none that the app
// may know of.
var noUser = map[string]bool{"user_not_found": true, "user_not_visible": true, "users_not_found": true}

// UserActive reports whether a user is a present human member of the workspace:
// not a bot, not deactivated, not unknown.
func (c *Client) UserActive(ctx context.Context, id string) (bool, error) {
	user, err := c.User(ctx, id)
	return user.Active, err
}

// User returns a member of the workspace, the zero User for one that is unknown.
func (c *Client) User(ctx context.Context, id string) (User, error) {
	found, err := c.api.GetUserInfoContext(ctx, id)
	return readUser("users.info", found, err)
}

// LookupByEmail returns the member of the workspace who has an address, the zero User
// where nobody has it: Slack tells of no deactivated ones. The app needs the scope
// users:read.email.
func (c *Client) LookupByEmail(ctx context.Context, email string) (User, error) {
	found, err := c.api.GetUserByEmailContext(ctx, email)
	return readUser("users.lookupByEmail", found, err)
}

func readUser(method string, found *slack.User, err error) (User, error) {
	if refused, ok := errors.AsType[slack.SlackErrorResponse](err); ok && noUser[refused.Err] {
		return User{}, nil
	}
	if err == nil && found.ID == "" {
		err = errNoResult
	}
	if err != nil {
		return User{}, typed(method, true, err)
	}
	return User{ID: found.ID, Active: !found.Deleted && !found.IsBot, Zone: found.TZ, Locale: found.Locale}, nil
}

// OpenDM returns the id of the channel in which the app and a user write to each other
// alone. It may be repeated. The app needs the scope im:write.
func (c *Client) OpenDM(ctx context.Context, user string) (channelID string, err error) {
	channel, _, _, err := c.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err == nil && (channel == nil || channel.ID == "") {
		err = errNoResult
	}
	if err != nil {
		return "", typed("conversations.open", true, err)
	}
	return channel.ID, nil
}
