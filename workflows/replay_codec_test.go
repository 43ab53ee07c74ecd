package workflows_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"

	"github.com/cxloop/cxloop/codec"
	"github.com/cxloop/cxloop/workflows"
)

// What is replayed may be encrypted, or have begun before it was.
func TestReplayWithPayloadKeys(t *testing.T) {
	t.Parallel()
	payloads, err := codec.New([]codec.Key{{ID: "k1", Secret: bytes.Repeat([]byte("k"), codec.KeySize)}})
	require.NoError(t, err)
	converters := payloads.Converters()
	for file, plain := range recorded(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			for name, history := range map[string]*historypb.History{"plain": plain, "encrypted": encrypted(t, payloads, plain)} {
				replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
					DataConverter: converters.Data, FailureConverter: converters.Failure,
				})
				require.NoError(t, err)
				workflows.Register(replayer)
				require.NoError(t, replayer.ReplayWorkflowHistory(silent, history), name)
			}
		})
	}
}

// encrypted returns a history as it had been with payload keys.
func encrypted(t *testing.T, c *codec.Codec, plain *historypb.History) *historypb.History {
	t.Helper()
	out := proto.CloneOf(plain)
	err := proxy.VisitPayloads(t.Context(), out, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			return c.Encode(payloads)
		},
	})
	require.NoError(t, err)
	return out
}
