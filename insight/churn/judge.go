package churn

import (
	"fmt"
	"math"

	"github.com/cxloop/cxloop/insight/card"
)

const (
	// minTested is how many that left, and that stayed, a backtest takes.
	minTested = 50
	// maxBias is how far the sum of forecasts may be from what came.
	maxBias = 0.2
)

// judge measures a backtest and decides whether the model may be used.
func judge(out *card.Card, forecasts []forecast, p population) {
	gone := 0
	for _, f := range forecasts {
		gone += count(f.left)
	}
	if gone > 0 && gone < len(forecasts) {
		measure(out, forecasts, p.contractual)
	}
	if out.Reasons = thin(out, gone, len(forecasts)-gone); len(out.Reasons) > 0 {
		out.Status = card.ThinData
		return
	}
	if out.Reasons = dry(out, p); len(out.Reasons) > 0 {
		out.Status = card.Stale
		return
	}
	out.Status = card.OK
	if out.Reasons = poor(out); len(out.Reasons) > 0 {
		out.Status = card.NotBetterThanBase
	}
}

// thin says what there is too little of.
func thin(out *card.Card, gone, stayed int) (reasons []string) {
	if n := len(out.Origins); n < minOrigins {
		reasons = append(reasons, fmt.Sprintf("A model is tested at %d moments at least, %d days apart; the data allow %d: they begin %.0f days before their end.",
			minOrigins, Horizon, n, out.Data.To-out.Data.From))
	}
	if gone < minTested || stayed < minTested {
		reasons = append(reasons, fmt.Sprintf("It takes %d customers who left and %d who stayed to test a model by, and there are %d and %d.",
			minTested, minTested, gone, stayed))
	}
	return reasons
}

// dry says that purchases seem to have stopped coming in: everybody would look like leaving.
func dry(out *card.Card, p population) []string {
	if p.contractual {
		return nil
	}
	last, n := 0.0, 0
	for _, c := range p.customers {
		for _, b := range c.Purchases {
			if b.At < out.AsOf {
				last = max(last, b.At)
				n += count(b.At >= out.AsOf-year)
			}
		}
	}
	const usual, soon = 20, 14 // as many mean gaps between purchases of anybody; days
	if quiet := out.AsOf - last; quiet > max(soon, usual*year/float64(max(1, n))) {
		return []string{fmt.Sprintf("Nobody has bought anything for %.0f days, and there were %d purchases in a year: are purchases still coming in?", quiet, n)}
	}
	return nil
}

// poor says which checks a model fails.
func poor(out *card.Card) (reasons []string) {
	for _, b := range out.Baselines {
		if !b.Beaten() {
			reasons = append(reasons, b.NotBeaten())
		}
	}
	if skill, ok := out.Metric(card.BrierSkill); !ok || skill.Low <= 0 {
		reasons = append(reasons, "Its Brier skill may be 0.")
	}
	if bias, ok := out.Metric(card.Bias); !ok || math.Abs(bias.Value) > maxBias {
		reasons = append(reasons, fmt.Sprintf("Its forecasts add up to %+.0f %% of what came, and %.0f %% is as far off as they may be.", 100*bias.Value, 100*maxBias))
	}
	return reasons
}
