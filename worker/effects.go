package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/dispatch"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/web"
)

// shownEffects is how many unknown effects are listed at most.
const shownEffects = 1000

func effectsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "effects",
		Short: "List the calls of which nobody knows whether they did their work, and decide about them",
		Args:  noArgs,
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	asJSON := cmd.Flags().Bool("json", false, "print objects, one a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			effects, err := a.store.UnknownEffects(cmd.Context(), shownEffects)
			if err != nil {
				return err
			}
			return writeEffects(cmd.OutOrStdout(), effects, time.Now(), *asJSON)
		})
	}
	decide := func(use, short string, one, all func(operator, context.Context, string) (string, error)) *cobra.Command {
		cmd := &cobra.Command{Use: use, Short: short}
		program := cmd.Flags().String("program", "", "in place of a key: all mails of this program that invite or remind and are unknown")
		cmd.Args = func(cmd *cobra.Command, args []string) error { return oneKey(cmd, args, *program) }
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			return withApp(cmd.Context(), *file, func(a *app) error {
				what, do := *program, all
				if *program == "" {
					what, do = args[0], one
				}
				said, err := do(operator{a}, cmd.Context(), what)
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), said)
				}
				return explained(err, what)
			})
		}
		return cmd
	}
	cmd.AddCommand(
		decide("repeat [KEY]", "It did nothing: make the call again", operator.Repeat, operator.repeatAll),
		decide("done [KEY]", "It did its work: take the mail as sent", operator.TakeAsDone, operator.takeAllAsDone),
	)
	return cmd
}

func oneKey(cmd *cobra.Command, args []string, program string) error {
	if len(args) != 1 && program == "" || len(args) > 0 && program != "" {
		return fmt.Errorf("%w: %s takes one key, as cxloop effects lists them, or --program", errUsage, cmd.CommandPath())
	}
	return nil
}

// withApp does something with what a configuration stands for.
func withApp(ctx context.Context, file string, do func(*app) error) error {
	c, err := config.Load(file, os.LookupEnv)
	if err != nil {
		return err
	}
	return withConfig(ctx, c, do)
}

// withConfig is withApp for a configuration that is loaded.
func withConfig(ctx context.Context, c *config.Config, do func(*app) error) error {
	a, err := newApp(ctx, c, newLog(slog.LevelWarn))
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.close())
}

// shownEffect is an unknown effect for scripts.
type shownEffect struct {
	Key    string `json:"key"`
	Vendor string `json:"vendor"`
	// TriedAt is real time.
	TriedAt    time.Time `json:"tried_at"`
	AgeSeconds int64     `json:"age_seconds"`
}

func writeEffects(out io.Writer, effects []store.Effect, now time.Time, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, e := range effects {
			age := int64(now.Sub(e.TriedAt).Seconds())
			if err := lines.Encode(shownEffect{e.Key, e.Vendor, e.TriedAt, age}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(effects) == 0 {
		_, err := fmt.Fprintln(out, "Nothing is unknown.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "AGE\tVENDOR\tKEY\tABOUT")
	for _, e := range effects {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", now.Sub(e.TriedAt).Round(time.Second), e.Vendor, e.Key, e.About())
	}
	return table.Flush()
}

// startTimeout is how long Temporal may take to begin what is repeated.
const startTimeout = 10 * time.Second

// operator decides about unknown effects, by the command or on the page.
type operator struct{ app *app }

var _ web.Decider = operator{}

// Repeat implements web.Decider.
func (o operator) Repeat(ctx context.Context, key string) (string, error) {
	a := o.app
	begin, err := a.store.RepeatEffect(ctx, key, newID(), a.clock.Now())
	if err != nil {
		return "", err
	}
	if !o.begun(ctx, begin) {
		return "It is put back. " + beginsLater, nil
	}
	return "It is made again now.", nil
}

const beginsLater = "Temporal does not answer: housekeeping begins it within two hours of Temporal's return."

// begun begins what was put back, and reports whether Temporal took it.
func (o operator) begun(ctx context.Context, waiting store.Stalled) bool {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	err := o.app.begin(ctx, waiting)
	if err != nil {
		o.app.log.Warn("Temporal does not answer", "error", err)
	}
	return err == nil
}

// repeatAll repeats the invitations of a program: a wave whose worker died leaves as many
// as one call has.
func (o operator) repeatAll(ctx context.Context, program string) (string, error) {
	again, mails, err := o.app.store.RepeatInvitations(ctx, program, newID, o.app.clock.Now())
	switch {
	case err != nil:
		return "", err
	case mails == 0:
		return "Nothing of this program can be repeated.", nil
	case !o.begun(ctx, store.Stalled{Invitations: again}):
		return fmt.Sprintf("Mails put back: %d. %s", mails, beginsLater), nil
	}
	return fmt.Sprintf("Mails made again now: %d.", mails), nil
}

func (o operator) takeAllAsDone(ctx context.Context, program string) (string, error) {
	mails, err := o.app.store.AcceptMails(ctx, program, o.app.clock.Now())
	return fmt.Sprintf("Mails taken as sent: %d.", mails), err
}

// begin starts workflows for what waits.
func (a *app) begin(ctx context.Context, waiting store.Stalled) error {
	temporal, err := temporalClient(a.config, a.log)
	if err != nil {
		return err
	}
	defer temporal.Close()
	starter := dispatch.NewStarter(temporal, a.config.Programs)
	for _, batch := range waiting.Invitations {
		err = errors.Join(err, starter.Invite(ctx, activities.BatchRef(batch)))
	}
	for _, batch := range waiting.AskBatches {
		err = errors.Join(err, starter.Ask(ctx, batch))
	}
	for _, batch := range waiting.LeadBatches {
		err = errors.Join(err, starter.Leads(ctx, activities.LeadsRef(batch)))
	}
	for _, id := range waiting.Cases {
		err = errors.Join(err, starter.Case(ctx, id))
	}
	return err
}

// TakeAsDone implements web.Decider.
func (o operator) TakeAsDone(ctx context.Context, key string) (string, error) {
	return "It is taken as sent.", o.app.store.AcceptEffect(ctx, key, o.app.clock.Now())
}

// explained says what to do about a decision that is not taken.
func explained(err error, key string) error {
	_, aboutCase := store.ParseCaseEffect(key)
	switch {
	case errors.Is(err, store.ErrNotFound) && aboutCase:
		return fmt.Errorf("%w: cxloop effects lists those that are unknown; a case's message is repeated only, after a look whether it is there", err)
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("%w: cxloop effects lists those that are unknown", err)
	case errors.Is(err, store.ErrNotRepeated):
		return fmt.Errorf("%w: take it as done instead", err)
	}
	return err
}
