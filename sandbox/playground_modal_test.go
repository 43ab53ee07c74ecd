package sandbox

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/browsertest"
)

func TestModalInBrowser(t *testing.T) {
	t.Parallel()
	page := browsertest.Browser(t)
	a := newFormApp(t)
	a.done("chat.postMessage", args{"channel": a.channel, "text": "A reply", "thread_ts": a.ts})
	a.done("conversations.open", args{"users": "U0GRACE"})
	a.done("chat.postMessage", args{"channel": "D0GRACE", "text": "For Grace alone"})
	server := httptest.NewServer(a.s.Playground(PlaygroundOptions{}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { require.NoError(t, a.s.Close()) })
	page.Open(server.URL)
	become := func(user string) {
		browsertest.Eval[bool](page, `(() => { const who = document.getElementById("whoami"); who.value = "`+user+`"; who.dispatchEvent(new Event("change")); return true; })()`)
	}
	page.WaitText("#messages .reply", "A reply")
	become("U0GRACE")
	page.WaitText("#channels", "Direct messages")
	become("U0JONAS")
	page.Wait(`!document.querySelector("#channels").textContent.includes("Direct messages")`)

	page.Click(`#messages [data-action="ask"]`)
	page.WaitText("#modal[open] h3", "Ask")
	a.answer.Store(`{"response_action":"errors","errors":{"note":"Say more."}}`)
	fill := func() {
		browsertest.Eval[bool](page, `(() => { for (const [name, value] of [["choice", "b"], ["note", "yes"], ["day", "2026-11-24"]]) document.getElementsByName(name)[0].value = value; return true; })()`)
		page.Click(`#modal button[type="submit"]`)
	}
	fill()
	page.WaitText(`#modal [data-error="note"]`, "Say more.")
	require.Equal(t, "b", browsertest.Eval[string](page, `document.getElementsByName("choice")[0].value`), "what was filled in stays")
	page.Screenshot("playground-modal")
	a.answer.Store("")
	fill()
	page.Wait(`!document.querySelector("#modal[open]")`)
	page.WaitText("#entries", "Jonas Weber sent the form of ask")

	page.Click(`#messages [data-action="ask"]`)
	page.WaitText("#modal[open] h3", "Ask")
	page.Click(`#modal button[type="button"]`)
	page.Wait(`!document.querySelector("#modal[open]")`)
	require.Empty(t, page.Problems())
}
