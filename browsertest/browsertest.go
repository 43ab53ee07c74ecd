// Package browsertest drives a real Chromium in tests of pages.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// names are what Chromium is called where it is installed.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// timeout is how long a test may use its browser: long enough for a busy machine of two cores.
const timeout = 2 * time.Minute

// Find returns the path of Chromium, or an error that says how to install it.
func Find() (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("chromium is not installed: sudo apt-get install -y chromium")
}

// Page is a tab of a browser of the test's own.
type Page struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// Browser starts Chromium and returns an empty tab; both end with the test. Where Chromium is missing the test is
// skipped, or fails when the environment has CI=true.
func Browser(t *testing.T) *Page {
	t.Helper()
	path, err := Find()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.WindowSize(1280, 900), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.UserDataDir(t.TempDir()),
	)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, _ = chromedp.NewContext(ctx)
	// Unlike the context's own cancel, it waits until the browser has ended and its folder can be removed.
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	p := &Page{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, p.note)
	p.Run(log.Enable())
	return p
}

// note keeps what a developer would see in red: errors of scripts, of loading and of the content security policy.
func (p *Page) note(event any) {
	var problem string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		problem = e.ExceptionDetails.Error()
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			var words []string
			for _, arg := range e.Args {
				words = append(words, string(arg.Value)+arg.Description)
			}
			problem = strings.Join(words, " ")
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			problem = string(e.Entry.Source) + ": " + e.Entry.Text + " " + e.Entry.URL
		}
	}
	if problem != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.problems = append(p.problems, problem)
	}
}

// Problems returns the errors that the browser's console has shown so far.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.problems...)
}

// Context returns the tab's context, for other packages of chromedp.
func (p *Page) Context() context.Context { return p.ctx }

// Run runs actions and fails the test where one fails; an action that waits does so until the browser's time is up.
func (p *Page) Run(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.t.Fatalf("browser: %v; console: %q", err, p.Problems())
	}
}

// WaitText waits until the text of the first element that a CSS selector finds holds the given text.
func (p *Page) WaitText(selector, text string) {
	p.t.Helper()
	const holds = `(selector, text) => document.querySelector(selector)?.textContent.includes(text)`
	p.Run(chromedp.PollFunction(holds, nil, chromedp.WithPollingArgs(selector, text), chromedp.WithPollingTimeout(30*time.Second)))
}

// Screenshot writes the whole page as PNG below the folder in CXLOOP_SCREENSHOTS, and does nothing where that is unset.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	dir := os.Getenv("CXLOOP_SCREENSHOTS")
	if dir == "" {
		return
	}
	var png []byte
	p.Run(chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(dir+"/"+name+".png", png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
