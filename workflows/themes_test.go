package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

// The week that is told of is the one that was begun, however long Slack is away.
func TestThemes(t *testing.T) {
	t.Parallel()
	s := tell(t)
	var themes *activities.Themes
	begins := inTurns(s, once(activities.ThemesWeek{Until: after(0)}))
	s.env.OnActivity(themes.BeginThemes, mock.Anything).Return(
		func(ctx context.Context) (activities.ThemesWeek, error) { return begins(ctx, "") })
	onCall(s, themes.PostThemes, fails[struct{}](rateLimited(time.Hour)), works())
	const week = "{2100-03-01 09:00:00 +0000 UTC}"
	s.reads(workflows.ThemesWorkflow, nil, "0s BeginThemes", "0s PostThemes @cxloop-slack "+week, "1h0m0s PostThemes @cxloop-slack "+week)
	s.ends(time.Hour)
}
