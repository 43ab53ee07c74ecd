package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
)

// made are the effects that the vendors show, with how often.
func made(st *sandbox.State) map[string]int {
	all := map[string]int{}
	for _, m := range st.Mails {
		all[effectOf(m)]++
	}
	for _, m := range st.Messages(channel) {
		if key := effectNamed(m.Metadata); key != "" {
			all[key]++
			continue
		}
		first := m.Blocks
		if len(m.Edits) > 0 {
			first = m.Edits[0].Blocks
		}
		all[store.CaseEffect(caseIn(first))]++
	}
	for kind, body := range map[string]string{sandbox.Tasks: "hs_task_body", sandbox.Notes: "hs_note_body"} {
		for _, r := range st.Records(kind) {
			all[filedEffect(r.Get(body))]++
		}
	}
	return all
}

// effectNamed is the effect that a message's metadata names, "" for none: replies in the
// threads of cases have it.
func effectNamed(metadata []byte) string {
	var named struct {
		Payload struct{ Effect string } `json:"event_payload"`
	}
	if err := json.Unmarshal(metadata, &named); err != nil { // there is none
		return ""
	}
	return named.Payload.Effect
}

// caseMark is what the texts of tasks and notes end with: the case and, of a note, the
// event that it follows.
var caseMark = regexp.MustCompile(`\[cxloop case ([A-Za-z0-9_-]+)(?:, after (\d+))?\]$`)

// filedEffect is the key of the effect that made a task or a note of a text.
func filedEffect(body string) string {
	match := caseMark.FindStringSubmatch(body)
	if match == nil {
		return "crm/a text without a mark"
	}
	if after, err := strconv.ParseInt(match[2], 10, 64); err == nil {
		return store.NoteEffect(match[1], after)
	}
	return store.RecordEffect(match[1])
}

// done are the effects that cxloop takes as done: those of its ledger, and those that
// follow from what it says of invitations, asks and cases.
const done = `SELECT key, state FROM effects WHERE state = 'done'
	UNION SELECT 'mail/invite/' || id, state FROM invitations WHERE state IN ('sent', 'delivered', 'bounced', 'responded', 'expired')
	UNION SELECT 'mail/ask/' || id, state FROM asks WHERE state IN ('sent', 'clicked')
	UNION SELECT 'slack/case/' || id, state FROM cases WHERE message_ts <> ''`

// countEffects finds mails, messages, tasks and notes that were made twice, and those that
// cxloop takes as made and that nobody got.
func (r *run) countEffects(ctx context.Context, c *count, st *sandbox.State) error {
	all := made(st)
	var lost []string
	err := r.rows(ctx, done, func(key, state string) {
		if all[key] == 0 {
			lost = append(lost, key+" is "+state)
		}
	})
	c.add("effects: %d mails, %d Slack messages, %d tasks and %d notes in the CRM",
		len(st.Mails), len(st.Messages(channel)), len(st.Records(sandbox.Tasks)), len(st.Records(sandbox.Notes)))
	c.must("effects made twice", moreThanOnce(all))
	c.must("effects lost", lost)
	return err
}

func moreThanOnce(numbers map[string]int) (found []string) {
	for what, n := range numbers {
		if n > 1 {
			found = append(found, fmt.Sprintf("%s: %d times", what, n))
		}
	}
	return found
}

// countQuarantine finds contacts who were asked twice: it lasts longer than a run.
func (r *run) countQuarantine(_ context.Context, c *count, st *sandbox.State) error {
	invited := map[string]int{}
	for _, m := range st.Mails {
		if m.CustomArgs["cxloop_kind"] == store.MailInvite {
			invited[m.To.Email]++
		}
	}
	c.must("quarantine violations", moreThanOnce(invited))
	return nil
}

// noteTime is how long after the end of a call its outcome is noted.
const noteTime = 10 * time.Second

// undecided are the invitations and asks of which cxloop says that nobody knows whether
// their mail went out.
const undecided = `SELECT 'mail/invite/' || id, state FROM invitations WHERE state = 'unknown'
	UNION SELECT 'mail/ask/' || id, state FROM asks WHERE state = 'unknown'`

// countUnknown lists the effects that are left to an operator. Each has to be one whose
// answer nobody can have heard and of which the vendor told nothing: of what it did it
// tells.
func (r *run) countUnknown(ctx context.Context, c *count, st *sandbox.State) error {
	var needless, hidden []string
	unknown, all := map[string]bool{}, made(st)
	var list []string
	err := r.rows(ctx, `SELECT key, tried_at FROM effects WHERE state = 'unknown' ORDER BY key`, func(key, _ string) {
		unknown[key] = true
		why := r.ambiguous(key)
		list = append(list, fmt.Sprintf("  %s: not done, %s", key, why))
		switch {
		case all[key] > 0:
			needless = append(needless, key+": done, and the vendor said so")
		case why == "":
			needless = append(needless, key+": the vendor answered that it did nothing")
		}
	})
	if err != nil {
		return err
	}
	err = r.rows(ctx, undecided, func(key, _ string) {
		if !unknown[key] {
			hidden = append(hidden, key)
		}
	})
	c.add("unknown: %d", len(list))
	c.lines = append(c.lines, list...)
	c.must("unknown that need not be", needless)
	c.must("unknown and not shown to an operator", hidden)
	return err
}

// ambiguous says why nobody at cxloop can tell what became of an effect that the vendor
// does not show, or "".
func (r *run) ambiguous(effect string) string {
	tries := r.calls.of(effect)
	for _, m := range tries {
		if m.ambiguous != "" {
			return m.ambiguous
		}
	}
	if at := r.aged[effect]; !at.IsZero() { // it may have come to no call
		tries = append(tries, call{began: at, ended: at})
	}
	for _, m := range tries {
		for _, at := range r.struck {
			if at.After(m.began.Add(-time.Second)) && at.Before(m.ended.Add(noteTime)) {
				return "the worker or its database was killed meanwhile"
			}
		}
	}
	return ""
}
