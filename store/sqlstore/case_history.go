package sqlstore

import (
	"context"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// casePlace is where notes on a case are sealed, by the key of its contact.
func casePlace(id string) string { return "case/" + id }

// caseHistory reads what happened to a case, oldest first.
func (q session) caseHistory(ctx context.Context, c survey.Case) ([]store.CaseEvent, error) {
	var seals [][]byte
	history, err := collect(ctx, q, func(row scanner) (e store.CaseEvent, err error) {
		var sealed []byte
		err = row.Scan(&e.ID, moment{&e.At}, &e.What, &e.User, &e.Target, &e.Choice, &e.Note, &sealed)
		seals = append(seals, sealed)
		return e, err
	}, `SELECT id, at, what, actor, target, choice, note, sealed FROM case_events WHERE case_id = ? ORDER BY id`, c.ID)
	if err != nil {
		return nil, err
	}
	parts := make([]sealedPart, len(history))
	for i := range history {
		parts[i] = sealedPart{contactSubject(c.ContactKey), casePlace(c.ID), seals[i], func(plain []byte) error {
			history[i].Note = string(plain)
			return nil
		}}
	}
	return history, q.open(ctx, parts)
}

// addCaseEvents writes events to a case's history.
func (q session) addCaseEvents(ctx context.Context, c survey.Case, events []store.CaseEvent) error {
	rows := make([][]any, 0, len(events))
	for _, e := range events {
		sealed, err := q.sealNote(ctx, c, e.Note)
		if err != nil {
			return fmt.Errorf("seal a note on case %s: %w", c.ID, err)
		}
		rows = append(rows, []any{c.ID, e.At.UnixMilli(), e.What, e.User, e.Target, e.Choice, "", sealed})
	}
	return q.insertCaseEvents(ctx, rows)
}

// sealNote seals what was written about a case: null for nothing.
func (q session) sealNote(ctx context.Context, c survey.Case, note string) (any, error) {
	if note == "" {
		return nil, nil
	}
	subject := contactSubject(c.ContactKey)
	keys, err := q.keys.get(ctx, []string{subject})
	if err != nil {
		return nil, err
	}
	return keys[subject].seal(casePlace(c.ID), []byte(storableText(note))), nil
}

func (q session) insertCaseEvents(ctx context.Context, rows [][]any) error {
	_, err := q.insert(ctx, `INSERT INTO case_events (case_id, at, what, actor, target, choice, note, sealed)`, rows, "")
	return err
}

// StoryTold implements store.Cases. What is told stays so.
func (s *Store) StoryTold(ctx context.Context, id string, event int64) error {
	return s.write(ctx, func(q session) error {
		n, err := q.exec(ctx, `UPDATE cases SET told = CASE WHEN told > ? THEN told ELSE ? END WHERE id = ?`, event, event, id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("case %s: %w", id, err)
		}
		return nil
	})
}
