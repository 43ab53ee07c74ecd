package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/store"
)

// drafter drafts what it is told to.
type drafter struct {
	none  bool
	text  string
	err   error
	asked int
}

func (d *drafter) Drafts(store.CaseDetail) bool { return !d.none }

func (d *drafter) Draft(context.Context, store.CaseDetail) (string, error) {
	d.asked++
	return d.text, d.err
}

func draftSite(t *testing.T, language string, d CaseDrafts) *site {
	return caseSite(t, language, func(o *Options) { o.Cases.Drafts = d })
}

// Who opens the page has nothing drafted: scanners open it too.
func TestDraftOfAReply(t *testing.T) {
	t.Parallel()
	d := &drafter{text: "Dear Nadine,\nwe are sorry <that> it was slow."}
	s := draftSite(t, "fr", d)
	path := s.casePage(s.unhappyCase("Too slow"))
	s.has(s.get(path), http.StatusOK, `action="`+path+`/draft"`, "Ébaucher une réponse")
	s.want(d.asked == 0, "a GET had it drafted")

	a := s.post(path+"/draft", nil)
	s.has(a, http.StatusOK, "Ébauche d’une réponse", "sorry &lt;that&gt; it was slow.", "cxloop n’envoie rien", "Too slow")
	s.want(d.asked == 1, "asked %d times", d.asked)
	s.want(!strings.Contains(s.get(path).body, "sorry"), "the draft was kept")
}

func TestNoDraft(t *testing.T) {
	t.Parallel()
	d := &drafter{err: errors.New("the server is busy")}
	s := draftSite(t, "", d)
	path := s.casePage(s.unhappyCase("Too slow"))
	s.has(s.post(path+"/draft", nil), http.StatusOK, "No reply could be drafted now", "Too slow")
	s.want(s.post("/c/nothing/draft", nil).status == http.StatusNotFound, "a link to nothing")

	d.none = true
	s.want(!strings.Contains(s.get(path).body, "/draft"), "a draft is offered where there is none")
	s.want(!strings.Contains(s.post(path+"/draft", nil).body, "/draft"), "a draft is offered where there is none")
	s.want(d.asked == 1, "asked %d times", d.asked)

	without := caseSite(t, "")
	path = without.casePage(without.unhappyCase("Too slow"))
	without.want(without.post(path+"/draft", nil).status == http.StatusMethodNotAllowed || without.post(path+"/draft", nil).status == http.StatusNotFound, "no model")
}

func TestDraftsAreLimited(t *testing.T) {
	t.Parallel()
	d := &drafter{text: "Dear Nadine"}
	s := draftSite(t, "", d)
	path := s.casePage(s.unhappyCase("Too slow")) + "/draft"
	for range int(draftClass.burst) {
		s.want(s.from("192.0.2.7", http.MethodPost, path).StatusCode == http.StatusOK, "a draft")
	}
	s.want(s.from("192.0.2.7", http.MethodPost, path).StatusCode == http.StatusTooManyRequests, "one too many")
	s.want(d.asked == int(draftClass.burst), "asked %d times", d.asked)
}

// Somebody of the team presses the button and reads the draft, without any script.
func TestDraftInABrowser(t *testing.T) {
	t.Parallel()
	s := draftSite(t, "de", &drafter{text: "Guten Tag Nadine,\n\n" + strings.Repeat("es tut uns leid, dass Sie so lange warten mussten. ", 12)})
	page := s.openPage(s.casePage(s.unhappyCase("Seit Wochen warten wir auf eine Antwort.")))
	s.accessible(page, "case page with the offer of a draft")
	page.Click("form button")
	page.WaitText("h2", "Entwurf einer Antwort")
	for _, width := range []int64{320, 1200} {
		page.Show(width, 800, "light")
		page.Wait("innerWidth === " + itoa(width))
		s.want(browsertest.Eval[bool](page, "document.documentElement.scrollWidth <= innerWidth"), "at %d px the page scrolls sideways", width)
		s.accessible(page, "case page with a draft")
		page.Screenshot("draft-" + itoa(width))
	}
	s.clean(page)
}
