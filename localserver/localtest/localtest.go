// Package localtest gives tests the real servers they need. A test process starts each server once, when a test first
// asks for it, and shares it among its tests; it ends with the process.
//
// A test whose server this machine does not have is skipped with one line that says so, and fails where CI=true.
package localtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cxloop/cxloop/localserver"
)

const cleanupTimeout = time.Minute // a checkpoint of a busy disk takes long

var (
	postgres = sync.OnceValues(func() (*localserver.Postgres, error) {
		return localserver.StartPostgres(context.Background(), localserver.PostgresOptions{})
	})
	temporal = sync.OnceValues(func() (*localserver.Temporal, error) {
		return localserver.StartTemporal(context.Background(), localserver.TemporalOptions{Headless: true})
	})
	databases atomic.Int64
)

// PostgresForTests returns the URL of an empty PostgreSQL database, which is dropped when the test ends.
func PostgresForTests(t testing.TB) string {
	t.Helper()
	server, err := postgres()
	require(t, err)
	name := fmt.Sprintf("test_%d", databases.Add(1))
	require(t, server.CreateDatabase(t.Context(), name))
	t.Cleanup(func() {
		// Not the test's context: that is over when clean-ups run.
		ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
		defer cancel()
		if err := server.DropDatabase(ctx, name); err != nil {
			t.Errorf("clean up: %v", err)
		}
	})
	return server.URL(name)
}

// TemporalForTests returns a Temporal server in memory, without a UI. Its tests share the namespace, so each wants task
// queues and workflow ids of its own.
func TemporalForTests(t testing.TB) *localserver.Temporal {
	t.Helper()
	server, err := temporal()
	require(t, err)
	return server
}

// require ends the test unless err is nil.
func require(t testing.TB, err error) {
	t.Helper()
	missing := errors.Is(err, localserver.ErrNoPostgres) || errors.Is(err, localserver.ErrNoTemporal)
	switch {
	case err == nil:
	case missing && os.Getenv("CI") != "true":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}
