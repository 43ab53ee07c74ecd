package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	bcp47 "golang.org/x/text/language"

	"github.com/cxloop/cxloop/assist"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/integrations/llm"
	"github.com/cxloop/cxloop/survey"
)

// newAssistant returns nil where no language model is configured.
func (a *app) newAssistant() (*assist.Assistant, error) {
	c := a.config.LanguageModel
	if c.BaseURL == "" {
		return nil, nil
	}
	model, err := llm.New(llm.Options{BaseURL: c.BaseURL, APIKey: c.APIKey.Reveal(), Model: c.Model, Observe: a.metrics.Vendor("language_model")})
	if err != nil {
		return nil, err
	}
	return &assist.Assistant{Model: model, Store: a.store, Programs: a.config.Programs}, nil
}

// mostSummaryDays is how many days back a summary looks at the most.
const mostSummaryDays = 3650

func summaryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "summary [PROGRAM]",
		Short: "Have a language model sum up what customers wrote",
		Long: "Have the configured language model sum up what customers wrote to a program, or to all, from ten comments on.\n\n" +
			"It is shown the newest 150 comments without the names of the contact and the company, addresses, links and long numbers,\n" +
			"and none of employees, of audits and of anonymous programs. Nothing is kept.",
		Example: "  cxloop summary\n  cxloop summary won-deal-nps --days 30 --language fr",
		Args:    atMostOneProgram,
	}
	file := configFlag(cmd, defaultConfig)
	days := cmd.Flags().Int("days", 7, "how many days back")
	language := cmd.Flags().String("language", survey.DefaultLocale, "of the summary, as fr or de-AT")
	asJSON := cmd.Flags().Bool("json", false, "print an object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *days < 1 || *days > mostSummaryDays {
			return fmt.Errorf("%w: --days %d: want 1 to %d", errUsage, *days, mostSummaryDays)
		}
		if _, err := bcp47.Parse(*language); err != nil {
			return fmt.Errorf("%w: --language %q: want a language such as fr or de-AT", errUsage, *language)
		}
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		program, err := programIn(c, args)
		if err != nil {
			return err
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			if a.assistant == nil {
				return errors.New("no language model is configured: give the section language_model")
			}
			now := a.clock.Now()
			summary, err := a.assistant.Summary(cmd.Context(), program.ID, now.Add(-time.Duration(*days)*24*time.Hour), now, *language)
			if err != nil {
				return err
			}
			if *asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(summary)
			}
			return writeSummary(cmd.OutOrStdout(), summary)
		})
	}
	return cmd
}

func writeSummary(out io.Writer, s assist.Summary) error {
	if s.Text == "" {
		_, err := fmt.Fprintf(out, "Comments in that time: %d. At least %d are wanted: --days goes back further.\n", s.Comments, assist.MinComments)
		return err
	}
	_, err := fmt.Fprintf(out, "%s\n\nWritten by a language model of %d of %d comments. Look at them before you act.\n", s.Text, s.Read, s.Comments)
	return err
}
