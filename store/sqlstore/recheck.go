package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// roundSource is the source of the inbox items of a case's round.
func roundSource(round int) string { return fmt.Sprintf(store.RoundSource, round) }

// readRechecks locks the cases whose customers are asked again, once their persons and
// accounts are.
func (q session) readRechecks(ctx context.Context, l *ledger) error {
	var ids []string
	for _, c := range l.req.Candidates {
		if c.Recheck != "" {
			ids = append(ids, c.Recheck)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var err error
	l.resolved, err = q.resolvedCases(ctx, sortedUnique(ids))
	return err
}

// takenUp reports whether the case of which a candidate is asked again was re-opened.
func (l *ledger) takenUp(c store.Candidate) bool {
	if c.Recheck == "" {
		return false
	}
	resolved, is := l.resolved[c.Recheck]
	return !is || resolved.Round != c.Round
}

// noteRechecks writes into the history of cases that their customers are asked again, or
// by which rule none of them is.
func (q session) noteRechecks(ctx context.Context, made []store.Invitation, l *ledger) error {
	rules := map[string]survey.Rule{}
	for _, i := range made {
		if earlier, known := rules[i.Recheck]; i.Recheck != "" && (!known || earlier != "") {
			rules[i.Recheck] = i.Rule
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		c, is := l.resolved[id]
		what := eventAskedAgain
		if rules[id] != "" {
			what = eventNoAnswer
		}
		if !is { // it was re-opened, which its history tells
			continue
		}
		if err := q.noteCases(ctx, []string{id}, what, string(rules[id]), l.req.Now); err != nil {
			return err
		}
		if what == eventAskedAgain {
			continue
		}
		c.Revision++
		if err := q.updateCase(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// selectNoAnswer finds resolved cases whose customers were asked again and can answer no
// more, of which that is not told. One that ended after the moment of the note would be
// found again and again.
const selectNoAnswer = `SELECT DISTINCT c.id FROM invitations i JOIN cases c ON c.id = i.recheck
	WHERE i.recheck <> '' AND i.state IN ('expired', 'bounced', 'cancelled') AND c.state = 'resolved' AND c.ended_at <= ?
	AND NOT EXISTS (SELECT 1 FROM invitations o WHERE o.recheck = c.id AND o.recheck <> ''
		AND o.state IN ('admitted', 'sent', 'delivered', 'unknown', 'responded'))
	AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = c.id AND e.what = 'no_answer' AND e.at >= c.ended_at) ORDER BY c.id LIMIT ?`

// rechecksAtOnce is of how many cases one transaction notes that nobody answered.
const rechecksAtOnce = 500

// EndRechecks implements store.Cases.
func (s *Store) EndRechecks(ctx context.Context, now time.Time) (ended int, err error) {
	found, err := collect(ctx, s.read(), scanOne[string], selectNoAnswer, now.UnixMilli(), rechecksAtOnce)
	if err != nil {
		return 0, fmt.Errorf("find what nobody answered: %w", err)
	}
	if len(found) == 0 {
		return 0, nil
	}
	err = s.write(ctx, func(q session) error {
		ended = 0
		resolved, err := q.resolvedCases(ctx, found)
		if err != nil {
			return err
		}
		// Again, under the locks: two of them may keep house at once.
		ids, err := collect(ctx, q, scanOne[string], selectNoAnswer, now.UnixMilli(), rechecksAtOnce)
		if err != nil {
			return err
		}
		for _, id := range ids {
			c, locked := resolved[id]
			if !locked {
				continue
			}
			c.Revision++
			if err := q.updateCase(ctx, c); err != nil {
				return err
			}
			if err := q.noteCases(ctx, []string{id}, eventNoAnswer, "", now); err != nil {
				return err
			}
			ended++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("end what nobody answered: %w", err)
	}
	return ended, nil
}

// rechecksOf finds the cases that responses are about because their customers were asked
// again, by response.
func (q session) rechecksOf(ctx context.Context, all []*decided) (map[string]string, error) {
	var ids []string
	for _, d := range all {
		ids = append(ids, d.InvitationID)
	}
	cases := map[string]string{}
	_, err := collect(ctx, q, func(row scanner) (id string, err error) {
		var recheck string
		err = row.Scan(&id, &recheck)
		cases[id] = recheck
		return id, err
	}, `SELECT id, recheck FROM invitations WHERE id {any} AND recheck <> ''`, q.list(ids))
	if err != nil {
		return nil, fmt.Errorf("read who was asked again: %w", err)
	}
	return cases, nil
}

// takeRecheck lets a response tell whether the customer of a case recovered, and reports
// the case where it is open again: then the response is one of it.
func (w *caseWork) takeRecheck(d *decided, req store.RecordRequest) (open string) {
	c := w.known[w.rechecks[d.InvitationID]]
	if c == nil {
		return ""
	}
	if !c.State.Ended() {
		return c.ID
	}
	bad := d.Next.Case && d.Next.Origin.Bad()
	switch what := eventRecovered; {
	case d.State == survey.Withdrawn:
		if d.changed && c.TakeBack() {
			w.toldAgain(c.ID, d, eventWithdrawn, req)
		}
	case bad || d.Final:
		if bad {
			what = eventUnrecovered
			d.Next.Priority = survey.PriorityHigh
		}
		if c.AskedAgain(bad) {
			w.toldAgain(c.ID, d, what, req)
		}
	}
	if d.Next.Origin == survey.OriginPassive { // no unhappy customer any more: that is all
		d.Next.Case = false
	}
	return ""
}

func (w *caseWork) toldAgain(id string, d *decided, what string, req store.RecordRequest) {
	w.told[id] = true
	w.note(id, what, d.ID, req)
}
