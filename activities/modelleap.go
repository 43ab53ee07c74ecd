package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
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
		used, err := m.comparedTo(ctx)
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
		c.Reasons = append(c.Reasons, said+". Values stay as they were forecast last: look for amounts in another unit and for what is told twice; if it is right, run cxloop models run --accept-leap.")
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

// comparedTo is the version of values that a fit is held against: the one that is published,
// or a later one whose leap was accepted, though it was refused for another reason.
func (m *Models) comparedTo(ctx context.Context) (store.ModelVersion, error) {
	latest, err := m.valueCards(ctx)
	if err != nil {
		return store.ModelVersion{}, err
	}
	for _, one := range latest {
		if one.Published {
			break
		}
		if one.card.LeapAccepted {
			return m.Store.ModelVersion(ctx, one.ID)
		}
	}
	return m.Store.PublishedModel(ctx, ValueModel.For(m.Rules))
}

// held reports whether values stay as they are in a run: a model of before is misled by what
// made the latest fit leap. One of too little is no answer to that, nor is none at all.
func (m *Models) held(ctx context.Context, run store.ModelRun) (bool, error) {
	latest, err := m.valueCards(ctx)
	if err != nil {
		return false, err
	}
	for _, one := range latest {
		if !one.FittedAt.After(run.At) && (one.card.Status != card.ThinData || one.card.Held()) {
			return one.card.Held(), nil
		}
	}
	return false, nil
}

type valueCard struct {
	store.ModelVersion
	card card.Card
}

// valueCards are the cards of the latest versions of values, the latest first.
func (m *Models) valueCards(ctx context.Context) (of []valueCard, err error) {
	latest, err := m.Store.ModelVersions(ctx, versionsRead)
	if err != nil {
		return nil, err
	}
	for _, v := range latest {
		if v.Kind != ValueModel.For(m.Rules) {
			continue
		}
		one := valueCard{ModelVersion: v}
		if err := json.Unmarshal(v.Card, &one.card); err != nil {
			return nil, fmt.Errorf("card of model %s: %w", v.ID, err)
		}
		of = append(of, one)
	}
	return of, nil
}

// keepValues gives records the values that they were last forecast by the model in use, and
// leaves others as they are.
func (f *forecaster) keepValues(ctx context.Context, objectType string, of []*store.CustomerForecast) error {
	records := make([]string, len(of))
	for i, c := range of {
		records[i] = c.Record
	}
	before, err := f.models.Store.Forecasts(ctx, objectType, records)
	if err != nil {
		return err
	}
	for _, c := range of {
		last := before[c.Record]
		if f.ofValue.version != "" && slices.Contains(strings.Split(last.Version, ";"), f.ofValue.version) {
			c.Forecast = c.WithValueOf(last)
			c.ValueStatus = f.ofValue.status
		}
	}
	return nil
}
