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

// earlierWithin is how long after its end a case is named by the next one of its account.
const earlierWithin = 365 * 24 * time.Hour

// knownCases reads and locks the cases that a batch may change: the open ones of its
// responses and of their subjects, the latest that ended of subjects without one, and
// those whose customers were asked again.
func (q session) knownCases(ctx context.Context, all []*decided, rechecks map[string]string, now time.Time) (work caseWork, linked map[string]string, err error) {
	work.told, work.known, work.rechecks = map[string]bool{}, map[string]*survey.Case{}, rechecks
	if work.open, err = q.openCases(ctx, all); err != nil {
		return work, nil, err
	}
	if linked, err = q.openCaseOf(ctx, all); err != nil {
		return work, nil, err
	}
	without := slices.DeleteFunc(slices.Clone(all), func(d *decided) bool {
		_, open := work.open[caseOwnerOf(d.AccountKey, d.ContactKey)]
		return open || !d.Next.Case
	})
	if work.ended, err = q.endedCases(ctx, without, now); err != nil {
		return work, nil, err
	}
	if work.toAskAgain, err = q.toAskAgain(ctx, slices.Sorted(maps.Values(work.ended))); err != nil {
		return work, nil, err
	}
	var ids []string
	for _, more := range []map[string]string{linked, rechecks} {
		ids = slices.AppendSeq(ids, maps.Values(more))
	}
	for _, more := range []map[caseOwner]string{work.open, work.ended} {
		ids = slices.AppendSeq(ids, maps.Values(more))
	}
	cases, err := collect(ctx, q, scanCase, `SELECT `+caseColumns+` FROM cases WHERE id {any} ORDER BY id {lock}`, q.list(sortedUnique(ids)))
	if err != nil {
		return work, nil, fmt.Errorf("lock cases: %w", err)
	}
	for _, c := range cases {
		work.known[c.ID] = &c
	}
	return work, linked, nil
}

// selectEndedCases is written as selectOpenCases is. The latest come last.
const selectEndedCases = `
SELECT id, account_key, contact_key, ended_at FROM cases WHERE account_key {any} AND account_key <> '' AND ended_at > ?
UNION ALL
SELECT id, account_key, contact_key, ended_at FROM cases WHERE contact_key {any} AND account_key = '' AND ended_at > ?
ORDER BY ended_at, id`

// endedCases finds the latest cases of the responses' subjects that have ended, whose
// locks this transaction has.
func (q session) endedCases(ctx context.Context, of []*decided, now time.Time) (map[caseOwner]string, error) {
	ended := map[caseOwner]string{}
	if len(of) == 0 {
		return ended, nil
	}
	contacts, accounts := peopleOf(of)
	since := now.Add(-earlierWithin).UnixMilli()
	_, err := collect(ctx, q, func(row scanner) (id string, err error) {
		var account, contact string
		var at int64
		err = row.Scan(&id, &account, &contact, &at)
		ended[caseOwnerOf(account, contact)] = id
		return id, err
	}, selectEndedCases, q.list(accounts), since, q.list(contacts), since)
	if err != nil {
		return nil, fmt.Errorf("read ended cases: %w", err)
	}
	return ended, nil
}

// contactsOf are the contacts whose responses are in cases, auditors apart.
func (q session) contactsOf(ctx context.Context, cases []string) ([]string, error) {
	return collect(ctx, q, scanOne[string], `SELECT DISTINCT r.contact_key FROM case_responses l
		JOIN responses r ON r.id = l.response_id WHERE l.case_id {any} AND NOT r.band {any} ORDER BY r.contact_key`,
		q.list(cases), q.list(bandNames(auditBands)))
}

// reopen begins another round of the latest case of a response's subject, where the
// response belongs to it still. It reports whether it does.
func (w *caseWork) reopen(d *decided, req store.RecordRequest) bool {
	owner := caseOwnerOf(d.AccountKey, d.ContactKey)
	id, ended := w.ended[owner]
	if !ended || d.Next.Origin == survey.OriginPassive || !w.known[id].TakesAgain(req.Now, d.ReopenWithin, w.toAskAgain[id]) {
		return false
	}
	c := w.known[id]
	c.Reopen(req.Now, d.CaseCloseAt)
	c.Takes(d.Next.Origin, d.Next.Priority)
	w.open[owner], w.told[id] = id, true
	w.reopened = append(w.reopened, id)
	w.accounts = append(w.accounts, d.AccountKey)
	w.add(id, d, eventReopened, req)
	return true
}
