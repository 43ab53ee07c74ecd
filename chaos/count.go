package chaos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store/sqlstore"
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
	st := r.sandbox.Snapshot()
	r.countChaos(&c)
	for _, part := range []func(context.Context, *count, *sandbox.State) error{
		r.countEvents, r.countPeople, r.countCases, r.countScores, r.countSignals, r.countEffects, r.countUnknown, r.countQuarantine, r.countWorkflows,
	} {
		if err := part(ctx, &c, st); err != nil {
			return nil, err
		}
	}
	c.must("requests of customers refused", r.people.refused)
	return &c, nil
}

// countChaos says what there was of it.
func (r *run) countChaos(c *count) {
	c.add("killed: %s", numbers(r.strikes))
	for _, v := range vendors {
		kinds, failed := r.sandbox.FaultCounts(v), 0
		for _, n := range kinds {
			failed += n
		}
		c.add("calls to %s: %d, of which failed %d: %s", v, r.exposed[v], failed, numbers(kinds))
	}
	c.add("calls of the vendors: %s", numbers(r.network.outcomes()))
}

// numbers prints what was counted, by name.
func numbers[K ~string](of map[K]int) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, fmt.Sprintf("%s %d", name, of[name]))
	}
	return joined(all)
}

// countEvents compares what was acknowledged with what became of it.
func (r *run) countEvents(ctx context.Context, c *count, st *sandbox.State) (err error) {
	s, err := r.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	acknowledged, givenUp := map[string]bool{}, map[string]bool{}
	for _, d := range st.Deliveries {
		for _, e := range d.Events {
			if e.PropertyName != "dealstage" || e.PropertyValue != "closedwon" {
				continue
			}
			id, err := s.EventReference(ctx, fmt.Sprintf("%d-%d-%d-%d-%d", e.PortalID, e.SubscriptionID, e.ObjectID, e.EventID, e.OccurredAt))
			if err != nil {
				return err
			}
			if d.Status == sandbox.DeliveryDelivered {
				acknowledged[id] = true
			} else {
				givenUp[id] = true
			}
		}
	}
	for id := range r.people.posted {
		reference, err := s.EventReference(ctx, id)
		if err != nil {
			return err
		}
		acknowledged[reference] = true
	}
	outcomes, states := map[string]int{}, map[string]int{}
	err = r.rows(ctx, `SELECT i.key, v.state FROM inbox i JOIN invitations v ON v.item_id = i.id WHERE i.topic = 'event'`, func(key, state string) {
		outcomes[key]++
		states[state]++
	})
	if err != nil {
		return err
	}
	var lost, twice, invented []string
	for id := range acknowledged {
		if outcomes[id] == 0 {
			lost = append(lost, id)
		}
	}
	for id, n := range outcomes {
		if n > 1 {
			twice = append(twice, id)
		}
		if !acknowledged[id] && !givenUp[id] {
			invented = append(invented, id)
		}
	}
	c.add("events: %d acknowledged, %d with an outcome, %d given up by the CRM", len(acknowledged), len(outcomes), len(givenUp))
	c.add("  of which %s", numbers(states))
	c.must("events lost", lost)
	c.must("events with two outcomes", twice)
	c.must("events that nobody sent", invented)
	return nil
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
	contacts, err := r.contacts(ctx, st)
	if err != nil {
		return err
	}
	checked := 0
	err = r.rows(ctx, `SELECT contact_key, score FROM responses WHERE contact_key LIKE 'hubspot:%'`, func(contact, score string) {
		checked++
		record := contacts[contact]
		if got := record.Get(survey.SignalNPSLast); got != score {
			wrong = append(wrong, fmt.Sprintf("%s: answered %s, the CRM says %q", contact, score, got))
		}
	})
	c.add("CRM records: %d", checked)
	c.must("CRM records wrong", wrong)
	return err
}

// openStore opens the store as cxloop does, to ask what it calls things.
func (r *run) openStore() (*sqlstore.Store, error) {
	keys, err := sqlstore.OpenKeys(r.postgres.URL(keystore), []sqlstore.MasterKey{{ID: r.payloadKey.ID, Secret: r.payloadKey.Secret}})
	if err != nil {
		return nil, err
	}
	s, err := sqlstore.Open(r.postgres.URL(database), keys, sqlstore.Options{})
	if err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	return s, nil
}

// contacts are the CRM's contacts by what the store knows them by.
func (r *run) contacts(ctx context.Context, st *sandbox.State) (_ map[string]*sandbox.Record, err error) {
	s, err := r.openStore()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out := map[string]*sandbox.Record{}
	for _, record := range st.Records(sandbox.Contacts) {
		reference, err := s.Reference(ctx, survey.RecordKey("hubspot", record.ID))
		if err != nil {
			return nil, err
		}
		out[reference] = record
	}
	return out, nil
}

// rows calls each for every row of a query of two columns.
func (r *run) rows(ctx context.Context, query string, each func(a, b string), args ...any) (err error) {
	found, err := r.db.QueryContext(ctx, query, args...)
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
