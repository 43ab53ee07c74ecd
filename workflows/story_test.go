package workflows_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

// began is when every story begins: in the future, because the test environment
// holds the deadlines of local activities against the real clock.
var began = time.Date(2100, 3, 1, 9, 0, 0, 0, time.UTC)

// after is a moment of a story.
func after(d time.Duration) time.Time { return began.Add(d) }

// silent keeps the SDK's own log out of the tests' output.
var silent = log.NewStructuredLogger(slog.New(slog.DiscardHandler))

const day = 24 * time.Hour

// story is one run of a workflow whose activities answer by heart. It writes down
// when, where and with what each of them was called.
type story struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment

	mu    sync.Mutex
	lines []string
}

func tell(t *testing.T) *story {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent)
	s := &story{t: t, env: suite.NewTestWorkflowEnvironment()}
	s.env.SetStartTime(began)
	s.env.SetTestTimeout(30 * time.Second) // of real time: the machine may be busy
	workflows.Register(s.env)
	return s
}

// turn is what an activity answers once.
type turn[Out any] struct {
	out Out
	err error
	// meanwhile happens while the activity runs.
	meanwhile func(*story)
}

func gives[Out any](out Out) turn[Out]             { return turn[Out]{out: out} }
func fails[Out any](err error) turn[Out]           { return turn[Out]{err: err} }
func works() turn[struct{}]                        { return turn[struct{}]{} }
func failing(err error) turn[struct{}]             { return turn[struct{}]{err: err} }
func during(meanwhile func(*story)) turn[struct{}] { return turn[struct{}]{meanwhile: meanwhile} }

// on has an activity with a result answer in turns. One call more than that fails
// the workflow.
func on[In, Out any](s *story, do func(context.Context, In) (Out, error), turns ...turn[Out]) {
	answer := inTurns(s, turns)
	s.env.OnActivity(do, mock.Anything, mock.Anything).Return(
		func(ctx context.Context, in In) (Out, error) { return answer(ctx, describe(in)) })
}

// onCall is on for an activity without a result.
func onCall[In any](s *story, do func(context.Context, In) error, turns ...turn[struct{}]) {
	answer := inTurns(s, turns)
	s.env.OnActivity(do, mock.Anything, mock.Anything).Return(func(ctx context.Context, in In) error {
		_, err := answer(ctx, describe(in))
		return err
	})
}

func inTurns[Out any](s *story, turns []turn[Out]) func(ctx context.Context, detail string) (Out, error) {
	return func(ctx context.Context, detail string) (out Out, err error) {
		s.write(ctx, detail)
		s.mu.Lock()
		if len(turns) == 0 {
			s.mu.Unlock()
			return out, temporal.NewNonRetryableApplicationError("called once too often", "test", nil)
		}
		next := turns[0]
		turns = turns[1:]
		s.mu.Unlock()
		if next.meanwhile != nil {
			next.meanwhile(s)
		}
		return next.out, next.err
	}
}

// write notes a call: "1h0m0s SendAsks @cxloop-sendgrid batch". Local activities
// have no queue.
func (s *story) write(ctx context.Context, detail string) {
	info := activity.GetInfo(ctx)
	line := fmt.Sprintf("%v %s", s.elapsed(), info.ActivityType.Name)
	if !info.IsLocalActivity {
		line += " @" + info.TaskQueue
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, strings.TrimSpace(line+" "+detail))
}

func (s *story) elapsed() time.Duration { return s.env.Now().Sub(began) }

// at has something happen in the course of the story.
func (s *story) at(elapsed time.Duration, happens func()) {
	s.env.RegisterDelayedCallback(happens, elapsed)
}

// reads runs the workflow, and compares.
func (s *story) reads(workflow, in any, want ...string) {
	s.t.Helper()
	args := []any{in}
	if in == nil {
		args = nil
	}
	s.env.ExecuteWorkflow(workflow, args...)
	require.True(s.t, s.env.IsWorkflowCompleted(), "the workflow goes on for ever")
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Equal(s.t, want, besideEachOther(s.lines))
}

// besideEachOther has a CRM told of a case after its signals are: the two begin at the same
// moment, and either may come first.
func besideEachOther(lines []string) []string {
	for i := range lines[:max(len(lines)-1, 0)] {
		filed, signals := strings.Fields(lines[i]), strings.Fields(lines[i+1])
		if filed[0] == signals[0] && filed[1] == "FileCase" && signals[1] == "WakeSync" {
			lines[i], lines[i+1] = lines[i+1], lines[i]
		}
	}
	return lines
}

// ends requires that the workflow has succeeded, after so long.
func (s *story) ends(elapsed time.Duration) {
	s.t.Helper()
	require.NoError(s.t, s.env.GetWorkflowError())
	require.Equal(s.t, elapsed, s.elapsed())
}

// describe is an activity's input in a few words.
func describe(in any) string {
	switch in := in.(type) {
	case activities.BatchRef:
		return in.Program + "/" + in.Version + "/" + in.Batch
	case activities.ResolveInput:
		return in.Batch + " in " + in.CRM
	case activities.AdmitInput:
		return fmt.Sprint(describe(in.BatchRef), in.Resolved)
	case activities.SendInput:
		return fmt.Sprint(describe(in.BatchRef), " due ", in.Due.Sub(began))
	case activities.RemindInput:
		if in.Second {
			return fmt.Sprint(describe(in.BatchRef), " sent by ", in.SentBy.Sub(began), " again")
		}
		return fmt.Sprint(describe(in.BatchRef), " sent by ", in.SentBy.Sub(began))
	case activities.CRMRef:
		return in.CRM
	case activities.CaseRef:
		return in.Case
	case activities.ThanksRef:
		return in.Batch
	case activities.AnswersRef:
		return in.Batch
	case activities.LeadsRef:
		return in.CRM + " " + in.Batch
	}
	return fmt.Sprint(in)
}

// rateLimited is what a vendor's "too many requests" becomes.
func rateLimited(wait time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("too many requests", activities.FailureRetryAfter,
		temporal.ApplicationErrorOptions{NextRetryDelay: wait, Category: temporal.ApplicationErrorCategoryBenign})
}

// refusedForGood is what no repetition can help.
func refusedForGood() error {
	return temporal.NewApplicationErrorWithOptions("bad request", activities.FailurePermanent,
		temporal.ApplicationErrorOptions{NonRetryable: true})
}
