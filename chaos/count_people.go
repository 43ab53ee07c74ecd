package chaos

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
)

// enough are so many customers that chance leaves no path out.
const enough = 200

// countPeople compares what customers were acknowledged with what is kept, and says
// how often each path was walked to its end.
func (r *run) countPeople(ctx context.Context, c *count, st *sandbox.State) error {
	lost := []func(context.Context, *count, *sandbox.State) ([]string, error){r.lostAnswers, r.lostClicks, r.lostUnsubscriptions, r.lostReminders}
	var all []string
	for _, part := range lost {
		some, err := part(ctx, c, st)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	c.must("answers, clicks, unsubscriptions and reminders lost", all)
	resolved, err := r.number(ctx, `SELECT count(*) FROM cases WHERE state = 'resolved'`)
	if err != nil {
		return err
	}
	walked := map[string]int{
		"answered": len(r.people.answers), "corrected": r.people.corrections, "followed a referral link": len(r.people.followed),
		"unsubscribed": len(r.people.unsubscribed), "resolved a case": int(resolved),
	}
	for _, m := range st.Mails {
		walked["got a mail: "+m.CustomArgs["cxloop_kind"]]++
	}
	c.add("people: %s", numbers(walked))
	var never []string
	for what, n := range walked {
		if n == 0 && r.Loops >= enough {
			never = append(never, what)
		}
	}
	c.must("what nobody did", never)
	return nil
}

func (r *run) lostAnswers(ctx context.Context, c *count, _ *sandbox.State) (lost []string, err error) {
	recorded := map[string]string{}
	err = r.rows(ctx, `SELECT invitation_id, score FROM responses WHERE recorded = revision`, func(id, score string) { recorded[id] = score })
	for id, score := range r.people.answers {
		if recorded[id] != strconv.Itoa(score) {
			lost = append(lost, fmt.Sprintf("invitation %s: answered %d, recorded %q", id, score, recorded[id]))
		}
	}
	c.add("answers: %d acknowledged, %d recorded", len(r.people.answers), len(recorded))
	return lost, err
}

func (r *run) lostClicks(ctx context.Context, c *count, _ *sandbox.State) (lost []string, err error) {
	states := map[string]string{}
	err = r.rows(ctx, `SELECT id, state FROM asks`, func(id, state string) { states[id] = state })
	for id := range r.people.followed {
		if states[id] != "clicked" {
			lost = append(lost, fmt.Sprintf("ask %s: its link was followed, it is %q", id, states[id]))
		}
	}
	return lost, err
}

// mailGrace is how long after an unsubscription a mail may still come that was on its
// way to the vendor.
const mailGrace = 10 * time.Second

func (r *run) lostUnsubscriptions(ctx context.Context, c *count, st *sandbox.State) (lost []string, err error) {
	contacts, err := r.contacts(ctx, st)
	if err != nil {
		return nil, err
	}
	kept := map[string]bool{}
	err = r.rows(ctx, `SELECT key, crm FROM contacts WHERE unsubscribed_at IS NOT NULL AND crm = 'hubspot'`, func(reference, _ string) {
		kept[contacts[reference].ID] = true
	})
	for contact := range r.people.unsubscribed {
		if !kept[contact] {
			lost = append(lost, "contact "+contact+" unsubscribed")
		}
	}
	var unwanted []string
	for _, m := range st.Mails {
		who := r.people.customers[m.To.Email]
		if at, ok := r.people.unsubscribed[who.contact]; ok && m.At.After(at.Add(mailGrace)) {
			unwanted = append(unwanted, effectOf(m))
		}
	}
	c.must("mails to those who had unsubscribed", unwanted)
	return lost, err
}

// lostReminders finds who was mailed, never answered, and was not reminded though no
// reminder is in doubt.
func (r *run) lostReminders(ctx context.Context, _ *count, st *sandbox.State) (lost []string, err error) {
	begun := map[string]bool{}
	err = r.rows(ctx, `SELECT key, state FROM effects WHERE state IN ('done', 'unknown')`, func(key, _ string) { begun[key] = true })
	for _, m := range st.Mails {
		id := m.CustomArgs["cxloop_id"]
		silent := r.people.customers[m.To.Email].path == silent
		if m.CustomArgs["cxloop_kind"] == store.MailInvite && silent && !begun[store.MailEffect(store.MailReminder, id)] {
			lost = append(lost, "invitation "+id+": no reminder")
		}
	}
	return lost, err
}
