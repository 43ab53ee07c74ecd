package activities

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestUsersAreLookedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.box.SetFaults(sandbox.Slack, fault(sandbox.FaultServerError))
	in := UsersInput{Users: []string{"U0JONAS", "U0NOBODY", "U0CXLOOP"}}
	_, err := run[any](w, w.slack().LookUpUsers, in)
	fails(t, FailureRetryAfter, err)
	_, err = run[any](w, w.slack().LookUpUsers, in)
	w.must(err)
	known, err := w.store.SlackUsers(t.Context(), in.Users, time.Now().Add(-time.Minute))
	w.must(err)
	require.Equal(t, map[string]bool{"U0JONAS": true, "U0NOBODY": false, "U0CXLOOP": false}, known)
}

// shySlack tells nothing of some users.
type shySlack struct {
	SlackClient
	refusals map[string]*integrations.Error // by user
}

func (s shySlack) UserActive(ctx context.Context, id string) (bool, error) {
	if refusal, ok := s.refusals[id]; ok {
		return false, refusal
	}
	return s.SlackClient.UserActive(ctx, id)
}

// Who Slack refuses to tell of may not act, and keeps nobody else waiting; where
// an operator can help, nothing is decided.
func TestUserWhomSlackDoesNotTellOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.slack()
	refusal := &integrations.Error{Vendor: slackVendor, Kind: integrations.Permanent, Code: "user_not_visible", Err: errors.New("refused")}
	s.Client = shySlack{s.Client, map[string]*integrations.Error{"U0HIDDEN1": refusal}}
	in := UsersInput{Users: []string{"U0HIDDEN1", "U0JONAS"}}
	_, err := run[any](w, s.LookUpUsers, in)
	w.must(err)
	known, err := w.store.SlackUsers(t.Context(), in.Users, time.Now().Add(-time.Minute))
	w.must(err)
	require.Equal(t, map[string]bool{"U0HIDDEN1": false, "U0JONAS": true}, known)

	refusal.Hint = "give the app the scope users:read"
	in.Users = []string{"U0MIA", "U0HIDDEN1"}
	_, err = run[any](w, s.LookUpUsers, in)
	require.Equal(t, operatorWait, fails(t, FailureRetryAfter, err).NextRetryDelay())
	known, err = w.store.SlackUsers(t.Context(), []string{"U0MIA"}, time.Now().Add(-time.Minute))
	w.must(err)
	require.Empty(t, known)
}

func TestRefusedClickIsToldToWhoClicked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.openCase(person(0, "en"), "Too slow.")
	refused := RefuseInput{Case: id, RefusedClick: RefusedClick{User: "U0JONAS", Reason: "case is already resolved"}}
	_, err := run[any](w, w.slack().RefuseClick, refused)
	w.must(err)
	require.Empty(t, ephemerals(w), "there is no message yet to say it at")
	_, err = run[any](w, w.slack().ShowCase, CaseRef{Case: id})
	w.must(err)
	_, err = run[any](w, w.slack().RefuseClick, refused)
	w.must(err)
	french := w.slack()
	french.Route = func(store.CaseDetail) survey.CaseRoute { return survey.CaseRoute{Channel: channel, Language: "fr"} }
	refused.Code = survey.RefusedEnded
	_, err = run[any](w, french.RefuseClick, refused)
	w.must(err)
	require.Equal(t, []string{
		"U0JONAS: Nothing was changed: case is already resolved.", "U0JONAS: Rien n’a été modifié\u00a0: le cas est déjà terminé (ouvert).",
	}, ephemerals(w))

	w.box.SetFaults(sandbox.Slack, fault(sandbox.FaultCut))
	_, err = run[any](w, w.slack().RefuseClick, refused)
	require.True(t, fails(t, FailureAmbiguous, err).NonRetryable(), "it may have been said")
}

func ephemerals(w *world) []string {
	var said []string
	for _, m := range w.box.Snapshot().Ephemerals() {
		said = append(said, m.EphemeralTo+": "+m.Text)
	}
	slices.Sort(said)
	return said
}
