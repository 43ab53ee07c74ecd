package sandbox

import (
	"encoding/json"
	"strconv"
	"time"
)

// elementRules check an element by its type; a nil rule has only the checks that all elements share.
var elementRules = map[string]func(node) *blockError{
	"image": checkImage, "button": checkButton, "plain_text_input": checkTextInput,
	"static_select": selectOf(100), "multi_static_select": selectOf(100),
	"radio_buttons": selectOf(10), "checkboxes": selectOf(10), "overflow": selectOf(5),
	"users_select": nil, "multi_users_select": nil, "conversations_select": nil, "multi_conversations_select": nil,
	"channels_select": nil, "multi_channels_select": nil, "external_select": nil, "multi_external_select": nil,
	"datepicker": checkDate, "timepicker": nil, "datetimepicker": nil, "email_text_input": nil, "url_text_input": nil,
	"number_input": nil, "rich_text_input": nil, "file_input": nil, "workflow_button": nil,
}

// checkElement checks a block element: what all share, then its own rules.
func checkElement(n node) *blockError {
	rule, known := elementRules[n.str("type")]
	if !known {
		return n.fail("element_type", "type", "unsupported type: %s", n.str("type"))
	}
	if e := n.maxLen("action_id_max", "action_id", slackIDs); e != nil {
		return e
	}
	if e := n.textAt("placeholder", "placeholder", 150, true, plain); e != nil {
		return e
	}
	if c, ok := n.child("confirm"); ok {
		if e := checkConfirm(c); e != nil {
			return e
		}
	}
	if rule == nil {
		return nil
	}
	return rule(n)
}

func checkButton(n node) *blockError {
	if e := n.textAt("button_text", "text", 75, false, plain); e != nil {
		return e
	}
	if e := n.maxLen("button_value", "value", 2000); e != nil {
		return e
	}
	if e := n.maxLen("button_url", "url", 3000); e != nil {
		return e
	}
	switch n.str("style") {
	case "", "primary", "danger":
		return nil
	}
	return n.fail("button_style", "style", "must be one of primary, danger")
}

// selectOf checks an element that offers up to so many options, in groups or not.
func selectOf(limit int) func(node) *blockError {
	return func(n node) *blockError { return checkSelect(n, limit) }
}

func checkSelect(n node, limit int) *blockError {
	if n.object["option_groups"] == nil {
		if e := checkMenu(n, limit); e != nil {
			return e
		}
		return checkInitial(n)
	}
	groups, e := n.children("options_max", "option_groups", 1, limit)
	if e != nil {
		return e
	}
	for _, g := range groups {
		if e := g.textAt("option_group_label", "label", 75, false, plain); e != nil {
			return e
		}
		if e := checkMenu(g, limit); e != nil {
			return e
		}
	}
	return nil
}

func checkMenu(n node, limit int) *blockError {
	options, e := n.children("options_max", "options", 1, limit)
	if e != nil {
		return e
	}
	for _, o := range options {
		if e := o.textAt("option_text", "text", 75, false, plain, mrkdwn); e != nil {
			return e
		}
		if o.str("value") == "" {
			return o.fail("option_value", "", "missing required field: value")
		}
		if e := o.maxLen("option_value", "value", 150); e != nil {
			return e
		}
	}
	return nil
}

// checkInitial wants the option that is chosen at first to be one of those offered.
func checkInitial(n node) *blockError {
	initial, ok := n.child("initial_option")
	if !ok {
		return nil
	}
	options, _ := n.object["options"].([]any)
	for _, o := range options {
		if o, _ := o.(map[string]any); o["value"] == initial.object["value"] {
			return nil
		}
	}
	return n.fail("initial_option", "initial_option", "must exactly match one of the options")
}

func checkTextInput(n node) *blockError {
	for _, key := range []string{"min_length", "max_length"} {
		length, ok := n.object[key].(json.Number)
		if v, err := strconv.Atoi(length.String()); ok && (err != nil || v < 0 || v > 3000 || v == 0 && key == "max_length") {
			return n.fail("text_length", key, "must be a number of characters up to 3000")
		}
	}
	return n.maxLen("initial_value", "initial_value", 3000)
}

func checkDate(n node) *blockError {
	if date := n.str("initial_date"); date != "" {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return n.fail("initial_date", "initial_date", "must be of the form YYYY-MM-DD")
		}
	}
	return nil
}

func checkConfirm(n node) *blockError {
	if e := n.textAt("confirm", "title", 100, false, plain); e != nil {
		return e
	}
	if e := n.textAt("confirm", "text", 300, false, plain, mrkdwn); e != nil {
		return e
	}
	if e := n.textAt("confirm", "confirm", 30, false, plain); e != nil {
		return e
	}
	return n.textAt("confirm", "deny", 30, false, plain)
}
