package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// requesting is a program that asks for reviews at two places, and for testimonials, in
// an order. Its words are those of the templates.
func requesting(order ...survey.AskKind) survey.Program {
	p := programs()[0]
	again := survey.AskTiming{AgainAfter: survey.Span(180 * 24 * time.Hour)}
	p.FollowUp.Referral.AskTiming = again
	p.FollowUp.Review = &survey.ReviewRule{AskTiming: again, Sites: []survey.ReviewSite{
		{Name: "Google", URL: "https://search.google.example/write"}, {Name: "G2", URL: "https://g2.example/start?product=1"},
	}}
	p.FollowUp.Testimonial = &survey.TestimonialRule{AskTiming: again}
	p.FollowUp.Asks.Order = order
	texts := p.Texts["en"]
	texts.AskTexts = config.Templates()["nps"].Texts["en"].AskTexts
	p.Texts = map[string]survey.Texts{"en": texts}
	return p
}

// requestSite serves one program alone.
func requestSite(t *testing.T, p survey.Program, change func(*Options)) *site {
	t.Helper()
	return newSite(t, func(o *Options) {
		o.Program = only(p)
		if change != nil {
			change(o)
		}
	})
}

func (s *site) askLink(id string) string { return "/a/" + s.tokens.Seal(survey.TokenAsk, id) }

var doneBadly = url.Values{"score": {"1"}, "comment": {"Never again"}, "done": {"1"}}

func TestDetractorIsAskedForAReviewOnTheLastPage(t *testing.T) {
	t.Parallel()
	s := requestSite(t, requesting(survey.AskReview, survey.AskReferral, survey.AskTestimonial), nil)
	for _, form := range []url.Values{doneBadly, {"score": {"10"}, "comment": {"Wonderful"}, "done": {"1"}}} {
		id := s.invite("en")
		page := s.post(s.survey(id), form)
		action := s.askLink("review-" + id)
		s.has(page, 200, "what you think of Northwind", "Google", "G2", action)
		s.want(strings.Contains(page.header.Get("Content-Security-Policy"), "form-action 'self' https:"), "the form may not lead on: %s", page.header)
		s.has(s.get(action), 200, "Google", "G2")
		for range 2 {
			got := s.post(action, url.Values{"site": {"1"}})
			s.want(got.status == 303 && got.header.Get("Location") == "https://g2.example/start?product=1", "%d %s", got.status, got.header)
		}
		s.has(s.post(action, url.Values{"site": {"7"}}), 422)
		s.has(s.post(action, nil), 422)
	}
	s.has(s.post(s.askLink("review-"+s.invite("en")), url.Values{"site": {"0"}}), 404)
}

func TestDetractorIsAskedForNothingElse(t *testing.T) {
	t.Parallel()
	s := requestSite(t, requesting(), nil)
	page := s.post(s.survey(s.invite("en")), doneBadly)
	s.has(page, 200)
	s.want(!strings.Contains(page.body, `class="ask"`), "a detractor is asked for more than a review:\n%s", page.body)
}

// Without consent nobody is asked on the page, and with an open ticket for a review alone.
func TestRulesOfAllProgramsHoldOnTheLastPage(t *testing.T) {
	t.Parallel()
	language, err := condition.New(survey.Terms{Fields: map[string]survey.FieldType{"contact.opted_in": survey.FieldBoolean}})
	if err != nil {
		t.Fatal(err)
	}
	rule := func(text string) *condition.Expression {
		e, err := language.Compile(condition.OfSegment, text)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for name, c := range map[string]struct {
		rules condition.AskRules
		order []survey.AskKind
		asked bool
	}{
		"consent is not known":             {condition.AskRules{Consent: rule("contact.opted_in")}, nil, false},
		"consent is not needed":            {condition.AskRules{}, nil, true},
		"it is not known of a ticket":      {condition.AskRules{OpenTicket: rule("contact.opted_in")}, nil, false},
		"a ticket is open, and for review": {condition.AskRules{OpenTicket: rule("contact.first_name != ''")}, []survey.AskKind{survey.AskReview, survey.AskReferral, survey.AskTestimonial}, true},
		"a ticket is open":                 {condition.AskRules{OpenTicket: rule("contact.first_name != ''")}, nil, false},
		"no ticket is open":                {condition.AskRules{OpenTicket: rule("contact.first_name == ''")}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := requestSite(t, requesting(c.order...), func(o *Options) { o.AskRules = c.rules })
			page := s.post(s.survey(s.invite("en")), url.Values{"score": {"10"}, "done": {"1"}})
			s.has(page, 200)
			s.want(strings.Contains(page.body, `class="ask"`) == c.asked, "want asked %v:\n%s", c.asked, page.body)
		})
	}
}

func TestReviewByMail(t *testing.T) {
	t.Parallel()
	p := requesting()
	s := requestSite(t, p, nil)
	ask := s.askFor(survey.AskReview, s.inviteTo(p, "en"))
	link := s.askLink(ask)
	state := func() survey.AskState {
		found, err := s.store.Ask(s.Context(), ask)
		s.ok(err)
		return found.Ask.State
	}
	page := s.get(link)
	s.has(page, 200, "Google", s.unsubscribe("ask-"+ask), link+"/seen.css?page=")
	s.want(state() == survey.AskSent, "a GET counts as a click")
	s.has(s.get(link+"/seen.css?page=abcdefghij"), 200)
	got := s.post(link, url.Values{"site": {"0"}})
	s.want(got.status == http.StatusSeeOther && got.header.Get("Location") == "https://search.google.example/write", "%d %s", got.status, got.header)
	s.want(state() == survey.AskClicked, "state %s", state())

	s.has(s.get("/a/"+ask), 404)
	s.has(s.get(s.askLink("nobody")), 404)
	s.has(s.get(s.askLink("referral-"+ask)), 404)
	s.has(s.get(s.askLink(s.ask(s.inviteTo(p, "en")))), 404) // a referral has a page of its own
	s.has(s.get("/a/"+s.tokens.Seal(survey.TokenReferral, ask)), 404)
}

func TestTestimonial(t *testing.T) {
	t.Parallel()
	p := requesting()
	s := requestSite(t, p, nil)
	ask := s.askFor(survey.AskTestimonial, s.inviteTo(p, "en"))
	link := s.askLink(ask)
	s.has(s.get(link), 200, "<blockquote dir=\"auto\">Never a bad day</blockquote>", "May we quote you?", "Ada &lt;b&gt;", "Without my name")
	listed := func() []store.Testimonial {
		all, err := s.store.Testimonials(s.Context(), "")
		s.ok(err)
		return all
	}
	for _, incomplete := range []url.Values{{"named": {"full"}}, {"consent": {"1"}}, {"consent": {"1"}, "named": {"another"}}} {
		s.has(s.post(link, incomplete), 422, "Please tick")
	}
	s.want(len(listed()) == 0, "kept without consent")
	page := s.post(link, url.Values{"consent": {"1"}, "named": {"full"}})
	s.has(page, 200, "Thank you!", "Withdraw my permission", "Ada &lt;b&gt;</figcaption>")
	given := listed()
	s.want(len(given) == 1 && given[0].Words == "Never a bad day" && given[0].Name == "Ada <b>" && given[0].Company == "", "kept %+v", given)
	s.has(s.get(link), 200, "Withdraw my permission")
	s.has(s.post(link, url.Values{"withdraw": {"1"}}), 200, "You are not quoted")
	s.want(len(listed()) == 0, "a withdrawn one is listed")
	s.has(s.get(link), 200, "May we quote you?")
	s.has(s.post(link, url.Values{"consent": {"1"}, "named": {"not"}}), 200, "Thank you!")
	s.want(listed()[0].Name == "", "named against their will: %+v", listed())
	found, err := s.store.Ask(s.Context(), ask)
	s.ok(err)
	s.want(found.Ask.State == survey.AskClicked, "state %s", found.Ask.State)
}

func TestTestimonialFromTheLastPage(t *testing.T) {
	t.Parallel()
	s := requestSite(t, requesting(survey.AskTestimonial, survey.AskReferral, survey.AskReview), nil)
	id := s.invite("en")
	page := s.post(s.survey(id), url.Values{"score": {"10"}, "comment": {"Wonderful <people>"}, "done": {"1"}})
	link := s.askLink("testimonial-" + id)
	s.has(page, 200, link, `method="GET"`, "Read it and decide")
	s.has(s.get(link), 200, "Wonderful &lt;people&gt;")
	s.has(s.post(link, url.Values{"consent": {"1"}, "named": {"full"}}), 200, "Thank you!")

	silent := s.invite("en")
	page = s.post(s.survey(silent), url.Values{"score": {"10"}, "done": {"1"}})
	s.has(page, 200, "Recommend Northwind") // there are no words to quote
	s.has(s.get(s.askLink("testimonial-"+silent)), 200, "You are not quoted")
	s.has(s.post(s.askLink("testimonial-"+silent), url.Values{"consent": {"1"}}), 200, "You are not quoted")
}

func TestAsksInABrowser(t *testing.T) {
	t.Parallel()
	p := requesting(survey.AskReview, survey.AskTestimonial, survey.AskReferral)
	s := requestSite(t, p, nil)
	ask := s.askFor(survey.AskTestimonial, s.inviteTo(p, "en"))
	page := s.openPage(s.survey(s.invite("en")) + "?score=2")
	page.Click("button")
	page.WaitVisible("textarea")
	page.Click("button")
	page.WaitVisible(".ask")
	s.fitting(page, "ask for a review")
	s.look(page, "ask-review")

	page.Open(s.url + s.askLink(ask))
	page.WaitVisible("#consent")
	s.fitting(page, "ask for a testimonial")
	s.look(page, "ask-testimonial")
	page.Do(chromedp.Click(chromedp.CSS("#consent")))
	page.Do(chromedp.Click(chromedp.CSS("input[value=full]")))
	page.Click("button")
	page.WaitVisible("figcaption")
	s.fitting(page, "a testimonial")
	s.look(page, "ask-testimonial-given")
	s.clean(page)
}
