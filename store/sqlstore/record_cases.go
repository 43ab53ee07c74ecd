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

// The steps of a case's history that the store itself writes.
const (
	eventOpened   = "opened"
	eventResponse = "response"
	// eventWithdrawn: an answer counts no more. eventClosed: none that does is left.
	eventWithdrawn = "withdrawn"
	eventClosed    = "closed"
	// closedWithdrawn is why the store closes a case.
	closedWithdrawn = "withdrawn"
)

// caseOwner is whose case it is: an account's, or a contact's without one.
type caseOwner struct{ account, contact string }

func caseOwnerOf(accountKey, contactKey string) caseOwner {
	if accountKey != "" {
		return caseOwner{account: accountKey}
	}
	return caseOwner{contact: contactKey}
}

// caseWork gathers what a batch does to cases.
type caseWork struct {
	open   map[caseOwner]string // the open cases' ids
	opened []survey.Case
	// told are the cases that were open before, and the time to which an unhappy
	// answer puts off their closing by policy, zero for another answer.
	told     map[string]time.Time
	emptied  []string // of them, those that may have no answer left that counts
	links    [][]any  // case id, response id
	events   [][]any
	contacts []string // whose count of open cases may differ now
	accounts []string
}

// recordCases opens cases for unhappy responses and tells the open ones what
// changed, among it an answer that was corrected for the better. It returns the
// ids of those cases and the signals that follow.
func (q session) recordCases(ctx context.Context, all []*decided, req store.RecordRequest) ([]string, []signal, error) {
	all = slices.DeleteFunc(slices.Clone(all), func(d *decided) bool { return !d.changed })
	if len(all) == 0 {
		return nil, nil, nil
	}
	work := caseWork{told: map[string]time.Time{}}
	var err error
	if work.open, err = q.openCases(ctx, all); err != nil {
		return nil, nil, err
	}
	linked, err := q.openCaseOf(ctx, all)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range all {
		id, in := linked[d.ID]
		if !in && d.Next.Case {
			id, in = work.open[caseOwnerOf(d.AccountKey, d.ContactKey)]
		}
		switch {
		case in && d.State == survey.Withdrawn:
			work.emptied = append(work.emptied, id)
			work.accounts = append(work.accounts, d.AccountKey)
			if _, told := work.told[id]; !told {
				work.told[id] = time.Time{} // it is shown anew, and closed when it was to be
			}
			work.add(id, d, eventWithdrawn, req)
		case in:
			work.tell(id, d, req)
		case d.Next.Case:
			work.openFor(d, req)
		}
	}
	if err := q.saveCaseWork(ctx, work); err != nil {
		return nil, nil, fmt.Errorf("save cases: %w", err)
	}
	if err := q.closeEmptied(ctx, work.emptied, req.Now); err != nil {
		return nil, nil, fmt.Errorf("close cases without an answer: %w", err)
	}
	signals, err := q.openCaseSignals(ctx, work.contacts, work.accounts, req.Now)
	if err != nil {
		return nil, nil, err
	}
	ids := slices.Collect(maps.Keys(work.told))
	for _, c := range work.opened {
		ids = append(ids, c.ID)
	}
	return sortedUnique(ids), signals, nil
}

func (w *caseWork) openFor(d *decided, req store.RecordRequest) {
	c := survey.Case{
		ID: req.NewID(), AccountKey: d.AccountKey, ContactKey: d.ContactKey, Program: d.Program, Version: d.Version,
		State: survey.CaseOpen, Revision: 1, Answered: 1, OpenedAt: req.Now, CloseAt: d.CaseCloseAt,
	}
	c.CRM = crmOf(d.ContactKey)
	w.open[caseOwnerOf(d.AccountKey, d.ContactKey)] = c.ID
	w.opened = append(w.opened, c)
	w.accounts = append(w.accounts, d.AccountKey)
	w.add(c.ID, d, eventOpened, req)
}

func (w *caseWork) tell(id string, d *decided, req store.RecordRequest) {
	if !slices.ContainsFunc(w.opened, func(c survey.Case) bool { return c.ID == id }) {
		var closeAt time.Time
		if d.Next.Case {
			closeAt = d.CaseCloseAt
		}
		if closeAt.After(w.told[id]) || w.told[id].IsZero() {
			w.told[id] = closeAt
		}
	}
	w.add(id, d, eventResponse, req)
}

func (w *caseWork) add(id string, d *decided, what string, req store.RecordRequest) {
	w.links = append(w.links, []any{id, d.ID})
	w.events = append(w.events, []any{id, req.Now.UnixMilli(), what, "", "", d.ID, "", nil})
	if !slices.Contains(auditBands, d.Band) {
		w.contacts = append(w.contacts, d.ContactKey)
	}
}

// selectOpenCases is written so that each part finds its index.
const selectOpenCases = `
SELECT id, account_key, contact_key FROM cases WHERE account_key {any} AND account_key <> '' AND ended_at IS NULL
UNION ALL
SELECT id, account_key, contact_key FROM cases WHERE contact_key {any} AND account_key = '' AND ended_at IS NULL`

// openCases finds the open cases of the responses' subjects, whose locks this
// transaction has.
func (q session) openCases(ctx context.Context, all []*decided) (map[caseOwner]string, error) {
	contacts, accounts := peopleOf(all)
	open := map[caseOwner]string{}
	type found struct{ id, account, contact string }
	cases, err := collect(ctx, q, func(row scanner) (f found, err error) {
		err = row.Scan(&f.id, &f.account, &f.contact)
		return f, err
	}, selectOpenCases, q.list(accounts), q.list(contacts))
	if err != nil {
		return nil, fmt.Errorf("read open cases: %w", err)
	}
	for _, c := range cases {
		open[caseOwnerOf(c.account, c.contact)] = c.id
	}
	return open, nil
}

// openCaseOf finds the open case that each response is in already.
func (q session) openCaseOf(ctx context.Context, all []*decided) (map[string]string, error) {
	var ids []string
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	pairs, err := collect(ctx, q, func(row scanner) (p [2]string, err error) {
		err = row.Scan(&p[0], &p[1])
		return p, err
	}, `SELECT l.response_id, c.id FROM case_responses l JOIN cases c ON c.id = l.case_id
		WHERE l.response_id {any} AND c.ended_at IS NULL`, q.list(ids))
	if err != nil {
		return nil, fmt.Errorf("read cases of responses: %w", err)
	}
	out := map[string]string{}
	for _, p := range pairs {
		out[p[0]] = p[1]
	}
	return out, nil
}

func (q session) saveCaseWork(ctx context.Context, w caseWork) error {
	rows := make([][]any, 0, len(w.opened))
	for _, c := range w.opened {
		rows = append(rows, []any{
			c.ID, c.CRM, c.AccountKey, c.ContactKey, c.Program, c.Version, string(c.State), c.Revision, 0, c.Answered, "", "",
			millis(c.OpenedAt), c.CloseAt.UnixMilli(), "", "",
		})
	}
	if _, err := q.insert(ctx, `INSERT INTO cases (id, crm, account_key, contact_key, program, version, state, revision, shown, answered,
		channel, message_ts, opened_at, close_at, acked_by, resolved_by)`, rows, ""); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(w.told)) {
		closeAt := w.told[id].UnixMilli()
		_, err := q.exec(ctx, `UPDATE cases SET revision = revision + 1, answered = revision + 1,
			close_at = CASE WHEN close_at < ? THEN ? ELSE close_at END WHERE id = ?`, closeAt, closeAt, id)
		if err != nil {
			return err
		}
	}
	if _, err := q.insert(ctx, `INSERT INTO case_responses (case_id, response_id)`, w.links, `ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	return q.insertCaseEvents(ctx, w.events)
}

// closeEmptied closes the cases all of whose answers were withdrawn.
func (q session) closeEmptied(ctx context.Context, ids []string, now time.Time) error {
	for _, id := range sortedUnique(ids) {
		n, err := q.exec(ctx, `UPDATE cases SET state = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL AND NOT EXISTS
			(SELECT 1 FROM case_responses l JOIN responses r ON r.id = l.response_id WHERE l.case_id = cases.id AND r.state <> 'withdrawn')`,
			survey.CaseClosed, now.UnixMilli(), id)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		events := [][]any{{id, now.UnixMilli(), eventClosed, "", "", closedWithdrawn, "", nil}}
		if err := q.insertCaseEvents(ctx, events); err != nil {
			return err
		}
	}
	return nil
}
