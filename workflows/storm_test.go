package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

func TestStorm(t *testing.T) {
	t.Parallel()
	in := activities.StormRef{Storm: "s1"}
	more, all := gives(activities.StormTold{More: true}), gives(activities.StormTold{})
	const line = " TellStorm @cxloop-slack {s1}"
	for name, test := range map[string]struct {
		tell  []turn[activities.StormTold]
		wakes []time.Duration
		want  []string
	}{
		"all in one go":                  {[]turn[activities.StormTold]{all}, nil, []string{"3s" + line}},
		"until nothing is left":          {[]turn[activities.StormTold]{more, more, all}, nil, []string{"3s" + line, "3s" + line, "3s" + line}},
		"what comes at once is gathered": {[]turn[activities.StormTold]{all}, []time.Duration{time.Second, 2 * time.Second}, []string{"3s" + line}},
		"what comes meanwhile is told after a while": {
			[]turn[activities.StormTold]{{meanwhile: func(s *story) { s.env.SignalWorkflow(workflows.StormChangedSignal, nil) }}, all},
			nil, []string{"3s" + line, "6s" + line},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t)
			var slack *activities.Slack
			on(s, slack.TellStorm, test.tell...)
			for _, elapsed := range test.wakes {
				s.at(elapsed, func() { s.env.SignalWorkflow(workflows.StormChangedSignal, nil) })
			}
			s.env.ExecuteWorkflow(workflows.StormWorkflow, in)
			require.NoError(t, s.env.GetWorkflowError())
			require.Equal(t, test.want, s.lines)
		})
	}
}
