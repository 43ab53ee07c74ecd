package localserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	postgresUser   = "postgres" // the superuser of a cluster; also the system's user that runs it when root may not
	maintenanceDB  = "postgres"
	connectTimeout = 2 * time.Second
)

// PostgresOptions say what cluster to start. The zero value is one for tests: fast, and lost in a power cut.
type PostgresOptions struct {
	Settings     map[string]string // server parameters on top, such as fsync=on
	LogWriter    io.Writer         // gets the server's output; nil: none
	ReadyTimeout time.Duration     // for creating the cluster and starting it; 0: 30 seconds
}

// Postgres is a running PostgreSQL cluster of its own, in a temporary folder.
type Postgres struct {
	Address string // host:port

	folder  string
	server  func() *exec.Cmd
	log     io.Writer
	process *process
	reaper  *reaper
}

// StartPostgres creates a cluster in a temporary folder, starts it on a free port of 127.0.0.1 and returns when it
// answers. Anybody on this machine may connect, without a password. Its error wraps ErrNoPostgres where PostgreSQL is
// not installed, or repeats the last lines the server said. The cluster runs until Stop, whatever becomes of ctx; when
// this process ends without Stop, server and folder go all the same.
func StartPostgres(ctx context.Context, o PostgresOptions) (*Postgres, error) {
	programs, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	account, err := postgresAccount()
	if err != nil {
		return nil, err
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	if o.ReadyTimeout == 0 {
		o.ReadyTimeout = defaultTimeout
	}
	readyCtx, cancel := context.WithTimeout(ctx, o.ReadyTimeout)
	defer cancel()

	p := &Postgres{Address: net.JoinHostPort(loopback, strconv.Itoa(port))}
	if err := p.start(readyCtx, programs, account, o); err != nil {
		// Not ctx: it may be over, and the child has to go all the same.
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), killGrace)
		defer cancel()
		return nil, errors.Join(err, p.Stop(stopCtx))
	}
	return p, nil
}

func (p *Postgres) start(ctx context.Context, programs string, account *syscall.Credential, o PostgresOptions) (err error) {
	if p.folder, err = os.MkdirTemp("", "cxloop-postgres-"); err != nil {
		return fmt.Errorf("create a folder for PostgreSQL: %w", err)
	}
	if account != nil {
		if err := os.Chown(p.folder, int(account.Uid), int(account.Gid)); err != nil {
			return fmt.Errorf("give PostgreSQL its folder: %w", err)
		}
	}
	if p.reaper, err = startReaper(p.folder); err != nil {
		return err
	}
	command := func(ctx context.Context, name string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, filepath.Join(programs, name), args...)
		cmd.Dir = p.folder
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account}
		return cmd
	}
	initdb := command(ctx, "initdb", "--pgdata", p.folder, "--username", postgresUser, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	if said, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("create a PostgreSQL cluster: %w%s", err, indented(string(said)))
	}
	p.log, p.server = o.LogWriter, func() *exec.Cmd {
		return command(context.WithoutCancel(ctx), "postgres", p.arguments(o.Settings)...)
	}
	return p.serve(ctx)
}

func (p *Postgres) serve(ctx context.Context) (err error) {
	if p.process, err = start(p.server(), "PostgreSQL", syscall.SIGQUIT, p.log); err != nil {
		return err
	}
	return p.process.waitReady(ctx, p.ping)
}

// Crash ends the server at once, as a crash would, starts it on the same data and returns when it answers. What was
// committed is there again if the server was started with synchronous_commit=on. Done and Err are of the new server.
func (p *Postgres) Crash(ctx context.Context) error {
	if err := p.process.stop(ctx, syscall.SIGQUIT); err != nil {
		return err
	}
	return p.serve(ctx)
}

func (p *Postgres) arguments(settings map[string]string) []string {
	ip, port, _ := net.SplitHostPort(p.Address)
	all := map[string]string{
		"listen_addresses":        ip,
		"port":                    port,
		"unix_socket_directories": "", // the default belongs to the system's own cluster
		"max_connections":         "200",
		"fsync":                   "off",
		"synchronous_commit":      "off",
		"full_page_writes":        "off",
		"log_checkpoints":         "off",
	}
	maps.Copy(all, settings)
	args := []string{"-D", p.folder}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}

// URL returns the connection string of a database, which need not exist.
func (p *Postgres) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(postgresUser), Host: p.Address, Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// CreateDatabase creates an empty database.
func (p *Postgres) CreateDatabase(ctx context.Context, name string) error {
	return p.exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
}

// DropDatabase deletes a database and ends the connections to it. One that is not there is no error.
func (p *Postgres) DropDatabase(ctx context.Context, name string) error {
	return p.exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
}

func (p *Postgres) ping(ctx context.Context) error { return p.exec(ctx, "SELECT 1") }

func (p *Postgres) exec(ctx context.Context, statement string) (err error) {
	config, err := pgx.ParseConfig(p.URL(maintenanceDB))
	if err != nil {
		return fmt.Errorf("parse PostgreSQL's address: %w", err)
	}
	config.ConnectTimeout = connectTimeout
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// Stop ends the server, which cuts its connections off, and deletes the folder. It kills the server when ctx ends first,
// which is then an error.
func (p *Postgres) Stop(ctx context.Context) error {
	var err error
	if p.process != nil {
		err = p.process.stop(ctx, syscall.SIGINT)
	}
	if p.folder != "" {
		err = errors.Join(err, os.RemoveAll(p.folder))
	}
	if p.reaper != nil {
		err = errors.Join(err, p.reaper.dismiss())
	}
	return err
}

// Done is closed when the server has ended, by Stop or by itself.
func (p *Postgres) Done() <-chan struct{} { return p.process.done }

// Err says how a server ended that has not been stopped, with its last lines; nil while it runs.
func (p *Postgres) Err() error {
	if !p.process.ended() {
		return nil
	}
	return p.process.failure()
}
