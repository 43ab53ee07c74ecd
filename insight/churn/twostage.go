package churn

import "github.com/cxloop/cxloop/insight/predict"

// The penalties are 1 over the variance of the prior of a coefficient: weak for behaviour,
// N(0, 0.5²) for facts.
var (
	byBehaviour = predict.LogisticOptions{Penalty: 1}
	byFacts     = predict.LogisticOptions{Penalty: 1 / (0.5 * 0.5), FixedIntercept: true}
)

// TwoStage is a regression on behaviour, and one on facts that starts from its log-odds: what
// surveys tell has to add to what purchases told already.
type TwoStage struct {
	Behaviour, Facts *predict.Logistic
}

func fitTwoStage(rows []row) (TwoStage, error) {
	behaviour, err := predict.FitLogistic(examples(rows, func(r row) []float64 { return r.behaviour }, nil), byBehaviour)
	if err != nil {
		return TwoStage{}, err
	}
	m := TwoStage{Behaviour: behaviour}
	m.Facts, err = m.fitFacts(rows, func(r row) []float64 { return r.facts })
	return m, err
}

func (m TwoStage) fitFacts(rows []row, of func(row) []float64) (*predict.Logistic, error) {
	return predict.FitLogistic(examples(rows, of, m.Behaviour), byFacts)
}

func examples(rows []row, of func(row) []float64, offset *predict.Logistic) []predict.Example {
	out := make([]predict.Example, len(rows))
	for i, r := range rows {
		out[i] = predict.Example{X: of(r), Happens: r.left}
		if offset != nil {
			out[i].Offset = offset.Logit(r.behaviour, 0)
		}
	}
	return out
}

// doubt estimates how certain the coefficients are; rows of one customer may be alike.
func (m TwoStage) doubt(rows []row) error {
	customers := make([]int, len(rows))
	for i, r := range rows {
		customers[i] = r.customer
	}
	behaviour := examples(rows, func(r row) []float64 { return r.behaviour }, nil)
	if err := m.Behaviour.Doubt(behaviour, customers, byBehaviour); err != nil {
		return err
	}
	return m.Facts.Doubt(examples(rows, func(r row) []float64 { return r.facts }, m.Behaviour), customers, byFacts)
}

// logit is the log-odds of leaving, before calibration.
func (m TwoStage) logit(behaviour, facts []float64) float64 {
	return m.Facts.Logit(facts, m.Behaviour.Logit(behaviour, 0))
}

// variance is that of the log-odds, with the two stages taken for independent.
func (m TwoStage) variance(behaviour, facts []float64) float64 {
	return m.Behaviour.Variance(behaviour) + m.Facts.Variance(facts)
}
