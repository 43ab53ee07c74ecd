package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// atOnce bounds the customers who answer and the teams who click at the same
// moment.
const atOnce = 16

// patience is how long a load may take to come to its end.
const patience = 20 * time.Minute

// said is what every customer says.
const said = "It is what it is."

// load is customers whose deals are won.
type load struct {
	count int
	// rate is how many are won a second; 0 is all at once.
	rate float64
	// channels is how many Slack channels their cases go to, 0 for all.
	channels int
	// score is what a customer answers; nil where nobody does.
	score func(customer int) int
	// resolve lets the account team acknowledge and resolve each case.
	resolve bool
}

// usualScores are of 50 % promoters, 30 % passives and 20 % detractors.
var usualScores = [...]int{9, 10, 9, 10, 9, 7, 8, 7, 2, 5}

func usualScore(customer int) int { return usualScores[customer%len(usualScores)] }

// loadResult is of one loop, on average, and of all.
type loadResult struct {
	cpuMS, transitions, perSecond float64
	// ownMS is the part of cpuMS that is cxloop's process.
	ownMS float64
	// caseTransitions are of one case, from its opening to its end.
	caseTransitions            float64
	eventToMail, answerToSlack []time.Duration
}

// play is a load under way.
type play struct {
	*world
	load
	first int
	deals []string

	mu       sync.Mutex
	won      []time.Time
	answered []time.Time
	result   loadResult

	promoters, detractors int
}

func (w *world) play(ctx context.Context, l load) (loadResult, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p, err := w.cast(l)
	if err != nil {
		return loadResult{}, err
	}
	began := time.Now()
	before, own, err := w.cpu()
	if err != nil {
		return loadResult{}, err
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return p.winDeals(running) })
	group.Go(func() error { return p.answerMails(running) })
	group.Go(func() error { return p.workCases(running) })
	if err := group.Wait(); err != nil {
		return loadResult{}, p.explain(err)
	}
	if err := p.awaitScores(ctx); err != nil {
		return loadResult{}, p.explain(err)
	}
	p.result.perSecond = float64(l.count) / time.Since(began).Seconds()
	if !l.resolve { // its cases stay open
		return p.result, nil
	}
	if err := p.awaitClosed(ctx, began, closePatience); err != nil {
		return loadResult{}, err
	}
	after, ownAfter, err := w.cpu()
	if err != nil {
		return loadResult{}, err
	}
	p.result.cpuMS = (after - before).Seconds() * 1000 / float64(l.count)
	p.result.ownMS = (ownAfter - own).Seconds() * 1000 / float64(l.count)
	all, ofCases, err := p.transitionsSince(ctx, began)
	p.result.transitions = float64(all) / float64(l.count)
	p.result.caseTransitions = float64(ofCases) / float64(p.detractors)
	return p.result, err
}

// cpu is the CPU time that Temporal's server and cxloop have used, and cxloop's part of it.
func (w *world) cpu() (all, own time.Duration, err error) {
	if own, err = cpuOf(w.pid()); err != nil {
		return 0, 0, err
	}
	server, err := cpuOf(w.server.PID)
	return server + own, own, err
}

// explain adds what the stand-ins refused, which is why most loads do not end.
func (w *world) explain(err error) error {
	w.sandbox.Read(func(st *sandbox.State) {
		if n := len(st.Refusals); n > 0 {
			err = errors.Join(err, fmt.Errorf("a vendor refused %d requests, the last: %s %s", n, st.Refusals[n-1].Rule, st.Refusals[n-1].Detail))
		}
	})
	return err
}

// cast puts a load's customers into the CRM, each of a company of their own.
func (w *world) cast(l load) (*play, error) {
	p := &play{world: w, load: l, first: w.customer, won: make([]time.Time, l.count), answered: make([]time.Time, l.count)}
	w.customer += l.count
	for i := range p.count {
		number := p.first + i
		// One further with each round of the scores: else all detractors were of a few regions.
		region := (number + number/len(usualScores)) % cmp.Or(p.channels, channels)
		company, err := p.sandbox.CreateCompany(map[string]string{
			"name": fmt.Sprintf("Company %06d", number), "region": "r" + strconv.Itoa(region),
		})
		if err != nil {
			return nil, err
		}
		contact, err := p.sandbox.CreateContact(map[string]string{
			"email": p.address(i), "firstname": fmt.Sprintf("C%06d", number), "associatedcompanyid": company.ID,
		}, company.ID)
		if err != nil {
			return nil, err
		}
		deal, err := p.sandbox.CreateDeal(map[string]string{"dealname": "Deal", "dealstage": "contractsent", "pipeline": "default"}, company.ID, contact.ID)
		if err != nil {
			return nil, err
		}
		p.deals = append(p.deals, deal.ID)
		if p.score == nil {
			continue
		}
		switch score := p.score(number); {
		case score >= 9:
			p.promoters++
		case score <= 6:
			p.detractors++
		}
	}
	return p, nil
}

func (p *play) address(customer int) string {
	return fmt.Sprintf("c%06d@customers.example", p.first+customer)
}

func (p *play) winDeals(ctx context.Context) error {
	pace := make(<-chan time.Time)
	if p.rate > 0 {
		ticker := time.NewTicker(time.Duration(float64(time.Second) / p.rate))
		defer ticker.Stop()
		pace = ticker.C
	}
	for i, deal := range p.deals {
		if p.rate > 0 {
			select {
			case <-pace:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		p.note(p.won, i, time.Now())
		if err := p.sandbox.SetProperty(sandbox.Deals, deal, "dealstage", "closedwon", sandbox.SourceUser); err != nil {
			return err
		}
	}
	return nil
}

func (p *play) note(times []time.Time, i int, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	times[i] = at
}

// The kinds of mails, as cxloop tells them to SendGrid.
const (
	inviteMail = "invite"
	askMail    = "ask"
)

// eachMail calls each for every mail to one of the load's customers, as it comes,
// until enough.
func (p *play) eachMail(ctx context.Context, enough func() bool, each func(customer int, m *sandbox.Mail)) error {
	for seen := 0; !enough(); {
		var mails []*sandbox.Mail
		err := p.sandbox.WaitFor(ctx, func(st *sandbox.State) bool {
			mails = append(mails[:0], st.Mails[seen:]...)
			return len(mails) > 0
		})
		if err != nil {
			return err
		}
		seen += len(mails)
		for _, m := range mails {
			if i, ok := p.index(m.To.Email); ok {
				each(i, m)
			}
		}
	}
	return nil
}

// awaitMails returns the first mail of a kind to each of n customers.
func (p *play) awaitMails(ctx context.Context, kind string, n int) (map[int]*sandbox.Mail, error) {
	found := map[int]*sandbox.Mail{}
	err := p.eachMail(ctx, func() bool { return len(found) >= n }, func(i int, m *sandbox.Mail) {
		if m.CustomArgs["cxloop_kind"] == kind && found[i] == nil {
			found[i] = m
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%d of %d mails (%s) arrived: %w", len(found), n, kind, err)
	}
	return found, nil
}

// answerMails answers each survey as soon as its mail is there, and returns when
// all have answered and all promoters have their referral mail.
func (p *play) answerMails(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	invited, asked := 0, 0
	enough := func() bool { return invited >= p.count && asked >= p.promoters }
	err := p.eachMail(ctx, enough, func(i int, m *sandbox.Mail) {
		switch m.CustomArgs["cxloop_kind"] {
		case askMail:
			asked++
		case inviteMail:
			invited++
			p.mu.Lock()
			p.result.eventToMail = append(p.result.eventToMail, m.At.Sub(p.won[i]))
			p.mu.Unlock()
			group.Go(func() error { return p.answer(ctx, i, m) })
		}
	})
	if err != nil {
		err = fmt.Errorf("%d of %d surveys and %d of %d referral mails arrived: %w", invited, p.count, asked, p.promoters, err)
	}
	return errors.Join(err, group.Wait())
}

var (
	surveyLink     = regexp.MustCompile(`http://\S+/s/[A-Za-z0-9._-]+`)
	customerNumber = regexp.MustCompile(`[cC](\d{6})`)
)

// index finds this load's customer in a text.
func (p *play) index(text string) (int, bool) {
	match := customerNumber.FindStringSubmatch(text)
	if match == nil {
		return 0, false
	}
	number, err := strconv.Atoi(match[1])
	return number - p.first, err == nil && number >= p.first && number < p.first+p.count
}

func (p *play) answer(ctx context.Context, i int, m *sandbox.Mail) error {
	link := surveyLink.FindString(m.Text())
	if link == "" {
		return fmt.Errorf("mail %s holds no survey link", m.ID)
	}
	form := url.Values{"score": {strconv.Itoa(p.score(p.first + i))}, "comment": {said}, "done": {"1"}}
	p.note(p.answered, i, time.Now())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, link, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(req, "the survey page")
}

// do sends a request to a part of cxloop, which has to answer 200.
func (w *world) do(req *http.Request, part string) error {
	resp, err := w.http.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", part, resp.Status)
	}
	return nil
}

// workCases acknowledges and resolves each case as its message comes and changes,
// and returns when all detractors have a case, with resolve one that is over.
func (p *play) workCases(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	shown, resolved := map[string]bool{}, map[string]bool{}
	clicked := map[string]bool{}
	for len(shown) < p.detractors || p.resolve && len(resolved) < p.detractors {
		var messages []*sandbox.Message
		after := p.sandbox.Revision()
		p.sandbox.Read(func(st *sandbox.State) {
			for _, id := range channelIDs() {
				messages = append(messages, st.Messages(id)...)
			}
		})
		for _, m := range messages {
			i, ok := p.index(m.Text)
			if !ok || resolved[m.TS] {
				continue
			}
			if !shown[m.TS] && strings.Contains(string(m.Blocks), said) {
				shown[m.TS] = true
				p.mu.Lock()
				p.result.answerToSlack = append(p.result.answerToSlack, m.At.Sub(p.answered[i]))
				p.mu.Unlock()
			}
			button := nextButton(m)
			if button == "" {
				resolved[m.TS] = true
				continue
			}
			if key := m.TS + string(button); p.resolve && !clicked[key] {
				clicked[key] = true
				group.Go(func() error {
					_, err := p.sandbox.ClickThrough(m.Channel, m.TS, string(button), "U0GRACE", formOf(button))
					return err
				})
			}
		}
		if err := p.afterChange(ctx, after); err != nil {
			return errors.Join(fmt.Errorf("%d of %d cases were shown, %d resolved", len(shown), p.detractors, len(resolved)), err, group.Wait())
		}
	}
	return group.Wait()
}

// lookEvery is how often messages are looked through at most.
const lookEvery = 50 * time.Millisecond

func (p *play) afterChange(ctx context.Context, revision uint64) error {
	select {
	case <-time.After(lookEvery):
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if _, err := p.sandbox.WaitChange(ctx, revision); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

func nextButton(m *sandbox.Message) survey.CaseAction {
	for _, action := range []survey.CaseAction{survey.ActionAcknowledge, survey.ActionResolve} {
		if offers(m, action) {
			return action
		}
	}
	return ""
}

// offers reports whether a message has the button of an action.
func offers(m *sandbox.Message, action survey.CaseAction) bool {
	return strings.Contains(string(m.Blocks), `"`+string(action)+`"`)
}

// formOf is what is filled in behind a button.
func formOf(button survey.CaseAction) map[string]string {
	if button != survey.ActionResolve {
		return nil
	}
	return map[string]string{"choice": survey.OptionOther, "note": "Settled by phone."}
}

// awaitScores returns when every customer's score stands on the CRM record.
func (p *play) awaitScores(ctx context.Context) error {
	next := 0
	return p.sandbox.WaitFor(ctx, func(st *sandbox.State) bool {
		for next < p.count {
			if st.ContactByEmail(p.address(next)).Get(survey.SignalNPSLast) == "" {
				return false
			}
			next++
		}
		return true
	})
}
