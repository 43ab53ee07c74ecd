package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// askRow is an ask of a contact's past, as far as the next one depends on it.
type askRow struct {
	id, contact, response string
	kind, turn            survey.AskKind
	state                 survey.AskState
	rule                  survey.Rule
	createdAt, askedAt    time.Time
	// dueAt and why are of one that is made now.
	dueAt time.Time
	why   string
}

// askRows reads all asks of contacts.
func (q session) askRows(ctx context.Context, contacts []string) ([]askRow, error) {
	rows, err := collect(ctx, q, func(row scanner) (a askRow, err error) {
		err = row.Scan(&a.id, &a.contact, &a.response, &a.kind, &a.turn, &a.state, &a.rule, moment{&a.createdAt}, moment{&a.askedAt})
		return a, err
	}, `SELECT k.id, k.contact_key, k.response_id, k.kind, k.turn, k.state, k.rule, k.created_at, k.asked_at
		FROM asks k WHERE k.contact_key {any}`, q.list(contacts))
	if err != nil {
		return nil, fmt.Errorf("read earlier asks: %w", err)
	}
	return rows, nil
}

// askHistory is what rows say of the time before a response of a contact, and the row of
// its own, nil where there is none.
func askHistory(rows []askRow, contact, response string) (h survey.AskHistory, own *askRow) {
	for i, row := range rows {
		switch {
		case row.contact != contact:
		case row.response == response:
			own, h.Turn = &rows[i], row.turn
		default:
			h.Add(row.turn, row.createdAt)
			if row.state != survey.AskSuppressed && !row.askedAt.IsZero() {
				h.AddAsked(row.kind, row.askedAt)
			}
		}
	}
	return h, own
}

// insertAsks makes one ask for each response that had none, and returns how many wait to
// be sent. A response that was unhappy and is no more gets what its turn then was for.
func (q session) insertAsks(ctx context.Context, all []*decided, req store.RecordRequest) (waiting int, err error) {
	all = slices.DeleteFunc(slices.Clone(all), func(d *decided) bool { return !d.Next.Ask })
	contacts := make([]string, len(all))
	for i, d := range all {
		contacts[i] = d.ContactKey
	}
	rows, err := q.askRows(ctx, contacts)
	if err != nil {
		return 0, err
	}
	var inserts [][]any
	for _, d := range all {
		made, isNew, err := chosenAsk(d, rows, req)
		if err != nil {
			return 0, err
		}
		switch {
		case made == nil:
			continue
		case isNew:
			inserts = append(inserts, made.values(d, req))
		default:
			if err := q.askAfterAll(ctx, *made, req.Batch); err != nil {
				return 0, err
			}
		}
		rows = append(rows, *made)
		if made.state == survey.AskWaiting {
			waiting++
		}
	}
	_, err = q.insert(ctx, `INSERT INTO asks (id, batch, response_id, program, version, contact_key, account_key, kind, turn, state, rule, why, created_at, due_at)`,
		inserts, `ON CONFLICT (response_id) DO NOTHING`)
	if err != nil {
		return 0, fmt.Errorf("make asks: %w", err)
	}
	return waiting, nil
}

// chosenAsk is the ask that follows a response, nil for none; isNew is false where it had
// one that was refused because it was unhappy.
func chosenAsk(d *decided, rows []askRow, req store.RecordRequest) (made *askRow, isNew bool, err error) {
	h, own := askHistory(rows, d.ContactKey, d.ID)
	if own != nil && own.rule != survey.RuleNotHappy {
		return nil, false, nil
	}
	choice, due, ok := req.ChooseAsk(d.Response, h)
	if !ok || own != nil && choice.Rule != "" {
		return nil, false, nil
	}
	why, err := json.Marshal(choice)
	if err != nil {
		return nil, false, err
	}
	made = &askRow{
		contact: d.ContactKey, response: d.ID, kind: choice.Kind, turn: choice.Turn, state: survey.AskWaiting, rule: choice.Rule,
		createdAt: toMillis(req.Now), dueAt: due, why: string(why),
	}
	if choice.Rule != "" {
		made.state = survey.AskSuppressed
	}
	if own != nil {
		made.id = own.id
	}
	return made, own == nil, nil
}

// values are the columns of a new ask.
func (a askRow) values(d *decided, req store.RecordRequest) []any {
	return []any{
		req.NewID(), req.Batch, d.ID, d.Program, d.Version, d.ContactKey, d.AccountKey, string(a.kind), string(a.turn), string(a.state), string(a.rule),
		a.why, req.Now.UnixMilli(), a.dueAt.UnixMilli(),
	}
}

// askAfterAll puts an ask back that was refused.
func (q session) askAfterAll(ctx context.Context, a askRow, batch string) error {
	_, err := q.exec(ctx, `UPDATE asks SET batch = ?, kind = ?, state = ?, rule = '', why = ?, due_at = ? WHERE id = ?`,
		batch, a.kind, a.state, a.why, a.dueAt.UnixMilli(), a.id)
	if err != nil {
		return fmt.Errorf("put an ask back: %w", err)
	}
	return nil
}
