package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// count is what came of a run.
type count struct {
	lines, broken []string
}

func (c *count) add(format string, args ...any) {
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

// must notes what should not be. At most a few are named.
func (c *count) must(what string, wrong []string) {
	c.add("%s: %d", what, len(wrong))
	if len(wrong) == 0 {
		return
	}
	const named = 10
	slices.Sort(wrong)
	for _, w := range wrong[:min(named, len(wrong))] {
		c.add("  %s", w)
	}
	c.broken = append(c.broken, fmt.Sprintf("%s: %d", what, len(wrong)))
}

func (r *run) count(ctx context.Context) (*count, error) {
	var c count
	left, err := r.left(ctx)
	if err != nil {
		return nil, err
	}
	c.must("not come to an end", left)
	for _, part := range []func(context.Context, *count, *sandbox.State) error{
		r.countEvents, r.countAnswers, r.countMails, r.countMessages, r.countUnknown, r.countCases, r.countSignals, r.countWorkflows,
	} {
		if err := part(ctx, &c, r.sandbox.Snapshot()); err != nil {
			return nil, err
		}
	}
	c.must("requests of customers refused", r.people.refused)
	return &c, nil
}

// countEvents compares what was acknowledged with what became of it.
func (r *run) countEvents(ctx context.Context, c *count, st *sandbox.State) error {
	acknowledged := map[string]bool{}
	undelivered := 0
	for _, d := range st.Deliveries {
		for _, e := range d.Events {
			if e.PropertyName != "dealstage" || e.PropertyValue != "closedwon" {
				continue
			}
			if d.Status == sandbox.DeliveryDelivered {
				acknowledged[fmt.Sprintf("%d-%d-%d-%d-%d", e.PortalID, e.SubscriptionID, e.ObjectID, e.EventID, e.OccurredAt)] = true
			} else {
				undelivered++
			}
		}
	}
	for id := range r.people.posted {
		acknowledged[id] = true
	}
	outcomes, states := map[string]int{}, map[string]int{}
	err := r.rows(ctx, `SELECT i.key, v.state FROM inbox i JOIN invitations v ON v.item_id = i.id WHERE i.topic = 'event'`, func(key, state string) {
		outcomes[key]++
		states[state]++
	})
	if err != nil {
		return err
	}
	var lost, twice []string
	for id := range acknowledged {
		if outcomes[id] == 0 {
			lost = append(lost, id)
		}
	}
	for id, n := range outcomes {
		if n > 1 {
			twice = append(twice, id)
		}
	}
	c.add("events: %d acknowledged, %d with an outcome, %d that the CRM gave up", len(acknowledged), len(outcomes), undelivered)
	for _, state := range slices.Sorted(maps.Keys(states)) {
		c.add("  %s: %d", state, states[state])
	}
	c.must("events lost", lost)
	c.must("events with two outcomes", twice)
	return nil
}

// countAnswers compares what customers were thanked for with what is recorded.
func (r *run) countAnswers(ctx context.Context, c *count, _ *sandbox.State) error {
	recorded := map[string]string{}
	err := r.rows(ctx, `SELECT invitation_id, score FROM responses WHERE recorded = revision`, func(id, score string) { recorded[id] = score })
	if err != nil {
		return err
	}
	var lost []string
	for id, score := range r.people.answers {
		if recorded[id] != strconv.Itoa(score) {
			lost = append(lost, fmt.Sprintf("invitation %s: answered %d, recorded %q", id, score, recorded[id]))
		}
	}
	c.add("answers: %d acknowledged, %d recorded", len(r.people.answers), len(recorded))
	c.must("answers lost", lost)
	return nil
}

// countMails finds mails that came twice, that were said to have gone out and did
// not, and contacts who were asked twice within their quarantine.
func (r *run) countMails(ctx context.Context, c *count, st *sandbox.State) error {
	mailed, invited := map[string]int{}, map[string]int{}
	for _, m := range st.Mails {
		mailed[m.CustomArgs["cxloop_kind"]+"/"+m.CustomArgs["cxloop_id"]]++
		if m.CustomArgs["cxloop_kind"] == "invite" {
			invited[m.To.Email]++
		}
	}
	var lost []string
	said := `SELECT 'invite/' || id, state FROM invitations WHERE state IN ('sent', 'responded', 'expired')
		UNION ALL SELECT 'ask/' || id, state FROM asks WHERE state IN ('sent', 'clicked')`
	err := r.rows(ctx, said, func(mail, state string) {
		if mailed[mail] == 0 {
			lost = append(lost, mail+" is "+state)
		}
	})
	c.add("mails: %d", len(st.Mails))
	c.must("mails lost", lost)
	c.must("mails sent twice", moreThanOnce(mailed))
	c.must("quarantine violations", moreThanOnce(invited))
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

// countMessages finds cases that were announced twice.
func (r *run) countMessages(ctx context.Context, c *count, st *sandbox.State) error {
	announced, shown := map[string]int{}, map[string]bool{}
	for _, m := range st.Messages(channel) {
		first := m.Blocks
		if len(m.Edits) > 0 {
			first = m.Edits[0].Blocks
		}
		announced[caseIn(first)]++
		shown[m.TS] = true
	}
	var lost []string
	err := r.rows(ctx, `SELECT id, message_ts FROM cases WHERE message_ts <> ''`, func(id, ts string) {
		if !shown[ts] {
			lost = append(lost, id)
		}
	})
	c.add("Slack messages: %d", len(shown))
	c.must("Slack messages lost", lost)
	c.must("cases announced twice", moreThanOnce(announced))
	return err
}

// noteTime is how long after the end of a call its outcome is noted.
const noteTime = 10 * time.Second

// countUnknown lists the effects of which nobody can tell whether they happened, and
// finds those of which one could.
func (r *run) countUnknown(ctx context.Context, c *count, _ *sandbox.State) error {
	var needless []string
	n := 0
	err := r.rows(ctx, `SELECT key, vendor FROM effects WHERE state = 'unknown' ORDER BY key`, func(key, vendor string) {
		n++
		why := r.ambiguous(key)
		c.add("  unknown: %s (%s)", key, why)
		if why == "" {
			needless = append(needless, key)
		}
	})
	c.add("effects unknown: %d", n)
	c.must("unknown without a reason", needless)
	return err
}

// ambiguous says why nobody can tell what became of an effect, or "".
func (r *run) ambiguous(effect string) string {
	made := r.calls.of(effect)
	for _, m := range made {
		if m.ambiguous {
			return "the vendor's answer did not tell"
		}
	}
	if len(made) == 0 && len(r.struck) > 0 {
		return "the worker or its database was killed before the call"
	}
	for _, m := range made {
		for _, at := range r.struck {
			if at.After(m.began.Add(-time.Second)) && at.Before(m.ended.Add(noteTime)) {
				return "the worker or its database was killed during the call"
			}
		}
	}
	return ""
}

// countCases finds unhappy answers that nobody follows up.
func (r *run) countCases(ctx context.Context, c *count, _ *sandbox.State) error {
	var alone []string
	err := r.rows(ctx, `SELECT r.id, r.band FROM responses r WHERE r.band = 'detractor'
		AND NOT EXISTS (SELECT 1 FROM case_responses c WHERE c.response_id = r.id)`, func(id, _ string) { alone = append(alone, id) })
	if err != nil {
		return err
	}
	err = r.rows(ctx, `SELECT state, count(*) FROM cases GROUP BY state ORDER BY state`, func(state, n string) {
		c.add("cases %s: %s", state, n)
	})
	c.must("detractors without a case", alone)
	return err
}

// countSignals compares the CRM's records with the last answers.
func (r *run) countSignals(ctx context.Context, c *count, st *sandbox.State) error {
	var wrong []string
	checked := 0
	err := r.rows(ctx, `SELECT contact_key, score FROM responses WHERE contact_key LIKE 'hubspot/%'`, func(contact, score string) {
		checked++
		record := st.Record(sandbox.Contacts, contact[len("hubspot/"):])
		if got := record.Get(survey.SignalNPSLast); got != score {
			wrong = append(wrong, fmt.Sprintf("%s: answered %s, the CRM says %q", contact, score, got))
		}
	})
	c.add("CRM records: %d", checked)
	c.must("CRM records wrong", wrong)
	return err
}

// rows calls each for every row of a query of two columns.
func (r *run) rows(ctx context.Context, query string, each func(a, b string)) (err error) {
	found, err := r.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var a, b sql.NullString
		if err := found.Scan(&a, &b); err != nil {
			return err
		}
		each(a.String, b.String)
	}
	return found.Err()
}
