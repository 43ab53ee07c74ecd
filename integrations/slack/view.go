package slack

import (
	"context"

	"github.com/slack-go/slack"
)

// OpenView shows a modal to the user whose interaction a trigger is of, and returns
// the view's id. A trigger is good for one view within three seconds, so there is no
// second try.
func (c *Client) OpenView(ctx context.Context, trigger string, view slack.ModalViewRequest) (viewID string, err error) {
	opened, err := c.api.OpenViewContext(ctx, trigger, view)
	if err == nil && opened.ID == "" {
		err = errNoResult
	}
	if err != nil {
		return "", typed("views.open", false, err)
	}
	return opened.ID, nil
}
