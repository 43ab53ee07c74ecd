package churn

import "github.com/cxloop/cxloop/insight/predict"

// Calibration corrects log-odds by how earlier forecasts came out: Isotonic where there is
// one, else Platt.
type Calibration struct {
	Platt    predict.Platt
	Isotonic *predict.Isotonic `json:",omitempty"`
}

// Name says which it is.
func (c Calibration) Name() string {
	switch {
	case c.Isotonic != nil:
		return "isotonic"
	case c.Platt == uncalibrated:
		return "none"
	}
	return "platt"
}

func (c Calibration) predict(logit float64) float64 {
	if c.Isotonic != nil {
		return c.Isotonic.Predict(logit)
	}
	return c.Platt.Predict(logit)
}

var uncalibrated = predict.Platt{A: 1}

const (
	// minPlatt and minIsotonic are how many that left, and that stayed, calibrations take.
	minPlatt    = 30
	minIsotonic = 1000
)

// calibrator learns from one origin after the other.
type calibrator struct {
	seen []forecast
	// platt and isotonic are the sums of squared errors at origins that they were not fitted
	// to, where both were tried.
	platt, isotonic float64
}

// fit is the calibration by forecasts of those outside a fold; of all where fold is −1.
func (c *calibrator) fit(fold int) Calibration { return c.better(c.both(fold)) }

func (c *calibrator) better(platt predict.Platt, isotonic *predict.Isotonic) Calibration {
	if isotonic != nil && c.isotonic < c.platt {
		return Calibration{Platt: platt, Isotonic: isotonic}
	}
	return Calibration{Platt: platt}
}

func (c *calibrator) both(fold int) (predict.Platt, *predict.Isotonic) {
	var outcomes []predict.Outcome
	gone := 0
	for _, f := range c.seen {
		if f.fold != fold {
			outcomes = append(outcomes, predict.Outcome{Logit: f.logit, Happens: f.left})
			gone += count(f.left)
		}
	}
	fewer := min(gone, len(outcomes)-gone)
	if fewer < minPlatt {
		return uncalibrated, nil
	}
	platt, err := predict.FitPlatt(outcomes)
	if err != nil || platt.A <= 0 { // what ranks backwards is not to be turned around
		return uncalibrated, nil
	}
	if fewer < minIsotonic {
		return platt, nil
	}
	isotonic, err := predict.FitIsotonic(outcomes)
	if err != nil {
		return platt, nil
	}
	return platt, &isotonic
}

// apply calibrates an origin's forecasts by earlier ones, and then learns from them.
func (c *calibrator) apply(forecasts []forecast) {
	var platts [folds]predict.Platt
	var isotonics [folds]*predict.Isotonic
	var chosen [folds]Calibration
	for fold := range folds {
		platts[fold], isotonics[fold] = c.both(fold)
		chosen[fold] = c.better(platts[fold], isotonics[fold])
	}
	for i, f := range forecasts {
		forecasts[i].p = chosen[f.fold].predict(f.logit)
		if isotonic := isotonics[f.fold]; isotonic != nil {
			c.platt += squared(platts[f.fold].Predict(f.logit), f.left)
			c.isotonic += squared(isotonic.Predict(f.logit), f.left)
		}
	}
	c.seen = append(c.seen, forecasts...)
}

// squared is the Brier score of one forecast.
func squared(p float64, left bool) float64 {
	off := p - float64(count(left))
	return off * off
}
