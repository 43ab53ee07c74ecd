package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// selectTickets finds whose tickets are open, and selectComplaints who said elsewhere that
// something is wrong: in a ticket, or with three stars or fewer.
const (
	selectTickets = `SELECT contact_key, account_key FROM behaviour WHERE contact_key {any} AND contact_key <> '' AND kind = 'ticket' AND ended_at IS NULL
		UNION ALL SELECT contact_key, account_key FROM behaviour WHERE account_key {any} AND account_key <> '' AND kind = 'ticket' AND ended_at IS NULL`
	selectComplaints = `SELECT contact_key, '' FROM feedback WHERE contact_key {any} AND contact_key <> '' AND at > ?
		AND (kind = 'ticket' OR rating BETWEEN 1 AND 3)`
)

// readComplaints finds of whom nothing is drawn because something is wrong already: their
// contacts and accounts.
func (q session) readComplaints(ctx context.Context, all []*decided, now time.Time) (map[string]bool, error) {
	all = slices.DeleteFunc(slices.Clone(all), func(d *decided) bool { return d.Next.Draw.Share == 0 })
	if len(all) == 0 {
		return nil, nil
	}
	contacts, accounts := peopleOf(all)
	found := map[string]bool{}
	for _, one := range []struct {
		query string
		args  []any
	}{
		{selectTickets, []any{q.list(contacts), q.list(accounts)}},
		{selectComplaints, []any{q.list(contacts), now.Add(-survey.ComplaintSpan).UnixMilli()}},
	} {
		_, err := collect(ctx, q, func(row scanner) (none struct{}, err error) {
			var contact, account string
			err = row.Scan(&contact, &account)
			found[contact], found[account] = true, true
			return none, err
		}, one.query, one.args...)
		if err != nil {
			return nil, fmt.Errorf("read complaints: %w", err)
		}
	}
	delete(found, "")
	return found, nil
}

// draws reports whether chance decides about a response that would open a case: of those
// who have or had none, and complained nowhere else.
func (w *caseWork) draws(d *decided) bool {
	owner := caseOwnerOf(d.AccountKey, d.ContactKey)
	_, open := w.open[owner]
	_, ended := w.ended[owner]
	return d.Next.Draw.Share > 0 && !open && !ended && w.rechecks[d.InvitationID] == "" &&
		!w.complaining[d.ContactKey] && !w.complaining[d.AccountKey]
}

// saveDraws keeps what chance decided, the first time.
func (q session) saveDraws(ctx context.Context, drawn []*decided, now time.Time) error {
	rows := make([][]any, 0, len(drawn))
	for _, d := range drawn {
		rows = append(rows, []any{d.ID, d.Program, d.Score, string(d.Band), d.Next.Draw.Held, d.Next.Draw.Share, now.UnixMilli()})
	}
	_, err := q.insert(ctx, `INSERT INTO holdouts (response_id, program, score, band, held, share, drawn_at)`, rows, `ON CONFLICT DO NOTHING`)
	return err
}

// Draws implements store.FollowUps.
func (s *Store) Draws(ctx context.Context) ([]store.Drawn, error) {
	found, err := collect(ctx, s.read(), func(row scanner) (d store.Drawn, err error) {
		err = row.Scan(&d.AccountKey, &d.ContactKey, &d.ResponseID, &d.Program, &d.Version, &d.Score, &d.Band,
			moment{&d.AnsweredAt}, moment{&d.OpenedAt}, &d.Held, &d.Share)
		return d, err
	}, `SELECT r.account_key, r.contact_key, r.id, r.program, r.version, h.score, h.band, r.answered_at, h.drawn_at, h.held, h.share
		FROM holdouts h JOIN responses r ON r.id = h.response_id WHERE r.state <> 'withdrawn' ORDER BY h.drawn_at, h.response_id`)
	if err != nil {
		return nil, fmt.Errorf("read who was held out: %w", err)
	}
	return found, nil
}
