package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long a step may take on the real clock. A mail can wait for the contact's sending window, a referral for the
// program's delay; at the playground's pace both take about a minute.
const (
	soon  = 90 * time.Second
	later = 6 * time.Minute
)

// stormSize is how many deals the bulk edit closes.
const stormSize = 200

var scenarios = []*scenario{
	{name: "unhappy", title: "An unhappy enterprise customer", about: "A deal is won, the customer answers 2, a case opens in Slack",
		steps: []step{
			{"Deal won", soon, winNewDeal("enterprise")},
			{"CRM told cxloop", soon, webhookAccepted},
			{"Survey mail arrived", later, surveyMail},
			{"Customer answered 2", soon, answer(2)},
			{"Case in Slack", later, caseInSlack},
			{"Score on the CRM record", later, scoreOnRecord(2)},
		}},
	{name: "delighted", title: "A delighted customer", about: "The customer answers 9 and is asked for a referral",
		steps: []step{
			{"Deal won", soon, winNewDeal("growth")},
			{"CRM told cxloop", soon, webhookAccepted},
			{"Survey mail arrived", later, surveyMail},
			{"Customer answered 9", soon, answer(9)},
			{"Score on the CRM record", later, scoreOnRecord(9)},
			{"Referral mail arrived", later, referralMail},
		}},
	{name: "deal", title: "Deal won", about: "You are the customer: open the mail and answer",
		steps: []step{
			{"Deal won", soon, winOpenDeal},
			{"CRM told cxloop", soon, webhookAccepted},
			{"Survey mail arrived", later, surveyMail},
		}},
	{name: "ticket", title: "Ticket closed", about: "A satisfaction survey after support",
		steps: []step{
			{"Ticket closed", soon, closeOpenTicket},
			{"CRM told cxloop", soon, webhookAccepted},
			{"Survey mail arrived", later, surveyMail},
		}},
	{name: "storm", title: "A storm of 200 deals", about: "A bulk edit in the CRM: watch the batches form",
		steps: []step{
			{"200 deals won at once", soon, winManyDeals},
			{"CRM told cxloop", soon, webhookAccepted},
			{"Survey mails arrived", later, stormMails},
		}},
	{name: "past", title: "Two years of 1,000 customers", about: "Orders, tickets, answers; then forecasts in the CRM", demo: true,
		steps: []step{
			{"Companies imported into the CRM", soon, importPast},
			{"Shop and help desk told cxloop", later, tellPast},
			{"Former survey tool told cxloop", later, tellPastAnswers},
			{"Forecasts on the CRM records", later, forecastsOnRecords},
		}},
}

// webhookAccepted waits until cxloop has acknowledged the events about all objects of the run.
func webhookAccepted(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	var requests, acknowledged int
	err = p.s.WaitFor(ctx, func(st *State) bool {
		open := map[int64]bool{}
		for _, o := range c.objects {
			id, _ := strconv.ParseInt(o.ID, 10, 64) // ids are made by create, always numbers
			open[id] = true
		}
		requests = 0
		for i := len(st.Deliveries) - 1; i >= 0 && !st.Deliveries[i].At.Before(c.since); i-- {
			d := st.Deliveries[i]
			about := slices.ContainsFunc(d.Events, func(e WebhookEvent) bool { return open[e.ObjectID] })
			if !about {
				continue
			}
			if d.Status != DeliveryDelivered {
				c.tell(deliveryEntry(st, d).Detail)
				continue
			}
			requests++
			for _, e := range d.Events {
				if triggering(e) {
					delete(open, e.ObjectID)
				}
			}
		}
		acknowledged = len(c.objects) - len(open)
		if len(c.objects) > 1 {
			c.tell(fmt.Sprintf("%d of %d", acknowledged, len(c.objects)))
		}
		return len(open) == 0
	})
	if len(c.objects) == 1 {
		return "signed webhook, acknowledged", "", err
	}
	return fmt.Sprintf("%d changes in %d signed requests", acknowledged, requests), "", err
}

// triggering tells the change that the scenario made from those that came with the record's creation.
func triggering(e WebhookEvent) bool {
	return e.PropertyName == "dealstage" && e.PropertyValue == stageWon ||
		e.PropertyName == "hs_pipeline_stage" && e.PropertyValue == stageClosed
}

func surveyMail(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	return p.waitMail(ctx, c.contact.Get("email"), "/s/")
}

func referralMail(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	return p.waitMail(ctx, c.contact.Get("email"), "/r/")
}

// waitMail waits for a mail to that address with a link to a page of cxloop.
func (p *playground) waitMail(ctx context.Context, email, page string) (detail, see string, err error) {
	err = p.s.WaitFor(ctx, func(st *State) bool {
		m := mailWith(st, email, p.opts.App+page)
		if m != nil {
			detail, see = "“"+m.Subject+"” to "+email, "mail/"+m.ID
		}
		return m != nil
	})
	return detail, see, err
}

// mailWith returns the latest mail to that address that holds a text, nil where there is none.
func mailWith(st *State, email, text string) *Mail {
	mails := st.mailsTo[strings.ToLower(email)]
	for i := len(mails) - 1; i >= 0; i-- {
		if strings.Contains(mails[i].HTML(), text) || strings.Contains(mails[i].Text(), text) {
			return mails[i]
		}
	}
	return nil
}

func stormMails(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	err = p.s.WaitFor(ctx, func(st *State) bool {
		arrived := 0
		for _, person := range c.people {
			if len(st.mailsTo[strings.ToLower(person.Get("email"))]) > 0 {
				arrived++
			}
		}
		detail = fmt.Sprintf("%d of %d", arrived, len(c.people))
		c.tell(detail)
		return arrived == len(c.people)
	})
	return detail, "", err
}

// caseInSlack waits for a message about the customer that can be acknowledged.
func caseInSlack(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	company, contact := []byte(c.company.Name()), []byte(c.contact.Name())
	err = p.s.WaitFor(ctx, func(st *State) bool {
		for _, ch := range st.Channels {
			l := st.messages[ch.ID]
			for i := len(l.order) - 1; i >= 0; i-- {
				m := l.byTS[l.order[i]]
				if m.At.Before(c.since) {
					break
				}
				if bytes.Contains(m.Blocks, company) || bytes.Contains(m.Blocks, contact) {
					detail, see = "#"+ch.Name, "slack/"+ch.ID+"/"+m.TS
					return true
				}
			}
		}
		return false
	})
	return detail, see, err
}

// scoreOnRecord waits until cxloop has written the score to the contact.
func scoreOnRecord(score int) act {
	return func(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
		err = p.s.WaitFor(ctx, func(st *State) bool {
			r := st.Record(Contacts, c.contact.ID)
			return r != nil && r.Get("cx_nps_last") == strconv.Itoa(score)
		})
		return fmt.Sprintf("cx_nps_last = %d", score), "record/contacts/" + c.contact.ID, err
	}
}

// answer answers the survey as the customer does, on cxloop's own page.
func answer(score int) act {
	return func(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
		if p.opts.App == "" {
			return "", "", errors.New("cxloop's address is not configured")
		}
		var m *Mail
		p.s.Read(func(st *State) { m = mailWith(st, c.contact.Get("email"), p.opts.App+"/s/") })
		if m == nil {
			return "", "", fmt.Errorf("survey mail: %w", ErrNotFound)
		}
		comment := commentFor(score, c.contact.Get("hs_language"))
		return "“" + comment + "”", "mail/" + m.ID, p.submit(ctx, m, score, comment)
	}
}
