package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/workflow/v1"
	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

const (
	// idleCases are watched for idleDays.
	idleCases = 100
	idleDays  = 1
)

// caseSetting lets a day pass in half a minute, so that idle days can be watched, with a
// clock that runs out long after.
var caseSetting = setting{programs: fmt.Sprintf("dev: {time_scale: %d}\nsla: {resolve: 15d}\n", survey.MaxTimeScale) + loopSetting.programs}

// caseFigures are of cases in which nothing is due: somebody has spoken with the customer,
// and there are days left to resolve them.
func (r *run) caseFigures(ctx context.Context, _ []Figure) (_ []Figure, err error) {
	world, err := r.newWorld(ctx, caseSetting)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, world.close()) }()
	day := 24 * time.Hour / survey.MaxTimeScale
	r.say("cases: %d are left alone for %d days of %s", idleCases, idleDays, day)
	began := time.Now()
	if _, err := world.play(ctx, load{count: idleCases, score: func(int) int { return 3 }}); err != nil {
		return nil, err
	}
	if err := world.contactAll(ctx); err != nil {
		return nil, err
	}
	before, err := r.quietTransitions(ctx, began)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(idleDays * day):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	after, err := r.caseTransitions(ctx, began)
	if err != nil {
		return nil, err
	}
	perDay := float64(after-before) / idleCases / idleDays
	return []Figure{figure("case.idle_transitions_per_day", perDay, "", "0")}, nil
}

// contactAll says of each case that somebody contacted the customer, and returns when all
// messages show it.
func (w *world) contactAll(ctx context.Context) error {
	messages := func(st *sandbox.State) (all []*sandbox.Message) {
		for _, id := range channelIDs() {
			all = append(all, st.Messages(id)...)
		}
		return slices.DeleteFunc(all, func(m *sandbox.Message) bool { return !offers(m, survey.ActionContacted) })
	}
	var open []*sandbox.Message
	w.sandbox.Read(func(st *sandbox.State) { open = messages(st) })
	if len(open) != idleCases {
		return fmt.Errorf("%d messages of cases can be clicked on: want %d", len(open), idleCases)
	}
	group, clicking := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, m := range open {
		group.Go(func() error {
			if err := clicking.Err(); err != nil {
				return err
			}
			_, err := w.sandbox.Click(m.Channel, m.TS, string(survey.ActionContacted), "U0GRACE")
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, closePatience)
	defer cancel()
	return w.sandbox.WaitFor(ctx, func(st *sandbox.State) bool { return len(messages(st)) == 0 })
}

// quietTransitions is caseTransitions when nothing more comes of what was done.
func (r *run) quietTransitions(ctx context.Context, from time.Time) (int64, error) {
	for before := int64(-1); ; {
		now, err := r.caseTransitions(ctx, from)
		if err != nil || now == before {
			return now, err
		}
		before = now
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// caseTransitions adds up the state transitions of the cases begun since a moment, open
// ones too.
func (r *run) caseTransitions(ctx context.Context, from time.Time) (transitions int64, err error) {
	var ids []string
	err = r.eachSince(ctx, from, func(w *workflow.WorkflowExecutionInfo) error {
		if w.GetType().GetName() == caseWorkflow {
			ids = append(ids, w.GetExecution().GetWorkflowId())
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if len(ids) != idleCases {
		return 0, fmt.Errorf("%d workflows of cases run: want %d", len(ids), idleCases)
	}
	for _, id := range ids { // what the server lists of open ones has no count
		described, err := r.client.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return 0, fmt.Errorf("describe %s: %w", id, err)
		}
		transitions += described.GetWorkflowExecutionInfo().GetStateTransitionCount()
	}
	return transitions, nil
}
