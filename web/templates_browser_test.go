package web

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// templatePrograms are programs of all templates, by template.
func templatePrograms() map[string]survey.Program {
	programs := map[string]survey.Program{}
	for name, template := range config.Templates() {
		p := survey.Program{
			ID: name, Kind: survey.Transactional, Metric: template.Metric, Texts: map[string]survey.Texts{}, Expiry: survey.Span(14 * 24 * time.Hour),
		}
		p.Anonymous = p.Metric == survey.ENPS
		text := survey.Words{}
		for locale, texts := range template.Texts {
			text[locale] = texts.Causes
			if !p.Anonymous {
				texts.Anonymous = ""
			}
			p.Texts[locale] = texts
		}
		if len(template.Causes) > 0 {
			p.Questions = []survey.Question{survey.CausesQuestion(text, template.Causes)}
		}
		p.Checklist = template.Checklist
		programs[name] = p
	}
	return programs
}

// fitting wants a page that reads well on the smallest phone and with assistive technology,
// in light and in dark.
func (s *site) fitting(page *browsertest.Page, place string) {
	s.Helper()
	for _, scheme := range []string{"light", "dark"} {
		page.Show(320, 800, scheme)
		page.Wait("innerWidth === 320")
		s.want(browsertest.Eval[bool](page, "document.documentElement.scrollWidth <= innerWidth"), "%s: the page scrolls sideways", place)
		s.accessible(page, place+", "+scheme)
	}
}

// Every template: the score, what follows it, and the end. In German, whose words are the
// longest; with CI=true in every language.
func TestEveryTemplateInABrowser(t *testing.T) {
	t.Parallel()
	programs := templatePrograms()
	locales := []string{"de"}
	if os.Getenv("CI") == "true" {
		locales = append(locales, "en", "es", "fr")
	}
	for _, locale := range locales {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *Options) {
				o.Program = func(_ context.Context, id, _ string) (survey.Program, error) {
					if p, known := programs[id]; known {
						return p, nil
					}
					return survey.Program{}, fmt.Errorf("program %s: %w", id, store.ErrNotFound)
				}
			})
			page := browsertest.Browser(t)
			for _, name := range config.TemplateNames() {
				program := programs[name]
				if program.Metric == survey.Audit {
					page.Open(s.url + s.survey(s.inviteTo(program, locale)))
					page.WaitVisible(".item")
					s.fitting(page, name+" in "+locale+": checklist")
					continue
				}
				page.Open(s.url + s.survey(s.inviteTo(program, locale)) + "?score=2")
				page.WaitVisible("input:checked + span")
				s.fitting(page, name+" in "+locale+": score")
				page.Click("button")
				if len(program.Questions) > 0 {
					page.WaitVisible(`input[name="other"]`)
					s.fitting(page, name+" in "+locale+": causes")
					page.Click("button")
				}
				page.WaitVisible(`textarea[name="comment"]`)
				if name == string(survey.NPS) { // from here on all pages are alike
					s.fitting(page, locale+": comment")
					page.Click("button")
					page.WaitVisible(".given + :not(form), main > .given:last-child")
					s.fitting(page, locale+": done")
				}
			}
			s.clean(page)
		})
	}
}
