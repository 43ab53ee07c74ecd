package sandbox

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/browsertest"
)

func TestPlaygroundInBrowser(t *testing.T) {
	t.Parallel()
	page := browsertest.Browser(t)
	a := newTestApp(t)
	page.Open(a.page.URL)
	page.WaitText("#scale", "1 day passes in 60 s")
	page.Screenshot("playground-empty")

	page.Click("#play-unhappy")
	page.WaitText(".run.done .step:last-child", "cx_nps_last = 2")
	page.WaitText("#records mark", "nps_last")
	page.WaitText("#messages .block-header", "Detractor: ")
	page.WaitText("#messages blockquote", "called us back.<img src=x onerror=alert(1)> <javascript:alert(1)|here>")
	require.Zero(t, browsertest.Eval[int](page, `document.querySelectorAll("#messages img, #messages a[href^='javascript']").length`))
	page.WaitText("#mails .subject", "How are we doing?")
	require.Equal(t, "allow-popups allow-popups-to-escape-sandbox", browsertest.Eval[string](page, `document.querySelector("#reader iframe").sandbox.value`))
	page.Wait(`performance.getEntriesByType("resource").some((e) => e.initiatorType === "iframe" && e.responseEnd > 0)`)
	page.Screenshot("playground-light")
	a.clickUntilOpened(page)
	require.Equal(t, a.page.URL+"/", browsertest.Eval[string](page, "location.href"))

	page.Click(`#messages [data-action="case_acknowledge"]`)
	page.WaitText("#messages .edited", "(edited)")
	page.WaitText("#messages .ephemeral b:not(.by b)", "yours")
	page.Click(`#messages [data-action="case_resolve"]`)
	page.WaitText("#confirm[open] h3", "Resolve the case?")
	page.Click(`#confirm button[value="yes"]`)
	page.WaitText("#entries", "Amélie Durand pressed case_resolve")
	a.mu.Lock()
	require.Equal(t, []string{"U0AMELIE case_acknowledge", "U0AMELIE case_resolve"}, a.clicks)
	a.mu.Unlock()

	page.Click("#records tbody .see")
	page.WaitText("#record .ours summary", "cx_nps_last")
	page.Click("#record .ours summary")
	page.WaitText("#record .ours li", "cxloop")
	page.Click("#play-past")
	page.WaitText(".run.done .step:last-child", "1000 of 1000 companies")
	page.Click("#types button:nth-child(2)")
	page.WaitText("#records mark", "model_status")
	page.WaitText("#commands code", "cxloop results -c .cxloop/cxloop.yaml")
	page.Click(`#reader .tabs button:nth-child(2)`)
	page.WaitText("#reader .plain", "How likely are you to recommend us?")
	page.Click(`#reader .tabs button:nth-child(3)`)
	page.WaitText("#reader .headers", "care@cxloop.example")
	page.Show(1280, 900, "dark")
	page.Screenshot("playground-dark")
	page.Show(390, 844, "light")
	require.LessOrEqual(t, browsertest.Eval[int](page, "document.documentElement.scrollWidth"), 390, "a phone scrolls in one direction")
	page.Screenshot("playground-phone")
	require.Empty(t, page.Problems())
}

// clickUntilOpened presses the middle of the mail, where its link is, until the link has opened the survey's page: the
// browser passes no clicks on to a frame that it has only just shown.
func (a *testApp) clickUntilOpened(page *browsertest.Page) {
	a.t.Helper()
	for range 60 {
		page.Click("#reader iframe")
		select {
		case <-a.opened:
			page.Front()
			return
		case <-time.After(500 * time.Millisecond):
		}
	}
	a.t.Fatal("the mail's link did not open cxloop's page")
}
