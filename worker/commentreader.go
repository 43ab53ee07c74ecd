package main

import (
	"fmt"
	"time"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/survey"
)

// readComments makes what reads comments.
func (a *app) readComments() error {
	rules, err := a.config.TopicRules()
	if err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	a.comments = &activities.CommentReader{Store: a.store, Rules: rules, Now: time.Now, Log: a.log}
	return nil
}

// caseFacts are what teams are shown with a case.
func (a *app) caseFacts() survey.CaseFacts {
	facts := a.config.Cases.CaseFacts
	facts.Topics = a.config.TopicNames()
	return facts
}
