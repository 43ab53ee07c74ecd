package sandbox

import (
	"encoding/json"
)

func (s *Sandbox) openView(c *slackCall) (map[string]any, *slackError) {
	view, ok := c.args["view"].(map[string]any)
	if !ok {
		return nil, missingArgument("view")
	}
	if c.str("trigger_id") == "" {
		return nil, missingArgument("trigger_id")
	}
	if e := s.checkView(c, view); e != nil {
		return nil, e
	}
	user, e := s.useTrigger(c.str("trigger_id"))
	if e != nil {
		return nil, e
	}
	v := &View{ID: "V" + s.randomHex(10), UserID: user, At: s.now(), Open: true, Hash: slackTime(s.now()) + "." + s.randomHex(8)}
	raw, err := json.Marshal(s.viewJSON(v, view))
	if err != nil {
		return nil, slackErrorf("invalid_arguments", "view: %v", err)
	}
	v.JSON = raw
	s.change(func(st *State) { st.Views = capped(st.Views, v, s.opts.Keep.Interactions) })
	s.noteOpened(c.str("trigger_id"), v.ID)
	return map[string]any{"view": v.JSON}, nil
}

func (s *Sandbox) noteOpened(trigger, view string) {
	s.slack.mu.Lock()
	defer s.slack.mu.Unlock()
	s.slack.triggers[trigger].view = view
}

// opened is the view that a trigger was used for, "" for none.
func (s *Sandbox) opened(trigger string) string {
	s.slack.mu.Lock()
	defer s.slack.mu.Unlock()
	return s.slack.triggers[trigger].view
}

// useTrigger spends a trigger_id and returns whose it was.
func (s *Sandbox) useTrigger(id string) (string, *slackError) {
	s.slack.mu.Lock()
	defer s.slack.mu.Unlock()
	t := s.slack.triggers[id]
	switch {
	case t == nil:
		return "", slackErrorf("invalid_trigger_id", "there is no such trigger_id")
	case t.used:
		return "", slackErrorf("exchanged_trigger_id", "the trigger_id was already exchanged in a previous call")
	case s.now().After(t.expires):
		return "", slackErrorf("expired_trigger_id", "the trigger_id is older than %s", triggerLife)
	}
	t.used = true
	return t.user, nil
}

// checkView checks a modal (docs: views reference) and fills in the ids of its blocks.
func (s *Sandbox) checkView(c *slackCall, view map[string]any) *slackError {
	invalid := func(b *blockError) *slackError {
		return slackInvalid("invalid_arguments", "slack/"+b.rule, b.message())
	}
	n := node{view, "/view"}
	if n.str("type") != "modal" {
		return invalid(n.fail("view_type", "type", "must be one of modal"))
	}
	if b := n.textAt("view_title", "title", 24, false, plain); b != nil {
		return invalid(b)
	}
	for _, key := range []string{"submit", "close"} {
		if b := n.textAt("view_"+key, key, 24, true, plain); b != nil {
			return invalid(b)
		}
	}
	for key, limit := range map[string]int{"callback_id": slackIDs, "external_id": slackIDs, "private_metadata": 3000} {
		if b := n.maxLen("view_"+key, key, limit); b != nil {
			return invalid(b)
		}
	}
	blocks, ok := view["blocks"].([]any)
	if !ok {
		return invalid(n.fail("view_blocks", "", "missing required field: blocks"))
	}
	if b := checkBlocks(blocks, modalBlocksMax); b != nil {
		b.pointer = "/view" + b.pointer
		return invalid(b)
	}
	if hasInput(blocks) && view["submit"] == nil {
		return invalid(n.fail("view_submit", "", "missing required field: submit"))
	}
	for _, err := range []error{s.contract.slackBlocks(blocks), s.contract.slackModal(view), s.contract.slackCall(c.method, c.args)} {
		if err != nil {
			return slackInvalid("invalid_arguments", ruleContract, err.Error())
		}
	}
	fillIDs(blocks, func() string { return s.randomHex(5) })
	return nil
}

func hasInput(blocks []any) bool {
	for _, b := range blocks {
		if o, _ := b.(map[string]any); o["type"] == "input" {
			return true
		}
	}
	return false
}

// viewJSON is a view as Slack returns it: what was given, with what the vendor adds.
func (s *Sandbox) viewJSON(v *View, given map[string]any) map[string]any {
	out := map[string]any{
		"private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": false, "notify_on_close": false,
		"close": nil, "submit": nil, "previous_view_id": nil,
	}
	for name, value := range given {
		out[name] = value
	}
	out["id"], out["root_view_id"], out["hash"] = v.ID, v.ID, v.Hash
	out["team_id"], out["app_id"], out["bot_id"] = s.opts.Slack.TeamID, s.opts.Slack.AppID, botID
	out["state"] = map[string]any{"values": map[string]any{}}
	return out
}
