package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

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
	by, err := m.forecaster(ctx, run)
	if err != nil {
		return Forecasted{}, err
	}
	return m.pages(ctx, run, survey.ObjectAccount, func(after string) ([]store.CustomerForecast, error) {
		accounts, err := m.Store.AccountForecasts(ctx, after, historiesAtOnce)
		if err != nil {
			return nil, err
		}
		return by.accounts(ctx, accounts)
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
