package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// devConfig is the file in the data folder that other commands take with -c.
const devConfig = "cxloop.yaml"

// checkData refuses a folder that holds a configuration which cxloop dev did not write, and would
// overwrite.
func (o devOptions) checkData() error {
	file := filepath.Join(o.data, devConfig)
	body, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("--data: %w", err)
	case !config.WrittenByDev(body):
		return fmt.Errorf("--data %s: cxloop dev would overwrite %s, which it did not write: want another folder", o.data, file)
	}
	return nil
}

// ownConfig reads the configuration that cxloop dev is given, nil where it is given none. The
// places do not matter for finding mistakes in it, which is done before anything is started.
func (o devOptions) ownConfig() ([]byte, error) {
	if o.config == "" {
		return nil, nil
	}
	body, err := os.ReadFile(o.config)
	if err != nil {
		return nil, fmt.Errorf("%w: --config: %w", errUsage, err)
	}
	_, err = config.Dev(config.DevOptions{
		Listen: o.listen, SandboxURL: "http://" + o.sandboxListen, StoreURL: "sqlite:" + o.data, TemporalAddress: o.listen, TemporalNamespace: "default",
		TemporalUI: o.listen, TimeScale: o.timeScale, Key: make([]byte, survey.MinTokenKey), SMTP: o.smtpListen, SocketMode: o.socketMode,
		Own: body, OwnName: o.config,
	}, os.LookupEnv)
	return body, err
}

// configure writes the configuration, which other commands are given too, and reads it.
func (d *dev) configure() (err error) {
	var public string
	if d.eventsKey, public, err = newEventsKey(); err != nil {
		return err
	}
	database, err := filepath.Abs(d.files.path("cxloop.db"))
	if err != nil {
		return err
	}
	body, err := config.Dev(config.DevOptions{
		Listen: d.options.listen, SandboxURL: "http://" + d.vendors.Addr().String(), StoreURL: "sqlite:" + database,
		TemporalAddress: d.temporal.Address, TemporalNamespace: d.temporal.Namespace, TemporalUI: d.temporal.UIAddress,
		TimeScale: d.options.timeScale, Key: d.files.key, SMTP: d.options.smtpListen, SocketMode: d.options.socketMode, MailEventsKey: public,
		Own: d.own, OwnName: d.options.config,
	}, os.LookupEnv)
	if err != nil {
		return err
	}
	file := d.files.path(devConfig)
	if err := replaceFile(file, body); err != nil {
		return err
	}
	d.config, err = config.LoadDev(file, body)
	return err
}

// newEventsKey makes the key by which the stand-in for SendGrid signs its events, and the
// one that verifies them. It need not be kept: nothing is signed twice.
func newEventsKey() (key *ecdsa.PrivateKey, public string, err error) {
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, "", err
	}
	public, err = sandbox.EventsPublicKey(key)
	return key, public, err
}

// hubSpot is the CRM that has a stand-in with records; the zero CRM where none is configured.
func (d *dev) hubSpot() config.CRM {
	if i := slices.IndexFunc(d.config.CRM, func(c config.CRM) bool { return c.Type == config.HubSpot }); i >= 0 {
		return d.config.CRM[i]
	}
	return config.CRM{}
}

// addChannels adds the channels of Slack that a configuration of one's own names.
func (d *dev) addChannels() {
	for _, id := range config.SlackChannels(d.own) {
		if d.sandbox.Snapshot().Channel(id) == nil {
			d.sandbox.AddChannel(sandbox.Channel{ID: id, Name: strings.ToLower(id)})
		}
	}
}

// commands are what to try once customers have come with their past; of a configuration of one's
// own those that work with it.
func (d *dev) commands() []sandbox.Command {
	var out []sandbox.Command
	add := func(args, about string) {
		out = append(out, sandbox.Command{Line: d.command(args), About: about})
	}
	if d.own == nil {
		add("results "+sandbox.PastProgram+" --by region --period quarter", "scores with their intervals, differences tested")
		add("comments "+sandbox.PastProgram, "what comments are about, in four languages")
	} else {
		add("results --period quarter", "scores with their intervals, differences tested")
		add("comments "+d.config.Programs[0].ID, "what comments are about")
	}
	add("behaviour", "what is known of purchases and tickets, and what is missing")
	if d.config.Models.Wanted() {
		add("models list", "what forecasts are made by, and whether they were good enough to be used")
		add("models run", "fits again now, and not in the next night")
	}
	if d.config.ROI.Currency != "" {
		add("roi", "what the loop brought in and cost, with every input")
	}
	add("effect", "whether calls helped; with few cases, that it cannot be told")
	return out
}

// command is how a command is told that it is about this environment.
func (d *dev) command(args string) string {
	return fmt.Sprintf("%s %s -c %s", os.Args[0], args, d.files.path(devConfig))
}
