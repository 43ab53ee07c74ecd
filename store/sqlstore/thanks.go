package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The steps of a case's history after it was resolved.
const (
	eventThanked     = "thanked"
	eventAskedAgain  = "asked_again"
	eventNoAnswer    = "no_answer"
	eventRecovered   = "recovered"
	eventUnrecovered = "unrecovered"
)

// selectThanks reads mails of thanks with what decides about them.
var selectThanks = `SELECT k.id, k.case_id, k.program, k.version, k.cause, k.invitation_id,
	EXISTS (SELECT 1 FROM effects e WHERE e.key = 'mail/thanks/' || k.id), ` + hasLeftProgram("k.program") + `,
	EXISTS (SELECT 1 FROM cases o WHERE o.account_key = k.account_key AND o.account_key <> '' AND o.ended_at IS NULL)
		OR EXISTS (SELECT 1 FROM cases o WHERE o.contact_key = k.contact_key AND o.account_key = '' AND o.ended_at IS NULL),
	` + contactColumns + `, ` + accountColumns + `
	FROM thanks k
	LEFT JOIN contacts c ON c.key = k.contact_key
	LEFT JOIN accounts a ON a.key = k.account_key
	WHERE k.batch = ? AND k.state = ? ORDER BY k.id`

// thanked is a mail of thanks with what decides about it.
type thanked struct {
	store.ThanksRecipient
	// begun is set when it may be under way: nothing is decided any more.
	begun, leftProgram bool
	person             person
	company            company
}

func (q session) waitingThanks(ctx context.Context, batch string) ([]thanked, error) {
	found, err := collect(ctx, q, func(sc scanner) (t thanked, err error) {
		fields := []any{&t.ID, &t.Case, &t.Program, &t.Version, &t.Cause, &t.InvitationID, &t.begun, &t.leftProgram, &t.Facts.OpenCase}
		err = sc.Scan(slices.Concat(fields, t.person.columns(), t.company.columns())...)
		return t, err
	}, selectThanks, batch, survey.AskWaiting)
	if err != nil {
		return nil, err
	}
	var parts []sealedPart
	for i := range found {
		parts = append(parts, found[i].person.part(), found[i].company.part())
	}
	if err := q.open(ctx, parts); err != nil {
		return nil, err
	}
	for i := range found {
		t := &found[i]
		t.Contact, t.Account = t.person.Contact, t.company.Account
		t.Facts.HasAddress, t.Facts.Bounced, t.Facts.Unsubscribed = t.Contact.Email != "", t.person.bounced, t.person.unsubscribed || t.leftProgram
	}
	return found, nil
}

// AdmitThanks implements store.Thanks.
func (s *Store) AdmitThanks(ctx context.Context, req store.ThanksRequest) (admitted []store.ThanksRecipient, err error) {
	err = s.write(ctx, func(q session) error {
		admitted = nil
		if err := q.beginThanks(ctx, req); err != nil {
			return err
		}
		waiting, err := q.waitingThanks(ctx, req.Batch)
		if err != nil {
			return err
		}
		suppressed := map[survey.Rule][]string{}
		for _, t := range waiting {
			if rule := req.Decide(t.ThanksRecipient); rule != "" && !t.begun {
				suppressed[rule] = append(suppressed[rule], t.ID)
			} else {
				admitted = append(admitted, t.ThanksRecipient)
			}
		}
		for rule, ids := range suppressed {
			if _, err := q.exec(ctx, `UPDATE thanks SET state = ?, rule = ? WHERE id {any}`, survey.AskSuppressed, rule, q.list(ids)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("admit the thanks of batch %s: %w", req.Batch, err)
	}
	return admitted, nil
}

// beginThanks makes the mails of a batch's cases, under the locks of their customers.
func (q session) beginThanks(ctx context.Context, req store.ThanksRequest) error {
	items, err := q.batchItems(ctx, req.Batch)
	if err != nil {
		return err
	}
	rounds := map[string]string{}
	for _, item := range items {
		rounds[item.Key] = item.Source
	}
	customers, err := q.customers(ctx, keysIn(rounds))
	if err != nil {
		return err
	}
	var contacts []string
	for _, c := range customers {
		contacts = append(contacts, c.contact)
	}
	if err := q.lockContacts(ctx, sortedUnique(contacts)); err != nil {
		return err
	}
	resolved, err := q.resolvedCases(ctx, keysIn(rounds))
	if err != nil {
		return err
	}
	var rows [][]any
	for _, customer := range customers {
		c, is := resolved[customer.caseID]
		if is && rounds[c.ID] == roundSource(c.Round) {
			rows = append(rows, []any{
				req.NewID(), req.Batch, c.ID, c.Round, c.Program, c.Version, customer.contact, customer.account, customer.invitation,
				c.Cause, string(survey.AskWaiting), "", req.Now.UnixMilli(),
			})
		}
	}
	_, err = q.insert(ctx, `INSERT INTO thanks (id, batch, case_id, round, program, version, contact_key, account_key, invitation_id,
		cause, state, rule, created_at)`, rows, `ON CONFLICT (case_id, round, contact_key) DO NOTHING`)
	return err
}

// resolvedCases reads and locks those of cases that are resolved, by id.
func (q session) resolvedCases(ctx context.Context, ids []string) (map[string]survey.Case, error) {
	found, err := collect(ctx, q, scanCase, `SELECT `+caseColumns+` FROM cases WHERE id {any} AND state = ? ORDER BY id {lock}`,
		q.list(ids), survey.CaseResolved)
	if err != nil {
		return nil, fmt.Errorf("lock resolved cases: %w", err)
	}
	resolved := make(map[string]survey.Case, len(found))
	for _, c := range found {
		resolved[c.ID] = c
	}
	return resolved, nil
}

// customer is somebody whose answer counts in a case.
type customer struct{ caseID, contact, account, invitation string }

// customers finds those of cases, each with the latest of their answers, in order.
func (q session) customers(ctx context.Context, cases []string) ([]customer, error) {
	found, err := collect(ctx, q, func(row scanner) (c customer, err error) {
		err = row.Scan(&c.caseID, &c.contact, &c.account, &c.invitation)
		return c, err
	}, `SELECT l.case_id, r.contact_key, r.account_key, r.invitation_id FROM case_responses l JOIN responses r ON r.id = l.response_id
		WHERE l.case_id {any} AND r.state <> 'withdrawn' AND r.contact_key <> '' AND NOT r.band {any}
		ORDER BY l.case_id, r.contact_key, r.answered_at DESC, r.id`, q.list(cases), q.list(bandNames(auditBands)))
	if err != nil {
		return nil, fmt.Errorf("read the customers of cases: %w", err)
	}
	return slices.CompactFunc(found, func(a, b customer) bool { return a.caseID == b.caseID && a.contact == b.contact }), nil
}

// Customers implements store.Cases.
func (s *Store) Customers(ctx context.Context, cases []string) (map[string][]string, error) {
	found, err := s.read().customers(ctx, cases)
	contacts := map[string][]string{}
	for _, c := range found {
		contacts[c.caseID] = append(contacts[c.caseID], c.contact)
	}
	return contacts, err
}

// MarkThanked implements store.Thanks. The first time of sending counts.
func (s *Store) MarkThanked(ctx context.Context, ids []string, state survey.AskState, at time.Time) error {
	err := s.write(ctx, func(q session) error {
		var sentAt any
		if state == survey.AskSent {
			sentAt = at.UnixMilli()
		}
		if err := q.lockThanked(ctx, ids); err != nil {
			return err
		}
		changed, err := collect(ctx, q, scanOne[string], `UPDATE thanks SET state = ?, sent_at = ? WHERE id {any} AND state IN (?, ?)
			RETURNING case_id`, state, sentAt, q.list(ids), survey.AskWaiting, survey.AskUnknown)
		if err != nil || state != survey.AskSent {
			return err
		}
		return q.noteCases(ctx, sortedUnique(changed), eventThanked, "", at)
	})
	if err != nil {
		return fmt.Errorf("mark thanks %s: %w", state, err)
	}
	return nil
}

// lockThanked locks the cases that mails of thanks are about, as all do that write into a
// history: only so are its events told in the order of their ids. Those who re-open a case
// lock it before its thanks.
func (q session) lockThanked(ctx context.Context, ids []string) error {
	_, err := collect(ctx, q, scanOne[string], `SELECT id FROM cases
		WHERE id IN (SELECT case_id FROM thanks WHERE id {any}) ORDER BY id {lock}`, q.list(ids))
	return err
}

// FinishThanks implements store.Thanks.
func (s *Store) FinishThanks(ctx context.Context, batch string, at time.Time) error {
	return s.write(ctx, func(q session) error { return q.finishItems(ctx, batch, at) })
}

// noteCases writes one event into the history of each case.
func (q session) noteCases(ctx context.Context, cases []string, what, choice string, at time.Time) error {
	rows := make([][]any, len(cases))
	for i, id := range cases {
		rows[i] = []any{id, at.UnixMilli(), what, "", "", choice, "", nil}
	}
	return q.insertCaseEvents(ctx, rows)
}
