package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// How many there are of each in TestCrowd.
const (
	crowdCases   = 20
	crowdPeople  = 50
	crowdPresses = 10 // of each person
)

// TestCrowd has fifty people press five hundred buttons on twenty cases at once, some of
// them twice, some on a message that is not what it was: each does what it may once, and
// in the end the messages say how the cases stand.
func TestCrowd(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			c := startCrowd(t, kind)
			c.press(t)
			c.settled(t)
			for id, m := range c.messages(t) {
				c.story(t, id, m)
			}
			require.Empty(t, c.refusalsOf(sandbox.Slack))
		})
	}
}

type crowd struct {
	*world
	// kept is how many clicks Slack was told of that they were taken.
	kept atomic.Int64
	// doubtful is of how many Slack heard nothing in time, or to send them again: they may
	// have been taken.
	doubtful atomic.Int64
	// told is how many presses found a case that wants none any more.
	told atomic.Int64
}

// startCrowd opens the cases, in a workspace whose limits are no part of this.
func startCrowd(t *testing.T, kind database) *crowd {
	t.Helper()
	kind.vendors = func(o *sandbox.Options) { o.Limits.SlackOff = true }
	c := &crowd{world: newWorld(t, kind)}
	c.config.Slack.Rate, c.config.Routing.Storm.After = 1000, 0
	for n := range crowdPeople {
		c.sandbox.AddUser(sandbox.User{ID: person(n), Name: fmt.Sprintf("person%d", n), RealName: fmt.Sprintf("Person %d", n), TZ: "Europe/Berlin"})
	}
	require.NoError(t, c.setup().database(t.Context()))
	c.startTemporal(t, searchAttributes())
	require.NoError(t, c.setup().outside(t.Context()))
	c.startApp(t)
	for n := range crowdCases {
		body := fmt.Appendf(nil, `{"id":"r-%[1]d","source":"tool","program":"order-csat","score":1,"contact":{"id":"c%[1]d"},"account":{"id":"a%[1]d","name":"Account %[1]d"}}`, n)
		a := c.call(t, "/v1/responses", body)
		require.Equal(t, http.StatusOK, a.status, a.body)
	}
	require.True(t, eventually(func() bool { return len(c.messages(t)) == crowdCases }), "the cases are not shown")
	return c
}

func person(n int) string { return fmt.Sprintf("U0CROWD%02d", n) }

// messages are the messages of cases by the case's id.
func (c *crowd) messages(t *testing.T) map[string]*sandbox.Message {
	t.Helper()
	found := map[string]*sandbox.Message{}
	c.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.Messages(casesChannel) {
			var about struct {
				Type    string            `json:"event_type"`
				Payload map[string]string `json:"event_payload"`
			}
			if json.Unmarshal(m.Metadata, &about) == nil && about.Type == "cxloop_case" {
				require.Nil(t, found[about.Payload["case"]], "a case has two messages")
				found[about.Payload["case"]] = m
			}
		}
	})
	return found
}

// caseButtons are the buttons of a message, as action id and value.
func caseButtons(m *sandbox.Message) (found [][2]string) {
	var blocks []struct {
		Elements []struct {
			ActionID string `json:"action_id"`
			Value    string `json:"value"`
		} `json:"elements"`
	}
	_ = json.Unmarshal(m.Blocks, &blocks)
	for _, b := range blocks {
		for _, e := range b.Elements {
			if strings.HasPrefix(e.ActionID, "case_") {
				found = append(found, [2]string{e.ActionID, e.Value})
			}
		}
	}
	return found
}

func (c *crowd) press(t *testing.T) {
	var ids []string
	for id := range c.messages(t) {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var all errgroup.Group
	for n := range crowdPeople {
		all.Go(func() error {
			chance := rand.New(rand.NewPCG(uint64(n), 1))
			for pressed := 0; pressed < crowdPresses; {
				did, err := c.pressOne(t, chance, person(n), ids[chance.IntN(len(ids))])
				if err != nil {
					return err
				}
				if did {
					pressed++
				}
			}
			return nil
		})
	}
	require.NoError(t, all.Wait())
}

// pressOne has a person press a button of a case, of the message as it was first in
// every fourth case. It reports whether they came to it.
func (c *crowd) pressOne(t *testing.T, chance *rand.Rand, user, caseID string) (did bool, err error) {
	m := c.messages(t)[caseID]
	buttons := caseButtons(m)
	if chance.IntN(4) == 0 || len(buttons) == 0 {
		return true, c.pressOld(t, chance, user, caseID)
	}
	action := buttons[chance.IntN(len(buttons))][0]
	if ends := action == string(survey.ActionResolve) || action == string(survey.ActionReject); ends && chance.IntN(4) != 0 {
		return false, nil // seldom, so that cases live for a while
	}
	in, err := c.sandbox.Click(m.Channel, m.TS, action, user)
	if errors.Is(err, sandbox.ErrNotFound) {
		return false, nil // somebody was quicker, and the button is gone
	}
	if err != nil || in.Status != http.StatusOK {
		c.doubtful.Add(1)
		return false, ignoreLate(err)
	}
	if in.View == "" {
		c.kept.Add(1)
		c.again(t, chance, in)
		return true, nil
	}
	return c.fill(t, chance, in.View, survey.CaseAction(action))
}

// ignoreLate leaves out what Slack would have told the user: that nothing came back within
// three seconds, which happens on a busy machine. They press again.
func ignoreLate(err error) error {
	if err != nil && strings.Contains(err.Error(), "not answered") {
		return nil
	}
	return err
}

// fill sends the form behind a button.
func (c *crowd) fill(t *testing.T, chance *rand.Rand, view string, action survey.CaseAction) (did bool, err error) {
	values := map[survey.CaseAction]map[string]string{
		survey.ActionAssign:  {"who": person(chance.IntN(crowdPeople))},
		survey.ActionSnooze:  {"days": "7"},
		survey.ActionResolve: {"choice": survey.OptionOther, "note": "Settled by phone."},
		survey.ActionReject:  {"choice": "duplicate"},
	}[action]
	in, err := c.sandbox.Submit(view, values)
	if errors.Is(err, sandbox.ErrNotFound) { // no form, but word that the case has ended
		c.told.Add(1)
		return true, c.sandbox.CloseView(view)
	}
	if err != nil || in.Status != http.StatusOK {
		c.doubtful.Add(1)
		return false, ignoreLate(err)
	}
	c.kept.Add(1)
	c.again(t, chance, in)
	return true, nil
}

// again sends every third interaction once more, as after a double click.
func (c *crowd) again(t *testing.T, chance *rand.Rand, in *sandbox.Interaction) {
	if chance.IntN(3) != 0 {
		return
	}
	body := []byte(url.Values{"payload": {string(in.Payload)}}.Encode())
	if err := c.send(t, body); err != nil {
		t.Errorf("a repetition: %v", err)
	}
}

// send sends an interaction until it is taken: on a busy machine it may have to come again.
func (c *crowd) send(t *testing.T, body []byte) error {
	for {
		a := c.do(t, http.MethodPost, c.url+"/hooks/slack", slackHeader(testSecret, body, time.Now()), body)
		switch {
		case a.status == http.StatusOK:
			return nil
		case a.status != http.StatusServiceUnavailable || t.Context().Err() != nil:
			return fmt.Errorf("status %d: %s", a.status, a.body)
		}
	}
}

// pressOld presses a button of the message as it was when the case was opened, on a screen
// that was not refreshed.
func (c *crowd) pressOld(t *testing.T, chance *rand.Rand, user, caseID string) error {
	action := []survey.CaseAction{survey.ActionAcknowledge, survey.ActionContacted}[chance.IntN(2)]
	payload, err := json.Marshal(map[string]any{
		"type": "block_actions", "user": map[string]string{"id": user},
		"actions": []any{map[string]string{"action_id": string(action), "value": caseID + ".1", "action_ts": strconv.FormatUint(chance.Uint64(), 10)}},
	})
	if err != nil {
		return err
	}
	body := []byte(url.Values{"payload": {string(payload)}}.Encode())
	if err := c.send(t, body); err != nil {
		return err
	}
	c.kept.Add(1)
	return nil
}

// settled returns when every click is dealt with and every message shows its case.
func (c *crowd) settled(t *testing.T) {
	t.Helper()
	c.awaitNumber(t, 0, "all clicks are dealt with", `SELECT count(*) FROM inbox WHERE topic = 'click' AND done_at IS NULL`)
	clicks := int64(c.number(t, `SELECT count(*) FROM inbox WHERE topic = 'click'`))
	require.GreaterOrEqual(t, clicks, c.kept.Load(), "each interaction is one click")
	require.LessOrEqual(t, clicks, c.kept.Load()+c.doubtful.Load(), "each interaction is one click")
	c.awaitNumber(t, 0, "all messages show their case", `SELECT count(*) FROM cases WHERE shown < revision`)
	t.Logf("%d clicks kept, %d presses told that the case has ended", c.kept.Load(), c.told.Load())
}
