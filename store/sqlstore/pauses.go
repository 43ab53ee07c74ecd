package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// guard pauses the programs of new events for which the guard trips.
func (q session) guard(ctx context.Context, news map[store.ProgramEvent]int, req store.MailEventsRequest) ([]store.Pause, error) {
	var programs []string
	for n := range news {
		if n.What == survey.MailBounced || n.What == survey.MailComplaint {
			programs = append(programs, n.Program)
		}
	}
	var paused []store.Pause
	for _, program := range sortedUnique(programs) {
		pause, err := q.judge(ctx, program, req)
		if err != nil {
			return nil, fmt.Errorf("guard program %s: %w", program, err)
		}
		if pause.Why == "" {
			continue
		}
		n, err := q.exec(ctx, `INSERT INTO pauses (program, why, mails, events, paused_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (program) DO UPDATE SET why = excluded.why, mails = excluded.mails, events = excluded.events,
				paused_at = excluded.paused_at, resumed_at = NULL
			WHERE pauses.resumed_at IS NOT NULL OR pauses.why = '`+string(store.PausedByOperator)+`'`, program, pause.Why, pause.Mails, pause.Events, pause.At.UnixMilli())
		if err != nil {
			return nil, fmt.Errorf("pause program %s: %w", program, err)
		}
		if n > 0 {
			paused = append(paused, pause)
		}
	}
	return paused, nil
}

// What the guard counts. The index of events is of those that it asks for.
const (
	countMails  = `SELECT COUNT(*) FROM invitations WHERE program = ? AND sent_at >= ? AND channel = 'mail'`
	countEvents = `SELECT COUNT(DISTINCT e.item) FROM mail_events e JOIN invitations i ON i.id = e.item
		WHERE e.program = ? AND e.what = ? AND e.what IN ('bounced', 'complaint') AND i.sent_at >= ?`
)

// judge asks the guard about the mails of a program since it was last resumed.
func (q session) judge(ctx context.Context, program string, req store.MailEventsRequest) (store.Pause, error) {
	since := req.Now.Add(-req.Guard.Within.Std())
	var resumed time.Time
	err := q.row(ctx, `SELECT resumed_at FROM pauses WHERE program = ?`, program).Scan(moment{&resumed})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return store.Pause{}, err
	}
	if resumed.After(since) {
		since = resumed
	}
	pause := store.Pause{Program: program, At: req.Now}
	err = q.row(ctx, countMails, program, since.UnixMilli()).Scan(&pause.Mails)
	if err != nil {
		return store.Pause{}, err
	}
	events := map[survey.MailEvent]int{}
	for _, what := range []survey.MailEvent{survey.MailBounced, survey.MailComplaint} {
		var n int
		err := q.row(ctx, countEvents, program, what, since.UnixMilli()).Scan(&n)
		if err != nil {
			return store.Pause{}, err
		}
		events[what] = n
	}
	pause.Why = req.Guard.Trips(pause.Mails, events[survey.MailBounced], events[survey.MailComplaint])
	pause.Events = events[pause.Why]
	return pause, nil
}

// Pauses implements store.Delivery.
func (s *Store) Pauses(ctx context.Context) ([]store.Pause, error) {
	pauses, err := collect(ctx, s.read(), func(row scanner) (p store.Pause, err error) {
		err = row.Scan(&p.Program, &p.Why, &p.Mails, &p.Events, moment{&p.At})
		return p, err
	}, `SELECT program, why, mails, events, paused_at FROM pauses WHERE resumed_at IS NULL ORDER BY program`)
	if err != nil {
		return nil, fmt.Errorf("look for paused programs: %w", err)
	}
	return slices.Clip(pauses), nil
}

// Resume implements store.Delivery.
func (s *Store) Resume(ctx context.Context, program string, at time.Time) error {
	err := s.write(ctx, func(q session) error {
		n, err := q.exec(ctx, `UPDATE pauses SET resumed_at = ? WHERE program = ? AND resumed_at IS NULL`, at.UnixMilli(), program)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("resume program %s: %w", program, err)
	}
	return nil
}
