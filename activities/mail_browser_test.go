package activities

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/config"
)

// gmailClip is where Gmail cuts a mail off, in bytes.
const gmailClip = 102_000

// Mails read well on a phone and on a desk, in light and in dark, and with assistive
// technology; those with the longest scale, words and names at that.
func TestMailsInABrowser(t *testing.T) {
	t.Parallel()
	program := testProgram()
	program.Texts = config.Templates()["nps"].Texts
	composer := testComposer(t)
	composer.Brand.Color = "#ffcc00" // what is written on it cannot be white
	contact, account := awkward("de")
	page := browsertest.Browser(t)
	for _, kind := range MailKinds(program) {
		m, err := composer.TestMail(program, kind, "de", "id1", contact, account)
		require.NoError(t, err)
		_, html := m.Filled(m.Recipients[0])
		require.Less(t, len(html), gmailClip/4)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(strings.Replace(html, "<title>", "<title>"+kind+" ", 1)))
		}))
		defer server.Close()
		page.Open(server.URL)
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{320, 375, 700} {
				page.Show(width, 800, scheme)
				page.Wait(fmt.Sprintf("innerWidth === %d", width))
				page.Screenshot(fmt.Sprintf("mail-%s-%d-%s", kind, width, scheme))
				page.Wait("document.documentElement.scrollWidth <= innerWidth")
				require.Empty(t, page.Axe(), "%s, %s, %d", kind, scheme, width)
			}
		}
	}
}
