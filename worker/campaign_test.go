package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// TestCampaignCommands has no worker: what the commands themselves do.
func TestCampaignCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().database(t.Context()))
	file := writeFile(t, string(w.yaml))
	says := func(code int, want string, args ...string) ran {
		t.Helper()
		got := cxloop(t, append([]string{"campaign", "-c", file}, args...)...)
		require.Equal(t, code, got.code, "%v: %s", args, got.errOut)
		require.Contains(t, got.out+got.errOut, want, args)
		return got
	}
	says(0, "There was no campaign yet.", "list")
	says(exitUsage, "unknown command", "stop")
	says(exitUsage, "takes one program", "start")
	says(exitUsage, "takes at most one program", "list", "a", "b")
	says(exitFailed, "no program nps is configured", "start", "nps")
	says(exitFailed, "is transactional: only relational programs have campaigns", "pause", "ticket-csat")
	says(exitFailed, "no campaign under way", "cancel", "relationship")
	says(exitFailed, "run cxloop setup", "start", "relationship")
	require.NoError(t, w.setup().outside(t.Context()))
	says(0, "It begins", "start", "relationship")

	db, err := openStore(w.config)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	began := time.Now().Truncate(time.Second)
	id := survey.CampaignID("relationship", "0123456789ab", "then")
	_, err = db.BeginCampaign(t.Context(), store.Campaign{ID: id, Program: "relationship", Version: "0123456789ab", StartedAt: began})
	require.NoError(t, err)
	says(exitFailed, "under way since", "start", "relationship")
	require.Regexp(t, `relationship +20\d\d-.* reading +0 +0 +0 +none +`+id, says(0, id, "list").out)

	says(0, "nobody more is asked", "pause", "relationship")
	says(0, "reading, paused", "list", "relationship")
	require.Contains(t, cxloop(t, "pause", "-c", file, "list").out, "an operator paused it")
	says(0, "It mails again", "resume", "relationship")
	says(exitFailed, "cxloop pause list shows", "resume", "relationship")

	c, err := temporalClient(w.config, w.logger())
	require.NoError(t, err)
	defer c.Close()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.CampaignWorkflowID("relationship", "then"), TaskQueue: workflows.QueueMain,
	}, workflows.CampaignWorkflow, activities.CampaignInput{Program: "relationship"})
	require.NoError(t, err)
	says(0, "It is cancelled", "cancel", "relationship")
	var shown shownCampaign
	require.NoError(t, json.Unmarshal([]byte(says(0, "", "list", "--json", "relationship").out), &shown))
	require.Equal(t, survey.CampaignCancelled, shown.State)
	require.True(t, began.Equal(shown.StartedAt))
	require.False(t, shown.EndedAt.IsZero())
	events := c.GetWorkflowHistory(t.Context(), run.GetID(), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	signalled := false
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		signalled = signalled || event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == workflows.CampaignChangedSignal
	}
	require.True(t, signalled, "nobody woke the workflow")
}
