package browsertest

import _ "embed"

// axeCore is axe-core 4.14.1 (github.com/dequelabs/axe-core, MPL-2.0), which finds what of
// the Web Content Accessibility Guidelines a machine can.
//
//go:embed axe-core/axe.min.js
var axeCore string

// axeScript runs the rules of WCAG 2.2 AA and the best practices, and names each element
// that breaks one.
const axeScript = `delete window.found; axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((found) =>
	found.violations.flatMap((v) => v.nodes.map((n) => v.id + " (" + v.impact + "): " + n.html.slice(0, 120))).join("\n"))
	.then((text) => { window.found = text }), true`

// Axe returns what breaks the guidelines on the page, one finding a line.
func (p *Page) Axe() string {
	p.t.Helper()
	if !Eval[bool](p, "Boolean(window.axe)") {
		Eval[bool](p, axeCore+"\n;true")
	}
	Eval[bool](p, axeScript)
	p.Wait("typeof found === 'string'")
	return Eval[string](p, "found")
}
