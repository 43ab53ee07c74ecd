package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// testOptions are those of a server on free ports, with a namespace of its own.
func testOptions(t *testing.T, dbFilename string) options {
	t.Helper()
	port, err := internalPort(nil, 0)
	require.NoError(t, err)
	uiPort, err := internalPort(nil, port)
	require.NoError(t, err)
	raw := rawOptions{
		ip: "127.0.0.1", port: port, uiPort: uiPort, logLevel: "error", logFormat: "text",
		namespaces: []string{"cxloop"}, searchAttributes: []string{"Program=Keyword"}, dbFilename: dbFilename,
	}
	opts, err := raw.parse()
	require.NoError(t, err)
	return opts
}

// run starts a server, hands it to use, and stops it.
func run(t *testing.T, opts options, use func(conn *grpc.ClientConn)) {
	t.Helper()
	srv, err := startServer(t.Context(), opts)
	require.NoError(t, err)
	conn, err := grpc.NewClient(opts.address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	use(conn)
	require.NoError(t, conn.Close())
	require.NoError(t, srv.stop())
}

func attributesOf(t *testing.T, conn *grpc.ClientConn, namespace string) map[string]enumspb.IndexedValueType {
	t.Helper()
	got, err := operatorservice.NewOperatorServiceClient(conn).ListSearchAttributes(t.Context(),
		&operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	require.NoError(t, err)
	return got.GetCustomAttributes()
}

func startWorkflow(t *testing.T, conn *grpc.ClientConn, id string) {
	t.Helper()
	_, err := workflowservice.NewWorkflowServiceClient(conn).StartWorkflowExecution(t.Context(), startRequest(id))
	require.NoError(t, err)
}

func TestMemoryServerAnswersWithUI(t *testing.T) {
	t.Parallel()
	opts := testOptions(t, "")
	opts.uiCodecEndpoint = "http://127.0.0.1:1/codec"
	run(t, opts, func(conn *grpc.ClientConn) {
		for _, namespace := range []string{"default", "cxloop"} {
			require.Equal(t, enumspb.INDEXED_VALUE_TYPE_KEYWORD, attributesOf(t, conn, namespace)["Program"], namespace)
		}
		startWorkflow(t, conn, "one")
		require.Eventually(t, func() bool {
			response, err := http.Get("http://" + opts.uiAddress() + "/api/v1/namespaces/cxloop/workflows/one")
			if err != nil {
				return false
			}
			defer func() { _ = response.Body.Close() }()
			return response.StatusCode == http.StatusOK
		}, 10*time.Second, 50*time.Millisecond)

		response, err := http.Get("http://" + opts.uiAddress() + "/api/v1/settings")
		require.NoError(t, err)
		defer func() { _ = response.Body.Close() }()
		settings, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Contains(t, string(settings), `"Endpoint":"http://127.0.0.1:1/codec"`)

		second := opts
		second.uiPort++
		_, err = startServer(t.Context(), second)
		require.EqualError(t, err, fmt.Sprintf("port %d on 127.0.0.1 is in use (choose another with --port)", opts.port))
	})
}

func TestFileIsReopenedAndCompleted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal.db")
	opts := testOptions(t, file)
	run(t, opts, func(conn *grpc.ClientConn) {
		startWorkflow(t, conn, "kept")
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := openDatabase(stopped, opts)
		require.ErrorContains(t, err, "database file "+file+" is in use by another server")
	})

	later := testOptions(t, file)
	later.namespaces = append(later.namespaces, "second")
	later.searchAttributes["Opened"] = enumspb.INDEXED_VALUE_TYPE_DATETIME
	run(t, later, func(conn *grpc.ClientConn) {
		_, err := workflowservice.NewWorkflowServiceClient(conn).StartWorkflowExecution(t.Context(), startRequest("kept"))
		require.ErrorContains(t, err, "already")
		for _, namespace := range []string{"default", "cxloop", "second"} {
			require.Subset(t, attributesOf(t, conn, namespace), map[string]enumspb.IndexedValueType{
				"Program": enumspb.INDEXED_VALUE_TYPE_KEYWORD, "Opened": enumspb.INDEXED_VALUE_TYPE_DATETIME,
			}, namespace)
		}
	})

	changed := testOptions(t, file)
	changed.searchAttributes["Program"] = enumspb.INDEXED_VALUE_TYPE_INT
	_, err := openDatabase(t.Context(), changed)
	require.ErrorContains(t, err, "search attribute Program is already there as Keyword, not Int")
}

// TestLockIsWaitedFor shows that a server starts while the one before it is still stopping.
func TestLockIsWaitedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		require.NoError(t, err)
		t.Cleanup(func() { _ = file.Close() })
		return file
	}
	synctest.Test(t, func(t *testing.T) {
		before, next := open(), open()
		require.NoError(t, waitForLock(t.Context(), before))
		began := time.Now()
		require.ErrorIs(t, waitForLock(t.Context(), next), syscall.EWOULDBLOCK)
		require.Equal(t, lockWait, time.Since(began))

		time.AfterFunc(lockWait/2, func() { _ = before.Close() })
		require.NoError(t, waitForLock(t.Context(), next))
	})
}

func TestUnusableFileIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, file string)
		want  string
	}{
		"not a database": {func(t *testing.T, file string) {
			require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("no"), 4000), 0o600))
		}, "file is not a database"},
		"truncated": {func(t *testing.T, file string) {
			require.NoError(t, createFile(file))
			require.NoError(t, os.Truncate(file, 20000))
		}, "delete it to start anew"},
		"older tables": {func(t *testing.T, file string) {
			require.NoError(t, createFile(file))
			db, err := sql.Open("sqlite", file)
			require.NoError(t, err)
			_, err = db.ExecContext(t.Context(), "DROP TABLE tasks_v2")
			require.NoError(t, err)
			require.NoError(t, db.Close())
		}, "made by another version of the server (tasks_v2 differs)"},
		"a folder": {func(t *testing.T, file string) {
			require.NoError(t, os.Mkdir(file, 0o700))
		}, "is not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "temporal.db")
			tc.spoil(t, file)
			before, _ := os.ReadFile(file)
			_, err := openDatabase(t.Context(), testOptions(t, file))
			require.ErrorContains(t, err, file)
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "\n")
			after, _ := os.ReadFile(file)
			require.True(t, bytes.Equal(before, after), "the file was changed")
		})
	}
}

func TestServeStopsWithItsContext(t *testing.T) {
	t.Parallel()
	opts := testOptions(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, opts, &bytes.Buffer{}) }()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", opts.uiAddress())
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, 20*time.Second, 20*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	require.NoError(t, checkFree("--port", opts.ip, opts.port))
	require.NoError(t, checkFree("--ui-port", opts.ip, opts.uiPort))
}

func startRequest(id string) *workflowservice.StartWorkflowExecutionRequest {
	return &workflowservice.StartWorkflowExecutionRequest{
		Namespace:             "cxloop",
		WorkflowId:            id,
		WorkflowType:          &commonpb.WorkflowType{Name: "Any"},
		TaskQueue:             &taskqueuepb.TaskQueue{Name: "nobody"},
		RequestId:             uuid.NewString(),
		WorkflowIdReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
	}
}
