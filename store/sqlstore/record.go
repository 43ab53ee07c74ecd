package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// stepRecord names Record's entry in batch_results.
const stepRecord = "record"

// Record implements store.Responses. A case is opened or told only of what
// changed since the response was last recorded. Rows are locked in one order
// everywhere: responses, contacts, accounts, cases, inbox.
func (s *Store) Record(ctx context.Context, req store.RecordRequest) (store.Recorded, error) {
	var out store.Recorded
	err := s.write(ctx, func(q session) error {
		return q.onceFor(ctx, req.Batch, stepRecord, req.Now, &out, func() (err error) {
			out, err = q.record(ctx, req)
			return err
		})
	})
	if err != nil {
		return store.Recorded{}, fmt.Errorf("record batch %s: %w", req.Batch, err)
	}
	return out, nil
}

// decided is a response of the batch with what the rules make of it.
type decided struct {
	survey.Response
	store.Decision
	// changed is set when it was not recorded as it is now.
	changed bool
	// read is set when its comment was read only now.
	read bool
}

func (q session) record(ctx context.Context, req store.RecordRequest) (store.Recorded, error) {
	items, err := q.batchItems(ctx, req.Batch)
	if err != nil {
		return store.Recorded{}, err
	}
	all, err := q.decideResponses(ctx, items, req)
	if err != nil {
		return store.Recorded{}, err
	}
	if err := q.lockPeople(ctx, all); err != nil {
		return store.Recorded{}, err
	}
	if err := q.noteRecorded(ctx, all, req.Now); err != nil {
		return store.Recorded{}, fmt.Errorf("note responses: %w", err)
	}
	var out store.Recorded
	var touched []signal
	if out.Cases, touched, err = q.recordCases(ctx, all, req); err != nil {
		return store.Recorded{}, err
	}
	if out.Asks, err = q.insertAsks(ctx, all, req); err != nil {
		return store.Recorded{}, err
	}
	fromResponses, err := q.responseSignals(ctx, all, req)
	if err != nil {
		return store.Recorded{}, err
	}
	if out.CRMs, err = q.setSignals(ctx, append(touched, fromResponses...)); err != nil {
		return store.Recorded{}, err
	}
	return out, q.settleItems(ctx, items, all, req)
}

// decideResponses reads and locks the responses of the items and asks the rules,
// in order of the responses' ids.
func (q session) decideResponses(ctx context.Context, items []store.StoredItem, req store.RecordRequest) ([]*decided, error) {
	ids := make([]string, 0, len(items))
	for _, item := range items {
		ids = append(ids, item.Key)
	}
	responses, err := q.responses(ctx, `SELECT `+responseColumns+` FROM responses r WHERE r.id {any} ORDER BY r.id {lock}`, q.list(ids))
	if err != nil {
		return nil, fmt.Errorf("read responses: %w", err)
	}
	unread := readAll(req.Read, responses)
	fits, err := q.fitting(ctx, responses, req)
	if err != nil {
		return nil, err
	}
	all := make([]*decided, 0, len(responses))
	for _, r := range responses {
		decision, err := req.Decide(r, fits[r.ID])
		if err != nil {
			return nil, fmt.Errorf("response %s: %w", r.ID, err)
		}
		d := &decided{Response: r, Decision: decision, changed: r.Revision > r.Recorded, read: unread[r.ID]}
		d.Recorded = r.Revision
		// What was withdrawn before it was recorded leads to nothing at all.
		if d.State == survey.Withdrawn && r.Recorded == 0 {
			d.changed = false
		}
		if d.Final && d.State != survey.Withdrawn {
			d.State = survey.Final
		}
		if d.Next.Case && d.Alerted.IsZero() {
			d.Alerted = toMillis(req.Now)
		}
		all = append(all, d)
	}
	return all, nil
}

// fitting are the responses for which an expression that opens a case holds, by id.
func (q session) fitting(ctx context.Context, responses []survey.Response, req store.RecordRequest) (map[string]bool, error) {
	if req.Fits == nil {
		return nil, nil
	}
	var contacts, companies []string
	for _, r := range responses {
		contacts, companies = append(contacts, r.ContactKey), append(companies, r.AccountKey)
	}
	people, err := q.people(ctx, contacts, "")
	if err != nil {
		return nil, err
	}
	accounts, err := q.accounts(ctx, companies)
	if err != nil {
		return nil, err
	}
	fits := map[string]bool{}
	for _, r := range responses {
		fits[r.ID] = req.Fits(r, people[r.ContactKey].Contact, accounts[r.AccountKey])
	}
	return fits, nil
}

// lockPeople makes batches that touch the same contact or account follow one
// another, so that each counts what the other did.
func (q session) lockPeople(ctx context.Context, all []*decided) error {
	contacts, accounts := peopleOf(all)
	if err := q.lockContacts(ctx, contacts); err != nil {
		return err
	}
	return q.lockAccounts(ctx, accounts)
}

func peopleOf(all []*decided) (contacts, accounts []string) {
	for _, d := range all {
		contacts = append(contacts, d.ContactKey)
		if d.AccountKey != "" {
			accounts = append(accounts, d.AccountKey)
		}
	}
	return sortedUnique(contacts), sortedUnique(accounts)
}

func sortedUnique(keys []string) []string {
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (q session) noteRecorded(ctx context.Context, all []*decided, now time.Time) error {
	var ids, final, alerted []string
	for _, d := range all {
		ids = append(ids, d.ID)
		if d.read {
			if err := q.putReading(ctx, `UPDATE responses SET reading = ? WHERE id = ?`, d.ID, d.Reading); err != nil {
				return err
			}
		}
		if d.Final {
			final = append(final, d.ID)
		}
		if d.Next.Case {
			alerted = append(alerted, d.ID)
		}
	}
	if _, err := q.exec(ctx, `UPDATE responses SET recorded = revision WHERE id {any}`, q.list(ids)); err != nil {
		return err
	}
	if _, err := q.exec(ctx, `UPDATE responses SET state = ? WHERE id {any} AND state <> 'withdrawn'`, survey.Final, q.list(final)); err != nil {
		return err
	}
	_, err := q.exec(ctx, `UPDATE responses SET alerted_at = ? WHERE id {any} AND alerted_at IS NULL`, now.UnixMilli(), q.list(alerted))
	return err
}

// settleItems marks the items of final responses done and makes the others due
// again.
func (q session) settleItems(ctx context.Context, items []store.StoredItem, all []*decided, req store.RecordRequest) error {
	again := map[string]time.Time{}
	for _, d := range all {
		if !d.Final {
			again[d.ID] = d.DueAt
		}
	}
	var dues [][2]int64
	for _, item := range items {
		if due, ok := again[item.Key]; ok {
			dues = append(dues, [2]int64{item.ID, due.UnixMilli()})
		}
	}
	_, err := q.exec(ctx, `UPDATE inbox SET batch = NULL, due_at = again.number FROM {pairs} again WHERE inbox.id = again.id`, pairs(dues))
	if err != nil {
		return fmt.Errorf("requeue items: %w", err)
	}
	return q.finishItems(ctx, req.Batch, req.Now)
}
