package main

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/insight/effect"
	"github.com/cxloop/cxloop/survey"
)

func roiCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "roi",
		Short: "Tell what closing the loop costs and what it brings, with every input",
		Long: "Tell what closing the loop costs and what it brings: (gains − costs) / costs.\n\n" +
			"What is counted comes from the store, everything else from the section roi of the configuration; --set hour=50..80 tries another value.\n" +
			"What is not known is told, and counts as nothing. docs/effect.md says how it is added up.",
		Example: "  cxloop roi --last 180d\n  cxloop roi --set hour=50..80 --set kept=0.05",
		Args:    noArgs,
	}
	file := configFlag(cmd, defaultConfig)
	last := cmd.Flags().String("last", "365d", "of so long until now")
	set := cmd.Flags().StringArray("set", nil, "an input in the place of the configured one, for example hour=50..80")
	asJSON := cmd.Flags().Bool("json", false, "print one object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		spans, err := parseSpans(map[string]*string{"last": last})
		if err != nil {
			return err
		}
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		if err := overrideROI(&c.ROI, *set); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			counted, err := a.countROI(cmd, spans["last"])
			if err != nil {
				return err
			}
			report := roiOf(c.ROI, counted)
			return printOne(cmd.OutOrStdout(), report, *asJSON)
		})
	}
	return cmd
}

var currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)

// overrideROI puts what was set on the command line above what is configured.
func overrideROI(roi *config.ROI, set []string) error {
	inputs := map[string]**effect.Range{
		"licence": &roi.Licence, "operation": &roi.Operation, "mail": &roi.Mail, "sms": &roi.SMS, "case_minutes": &roi.CaseMinutes,
		"hour": &roi.Hour, "margin": &roi.Margin, "customer_value": &roi.CustomerValue, "kept": &roi.Kept,
	}
	for _, one := range set {
		name, text, _ := strings.Cut(one, "=")
		input, known := inputs[name]
		switch {
		case name == "currency" && currencyPattern.MatchString(text):
			roi.Currency = text
			continue
		case name == "currency":
			return fmt.Errorf("--set %s: want a currency in three capital letters, for example EUR", one)
		case !known:
			return fmt.Errorf("--set %s: want one of currency, licence, operation, mail, sms, case_minutes, hour, margin, customer_value, kept, for example hour=50..80", one)
		}
		value, err := effect.ParseRange(text)
		if err != nil {
			return fmt.Errorf("--set %s: %w", one, err)
		}
		if share := name == "margin" || name == "kept"; share && value.High > 1 {
			return fmt.Errorf("--set %s: want a share of 0 to 1", one)
		}
		*input = &value
	}
	if roi.Currency == "" {
		return fmt.Errorf("roi.currency is not set: fill in the section roi of the configuration, or give --set currency=EUR and the other inputs")
	}
	return nil
}

// roiCounts are what the store tells.
type roiCounts struct {
	Last survey.Span
	// Cases were opened; Called are the customers of whom somebody spoke, each account once.
	Cases, Called, Mails, SMS int
	// Referred is the revenue of deals won with friends, in the currency; Elsewhere says that
	// there is more in other ones, or of an amount that nobody knows.
	Referred  float64
	Elsewhere bool
	// Value is the mean of what called customers are worth, nil where fewer than ten are known
	// or it is in another currency.
	Value *effect.Range
	// Stayed is how many more of those called soon kept their contract than of those left,
	// nil where nothing was seen.
	Stayed *effect.Range
}

func (a *app) countROI(cmd *cobra.Command, last survey.Span) (roiCounts, error) {
	ctx, now := cmd.Context(), a.clock.Now()
	since := now.Add(-last.Std())
	out := roiCounts{Last: last}
	cases, err := a.store.FollowUps(ctx, since, now)
	if err != nil {
		return out, err
	}
	out.Cases = len(cases)
	if out.Mails, out.SMS, err = a.store.MessagesSent(ctx, since, now); err != nil {
		return out, err
	}
	figures, err := a.store.ReferralFigures(ctx, since, now)
	if err != nil {
		return out, err
	}
	for _, f := range figures {
		for currency, revenue := range f.Revenue {
			if currency == a.config.ROI.Currency {
				out.Referred += float64(revenue) / 100
			} else {
				out.Elsewhere = true
			}
		}
	}
	reader := activities.FollowUpReader{Store: a.store, Programs: a.programs, Facts: a.config.Cases.CaseFacts, Now: now}
	found, err := reader.Cases(ctx, since)
	if err != nil {
		return out, err
	}
	var values []float64
	for _, c := range found.Customers {
		if math.IsInf(c.Waited, 1) {
			continue
		}
		out.Called++
		if !math.IsNaN(c.Value) && c.Value >= 0 {
			values = append(values, c.Value)
		}
	}
	if a.config.Cases.Currency == a.config.ROI.Currency {
		out.Value = meanOf(values)
	}
	out.Stayed = stayedOf(effect.Observe(found.Customers, optionsOf(found, usualSpans)))
	return out, nil
}

func meanOf(values []float64) *effect.Range {
	if insight.EvidenceOf(len(values)) == insight.Hidden {
		return nil
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	mean := effect.Exactly(sum / float64(len(values)))
	return &mean
}

// stayedOf is what a comparison has seen of contracts, nil for no difference.
func stayedOf(report effect.Report) *effect.Range {
	for _, t := range report.Told {
		if t.Outcome == effect.Stayed && t.Verdict == effect.Associated {
			return &effect.Range{Low: t.Low, Likely: t.Value, High: t.High}
		}
	}
	return nil
}
