package main

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/localserver"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// devOptions are the flags of cxloop dev.
type devOptions struct {
	listen, sandboxListen        string
	smtpListen                   string // "" for SendGrid's stand-in
	socketMode                   bool
	temporalPort, temporalUIPort int
	config                       string // "" for the playground's own
	data                         string
	timeScale                    float64
	verbose                      bool
}

func devCommand() *cobra.Command {
	var o devOptions
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run everything on this machine: Temporal, database, worker, HTTP, and stand-ins for the vendors",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return fmt.Errorf("%w: %w", errUsage, err)
			}
			return runDev(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.config, "config", "c", "", "a configuration of your own, for its programs and rules: where it runs, its secrets and how vendors are reached are left out")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address of cxloop itself")
	flags.StringVar(&o.sandboxListen, "sandbox-listen", "127.0.0.1:8090", "address of the playground and the vendors' stand-ins")
	flags.StringVar(&o.smtpListen, "smtp-listen", "", "address of a stand-in for a mail server, for example 127.0.0.1:2525: mails go there by SMTP, and not to SendGrid's stand-in")
	flags.BoolVar(&o.socketMode, "socket-mode", false, "hear what people do in Slack over Socket Mode, and not by HTTP")
	flags.IntVar(&o.temporalPort, "temporal-port", 7233, "port of the Temporal server")
	flags.IntVar(&o.temporalUIPort, "temporal-ui-port", 8233, "port of Temporal's web UI")
	flags.StringVar(&o.data, "data", ".cxloop", "folder in which everything is kept")
	flags.Float64Var(&o.timeScale, "time-scale", config.DevTimeScale, "how many seconds of delays and rules pass in one")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "log what happens")
	return cmd
}

// check names the flag that is wrong.
func (o devOptions) check() error {
	if err := checkLoopback("--listen", o.listen); err != nil {
		return err
	}
	if err := checkLoopback("--sandbox-listen", o.sandboxListen); err != nil {
		return err
	}
	if o.smtpListen != "" {
		if err := checkLoopback("--smtp-listen", o.smtpListen); err != nil {
			return err
		}
	}
	if err := o.checkData(); err != nil {
		return err
	}
	if !(o.timeScale >= 1 && o.timeScale <= survey.MaxTimeScale) { // NaN compares with nothing
		return fmt.Errorf("--time-scale %g: want 1 to %d (a day in 30 seconds)", o.timeScale, survey.MaxTimeScale)
	}
	return nil
}

// checkLoopback refuses what other machines reach, since the playground has no
// sign-in, and a port that is not known before links to it are mailed.
func checkLoopback(flag, address string) error {
	host, port, _ := net.SplitHostPort(address)
	ip, _ := netip.ParseAddr(host)
	if n, _ := strconv.ParseUint(port, 10, 16); n == 0 || host != "localhost" && !ip.IsLoopback() {
		return fmt.Errorf("%s %q: want an address of this machine only and a port, for example 127.0.0.1:8080", flag, address)
	}
	return nil
}

// devStopTimeout is how long the children may take to stop.
const devStopTimeout = 15 * time.Second

func runDev(ctx context.Context, o devOptions, out io.Writer) (err error) {
	began := time.Now()
	own, err := o.ownConfig()
	if err != nil {
		return err
	}
	files, err := openDevFiles(o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.close()) }()
	// The ports before anything is started: a clear message, and nothing to undo.
	vendors, err := listen(o.sandboxListen, "--sandbox-listen")
	if err != nil {
		return err
	}
	defer vendors.Close()
	if err := checkAddress(o.listen, "--listen"); err != nil {
		return err
	}
	mails, err := listenSMTP(o.smtpListen)
	if err != nil {
		return err
	}
	if mails != nil {
		defer mails.Close()
	}
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelInfo
	}
	d := dev{options: o, own: own, files: files, log: newLog(level), vendors: vendors, mails: mails, out: out}

	fmt.Fprintln(out, "Starting the Temporal server …")
	if err := d.startTemporal(ctx); err != nil {
		return unlessStopped(ctx, err)
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), devStopTimeout)
		defer cancel()
		err = errors.Join(err, d.temporal.Stop(ending))
	}()
	if err := d.prepare(ctx); err != nil {
		return unlessStopped(ctx, err)
	}
	err = d.run(ctx, began)
	if err == nil {
		fmt.Fprintf(out, "\nStopped. Everything is kept in %s; the next start goes on from there.\n", o.data)
	}
	return err
}

// unlessStopped leaves out what failed at the start because somebody stopped it.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// dev is a running development environment.
type dev struct {
	options  devOptions
	own      []byte // the configuration of one's own, nil for the playground's
	files    *devFiles
	log      *slog.Logger
	out      io.Writer
	vendors  net.Listener
	mails    net.Listener // nil without a stand-in for a mail server
	temporal *localserver.Temporal
	config   *config.Config
	sandbox  *sandbox.Sandbox
	// eventsKey signs the events of the stand-in for SendGrid.
	eventsKey *ecdsa.PrivateKey
}

func (d *dev) startTemporal(ctx context.Context) (err error) {
	attributes := make(map[string]string, len(workflows.SearchAttributes))
	for name, kind := range workflows.SearchAttributes {
		attributes[name] = kind.String()
	}
	d.temporal, err = localserver.StartTemporal(ctx, localserver.TemporalOptions{
		Port: d.options.temporalPort, UIPort: d.options.temporalUIPort, DBFile: d.files.path("temporal.db"),
		UICodecEndpoint:  "http://" + d.options.listen + "/codec",
		SearchAttributes: attributes, LogWriter: d.files.log,
	})
	return err
}

// prepare makes the configuration, brings the database up to date and starts the
// vendors' stand-ins on the port that is already listened on.
func (d *dev) prepare(ctx context.Context) (err error) {
	if err := d.configure(); err != nil {
		return err
	}
	if err := d.files.keepSecrets(d.config); err != nil {
		return err
	}
	database := setup{config: d.config, out: io.Discard, log: d.log}
	if err := database.database(ctx); err != nil {
		return fmt.Errorf("%s: %w", d.files.path("cxloop.db"), err)
	}
	d.sandbox, err = sandbox.New(d.sandboxOptions())
	if err != nil {
		return err
	}
	d.sandbox.SeedDemo()
	d.addChannels()
	return nil
}

func (d *dev) sandboxOptions() sandbox.Options {
	crm := d.hubSpot()
	return sandbox.Options{
		PublicURL: "http://" + d.vendors.Addr().String(),
		StateFile: d.files.path("sandbox.json"),
		Logger:    d.log,
		HubSpot: sandbox.HubSpotOptions{
			Token: crm.Token.Reveal(), ClientSecret: crm.ClientSecret.Reveal(),
			WebhookURL: d.config.Server.PublicURL + "/hooks/" + crm.ID,
		},
		Slack: sandbox.SlackOptions{
			BotToken: d.config.Slack.BotToken.Reveal(), SigningSecret: d.config.Slack.SigningSecret.Reveal(),
			InteractionsURL: d.config.Server.PublicURL + "/hooks/slack", AppToken: d.config.Slack.AppToken.Reveal(),
		},
		SendGrid: sandbox.SendGridOptions{
			APIKey: d.config.SendGrid.APIKey.Reveal(), EventsURL: d.config.Server.PublicURL + "/hooks/sendgrid", EventsKey: d.eventsKey,
		},
		Twilio: sandbox.TwilioOptions{
			AccountSID: d.config.Twilio.AccountSID, AuthToken: d.config.Twilio.AuthToken.Reveal(), From: d.config.Twilio.From,
			RepliesURL: d.config.Server.PublicURL + "/hooks/twilio",
		},
	}
}

// run serves until the context ends: first cxloop stops, then the vendors that it
// may be talking to.
func (d *dev) run(ctx context.Context, began time.Time) error {
	a, err := newApp(ctx, d.config, d.log)
	if err != nil {
		return unlessStopped(ctx, err)
	}
	lasting, stopVendors := context.WithCancel(context.WithoutCancel(ctx))
	var vendors errgroup.Group
	vendors.Go(func() error { return d.sandbox.Run(lasting) })
	vendors.Go(func() error { return serveHTTP(lasting, d.vendors, d.vendorHandler(a), d.log) })

	if d.mails != nil {
		vendors.Go(func() error { return d.sandbox.ServeSMTP(lasting, d.mails) })
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.watchTemporal(ctx) })
	group.Go(func() error { return a.serve(ctx, roleAll) })
	group.Go(func() error { return d.announce(ctx, began) })
	err = group.Wait()
	stopVendors()
	// An open page waits for what comes next.
	closed := d.sandbox.Close()
	return errors.Join(err, closed, vendors.Wait(), a.close())
}

func (d *dev) watchTemporal(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-d.temporal.Done():
		return d.temporal.Err()
	}
}

// vendorHandler serves the stand-ins and the page to play their parts.
func (d *dev) vendorHandler(a *app) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", d.sandbox.Playground(sandbox.PlaygroundOptions{
		App: d.config.Server.PublicURL, TemporalUI: "http://" + d.temporal.UIAddress, Namespace: d.temporal.Namespace,
		TimeScale: d.options.timeScale, Now: a.clock.Now, CRM: d.hubSpot().ID, EventsSecret: d.config.Security.EventsSecret.Reveal(),
		Commands: d.commands(), OwnPrograms: d.own != nil,
	}))
	for _, vendor := range []sandbox.Vendor{sandbox.HubSpot, sandbox.Slack, sandbox.SendGrid, sandbox.Twilio} {
		mux.Handle("/"+string(vendor)+"/", d.sandbox.Handler())
	}
	return mux
}

// announce prepares Temporal and the CRM, which needs the stand-ins to listen, and
// prints where to look.
func (d *dev) announce(ctx context.Context, began time.Time) error {
	outside := setup{config: d.config, out: io.Discard, log: d.log}
	if err := outside.outside(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	if ctx.Err() != nil {
		return nil
	}
	fmt.Fprintf(d.out, `
cxloop runs (started in %s). A day of its clock passes in %s.

  Playground    http://%s    play the CRM, the customer and the account team
  cxloop        %s    webhooks and survey pages
  Temporal      http://%s    the workflows

  Commands      %s    any command with this -c tells of what happens here

  Data          %s (delete it to begin anew)
  Secrets       %s (to send events by curl: docs/events.md; to sign in to %s/effects)
  Stop          Ctrl-C

`, time.Since(began).Round(100*time.Millisecond), time.Duration(float64(24*time.Hour)/d.options.timeScale).Round(time.Second),
		d.vendors.Addr(), d.config.Server.PublicURL, d.temporal.UIAddress, d.command("results"), d.options.data, d.files.path("secrets.env"), d.config.Server.PublicURL)
	return nil
}

// listenSMTP listens for mails; nil where nobody is to.
func listenSMTP(address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	return listen(address, "--smtp-listen")
}

// checkAddress reports a taken port before anything is started.
func checkAddress(address, flag string) error {
	listener, err := listen(address, flag)
	if err != nil {
		return err
	}
	return listener.Close()
}

// devFiles is the folder in which everything is kept. One cxloop dev uses it at a
// time.
type devFiles struct {
	folder string
	lock   *os.File
	log    *os.File
	// key is what all secrets are derived from.
	key []byte
}

func (f *devFiles) path(name string) string { return filepath.Join(f.folder, name) }
