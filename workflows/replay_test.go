package workflows_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
	"github.com/cxloop/cxloop/workflows/histories"
)

// recorded are the histories of real runs that every version of a workflow has to
// replay (histories.Record adds some).
func recorded(t *testing.T) map[string]*historypb.History {
	t.Helper()
	found, err := histories.Load("testdata")
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func TestReplay(t *testing.T) {
	t.Parallel()
	for file, history := range recorded(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, replay(workflows.Register, history))
		})
	}
}

func TestEveryWorkflowHasAHistory(t *testing.T) {
	t.Parallel()
	var registered names
	workflows.Register(&registered)
	covered := map[string]bool{}
	for _, history := range recorded(t) {
		covered[histories.WorkflowType(history)] = true
	}
	require.ElementsMatch(t, registered.names, slices.Collect(maps.Keys(covered)))
}

// nonDeterminism is Temporal's code for a workflow that does not do what its
// history says.
const nonDeterminism = "TMPRL1100"

// A change that running workflows could not follow is found. Each of these is a
// copy of a workflow with a single change of the kind that is easily made.
func TestReplayFindsAChange(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]any{
		"AskWorkflow":      askWithoutWaiting,
		"ResponseWorkflow": responseInAnotherOrder,
		"SyncWorkflow":     syncWithAnotherActivity,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := func(r worker.WorkflowRegistry) {
				r.RegisterWorkflowWithOptions(change, workflow.RegisterOptions{Name: name})
			}
			var failures []string
			for _, history := range recorded(t) {
				if histories.WorkflowType(history) == name {
					failures = append(failures, fmt.Sprint(replay(changed, history)))
				}
			}
			require.Contains(t, strings.Join(failures, "\n"), nonDeterminism)
		})
	}
}

// replay runs the workflows against what one of them once did.
func replay(register func(worker.WorkflowRegistry), history *historypb.History) error {
	replayer := worker.NewWorkflowReplayer()
	register(replayer)
	return replayer.ReplayWorkflowHistory(silent, history)
}

// names are those of the workflows that are registered with it.
type names struct {
	worker.WorkflowRegistry
	names []string
}

func (n *names) RegisterWorkflow(w any) {
	full := runtime.FuncForPC(reflect.ValueOf(w).Pointer()).Name()
	n.names = append(n.names, full[strings.LastIndex(full, ".")+1:])
}

var activityOptions = workflow.ActivityOptions{TaskQueue: workflows.QueueMail, StartToCloseTimeout: time.Minute}

// askWithoutWaiting forgets the delay.
func askWithoutWaiting(ctx workflow.Context, in activities.AnswersRef) error {
	var asks *activities.Asks
	var mail *activities.Mail
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	if err := workflow.ExecuteLocalActivity(local, asks.PlanAsks, in).Get(ctx, nil); err != nil {
		return err
	}
	if err := workflow.ExecuteLocalActivity(local, asks.AdmitAsks, in).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, activityOptions), mail.SendAsks, in).Get(ctx, nil)
}

// responseInAnotherOrder hands on before it records.
func responseInAnotherOrder(ctx workflow.Context, in activities.AnswersRef) error {
	var responses *activities.Responses
	var starts *activities.Starts
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	if err := workflow.ExecuteLocalActivity(local, starts.FollowUps, activities.FollowUpsInput{Batch: in.Batch}).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.ExecuteLocalActivity(local, responses.RecordResponses, in).Get(ctx, nil)
}

// syncWithAnotherActivity calls an activity by another name.
func syncWithAnotherActivity(ctx workflow.Context, in activities.CRMRef) error {
	if err := workflow.Sleep(ctx, time.Second); err != nil {
		return err
	}
	return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, activityOptions), "WriteSignals", in).Get(ctx, nil)
}

// telling is what addresses, names of two words, hosts and paths look like.
var telling = regexp.MustCompile(`@|\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+|\.example|localhost|127\.0\.0\.1|goroutine|/(home|root|tmp|usr|work)/`)

// What is recorded is public: it names nobody, and no machine.
func TestHistoriesNameNobody(t *testing.T) {
	t.Parallel()
	for file, history := range recorded(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			for _, text := range texts(history.ProtoReflect()) {
				require.NotRegexp(t, telling, text)
			}
		})
	}
}

// texts are all strings and payloads of a message.
func texts(message protoreflect.Message) []string {
	var out []string
	add := func(field protoreflect.FieldDescriptor, value protoreflect.Value) {
		switch field.Kind() {
		case protoreflect.StringKind:
			out = append(out, value.String())
		case protoreflect.BytesKind:
			out = append(out, string(value.Bytes()))
		case protoreflect.MessageKind:
			out = append(out, texts(value.Message())...)
		}
	}
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			value.Map().Range(func(key protoreflect.MapKey, v protoreflect.Value) bool {
				add(field.MapKey(), key.Value())
				add(field.MapValue(), v)
				return true
			})
		case field.IsList():
			for i := range value.List().Len() {
				add(field, value.List().Get(i))
			}
		default:
			add(field, value)
		}
		return true
	})
	return out
}
