package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// SaveForecasts implements store.Models.
func (s *Store) SaveForecasts(ctx context.Context, page store.ForecastPage) (run store.ModelRun, err error) {
	err = s.write(ctx, func(q session) error {
		if run, err = q.modelRun(ctx, page.Run, `{lock}`); err != nil {
			return err
		}
		if !isNext(run, page) {
			return nil
		}
		scored, written, err := q.keepForecasts(ctx, page)
		if err != nil {
			return err
		}
		run.ObjectType, run.Cursor = page.ObjectType, page.Next
		run.Scored += scored
		run.Written += written
		_, err = q.exec(ctx, `UPDATE model_runs SET object_type = ?, cursor = ?, scored = ?, written = ? WHERE id = ?`,
			run.ObjectType, run.Cursor, run.Scored, run.Written, run.ID)
		return err
	})
	if err != nil {
		return store.ModelRun{}, fmt.Errorf("save forecasts: %w", err)
	}
	return run, nil
}

// isNext reports whether a page is the run's next: accounts come after contacts.
func isNext(run store.ModelRun, page store.ForecastPage) bool {
	switch {
	case !run.EndedAt.IsZero():
		return false
	case run.ObjectType == page.ObjectType:
		return run.Cursor == page.After
	}
	return run.ObjectType == survey.ObjectContact && page.After == ""
}

// keepForecasts returns how many of a page are of customers, and how many of these go to a
// CRM.
func (q session) keepForecasts(ctx context.Context, page store.ForecastPage) (scored, written int, err error) {
	forecasts := slices.SortedFunc(slices.Values(page.Forecasts), func(a, b store.CustomerForecast) int { return strings.Compare(a.Record, b.Record) })
	before, err := q.writtenForecasts(ctx, page.ObjectType, forecasts)
	if err != nil {
		return 0, 0, err
	}
	rows := make([][]any, 0, len(forecasts))
	var signals []signal
	for _, f := range forecasts {
		last, known := before[f.Record]
		if f.Status == "" && !known {
			continue // no customer, and never was
		}
		scored++
		if f.Moved(last) {
			signals = append(signals, signalsOf(page.ObjectType, f.Record, f.Signals(last), f.At)...)
			last = f.Forecast
			written++
		}
		rows = append(rows, []any{page.ObjectType, f.Record, f.Account, plainJSON(f.Forecast), plainJSON(last)})
	}
	_, err = q.insert(ctx, `INSERT INTO forecasts (object_type, record, account, forecast, written)`, rows,
		`ON CONFLICT (object_type, record) DO UPDATE SET account = excluded.account, forecast = excluded.forecast, written = excluded.written`)
	if err != nil {
		return 0, 0, err
	}
	_, err = q.setSignals(ctx, signals)
	return scored, written, err
}

// keyedForecast is a forecast of a record or of one of an account.
type keyedForecast struct {
	key string
	survey.Forecast
}

func scanForecast(row scanner) (f keyedForecast, err error) {
	err = row.Scan(&f.key, asJSON{&f.Forecast})
	return f, err
}

func (q session) writtenForecasts(ctx context.Context, objectType string, of []store.CustomerForecast) (map[string]survey.Forecast, error) {
	records := make([]string, len(of))
	for i, f := range of {
		records[i] = f.Record
	}
	return q.forecastsByRecord(ctx, `SELECT record, written FROM forecasts WHERE object_type = ? AND record {any}`, objectType, records)
}

func (q session) forecastsByRecord(ctx context.Context, query, objectType string, records []string) (map[string]survey.Forecast, error) {
	found, err := collect(ctx, q, scanForecast, query, objectType, q.list(records))
	out := make(map[string]survey.Forecast, len(found))
	for _, f := range found {
		out[f.key] = f.Forecast
	}
	return out, err
}

// Forecasts implements store.Models.
func (s *Store) Forecasts(ctx context.Context, objectType string, records []string) (map[string]survey.Forecast, error) {
	found, err := s.read().forecastsByRecord(ctx, `SELECT record, forecast FROM forecasts WHERE object_type = ? AND record {any}`, objectType, records)
	if err != nil {
		return nil, fmt.Errorf("read forecasts: %w", err)
	}
	return found, nil
}

// Accounts are hopped to along the index: some have thousands of contacts.
const (
	nextAccounts = `WITH RECURSIVE records (account) AS (
		SELECT MIN(account) FROM forecasts WHERE account <> '' AND account > ?
		UNION ALL
		SELECT (SELECT MIN(f.account) FROM forecasts f WHERE f.account <> '' AND f.account > records.account) FROM records WHERE records.account IS NOT NULL)
	SELECT account FROM records WHERE account IS NOT NULL LIMIT ?`
	forecastsOfAccounts = `SELECT account, forecast FROM forecasts WHERE account <> '' AND account {any} ORDER BY account, record`
)

// AccountForecasts implements store.Models.
func (s *Store) AccountForecasts(ctx context.Context, after string, limit int) ([]store.AccountForecasts, error) {
	q := s.read()
	accounts, err := collect(ctx, q, scanOne[string], nextAccounts, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list accounts with forecasts: %w", err)
	}
	found, err := collect(ctx, q, scanForecast, forecastsOfAccounts, q.list(accounts))
	if err != nil {
		return nil, fmt.Errorf("read forecasts of accounts: %w", err)
	}
	out := make([]store.AccountForecasts, 0, len(accounts))
	for _, f := range found {
		if len(out) == 0 || out[len(out)-1].Account != f.key {
			out = append(out, store.AccountForecasts{Account: f.key})
		}
		last := &out[len(out)-1]
		last.Forecasts = append(last.Forecasts, f.Forecast)
	}
	return out, nil
}

// TakeBackForecasts implements store.Models.
func (s *Store) TakeBackForecasts(ctx context.Context, objectType string, now time.Time, limit int) (taken int, crms []string, err error) {
	suppressed := survey.Forecast{At: now, Status: survey.ModelSuppressed, ChurnStatus: survey.ModelSuppressed, ValueStatus: survey.ModelSuppressed}
	err = s.write(ctx, func(q session) error {
		old, err := collect(ctx, q, scanForecast, `SELECT record, written FROM forecasts WHERE object_type = ? ORDER BY record LIMIT ?`, objectType, limit)
		if err != nil {
			return err
		}
		records := make([]string, len(old))
		var signals []signal
		for i, f := range old {
			records[i] = f.key
			signals = append(signals, signalsOf(objectType, f.key, suppressed.Signals(f.Forecast), now)...)
		}
		taken = len(records)
		if _, err := q.exec(ctx, `DELETE FROM forecasts WHERE object_type = ? AND record {any}`, objectType, q.list(records)); err != nil {
			return err
		}
		crms, err = q.setSignals(ctx, signals)
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("take back forecasts: %w", err)
	}
	return taken, crms, nil
}
