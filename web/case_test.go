package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// caseSite is a site whose teams read cases in a language.
func caseSite(t *testing.T, language string, change ...func(*Options)) *site {
	return newSite(t, func(o *Options) {
		o.Route = func(store.CaseDetail) survey.CaseRoute {
			return survey.CaseRoute{Language: language, Calendar: &survey.Calendar{Timezone: "Europe/Paris"}}
		}
		o.Cases = CasePages{
			For: survey.Span(90 * 24 * time.Hour), Facts: survey.CaseFacts{Segment: "account.segment"},
			Record: func(_ string, o survey.Object) string { return "https://crm.example.com/" + o.Type + "/" + o.ID },
		}
		for _, c := range change {
			c(o)
		}
	})
}

func (s *site) unhappyCase(comment string) string {
	s.Helper()
	return s.openCaseOf(programs()[0], survey.Answer{Score: 3, Comment: comment, Done: true})
}

// happens adds what people did to a case.
func (s *site) happens(caseID string, change func(*survey.Case), events ...store.CaseEvent) {
	s.Helper()
	_, err := s.store.AdvanceCase(s.Context(), caseID, s.clock(), func(c *survey.Case, _ []survey.Click) store.Advance {
		change(c)
		return store.Advance{History: events}
	})
	s.ok(err)
}

func (s *site) casePage(caseID string) string { return CasePath(s.tokens, caseID) }

func TestCasePage(t *testing.T) {
	t.Parallel()
	s := caseSite(t, "fr")
	id := s.unhappyCase("Too <slow>\nand dear")
	s.happens(id, func(c *survey.Case) { c.State, c.AckedBy = survey.CaseAcknowledged, "U0JONAS" },
		store.CaseEvent{At: s.clock(), What: "case_acknowledge", User: "U0JONAS"},
		store.CaseEvent{At: s.clock(), What: "case_contacted", User: "U0JONAS", Note: "Spoke with <her>"},
		store.CaseEvent{At: s.clock(), What: "refused", User: "U0GRACE", Note: "case is already acknowledged"})
	a := s.get(s.casePage(id))
	s.want(a.status == http.StatusOK, "%d %s", a.status, a.body)
	for _, want := range []string{
		`<html lang="fr"`, "Détracteur : ", "Pris en charge par @U0JONAS", "3 sur 10 (détracteur)", "Too &lt;slow&gt;\nand dear", "@U0JONAS a contacté le client.",
		"Spoke with &lt;her&gt;", "21 novembre 2026, 13:00 CET", "jusqu’à 90 jours", `<a href="https://crm.example.com/contact/`,
	} {
		s.has(a, http.StatusOK, want)
	}
	s.want(!strings.Contains(a.body, "already acknowledged"), "what was refused is nobody's business")
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	} {
		s.want(a.header.Get(name) == want, "%s: %s", name, a.header.Get(name))
	}
	s.want(!strings.Contains(s.log.String(), id), "the log names the case by a link to it: %s", s.log)
}

func TestCasePageOpensForItsLinkAlone(t *testing.T) {
	t.Parallel()
	s := caseSite(t, "")
	id := s.unhappyCase("Too slow")
	token := strings.TrimPrefix(s.casePage(id), "/c/")
	for _, path := range []string{
		"/c/" + id, "/c/" + id + ".AAAAAAAAAAAAAAAAAAAAAA", "/c/" + s.tokens.Seal(survey.TokenSurvey, id), "/c/" + s.tokens.Seal(survey.TokenCase, "none"), "/c/" + token + "A",
	} {
		a := s.get(path)
		s.want(a.status == http.StatusNotFound && !strings.Contains(a.body, "Too slow"), "%s: %d %s", path, a.status, a.body)
	}
	s.happens(id, func(c *survey.Case) { c.State, c.EndedAt = survey.CaseResolved, s.clock() })
	s.advance(90 * 24 * time.Hour)
	s.want(s.get(s.casePage(id)).status == http.StatusOK, "the last day")
	s.advance(time.Second)
	a := s.get(s.casePage(id))
	s.want(a.status == http.StatusNotFound, "%d", a.status)
	s.has(a, http.StatusNotFound, "Some time after the end of a case its page is gone.")

	s = newSite(t)
	s.want(s.get(s.casePage(s.unhappyCase("Too slow"))).status == http.StatusNotFound, "without pages there are none")
}

func TestCasePageOfAProgramThatIsGone(t *testing.T) {
	t.Parallel()
	s := caseSite(t, "")
	id := s.unhappyCase("Too slow")
	s.server.opt.Program = func(context.Context, string, string) (survey.Program, error) {
		return survey.Program{}, store.ErrNotFound
	}
	a := s.get(s.casePage(id))
	s.has(a, http.StatusOK, "3 (detractor)")
}

func TestCasePageInABrowser(t *testing.T) {
	t.Parallel()
	s := caseSite(t, "de")
	id := s.unhappyCase("Seit Wochen warten wir auf eine Antwort.\n\n" + strings.Repeat("Donaudampfschifffahrtsgesellschaftskapitän", 5) + " https://example.com/" + strings.Repeat("a", 200))
	s.happens(id, func(c *survey.Case) {
		c.State, c.AckedBy, c.Assignee, c.Priority = survey.CaseAcknowledged, "U0JONAS", "U0JONAS", survey.PriorityHigh
	},
		store.CaseEvent{At: s.clock(), What: "warned", Choice: "acknowledge"}, store.CaseEvent{At: s.clock(), What: "case_acknowledge", User: "U0JONAS"},
		store.CaseEvent{At: s.clock(), What: "case_contacted", User: "U0JONAS", Note: "Frau O'Brien möchte einen Rückruf am Montag."})
	page := s.openPage(s.casePage(id))
	page.WaitText("h2", "Was geschah")
	page.WaitText("blockquote", "Rückruf")
	for _, width := range []int64{320, 390, 1200} {
		for _, scheme := range []string{"light", "dark"} {
			page.Show(width, 800, scheme)
			page.Wait("innerWidth === " + itoa(width))
			s.want(browsertest.Eval[bool](page, "document.documentElement.scrollWidth <= innerWidth"), "at %d px the page scrolls sideways", width)
			s.accessible(page, "case page, "+scheme)
			page.Screenshot("case-" + itoa(width) + "-" + scheme)
		}
	}
	s.clean(page)
}
