package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
)

func journeyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "journey",
		Short: "Show the customer's journey, who listens where, and where nobody does",
		Args:  noArgs,
	}
	file := configFlag(cmd, defaultConfig)
	asJSON := cmd.Flags().Bool("json", false, "print one object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		if len(c.Journey.Stages) == 0 {
			return fmt.Errorf("%w: %s has no journey: docs/programs.md shows one", errUsage, *file)
		}
		stages := shownJourney(c.Journey, c.Programs)
		if *asJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"stages": stages})
		}
		return writeJourney(cmd.OutOrStdout(), stages)
	}
	return cmd
}

// shownStage is a stage with who listens in it, for scripts.
type shownStage struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Touchpoints []shownTouchpoint `json:"touchpoints"`
}

type shownTouchpoint struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Programs []shownProgram `json:"programs"`
}

type shownProgram struct {
	ID     string        `json:"id"`
	Kind   survey.Kind   `json:"kind"`
	Metric survey.Metric `json:"metric"`
	// Trigger is the event that starts it, or when its campaigns begin, with the CRM that
	// the event has to come from or that is asked.
	Trigger string `json:"trigger"`
}

func shownJourney(journey survey.Journey, programs []survey.Program) []shownStage {
	listening := map[string][]shownProgram{}
	for _, p := range programs {
		at := p.AtTouchpoint()
		listening[at] = append(listening[at], shownProgram{p.ID, p.Kind, p.Metric, triggerOf(p)})
	}
	stages := make([]shownStage, len(journey.Stages))
	for i, s := range journey.Stages {
		stages[i] = shownStage{ID: s.ID, Name: s.Name, Touchpoints: []shownTouchpoint{}}
		for _, t := range s.Touchpoints {
			here := append([]shownProgram{}, listening[t.ID]...)
			stages[i].Touchpoints = append(stages[i].Touchpoints, shownTouchpoint{t.ID, t.Name, here})
		}
	}
	return stages
}

// triggerOf is what starts a program, in a few words.
func triggerOf(p survey.Program) string {
	if p.Kind == survey.Relational {
		if p.Cron != "" {
			return p.Cron + " of " + p.From.CRM
		}
		return "every " + p.Every.String() + " of " + p.From.CRM
	}
	if p.Trigger.CRM == "" {
		return p.Trigger.Event
	}
	return p.Trigger.Event + " of " + p.Trigger.CRM
}

func writeJourney(out io.Writer, stages []shownStage) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STAGE\tTOUCHPOINT\tPROGRAM\tKIND\tMETRIC\tTRIGGER")
	for _, s := range stages {
		stage := s.Name
		for _, t := range s.Touchpoints {
			touchpoint := t.Name
			if len(t.Programs) == 0 {
				fmt.Fprintf(table, "%s\t%s\tnobody listens\t\t\t\n", stage, touchpoint)
			}
			for _, p := range t.Programs {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", stage, touchpoint, p.ID, p.Kind, p.Metric, p.Trigger)
				stage, touchpoint = "", ""
			}
			stage = ""
		}
	}
	return table.Flush()
}
