package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/cxloop/cxloop/insight/report"
	"github.com/cxloop/cxloop/insight/text"
	"github.com/cxloop/cxloop/store"
)

// comments are what may be shown of many.
type comments struct {
	// Program is "" of feedback.
	Program string `json:"program,omitempty"`
	// By names what read them.
	By []string `json:"read_by"`
	// Least is of how many a group is shown.
	Least int `json:"least"`
	// Hidden says why there is no more.
	Hidden string `json:"hidden,omitempty"`
	N      int    `json:"n"`
	// Complain and Praise are shares, in percent.
	Complain report.Interval `json:"complain"`
	Praise   report.Interval `json:"praise"`
	// AngryDespiteScore are angry comments beside a score that is not unhappy, and
	// PleasedDespiteScore the other way round; nil where they are few.
	AngryDespiteScore   *int           `json:"angry_despite_score"`
	PleasedDespiteScore *int           `json:"pleased_despite_score"`
	Topics              []commentGroup `json:"topics"`
	Languages           []commentGroup `json:"languages"`
}

// commentGroup is comments of which something is so; without numbers where they are few.
type commentGroup struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	N    int    `json:"n,omitempty"`
	// Share is of all comments, Complain and Praise of these, in percent.
	Share    *report.Interval `json:"share,omitempty"`
	Complain *report.Interval `json:"complain,omitempty"`
	Praise   *report.Interval `json:"praise,omitempty"`
}

func (c comments) print(out io.Writer) error {
	var b strings.Builder
	what := "feedback"
	if c.Program != "" {
		what = c.Program
	}
	if c.Hidden != "" {
		fmt.Fprintf(&b, "%s: %s.\n", what, c.Hidden)
		_, err := io.WriteString(out, b.String())
		return err
	}
	fmt.Fprintf(&b, "%s: %d comments, %% that complain %s, that praise %s\n", what, c.N, interval(c.Complain), interval(c.Praise))
	c.printContrary(&b)
	c.printGroups(&b, "Topic", c.Topics)
	c.printGroups(&b, "Language", c.Languages)
	fmt.Fprintf(&b, "\nRead by %s. A comment may have several topics, or none. In brackets, 95 %% intervals.\n", strings.Join(c.By, ", "))
	_, err := io.WriteString(out, b.String())
	return err
}

func (c comments) printContrary(b *strings.Builder) {
	for _, line := range []struct {
		n    *int
		what string
	}{{c.AngryDespiteScore, "angry beside a score that is not unhappy"}, {c.PleasedDespiteScore, "pleased beside an unhappy score"}} {
		switch {
		case line.n == nil:
			fmt.Fprintf(b, "fewer than %d are %s\n", c.Least, line.what)
		case *line.n > 0:
			fmt.Fprintf(b, "%d are %s\n", *line.n, line.what)
		}
	}
}

func (c comments) printGroups(b *strings.Builder, title string, groups []commentGroup) {
	if len(groups) == 0 {
		return
	}
	b.WriteByte('\n')
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%s\tn\t%% of comments\t%% that complain\t%% that praise\n", title)
	for _, g := range groups {
		name := g.ID
		if g.Name != "" && g.Name != g.ID {
			name += " (" + g.Name + ")"
		}
		if g.Share == nil {
			fmt.Fprintf(table, "%s\t< %d\t\t\t\n", name, c.Least)
			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", name, g.N, interval(*g.Share), interval(*g.Complain), interval(*g.Praise))
	}
	_ = table.Flush() // into a builder, which takes all
}

// shownTraining is a training as JSON.
type shownTraining struct {
	At       time.Time       `json:"at"`
	Version  string          `json:"version"`
	Comments int             `json:"comments"`
	Trials   json.RawMessage `json:"trials"`
}

func writeTraining(b *strings.Builder, last store.TextTraining, trials []text.Trial) {
	fmt.Fprintf(b, "Trained on %s on %d comments. ", last.At.UTC().Format(time.DateOnly), last.Comments)
	if last.Version == "" {
		b.WriteString("The lexicon reads comments.\n")
	} else {
		fmt.Fprintf(b, "Model %s reads comments.\n", last.Version)
	}
	if len(trials) == 0 {
		return
	}
	b.WriteString("\nHow many of both kinds were read rightly, % (a coin: 50), of comments that were not trained on\n")
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "language\tof\tn\tbefore\tmodel\tgain\tstatus")
	for _, t := range trials {
		of, gain := t.Topic, interval{Value: 100 * t.Gain, Low: 100 * t.Low, High: 100 * t.High}
		if of == "" {
			of = "sentiment"
		}
		status := string(t.Status)
		if t.Kept {
			status += ", earlier model kept"
		}
		if t.Model == 0 { // nothing was tried
			fmt.Fprintf(table, "%s\t%s\t%d\t\t\t\t%s: %s\n", t.Language, of, t.Comments, status, t.Reason)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%.1f\t%.1f\t%s\t%s: %s\n", t.Language, of, t.Comments, 100*t.Before, 100*t.Model, gain, status, t.Reason)
	}
	_ = table.Flush() // into a builder, which takes all
}
