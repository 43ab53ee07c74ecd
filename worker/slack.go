package main

import (
	"context"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/slack"
)

// slackForms is the workspace as the HTTP role calls it, whose calls are counted as the
// workers' are.
type slackForms struct {
	client  *slack.Client
	observe integrations.Observer
}

// OpenView implements web.SlackForms.
func (f slackForms) OpenView(ctx context.Context, trigger string, view slackgo.ModalViewRequest) (string, error) {
	return f.client.OpenView(integrations.WithObserver(ctx, f.observe), trigger, view)
}

// User implements web.SlackForms.
func (f slackForms) User(ctx context.Context, id string) (slack.User, error) {
	return f.client.User(integrations.WithObserver(ctx, f.observe), id)
}
