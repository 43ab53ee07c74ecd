package browsertest

import "os"

// axeEnv names the file axe.min.js of the package axe-core (github.com/dequelabs/axe-core),
// which finds what of the Web Content Accessibility Guidelines a machine can.
const axeEnv = "CXLOOP_AXE"

// axeScript runs the rules of WCAG 2.2 AA and the best practices, and names each element
// that breaks one.
const axeScript = `delete window.found; axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((found) =>
	found.violations.flatMap((v) => v.nodes.map((n) => v.id + " (" + v.impact + "): " + n.html.slice(0, 120))).join("\n"))
	.then((text) => { window.found = text }), true`

// HasAxe reports whether Axe has something to run.
func HasAxe() bool { return os.Getenv(axeEnv) != "" }

// Axe returns what breaks the guidelines on the page, one finding a line; "" where axe-core
// is not given (CXLOOP_AXE).
func (p *Page) Axe() string {
	p.t.Helper()
	if !HasAxe() {
		return ""
	}
	script, err := os.ReadFile(os.Getenv(axeEnv))
	if err != nil {
		p.t.Fatalf("axe-core (%s): %v", axeEnv, err)
	}
	Eval[bool](p, string(script)+"\n;true")
	Eval[bool](p, axeScript)
	p.Wait("typeof found === 'string'")
	return Eval[string](p, "found")
}
