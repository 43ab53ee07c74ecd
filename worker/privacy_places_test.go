package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/cxloop/cxloop/config"
)

// scanTemporal looks through everything that Temporal keeps, as its server tells it
// and as it lies in its database.
func (s *scanner) scanTemporal(t *testing.T, w *world) {
	t.Helper()
	s.area = "Temporal: histories, descriptions, database, file"
	c := w.dial(t)
	defer c.Close()
	decoder := converter.GetDefaultDataConverter()
	for _, id := range s.scanWorkflows(t, c, decoder) {
		s.scan("workflow id "+id, []byte(id))
	}
	service := c.WorkflowService()
	schedules, err := service.ListSchedules(t.Context(), &workflowservice.ListSchedulesRequest{Namespace: w.config.Temporal.Namespace})
	require.NoError(t, err)
	s.scanMessage(t, "schedules", schedules, decoder)
	s.scanDatabase(t, "Temporal's database", "file:"+w.temporalFile+"?mode=ro&_pragma=busy_timeout(5000)")
	s.scanFiles(t, "Temporal's file", w.temporalFile)
}

// scanStore looks through the databases of store and keystore, as their values are and
// as they lie in their files.
func (s *scanner) scanStore(t *testing.T, w *world) {
	t.Helper()
	s.area = "store and keystore: values, files"
	for name, url := range map[string]config.Secret{"the store": w.config.Store.URL, "the keystore": w.config.Store.KeysURL} {
		file := strings.TrimPrefix(url.Reveal(), "sqlite:")
		s.scanDatabase(t, name, "file:"+file+"?mode=ro&_pragma=busy_timeout(5000)")
		s.scanFiles(t, name+"'s file", file)
	}
}

// scanTraces looks through what an OpenTelemetry collector was sent.
func (s *scanner) scanTraces(t *testing.T, c *collector) {
	t.Helper()
	s.area = "traces"
	all := c.Raw()
	require.NotEmpty(t, all)
	for _, body := range all {
		s.scan("traces", body)
	}
}

// dial connects to Temporal without any encryption.
func (w *world) dial(t *testing.T) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{
		HostPort: w.config.Temporal.Address, Namespace: w.config.Temporal.Namespace, Logger: log.NewStructuredLogger(w.logger()),
	})
	require.NoError(t, err)
	return c
}

// scanWorkflows looks through the workflows, with their memos, search attributes,
// pending activities and histories, and returns their ids.
func (s *scanner) scanWorkflows(t *testing.T, c client.Client, decoder converter.DataConverter) (ids []string) {
	t.Helper()
	var next []byte
	for {
		page, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{NextPageToken: next})
		require.NoError(t, err)
		for _, found := range page.GetExecutions() {
			id, run := found.GetExecution().GetWorkflowId(), found.GetExecution().GetRunId()
			ids = append(ids, id)
			s.scanMessage(t, "list of workflows, "+id, found, decoder)
			described, err := c.DescribeWorkflowExecution(t.Context(), id, run)
			require.NoError(t, err)
			s.scanMessage(t, "description of "+id, described, decoder)
			events := c.GetWorkflowHistory(t.Context(), id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			for events.HasNext() {
				event, err := events.Next()
				require.NoError(t, err)
				s.scanMessage(t, fmt.Sprintf("history of %s, event %d, %s", id, event.GetEventId(), event.GetEventType()), event, decoder)
			}
		}
		if next = page.GetNextPageToken(); len(next) == 0 {
			return ids
		}
	}
}

// scanMessage looks through a message as JSON, in which bytes are base64, and through
// its payloads as the workflow gets them.
func (s *scanner) scanMessage(t *testing.T, place string, message proto.Message, decoder converter.DataConverter) {
	t.Helper()
	text, err := protojson.Marshal(message)
	require.NoError(t, err)
	s.scan(place, text)
	err = proxy.VisitPayloads(t.Context(), proto.Clone(message), proxy.VisitPayloadsOptions{
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, payload := range payloads {
				s.scan(place, payload.GetData())
				s.scan(place+", decoded", []byte(decoder.ToString(payload)))
			}
			return payloads, nil
		},
	})
	require.NoError(t, err)
}

// scanDatabase looks through every value of an SQLite database.
func (s *scanner) scanDatabase(t *testing.T, name, source string) {
	t.Helper()
	db, err := sql.Open("sqlite", source)
	require.NoError(t, err)
	defer db.Close()
	tables := columns(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`)
	require.NotEmpty(t, tables)
	for _, table := range tables {
		for _, column := range columns(t, db, fmt.Sprintf(`SELECT name FROM pragma_table_info('%s')`, table)) {
			place := fmt.Sprintf("%s, %s.%s", name, table, column)
			query := fmt.Sprintf(`SELECT CAST("%s" AS BLOB) FROM "%s" WHERE "%[1]s" IS NOT NULL`, column, table)
			for _, value := range columns(t, db, query) {
				s.scan(place, []byte(value))
			}
		}
	}
}

// columns returns the values of a query's only column.
func columns(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err, query)
	defer rows.Close()
	for rows.Next() {
		var value string
		require.NoError(t, rows.Scan(&value))
		out = append(out, value)
	}
	require.NoError(t, rows.Err())
	return out
}

// scanFiles looks through a database's files as they are, with what was deleted and
// what lies in the log.
func (s *scanner) scanFiles(t *testing.T, name, file string) {
	t.Helper()
	files, err := filepath.Glob(file + "*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, one := range files {
		content, err := os.ReadFile(one)
		require.NoError(t, err)
		s.scan(name+" "+strings.TrimPrefix(filepath.Base(one), filepath.Base(file)), content)
	}
}

// scanLogs looks through what the whole process says at debug level, and Temporal's
// server.
func (s *scanner) scanLogs(w *world) {
	s.area = "logs"
	s.scanLines("log", w.log.String())
	for line := range strings.Lines(w.others.String()) {
		if !strings.Contains(line, "sandbox refused a request") { // a vendor's own log
			s.scanLines("log of the servers", line)
		}
	}
}

// scanRequests looks through the lines of requests: those that cxloop made to
// vendors, and the addresses that it gave to people.
func (s *scanner) scanRequests(t *testing.T, w *world) {
	t.Helper()
	s.area = "lines of requests, addresses"
	all := w.calls.to("")
	require.NotEmpty(t, all)
	for _, c := range all {
		line := c.method + " " + c.path + "?" + c.query
		s.scan("request line "+line, []byte(line))
	}
	addresses := w.addresses()
	require.NotEmpty(t, addresses)
	for _, address := range addresses {
		s.scan("address "+address, []byte(address))
	}
}

// leaked returns a line for each leak.
func (s *scanner) leaked() []string {
	lines := make([]string, len(s.leaks))
	for i, l := range s.leaks {
		lines[i] = l.String()
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// quoted is a text as a JSON string.
func quoted(t *testing.T, text string) string {
	t.Helper()
	out, err := json.Marshal(text)
	require.NoError(t, err)
	return string(out)
}

// readAgain reads an answer and leaves it to be read.
func readAgain(resp *http.Response) (string, error) {
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return string(body), err
}
