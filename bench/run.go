package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/localserver"
	"github.com/cxloop/cxloop/workflows"
)

// parts are measured one after the other, each on servers of its own. Each is told
// the figures of those before.
var parts = []part{
	{name: "loop", measure: (*run).loopFigures},
	{name: "cases", measure: (*run).caseFigures},
	{name: "outage", measure: (*run).outageFigures},
	{name: "wave", measure: (*run).waveFigures},
	{name: "scores", measure: (*run).scoreFigures, noTemporal: true},
	{name: "model", measure: (*run).modelFigures, noServers: true},
	{name: "churn", measure: (*run).churnFigures, noServers: true},
	{name: "text", measure: (*run).textFigures, noServers: true},
}

type part struct {
	name    string
	measure func(*run, context.Context, []Figure) ([]Figure, error)
	// noServers: it computes, and needs neither Temporal nor a database. noTemporal: it needs
	// a database alone.
	noServers, noTemporal bool
}

// Parts returns what Options.Only may name.
func Parts() (names []string) {
	for _, part := range parts {
		names = append(names, part.name)
	}
	return names
}

// Run measures. It starts servers of its own, Temporal's on an SQLite file, and
// keeps everything in folders that it deletes.
func Run(ctx context.Context, o Options) ([]Figure, error) {
	if err := canMeasure(); err != nil {
		return nil, err
	}
	var figures []Figure
	for _, part := range parts {
		if o.Only != "" && o.Only != part.name {
			continue
		}
		r, err := newRun(ctx, o, part)
		if err != nil {
			return nil, err
		}
		more, err := part.measure(r, ctx, figures)
		if err = errors.Join(err, r.close(ctx)); err != nil {
			return nil, err
		}
		figures = append(figures, more...)
	}
	return figures, nil
}

// run is the measurement of one part under way.
type run struct {
	Options
	folder   string
	temporal localserver.TemporalOptions
	server   *localserver.Temporal
	postgres *localserver.Postgres // nil on SQLite
	client   client.Client
}

func newRun(ctx context.Context, o Options, p part) (_ *run, err error) {
	r := &run{Options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close(ctx))
		}
	}()
	if r.folder, err = os.MkdirTemp("", "cxloop-bench-"); err != nil {
		return nil, err
	}
	if p.noServers {
		return r, nil
	}
	if o.Store == Postgres {
		if err := r.startPostgres(ctx); err != nil {
			return nil, err
		}
	}
	if p.noTemporal {
		return r, nil
	}
	port, err := localserver.FreePort() // the same when it is started again
	if err != nil {
		return nil, err
	}
	r.temporal = localserver.TemporalOptions{
		Port: port, DBFile: filepath.Join(r.folder, "temporal.db"), Headless: true, SearchAttributes: map[string]string{},
	}
	for name, kind := range workflows.SearchAttributes {
		r.temporal.SearchAttributes[name] = kind.String()
	}
	if err := r.startTemporal(ctx); err != nil {
		return nil, err
	}
	r.client, err = client.NewLazyClient(client.Options{HostPort: r.server.Address, Namespace: r.server.Namespace, Logger: noLog{}})
	return r, err
}

// The databases.
const (
	database = "cxloop"
	keystore = "cxloop_keys"
)

// startPostgres starts a cluster that keeps what it was given, as in production.
func (r *run) startPostgres(ctx context.Context) (err error) {
	durable := map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
	if r.postgres, err = localserver.StartPostgres(ctx, localserver.PostgresOptions{Settings: durable}); err != nil {
		return err
	}
	return errors.Join(r.postgres.CreateDatabase(ctx, database), r.postgres.CreateDatabase(ctx, keystore))
}

func (r *run) databaseURL(name string) string {
	if r.postgres != nil {
		return r.postgres.URL(name)
	}
	return "sqlite:" + filepath.Join(r.folder, name+".db")
}

func (r *run) startTemporal(ctx context.Context) error {
	server, err := localserver.StartTemporal(ctx, r.temporal)
	if err != nil {
		return err
	}
	r.server = server
	return nil
}

func (r *run) killTemporal() error {
	if err := syscall.Kill(r.server.PID, syscall.SIGKILL); err != nil {
		return err
	}
	<-r.server.Done()
	return nil
}

func (r *run) say(format string, args ...any) { fmt.Fprintf(r.Progress, format+"\n", args...) }

// close ends everything that was started.
func (r *run) close(ctx context.Context) (err error) {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if r.client != nil {
		r.client.Close()
	}
	if r.server != nil {
		err = r.server.Stop(ending)
	}
	if r.postgres != nil {
		err = errors.Join(err, r.postgres.Stop(ending))
	}
	return errors.Join(err, os.RemoveAll(r.folder))
}
