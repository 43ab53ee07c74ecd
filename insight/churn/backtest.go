package churn

import (
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// forecast is what was said of one customer at a moment by models that knew nothing later
// and nothing of this customer, and what came.
type forecast struct {
	customer, fold int
	left           bool
	logit          float64 // of both stages, before calibration
	p              float64 // calibrated by earlier forecasts of others
	base           float64 // the share that left before
	simple         []float64
	behaviour      float64   // of the first stage alone
	without        []float64 // without each group of facts
}

// simpleRule is a baseline that is fitted to the first features of behaviour.
type simpleRule struct {
	name     string
	features int
}

// baseRate is the baseline that says the same of all.
const baseRate = "base_rate"

func simpleRules(contractual bool) []simpleRule {
	if contractual {
		return []simpleRule{{"tenure", 1}, {"hazard", len(hazard)}}
	}
	return []simpleRule{{"recency", 1}, {"rfm", len(rfm)}}
}

// minTrained is how many that left, and how many that stayed, it takes to fit a model.
const minTrained = 20

func enough(rows []row, least int) bool {
	gone := 0
	for _, r := range rows {
		gone += count(r.left)
	}
	return gone >= least && len(rows)-gone >= least
}

// test is a moment that was forecast.
type test struct {
	card.Origin
	forecasts []forecast
}

// backtest forecasts each of the latest origins by what was known at it. Of byOrigin, the
// rows at each origin in order.
func backtest(p population, origins []float64, byOrigin [][]row) ([]test, error) {
	var tests []test
	for i := max(1, len(origins)-testOrigins); i < len(origins); i++ {
		trained := slices.Concat(byOrigin[:i]...)
		t := test{Origin: card.Origin{At: origins[i], Trained: len(trained), Tested: len(byOrigin[i])}}
		for _, r := range byOrigin[i] {
			t.Happened += count(r.left)
		}
		if len(byOrigin[i]) == 0 || !enoughInFolds(trained) {
			continue
		}
		var err error
		if t.forecasts, err = forecastOrigin(p, trained, byOrigin[i]); err != nil {
			return nil, fmt.Errorf("churn: the origin %g: %w", origins[i], err)
		}
		tests = append(tests, t)
	}
	return tests, nil
}

func outside(rows []row, fold int) []row {
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.fold == fold })
}

func enoughInFolds(rows []row) bool {
	for fold := range folds {
		if !enough(outside(rows, fold), minTrained) {
			return false
		}
	}
	return true
}

// forecastOrigin forecasts each fold by the others, as many at once as there are processors.
func forecastOrigin(p population, trained, tested []row) ([]forecast, error) {
	var parts [folds][]forecast
	var errs [folds]error
	var wait sync.WaitGroup
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	for fold := range folds {
		wait.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			var mine []row
			for _, r := range tested {
				if r.fold == fold {
					mine = append(mine, r)
				}
			}
			parts[fold], errs[fold] = forecastFold(p, outside(trained, fold), mine)
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(parts[:]...), nil
}

func forecastFold(p population, trained, tested []row) ([]forecast, error) {
	model, err := fitTwoStage(trained)
	if err != nil {
		return nil, err
	}
	base := 0.0
	for _, r := range trained {
		base += float64(count(r.left)) / float64(len(trained))
	}
	out := make([]forecast, len(tested))
	for i, r := range tested {
		out[i] = forecast{
			customer: r.customer, fold: r.fold, left: r.left, base: base,
			logit: model.logit(r.behaviour, r.facts), behaviour: model.Behaviour.Predict(r.behaviour, 0),
		}
	}
	if err := addSimple(out, p.contractual, trained, tested); err != nil {
		return nil, err
	}
	return out, addWithout(out, model, trained, tested)
}

// addSimple adds what simple rules say.
func addSimple(forecasts []forecast, contractual bool, trained, tested []row) error {
	for _, rule := range simpleRules(contractual) {
		of := func(r row) []float64 { return r.behaviour[:rule.features] }
		simple, err := predict.FitLogistic(examples(trained, of, nil), byBehaviour)
		if err != nil {
			return err
		}
		for i, r := range tested {
			forecasts[i].simple = append(forecasts[i].simple, simple.Predict(of(r), 0))
		}
	}
	return nil
}

// addWithout adds what the model would say without each group of facts.
func addWithout(forecasts []forecast, model TwoStage, trained, tested []row) error {
	for _, group := range groups(facts) {
		rest := model
		if told(trained, group) {
			var err error
			if rest.Facts, err = model.fitFacts(trained, func(r row) []float64 { return without(r.facts, group) }); err != nil {
				return err
			}
		}
		for i, r := range tested {
			forecasts[i].without = append(forecasts[i].without, predict.Sigmoid(rest.logit(r.behaviour, without(r.facts, group))))
		}
	}
	return nil
}

// told says whether anything is known of a group of facts.
func told(rows []row, group string) bool {
	return slices.ContainsFunc(rows, func(r row) bool {
		for i, f := range facts {
			if f.group == group && r.facts[i] != rows[0].facts[i] {
				return true
			}
		}
		return false
	})
}

// without is facts with those of a group all the same.
func without(values []float64, group string) []float64 {
	out := slices.Clone(values)
	for i, f := range facts {
		if f.group == group {
			out[i] = 0
		}
	}
	return out
}
