package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight/effect"
	"github.com/cxloop/cxloop/survey"
)

// roiReport is what closing the loop costs and brings.
type roiReport struct {
	Last     survey.Span `json:"last"`
	Currency string      `json:"currency"`
	Inputs   []roiInput  `json:"inputs"`
	effect.Return
	notes []string
}

// roiInput is a number that the figures are made of, nil where it is not known.
type roiInput struct {
	Name  string        `json:"name"`
	Value *effect.Range `json:"value,omitempty"`
	// From says where it comes from, or how to tell it.
	From string `json:"from"`
}

// monthDays is the mean length of a month: 365 days are twelve.
const monthDays = 365.0 / 12

// roiOf adds up what is configured and what was counted.
func roiOf(roi config.ROI, counted roiCounts) roiReport {
	out := roiReport{Last: counted.Last, Currency: roi.Currency}
	count := func(name string, n float64) *effect.Range {
		value := effect.Exactly(n)
		return out.firstKnown(name, "", roiSource{&value, "counted"})
	}
	given := func(key, meaning string, value *effect.Range) *effect.Range {
		return out.firstKnown(meaning, "set roi."+key, roiSource{value, "roi." + key})
	}
	months := count("months", counted.Last.Std().Hours()/24/monthDays)
	costs := []effect.Item{
		{Name: "software", Factors: []*effect.Range{months, given("licence", "software, a month", roi.Licence)}},
		{Name: "running it", Factors: []*effect.Range{months, given("operation", "running it, a month", roi.Operation)}},
	}
	if counted.Mails > 0 {
		costs = append(costs, effect.Item{Name: "mails", Factors: []*effect.Range{count("mails", float64(counted.Mails)), given("mail", "a mail", roi.Mail)}})
	}
	if counted.SMS > 0 {
		costs = append(costs, effect.Item{Name: "SMS", Factors: []*effect.Range{count("SMS", float64(counted.SMS)), given("sms", "an SMS", roi.SMS)}})
	}
	if counted.Cases > 0 {
		hours := effect.Exactly(1.0 / 60)
		costs = append(costs, effect.Item{Name: "work on cases", Factors: []*effect.Range{
			count("cases", float64(counted.Cases)), &hours, given("case_minutes", "minutes of work on a case", roi.CaseMinutes), given("hour", "an hour of it", roi.Hour),
		}})
	}
	margin := given("margin", "margin, of revenue", roi.Margin)
	gains := []effect.Item{
		{Name: "customers kept", Factors: []*effect.Range{
			count("customers called", float64(counted.Called)),
			out.firstKnown("of them, kept by it", "no difference was seen in contracts; set roi.kept to assume one",
				roiSource{roi.Kept, "roi.kept, as you assume"}, roiSource{counted.Stayed, "seen by cxloop effect, which is no proof"}),
			out.firstKnown("revenue of a customer", "set roi.customer_value",
				roiSource{roi.CustomerValue, "roi.customer_value"}, roiSource{counted.Value, "the mean of cases.value of those called"}),
			margin,
		}},
		{Name: "referrals", Factors: []*effect.Range{count("revenue of referrals", counted.Referred), margin}},
	}
	if counted.Elsewhere {
		out.notes = append(out.notes, "Some referrals were won in other currencies, or for an amount that nobody knows: they count as nothing.")
	}
	out.Return = effect.ReturnOf(costs, gains)
	return out
}

// roiSource is where an input may come from.
type roiSource struct {
	value *effect.Range
	from  string
}

// firstKnown adds an input from the first source that knows it, nil where none does; missing
// says how to tell it.
func (r *roiReport) firstKnown(name, missing string, sources ...roiSource) *effect.Range {
	for _, s := range sources {
		if s.value != nil {
			r.Inputs = append(r.Inputs, roiInput{name, s.value, s.from})
			return s.value
		}
	}
	r.Inputs = append(r.Inputs, roiInput{name, nil, "not known: " + missing})
	return nil
}

func (r roiReport) print(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Return of the last %s, in %s. Figures in brackets hold nine of ten cases of what the inputs allow.\n\n", r.Last, r.Currency)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "INPUT\tVALUE\tFROM")
	for _, input := range r.Inputs {
		value := "?"
		if input.Value != nil {
			value = rangeText(*input.Value)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", input.Name, value, input.From)
	}
	fmt.Fprintln(table, "\t\t\nCOSTS\t\t")
	writeSums(table, r.Costs, r.Cost)
	fmt.Fprintln(table, "\t\t\nGAINS\t\t")
	writeSums(table, r.Gains, r.Gain)
	_ = table.Flush() // a builder takes everything
	b.WriteByte('\n')
	switch {
	case r.ROI == nil:
		b.WriteString("No return is told: a cost is not known, or there is none.\n")
	default:
		fmt.Fprintf(&b, "ROI %s %%: what comes back of 100, above the 100. It pays in %.0f of 100 cases.\n",
			intervalText(effect.Interval{Low: 100 * r.ROI.Low, Median: 100 * r.ROI.Median, High: 100 * r.ROI.High}), 100**r.Pays)
	}
	for _, g := range r.Gains {
		if g.Interval == nil {
			fmt.Fprintf(&b, "What %s brought is not known and counts as nothing.\n", g.Name)
		}
	}
	for _, note := range r.notes {
		fmt.Fprintln(&b, note)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func writeSums(out io.Writer, sums []effect.Sum, all effect.Interval) {
	together := "together"
	for _, s := range sums {
		text := "?"
		if s.Interval != nil {
			text = intervalText(*s.Interval)
		} else {
			together = "together, as far as known"
		}
		fmt.Fprintf(out, "%s\t%s\t\n", s.Name, text)
	}
	fmt.Fprintf(out, "%s\t%s\t\n", together, intervalText(all))
}

func intervalText(i effect.Interval) string {
	if i.Low == i.High {
		return amountText(i.Median)
	}
	return fmt.Sprintf("%s [%s, %s]", amountText(i.Median), amountText(i.Low), amountText(i.High))
}

func rangeText(r effect.Range) string {
	if r.Low == r.High {
		return amountText(r.Low)
	}
	return fmt.Sprintf("%s, %s to %s", amountText(r.Likely), amountText(r.Low), amountText(r.High))
}

// amountText has no more digits than anybody reads: whole numbers from 100 on, three digits
// below.
func amountText(v float64) string {
	if math.Abs(v) >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
