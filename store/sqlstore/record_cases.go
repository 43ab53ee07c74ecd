package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
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
	// eventReopened: another unhappy answer came soon after the end, or before the
	// customer was asked again.
	eventReopened = "reopened"
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
	open map[caseOwner]string // the open cases' ids
	// ended are the latest of those that have ended, of who has none that is open.
	ended map[caseOwner]string
	// toAskAgain are those of them whose customers are still to be asked again.
	toAskAgain map[string]bool
	// rechecks are the cases whose customers were asked again, by invitation.
	rechecks map[string]string
	// known are the cases from before the batch, locked.
	known  map[string]*survey.Case
	opened []survey.Case
	// told are the known cases of which there is something new to show.
	told     map[string]bool
	reopened []string
	emptied  []string // of the told, those that may have no answer left that counts
	links    [][]any  // case id, response id
	events   [][]any
	contacts []string // whose count of open cases may differ now
	accounts []string
	// complaining are contacts and accounts of whom nothing is drawn; drawn are the
	// responses about which chance decided.
	complaining map[string]bool
	drawn       []*decided
}

// recordCases opens cases for unhappy responses, re-opens them, and tells the open ones
// what changed, among it an answer that was corrected for the better. It returns the
// ids of those cases and the signals that follow.
func (q session) recordCases(ctx context.Context, all []*decided, req store.RecordRequest) ([]string, []signal, error) {
	rechecks, err := q.rechecksOf(ctx, all)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(d *decided) bool { return !d.changed && rechecks[d.InvitationID] == "" })
	if len(all) == 0 {
		return nil, nil, nil
	}
	work, linked, err := q.knownCases(ctx, all, rechecks, req.Now)
	if err != nil {
		return nil, nil, err
	}
	if work.complaining, err = q.readComplaints(ctx, all, req.Now); err != nil {
		return nil, nil, err
	}
	for _, d := range all {
		again := work.takeRecheck(d, req)
		if d.changed {
			work.take(d, cmp.Or(linked[d.ID], again), req)
		}
	}
	if err := q.saveCaseWork(ctx, work, req.Now); err != nil {
		return nil, nil, fmt.Errorf("save cases: %w", err)
	}
	if err := q.closeEmptied(ctx, work.emptied, req.Now); err != nil {
		return nil, nil, fmt.Errorf("close cases without an answer: %w", err)
	}
	others, err := q.contactsOf(ctx, slices.Concat(work.reopened, work.emptied))
	if err != nil {
		return nil, nil, err
	}
	work.contacts = sortedUnique(append(work.contacts, others...))
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

// take deals with a changed response; id is the case that it is in already, or "".
func (w *caseWork) take(d *decided, id string, req store.RecordRequest) {
	if id == "" && d.Next.Case {
		id = w.open[caseOwnerOf(d.AccountKey, d.ContactKey)]
	}
	if id == "" && w.draws(d) {
		w.drawn = append(w.drawn, d)
		if d.Next.Draw.Held {
			return
		}
	}
	switch {
	case id != "" && d.State == survey.Withdrawn:
		w.withdraw(id, d, req)
	case id != "":
		w.tell(id, d, req)
	case d.Next.Case && !w.reopen(d, req):
		w.openFor(d, req)
	}
}

func (w *caseWork) withdraw(id string, d *decided, req store.RecordRequest) {
	w.emptied = append(w.emptied, id)
	w.accounts = append(w.accounts, d.AccountKey)
	w.told[id] = true // it is shown anew, and closed when it was to be
	w.add(id, d, eventWithdrawn, req)
}

func (w *caseWork) openFor(d *decided, req store.RecordRequest) {
	owner := caseOwnerOf(d.AccountKey, d.ContactKey)
	c := survey.Case{
		ID: req.NewID(), AccountKey: d.AccountKey, ContactKey: d.ContactKey, Program: d.Program, Version: d.Version,
		State: survey.CaseOpen, Revision: 1, Answered: 1, OpenedAt: req.Now, CloseAt: d.CaseCloseAt,
		CaseProgress: survey.CaseProgress{Origin: d.Next.Origin.Kept(), Priority: d.Next.Priority, Earlier: w.ended[owner]},
	}
	if c.Priority == survey.PriorityNormal {
		c.Priority = ""
	}
	c.CRM = crmOf(d.ContactKey)
	w.open[owner] = c.ID
	w.opened = append(w.opened, c)
	w.accounts = append(w.accounts, d.AccountKey)
	w.add(c.ID, d, eventOpened, req)
}

func (w *caseWork) tell(id string, d *decided, req store.RecordRequest) {
	c := w.known[id]
	if c != nil {
		w.told[id] = true
	} else {
		c = &w.opened[slices.IndexFunc(w.opened, func(c survey.Case) bool { return c.ID == id })]
	}
	if d.Next.Case {
		c.Takes(d.Next.Origin, d.Next.Priority)
		if d.CaseCloseAt.After(c.CloseAt) {
			c.CloseAt = d.CaseCloseAt
		}
	}
	w.add(id, d, eventResponse, req)
}

// add puts a response into a case.
func (w *caseWork) add(id string, d *decided, what string, req store.RecordRequest) {
	w.links = append(w.links, []any{id, d.ID})
	w.note(id, what, d.ID, req)
	if !slices.Contains(auditBands, d.Band) {
		w.contacts = append(w.contacts, d.ContactKey)
	}
}

func (w *caseWork) note(id, what, choice string, req store.RecordRequest) {
	w.events = append(w.events, []any{id, req.Now.UnixMilli(), what, "", "", choice, "", nil})
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

func (q session) saveCaseWork(ctx context.Context, w caseWork, now time.Time) error {
	rows := make([][]any, 0, len(w.opened))
	for _, c := range w.opened {
		progress, err := json.Marshal(c.CaseProgress)
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			c.ID, c.CRM, c.AccountKey, c.ContactKey, c.Program, c.Version, string(c.State), c.Revision, 0, c.Answered, "", "",
			millis(c.OpenedAt), c.CloseAt.UnixMilli(), "", "", string(progress),
		})
	}
	if _, err := q.insert(ctx, `INSERT INTO cases (id, crm, account_key, contact_key, program, version, state, revision, shown, answered,
		channel, message_ts, opened_at, close_at, acked_by, resolved_by, progress)`, rows, ""); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(w.told)) {
		c := w.known[id]
		c.Revision++
		c.Answered = c.Revision
		if err := q.updateCase(ctx, *c); err != nil {
			return err
		}
	}
	if err := q.endAftercare(ctx, w.reopened, now); err != nil {
		return err
	}
	if err := q.saveDraws(ctx, w.drawn, now); err != nil {
		return err
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
