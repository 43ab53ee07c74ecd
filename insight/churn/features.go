package churn

import "math"

// feature is one number that a regression sees, and the group that it is explained under.
type feature struct {
	name, group string
	of          func(seen) float64
}

// Notice is the driver of a customer whose contracts are known to end.
const Notice = "notice"

// The groups of features. Those of facts are what surveys and cases tell.
const (
	Recency     = "recency"   // when the customer last bought, beside how often
	Frequency   = "frequency" // how often the customer buys
	Spend       = "spend"
	Tenure      = "tenure"
	Tickets     = "tickets"
	Renewal     = "renewal"
	Contracts   = "contracts" // how many, and how many ended
	Silence     = "silence"   // surveys that were not answered, or long ago, or without a comment
	LastScore   = "score"
	ScoreChange = "score_change"
	Sentiment   = "sentiment" // of the last comment
	OpenCases   = "open_cases"
)

func log1p(v float64) float64 { return math.Log1p(max(0, v)) }

func either(is bool) float64 { return float64(count(is)) }

// rfm are what every model of buyers starts from, and a baseline of its own.
var rfm = []feature{
	{"log_recency", Recency, func(s seen) float64 { return log1p(s.at - s.last) }},
	{"log_frequency", Frequency, func(s seen) float64 { return log1p(float64(s.bought - 1)) }},
	{"log_spend", Spend, func(s seen) float64 { return log1p(s.spent / max(1, float64(s.bought))) }},
}

// ofBuyers are what the behaviour of buyers tells.
var ofBuyers = append(rfm[:len(rfm):len(rfm)],
	feature{"log_recency_squared", Recency, func(s seen) float64 { r := log1p(s.at - s.last); return r * r }},
	feature{"log_overdue", Recency, overdue},
	feature{"bought_once", Frequency, func(s seen) float64 { return either(s.bought == 1) }},
	feature{"log_bought_90d", Frequency, func(s seen) float64 { return log1p(float64(s.recent)) }},
	feature{"log_bought_90d_before", Frequency, func(s seen) float64 { return log1p(float64(s.earlier)) }},
	feature{"log_tenure", Tenure, func(s seen) float64 { return log1p(s.at - s.first) }},
	openTickets, newTickets,
)

// overdue is how long ago the last purchase is beside the usual gap; 0 where there is no
// usual one, which bought_once tells.
func overdue(s seen) float64 {
	if s.bought < 2 {
		return 0
	}
	gap := (s.last - s.first) / float64(s.bought-1)
	return log1p(s.at-s.last) - log1p(gap)
}

var (
	openTickets = feature{"log_open_tickets", Tickets, func(s seen) float64 { return log1p(float64(s.openTickets)) }}
	newTickets  = feature{"log_tickets_90d", Tickets, func(s seen) float64 { return log1p(float64(s.newTickets)) }}
)

// hazard are what every model of contracts starts from, and a baseline of its own: with a row
// for each quarter it is a discrete-time hazard.
var hazard = []feature{
	{"log_tenure", Tenure, func(s seen) float64 { return log1p(s.at - s.since) }},
	{"tenure_years", Tenure, func(s seen) float64 { return (s.at - s.since) / year }},
	{"renews_90d", Renewal, func(s seen) float64 { return either(s.renewal > 0 && s.renewal <= quarter) }},
	{"no_term", Renewal, func(s seen) float64 { return either(s.renewal == 0) }},
	{"log_worth", Spend, func(s seen) float64 { return log1p(s.worth) }},
}

// ofContracts are what the behaviour of customers with contracts tells.
var ofContracts = append(hazard[:len(hazard):len(hazard)],
	feature{"log_contracts", Contracts, func(s seen) float64 { return log1p(float64(s.running)) }},
	feature{"log_ended", Contracts, func(s seen) float64 { return log1p(float64(s.ended)) }},
	feature{"bought_ever", Frequency, func(s seen) float64 { return either(s.bought > 0) }},
	feature{"log_bought_90d", Frequency, func(s seen) float64 { return log1p(float64(s.recent)) }},
	openTickets, newTickets,
)

// usualScore is about what scores are on average: a customer without one is taken for such a
// one.
const usualScore = 0.7

// facts are what surveys and cases tell. Each group is tried for being a driver. All that
// tells whether something is missing is silence: what it would have said is taken for usual.
var facts = []feature{
	{"asked_365d", Silence, func(s seen) float64 { return either(s.asked > 0) }},
	{"answered_365d", Silence, func(s seen) float64 { return either(s.answered) }},
	{"answered_before", Silence, func(s seen) float64 { return either(s.compared) }},
	{"commented", Silence, func(s seen) float64 { return either(s.answer.Sentiment != nil) }},
	{"silent_365d", Silence, func(s seen) float64 { return either(s.unanswered > 0 && !s.answered) }},
	{"log_unanswered_365d", Silence, func(s seen) float64 { return log1p(float64(s.unanswered)) }},
	{"log_answer_age", Silence, answerAge},
	{"score", LastScore, func(s seen) float64 { return either(s.answered) * (s.answer.Score - usualScore) }},
	{"score_change", ScoreChange, func(s seen) float64 { return s.change }},
	{"sentiment", Sentiment, sentiment},
	{"log_open_cases", OpenCases, func(s seen) float64 { return log1p(float64(s.openCases)) }},
}

// answerAge is beside that of an answer of a quarter ago, so that it does not tell that there
// is one.
func answerAge(s seen) float64 {
	if !s.answered {
		return 0
	}
	return log1p(s.at-s.answer.At) - log1p(quarter)
}

func sentiment(s seen) float64 {
	if s.answer.Sentiment == nil {
		return 0
	}
	return *s.answer.Sentiment
}

func values(features []feature, s seen) []float64 {
	out := make([]float64, len(features))
	for i, f := range features {
		out[i] = f.of(s)
	}
	return out
}

// groups are the groups of features, each once, in their order.
func groups(features []feature) (out []string) {
	for i, f := range features {
		if i == 0 || features[i-1].group != f.group {
			out = append(out, f.group)
		}
	}
	return out
}

func names(features []feature) (out []string) {
	for _, f := range features {
		out = append(out, f.name)
	}
	return out
}
