package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Models fits what customers are worth and who will leave, and forecasts everybody by what
// was published. Its activities read customers page by page themselves: nothing of a
// customer goes through Temporal.
type Models struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
	Rules    survey.Forecasting
	Starter  Starter
	Log      *slog.Logger
}

// ModelsRef names a run of the models, "" for none.
type ModelsRef struct {
	Run string
	// AcceptLeap has values published that are far from those of before.
	AcceptLeap bool `json:",omitempty"`
}

// BeginModels keeps a run that knows what customers did until now. None begins where
// nothing is to be forecast.
func (m *Models) BeginModels(ctx context.Context, in ModelsRef) (ModelsRef, error) {
	if !m.Rules.Wanted() {
		return ModelsRef{}, nil
	}
	run, err := m.Store.BeginModelRun(ctx, store.ModelRun{ID: in.Run, At: m.Clock.Now(), Settings: m.settings(), ObjectType: m.Rules.Customer})
	return ModelsRef{Run: run.ID, AcceptLeap: in.AcceptLeap}, err
}

// settings tell which models are fitted.
func (m *Models) settings() string { return ValueModel.For(m.Rules) }

// goesOn reports whether a run may go on: one that was begun for other models, or by a cxloop
// that kept no settings, ends as it stands. The next run makes all anew.
func (m *Models) goesOn(run store.ModelRun) bool {
	same := run.Settings == m.settings()
	if !same {
		m.Log.Warn("a run of the models ends: what is to be forecast was configured in another way since it began", "run", run.ID)
	}
	return same
}

// EndModels ends a run and has the CRMs written to.
func (m *Models) EndModels(ctx context.Context, in ModelsRef) error {
	crms, err := m.Store.EndModelRun(ctx, in.Run, m.Clock.Now())
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startsAtOnce)
	for _, crm := range crms {
		group.Go(func() error { return m.Starter.Sync(ctx, crm) })
	}
	return group.Wait()
}

// ModelKind is what a model is of.
type ModelKind string

// The kinds of models, in the order in which they are named in versions.
const (
	ValueModel ModelKind = "value"
	ChurnModel ModelKind = "churn"
)

// ModelKinds are all kinds.
var ModelKinds = []ModelKind{ValueModel, ChurnModel}

// For is what the store knows a kind of model by: a model is not used for others than it
// was fitted to, nor for money of another currency.
func (k ModelKind) For(rules survey.Forecasting) string {
	of := "purchases"
	if rules.Contracts {
		of = "contracts"
	}
	kind := string(k) + "/" + rules.Customer + "/" + of
	if k == ValueModel {
		kind += "/" + rules.Currency
	}
	return kind
}

// versionOf names the version that is fitted at a moment.
func versionOf(kind ModelKind, at time.Time) string {
	return string(kind) + "-" + at.UTC().Format("20060102-150405")
}

// Fitted is what came of a fit.
type Fitted struct {
	Version   string
	Published bool
	Status    survey.ModelStatus
}

// valued is what values are made of, as it is configured now.
func (m *Models) valued() value.Options {
	return value.Options{Margin: m.Rules.Margin, DiscountYear: m.Rules.DiscountRate}
}

// fitting makes a model of what customers did until a run's moment, with its card.
type fitting func(context.Context, store.ModelRun) (model any, c card.Card, err error)

// fit has a version made unless an earlier attempt made it. It is published, or refused: the
// one published before is then used still.
func (m *Models) fit(ctx context.Context, in ModelsRef, kind ModelKind, do fitting) (Fitted, error) {
	defer heartbeats(ctx)()
	run, err := m.Store.ModelRun(ctx, in.Run)
	if err != nil || !m.goesOn(run) {
		return Fitted{}, err
	}
	id := versionOf(kind, run.At)
	kept, err := m.Store.ModelVersion(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		kept, err = m.make(ctx, run, id, kind, do)
	}
	if err != nil {
		return Fitted{}, err
	}
	return Fitted{Version: kept.ID, Published: kept.Published, Status: kept.Status}, nil
}

func (m *Models) make(ctx context.Context, run store.ModelRun, id string, kind ModelKind, do fitting) (store.ModelVersion, error) {
	model, c, err := do(ctx, run)
	if err != nil {
		return store.ModelVersion{}, err
	}
	c.Version = id
	modelJSON, err := json.Marshal(model)
	if err != nil {
		return store.ModelVersion{}, unfit(fmt.Errorf("model %s: %w", id, err))
	}
	cardJSON, err := json.Marshal(c)
	if err != nil {
		return store.ModelVersion{}, unfit(fmt.Errorf("card of model %s: %w", id, err))
	}
	m.Log.Info("a model was fitted", "model", id, "published", c.Published(), "status", c.Status)
	if c.Held() {
		m.Log.Warn("values leapt, and stay as they were forecast last", "model", id, "why", c.Reasons)
	}
	return m.Store.SaveModelVersion(ctx, store.ModelVersion{
		ID: id, Kind: kind.For(m.Rules), FittedAt: run.At, Published: c.Published(), Status: survey.ModelStatus(c.Status), Model: modelJSON, Card: cardJSON,
	})
}
