// Package histories keeps what running workflows did, so that every later change to
// a workflow can be replayed against it.
package histories

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxEvents bounds a history that is kept: a longer one takes no other path.
const maxEvents = 150

// Record saves the histories of a namespace's workflows in a folder, one for each
// path through a workflow that the folder does not have yet, as
// <workflow type>-<number>.json. They name no machine. It returns the names of the
// files that it wrote.
func Record(ctx context.Context, c client.Client, namespace, folder string) ([]string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	kept, err := Load(folder)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, history := range kept {
		known = append(known, Shape(history))
	}
	found, err := fetchAll(ctx, c, namespace)
	if err != nil {
		return nil, err
	}
	var written []string
	for _, history := range found {
		shape := Shape(history)
		if len(history.Events) > maxEvents || covered(shape, known) {
			continue
		}
		known = append(known, shape)
		name, err := save(folder, history)
		if err != nil {
			return written, err
		}
		written = append(written, name)
	}
	return written, nil
}

// covered reports whether a path is one of those known, or the beginning of one.
func covered(shape string, known []string) bool {
	return slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k+" ", shape+" ") })
}

// Load reads every history of a folder, by file name.
func Load(folder string) (map[string]*historypb.History, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	out := make(map[string]*historypb.History, len(files))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		history, err := client.HistoryFromJSON(bytes.NewReader(content), client.HistoryJSONOptions{})
		if err == nil && len(history.Events) == 0 {
			err = errors.New("no events")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out[filepath.Base(file)] = history
	}
	return out, nil
}

// WorkflowType is the type of the workflow that a history is of.
func WorkflowType(history *historypb.History) string {
	return history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName()
}

// Shape is the path that a workflow took: its steps in order, without the data,
// without what the server adds, and without signals, which show in the steps that
// follow them. A step that is repeated counts once.
func Shape(history *historypb.History) string {
	steps := []string{WorkflowType(history)}
	for _, event := range history.GetEvents() {
		if step := stepOf(event); step != "" && step != steps[len(steps)-1] {
			steps = append(steps, step)
		}
	}
	return strings.Join(steps, " ")
}

func stepOf(event *historypb.HistoryEvent) string {
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		return event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()
	case enumspb.EVENT_TYPE_MARKER_RECORDED:
		return localActivity(event)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED,
		enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED,
		enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, enumspb.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
		return ""
	}
	return event.GetEventType().String()
}

// localActivity is the type of a local activity, which the SDK keeps in a marker.
func localActivity(event *historypb.HistoryEvent) string {
	marker := event.GetMarkerRecordedEventAttributes()
	var data struct{ ActivityType string }
	for _, payload := range marker.GetDetails()["data"].GetPayloads() {
		if json.Unmarshal(payload.GetData(), &data) == nil && data.ActivityType != "" {
			return data.ActivityType
		}
	}
	return marker.GetMarkerName()
}

// fetchAll returns the histories of a namespace, the longest first.
func fetchAll(ctx context.Context, c client.Client, namespace string) ([]*historypb.History, error) {
	var out []*historypb.History
	var next []byte
	for {
		page, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: namespace, NextPageToken: next})
		if err != nil {
			return nil, fmt.Errorf("list workflows: %w", err)
		}
		for _, found := range page.GetExecutions() {
			history, err := fetch(ctx, c, found.GetExecution().GetWorkflowId(), found.GetExecution().GetRunId())
			if err != nil {
				return nil, err
			}
			out = append(out, history)
		}
		if next = page.GetNextPageToken(); len(next) == 0 {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b *historypb.History) int { return len(b.Events) - len(a.Events) })
	return out, nil
}

func fetch(ctx context.Context, c client.Client, id, run string) (*historypb.History, error) {
	history := &historypb.History{}
	events := c.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, fmt.Errorf("history of %s: %w", id, err)
		}
		history.Events = append(history.Events, event)
	}
	return history, nil
}

// save writes a history under the next free number of its type.
func save(folder string, history *historypb.History) (name string, err error) {
	anonymise(history.ProtoReflect())
	content, err := protojson.Marshal(history)
	if err != nil {
		return "", err
	}
	var pretty bytes.Buffer // protojson varies its spaces
	if err := json.Indent(&pretty, content, "", " "); err != nil {
		return "", err
	}
	pretty.WriteByte('\n')
	for n := 1; ; n++ {
		name = fmt.Sprintf("%s-%d.json", WorkflowType(history), n)
		file, err := os.OpenFile(filepath.Join(folder, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			return "", err
		}
		if _, err := file.Write(pretty.Bytes()); err != nil {
			return "", err
		}
		return name, file.Close()
	}
}
