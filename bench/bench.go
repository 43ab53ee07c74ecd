// Package bench measures what a loop costs and how fast it goes, beside bare
// Temporal workflows on the same server in the same run, what senders and
// customers notice of a Temporal server that is down, what a wave of surveys to a
// whole CRM costs, and how fast models are fitted.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Options size a run. All are required.
type Options struct {
	// Program is the cxloop binary to measure.
	Program string
	// Rate is loops and baseline workflows a second where the load is even, for
	// Seconds of real time.
	Rate    float64
	Seconds int
	// Burst is how many events come at once to measure what is possible at most.
	Burst int
	// Open is how many cases are open when memory is measured.
	Open int
	// Down is for how many seconds of real time Temporal's server is down.
	Down int
	// Contacts is how many a wave goes to, and Kill has the worker killed on its way.
	Contacts int
	Kill     bool
	// Customers is how many models of value are fitted to, and Data a folder with public data
	// to test them on, "" where there is none.
	Customers int
	Data      string
	// Responses is how many are counted where figures of many are read.
	Responses int
	// Only names the one of Parts to measure; "" measures all.
	Only string
	// Store is what cxloop keeps its data in: SQLite or Postgres.
	Store string
	// Progress takes a line a step.
	Progress io.Writer
}

// What Options.Store may be.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Figure is one measured number.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Baseline is what the figure is compared with, most often the same of the bare
	// workflows, and Ratio value by baseline; nil where there is none.
	Baseline *float64 `json:"baseline,omitempty"`
	Ratio    *float64 `json:"ratio,omitempty"`
	// Target is what the figure should be, in words.
	Target string `json:"target,omitempty"`
}

func figure(name string, value float64, unit, target string) Figure {
	return Figure{Name: name, Value: value, Unit: unit, Target: target}
}

func (f Figure) beside(baseline float64) Figure {
	ratio := f.Value / baseline
	f.Baseline, f.Ratio = &baseline, &ratio
	return f
}

// WriteJSON prints one object a line.
func WriteJSON(w io.Writer, figures []Figure) error {
	out := json.NewEncoder(w)
	for _, f := range figures {
		if err := out.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// WriteTable prints figures for people.
func WriteTable(w io.Writer, figures []Figure) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "figure\tvalue\tunit\tbaseline\tratio\ttarget\t")
	optional := func(v *float64) string {
		if v == nil {
			return ""
		}
		return fmt.Sprintf("%.2f", *v)
	}
	for _, f := range figures {
		fmt.Fprintf(out, "%s\t%.2f\t%s\t%s\t%s\t%s\t\n", f.Name, f.Value, f.Unit, optional(f.Baseline), optional(f.Ratio), f.Target)
	}
	return out.Flush()
}

// loopFigures are of loops while all is well.
func (r *run) loopFigures(ctx context.Context, _ []Figure) ([]Figure, error) {
	even := int(r.Rate * float64(r.Seconds))
	r.say("baseline: %d bare workflows (5 activities, timer, signal) at %g a second", even, r.Rate)
	paced, err := r.baseline(ctx, baselineArgs{Count: even, Rate: r.Rate})
	if err != nil {
		return nil, err
	}
	r.say("baseline: as many as go, 20 callers")
	full, err := r.baseline(ctx, baselineArgs{Count: 25 * r.Seconds, Callers: 20})
	if err != nil {
		return nil, err
	}
	world, err := r.newWorld(ctx, loopSetting)
	if err != nil {
		return nil, err
	}
	figures, err := r.loops(ctx, world, even, paced, full)
	return figures, errors.Join(err, world.close())
}

// calmChannels is how many Slack channels read the cases where the load is even.
const calmChannels = 10

func (r *run) loops(ctx context.Context, w *world, even int, paced, full baselineResult) ([]Figure, error) {
	r.say("loops: %d at %g a second, all answered, 50 %% promoters, 30 %% passives, 20 %% detractors in %d channels", even, r.Rate, calmChannels)
	calm, err := w.play(ctx, load{count: even, rate: r.Rate, channels: calmChannels, score: usualScore, resolve: true})
	if err != nil {
		return nil, err
	}
	r.say("loops: %d at once", r.Burst)
	storm, err := w.play(ctx, load{count: r.Burst, score: usualScore, resolve: true})
	if err != nil {
		return nil, err
	}
	r.say("memory: %d detractors at once, whose cases stay open", r.Open)
	if _, err := w.play(ctx, load{count: r.Open, score: func(int) int { return 3 }}); err != nil {
		return nil, err
	}
	rss, err := residentMB(w.pid())
	if err != nil {
		return nil, err
	}
	return []Figure{
		figure("loop.cpu_ratio", calm.cpuMS/paced.cpuMS, "× baseline's CPU", "≤ 1.00"),
		figure("loop.cpu_ms", calm.cpuMS, "ms", "").beside(paced.cpuMS),
		figure("loop.own_cpu_ms", calm.ownMS, "ms", ""),
		figure("loop.transitions", calm.transitions, "", "").beside(paced.transitions),
		figure("loop.per_s", storm.perSecond, "1/s", "≥ 4 × baseline").beside(full.perSecond),
		figure("loop.saturated_cpu_ms", storm.cpuMS, "ms", "").beside(full.cpuMS),
		figure("loop.event_to_mail_p99_ms", p99(calm.eventToMail), "ms", "< 3000"),
		figure("loop.answer_to_slack_p99_ms", p99(calm.answerToSlack), "ms", ""),
		figure("alert.p99_ms", p99(calm.answerToSlack), "ms", "< 2000"),
		figure("case.transitions", calm.caseTransitions, "", ""),
		figure("worker.rss_10k_open_mb", rss, "MB", "< 150"),
	}, nil
}

// p99 is the 99th percentile of durations, in milliseconds; 0 of none.
func p99(durations []time.Duration) float64 { return percentile(durations, 99) }

func percentile(durations []time.Duration, percent int) float64 {
	if len(durations) == 0 {
		return 0
	}
	slices.Sort(durations)
	at := min(len(durations)-1, len(durations)*percent/100)
	return float64(durations[at]) / float64(time.Millisecond)
}
