package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/survey"
)

func variantsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "variants PROGRAM",
		Short: "Compare the variants of a program: who answers, and what",
		Long: "Compare the variants of a program: who answers, and what.\n\n" +
			"Counted is all that was sent under the variants as they are configured, with these shares.",
		Args: oneProgramID,
	}
	file := configFlag(cmd, defaultConfig)
	asJSON := cmd.Flags().Bool("json", false, "print one object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		program, err := programOf(c, args[0])
		switch {
		case err != nil:
			return err
		case len(program.Variants) == 0:
			return fmt.Errorf("%w: the program %s has no variants", errUsage, program.ID)
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			counts, err := a.store.VariantCounts(cmd.Context(), program, a.clock.Now())
			if err != nil {
				return err
			}
			report := newVariantReport(program, counts)
			if *asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(report)
			}
			return writeVariants(cmd.OutOrStdout(), report)
		})
	}
	return cmd
}

// scoreNames are the metrics as people read them.
var scoreNames = map[survey.Metric]string{survey.NPS: "NPS", survey.ENPS: "eNPS", survey.CSAT: "satisfied", survey.CES: "mean effort score"}

func writeVariants(out io.Writer, report variantReport) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "VARIANT\tSHARE\tSENT\tOPEN\tANSWERS\tRESPONSE RATE\t%s\n", scoreNames[report.Metric])
	unit := scoreUnit(report.Metric)
	for _, v := range report.Variants {
		fmt.Fprintf(table, "%s\t%.0f%%\t%d\t%d\t%d\t%s\t%s\n",
			v.ID, 100*v.Share, v.Sent, v.Open, v.Responses, v.ResponseRate.text("%"), v.Score.text(unit))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, a := range report.Against {
		_, err := fmt.Fprintf(out, "\n%s against %s\n  response rate: %s\n  %s: %s\n", a.Variant, a.With,
			a.ResponseRate.text("invitations"), scoreNames[report.Metric], a.Score.text("answers"))
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(out, "\nIn brackets 95% intervals. Open invitations count as not answered.")
	return err
}

func scoreUnit(metric survey.Metric) string {
	if metric == survey.CSAT {
		return "%"
	}
	return ""
}

// text is a figure with its interval, and how far to trust it.
func (f shownFigure) text(unit string) string {
	if f.Value == nil {
		return "hidden, fewer than 10"
	}
	text := fmt.Sprintf("%.1f%s (%.1f to %.1f)", *f.Value, unit, *f.Low, *f.High)
	switch f.Evidence {
	case insight.Few:
		text += " of few"
	case insight.Indicative:
		text += " indicative"
	}
	return text
}

// text says whether there is a difference. counted is what it takes more of.
func (d *shownDelta) text(counted string) string {
	if d == nil {
		return "too few " + counted + " to compare"
	}
	p := fmt.Sprintf("p = %.3f", d.P)
	if d.P < 0.001 {
		p = "p < 0.001"
	}
	text := fmt.Sprintf("%+.1f points (%+.1f to %+.1f), %s: ", d.Value, d.Low, d.High, p)
	switch {
	case d.Real:
		return text + "a real difference"
	case d.Needed == 0:
		return text + "no real difference"
	}
	return text + fmt.Sprintf("no real difference; to find one of this size takes %d %s of each", d.Needed, counted)
}
