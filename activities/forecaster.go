package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/churn"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// verdict is what there is to say of a kind of model: whether its numbers are to be relied
// on and which version they are of, or why there are none. It is empty before the first fit.
type verdict struct {
	status  survey.ModelStatus
	version string
}

// forecaster forecasts by the models that are published.
type forecaster struct {
	models           *Models
	run              store.ModelRun
	ofValue, ofChurn verdict
	// Those are nil that are not published, or not of such customers. A purchases' model that was
	// refused is there for its bands.
	purchases *value.ValueModel
	contracts *value.ContractModel
	churn     *churn.Model
	bias      *float64 // of values, in per cent
	// held has values stay as they were forecast last.
	held bool
}

// forecaster reads what is published. A model that is no longer good is used, and called
// stale; of a kind without any, the latest that was refused says why.
func (m *Models) forecaster(ctx context.Context, run store.ModelRun) (*forecaster, error) {
	f := &forecaster{models: m, run: run}
	for kind, of := range map[ModelKind]*verdict{ValueModel: &f.ofValue, ChurnModel: &f.ofChurn} {
		v, err := m.Store.PublishedModel(ctx, kind.For(m.Rules))
		usable := false
		if err == nil {
			usable, err = f.use(kind, v)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("published model of %s: %w", kind, err)
		}
		if !usable {
			if of.status, err = f.refusal(ctx, kind); err != nil {
				return nil, err
			}
			continue
		}
		of.status, of.version = survey.ModelOK, v.ID
		if v.Stale || run.At.Sub(v.FittedAt) > m.Rules.StaleAfter.Std() {
			of.status = survey.ModelStale
		}
	}
	var err error
	f.held, err = m.held(ctx, run)
	return f, err
}

// versionsRead is among how many of the latest versions the latest of a kind is looked for: a
// night makes one of each.
const versionsRead = 50

// refusal is why the latest model of a kind was refused, "" where none was fitted yet. What it
// knows of how often customers buy holds without its numbers.
func (f *forecaster) refusal(ctx context.Context, kind ModelKind) (survey.ModelStatus, error) {
	latest, err := f.models.Store.ModelVersions(ctx, versionsRead)
	if err != nil {
		return "", err
	}
	for _, v := range latest {
		if v.Kind != kind.For(f.models.Rules) || v.Published || v.Status == survey.ModelStatus(card.Leapt) {
			continue
		}
		if kind == ValueModel && !f.models.Rules.Contracts {
			if v, err = f.models.Store.ModelVersion(ctx, v.ID); err != nil {
				return "", err
			}
			var m value.ValueModel
			if err := json.Unmarshal(v.Model, &m); err != nil {
				return "", fmt.Errorf("refused model %s: %w", v.ID, err)
			}
			m.Status = card.Status(v.Status)
			f.purchases = &m
		}
		if v.Status.Told() { // refused since purchases have stopped coming in: nothing new is known
			return survey.ModelThinData, nil
		}
		return v.Status, nil
	}
	return "", nil
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
	f.purchases, f.bias = &m.ValueModel, m.BiasPct
	f.purchases.Options = f.models.valued()
	return true, nil
}

// forecasts are of a page of customers. Of who is no customer nothing is said.
func (f *forecaster) forecasts(ctx context.Context, histories []store.CustomerHistory) ([]store.CustomerForecast, error) {
	out := make([]store.CustomerForecast, len(histories))
	var buyers []value.Customer
	var customers []*store.CustomerForecast
	now := dayOf(f.run.At)
	for i, h := range histories {
		out[i] = store.CustomerForecast{Record: h.Key, Account: h.AccountKey, Forecast: survey.Forecast{At: f.run.At}}
		if f.models.Rules.Contracts {
			if !f.underContract(h) {
				continue
			}
			if !f.held {
				f.bring(h, &out[i].Forecast)
			}
		} else if buyer, bought := f.models.buyer(h, f.run).At(now); bought {
			buyers = append(buyers, buyer)
		} else {
			continue
		}
		customers = append(customers, &out[i])
		f.risk(f.models.leaver(h, f.run), &out[i].Forecast)
	}
	if f.held {
		for _, c := range customers { // who came since is too new
			c.ValueStatus = survey.ModelThinData
		}
		if err := f.keepValues(ctx, f.models.Rules.Customer, customers); err != nil {
			return nil, err
		}
	}
	if f.purchases != nil {
		for i, v := range f.purchases.ScoreAll(buyers) {
			f.worth(v, &customers[i].Forecast)
		}
	}
	for _, c := range customers {
		f.sign(&c.Forecast)
	}
	return out, nil
}

// accounts are the forecasts of a page of accounts, made of those of their contacts. Values that
// are held are the account's own: a new contact takes nothing from them.
func (f *forecaster) accounts(ctx context.Context, accounts []store.AccountForecasts) ([]store.CustomerForecast, error) {
	out := make([]store.CustomerForecast, len(accounts))
	var customers []*store.CustomerForecast
	for i, a := range accounts {
		out[i] = store.CustomerForecast{Record: a.Account, Forecast: forecastOfAccount(f.run.At, a.Forecasts)}
		if out[i].Status != "" {
			customers = append(customers, &out[i])
		}
	}
	if !f.held {
		return out, nil
	}
	if err := f.keepValues(ctx, survey.ObjectAccount, customers); err != nil {
		return nil, err
	}
	for _, c := range customers {
		f.sign(&c.Forecast)
	}
	return out, nil
}

// sign says by which models the numbers are, and what their statuses come to.
func (f *forecaster) sign(out *survey.Forecast) {
	var versions []string
	if out.ValueStatus.Told() {
		versions = append(versions, f.ofValue.version)
	}
	if out.ChurnStatus.Told() {
		versions = append(versions, f.ofChurn.version)
	}
	out.Version = strings.Join(versions, ";")
	out.Status = survey.Overall(out.ChurnStatus, out.ValueStatus)
}

// risk is of who can leave: with a contract that runs, or a purchase in the last year. Of
// who has left already nothing is said.
func (f *forecaster) risk(c churn.Customer, out *survey.Forecast) {
	now := dayOf(f.run.At)
	switch wrong := c.Wrong() != ""; {
	case !wrong && !c.Current(now, f.models.Rules.Contracts):
		return
	case f.churn == nil:
		out.ChurnStatus = f.ofChurn.status
		return
	case wrong:
		out.ChurnStatus = survey.ModelThinData
		return
	}
	s, _ := f.churn.Score(c, now)
	out.ChurnStatus = f.ofChurn.status
	out.Risk, out.RiskLow, out.RiskHigh, out.Decile, out.Drivers = &s.Risk, &s.Lo80, &s.Hi80, s.Decile, s.Drivers
}

// worth is what a buyer is worth, or how recently they bought where that is not known.
func (f *forecaster) worth(v value.CustomerValue, out *survey.Forecast) {
	if !f.held {
		out.ValueStatus = f.ofValue.status
	}
	if !out.ValueStatus.Told() {
		out.Band = survey.RecencyBand(v.Band)
		return
	}
	if f.held {
		return
	}
	if v.Status != card.OK {
		out.ValueStatus, out.Band = survey.ModelStatus(v.Status), survey.RecencyBand(v.Band)
		return
	}
	out.Orders, out.Purchase = &v.ExpectedOrders12m, &v.PPurchase90d
	if v.Valued {
		out.Value, out.ValueLow, out.ValueHigh, out.AtRisk, out.ValueBias = &v.CLV, &v.P10, &v.P90, &v.RevenueAtRisk, f.bias
		out.ValueSD, out.Nothing = v.SD, v.Nothing
	}
}

// underContract reports whether a customer has a contract that runs.
func (f *forecaster) underContract(h store.CustomerHistory) bool {
	return slices.ContainsFunc(h.Subscriptions, func(s survey.Subscription) bool {
		a, _ := f.models.agreement(h.Key, 0, s)
		return a.Runs(dayOf(f.run.At))
	})
}

// bring forecasts what the contracts of a customer bring that run: until their end, where
// notice was given. Where it is not known of one of them, it is not of all. Quantiles do not
// add up, and are told of one contract alone.
func (f *forecaster) bring(h store.CustomerHistory, out *survey.Forecast) {
	out.ValueStatus = f.ofValue.status
	if f.contracts == nil {
		return
	}
	now := dayOf(f.run.At)
	told := *out
	running := 0
	for i, s := range h.Subscriptions {
		a, known := f.models.agreement(h.Key, i, s)
		if !a.Runs(now) {
			continue
		}
		v, err := f.contracts.Score(a.Running(now))
		if !known || a.RevenueYear <= 0 || err != nil { // the error is of one that cannot be
			out.ValueStatus = survey.ModelThinData
			return
		}
		running++
		addTo(&told.Value, v.CLV)
		addTo(&told.AtRisk, v.RevenueAtRisk)
		told.ValueLow, told.ValueHigh, told.ValueBias = &v.P10, &v.P90, f.bias
	}
	if running > 1 {
		told.ValueLow, told.ValueHigh = nil, nil
	}
	*out = told
}

func addTo(sum **float64, v float64) {
	if *sum != nil {
		v += **sum
	}
	*sum = &v
}
