package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func resultsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "results PROGRAM",
		Short: "Tell what a program's answers come to, from ten answers on",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: want the id of one program (see %s --help)", errUsage, cmd.CommandPath())
			}
			return nil
		},
	}
	file := configFlag(cmd, defaultConfig)
	asJSON := cmd.Flags().Bool("json", false, "print one object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		program, err := programOf(c, args[0])
		if err != nil {
			return err
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			found, err := a.store.Results(cmd.Context(), program.ID)
			if err != nil {
				return err
			}
			out := resultsOf(program, found)
			if program.Metric == survey.Audit && out.Hidden == "" {
				audits, err := a.store.Checklists(cmd.Context(), program.ID)
				if err != nil {
					return err
				}
				out.Checklist = itemsOf(program, audits)
			}
			if *asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(out)
			}
			return out.print(cmd.OutOrStdout())
		})
	}
	return cmd
}

// results are what may be shown of a program's responses.
type results struct {
	Program string        `json:"program"`
	Metric  survey.Metric `json:"metric"`
	Asked   int           `json:"asked"`
	// Rate is the share of those asked who answered, in percent.
	Answered int      `json:"answered"`
	Rate     interval `json:"rate"`
	// Hidden says why there is no more; Whole is nil then.
	Hidden  string   `json:"hidden,omitempty"`
	Whole   *period  `json:"all,omitempty"`
	Periods []period `json:"periods,omitempty"`
	// Waiting is how many anonymous answers wait for as many as Floor.
	Waiting int `json:"waiting,omitempty"`
	Floor   int `json:"floor,omitempty"`
	// Chosen counts what was chosen in anonymous answers, by question and option;
	// Written are the texts in them, in no order.
	Chosen  map[string]map[string]int `json:"chosen,omitempty"`
	Written []string                  `json:"written,omitempty"`
	// Checklist is what became of an audit's items, in their order.
	Checklist []itemResult `json:"checklist,omitempty"`
}

// period is what responses of some months come to.
type period struct {
	From     string              `json:"from"`
	To       string              `json:"to"`
	N        int                 `json:"n"`
	Evidence insight.Evidence    `json:"evidence"`
	Score    interval            `json:"score"`
	Bands    map[survey.Band]int `json:"bands"`
	// Failed is the share of audits that failed, in percent; nil of other metrics.
	Failed *interval `json:"failed,omitempty"`
}

// interval is a value with its 95 % interval.
type interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func resultsOf(program survey.Program, found store.Results) results {
	out := results{
		Program: program.ID, Metric: program.Metric, Asked: found.Asked, Answered: found.Answered,
		Rate: percent(found.Answered, found.Asked), Waiting: found.Waiting, Floor: found.Floor,
	}
	least := cmp.Or(found.Floor, survey.MinGroup)
	whole, periods, shown := survey.Disclose(found.Blocks, least)
	if !shown {
		out.Hidden = fmt.Sprintf("fewer than %d answers can be shown", least)
		return out
	}
	all := periodOf(program, whole)
	out.Whole = &all
	if len(periods) > 1 {
		for _, p := range periods {
			out.Periods = append(out.Periods, periodOf(program, p))
		}
	}
	out.tell(found.Said)
	return out
}

// tell collects what anonymous answers hold, each part apart from the rest of its answer.
func (r *results) tell(said []survey.AnonymousAnswer) {
	for _, answer := range said {
		if answer.Comment != "" {
			r.Written = append(r.Written, answer.Comment)
		}
		for _, id := range slices.Sorted(maps.Keys(answer.Answers)) {
			given := answer.Answers[id]
			if given.Text != "" {
				r.Written = append(r.Written, given.Text)
			}
			for _, option := range given.Chosen {
				if r.Chosen == nil {
					r.Chosen = map[string]map[string]int{}
				}
				if r.Chosen[id] == nil {
					r.Chosen[id] = map[string]int{}
				}
				r.Chosen[id][option]++
			}
		}
	}
	rand.Shuffle(len(r.Written), func(i, j int) { r.Written[i], r.Written[j] = r.Written[j], r.Written[i] })
}

func periodOf(program survey.Program, b survey.Block) period {
	n, bands := b.N(), b.Bands()
	p := period{From: b.From, To: b.To, N: n, Evidence: insight.EvidenceOf(n), Bands: bands}
	if p.Evidence == insight.Hidden { // a floor below ten shows them
		p.Evidence = insight.Few
	}
	switch program.Metric {
	case survey.CSAT:
		p.Score = percent(bands[survey.Satisfied], n)
	case survey.CES:
		p.Score = percent(bands[survey.Easy], n)
	case survey.Audit:
		failed := percent(bands[survey.Failed], n)
		p.Score, p.Failed = meanScore(b), &failed
	default:
		nps := insight.NPSOf(bands[survey.Promoter], bands[survey.Detractor], n)
		p.Score = interval{nps.Score, nps.Low, nps.High}
	}
	return p
}

// percent is how many of n there are, in percent.
func percent(k, n int) interval {
	share := insight.ShareOf(k, n)
	return interval{100 * share.Rate, 100 * share.Low, 100 * share.High}
}

// metricNames say what a metric's interval is.
var metricNames = map[survey.Metric]string{
	survey.NPS: "NPS", survey.ENPS: "eNPS", survey.CSAT: "CSAT, % satisfied", survey.CES: "CES, % easy", survey.Audit: "Audit, mean %",
}

func (r results) print(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d asked, %d answered (%s %%)\n", r.Program, r.Asked, r.Answered, r.Rate)
	if r.Hidden != "" {
		fmt.Fprintf(&b, "Nothing is shown: %s.\n", r.Hidden)
	} else {
		r.Whole.print(&b, metricNames[r.Metric])
	}
	for _, p := range r.Periods {
		fmt.Fprintf(&b, "%s\n  ", p.months())
		p.print(&b, metricNames[r.Metric])
	}
	r.printChecklist(&b)
	if r.Waiting > 0 {
		fmt.Fprintf(&b, "%d anonymous answers wait: they are released %d or more at a time, an hour or two after they were given.\n", r.Waiting, r.Floor)
	}
	for _, question := range slices.Sorted(maps.Keys(r.Chosen)) {
		fmt.Fprintf(&b, "\n%s\n", question)
		for _, option := range slices.Sorted(maps.Keys(r.Chosen[question])) {
			fmt.Fprintf(&b, "  %4d  %s\n", r.Chosen[question][option], option)
		}
	}
	if len(r.Written) > 0 {
		b.WriteString("\nWritten, in no order\n")
	}
	for _, text := range r.Written {
		fmt.Fprintf(&b, "- %s\n", strings.Join(strings.Fields(text), " "))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (p period) print(b *strings.Builder, name string) {
	fmt.Fprintf(b, "%s %s, n = %d", name, p.Score, p.N)
	if p.Evidence != insight.Enough {
		fmt.Fprintf(b, ", %s", p.Evidence)
	}
	for _, band := range slices.Sorted(maps.Keys(p.Bands)) {
		fmt.Fprintf(b, ", %s %d", band, p.Bands[band])
	}
	if p.Failed != nil {
		fmt.Fprintf(b, ", %% failed %s", p.Failed)
	}
	b.WriteByte('\n')
}

func (p period) months() string {
	if p.From == p.To {
		return p.From
	}
	return p.From + " to " + p.To
}

// String is the value with its interval.
func (f interval) String() string { return fmt.Sprintf("%.1f [%.1f, %.1f]", f.Value, f.Low, f.High) }
