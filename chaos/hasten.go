package chaos

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/localserver"
)

const (
	// longCall is longer than a vendor takes to answer when nothing is wrong any more.
	longCall    = 10 * time.Second
	hastenEvery = 5 * time.Second
)

// hasten spares a run the waits that only time ends, now that nothing is killed and
// nothing fails any more. An error is of a part that could not be: something may have
// come to its end meanwhile.
func (r *run) hasten(ctx context.Context) error {
	// A batch that a killed process had claimed is free after a minute.
	if _, err := r.db.ExecContext(ctx, `UPDATE claims SET claimed_at = 0`); err != nil {
		return err
	}
	attempts := localserver.Hasten{
		Client: r.client, Namespace: r.options.Namespace, Longest: longCall,
		GaveUp: func() { r.struck = append(r.struck, time.Now()) }, // it may be of a worker that is alive
	}
	return errors.Join(r.age(ctx), attempts.Activities(ctx))
}

// How long cxloop leaves a mail in doubt alone: its workflow asks for a quarter of an
// hour, and housekeeping settles after an hour what nobody asks about.
const (
	askedFor     = 15 * time.Minute
	settledAfter = time.Hour
)

// age makes mails in doubt as old as they have to be. It is the same as waiting: what
// cxloop does then depends on nothing but their age and the events that came, and no
// event is still to come, because those of all mails that went out have been taken.
func (r *run) age(ctx context.Context) error {
	if unproved, err := r.unproved(ctx); err != nil || unproved > 0 {
		return err
	}
	asking, err := r.workflows(ctx, `ExecutionStatus = "Running" AND WorkflowType IN ("InviteWorkflow", "AskWorkflow")`)
	if err != nil {
		return err
	}
	by := askedFor
	if asking == 0 {
		by = settledAfter
	}
	// Not one whose call may be under way.
	older := `UPDATE effects SET tried_at = tried_at - $1 WHERE state = 'pending' AND vendor = 'sendgrid'
		AND tried_at BETWEEN $2 AND $3 RETURNING key, tried_at + $1`
	now := time.Now()
	return r.rows(ctx, older, func(key, tried string) {
		if ms, err := strconv.ParseInt(tried, 10, 64); err == nil && r.aged[key].IsZero() {
			r.aged[key] = time.UnixMilli(ms)
		}
	}, by.Milliseconds(), now.Add(-by).UnixMilli(), now.Add(-longCall).UnixMilli())
}
