package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
)

const (
	// quietPatience is how long after the last fault everything may take to come to
	// its end.
	quietPatience = 5 * time.Minute
	lookEvery     = time.Second
	sayEvery      = 20 * time.Second
)

// unfinished are the things that still have to come to their end, and how to count
// them in the store. A case whose message nobody can see stays open.
var unfinished = []struct{ what, query string }{
	// Customers of a resolved case hear of it, and are asked again, long after a run.
	{"items in the inbox", `SELECT count(*) FROM inbox WHERE done_at IS NULL AND topic NOT IN ('thanks', 'recheck')`},
	{"admitted invitations", `SELECT count(*) FROM invitations WHERE state = 'admitted'`},
	{"responses not recorded", `SELECT count(*) FROM responses WHERE recorded < revision`},
	{"referral asks", `SELECT count(*) FROM asks WHERE state = 'waiting'`},
	{"open cases with a message", `SELECT count(*) FROM cases WHERE ended_at IS NULL AND message_ts <> ''`},
	{"cases shown as they were", `SELECT count(*) FROM cases WHERE shown < revision AND message_ts <> ''`},
	{"cases that the CRM does not know as they are", `SELECT count(*) FROM case_records WHERE told = 0`},
	{"signals to push", `SELECT count(*) FROM signals WHERE dirty_in IS NOT NULL`},
	{"effects under way", `SELECT count(*) FROM effects WHERE state = 'pending'`},
}

// waitQuiet returns when nothing is left to do, or when it has waited long enough:
// then the counts tell.
func (r *run) waitQuiet(ctx context.Context) error {
	r.say("waiting until everything has come to its end")
	began, said, hastened := time.Now(), time.Now(), time.Time{}
	for quiet := 0; quiet < 2; {
		if !pause(ctx, lookEvery) {
			return ctx.Err()
		}
		if time.Since(hastened) > hastenEvery {
			hastened = time.Now()
			if err := r.hasten(ctx); err != nil {
				r.say("not everything is hastened: %v", err)
			}
		}
		left, err := r.left(ctx)
		quiet++
		if err != nil || len(left) > 0 {
			quiet = 0
		}
		if time.Since(said) > sayEvery {
			said = time.Now()
			r.say("still waiting for %s", joined(left))
		}
		if time.Since(began) > quietPatience {
			return err
		}
	}
	return nil
}

// left is what has not come to its end.
func (r *run) left(ctx context.Context) (left []string, err error) {
	for _, u := range unfinished {
		n, err := r.number(ctx, u.query)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			left = append(left, fmt.Sprintf("%d %s", n, u.what))
		}
	}
	unproved, err := r.unproved(ctx)
	if err != nil {
		return nil, err
	}
	if unproved > 0 {
		left = append(left, fmt.Sprintf("%d mails whose events have not come", unproved))
	}
	if n := r.undelivered(); n > 0 {
		left = append(left, fmt.Sprintf("%d webhooks", n))
	}
	if n := r.people.busy.Load(); n > 0 {
		left = append(left, fmt.Sprintf("%d people", n))
	}
	open, err := r.workflows(ctx, `ExecutionStatus = "Running" AND WorkflowType IN ("InviteWorkflow", "ResponseWorkflow", "AskWorkflow", "SyncWorkflow")`)
	if err != nil {
		return nil, err
	}
	if open > 0 {
		left = append(left, fmt.Sprintf("%d workflows", open))
	}
	following, err := r.workflows(ctx, `ExecutionStatus = "Running" AND WorkflowType = "CaseWorkflow"`)
	if err != nil {
		return nil, err
	}
	cases, err := r.number(ctx, `SELECT count(*) FROM cases WHERE ended_at IS NULL`)
	if following != cases {
		left = append(left, fmt.Sprintf("%d workflows of %d open cases", following, cases))
	}
	return left, err
}

// unproved counts the mails that went out and that cxloop does not know of. The events
// of each come until it does.
func (r *run) unproved(ctx context.Context) (n int, err error) {
	mailed := map[string]bool{}
	r.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.Mails {
			mailed[effectOf(m)] = true
		}
	})
	err = r.rows(ctx, `SELECT key, state FROM effects WHERE vendor = 'sendgrid' AND state <> 'done'`, func(key, _ string) {
		if mailed[key] {
			n++
		}
	})
	return n, err
}

// undelivered counts the CRM's webhooks that it still tries to deliver.
func (r *run) undelivered() (n int) {
	r.sandbox.Read(func(st *sandbox.State) {
		for _, d := range st.Deliveries {
			if d.Status == sandbox.DeliveryPending {
				n++
			}
		}
	})
	return n
}

func effectOf(m *sandbox.Mail) string {
	return store.MailEffect(m.CustomArgs["cxloop_kind"], m.CustomArgs["cxloop_id"])
}

func (r *run) number(ctx context.Context, query string) (n int64, err error) {
	err = r.db.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

func (r *run) workflows(ctx context.Context, query string) (int64, error) {
	counted, err := r.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: r.options.Namespace, Query: query})
	if err != nil {
		return 0, errors.Join(errors.New("count workflows"), err)
	}
	return counted.GetCount(), nil
}

func joined(all []string) string { return strings.Join(all, ", ") }
