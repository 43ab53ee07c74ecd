package value

import (
	"fmt"
	"math"
	"slices"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// Contracted is an account with a contract that is renewed term by term.
type Contracted struct {
	ID string
	// Cohort is what accounts are compared by, as the year in which they came.
	Cohort string
	// Terms are those that have ended, each with what was known before it did: as many
	// features in each, of all accounts.
	Terms [][]float64
	// Left says that the last of them was not renewed.
	Left bool
}

// ContractModel says which contracts will be renewed.
type ContractModel struct {
	Version int         `json:"version"`
	Status  card.Status `json:"status"`
	Reason  string      `json:"reason,omitempty"`
	Options

	// Accounts are how many there were, Ends how many terms of theirs ended, and Left how
	// many of these with the contract.
	Accounts int `json:"accounts"`
	Ends     int `json:"ends"`
	Left     int `json:"left"`
	// LeftOut are contracts that are not among them.
	LeftOut card.LeftOut `json:"left_out,omitempty"`

	// Curve is Kaplan and Meier's of how many terms contracts last, of all accounts.
	Curve   []SurvivalStep `json:"curve"`
	Cohorts []CohortFit    `json:"cohorts"`
	// Alike is the test of whether contracts of all cohorts last equally long; nil where
	// there is nothing to compare.
	Alike *LogRankTest `json:"alike,omitempty"`
	// Hazard is the discrete-time hazard: the log-odds of leaving at the end of a term by the
	// logarithm of its number, from 1, and its features. Nil without the status ok.
	Hazard *predict.Logistic `json:"hazard,omitempty"`
}

// CohortFit is what is known of one cohort.
type CohortFit struct {
	Name     string `json:"name"`
	Accounts int    `json:"accounts"`
	Left     int    `json:"left"`
	// Retention is under a weak prior.
	Retention SBG `json:"retention"`
}

// LogRankTest is what LogRank returns.
type LogRankTest struct {
	Chi2 float64 `json:"chi2"`
	DF   int     `json:"df"`
	P    float64 `json:"p"`
}

// hazardPenalty is a prior of standard deviation 1 of what a standard deviation of a feature
// does to the log-odds.
const hazardPenalty = 1

// FitContracts fits a model to the terms that have ended. With fewer than MinRepeatBuyers
// that left, or that stayed, its status is thin_data and there is no hazard.
func FitContracts(accounts []Contracted, o Options) (ContractModel, error) {
	if err := o.valid(); err != nil {
		return ContractModel{}, err
	}
	m := ContractModel{Version: FormatVersion, Status: card.OK, Options: o, Accounts: len(accounts)}
	examples, err := m.examples(accounts)
	if err != nil {
		return ContractModel{}, err
	}
	if err := m.describe(accounts); err != nil {
		return ContractModel{}, err
	}
	if stayed := m.Ends - m.Left; min(m.Left, stayed) < MinRepeatBuyers {
		m.Status = card.ThinData
		m.Reason = fmt.Sprintf("%d contracts ended and %d terms were renewed, and %d of each are the least to forecast one", m.Left, stayed, MinRepeatBuyers)
		return m, nil
	}
	m.Hazard, err = predict.FitLogistic(examples, predict.LogisticOptions{Penalty: hazardPenalty})
	return m, err
}

// examples are the terms that ended, in an order that does not depend on that of accounts.
func (m *ContractModel) examples(accounts []Contracted) (out []predict.Example, err error) {
	features := -1
	for _, a := range accounts {
		for i, x := range a.Terms {
			if features < 0 {
				features = len(x)
			}
			if len(x) != features {
				return nil, fmt.Errorf("value: account %s: term %d has %d features, and others %d", a.ID, i+1, len(x), features)
			}
			for _, v := range x {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return nil, fmt.Errorf("value: account %s: term %d has a feature that is no number", a.ID, i+1)
				}
			}
			left := a.Left && i == len(a.Terms)-1
			out = append(out, predict.Example{X: hazardRow(i+1, x), Happens: left})
			m.Ends++
			if left {
				m.Left++
			}
		}
	}
	slices.SortFunc(out, func(a, b predict.Example) int {
		if a.Happens != b.Happens {
			return before(b.Happens)
		}
		return slices.Compare(a.X, b.X)
	})
	return out, nil
}

func hazardRow(term int, x []float64) []float64 {
	return append([]float64{math.Log(float64(term))}, x...)
}

// describe fills in the curve and what is known of cohorts.
func (m *ContractModel) describe(accounts []Contracted) (err error) {
	var all []Contract
	byCohort := map[string][]Contract{}
	for _, a := range accounts {
		if len(a.Terms) == 0 {
			continue
		}
		c := Contract{Lasted: float64(len(a.Terms)), Ended: a.Left}
		all = append(all, c)
		byCohort[a.Cohort] = append(byCohort[a.Cohort], c)
	}
	if m.Curve, err = KaplanMeier(all); err != nil {
		return err
	}
	var groups [][]Contract
	for name, contracts := range byCohort {
		fit := CohortFit{Name: name, Accounts: len(contracts)}
		periods := renewalsIn(contracts, &fit.Left)
		if fit.Retention, err = fitSBG(periods, sbgPrior); err != nil {
			return fmt.Errorf("value: cohort %q: %w", name, err)
		}
		m.Cohorts = append(m.Cohorts, fit)
	}
	slices.SortFunc(m.Cohorts, func(a, b CohortFit) int { return before(a.Name < b.Name) })
	for _, c := range m.Cohorts {
		groups = append(groups, byCohort[c.Name])
	}
	if chi2, df, p, err := LogRank(groups); err == nil {
		m.Alike = &LogRankTest{chi2, df, p}
	}
	return nil
}

// renewalsIn counts, by term, who left at its end and who stayed.
func renewalsIn(contracts []Contract, left *int) (out []renewals) {
	for _, c := range contracts {
		for len(out) < int(c.Lasted) {
			out = append(out, renewals{})
		}
		for i := range int(c.Lasted) {
			out[i].stayed++
		}
		if c.Ended {
			last := &out[int(c.Lasted)-1]
			last.stayed--
			last.left++
			*left++
		}
	}
	return out
}

// UnderContract is an account whose contract is running.
type UnderContract struct {
	ID string
	// Term is the number of the running one, from 1. It ends in Renewal days, and those after
	// it last TermDays, at least 1.
	Term              int
	Renewal, TermDays float64
	// Ends is in how many days it is known to end, 0 where it is not.
	Ends float64
	// RevenueYear is what the contract brings in a year.
	RevenueYear float64
	// X are the features as they are now.
	X []float64
}

// ContractValue is what a model says of a running contract. Money is in its currency.
type ContractValue struct {
	ID     string      `json:"id"`
	Status card.Status `json:"status"`
	// PLeave90d and PLeave12m are the probabilities that it is not renewed within 90 days and
	// within 12 months.
	PLeave90d float64 `json:"p_leave_90d"`
	PLeave12m float64 `json:"p_leave_12m"`
	// CLV is the mean of the margin of the next 12 months, discounted by month, and P10, P50
	// and P90 are quantiles of it.
	CLV float64 `json:"clv"`
	P10 float64 `json:"p10"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	// RevenueAtRisk is the revenue of the next 12 months that is lost by not renewing, on
	// average.
	RevenueAtRisk float64 `json:"revenue_at_risk"`
}

// Score says what a running contract is worth. One that is known to end brings what it does
// until then, for sure. The error is of a contract that cannot be.
func (m *ContractModel) Score(c UnderContract) (ContractValue, error) {
	out := ContractValue{ID: c.ID, Status: m.Status}
	if c.Term < 1 || !(c.Renewal >= 0) || !(c.Ends >= 0) || !(c.TermDays >= 1) || !(c.RevenueYear >= 0 && c.RevenueYear <= MostMoney) {
		return out, fmt.Errorf("value: contract %s: term %d, renewed in %g days for %g, ending in %g, of %g a year", c.ID, c.Term, c.Renewal, c.TermDays, c.Ends, c.RevenueYear)
	}
	if m.Status != card.OK {
		return out, nil
	}
	if want := len(m.Hazard.Coef) - 1; len(c.X) != want {
		return out, fmt.Errorf("value: contract %s has %d features, and the model %d", c.ID, len(c.X), want)
	}
	quantiles := []struct {
		at   float64
		into *float64
	}{{0.1, &out.P10}, {0.5, &out.P50}, {0.9, &out.P90}}
	left := 0.0 // the probability to have left so far
	end := func(day, probability float64) {
		brings := c.RevenueYear * m.Margin * m.discountedYears(day)
		out.CLV += probability * brings
		out.RevenueAtRisk += probability * c.RevenueYear * (1 - day/Year)
		left += probability
		for len(quantiles) > 0 && (left >= quantiles[0].at || day == Year) {
			*quantiles[0].into = brings
			quantiles = quantiles[1:]
		}
		if day <= Quarter {
			out.PLeave90d = left
		}
	}
	for term, day := c.Term, c.Renewal; day < Year && c.Ends == 0; term, day = term+1, day+c.TermDays {
		end(day, (1-left)*m.Hazard.Predict(hazardRow(term, c.X), 0))
	}
	if c.Ends > 0 && c.Ends < Year {
		end(c.Ends, 1)
	}
	out.PLeave12m = left
	end(Year, 1-left)
	return out, nil
}

// discountedYears is what a year's revenue is worth that comes evenly until a day.
func (m *ContractModel) discountedYears(day float64) float64 {
	sum := 0.0
	for i, factor := range m.discounts() {
		sum += factor * min(1, max(0, day*months/Year-float64(i))) / months
	}
	return sum
}
