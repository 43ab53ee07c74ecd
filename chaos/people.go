package chaos

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
)

// customer is a person with what they did.
type customer struct {
	visit
	email    string
	language string
	contact  string   // CRM id; "" of a shopper
	deals    []string // won one after the other
	invited  atomic.Bool
}

// languages are those of the built-in texts: mails in one language share a call.
var languages = []string{"en", "fr", "de", "es"}

// people are the customers and the account team, who try again when something goes
// wrong, as people and their systems do.
type people struct {
	*world
	http      *http.Client
	customers map[string]*customer // by address
	// busy is how many do something just now.
	busy atomic.Int64

	mu sync.Mutex
	// What was acknowledged: the last score by invitation, the ids of shoppers' events,
	// the asks whose referral link was followed, and when a contact had unsubscribed.
	answers      map[string]int
	posted       map[string]bool
	followed     map[string]bool
	unsubscribed map[string]time.Time
	corrections  int
	refused      []string
}

func newPeople(w *world, visits []visit) (*people, error) {
	p := &people{
		world: w, customers: map[string]*customer{},
		http: &http.Client{
			Timeout:       10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		answers: map[string]int{}, posted: map[string]bool{}, followed: map[string]bool{}, unsubscribed: map[string]time.Time{},
	}
	company := ""
	for i, v := range visits {
		c := &customer{visit: v, email: fmt.Sprintf("c%06d@customers.example", i), language: languages[i%len(languages)]}
		p.customers[c.email] = c
		if v.path == shopper {
			continue
		}
		if v.path != colleague || company == "" {
			record, err := w.sandbox.CreateCompany(map[string]string{"name": fmt.Sprintf("Company %06d", i)})
			if err != nil {
				return nil, err
			}
			company = record.ID
		}
		if err := p.cast(c, company); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// cast puts a customer into the CRM, with a deal or two.
func (p *people) cast(c *customer, company string) error {
	fields := map[string]string{"email": c.email, "hs_language": c.language, "associatedcompanyid": company}
	contact, err := p.sandbox.CreateContact(fields, company)
	if err != nil {
		return err
	}
	c.contact = contact.ID
	deals := 1
	if c.path == leaver || c.path == regular {
		deals = 2
	}
	for range deals {
		deal, err := p.sandbox.CreateDeal(map[string]string{"dealname": "Deal", "dealstage": "contractsent", "pipeline": "default"}, company, contact.ID)
		if err != nil {
			return err
		}
		c.deals = append(c.deals, deal.ID)
	}
	return nil
}

// live lets everybody do what they do until the context ends.
func (p *people) live(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range p.customers {
		p.begin(group, func() error {
			if !pause(ctx, c.at) {
				return nil
			}
			return p.buy(ctx, c)
		})
	}
	group.Go(func() error { return p.readMails(ctx, group) })
	group.Go(func() error { return p.workCases(ctx) })
	return group.Wait()
}

func (p *people) begin(group *errgroup.Group, do func() error) {
	p.busy.Add(1)
	group.Go(func() error {
		defer p.busy.Add(-1)
		return do()
	})
}

func (p *people) buy(ctx context.Context, c *customer) error {
	switch c.path {
	case shopper:
		for range 2 {
			p.order(ctx, c)
		}
		return nil
	case regular:
		if err := p.win(c, 1); err != nil {
			return err
		}
	}
	return p.win(c, 0)
}

func (p *people) win(c *customer, deal int) error {
	return p.sandbox.SetProperty(sandbox.Deals, c.deals[deal], "dealstage", "closedwon", sandbox.SourceUser)
}

// order posts a shopper's event until it is acknowledged.
func (p *people) order(ctx context.Context, c *customer) {
	name, _, _ := strings.Cut(c.email, "@")
	body := fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"shop","type":"order.delivered","data":{"contact":{"id":%[1]q,"email":%q,"locale":%q}}}`, name, c.email, c.language)
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + p.secret}}
	if p.insist(ctx, p.app+"/v1/events?crm=shop", header, body) {
		p.note(func() { p.posted[name] = true })
	}
}

// note keeps what was acknowledged.
func (p *people) note(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
}

// insist posts until the request is acknowledged. It reports false when it is
// refused for good or the context ended.
func (p *people) insist(ctx context.Context, address string, header http.Header, body string) bool {
	for {
		status, err := p.post(ctx, address, header, body)
		switch {
		case err == nil && status < http.StatusBadRequest:
			return true
		case err == nil && status < http.StatusInternalServerError && status != http.StatusTooManyRequests:
			p.note(func() {
				p.refused = append(p.refused, fmt.Sprintf("%s answered %d", strings.TrimPrefix(address, p.app), status))
			})
			return false
		}
		if !pause(ctx, 200*time.Millisecond+rand.N(300*time.Millisecond)) {
			return false
		}
	}
}

func (p *people) post(ctx context.Context, address string, header http.Header, body string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header = header
	resp, err := p.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// readMails has each customer act on their first invitation, and on a request for a
// referral.
func (p *people) readMails(ctx context.Context, group *errgroup.Group) error {
	for seen := 0; ; {
		var mails []*sandbox.Mail
		err := p.sandbox.WaitFor(ctx, func(st *sandbox.State) bool {
			mails = append(mails[:0], st.Mails[seen:]...)
			return len(mails) > 0
		})
		if err != nil {
			return nil // the context ended
		}
		seen += len(mails)
		for _, m := range mails {
			c := p.customers[m.To.Email]
			switch kind := m.CustomArgs["cxloop_kind"]; {
			case c == nil:
			case kind == store.MailInvite && c.invited.CompareAndSwap(false, true):
				p.begin(group, func() error { return p.react(ctx, c, m) })
			case kind == store.MailAsk && c.path != promoter:
				p.begin(group, func() error { return p.refer(ctx, m) })
			}
		}
	}
}

var (
	surveyLink   = regexp.MustCompile(`http://\S+/s/[A-Za-z0-9._-]+`)
	referralLink = regexp.MustCompile(`http://\S+/r/[A-Za-z0-9._-]+`)
)

func (p *people) react(ctx context.Context, c *customer, m *sandbox.Mail) error {
	switch c.path {
	case silent:
		return nil
	case leaver:
		address := strings.Trim(m.Headers["List-Unsubscribe"], "<>")
		if p.insist(ctx, address, form(), "List-Unsubscribe=One-Click") {
			p.note(func() { p.unsubscribed[c.contact] = time.Now() })
		}
		return p.win(c, 1)
	}
	p.answer(ctx, m, c.score, c.path != hesitant)
	if c.path == corrector && pause(ctx, time.Second) && p.answer(ctx, m, c.then, true) {
		p.note(func() { p.corrections++ })
	}
	return nil
}

// refer goes on from a mail that asks for a referral.
func (p *people) refer(ctx context.Context, m *sandbox.Mail) error {
	if p.insist(ctx, referralLink.FindString(m.Text()), form(), "") {
		p.note(func() { p.followed[m.CustomArgs["cxloop_id"]] = true })
	}
	return nil
}

func form() http.Header {
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
}

func (p *people) answer(ctx context.Context, m *sandbox.Mail, score int, done bool) (acknowledged bool) {
	fields := url.Values{"score": {strconv.Itoa(score)}}
	if done {
		fields.Set("comment", "It is what it is.")
		fields.Set("done", "1")
	}
	acknowledged = p.insist(ctx, surveyLink.FindString(m.Text()), form(), fields.Encode())
	if acknowledged {
		p.note(func() { p.answers[m.CustomArgs["cxloop_id"]] = score })
	}
	return acknowledged
}

// pause reports whether the time passed before the context ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
