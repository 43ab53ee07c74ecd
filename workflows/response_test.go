package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/workflows"
)

// responding is a batch of answers whose two steps answer in turns.
func responding(t *testing.T, record []turn[store.Recorded], follow []turn[struct{}]) *story {
	t.Helper()
	s := tell(t)
	var responses *activities.Responses
	var starts *activities.Starts
	on(s, responses.RecordResponses, record...)
	onCall(s, starts.FollowUps, follow...)
	return s
}

func TestResponse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		record []turn[store.Recorded]
		follow []turn[struct{}]
		want   []string
		ends   time.Duration
		fails  bool
	}{
		{
			name: "nothing follows", record: once(store.Recorded{}), follow: []turn[struct{}]{works()},
			want: []string{"0s RecordResponses b", "0s FollowUps {b {[] 0 []}}"},
		},
		{
			name:   "cases, asks and signals are handed on",
			record: once(store.Recorded{Cases: []string{"c1", "c2"}, Asks: 3, CRMs: []string{"hubspot"}}), follow: []turn[struct{}]{works()},
			want: []string{"0s RecordResponses b", "0s FollowUps {b {[c1 c2] 3 [hubspot]}}"},
		},
		{
			name:   "the database and Temporal are waited for",
			record: []turn[store.Recorded]{fails[store.Recorded](errors.New("locked")), gives(store.Recorded{Asks: 1})},
			follow: []turn[struct{}]{failing(errors.New("unavailable")), works()},
			want: []string{
				"0s RecordResponses b", "200ms RecordResponses b", "200ms FollowUps {b {[] 1 []}}", "400ms FollowUps {b {[] 1 []}}",
			},
			ends: 400 * time.Millisecond,
		},
		{
			name: "recording fails for good", record: []turn[store.Recorded]{fails[store.Recorded](refusedForGood())},
			want: []string{"0s RecordResponses b"}, fails: true,
		},
		{
			name: "handing on fails for good", record: once(store.Recorded{}), follow: []turn[struct{}]{failing(refusedForGood())},
			want: []string{"0s RecordResponses b", "0s FollowUps {b {[] 0 []}}"}, fails: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := responding(t, c.record, c.follow)
			s.reads(workflows.ResponseWorkflow, activities.AnswersRef{Batch: "b"}, c.want...)
			if c.fails {
				require.ErrorContains(t, s.env.GetWorkflowError(), "bad request")
				return
			}
			s.ends(c.ends)
		})
	}
}
