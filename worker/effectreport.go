package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/insight/effect"
	"github.com/cxloop/cxloop/survey"
)

func effectCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "effect",
		Short: "Ask whether closing the loop helped: customers who were called soon beside others like them",
		Long: "Ask whether closing the loop helped.\n\n" +
			"Customers whose case somebody took up soon are compared with those of the same score, segment and value who were left longer.\n" +
			"No such comparison is a proof: teams call those first of whom they hope most. docs/effect.md says how it is made and what it cannot tell.",
		Example: "  cxloop effect\n  cxloop effect --last 180d --quick 24h --left 5d --horizon 60d",
		Args:    noArgs,
	}
	file := configFlag(cmd, defaultConfig)
	spans := map[string]*string{}
	for name, usage := range map[string]string{
		"last":    "the cases opened in so long until now",
		"quick":   "a customer was called soon where it took no longer",
		"left":    "a customer was left where it took longer; what comes before is no outcome",
		"horizon": "for how long after that outcomes count",
	} {
		spans[name] = cmd.Flags().String(name, usualSpans[name].String(), usage)
	}
	asJSON := cmd.Flags().Bool("json", false, "print one object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		span, err := parseSpans(spans)
		if err != nil {
			return err
		}
		return withApp(cmd.Context(), *file, func(a *app) error {
			report, err := a.effectReport(cmd, span)
			if err != nil {
				return err
			}
			return printOne(cmd.OutOrStdout(), report, *asJSON)
		})
	}
	return cmd
}

const oneDay = survey.Span(24 * time.Hour)

// usualSpans are those of the comparison where no flag says otherwise.
var usualSpans = map[string]survey.Span{"last": 365 * oneDay, "quick": 2 * oneDay, "left": 7 * oneDay, "horizon": 90 * oneDay}

// parseSpans reads the flags that are spans of time above 0.
func parseSpans(texts map[string]*string) (map[string]survey.Span, error) {
	out := map[string]survey.Span{}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		span, err := survey.ParseSpan(*text)
		if err != nil {
			return nil, fmt.Errorf("%w: --%s: %w", errUsage, name, err)
		}
		if span <= 0 {
			return nil, fmt.Errorf("%w: --%s %s: want a time above 0, for example 7d", errUsage, name, *text)
		}
		out[name] = span
	}
	if out["left"] < out["quick"] {
		return nil, fmt.Errorf("%w: --left %s is shorter than --quick %s: nobody is called soon and left", errUsage, out["left"], out["quick"])
	}
	return out, nil
}

// effectReport is what is told of the effect of following up.
type effectReport struct {
	Last    survey.Span `json:"last"`
	Quick   survey.Span `json:"quick"`
	Left    survey.Span `json:"left"`
	Horizon survey.Span `json:"horizon"`
	// Purchases and Contracts say whether those are known, Currency what amounts are in, ""
	// where they are not all known or are in several.
	Purchases bool          `json:"purchases_known"`
	Contracts bool          `json:"contracts_known"`
	Currency  string        `json:"currency,omitempty"`
	Cases     effect.Report `json:"cases"`
	// HoldOuts are the programs in which chance decides about customers in the middle.
	HoldOuts []heldOut `json:"hold_outs,omitempty"`
}

// heldOut is what came of the hold-out of a program.
type heldOut struct {
	Program  string `json:"program"`
	Currency string `json:"currency,omitempty"`
	effect.Trial
}

func (a *app) effectReport(cmd *cobra.Command, span map[string]survey.Span) (effectReport, error) {
	reader := activities.FollowUpReader{Store: a.store, Programs: a.programs, Facts: a.config.Cases.CaseFacts, Now: a.clock.Now()}
	found, err := reader.Cases(cmd.Context(), reader.Now.Add(-span["last"].Std()))
	if err != nil {
		return effectReport{}, err
	}
	drawn, err := reader.HoldOuts(cmd.Context())
	if err != nil {
		return effectReport{}, err
	}
	var holdOuts []heldOut
	for _, d := range drawn {
		holdOuts = append(holdOuts, heldOut{d.Program, d.Currency, effect.Try(d.Customers, d.Share, optionsOf(d.FollowedUp, span))})
	}
	return effectReport{
		HoldOuts: holdOuts,
		Last:     span["last"], Quick: span["quick"], Left: span["left"], Horizon: span["horizon"],
		Purchases: found.Purchases, Contracts: found.Contracts, Currency: found.Currency,
		Cases: effect.Observe(found.Customers, optionsOf(found, span)),
	}, nil
}

func optionsOf(found activities.FollowedUp, span map[string]survey.Span) effect.Options {
	days := func(name string) float64 { return span[name].Std().Hours() / 24 }
	return effect.Options{
		Quick: days("quick"), Left: days("left"), Horizon: days("horizon"),
		Purchases: found.Purchases, Amounts: found.Currency != "", Contracts: found.Contracts,
	}
}

func (r effectReport) print(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d customers had a case in the last %s, each account counted once.\n", r.Cases.Customers, r.Last)
	if r.Cases.Customers > 0 {
		r.printCases(&b)
	}
	for _, h := range r.HoldOuts {
		r.printHoldOut(&b, h)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (r effectReport) printCases(b *strings.Builder) {
	fmt.Fprintf(b, "%d were called within %s, %d were left for more than %s. Compared are those of the same %s.\n\n",
		r.Cases.Soon, r.Quick, r.Cases.Left, r.Left, traitNames(r.Cases.Alike))
	fmt.Fprintf(b, "WHAT CAME OF IT, in the %s from %s after the case was opened\n", r.Horizon, r.Left)
	printTold(b, outcomesOf(r.Cases.Told), r.Currency, "CALLED SOON", "LEFT")
	b.WriteString("\nWHAT THEY WERE BEFORE\n")
	printTold(b, pastsOf(r.Cases.Pasts), r.Currency, "CALLED SOON", "LEFT")
	if !slices.ContainsFunc(r.Cases.Pasts, func(t effect.Told) bool { return t.Comparison != nil }) {
		b.WriteString("Too little is known of it to see whether the groups were alike.\n")
	}
	b.WriteByte('\n')
	r.printWaits(b)
	r.printChanges(b)
	for _, line := range r.missing() {
		fmt.Fprintf(b, "\n%s\n", line)
	}
	b.WriteString("\nWhat this cannot tell: who is called soon is not chosen by chance. Customers who are easy to reach, or of whom a team hopes\n" +
		"most, may do better whether called or not. Only a hold-out says that calls help: docs/effect.md.\n")
}

func (r effectReport) printHoldOut(b *strings.Builder, h heldOut) {
	fmt.Fprintf(b, "\nHOLD-OUT of %s: of customers whose score was in the middle, chance let %d be called and held %d out; %g %% were to be.\n",
		h.Program, h.Called, h.Held, 100*h.Share)
	if h.Uneven() {
		fmt.Fprintf(b, "So uneven a draw comes by chance in %.2g of a hundred: something else decided too, and nothing can be told.\n", 100*h.ShareP)
	}
	fmt.Fprintf(b, "In the %s after the draw:\n", r.Horizon)
	printTold(b, outcomesOf(h.Told), h.Currency, "CALLED", "HELD OUT")
	b.WriteString("What they were before, where only chance makes a difference:\n")
	printTold(b, pastsOf(h.Pasts), h.Currency, "CALLED", "HELD OUT")
}

func traitNames(traits []effect.Trait) string {
	names := make([]string, len(traits))
	for i, t := range traits {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

// outcomeNames say what an outcome is.
var outcomeNames = map[effect.Outcome]string{
	effect.Answered: "answered when asked again", effect.Recovered: "of them: not unhappy", effect.NextScore: "their score, of 100",
	effect.Bought: "bought something", effect.Spent: "bought for", effect.Stayed: "kept their contract",
	effect.AnsweredBefore: "of earlier surveys answered, %", effect.ScoreBefore: "the score before, of 100",
	effect.BoughtBefore: "had bought something", effect.Worth: "worth",
}

// outcomeRow is what is told of an outcome, with what it says in words.
type outcomeRow struct {
	effect.Told
	says func(t effect.Told, times float64) string
}

func outcomesOf(all []effect.Told) []outcomeRow {
	out := make([]outcomeRow, len(all))
	for i, t := range all {
		out[i] = outcomeRow{t, verdictText}
	}
	return out
}

// pastsOf are what was before: nothing came of anything.
func pastsOf(all []effect.Told) []outcomeRow {
	out := outcomesOf(all)
	for i := range out {
		if out[i].Verdict == effect.NotComparable {
			out[i].says = func(effect.Told, float64) string { return "they differed" }
		}
	}
	return out
}

func printTold(b *strings.Builder, all []outcomeRow, currency, first, second string) {
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\t%s\t%s\tDIFFERENCE\tWHAT IT SAYS\n", first, second)
	for _, t := range all {
		name := outcomeNames[t.Outcome]
		if t.Outcome == effect.Spent {
			name += ", " + currency
		}
		if t.Comparison == nil {
			fmt.Fprintf(table, "%s\t\t\t\tfewer than ten who are alike in a group\n", name)
			continue
		}
		times, unit := 1.0, ""
		if t.Outcome.Share() {
			times, unit = 100, " %"
		}
		group := func(g effect.Group) string {
			return fmt.Sprintf("%s%s, n = %d", interval{times * g.Value, times * g.Low, times * g.High}, unit, g.Matched)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", name, group(t.First), group(t.Second),
			interval{times * t.Value, times * t.Low, times * t.High}, t.says(t.Told, times))
	}
	_ = table.Flush() // a builder takes everything
}

// verdictText says what may be said, in words.
func verdictText(t effect.Told, times float64) string {
	few := ""
	if t.Evidence != "enough" {
		few = " (" + string(t.Evidence) + ")"
	}
	switch t.Verdict {
	case effect.NotComparable:
		return "cannot be told: the groups were not alike before" + few
	case effect.NoDifference:
		if t.Smallest == 0 { // all had the same
			return "no difference" + few
		}
		return fmt.Sprintf("no real difference; %.1f or more would have shown", times*t.Smallest) + few
	case effect.Associated:
		return fmt.Sprintf("differs, and that is no proof: whatever makes both %.1f times as likely explains it", t.Unexplained) + few
	case effect.Helped:
		return "it helped" + few
	case effect.Harmed:
		return "it did harm" + few
	}
	return string(t.Verdict)
}

func (r effectReport) printWaits(b *strings.Builder) {
	b.WriteString("BY HOW LONG THEY WAITED, as it is: those who waited for long may be others\n")
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "UP TO\tCUSTOMERS\tANSWERED AGAIN\tNOT UNHAPPY")
	for _, w := range r.Cases.Waits {
		upTo, recovered := fmt.Sprintf("%g days", w.UpTo), "fewer than ten"
		if w.UpTo == 0 {
			upTo = "longer"
		}
		if w.Recovered != nil {
			recovered = interval{100 * w.Recovered.Rate, 100 * w.Recovered.Low, 100 * w.Recovered.High}.String() + " %"
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\n", upTo, w.N, w.Answered, recovered)
	}
	_ = table.Flush()
}

func (r effectReport) printChanges(b *strings.Builder) {
	b.WriteString("\nBEFORE AND AFTER: the next score less the one that opened the case, in points of 100\n")
	for _, one := range []struct {
		who string
		effect.Change
	}{{"called soon", r.Cases.SoonChange}, {"left", r.Cases.LeftChange}} {
		if one.Evidence == "hidden" {
			fmt.Fprintf(b, "%s: fewer than ten answered again\n", one.who)
			continue
		}
		fmt.Fprintf(b, "%s: %s, n = %d\n", one.who, interval{one.Mean, one.Low, one.High}, one.N)
	}
	b.WriteString("A low score is followed by a higher one by itself, so only the difference between the two says anything.\n")
}

// missing says what is not known, and so not told.
func (r effectReport) missing() []string {
	var out []string
	if !r.Purchases {
		out = append(out, "No purchases of these customers are known: whether they bought is not told.")
	} else if r.Currency == "" {
		out = append(out, "The amounts of their purchases are not all known, or in several currencies: what they bought for is not told.")
	}
	if !r.Contracts {
		out = append(out, "No subscriptions of these customers are known: whether they stayed is not told.")
	}
	return out
}
