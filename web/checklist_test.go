package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cxloop/cxloop/browsertest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// auditedStore has a checklist of three items, of weights 1, 2 and 4.
func auditedStore() survey.Program {
	p := programs()[0]
	p.ID, p.Metric, p.Of, p.Bands = "store-audit", survey.Audit, survey.Auditors, survey.AuditBands{Weak: 70, Passed: 90}
	p.FollowUp.Referral.Off = true
	p.Texts = maps.Clone(p.Texts)
	for locale, texts := range p.Texts {
		texts.Question, texts.Yes, texts.No, texts.NotApplicable, texts.Required = "What did you find?", "Yes", "No", "Does not apply", "Answer all, {first_name}."
		p.Texts[locale] = texts
	}
	for i, id := range []string{"clean", "greeted", "receipt"} {
		p.Checklist = append(p.Checklist, survey.Item{ID: id, Text: survey.Words{"en": "Was it <" + id + ">?"}, Weight: 1 << i})
	}
	return p
}

func auditSite(t *testing.T) (s *site, id, path string) {
	t.Helper()
	s = newSite(t, func(o *Options) {
		o.Program = func(_ context.Context, id, _ string) (survey.Program, error) {
			if id == "store-audit" {
				return auditedStore(), nil
			}
			return survey.Program{}, fmt.Errorf("program %s: %w", id, store.ErrNotFound)
		}
	})
	id = s.inviteTo(auditedStore(), "en")
	return s, id, s.survey(id)
}

// audited is a form with an answer to each item.
func audited(clean, greeted, receipt string) url.Values {
	return url.Values{"item-clean": {clean}, "item-greeted": {greeted}, "item-receipt": {receipt}, "comment": {""}}
}

func TestAuditFromChecklistToDone(t *testing.T) {
	t.Parallel()
	s, id, path := auditSite(t)
	page := s.get(path + "?score=9") // a link that no mail of ours has
	s.has(page, 200, "<h1>What did you find?</h1>", "<legend>Was it &lt;greeted&gt;?</legend>", "Does not apply", `name="item-receipt" value="not_applicable" required`, "<textarea")
	s.want(strings.Count(page.body, "<fieldset") == 3 && strings.Count(page.body, "<button") == 1, "not one page:\n%s", page.body)
	s.want(!strings.Contains(page.body, " checked"), "something is chosen in advance")

	form := audited("yes", "no", "not_applicable")
	form.Set("comment", "The till was <closed>")
	s.has(s.post(path, form), 200, "<b>33</b> / 100", "Was it &lt;clean&gt;?", "<li>Does not apply</li>", "The till was &lt;closed&gt;")
	r := s.response(id)
	s.want(r.Score == 33 && r.Band == survey.Failed && r.Done && r.Revision == 1 && r.Comment == "The till was <closed>", "response %+v", r)
	s.want(r.Answers["greeted"].Has(survey.ItemFailed) && len(r.Answers) == 3, "answers %+v", r.Answers)
	s.want(s.notified.Load() == 1 && len(s.items(store.TopicAnswer)) == 1, "it does not go on at once")

	s.has(s.get(path), 200, "<b>33</b> / 100", "Change my answer")
	s.has(s.get(path+"?change=1"), 200, `name="item-greeted" value="no" required autocomplete="off" checked`, ">\nThe till was &lt;closed&gt;</textarea>")
	s.has(s.post(path, audited("yes", "yes", "yes")), 200, "<b>100</b> / 100")
	r = s.response(id)
	s.want(r.Score == 100 && r.Band == survey.Passed && r.Revision == 2 && r.Comment == "", "changed %+v", r)
	s.has(s.post(path, audited("yes", "yes", "yes")), 200)
	s.want(s.response(id).Revision == 2, "the same again is no change")
}

func TestBadAuditsChangeNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(url.Values)
		want   []string
	}{
		"nothing":       {func(f url.Values) { clear(f) }, []string{`<a href="#item-clean">Answer all, Ada &lt;b&gt;.</a>`}},
		"one item":      {func(f url.Values) { f.Del("item-greeted") }, []string{`href="#item-greeted"`, `<fieldset class="item" aria-describedby="problem">`, `value="yes" id="item-clean" required autocomplete="off" checked`}},
		"none apply":    {func(f url.Values) { maps.Copy(f, audited("not_applicable", "not_applicable", "not_applicable")) }, []string{`href="#item-clean">Answer all`}},
		"no answer":     {func(f url.Values) { f.Set("item-receipt", "maybe") }, []string{"answer &#34;maybe&#34; is none of those offered", `href="#item-receipt"`}},
		"two":           {func(f url.Values) { f.Add("item-receipt", "no") }, []string{"2 answers are chosen: want one"}},
		"comment":       {func(f url.Values) { f.Set("comment", strings.Repeat("x", survey.MaxComment+1)) }, []string{`href="#comment"`, "at most 5000"}},
		"two comments":  {func(f url.Values) { f.Add("comment", "x") }, []string{"comment is given 2 times"}},
		"a score alone": {func(f url.Values) { clear(f); f.Set("score", "100") }, []string{"Answer all"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, id, path := auditSite(t)
			before := s.kept(id)
			form := audited("yes", "yes", "yes")
			c.change(form)
			s.has(s.post(path, form), 422, c.want...)
			s.want(s.kept(id) == before, "the store changed")
		})
	}
}

func TestAuditWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	s, _, path := auditSite(t)
	s.store.broken.Store(true)
	form := audited("yes", "no", "not_applicable")
	form.Set("comment", "my long story")
	s.has(s.post(path, form), 503, "could not be kept", "my long story", `value="no" required autocomplete="off" checked`)
}

func TestOtherToolsAnswerNoAudit(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.Programs = append(o.Programs, auditedStore()) })
	s.has(s.call("/v1/responses", `{"id": "1", "source": "form", "program": "store-audit", "score": 90, "contact": {"id": "7"}}`),
		400, "program store-audit is an audit: its checklist is taken on its own page alone")
}

// What opens a mail's two links is no machine by that alone.
func TestAuditIsTakenOfWhoeverOpensTheMail(t *testing.T) {
	t.Parallel()
	s, id, path := auditSite(t)
	s.has(s.get(path), 200)
	s.has(s.get(s.unsubscribe(id)), 200)
	s.has(s.post(path, audited("yes", "yes", "no")), 200)
	s.want(mailLinks(auditedStore(), id) == 2 && linkOf(auditedStore(), "9") == "survey", "links of a mail without scores")
}

func TestAuditInABrowser(t *testing.T) {
	t.Parallel()
	s, id, path := auditSite(t)
	page := s.openPage(path)
	page.WaitVisible(".item")
	s.accessible(page, "checklist")
	s.look(page, "audit")
	page.Click("button") // the browser itself asks for what is required
	page.WaitVisible(".item :invalid")
	page.Wait(`(document.querySelectorAll("[required]").forEach((e) => e.removeAttribute("required")), true)`)
	page.Click(`input[name="item-clean"][value="yes"]`)
	page.Click("button")
	page.WaitVisible(".problem")
	page.WaitText(".problem", "Answer all, Ada <b>.")
	s.accessible(page, "open items")
	s.look(page, "audit-open")
	s.want(browsertest.Eval[int](page, `document.querySelectorAll(".item[aria-describedby]").length`) == 2, "want two items marked")
	page.Click(".problem a")
	page.Wait(`location.hash === "#item-greeted"`)
	for _, item := range []string{"greeted", "receipt"} {
		page.Click(`input[name="item-` + item + `"][value="no"]`)
	}
	page.Click("button")
	page.WaitVisible(".answers")
	s.accessible(page, "audited")
	s.look(page, "audit-done")
	r := s.response(id)
	s.want(r.Score == 14 && r.Band == survey.Failed, "response %+v", r)
}

func TestPreviewOfAnAudit(t *testing.T) {
	t.Parallel()
	s, _, _ := auditSite(t)
	preview, err := NewPreview(Brand{Name: "Northwind"}, s.tokens, "page.css")
	s.ok(err)
	var names []string
	for _, page := range preview.Pages(auditedStore(), "en", survey.Contact{Key: "a/1"}, survey.Account{}) {
		names = append(names, page.Name)
	}
	s.want(slices.Equal(names, []string{"checklist", "done", "expired", "unsubscribe", "unsubscribed"}), "pages %v", names)
}

// The pages of a test mail are the same, and keep nothing.
func TestAuditOfATestMail(t *testing.T) {
	t.Parallel()
	s, path := testedSite(t, func(p *survey.Program) { *p = auditedStore() })
	s.has(s.get(path), 200, "This is a test", "Was it &lt;receipt&gt;?")
	s.has(s.post(path, audited("yes", "", "no")), 422, `href="#item-greeted"`)
	s.has(s.post(path, audited("yes", "yes", "no")), 200, "This is a test", "<b>42</b> / 100", "<li>No</li>")
}

// FuzzAudit sends any form: what is taken has an answer to every item and the score of
// them, and what is refused says why.
func FuzzAudit(f *testing.F) {
	for _, form := range []string{
		audited("yes", "no", "not_applicable").Encode(), audited("not_applicable", "not_applicable", "not_applicable").Encode(),
		"item-clean=yes&item-clean=no", "item-clean=%ff", "item-=yes&score=100", "comment=%00", "",
	} {
		f.Add(form)
	}
	v := visit{letter: letter{program: auditedStore()}}
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		got, err := v.answer(form)
		if err != nil {
			if p, ok := errors.AsType[*formProblem](err); !ok || p.status != http.StatusUnprocessableEntity || p.text == "" {
				t.Errorf("%q: %v is not for the person who sent it", body, err)
			}
			return
		}
		if score, err := v.program.ScoreChecklist(got.Answers); err != nil || score != got.Score || len(got.Answers) != len(v.program.Checklist) {
			t.Errorf("%q: taken as %+v, %v", body, got, err)
		}
	})
}
