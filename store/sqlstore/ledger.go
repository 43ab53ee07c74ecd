package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// counts are the states of invitations that were mailed, may have been, or may still
// be. It is written as the indices of caps have it.
const counts = `state NOT IN ('suppressed', 'cancelled', 'bounced')`

// ledger is what the rules see of the candidates of a batch. What the batch decides
// is entered, and counts for those who follow.
type ledger struct {
	req      store.AdmitRequest
	people   map[string]person // by contact
	persons  map[string]string // by contact, see lockPersons
	past     map[string][]survey.PastInvitation
	left     map[string]bool // persons who left the program
	accounts map[string]survey.Account
	open     map[caseOwner]bool
	// resolved are the cases whose customers are asked again, by id.
	resolved  map[string]survey.Case
	inAccount map[string]int
	onDay     map[time.Time]dayCount
}

// dayCount counts invitations for a day.
type dayCount struct{ byThis, byAll int }

// openLedger locks what the rules count under and reads it.
func (q session) openLedger(ctx context.Context, req store.AdmitRequest) (*ledger, error) {
	l := &ledger{req: req}
	keys := candidateKeys(req.Candidates)
	var err error
	if l.persons, err = q.lockPersons(ctx, keys); err != nil {
		return nil, err
	}
	if l.people, err = q.people(ctx, keys, ""); err != nil {
		return nil, err
	}
	if l.left, err = q.whoLeft(ctx, l.persons, req.Program); err != nil {
		return nil, err
	}
	if err := q.readAccounts(ctx, l); err != nil {
		return nil, err
	}
	if err := q.readRechecks(ctx, l); err != nil {
		return nil, err
	}
	if l.onDay, err = q.countDays(ctx, req, l.people); err != nil {
		return nil, err
	}
	l.past, err = q.pastOf(ctx, l.persons, req)
	return l, err
}

// readAccounts reads what is to be known of the candidates' accounts, under their locks
// where others may change it.
func (q session) readAccounts(ctx context.Context, l *ledger) error {
	reads := l.req.Reads
	var accounts []string
	for _, c := range l.req.Candidates {
		if account := accountAsked(l.req, c, l.people[c.ContactKey].AccountKey); account != "" {
			accounts = append(accounts, account)
		}
	}
	accounts = sortedUnique(accounts)
	var err error
	if reads.OpenCase || !reads.AccountSince.IsZero() {
		if err = q.lockAccounts(ctx, accounts); err != nil {
			return err
		}
	}
	if reads.Account || l.req.Dimensions.Any() {
		if l.accounts, err = q.accounts(ctx, accounts); err != nil {
			return err
		}
	}
	if reads.OpenCase {
		if l.open, err = q.withOpenCase(ctx, accounts, keysIn(l.persons)); err != nil {
			return err
		}
	}
	if !reads.AccountSince.IsZero() {
		l.inAccount, err = q.countAccounts(ctx, accounts, reads.AccountSince)
	}
	return err
}

func (q session) withOpenCase(ctx context.Context, accounts, contacts []string) (map[caseOwner]bool, error) {
	owners, err := collect(ctx, q, func(row scanner) (o caseOwner, err error) {
		var id string
		err = row.Scan(&id, &o.account, &o.contact)
		return caseOwnerOf(o.account, o.contact), err
	}, selectOpenCases, q.list(accounts), q.list(contacts))
	if err != nil {
		return nil, fmt.Errorf("read open cases: %w", err)
	}
	open := make(map[caseOwner]bool, len(owners))
	for _, o := range owners {
		open[o] = true
	}
	return open, nil
}

const countOfAccounts = `SELECT account_key, COUNT(*) FROM invitations
	WHERE account_key {any} AND (asked_at > ? OR state = 'admitted') AND NOT audit AND ` + counts + ` GROUP BY account_key`

func (q session) countAccounts(ctx context.Context, accounts []string, since time.Time) (map[string]int, error) {
	type row struct {
		account string
		n       int
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.account, &r.n)
		return r, err
	}, countOfAccounts, q.list(accounts), since.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("count invitations of accounts: %w", err)
	}
	n := make(map[string]int, len(rows))
	for _, r := range rows {
		n[r.account] = r.n
	}
	return n, nil
}

const countOfDay = `SELECT COUNT(CASE WHEN program = ? THEN 1 END), COUNT(*) FROM (
		SELECT program FROM invitations WHERE asked_at >= ? AND asked_at < ? AND ` + counts + `
		UNION ALL SELECT program FROM invitations WHERE state = 'admitted' AND due_at < ? AND asked_at < ?) counted`

// countDays counts the invitations for the days on which the batch's mails are due.
// What is overdue and not mailed is for today.
func (q session) countDays(ctx context.Context, req store.AdmitRequest, people map[string]person) (map[time.Time]dayCount, error) {
	var caps []string
	if req.Reads.OnDayByAll {
		caps = append(caps, "")
	}
	if req.Reads.OnDay {
		caps = append(caps, req.Program)
	}
	if len(caps) == 0 {
		return nil, nil
	}
	if err := q.lockCaps(ctx, caps); err != nil {
		return nil, err
	}
	days := map[time.Time]dayCount{}
	for _, c := range req.Candidates {
		day := survey.DayOf(dueFrom(req.DueAt(c, people[c.ContactKey].Contact), req.Now))
		if _, counted := days[day]; counted {
			continue
		}
		var overdueBy int64
		if day.Equal(survey.DayOf(req.Now)) {
			overdueBy = day.UnixMilli()
		}
		var n dayCount
		err := q.row(ctx, countOfDay, req.Program, day.UnixMilli(), day.Add(24*time.Hour).UnixMilli(), overdueBy, overdueBy).
			Scan(&n.byThis, &n.byAll)
		if err != nil {
			return nil, fmt.Errorf("count invitations of a day: %w", err)
		}
		days[day] = n
	}
	return days, nil
}

// lockCaps makes batches that count under the same caps follow one another.
func (q session) lockCaps(ctx context.Context, caps []string) error {
	rows := make([][]any, len(caps))
	for i, program := range caps {
		rows[i] = []any{program}
	}
	const locking = `SELECT program FROM caps WHERE program {any} ORDER BY program {lock}`
	locked, err := collect(ctx, q, scanOne[string], locking, q.list(caps))
	if err == nil && len(locked) < len(caps) {
		if _, err = q.insert(ctx, `INSERT INTO caps (program)`, rows, `ON CONFLICT DO NOTHING`); err == nil {
			_, err = collect(ctx, q, scanOne[string], locking, q.list(caps))
		}
	}
	if err != nil {
		return fmt.Errorf("lock daily caps: %w", err)
	}
	return nil
}

// pastOf reads the invitations of persons that count. What the program may take over is
// locked, so that its mail is not begun meanwhile.
func (q session) pastOf(ctx context.Context, persons map[string]string, req store.AdmitRequest) (map[string][]survey.PastInvitation, error) {
	past, err := q.readPast(ctx, persons, req)
	if err != nil || !q.waits {
		return past, err
	}
	var reserved []string
	for _, invitations := range past {
		for _, i := range invitations {
			if i.Reserved && i.Priority < req.Priority {
				reserved = append(reserved, i.ID)
			}
		}
	}
	if len(reserved) == 0 {
		return past, nil
	}
	if err := q.lockInvitations(ctx, reserved); err != nil {
		return nil, err
	}
	if past, err = q.readPast(ctx, persons, req); err != nil {
		return nil, err
	}
	for _, invitations := range past {
		for n, i := range invitations {
			// A call that did nothing may have made another one a reservation meanwhile.
			invitations[n].Reserved = i.Reserved && slices.Contains(reserved, i.ID)
		}
	}
	return past, nil
}

// lockInvitations locks invitations in order of their ids.
func (q session) lockInvitations(ctx context.Context, ids []string) error {
	_, err := collect(ctx, q, scanOne[string], `SELECT id FROM invitations WHERE id {any} ORDER BY id {lock}`, q.list(ids))
	if err != nil {
		return fmt.Errorf("lock invitations: %w", err)
	}
	return nil
}

const selectPast = `SELECT contact_key, id, program, kind, touchpoint, priority, account_key, asked_at, state,
		EXISTS (SELECT 1 FROM effects e WHERE e.key = 'mail/invite/' || invitations.id)
	FROM invitations WHERE contact_key {any} AND (asked_at > ? OR state = 'admitted') AND NOT audit AND ` + counts

func (q session) readPast(ctx context.Context, persons map[string]string, req store.AdmitRequest) (map[string][]survey.PastInvitation, error) {
	type row struct {
		contact string
		survey.PastInvitation
		state survey.InvitationState
		begun bool
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.contact, &r.ID, &r.Program, &r.Kind, &r.Touchpoint, &r.Priority, &r.AccountKey, moment{&r.At}, &r.state, &r.begun)
		return r, err
	}, selectPast, q.list(keysIn(persons)), req.Reads.Since.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read earlier invitations: %w", err)
	}
	past := map[string][]survey.PastInvitation{}
	for _, r := range rows {
		if r.state == survey.InvitationAdmitted {
			r.At, r.Reserved = dueFrom(r.At, req.Now), !r.begun // mailed at any moment from when it is due
		}
		person := persons[r.contact]
		past[person] = append(past[person], r.PastInvitation)
	}
	return past, nil
}

// applicant is what the rules see of a candidate.
func (l *ledger) applicant(c store.Candidate) survey.Applicant {
	p, found := l.people[c.ContactKey]
	p.AccountKey = accountAsked(l.req, c, p.AccountKey)
	due := dueFrom(l.req.DueAt(c, p.Contact), l.req.Now)
	day := l.onDay[survey.DayOf(due)]
	return survey.Applicant{
		Found: found, Contact: p.Contact, Account: l.accounts[p.AccountKey], Bounced: p.bounced, DeadNumber: p.deadNumber, Unsubscribed: p.unsubscribed,
		LeftProgram: l.left[l.persons[c.ContactKey]], Verdicts: c.Verdicts,
		OpenCase: l.open[caseOwnerOf(p.AccountKey, c.ContactKey)] || l.takenUp(c), Past: l.past[l.persons[c.ContactKey]],
		InAccount: l.inAccount[p.AccountKey], Due: due, OnDay: day.byThis, OnDayByAll: day.byAll,
	}
}

// enter counts an invitation that is admitted.
func (l *ledger) enter(i store.Invitation) {
	person := l.persons[i.ContactKey]
	at := countsFrom(i)
	if l.req.Audit {
		l.countDay(at, 1, 1)
		return
	}
	l.past[person] = append(l.past[person], survey.PastInvitation{
		ID: i.ID, Program: i.Program, Kind: l.req.Kind, Touchpoint: l.req.Touchpoint, Priority: l.req.Priority,
		AccountKey: i.AccountKey, At: at, Reserved: true,
	})
	l.count(i.AccountKey, at, 1, 1)
}

// strike forgets reservations of a contact's person that are taken over.
func (l *ledger) strike(contact string, ids []string) {
	person := l.persons[contact]
	var left []survey.PastInvitation
	for _, i := range l.past[person] {
		if slices.Contains(ids, i.ID) {
			l.count(i.AccountKey, i.At, 0, -1)
		} else {
			left = append(left, i)
		}
	}
	l.past[person] = left
}

func (l *ledger) count(account string, at time.Time, byThis, byAll int) {
	if l.inAccount != nil {
		l.inAccount[account] += byAll
	}
	l.countDay(at, byThis, byAll)
}

func (l *ledger) countDay(at time.Time, byThis, byAll int) {
	day := survey.DayOf(at)
	if n, counted := l.onDay[day]; counted {
		l.onDay[day] = dayCount{n.byThis + byThis, n.byAll + byAll}
	}
}
