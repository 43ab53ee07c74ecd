package value

import (
	"errors"
	"math"
	"strconv"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// Agreement is a contract that goes on term by term until it ends. Moments are in days since
// 1970-01-01 UTC.
type Agreement struct {
	ID    string
	Start float64
	// End is 0 while it goes on.
	End float64
	// TermDays is from one renewal to the next, at least 1.
	TermDays float64
	// RevenueYear is what it brings in a year, 0 where that is not known, or nothing.
	RevenueYear float64
}

// What is wrong with contracts that are left out.
var (
	errContract = errors.New("times that cannot be")
	errWorth    = errors.New("no known worth")
)

// check returns what is wrong with a contract, without telling any of its data.
func (a Agreement) check() error {
	switch {
	case !(a.Start > 0) || !(a.TermDays >= 1) || !(a.End == 0 || a.End >= a.Start) || math.IsInf(a.Start+a.End+a.TermDays, 0):
		return errContract
	case a.RevenueYear == 0:
		return errWorth
	case !(a.RevenueYear > 0 && a.RevenueYear <= MostMoney):
		return errAmount
	}
	return nil
}

// Runs says whether it has begun, and not ended, at a moment.
func (a Agreement) Runs(at float64) bool { return a.Start < at && (a.End == 0 || a.End > at) }

// Until is what was known of it at a moment after its start: its terms that had ended. An
// end that lay ahead was not known.
func (a Agreement) Until(at float64) Contracted {
	out := Contracted{ID: a.ID, Cohort: a.cohort(), Left: !a.Runs(at)}
	terms := math.Floor((at - a.Start) / a.TermDays)
	if out.Left { // it may have ended a little before or after the day
		terms = max(1, math.Round((a.End-a.Start)/a.TermDays))
	}
	for range int(terms) {
		out.Terms = append(out.Terms, a.features())
	}
	return out
}

// cohort is the year in which it began.
func (a Agreement) cohort() string { return strconv.Itoa(1970 + int(a.Start/365.2425)) }

// features are what is known of a term before it ends.
func (a Agreement) features() []float64 { return []float64{math.Log1p(a.RevenueYear)} }

// Running is the agreement at a moment at which it runs, with its end where that is known.
func (a Agreement) Running(at float64) UnderContract {
	term := math.Floor((at - a.Start) / a.TermDays)
	return UnderContract{
		Ends: max(0, a.End-at),
		ID:   a.ID, Term: 1 + int(term), Renewal: max(0, a.Start+(term+1)*a.TermDays-at), TermDays: a.TermDays,
		RevenueYear: a.RevenueYear, X: a.features(),
	}
}

// FitAgreements is FitContracts of what was known of agreements at a moment. Those that cannot
// be, or whose worth is not known, are left out and counted.
func FitAgreements(agreements []Agreement, at float64, o Options) (ContractModel, error) {
	var known []Contracted
	var leftOut card.LeftOut
	for _, a := range agreements {
		if err := a.check(); err != nil {
			leftOut.Add(err.Error())
		} else if a.Start < at {
			known = append(known, a.Until(at))
		}
	}
	m, err := FitContracts(known, o)
	m.LeftOut = leftOut
	return m, err
}

// ContractBacktest is how well a model that was fitted at an origin forecast the Year after
// it.
type ContractBacktest struct {
	Model ContractModel `json:"model"`
	// Contracts are those that ran at the origin, and Revenue what they were to bring in the
	// year beside what they brought, neither margin nor discounted.
	Contracts int     `json:"contracts"`
	Revenue   Against `json:"revenue"`
	// Left is the quality of the probability of leaving within the year; nil where all left,
	// or none did. Metrics are with intervals, and Base is the rule to be beaten.
	Left    *predict.Quality `json:"left,omitempty"`
	Metrics []card.Metric    `json:"metrics,omitempty"`
	Base    *card.Baseline   `json:"base,omitempty"`
}

// BacktestAgreements fits a model to what was known at an origin and measures what it says
// of the Year after. Where the model's status is not ok there is nothing to measure.
func BacktestAgreements(agreements []Agreement, origin float64) (ContractBacktest, error) {
	m, err := FitAgreements(agreements, origin, Options{Margin: 1})
	if err != nil || m.Status != card.OK {
		return ContractBacktest{Model: m}, err
	}
	out := ContractBacktest{Model: m}
	var revenue tally
	var leaving []predict.Forecast
	for _, a := range agreements {
		if a.check() != nil || !a.Runs(origin) {
			continue
		}
		then := a.Running(origin)
		then.Ends = 0 // it was not known
		v, err := m.Score(then)
		if err != nil {
			return ContractBacktest{}, err
		}
		end := origin + Year
		left := !a.Runs(end)
		if left {
			end = a.End
		}
		revenue.add(v.CLV, a.RevenueYear*(end-origin)/Year)
		leaving = append(leaving, predict.Forecast{P: v.PLeave12m, Happens: left})
	}
	out.Contracts = len(leaving)
	if out.Contracts == 0 {
		return out, nil
	}
	out.Revenue = revenue.against()
	if q := predict.QualityOf(leaving); q.Happened > 0 && q.Happened < q.N {
		var judged BacktestResult
		judged.judge(leaving, &revenue)
		out.Left, out.Metrics, out.Base = judged.Active, judged.Metrics, judged.Base
		out.Base.Name = "the share of those who leave"
	}
	return out, nil
}

// Card writes down a backtest and decides by it: a model may be used where its probabilities
// of leaving are surely better than the share of those who left. origin is in days since
// 1970-01-01 UTC.
func (b ContractBacktest) Card(origin float64) card.Card {
	m := b.Model
	out := card.Card{
		Model: "value", Kind: "contracts", AsOf: origin, Horizon: Year, Status: m.Status,
		Data: card.Data{Customers: m.Accounts, Sampled: m.Accounts, Rows: m.Ends, Happened: m.Left},
	}
	switch {
	case m.Status != card.OK:
		out.Reasons = append(out.Reasons, m.Reason)
	case b.Left == nil:
		out.Status = card.ThinData
		out.Reasons = append(out.Reasons, "All contracts ended in the year that the model was tested on, or none did: there is nothing to tell apart.")
	default:
		out.Origins = []card.Origin{{At: origin, Trained: m.Accounts, Tested: b.Contracts, Happened: b.Left.Happened}}
		out.Metrics = b.Metrics
		holdAgainst(&out, *b.Base)
	}
	return out
}
