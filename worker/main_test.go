package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
)

// commandEnv makes this test program the cxloop command.
const commandEnv = "CXLOOP_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(commandEnv) != "" {
		main()
	}
	hearHangUp()
	waitTogether()
	os.Exit(m.Run())
}

// waitTogether runs more tests at once than there are processors, unless -parallel says how
// many: most of the time they wait for a clock.
func waitTogether() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
}

// hearHangUp keeps commands from inheriting that nohup, if it runs the tests, has
// SIGHUP ignored.
func hearHangUp() { signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) }

func TestNohup(t *testing.T) { // not parallel: signals are the process's
	require.Contains(t, stopSignals(), syscall.SIGHUP)
	defer hearHangUp()
	signal.Ignore(syscall.SIGHUP)
	require.NotContains(t, stopSignals(), syscall.SIGHUP)
}

// ran is what came of a command.
type ran struct {
	code        int
	out, errOut string
}

// command is the cxloop command in a process of its own, as users run it.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), commandEnv+"=1")
	return cmd
}

// cxloop runs the command to its end.
func cxloop(t *testing.T, args ...string) ran {
	t.Helper()
	cmd := command(t, args...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	if _, failed := errors.AsType[*exec.ExitError](err); !failed {
		require.NoError(t, err)
	}
	return ran{cmd.ProcessState.ExitCode(), out.String(), errOut.String()}
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cxloop.yaml")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	own := writeFile(t, "server: {listen: 127.0.0.1:8080}\n")
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"dev", "--data", filepath.Dir(own), "-c", own}, "cxloop dev would overwrite " + own},
		{[]string{"--colour"}, "unknown flag: --colour (see cxloop --help)"},
		{[]string{"serve", "--rolle", "http"}, "unknown flag: --rolle (see cxloop serve --help)"},
		{[]string{"serve", "--role", "mail"}, `--role "mail": want one of all, http, worker`},
		{[]string{"check", "cxloop.yaml"}, `cxloop check takes no argument "cxloop.yaml"`},
		{[]string{"serv"}, `unknown command "serv"`},
		{[]string{"dev", "--temporal-port", "x"}, `invalid argument "x"`},
		{[]string{"dev", "--listen", "0.0.0.0:8080"}, `--listen "0.0.0.0:8080": want an address of this machine only`},
		{[]string{"dev", "--listen", "127.0.0.1:0"}, `--listen "127.0.0.1:0": want`},
		{[]string{"dev", "--listen", "localhost"}, `--listen "localhost": want`},
		{[]string{"dev", "--sandbox-listen", ":8090"}, `--sandbox-listen ":8090": want`},
		{[]string{"dev", "--sandbox-listen", "shop.example:8090"}, `--sandbox-listen "shop.example:8090": want`},
		{[]string{"dev", "--time-scale", "5000"}, "--time-scale 5000: want 1 to 2880 (a day in 30 seconds)"},
		{[]string{"dev", "--time-scale", "0"}, "--time-scale 0: want"},
		{[]string{"dev", "--time-scale", "NaN"}, "--time-scale NaN: want"},
	} {
		got := cxloop(t, test.args...)
		require.Equal(t, exitUsage, got.code, "%v: %s", test.args, got.errOut)
		require.Contains(t, got.errOut, test.says)
		require.Contains(t, got.errOut, "cxloop: wrong usage")
		require.Empty(t, got.out)
	}
	require.Zero(t, cxloop(t, "--help").code)
}

const validYAML = `server: {public_url: "https://cx.example.com"}
security: {token_key: 0123456789abcdef0123456789abcdef, master_keys: [{id: m, key: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=}]}
crm:
  - {id: shop, type: webhook, secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz}
slack: {bot_token: xoxb-1, signing_secret: abc}
sendgrid: {api_key: SG.1, from: {email: hello@example.com}}
brand: {name: Acme}
routing: {default: C0CX00001}
programs:
  - {id: order-csat, template: csat, trigger: {event: order.delivered}}
`

func TestCheckNamesEveryMistake(t *testing.T) {
	t.Parallel()
	file := writeFile(t, validYAML)
	require.Equal(t, ran{out: file + " is valid: 1 program, 1 CRM\n"}, cxloop(t, "check", "-c", file))

	file = writeFile(t, strings.NewReplacer(
		"https://", "ftp://", "0123456789abcdef0123456789abcdef", "short", "type: webhook", "type: sap",
		"name: Acme", "name: Acme, colour: red", "C0CX00001", "'#cx-cases'",
	).Replace(validYAML))
	got := cxloop(t, "check", "-c", file)
	require.Equal(t, exitUsage, got.code)
	for _, place := range []string{":1:22: ", ":2:23: ", ":4:22: ", ":7:21: ", ":8:20: "} {
		require.Contains(t, got.errOut, file+place)
	}
	require.Equal(t, 5, strings.Count(got.errOut, "\n"), got.errOut)
	require.NotContains(t, got.errOut, "cxloop:", "an editor reads each line")

	got = cxloop(t, "check", "-c", file+".missing")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.errOut, "no such file")
}

func TestSetupAndServe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.startTemporal(t, nil)
	file := writeFile(t, string(w.yaml))
	database := strings.TrimPrefix(w.config.Store.URL.Reveal(), "sqlite:")

	got := cxloop(t, "serve", "-c", file)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.errOut, "run cxloop setup")

	missing := cxloop(t, "setup", "--dry-run", "-c", file)
	require.Zero(t, missing.code, missing.errOut)
	for _, what := range []string{
		"database schema: would create ", "temporal search attributes: would create CxProgram",
		"temporal schedules: would create housekeeping", "crm hubspot properties: would create ",
	} {
		require.Contains(t, missing.out, what)
	}
	require.Equal(t, missing, cxloop(t, "setup", "--dry-run", "-c", file), "a dry run changes nothing")
	require.NoFileExists(t, database)

	done := cxloop(t, "setup", "-c", file)
	require.Zero(t, done.code, done.errOut)
	require.Equal(t, strings.ReplaceAll(missing.out, "would create", "created"), done.out)
	for _, again := range [][]string{{"setup", "-c", file}, {"setup", "--dry-run", "-c", file}} {
		got := cxloop(t, again...)
		require.Zero(t, got.code, got.errOut)
		require.Equal(t, 4, strings.Count(got.out, ": nothing is missing\n"), got.out)
	}

	taken, err := net.Listen("tcp", w.config.Server.Listen)
	require.NoError(t, err)
	defer taken.Close()
	got = cxloop(t, "serve", "-c", file)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.errOut, w.config.Server.Listen+" is in use: stop what listens there, or choose another address with server.listen")
}

func TestSetupGoesOnWithoutTemporal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	got := cxloop(t, "setup", "-c", writeFile(t, string(w.yaml)))
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.errOut, "temporal")
	require.Contains(t, got.out, "database schema: created ")
	require.Contains(t, got.out, "crm hubspot properties: created ")
}

// TestServeFailsBeforeAnythingRuns has no Temporal server, which workers would
// complain about.
func TestServeFailsBeforeAnythingRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	require.NoError(t, w.setup().database(t.Context()))
	a, err := newApp(t.Context(), w.config, w.logger())
	require.NoError(t, err)
	w.config.Security.EventsSecret = config.NewSecret("unreadable")
	require.ErrorContains(t, a.serve(t.Context(), roleAll), "security.events_secret")
	require.Empty(t, w.log.String())
	require.NoError(t, a.close())
}
