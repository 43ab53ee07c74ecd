package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/churn"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Forecasted is where a run stands after some pages.
type Forecasted struct {
	Scored, Written int
	// More is set where there are more pages.
	More bool
}

// pagesAtOnce bounds one activity, so that it is not lost for long where its worker is.
const pagesAtOnce = 100

// ForecastCustomers forecasts the next pages of customers. Where a run stands is kept with
// each page: none is done twice.
func (m *Models) ForecastCustomers(ctx context.Context, in ModelsRef) (Forecasted, error) {
	defer heartbeats(ctx)()
	run, err := m.Store.ModelRun(ctx, in.Run)
	if err != nil || !m.goesOn(run) || run.ObjectType != m.Rules.Customer { // their accounts are being forecast already
		return Forecasted{}, err
	}
	by, err := m.forecaster(ctx, run)
	if err != nil {
		return Forecasted{}, err
	}
	return m.pages(ctx, run, m.Rules.Customer, func(after string) ([]store.CustomerForecast, error) {
		histories, err := m.Store.Snapshot(ctx, store.SnapshotPage{Of: m.Rules.Customer, Until: run.At, After: after, Limit: historiesAtOnce})
		if err != nil {
			return nil, err
		}
		return by.forecasts(ctx, histories)
	})
}

// ForecastAccounts makes the forecasts of the next pages of accounts of those of their
// contacts, where contacts are the customers.
func (m *Models) ForecastAccounts(ctx context.Context, in ModelsRef) (Forecasted, error) {
	defer heartbeats(ctx)()
	run, err := m.Store.ModelRun(ctx, in.Run)
	if err != nil || !m.goesOn(run) || m.Rules.Customer != survey.ObjectContact {
		return Forecasted{}, err
	}
	return m.pages(ctx, run, survey.ObjectAccount, func(after string) ([]store.CustomerForecast, error) {
		accounts, err := m.Store.AccountForecasts(ctx, after, historiesAtOnce)
		forecasts := make([]store.CustomerForecast, len(accounts))
		for i, a := range accounts {
			forecasts[i] = store.CustomerForecast{Record: a.Account, Forecast: forecastOfAccount(run.At, a.Forecasts)}
		}
		return forecasts, err
	})
}

// pages keeps the next pages of forecasts of records of a type. read returns a page after a
// record, and a short one at the end.
func (m *Models) pages(ctx context.Context, run store.ModelRun, objectType string, read func(after string) ([]store.CustomerForecast, error)) (Forecasted, error) {
	for range pagesAtOnce {
		if !run.EndedAt.IsZero() {
			return Forecasted{Scored: run.Scored, Written: run.Written}, nil
		}
		after := run.Cursor
		if run.ObjectType != objectType {
			after = ""
		}
		forecasts, err := read(after)
		if err != nil {
			return Forecasted{}, err
		}
		if len(forecasts) > 0 {
			page := store.ForecastPage{Run: run.ID, ObjectType: objectType, After: after, Next: forecasts[len(forecasts)-1].Record, Forecasts: forecasts}
			if run, err = m.Store.SaveForecasts(ctx, page); err != nil {
				return Forecasted{}, err
			}
		}
		if len(forecasts) < historiesAtOnce {
			return Forecasted{Scored: run.Scored, Written: run.Written}, nil
		}
		if stopping(ctx) {
			break
		}
	}
	return Forecasted{Scored: run.Scored, Written: run.Written, More: true}, nil
}

// stopping reports whether the worker stops: another one goes on.
func stopping(ctx context.Context) bool {
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return true
	default:
		return false
	}
}

// forecaster forecasts by the models that are published.
type forecaster struct {
	models  *Models
	run     store.ModelRun
	status  survey.ModelStatus
	version string
	// Those are nil that are not published, or not of such customers.
	value     *value.ValueModel
	contracts *value.ContractModel
	churn     *churn.Model
	bias      *float64 // of values, in per cent
	// held has values stay as they are.
	held bool
}

// forecaster reads what is published. A model that is no longer good is used, and called
// stale; of a kind without any, the latest that was refused says why.
func (m *Models) forecaster(ctx context.Context, run store.ModelRun) (*forecaster, error) {
	f := &forecaster{models: m, run: run}
	var versions []string
	for _, kind := range ModelKinds {
		v, err := m.Store.PublishedModel(ctx, kind.For(m.Rules))
		usable := false
		if err == nil {
			usable, err = f.use(kind, v)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("published model of %s: %w", kind, err)
		}
		if !usable {
			if err := f.without(ctx, kind); err != nil {
				return nil, err
			}
			continue
		}
		f.status = f.status.Worse(survey.ModelOK)
		if v.Stale || run.At.Sub(v.FittedAt) > m.Rules.StaleAfter.Std() {
			f.status = f.status.Worse(survey.ModelStale)
		}
		versions = append(versions, v.ID)
	}
	f.version = strings.Join(versions, ";")
	var err error
	f.held, err = m.held(ctx, run)
	return f, err
}

// without takes the status of the model that was refused in this run, where one was fitted.
func (f *forecaster) without(ctx context.Context, kind ModelKind) error {
	v, err := f.models.Store.ModelVersion(ctx, versionOf(kind, f.run.At))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	f.status = f.status.Worse(v.Status)
	return err
}

// use takes a model, and reports whether this version of cxloop still can.
func (f *forecaster) use(kind ModelKind, v store.ModelVersion) (usable bool, err error) {
	if kind == ChurnModel {
		var m churn.Model
		if err := json.Unmarshal(v.Model, &m); err != nil || !m.Fitted() {
			return false, err
		}
		f.churn = &m
		return true, nil
	}
	if f.models.Rules.Contracts {
		var m contractFit
		if err := json.Unmarshal(v.Model, &m); err != nil || m.ContractModel.Version != value.FormatVersion {
			return false, err
		}
		f.contracts, f.bias = &m.ContractModel, m.BiasPct
		f.contracts.Options = f.models.valued()
		return true, nil
	}
	var m valueFit
	if err := json.Unmarshal(v.Model, &m); err != nil || m.Version != value.FormatVersion {
		return false, err
	}
	f.value, f.bias = &m.ValueModel, m.BiasPct
	f.value.Options = f.models.valued()
	return true, nil
}

// forecasts are of a page of customers. Of who is no customer nothing is said.
func (f *forecaster) forecasts(ctx context.Context, histories []store.CustomerHistory) ([]store.CustomerForecast, error) {
	out := make([]store.CustomerForecast, len(histories))
	var buyers []value.Customer
	var places []int
	for i, h := range histories {
		out[i] = store.CustomerForecast{Record: h.Key, Account: h.AccountKey, Forecast: survey.Forecast{At: f.run.At}}
		if f.models.Rules.Contracts {
			if len(h.Subscriptions) == 0 {
				continue
			}
		} else if buyer, bought := f.models.buyer(h, f.run).At(dayOf(f.run.At)); bought {
			buyers, places = append(buyers, buyer), append(places, i)
		} else {
			continue
		}
		out[i].Status, out[i].Version = f.status, f.version
		if f.churn != nil {
			f.risk(h, &out[i].Forecast)
		}
		if f.contracts == nil || f.held {
			continue
		}
		if err := f.bring(h, &out[i].Forecast); err != nil {
			return nil, unfit(err)
		}
	}
	if f.held {
		return out, f.keepValues(ctx, out)
	}
	if f.value != nil {
		for i, v := range f.value.ScoreAll(buyers) {
			f.worth(v, &out[places[i]].Forecast)
		}
	}
	return out, nil
}

// risk is of who can leave: with a contract that runs, or a purchase in the last year.
func (f *forecaster) risk(h store.CustomerHistory, out *survey.Forecast) {
	if s, customer := f.churn.Score(f.models.leaver(h, f.run), dayOf(f.run.At)); customer {
		out.Risk, out.RiskLow, out.RiskHigh, out.Decile, out.Drivers = &s.Risk, &s.Lo80, &s.Hi80, s.Decile, s.Drivers
	}
}

func (f *forecaster) worth(v value.CustomerValue, out *survey.Forecast) {
	if v.Status != card.OK {
		out.Status = out.Status.Worse(survey.ModelStatus(v.Status))
		return
	}
	out.Orders, out.Purchase = &v.ExpectedOrders12m, &v.PPurchase90d
	if v.Valued {
		out.Value, out.ValueLow, out.ValueHigh, out.AtRisk, out.ValueBias = &v.CLV, &v.P10, &v.P90, &v.RevenueAtRisk, f.bias
		out.ValueSD, out.Nothing = v.SD, v.Nothing
	}
}
