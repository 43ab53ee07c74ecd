package churn

import "math"

// Spans, in days.
const (
	quarter = 90
	year    = 365
	// patience is how long a survey may be unanswered before that is silence: reminders have
	// gone out by then.
	patience = 14
)

// seen is what is known of a customer at a moment: of what came before it, and nothing else.
type seen struct {
	at float64

	bought, recent, earlier int // ever, in the last quarter, and in the one before it
	first, last             float64
	spent                   float64

	running, ended int // contracts
	since          float64
	worth          float64
	renewal        float64 // days to the next, 0 where no running contract has a term

	openTickets, newTickets int
	openCases               int

	asked, unanswered int // in the last year
	answered          bool
	answer            Answer // the last one of the last year
	change            float64
	compared          bool
}

// see looks at a customer, sorted, as of a moment.
func see(c Customer, at float64) seen {
	s := seen{at: at}
	s.purchases(c.Purchases)
	s.contracts(c.Contracts)
	for _, t := range c.Tickets {
		if t.Opened < at {
			s.openTickets += count(open(t.Closed, at))
			s.newTickets += count(at-t.Opened <= quarter)
		}
	}
	for _, k := range c.Cases {
		s.openCases += count(k.Opened < at && open(k.Ended, at))
	}
	for _, v := range c.Invitations {
		if age := at - v.Sent; age > 0 && age <= year {
			s.asked++
			s.unanswered += count(age >= patience && open(v.Answered, at))
		}
	}
	s.answers(c.Answers)
	return s
}

// open says whether what ends at a moment, 0 for never, has not ended before another.
func open(end, at float64) bool { return end == 0 || end >= at }

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (s *seen) purchases(purchases []Purchase) {
	for _, p := range purchases {
		if p.At >= s.at {
			break
		}
		if !open(p.Cancelled, s.at) {
			continue
		}
		if s.bought == 0 {
			s.first = p.At
		}
		s.bought++
		s.last = p.At
		s.spent += p.Amount
		switch age := s.at - p.At; {
		case age <= quarter:
			s.recent++
		case age <= 2*quarter:
			s.earlier++
		}
	}
}

func (s *seen) contracts(contracts []Contract) {
	for _, c := range contracts {
		switch {
		case c.Start >= s.at:
		case !open(c.End, s.at):
			s.ended++
		default:
			if s.running == 0 {
				s.since = c.Start
			}
			s.running++
			s.worth += c.Amount
			if c.Term > 0 {
				next := c.Term - math.Mod(s.at-c.Start, c.Term)
				if s.renewal == 0 || next < s.renewal {
					s.renewal = next
				}
			}
		}
	}
}

func (s *seen) answers(answers []Answer) {
	for i := len(answers) - 1; i >= 0; i-- {
		switch a := answers[i]; {
		case a.At >= s.at || s.at-a.At > year && !s.answered:
		case !s.answered:
			s.answered, s.answer = true, a
		case a.Metric == s.answer.Metric:
			s.compared, s.change = true, s.answer.Score-a.Score
			return
		}
	}
}
