// Package browsertest drives a real Chromium in tests of pages.
package browsertest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// names are what Chromium is called where it is installed.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// A test has its browser for timeout, and a page patience to show what it is expected to: both are long enough for a
// busy machine of two cores. It is asked for that in attempts.
const (
	timeout  = 2 * time.Minute
	patience = 30 * time.Second
	attempt  = 5 * time.Second
)

// Find returns the path of Chromium, or an error that says how to install it.
func Find() (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("chromium is not installed: sudo apt-get install -y chromium")
}

// Page is a tab of a browser of the test's own.
type Page struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// Browser starts Chromium and returns an empty tab of 1280 by 900 pixels; both end with the test. Where Chromium is
// missing the test is skipped, or fails when the environment has CI=true.
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
		chromedp.Flag("disable-sync", true),
		// A page that it keeps for the back button is frozen, and whoever asked it something waits for ever.
		chromedp.Flag("disable-back-forward-cache", true), chromedp.WindowSize(1280, 900),
	)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // unlike cancel, it waits until the browser has ended
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			p.note(m)
		}
	}()
	return p
}

// note keeps what a developer would see in colour: errors of scripts, of loading and of the content security policy.
func (p *Page) note(m chromedp.ConsoleMessage) {
	if m.Type != chromedp.ConsoleError && m.Type != chromedp.ConsoleWarning && !m.IsException() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, m.Source+" "+m.String()+" "+m.URL)
}

// Problems returns the errors and warnings that the browser's console has shown so far.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.problems)
}

// Do runs steps and fails the test where one fails; a step that waits does so until the browser's time is up.
func (p *Page) Do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("browser: %v; console: %q", err, p.Problems())
	}
}

// Open loads a page.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.Do(chromedp.Navigate(url))
}

// Click presses the first element that a CSS selector finds, once it is visible. The page of the click before it may
// still be there: WaitVisible for what only the next one has comes first.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.WaitVisible(selector)
	err := chromedp.Do(p.ctx, chromedp.Click(chromedp.CSS(selector)))
	if _, gone := errors.AsType[*cdproto.Error](err); gone { // found on the page before, which ended then: nothing was clicked
		err = chromedp.Do(p.ctx, chromedp.Click(chromedp.CSS(selector)))
	}
	if err != nil {
		p.t.Fatalf("browser: click %s: %v; console: %q", selector, err, p.Problems())
	}
}

// WaitVisible waits until a CSS selector finds an element that is visible, on this page or on one that is on its way.
func (p *Page) WaitVisible(selector string) {
	p.t.Helper()
	p.wait(`(selector) => [...document.querySelectorAll(selector)].some((e) => e.checkVisibility({visibilityProperty: true}))`, selector)
}

// Front brings the tab back to the front after one of its links opened another: a tab behind is not drawn, and much in
// it stands still.
func (p *Page) Front() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, page.BringToFront, cdp.Empty{}); err != nil {
		p.t.Fatalf("browser: to the front: %v", err)
	}
}

// Eval returns the value of a JavaScript expression.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("browser: %s: %v", expression, err)
	}
	return value
}

// Wait waits until a JavaScript expression is true.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	p.wait("() => " + expression)
}

// WaitText waits until an element that a CSS selector finds holds the given text.
func (p *Page) WaitText(selector, text string) {
	p.t.Helper()
	p.wait(`(selector, text) => [...document.querySelectorAll(selector)].some((e) => e.textContent.includes(text))`, selector, text)
}

// wait asks again and again, as what it was asked about ends with the page when the browser goes on to another one: it
// calls that an error, or never answers.
func (p *Page) wait(function string, args ...any) {
	p.t.Helper()
	for until := time.Now().Add(patience); ; {
		ctx, cancel := context.WithTimeout(p.ctx, attempt)
		_, err := chromedp.Run(ctx, chromedp.PollFunction[bool](function, chromedp.WithPollingArgs(args...), chromedp.WithPollingTimeout(attempt)))
		cancel()
		if err == nil {
			return
		}
		if !time.Now().Before(until) || !passing(err) {
			p.t.Fatalf("browser: waiting for %s %q: %v; console: %q", function, args, err, p.Problems())
		}
	}
}

// passing reports whether an error may be because the browser goes on to another page.
func passing(err error) bool {
	_, told := errors.AsType[*cdproto.Error](err)
	return told || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, chromedp.ErrPollingTimeout)
}

// Show makes the tab so many pixels wide and sets the colour scheme that its user prefers: light or dark.
func (p *Page) Show(width, height int64, scheme string) {
	p.t.Helper()
	p.Do(chromedp.EmulateViewport(width, height))
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media); err != nil {
		p.t.Fatalf("browser: prefer %s: %v", scheme, err)
	}
}

// Screenshot writes the whole page as a PNG below the folder that CXLOOP_SCREENSHOTS names, for people to look at; it
// does nothing where that is unset.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	dir := os.Getenv("CXLOOP_SCREENSHOTS")
	if dir == "" {
		return
	}
	p.Do(chromedp.Evaluate[chromedp.Void]("scrollTo({top: 0, behavior: 'instant'})"))
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatalf("browser: screenshot: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
