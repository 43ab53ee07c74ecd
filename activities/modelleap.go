package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// sized is a fit of values that can be held against the one before.
type sized interface {
	// figures are nil of a fit that is not comparable.
	figures(c card.Card) []value.Figure
}

func (f valueFit) figures(card.Card) []value.Figure {
	if f.Version != value.FormatVersion {
		return nil
	}
	return f.Figures()
}

func (f contractFit) figures(c card.Card) []value.Figure {
	if f.ContractModel.Version != value.FormatVersion {
		return nil
	}
	return f.Figures(float64(c.Data.Counts["contracts"]) / float64(max(1, c.Data.Customers)))
}

// leapless refuses a fit of values that are far from those of the one published before,
// unless the run accepts it. No backtest sees such a mistake: the past was told wrong too.
func leapless[F sized](m *Models, in ModelsRef, do fitting) fitting {
	return func(ctx context.Context, run store.ModelRun) (any, card.Card, error) {
		model, c, err := do(ctx, run)
		if err != nil {
			return nil, card.Card{}, err
		}
		used, err := m.Store.PublishedModel(ctx, ValueModel.For(m.Rules))
		if errors.Is(err, store.ErrNotFound) {
			return model, c, nil
		}
		if err != nil {
			return nil, card.Card{}, err
		}
		var before F
		var beforeCard card.Card
		if err := errors.Join(json.Unmarshal(used.Model, &before), json.Unmarshal(used.Card, &beforeCard)); err != nil {
			return nil, card.Card{}, fmt.Errorf("model %s: %w", used.ID, err)
		}
		c.Leaps = value.Leaps(used.ID, before.figures(beforeCard), model.(F).figures(c))
		tellLeaps(&c, in.AcceptLeap)
		return model, c, nil
	}
}

// tellLeaps decides on the leaps of a card, and says why.
func tellLeaps(c *card.Card, accepted bool) {
	c.LeapAccepted = accepted && len(c.Leaps) > 0
	for _, l := range c.Leaps {
		said := fmt.Sprintf("By %s %s was %s, and now it is %s: %s times that", l.From, l.Of, threeFigures(l.Before), threeFigures(l.Now), threeFigures(l.Factor()))
		if accepted {
			c.Reasons = append(c.Reasons, said+", which was accepted.")
			continue
		}
		c.Reasons = append(c.Reasons, said+". Values stay as they were told last: look for amounts in another unit and for what is told twice; if it is right, run cxloop models run --accept-leap.")
	}
	if c.Held() && c.Status == card.OK {
		c.Status = card.Leapt
	}
}

// threeFigures writes a number with three figures that count, and no exponent.
func threeFigures(v float64) string {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64) // it is a number
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// held reports whether values stay as they are in a run: a model of before is misled by what
// made that of the run leap.
func (m *Models) held(ctx context.Context, run store.ModelRun) (bool, error) {
	v, err := m.Store.ModelVersion(ctx, versionOf(ValueModel, run.At))
	if errors.Is(err, store.ErrNotFound) { // it could not be fitted
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var c card.Card
	if err := json.Unmarshal(v.Card, &c); err != nil {
		return false, fmt.Errorf("card of model %s: %w", v.ID, err)
	}
	return c.Held(), nil
}

// keepValues gives customers the values that they were last forecast. Who came since has
// none.
func (f *forecaster) keepValues(ctx context.Context, of []*store.CustomerForecast) error {
	records := make([]string, len(of))
	for i, c := range of {
		records[i] = c.Record
	}
	before, err := f.models.Store.Forecasts(ctx, f.models.Rules.Customer, records)
	if err != nil {
		return err
	}
	for _, c := range of {
		c.Forecast = c.WithValueOf(before[c.Record])
		if c.Orders != nil || c.Value != nil {
			c.ValueStatus = f.ofValue.status
		} else if c.ValueStatus == "" {
			c.ValueStatus = survey.ModelThinData
		}
	}
	return nil
}
