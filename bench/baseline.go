package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"
)

const baselineQueue = "bench-baseline"

// baselineWorkflow is the yardstick: five activities one after the other, a timer
// and a signal, nothing else.
func baselineWorkflow(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
	for range 5 {
		if err := workflow.ExecuteActivity(ctx, baselineActivity).Get(ctx, nil); err != nil {
			return err
		}
	}
	if err := workflow.Sleep(ctx, 100*time.Millisecond); err != nil {
		return err
	}
	workflow.GetSignalChannel(ctx, baselineSignal).Receive(ctx, nil)
	return nil
}

const baselineSignal = "go"

func baselineActivity(context.Context) error { return nil }

// BaselineOptions say how many bare workflows to run, and how.
type BaselineOptions struct {
	Address, Namespace string
	Count              int
	// Rate is how many are begun a second; 0 lets Callers begin one after another.
	Rate    float64
	Callers int
}

// baselineReport is what the process that ran the bare workflows says.
type baselineReport struct {
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
}

// RunBaseline runs bare workflows with a worker and callers of its own and writes
// a report. It is a process apart, because cxloop is one too.
func RunBaseline(ctx context.Context, o BaselineOptions, out io.Writer) error {
	c, err := client.Dial(client.Options{HostPort: o.Address, Namespace: o.Namespace, Logger: noLog{}})
	if err != nil {
		return err
	}
	defer c.Close()
	w := worker.New(c, baselineQueue, worker.Options{})
	w.RegisterWorkflow(baselineWorkflow)
	w.RegisterActivity(baselineActivity)
	if err := w.Start(); err != nil {
		return err
	}
	defer w.Stop()
	began, before := time.Now(), ownCPU()
	if err := callBaseline(ctx, c, o); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(baselineReport{
		Seconds: time.Since(began).Seconds(), CPUSeconds: (ownCPU() - before).Seconds(),
	})
}

func callBaseline(ctx context.Context, c client.Client, o BaselineOptions) error {
	group, ctx := errgroup.WithContext(ctx)
	if o.Rate > 0 {
		ticker := time.NewTicker(time.Duration(float64(time.Second) / o.Rate))
		defer ticker.Stop()
		for range o.Count {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return ctx.Err()
			}
			group.Go(func() error { return callOne(ctx, c) })
		}
		return group.Wait()
	}
	var begun atomic.Int64
	for range o.Callers {
		group.Go(func() error {
			for begun.Add(1) <= int64(o.Count) {
				if err := callOne(ctx, c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func callOne(ctx context.Context, c client.Client) error {
	one, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: baselineQueue}, baselineWorkflow)
	if err != nil {
		return err
	}
	if err := c.SignalWorkflow(ctx, one.GetID(), one.GetRunID(), baselineSignal, nil); err != nil {
		return err
	}
	return one.Get(ctx, nil)
}

func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic("bench: getrusage of the own process: " + err.Error())
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

type baselineArgs struct {
	Count   int
	Rate    float64
	Callers int
}

// baselineResult is of one bare workflow, on average.
type baselineResult struct {
	cpuMS, transitions, perSecond float64
}

// baseline runs bare workflows in a process of their own.
func (r *run) baseline(ctx context.Context, args baselineArgs) (baselineResult, error) {
	began := time.Now()
	before, err := cpuOf(r.server.PID)
	if err != nil {
		return baselineResult{}, err
	}
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, r.Program, "bench-baseline", "--address", r.server.Address, "--namespace", r.server.Namespace,
		"--count", strconv.Itoa(args.Count), "--rate", strconv.FormatFloat(args.Rate, 'f', -1, 64), "--callers", strconv.Itoa(args.Callers))
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return baselineResult{}, fmt.Errorf("baseline: %w\n%s", err, said.String())
	}
	after, err := cpuOf(r.server.PID)
	if err != nil {
		return baselineResult{}, err
	}
	var report baselineReport
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		return baselineResult{}, fmt.Errorf("baseline: %w", err)
	}
	if err := r.awaitClosed(ctx, began, closePatience); err != nil { // the list lags behind
		return baselineResult{}, err
	}
	transitions, _, err := r.transitionsSince(ctx, began)
	count := float64(args.Count)
	return baselineResult{
		cpuMS:       ((after - before).Seconds() + report.CPUSeconds) * 1000 / count,
		transitions: float64(transitions) / count,
		perSecond:   count / report.Seconds,
	}, err
}
