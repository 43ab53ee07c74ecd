package churn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// tenant makes up customers of whom the truth is known.
type tenant struct {
	contractual bool
	customers   int
	days        float64
	// bySilence and byCase are what being silent and having an open case add to the log of
	// the rate at which customers leave.
	bySilence, byCase float64
	seed              uint64
	// steady has customers joined for years before, and until the end.
	steady bool
}

const (
	opened = 20000.0 // the day the tenant began
	step   = 5.0
)

func (t tenant) asOf() float64 { return opened + t.days }

// made are the customers, and the true probability of leaving of those that are there at the
// end.
func (t tenant) made() (customers []Customer, rates map[string]float64) {
	rates = map[string]float64{}
	for i := range t.customers {
		source := rand.New(rand.NewPCG(t.seed, uint64(i)))
		id := fmt.Sprintf("customer-%05d", i)
		c, rate := t.one(source)
		c.ID = id
		customers, rates[id] = append(customers, c), rate
	}
	return customers, rates
}

// one lives in steps. Scores are chance: a low one opens a case, and only the case matters.
// Buyers who left are still asked, and answer as before.
func (t tenant) one(r *rand.Rand) (c Customer, rate float64) {
	day := opened + math.Floor(r.Float64()*t.days*0.9)
	if t.steady {
		day = t.asOf() - math.Floor(r.Float64()*3*t.days)
	}
	perDay := math.Exp(r.NormFloat64()*0.4) / 25
	silent, asked := r.Float64() < 0.35, day+20+r.Float64()*90
	base := 0.0012
	left := false
	amount := 20 + 80*r.Float64()
	if t.contractual {
		c.Contracts = []Contract{{Start: day, Term: 365, Amount: 1000 * amount}}
	} else {
		c.Purchases = []Purchase{{At: day, Amount: amount}}
	}
	for ; day < t.asOf(); day += step {
		openCase := len(c.Cases) > 0 && c.Cases[len(c.Cases)-1].Ended == 0
		rate = base * math.Exp(t.bySilence*float64(count(silent))+t.byCase*float64(count(openCase)))
		if r.Float64() < 1-math.Exp(-rate*step) {
			if t.contractual {
				c.Contracts[0].End = day
				return c, 0
			}
			left = true
		}
		if !t.contractual && !left && r.Float64() < 1-math.Exp(-perDay*step) {
			c.Purchases = append(c.Purchases, Purchase{At: day + r.Float64()*step, Amount: amount * (0.5 + r.Float64())})
		}
		if r.Float64() < 0.01 {
			c.Tickets = append(c.Tickets, Ticket{Opened: day, Closed: day + 1 + r.Float64()*10})
		}
		if openCase && r.Float64() < step/60 {
			c.Cases[len(c.Cases)-1].Ended = day + step
			openCase = false
		}
		if day >= asked {
			asked += 90
			t.ask(r, &c, day, silent, openCase)
		}
		if r.Float64() < 0.004 {
			silent = !silent
		}
	}
	return c, rate
}

func (t tenant) ask(r *rand.Rand, c *Customer, day float64, silent, openCase bool) {
	answers := 0.85
	if silent {
		answers = 0.04
	}
	sent := Invitation{Sent: day}
	if r.Float64() < answers {
		sent.Answered = day + 1
		score := math.Round(10*math.Pow(r.Float64(), 0.5)) / 10
		mood := math.Tanh(2*(score-0.5) + r.NormFloat64()*0.3)
		c.Answers = append(c.Answers, Answer{At: day + 1, Metric: "nps", Score: score, Sentiment: &mood})
		if score <= 0.6 && !openCase {
			c.Cases = append(c.Cases, Case{Opened: day + 1})
		}
	}
	c.Invitations = append(c.Invitations, sent)
}

// reversed are customers in another order, with their events in another order.
func reversed(customers []Customer) []Customer {
	out := slices.Clone(customers)
	slices.Reverse(out)
	for i := range out {
		out[i].Purchases = slices.Clone(out[i].Purchases)
		slices.Reverse(out[i].Purchases)
		out[i].Answers = slices.Clone(out[i].Answers)
		slices.Reverse(out[i].Answers)
	}
	return out
}
