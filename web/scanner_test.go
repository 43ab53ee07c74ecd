package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// throughProxy has this machine's requests be those of visitors.
func throughProxy(o *Options) {
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// visitor is somebody at an address with a browser.
type visitor struct {
	*site
	address, browser string
}

func (v visitor) header() http.Header {
	return http.Header{"X-Forwarded-For": {v.address}, "User-Agent": {v.browser}}
}

func (v visitor) open(path string) answer {
	v.Helper()
	got := v.do(http.MethodGet, path, v.header(), nil)
	v.want(got.status == 200, "GET %s: %d\n%s", path, got.status, got.body)
	return got
}

var seenStyle = regexp.MustCompile(`<link rel="stylesheet" href="([^"]+/seen\.css[^"]+)">`)

// show opens a page as a browser does that has the style of all pages already.
func (v visitor) show(path string) answer {
	v.Helper()
	return v.render(v.open(path))
}

func (v visitor) render(page answer) answer {
	v.Helper()
	if seen := seenStyle.FindStringSubmatch(page.body); seen != nil {
		v.open(seen[1])
	}
	return page
}

var hiddenPage = regexp.MustCompile(`name="page" value="([^"]+)"`)

// send sends a page's form.
func (v visitor) send(page answer, path string, form url.Values) answer {
	v.Helper()
	if found := hiddenPage.FindStringSubmatch(page.body); found != nil {
		form.Set("page", found[1])
	}
	header := v.header()
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := v.do(http.MethodPost, path, header, []byte(form.Encode()))
	v.want(got.status == 200, "POST %s: %d\n%s", path, got.status, got.body)
	return got
}

// scan opens every link of a mail; shows tells that it runs a browser, submits that it
// sends each form that it comes to.
func (v visitor) scan(id string, shows, submits bool) {
	v.Helper()
	open := v.open
	if shows {
		open = v.show
	}
	path := v.survey(id)
	for score := range 11 {
		page := open(path + "?score=" + strconv.Itoa(score))
		if submits {
			next := v.send(page, path, url.Values{"score": {strconv.Itoa(score)}})
			if score%5 == 0 { // and the form after that
				v.send(next, path, url.Values{"score": {strconv.Itoa(score)}, "comment": {""}, "done": {"1"}})
			}
		}
	}
	page := open(v.unsubscribe(id))
	if submits {
		v.send(page, v.unsubscribe(id), url.Values{"leave": {"all"}})
		v.send(page, v.unsubscribe(id), url.Values{"leave": {"program"}})
	}
}

// answerAs gives a score as a person does, in one of several ways.
func (v visitor) answerAs(way int, id string, score int) {
	v.Helper()
	path, text := v.survey(id), strconv.Itoa(score)
	page := v.show(path + "?score=" + text)
	switch way {
	case 0: // a double click
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { v.send(page, path, url.Values{"score": {text}}) })
		}
		both.Wait()
	case 1: // a mis-tap, corrected at once
		v.send(page, path, url.Values{"score": {strconv.Itoa(10 - score)}})
		v.advance(time.Millisecond)
		page = v.show(path + "?change=1")
	case 2: // two tabs
		other := v.show(path)
		v.send(other, path, url.Values{"score": {text}})
	}
	next := v.render(v.send(page, path, url.Values{"score": {text}}))
	v.send(next, path, url.Values{"score": {text}, "comment": {"I mean it"}, "done": {"1"}})
}

// raced says that the race detector is on, with which everything takes ten times as long.
var raced bool

// TestScannersAndPeople has four kinds of scanners go over 1,000 mails within a minute, and
// a person answer each, some before the scanner and some behind it. It is 160 mails where
// the environment has no CI=true, and with the race detector.
func TestScannersAndPeople(t *testing.T) {
	t.Parallel()
	mails := 160 // twice each combination of scanner, person and way to answer
	if os.Getenv("CI") == "true" && !raced {
		mails = 1000
	}
	const office = "198.51.100.7" // of a company that all goes out by one address
	s := newSite(t, throughProxy, func(o *Options) {
		o.ScannerNetworks = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	})
	ids := make([]string, mails)
	for i := range ids {
		ids[i] = s.invite("en")
	}
	scanner := func(i int) visitor {
		return visitor{s, fmt.Sprintf("203.0.%d.%d", 113+i%2, i%80), "Mozilla/5.0 (compatible)"}
	}
	early := func(i int) bool { return i%10 == 3 }
	person := func(i int) (v visitor, score int) {
		v = visitor{s, fmt.Sprintf("192.0.%d.%d", i/200, i%200), "Firefox " + strconv.Itoa(i%7)}
		switch {
		case i%16 == 0:
			v.address, v.browser = office, "Edge of the office"
		case i%8 == 1 && !early(i): // the worst: at the scanner's own address, with a browser like its own
			v = scanner(i)
		}
		return v, i % 11
	}
	answers := func(which func(int) bool) {
		for i, id := range ids {
			if which(i) {
				v, score := person(i)
				v.answerAs(i%5, id, score)
				s.advance(time.Minute / time.Duration(mails))
			}
		}
	}
	answered := func(which func(int) bool) {
		s.Helper()
		for i, id := range ids {
			if !which(i) {
				continue
			}
			_, score := person(i)
			r := s.response(id)
			s.want(r.State != survey.Withdrawn && r.Score == score && r.Done && r.Comment == "I mean it", "answer %d: %+v, want %d", i, r, score)
		}
	}
	answers(early)
	for i, id := range ids {
		kind := i % 4
		scanner(i).scan(id, kind == 1 || kind == 3, kind >= 2)
		s.advance(time.Minute / time.Duration(mails))
	}
	answered(early)
	held, err := s.store.HeldAnswers(t.Context(), mails)
	s.ok(err)
	s.want(len(held) == mails/2, "%d answers are held: want those of the scanners that send forms, %d", len(held), mails/2)
	s.noneUnsubscribed(ids)
	due := 0
	for _, items := range s.items(store.TopicAnswer) {
		due += len(items)
	}
	s.want(due == mails/10, "%d answers flow on: want those of people, %d", due, mails/10)

	s.advance(15 * time.Minute)
	answers(func(i int) bool { return !early(i) })
	answered(func(int) bool { return true })
	s.noneUnsubscribed(ids)
}

// A scanner opens both links of an ask's mail and sends the form; a person behind it reads
// the page.
func TestMachinesGoOnFromNoAsk(t *testing.T) {
	t.Parallel()
	s := newSite(t, throughProxy)
	ask := s.ask(s.invite("en"))
	state := func() survey.AskState {
		found, err := s.store.Ask(s.Context(), ask)
		s.ok(err)
		return found.Ask.State
	}
	goOn := func(v visitor, page answer) {
		header := v.header()
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		form := url.Values{"page": {hiddenPage.FindStringSubmatch(page.body)[1]}}
		got := v.do(http.MethodPost, v.referral(ask), header, []byte(form.Encode()))
		s.want(got.status == http.StatusSeeOther, "%d %s", got.status, got.body)
	}
	scanner := visitor{s, "203.0.113.7", "Mozilla/5.0 (compatible)"}
	page := scanner.open(s.referral(ask))
	scanner.open(s.unsubscribe(survey.UnsubscribeAsk + ask))
	goOn(scanner, page)
	s.want(state() == survey.AskSent, "a machine's click counts: %s", state())
	held, err := s.store.HeldAnswers(s.Context(), 10)
	s.ok(err)
	s.want(len(held) == 0, "nothing is to be decided about: %+v", held)

	reader := visitor{s, "192.0.2.1", "Firefox"}
	goOn(reader, reader.show(s.referral(ask)))
	s.want(state() == survey.AskClicked, "a person's click does not count: %s", state())
}

// noneUnsubscribed fails where the next invitation of a reader would be refused.
func (s *site) noneUnsubscribed(ids []string) {
	s.Helper()
	asked := make([]store.Candidate, len(ids))
	for i, id := range ids {
		found, err := s.store.Invitation(s.Context(), id)
		s.ok(err)
		asked[i].ContactKey = found.Invitation.ContactKey
	}
	left, decided := 0, 0
	_, err := s.store.Admit(s.Context(), store.AdmitRequest{
		Batch: s.newID(), Program: programs()[0].ID, Version: programs()[0].Version(), Now: s.clock(), NewID: s.newID,
		Candidates: asked,
		Decide: func(a survey.Applicant) survey.Ruling {
			if a.Unsubscribed || a.LeftProgram {
				left++
			}
			decided++
			return survey.Ruling{Rule: survey.RuleSampling}
		},
		DueAt: func(store.Candidate, survey.Contact) time.Time { return start }, Locale: func(survey.Contact) string { return "en" },
	})
	s.ok(err)
	s.want(left == 0 && decided == len(ids), "%d of %d readers are unsubscribed: want 0 of %d", left, decided, len(ids))
}
