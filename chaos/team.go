package chaos

import (
	"context"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// clickAgain is how long somebody waits for a message to change before they press
// its button again.
const clickAgain = 8 * time.Second

// workCases presses the next button of each case's message until there is none.
func (p *people) workCases(ctx context.Context) error {
	pressed := map[string]time.Time{}
	for pause(ctx, 200*time.Millisecond) {
		var messages []*sandbox.Message
		p.sandbox.Read(func(st *sandbox.State) { messages = st.Messages(channel) })
		var clicks errgroup.Group
		clicks.SetLimit(8)
		for _, m := range messages {
			button := nextButton(m)
			key := m.TS + string(button) + strconv.Itoa(len(m.Edits))
			if button == "" || time.Since(pressed[key]) < clickAgain {
				continue
			}
			pressed[key] = time.Now()
			clicks.Go(func() error {
				// Pressed again if it did nothing.
				_, _ = p.sandbox.ClickThrough(m.Channel, m.TS, string(button), "U0GRACE", formOf(button))
				return nil
			})
		}
		_ = clicks.Wait()
	}
	return nil
}

func nextButton(m *sandbox.Message) survey.CaseAction {
	for _, action := range []survey.CaseAction{survey.ActionAcknowledge, survey.ActionResolve} {
		if strings.Contains(string(m.Blocks), string(action)) {
			return action
		}
	}
	return ""
}

// formOf is what is filled in behind a button.
func formOf(button survey.CaseAction) map[string]string {
	if button != survey.ActionResolve {
		return nil
	}
	return map[string]string{"choice": survey.OptionOther, "note": "Settled by phone."}
}
