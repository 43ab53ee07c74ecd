package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func asksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "asks [PROGRAM]",
		Short: "Tell what was asked of those who answered, what came of it, and who was not asked by which rule",
		Long: "Tell what was asked of those who answered, what came of it, and who was not asked by which rule.\n\n" +
			"--by account.tier (or contact.<attribute>, or segment.<name>) tells it by segment; segments with fewer than ten asked are told together.",
		Args: atMostOneProgram,
	}
	file := configFlag(cmd, defaultConfig)
	flags := cmd.Flags()
	by := flags.String("by", "", "tell it by an attribute of account or contact, or by a segment")
	list := flags.Bool("list", false, "list each ask with its turn, its rule and why")
	asJSON := flags.Bool("json", false, "print one object a line")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		program := ""
		if len(args) == 1 {
			p, err := programOf(c, args[0])
			if err != nil {
				return err
			}
			program = p.ID
		}
		segment, err := segmentsBy(c, *by)
		if err != nil {
			return err
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			found, err := a.store.AskOutcomes(cmd.Context(), program)
			if err != nil {
				return err
			}
			if *list {
				return writeAskList(cmd.OutOrStdout(), found, *asJSON)
			}
			segments, err := a.segmentsOf(cmd.Context(), found, segment)
			if err != nil {
				return err
			}
			return writeAskFigures(cmd.OutOrStdout(), askFigures(found, segments), *by, *asJSON)
		})
	}
	return cmd
}

// segmentsBy says how a field tells the segment that somebody is in, nil for "".
func segmentsBy(c *config.Config, field string) (func(condition.Facts) string, error) {
	object, name, _ := strings.Cut(field, ".")
	switch {
	case field == "":
		return nil, nil
	case object == condition.Segment:
		language, err := condition.New(c.Terms)
		if err != nil {
			return nil, err
		}
		e, err := language.Compile(condition.OfSegment, field)
		if err != nil {
			return nil, fmt.Errorf("%w: --by %s: %w", errUsage, field, err)
		}
		return func(about condition.Facts) string {
			switch said := e.Ask(about); {
			case said.Unanswered() != "":
				return unknownSegment
			case said.Holds:
				return name
			}
			return "not " + name
		}, nil
	case name != "" && object == condition.Account:
		return func(about condition.Facts) string { return cmp.Or(about.Account.Attributes[name], unknownSegment) }, nil
	case name != "" && object == condition.Contact:
		return func(about condition.Facts) string { return cmp.Or(about.Contact.Attributes[name], unknownSegment) }, nil
	}
	return nil, fmt.Errorf("%w: --by %q: want account.<attribute>, contact.<attribute> or segment.<name>, for example account.tier", errUsage, field)
}

// The segments of those of whom it is not known, and of those who are too few.
const (
	unknownSegment = "unknown"
	otherSegments  = "others"
)

// segmentsOf returns the segment of each contact that was asked.
func (a *app) segmentsOf(ctx context.Context, found []store.AskOutcome, segment func(condition.Facts) string) (map[string]string, error) {
	if segment == nil {
		return nil, nil
	}
	var contactKeys, accountKeys []string
	for _, o := range found {
		contactKeys, accountKeys = append(contactKeys, o.ContactKey), append(accountKeys, o.AccountKey)
	}
	contacts, err := a.store.Contacts(ctx, distinct(contactKeys))
	if err != nil {
		return nil, err
	}
	accounts, err := a.store.Accounts(ctx, distinct(accountKeys))
	if err != nil {
		return nil, err
	}
	now := a.clock.Now()
	segments := map[string]string{}
	for _, o := range found {
		segments[o.ID] = segment(condition.Facts{Contact: contacts[o.ContactKey], Account: accounts[o.AccountKey], Now: now})
	}
	return segments, nil
}

func distinct(keys []string) []string {
	slices.Sort(keys)
	return slices.DeleteFunc(slices.Compact(keys), func(key string) bool { return key == "" })
}

// askFigure is what came of the asks of a kind, in a program and a segment.
type askFigure struct {
	Program string         `json:"program"`
	Kind    survey.AskKind `json:"kind"`
	Segment string         `json:"segment,omitempty"`
	// Asked are those whose mail went out, or may have, or who went on from the page;
	// Waiting those whose mail is to go out.
	Asked   int `json:"asked"`
	Waiting int `json:"waiting"`
	// Opened is at least so many.
	Opened  int `json:"opened"`
	Clicked int `json:"clicked"`
	// Referred are friends who left their details, Converted deals won with them.
	Referred  int `json:"referred"`
	Converted int `json:"converted"`
	// Revenue is what those are worth, by currency; "" is one that is not known.
	Revenue map[string]survey.Hundredths `json:"revenue,omitempty"`
	// NotAsked counts those who were not, by the rule that said no.
	NotAsked map[survey.Rule]int `json:"not_asked,omitempty"`
}

// askFigures adds up outcomes, by the segments of their ids.
func askFigures(found []store.AskOutcome, segments map[string]string) []askFigure {
	type of struct {
		program string
		kind    survey.AskKind
		segment string
	}
	figures := map[of]*askFigure{}
	for _, o := range found {
		key := of{o.Program, o.Kind, segments[o.ID]}
		if figures[key] == nil {
			figures[key] = &askFigure{Program: o.Program, Kind: o.Kind, Segment: key.segment, NotAsked: map[survey.Rule]int{}, Revenue: map[string]survey.Hundredths{}}
		}
		figures[key].add(o)
	}
	for key, f := range figures {
		if key.segment == "" || f.Asked >= survey.MinGroup {
			continue
		}
		rest := of{key.program, key.kind, otherSegments}
		if key == rest {
			continue
		}
		if figures[rest] == nil {
			figures[rest] = &askFigure{Program: f.Program, Kind: f.Kind, Segment: otherSegments, NotAsked: map[survey.Rule]int{}, Revenue: map[string]survey.Hundredths{}}
		}
		figures[rest].join(*f)
		delete(figures, key)
	}
	return slices.SortedFunc(func(yield func(askFigure) bool) {
		for _, f := range figures {
			if !yield(*f) {
				return
			}
		}
	}, func(a, b askFigure) int {
		return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Segment, b.Segment))
	})
}

func (f *askFigure) add(o store.AskOutcome) {
	switch o.State {
	case survey.AskSuppressed:
		f.NotAsked[o.Rule]++
		return
	case survey.AskWaiting:
		f.Waiting++
		return
	}
	f.Asked++
	if o.Opened {
		f.Opened++
	}
	if o.Clicked {
		f.Clicked++
	}
	f.Referred += o.Referred
	f.Converted += o.Converted
	for currency, amount := range o.Revenue {
		f.Revenue[currency] += amount
	}
}

func (f *askFigure) join(g askFigure) {
	f.Asked, f.Waiting, f.Opened, f.Clicked = f.Asked+g.Asked, f.Waiting+g.Waiting, f.Opened+g.Opened, f.Clicked+g.Clicked
	f.Referred, f.Converted = f.Referred+g.Referred, f.Converted+g.Converted
	for currency, amount := range g.Revenue {
		f.Revenue[currency] += amount
	}
	for rule, n := range g.NotAsked {
		f.NotAsked[rule] += n
	}
}

func writeAskFigures(out io.Writer, figures []askFigure, by string, asJSON bool) error {
	if asJSON {
		return writeLines(out, figures)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	segment := ""
	if by != "" {
		segment = strings.ToUpper(by) + "\t"
	}
	fmt.Fprintf(table, "PROGRAM\tKIND\t%sASKED\tOPENED\tCLICKED\tREFERRED\tCONVERTED\tREVENUE\tWAITING\tNOT ASKED\n", segment)
	for _, f := range figures {
		if by != "" {
			segment = f.Segment + "\t"
		}
		referred, converted := "", ""
		if f.Kind == survey.AskReferral {
			referred, converted = fmt.Sprint(f.Referred), fmt.Sprint(f.Converted)
		}
		fmt.Fprintf(table, "%s\t%s\t%s%d\tat least %d\t%d\t%s\t%s\t%s\t%d\t%s\n",
			f.Program, f.Kind, segment, f.Asked, f.Opened, f.Clicked, referred, converted, revenueText(f.Revenue), f.Waiting, rulesText(f.NotAsked))
	}
	return table.Flush()
}

func revenueText(revenue map[string]survey.Hundredths) string {
	var parts []string
	for _, currency := range slices.Sorted(maps.Keys(revenue)) {
		parts = append(parts, strings.TrimSpace(fmt.Sprint(revenue[currency], " ", currency)))
	}
	return strings.Join(parts, ", ")
}

func rulesText(rules map[survey.Rule]int) string {
	var parts []string
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		parts = append(parts, fmt.Sprintf("%s %d", cmp.Or(rule, "refused"), rules[rule]))
	}
	return strings.Join(parts, ", ")
}

// printOne prints what a command tells: as one object for scripts, or for people.
func printOne(out io.Writer, told interface{ print(io.Writer) error }, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(told)
	}
	return told.print(out)
}

// writeLines prints objects for scripts, one a line.
func writeLines[T any](out io.Writer, lines []T) error {
	encoder := json.NewEncoder(out)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// listedAsk is an ask with what decided about it. It names nobody.
type listedAsk struct {
	ID      string           `json:"id"`
	Program string           `json:"program"`
	Kind    survey.AskKind   `json:"kind"`
	State   survey.AskState  `json:"state"`
	Rule    survey.Rule      `json:"rule,omitempty"`
	At      string           `json:"at"`
	Why     survey.AskChoice `json:"why"`
	Facts   *survey.AskFacts `json:"facts,omitempty"`
}

func writeAskList(out io.Writer, found []store.AskOutcome, asJSON bool) error {
	if asJSON {
		lines := make([]listedAsk, len(found))
		for i, o := range found {
			lines[i] = listedAsk{o.ID, o.Program, o.Kind, o.State, o.Rule, o.CreatedAt.Format("2006-01-02T15:04:05Z"), o.Why, o.Facts}
		}
		return writeLines(out, lines)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "AT\tASK\tPROGRAM\tTURN OF\tKIND\tSTATE\tRULE\tPASSED OVER")
	for _, o := range found {
		var passed []string
		for _, p := range o.Why.Passed {
			passed = append(passed, fmt.Sprintf("%s: %s", p.Kind, p.Rule))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", o.CreatedAt.Format("2006-01-02 15:04"), o.ID, o.Program, o.Why.Turn, o.Kind, o.State, o.Rule, strings.Join(passed, ", "))
	}
	return table.Flush()
}
