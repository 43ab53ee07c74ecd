package value

import "github.com/cxloop/cxloop/insight/card"

// mostTerms bounds how many terms a card tells of.
const mostTerms = 10

// Lasting is what is known of how long contracts last, of thin data too; nil where no term of
// any has ended.
func (m *ContractModel) Lasting() *card.Lasting {
	if len(m.Cohorts) == 0 {
		return nil
	}
	out := &card.Lasting{Terms: []card.Interval{}}
	if len(m.Curve) > 0 {
		for term := 1; term <= min(mostTerms, int(m.Curve[len(m.Curve)-1].At)); term++ {
			at := SurvivalAt(m.Curve, float64(term))
			out.Terms = append(out.Terms, card.Interval{Value: at.Survival, Low: at.Low, High: at.High})
		}
	}
	for _, c := range m.Cohorts {
		out.Cohorts = append(out.Cohorts, card.Cohort{
			Name: c.Name, Contracts: c.Accounts, Left: c.Left, First: c.Retention.Retention(1), Second: c.Retention.Retention(2),
		})
	}
	if m.Alike != nil {
		out.Alike = &m.Alike.P
	}
	return out
}
