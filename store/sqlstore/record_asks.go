package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
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
	var contacts []string
	for _, d := range all {
		if d.Next.Ask {
			contacts = append(contacts, d.ContactKey)
		}
	}
	rows, err := q.askRows(ctx, contacts)
	if err != nil || len(contacts) == 0 {
		return 0, err
	}
	for _, d := range all {
		if !d.Next.Ask {
			continue
		}
		h, own := askHistory(rows, d.ContactKey, d.ID)
		if own != nil && own.rule != survey.RuleNotHappy {
			continue
		}
		choice, due, ok := req.ChooseAsk(d.Response, h)
		if !ok || own != nil && choice.Rule != "" {
			continue
		}
		made := askRow{contact: d.ContactKey, response: d.ID, kind: choice.Kind, turn: choice.Turn, state: survey.AskWaiting, createdAt: toMillis(req.Now)}
		if choice.Rule != "" {
			made.state, made.rule = survey.AskSuppressed, choice.Rule
		}
		if err := q.saveAsk(ctx, d, own, made, choice, due, req); err != nil {
			return 0, fmt.Errorf("make an ask: %w", err)
		}
		rows = append(rows, made)
		if made.state == survey.AskWaiting {
			waiting++
		}
	}
	return waiting, nil
}

// saveAsk inserts an ask, or puts one back that was refused.
func (q session) saveAsk(ctx context.Context, d *decided, own *askRow, made askRow, choice survey.AskChoice, due time.Time, req store.RecordRequest) error {
	why, err := json.Marshal(choice)
	if err != nil {
		return err
	}
	if own != nil {
		_, err = q.exec(ctx, `UPDATE asks SET batch = ?, kind = ?, state = ?, rule = '', why = ?, due_at = ? WHERE id = ?`,
			req.Batch, made.kind, made.state, string(why), due.UnixMilli(), own.id)
		return err
	}
	_, err = q.exec(ctx, `INSERT INTO asks (id, batch, response_id, program, version, contact_key, account_key, kind, turn, state, rule, why, created_at, due_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (response_id) DO NOTHING`,
		req.NewID(), req.Batch, d.ID, d.Program, d.Version, d.ContactKey, d.AccountKey, made.kind, made.turn, made.state, made.rule, string(why),
		req.Now.UnixMilli(), due.UnixMilli())
	return err
}
