package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/churn"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// modelsShown is how many versions are listed unless somebody asks for more.
const modelsShown = 20

func modelsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "Show what forecasts are made by and how good they are, compare versions, and fit now",
		Long: "Show what forecasts are made by and how good they are, compare versions, and fit now.\n\n" +
			"A version is one fit of a model. It is published where it proved better than simple rules on what came after, and refused where not: then the one published before is used on.",
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	asJSON := cmd.PersistentFlags().Bool("json", false, "print objects, one a line")
	list := &cobra.Command{Use: "list", Short: "List versions, the latest first, and how far the latest run is", Args: noArgs}
	limit := list.Flags().Int("limit", modelsShown, "how many versions")
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		if *limit < 1 {
			return fmt.Errorf("%w: --limit %d: want 1 or more", errUsage, *limit)
		}
		return withApp(cmd.Context(), *file, func(a *app) error { return a.listModels(cmd.Context(), cmd.OutOrStdout(), *limit, *asJSON) })
	}
	show := &cobra.Command{Use: "show VERSION", Short: "Show the card of a version: its data, how good it was, and why it is used or not", Args: versions(1)}
	show.RunE = func(cmd *cobra.Command, args []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error { return a.showModels(cmd.Context(), cmd.OutOrStdout(), args, *asJSON) })
	}
	compare := &cobra.Command{Use: "compare VERSION VERSION", Short: "Show the cards of two versions side by side", Args: versions(2), RunE: show.RunE}
	run := &cobra.Command{Use: "run", Short: "Fit now and forecast everybody, besides the nightly runs", Args: noArgs}
	accept := run.Flags().Bool("accept-leap", false, "use values that are far from those of before: what was bought is right")
	run.RunE = func(cmd *cobra.Command, _ []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			if err := a.runModels(cmd.Context(), *accept); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "It begins: cxloop models list shows how it goes.")
			return err
		})
	}
	cmd.AddCommand(list, show, compare, run)
	return cmd
}

func versions(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("%w: %s takes %d of the versions that cxloop models list shows", errUsage, cmd.CommandPath(), n)
		}
		return nil
	}
}

// runModels triggers the schedule, or begins a run besides it that accepts a leap.
func (a *app) runModels(ctx context.Context, acceptLeap bool) error {
	if !a.config.Models.Wanted() {
		return errors.New("nothing is forecast: say who the customers are with models.customer, and run cxloop setup")
	}
	err := a.withTemporal(ctx, func(ctx context.Context, c client.Client) error {
		schedule := c.ScheduleClient().GetHandle(ctx, workflows.ModelsID)
		state, err := schedule.Describe(ctx)
		if err == nil && len(state.Info.RunningWorkflows) > 0 {
			err = errors.New("a run is under way: cxloop models list shows how far it is")
		}
		if err != nil {
			return err
		}
		if acceptLeap {
			_, err := c.ExecuteWorkflow(ctx, workflows.ModelsNow(time.Now()), workflows.ModelWorkflow, activities.ModelsRef{AcceptLeap: true})
			return err
		}
		return schedule.Trigger(ctx, client.ScheduleTriggerOptions{})
	})
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return errors.New("the models have no schedule in Temporal yet: run cxloop setup")
	}
	return err
}

// shownModel is a version for scripts. Times are scaled.
type shownModel struct {
	Version   string             `json:"version"`
	Model     string             `json:"model"`
	FittedAt  time.Time          `json:"fitted_at"`
	Published bool               `json:"published"`
	Used      bool               `json:"used"`
	Status    survey.ModelStatus `json:"status"`
	Customers int                `json:"customers"`
	// LeftOut are how many of the customers were not used, by what is wrong with them, and
	// Recency how many buyers are in each band of recency.
	LeftOut card.LeftOut   `json:"left_out,omitempty"`
	Recency map[string]int `json:"recency,omitempty"`
	Reasons []string       `json:"reasons,omitempty"`
}

func (a *app) listModels(ctx context.Context, out io.Writer, limit int, asJSON bool) error {
	kept, err := a.store.ModelVersions(ctx, limit)
	if err != nil {
		return err
	}
	used := map[string]string{} // by kind, of those that the configuration wants
	for _, kind := range activities.ModelKinds {
		used[kind.For(a.config.Models)] = ""
	}
	models := make([]shownModel, len(kept))
	for i, v := range kept {
		c, err := cardOf(v)
		if err != nil {
			return err
		}
		if newer, wanted := used[v.Kind]; v.Published && wanted && newer == "" {
			used[v.Kind] = v.ID
		}
		for j, reason := range c.Reasons {
			c.Reasons[j] = strings.TrimSuffix(reason, ".") + "."
		}
		models[i] = shownModel{
			Version: v.ID, Model: v.Kind, FittedAt: v.FittedAt, Published: v.Published, Used: used[v.Kind] == v.ID, Status: v.Status,
			Customers: c.Data.Customers, LeftOut: c.Data.LeftOut, Recency: c.Data.Recency, Reasons: c.Reasons,
		}
		if v.Stale {
			models[i].Status = survey.ModelStale
		}
	}
	if asJSON {
		return writeLines(out, models)
	}
	if err := a.writeModelRun(ctx, out); err != nil {
		return err
	}
	return writeModels(out, models)
}

// writeModelRun tells of the latest run.
func (a *app) writeModelRun(ctx context.Context, out io.Writer) error {
	runs, err := a.store.ModelRuns(ctx, 1)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		_, err := fmt.Fprintln(out, "Nothing was forecast yet.")
		return err
	}
	r := runs[0]
	state := "under way"
	if !r.EndedAt.IsZero() {
		state = "ended"
	}
	_, err = fmt.Fprintf(out, "Run of %s, %s: %d forecasts, %d of them to be written.\n\n", shownTime(r.At), state, r.Scored, r.Written)
	return err
}

func writeModels(out io.Writer, models []shownModel) error {
	if len(models) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "VERSION\tFITTED\tDECISION\tSTATUS\tCUSTOMERS\tWHY")
	for _, m := range models {
		decision := "refused"
		switch {
		case m.Used:
			decision = "used"
		case m.Published:
			decision = "published"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", m.Version, shownTime(m.FittedAt), decision, m.Status, m.Customers, strings.Join(m.Reasons, " "))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, m := range models {
		if bands := bandsOf(m.Recency); bands != "" { // of the latest version that has them
			_, err := fmt.Fprintf(out, "\nBuyers by how long ago their last purchase was, at %s: %s.\n", m.Version, bands)
			return err
		}
	}
	return nil
}

func cardOf(v store.ModelVersion) (card.Card, error) {
	var c card.Card
	if err := json.Unmarshal(v.Card, &c); err != nil {
		return c, fmt.Errorf("card of model %s: %w", v.ID, err)
	}
	return c, nil
}

// shownCard is a card with what has changed since, nil where nobody has looked.
type shownCard struct {
	card.Card
	Drift *churn.Drift `json:"drift,omitempty"`
}

// showModels prints one card, or some side by side.
func (a *app) showModels(ctx context.Context, out io.Writer, ids []string, asJSON bool) error {
	cards := make([]shownCard, len(ids))
	for i, id := range ids {
		v, err := a.store.ModelVersion(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("no model has the version %s: cxloop models list shows which there are", id)
		}
		if err != nil {
			return err
		}
		if cards[i].Card, err = cardOf(v); err != nil {
			return err
		}
		if v.Drift == nil {
			continue
		}
		if err := json.Unmarshal(v.Drift, &cards[i].Drift); err != nil {
			return fmt.Errorf("drift of model %s: %w", id, err)
		}
	}
	if asJSON {
		return writeLines(out, cards)
	}
	return writeCards(out, cards)
}
