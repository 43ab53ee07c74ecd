package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// setupTimeout is how long setup may take with Temporal and the CRMs.
const setupTimeout = 2 * time.Minute

func setupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Create what is missing: database schema, search attributes, schedules, CRM properties",
		Args:  noArgs,
	}
	file := configFlag(cmd, defaultConfig)
	dryRun := cmd.Flags().Bool("dry-run", false, "only say what is missing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		s := setup{config: c, out: cmd.OutOrStdout(), dryRun: *dryRun, log: newLog(slog.LevelWarn)}
		if err := s.database(cmd.Context()); err != nil { // a large store may take its time
			return err
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), setupTimeout)
		defer cancel()
		return s.outside(ctx)
	}
	return cmd
}

// setup creates what is missing. It may be run any number of times.
type setup struct {
	config *config.Config
	out    io.Writer
	dryRun bool
	log    *slog.Logger
}

func (s *setup) say(what string, missing []string) {
	switch {
	case len(missing) == 0:
		fmt.Fprintf(s.out, "%s: nothing is missing\n", what)
	case s.dryRun:
		fmt.Fprintf(s.out, "%s: would create %s\n", what, strings.Join(missing, ", "))
	default:
		fmt.Fprintf(s.out, "%s: created %s\n", what, strings.Join(missing, ", "))
	}
}

// sayDeleted says nothing where all is wanted.
func (s *setup) sayDeleted(what string, left []string) {
	switch {
	case len(left) == 0:
	case s.dryRun:
		fmt.Fprintf(s.out, "%s: would delete %s\n", what, strings.Join(left, ", "))
	default:
		fmt.Fprintf(s.out, "%s: deleted %s\n", what, strings.Join(left, ", "))
	}
}

func (s *setup) database(ctx context.Context) error {
	db, err := openStore(s.config)
	if err != nil {
		return err
	}
	work := db.Migrate
	if s.dryRun {
		work = db.Pending
	}
	applied, err := work(ctx)
	if err == nil {
		s.say("database schema", applied)
	}
	return errors.Join(err, db.Close())
}

// outside prepares Temporal and the CRMs, and tries the mail server. One that does not
// answer does not keep the others from being prepared.
func (s *setup) outside(ctx context.Context) error {
	return errors.Join(s.temporal(ctx), s.crms(ctx), s.mailServer(ctx))
}

// mailServer connects to a configured mail server and signs in, without mailing anything.
func (s *setup) mailServer(ctx context.Context) error {
	if s.config.SMTP.Host == "" {
		return nil
	}
	client, err := newSMTP(s.config.SMTP)
	if err != nil {
		return err
	}
	if err := client.Check(ctx); err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	s.say("mail server", nil)
	return nil
}

func (s *setup) temporal(ctx context.Context) error {
	options, err := temporalOptions(s.config, s.log)
	if err != nil {
		return err
	}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := s.searchAttributes(ctx, c, options.Namespace); err != nil {
		return fmt.Errorf("temporal search attributes: %w", err)
	}
	if err := s.schedules(ctx, c); err != nil {
		return fmt.Errorf("temporal schedules: %w", err)
	}
	return nil
}

func (s *setup) searchAttributes(ctx context.Context, c client.Client, namespace string) error {
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return err
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range workflows.SearchAttributes {
		got, ok := have.GetCustomAttributes()[name]
		if ok && got != kind {
			return fmt.Errorf("%s is of type %s in namespace %s: want %s", name, got, namespace, kind)
		}
		if !ok {
			missing[name] = kind
		}
	}
	if len(missing) > 0 && !s.dryRun {
		_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
			Namespace: namespace, SearchAttributes: missing,
		})
		if err != nil {
			return err
		}
	}
	s.say("temporal search attributes", slices.Sorted(maps.Keys(missing)))
	return nil
}

// tickets looks whether there is a place for the tickets of cases. It makes none: people
// work by their pipelines.
func (s *setup) tickets(ctx context.Context, id string, client *hubspot.Client) error {
	if err := client.CheckTickets(ctx); err != nil {
		return err
	}
	s.say("crm "+id+" pipeline of tickets", nil)
	return nil
}

func (s *setup) crms(ctx context.Context) error {
	var failed []error
	for _, c := range s.config.CRM {
		if c.Type != config.HubSpot {
			continue
		}
		client, err := newHubSpot(c, s.config.Twilio.DefaultRegion, survey.Clock{})
		if err == nil {
			var missing []string
			if missing, err = client.EnsureProperties(ctx, s.dryRun); err == nil {
				s.say("crm "+c.ID+" properties", missing)
			}
			if f := s.config.Models; f.Wanted() {
				missing, failed := client.EnsureForecasts(ctx, f.Customer, s.dryRun)
				if err = errors.Join(err, failed); failed == nil {
					s.say("crm "+c.ID+" properties of forecasts", missing)
				}
			}
			if c.Cases == survey.RecordTicket {
				err = errors.Join(err, s.tickets(ctx, c.ID, client))
			}
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("crm %s: %w", c.ID, err))
		}
	}
	return errors.Join(failed...)
}
