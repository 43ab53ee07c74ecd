package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// friendsProgram is one whose promoters get a link to pass on, in the built-in words.
func friendsProgram() survey.Program {
	p := programs()[0]
	p.FollowUp.Referral = survey.ReferralRule{Page: survey.PageBuiltIn, ShowName: true}
	built := config.Templates()["nps"].Texts
	p.Texts = map[string]survey.Texts{"en": p.Texts["en"], "de": p.Texts["de"]}
	for locale, texts := range p.Texts {
		texts.FriendTexts = built[locale].FriendTexts
		p.Texts[locale] = texts
	}
	return p
}

// friendsSite is a server with that program alone.
func friendsSite(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	p := friendsProgram()
	return newSite(t, append([]func(*Options){func(o *Options) {
		o.Programs, o.Program = []survey.Program{p}, only(p)
	}}, change...)...)
}

func (s *site) friends(ask string) string { return "/f/" + s.tokens.Seal(survey.TokenFriend, ask) }

var formToken = regexp.MustCompile(`name="form" value="([^"]+)"`)

// details are what a friend writes on a page that was shown.
func (s *site) details(page answer, change ...string) url.Values {
	s.Helper()
	token := formToken.FindStringSubmatch(page.body)
	s.want(token != nil, "no form on the page\n%s", page.body)
	form := url.Values{
		"form": {token[1]}, "first_name": {" Grace "}, "email": {"grace@harbour.example"}, "company": {"Harbour"}, "message": {"Hello"},
		"consent": {"1"}, "tell": {"1"}, "website": {""},
	}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

// leads are what waits for the CRM.
func (s *site) leads() []store.LeadDetail {
	s.Helper()
	ctx := s.Context()
	batches, err := s.store.ClaimBatches(ctx, store.TopicLead, s.clock(), time.Minute, nil)
	s.ok(err)
	var all []store.LeadDetail
	for _, b := range batches {
		_, err = s.store.BeginLeads(ctx, b.ID, s.clock(), func(store.ReferralCounts) map[string]string { return nil })
		s.ok(err)
		leads, err := s.store.NewLeads(ctx, b.ID)
		s.ok(err)
		all = append(all, leads...)
	}
	return all
}

func TestPromoterGetsALinkToPassOn(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	ask := s.ask(s.invite("en"))
	s.has(s.get(s.referral(ask)), 200, "Who else?", "Recommend Northwind")
	page := s.post(s.referral(ask), nil)
	link := "https://cx.example.com" + s.friends(ask)
	s.has(page, 200, "Here is your personal link", `value="`+link+`"`, `href="mailto:?subject=Northwind%20might%20be%20for%20you&amp;body=Hello%2C%0D%0A`, url.QueryEscape(link), "Unsubscribe")
	s.want(strings.Contains(page.header.Get("Content-Security-Policy"), "script-src 'self'"), "the link cannot be copied: %s", page.header)
	found, err := s.store.Ask(s.Context(), ask)
	s.ok(err)
	s.want(found.Ask.State == survey.AskClicked, "%+v", found.Ask)
	s.has(s.get("/static/share.js"), 200, "clipboard")
}

func TestPromoterOnTheLastPageGetsALinkToPassOn(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	id := s.invite("en")
	page := s.post(s.survey(id), url.Values{"score": {"10"}, "done": {"1"}})
	s.has(page, 200, "Who else?", "Recommend Northwind")
	shared := s.post("/r/"+s.tokens.Seal(survey.TokenReferral, "page-"+id), nil)
	link := regexp.MustCompile(`value="https://cx.example.com(/f/[^"]+)"`).FindStringSubmatch(shared.body)
	s.want(link != nil, "no link\n%s", shared.body)
	s.has(s.get(link[1]), 200, "Please contact me")
}

func TestFriendLeavesTheirDetails(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	ask := s.ask(s.invite("en"))
	path := s.friends(ask)
	page := s.do(http.MethodGet, path, http.Header{"Accept-Language": {"de-CH, en;q=0.5"}}, nil)
	s.has(page, 200, `lang="de"`, "Ada &lt;b&gt; empfiehlt Ihnen Northwind", "https://example.com/privacy", `<meta name="robots" content="noindex`)
	s.want(!strings.Contains(page.body, "@example.com"), "the page tells of the promoter\n%s", page.body)
	page = s.get(path)
	s.has(page, 200, "Ada &lt;b&gt; recommends Northwind to you", "I agree that Northwind")
	s.want(len(s.leads()) == 0, "a GET records something")
	form := s.details(page)
	s.advance(5 * time.Second)
	for range 2 {
		s.has(s.post(path, form), 200, "Your details have arrived.", "Northwind will get in touch")
	}
	leads := s.leads()
	s.want(len(leads) == 1, "%d leads", len(leads))
	want := survey.Friend{
		FirstName: "Grace", Email: "grace@harbour.example", Company: "Harbour", Message: "Hello", Locale: "en", MayTell: true, ConsentAt: s.clock(),
		Consent: "I agree that Northwind uses my details to contact me about its offers. I can take this back at any time.\nhttps://example.com/privacy",
	}
	s.want(leads[0].Friend == want, "%+v", leads[0].Friend)
	s.want(!strings.Contains(s.log.String(), "grace"), "the log names the friend\n%s", s.log)
	found, err := s.store.Ask(s.Context(), ask)
	s.ok(err)
	s.want(found.Ask.State == survey.AskReferred, "%+v", found.Ask)
}

// Whoever looks learns nothing of others: of a promoter's own address, of customers, and
// of friends who came before, the page says what it says to all.
func TestFriendWhoIsKnownLearnsNothing(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	ask := s.ask(s.invite("en"))
	promoter, err := s.store.Ask(s.Context(), ask)
	s.ok(err)
	page := s.get(s.friends(ask))
	s.advance(5 * time.Second)
	first := s.post(s.friends(ask), s.details(page))
	for _, address := range []string{promoter.Contact.Email, "grace@harbour.example"} {
		page := s.get(s.friends(ask))
		s.advance(5 * time.Second)
		got := s.post(s.friends(ask), s.details(page, "email", address))
		s.want(got.status == first.status && got.body == first.body, "%s: %d %s", address, got.status, got.body)
	}
	s.want(len(s.leads()) == 1, "others are leads too")
}

func TestFormsOfFriendsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	path := s.friends(s.ask(s.invite("en")))
	for name, c := range map[string]struct {
		change []string
		wait   time.Duration
		says   string
	}{
		"no name":               {[]string{"first_name", " "}, time.Minute, "Please look at this again: First name"},
		"a name that sells":     {[]string{"last_name", "see https://spam.example"}, time.Minute, "Please look at this again: Last name"},
		"no address":            {[]string{"email", "grace"}, time.Minute, `href="#email">Please look at this again: Business e-mail address`},
		"an endless message":    {[]string{"message", strings.Repeat("x", survey.MaxFriendMessage+1)}, time.Minute, "What would you like to know?"},
		"too fast":              {nil, time.Second, "Nothing was sent yet."},
		"what nobody sees":      {[]string{"website", "https://spam.example"}, time.Minute, "Nothing was sent yet."},
		"a form of another day": {nil, 72 * time.Hour, "Nothing was sent yet."},
		"a form of nobody":      {[]string{"form", "x"}, time.Minute, "Nothing was sent yet."},
	} {
		form := s.details(s.get(path), c.change...)
		s.advance(c.wait)
		got := s.post(path, form)
		s.has(got, 422, c.says, `value="Harbour"`)
		s.want(len(s.leads()) == 0, "%s is taken", name)
	}
	form := s.details(s.get(path))
	form.Del("consent")
	s.advance(time.Minute)
	s.has(s.post(path, form), 422, "Please agree below")

	// Whoever was too fast sends it once more.
	form = s.details(s.get(path))
	again := s.post(path, form)
	s.advance(5 * time.Second)
	s.has(s.post(path, s.details(again)), 200, "have arrived")
	// And whoever came back after days, too.
	form = s.details(s.get(path), "email", "other@harbour.example")
	s.advance(72 * time.Hour)
	again = s.post(path, form)
	s.advance(5 * time.Second)
	s.has(s.post(path, s.details(again, "email", "other@harbour.example")), 200, "have arrived")
	s.want(len(s.leads()) == 2, "not two leads")
}

func TestLinksOfFriendsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	ask := s.ask(s.invite("en"))
	for _, path := range []string{s.friends("none"), "/f/" + s.tokens.Seal(survey.TokenReferral, ask), "/f/" + ask} {
		s.has(s.get(path), 404, "This link is not valid")
	}
	closed := newSite(t)
	ask = closed.ask(closed.invite("en"))
	closed.has(closed.get(closed.friends(ask)), 410, "This page is closed")
	closed.has(closed.post(closed.friends(ask), url.Values{}), 410, "This page is closed")
}

// leave sends the form of a page that a visitor opened.
func (v visitor) leave(page answer, path string, form url.Values) answer {
	v.Helper()
	if found := hiddenPage.FindStringSubmatch(page.body); found != nil {
		form.Set("page", found[1])
	}
	header := v.header()
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(http.MethodPost, path, header, []byte(form.Encode()))
}

func TestMachinesLeaveNoDetails(t *testing.T) {
	t.Parallel()
	s := friendsSite(t, throughProxy, func(o *Options) { o.ScannerNetworks = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")} })
	path := s.friends(s.ask(s.invite("en")))
	bot := visitor{s, "203.0.113.7", "Bot/1"}
	page := bot.open(path) // and does not show it
	form := s.details(page, "email", "win@spam.example")
	s.advance(4 * time.Second)
	got := bot.leave(page, path, form)
	s.has(got, 503, "Your details could not be taken just now.")
	s.want(len(s.leads()) == 0, "a machine's details are taken")
	for _, person := range []visitor{{s, "203.0.113.9", "Firefox"}, {s, "198.51.100.9", "Safari"}} {
		page := person.show(path)
		form := s.details(page, "email", s.newID()+"@harbour.example")
		s.advance(20 * time.Second)
		s.has(person.leave(page, path, form), 200, "have arrived")
	}
	s.want(len(s.leads()) == 2, "not both people's details are taken")
}

func TestFormsOfFriendsAreLimited(t *testing.T) {
	t.Parallel()
	s := friendsSite(t, throughProxy)
	path := s.friends(s.ask(s.invite("en")))
	from := visitor{s, "203.0.113.8", "Firefox"}
	page := from.show(path)
	for range int(friendClass.burst) {
		s.want(from.leave(page, path, s.details(page)).status == 422, "a form is not read")
	}
	s.has(from.leave(page, path, s.details(page)), 429, "Please try again in a minute")
}

func TestFriendWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s := friendsSite(t)
	path := s.friends(s.ask(s.invite("en")))
	form := s.details(s.get(path))
	s.advance(5 * time.Second)
	s.store.broken.Store(true)
	s.has(s.post(path, form), 503, "Your details could not be taken just now.", `value="grace@harbour.example"`)
	s.store.broken.Store(false)
	s.has(s.post(path, form), 200, "have arrived")
}

// A test mail leads through the pages, and nothing is kept.
func TestPagesForFriendsOfATestMail(t *testing.T) {
	t.Parallel()
	program := friendsProgram()
	s := newSite(t, func(o *Options) { o.Programs, o.Store = []survey.Program{program}, untouched{} })
	path := "/p/" + s.tokens.Seal(survey.TokenTest, survey.TestID(program.ID, "de"))
	s.has(s.get(path+"?page=referral"), 200, "nothing is recorded")
	shared := s.post(path+"?page=referral", nil)
	s.has(shared, 200, "Hier ist Ihr persönlicher Link", `value="https://cx.example.com`+path+`?page=friend"`, "nothing is recorded")
	s.has(s.get(path+"?page=friend"), 200, "Northwind wurde Ihnen empfohlen", "nothing is recorded")
	form := url.Values{"first_name": {"Grace"}, "email": {"grace@harbour.example"}}
	s.has(s.post(path+"?page=friend", form), 422, "Bitte stimmen Sie unten zu", `value="grace@harbour.example"`)
	form.Set("consent", "1")
	s.has(s.post(path+"?page=friend", form), 200, "Ihre Angaben sind angekommen", "nothing is recorded")
}
