package workflows_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/workflows"
)

// away is how long the database is away in these tests: longer than any time-out,
// 200 ms doubled with each of nine tries.
const away = 102200 * time.Millisecond

// outlasting are turns that fail until the database is there again.
func outlasting[Out any](turns ...turn[Out]) []turn[Out] {
	return append(slices.Repeat([]turn[Out]{fails[Out](errors.New("connection refused"))}, 9), turns...)
}

// Every step that touches the database alone waits for it, however long it takes.
func TestWorkflowsOutlastTheDatabase(t *testing.T) {
	t.Parallel()
	answers := activities.AnswersRef{Batch: "b"}
	for name, c := range map[string]struct {
		story    func(*testing.T) *story
		workflow any
		in       any
	}{
		"PrepareInvitations": {
			inviting{prepare: outlasting(gives(activities.Prepared{})), admit: admits()}.tell, workflows.InviteWorkflow, batch,
		},
		"AdmitInvitations": {inviting{admit: outlasting(admits()...)}.tell, workflows.InviteWorkflow, batch},
		"CountUnanswered": {
			inviting{admit: admits(group(0)), send: []turn[activities.Sent]{sentAndRemind(0, 0)}, unanswered: outlasting(gives(0))}.tell,
			workflows.InviteWorkflow, batch,
		},
		"RecordResponses": {
			func(t *testing.T) *story {
				return responding(t, outlasting(gives(store.Recorded{})), []turn[struct{}]{works()})
			},
			workflows.ResponseWorkflow, answers,
		},
		"FollowUps": {
			func(t *testing.T) *story { return responding(t, once(store.Recorded{}), outlasting(works())) },
			workflows.ResponseWorkflow, answers,
		},
		"AdvanceCase": {
			following{advance: outlasting(ended(false)), tellCRM: []turn[struct{}]{works()}}.tell, workflows.CaseWorkflow, unhappy,
		},
		"WakeSync": {
			following{advance: []turn[activities.Advanced]{ended(false)}, tellCRM: outlasting(works())}.tell, workflows.CaseWorkflow, unhappy,
		},
		"PlanAsks": {
			func(t *testing.T) *story {
				return asking(t, outlasting(gives(activities.PlannedAsks{})), nil, nil, nil)
			}, workflows.AskWorkflow, answers,
		},
		"AdmitAsks": {
			func(t *testing.T) *story {
				return asking(t, once(activities.PlannedAsks{Asks: 1, At: began}), nil, outlasting(gives(0)), nil)
			}, workflows.AskWorkflow, answers,
		},
		"KeepHouse": {
			func(t *testing.T) *story {
				return housekeeping(t, outlasting(gives(activities.Tidied{})), once(activities.Woken{}))
			}, workflows.HousekeepingWorkflow, nil,
		},
		"WakeStalled": {
			func(t *testing.T) *story {
				return housekeeping(t, once(activities.Tidied{}), outlasting(gives(activities.Woken{})))
			}, workflows.HousekeepingWorkflow, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.story(t)
			if c.in == nil {
				s.env.ExecuteWorkflow(c.workflow)
			} else {
				s.env.ExecuteWorkflow(c.workflow, c.in)
			}
			s.ends(away)
			tries := slices.DeleteFunc(s.lines, func(line string) bool { return !strings.Contains(line, " "+name) })
			require.Len(t, tries, 10)
		})
	}
}
