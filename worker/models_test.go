package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/churn"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

func TestCardsSideBySide(t *testing.T) {
	t.Parallel()
	first := shownCard{Card: card.Card{
		Model: "churn", Kind: "purchases", Version: "churn-1", AsOf: 20514.4, Horizon: 90, Status: card.OK, Calibration: "platt",
		Data:      card.Data{Customers: 300, Sampled: 300, Rows: 1419, Happened: 965, From: 19421.1, To: 20514.4, Counts: map[string]int{"purchases": 1581, "cases": 3}},
		Origins:   []card.Origin{{At: 20154}, {At: 20244}},
		Metrics:   []card.Metric{{Name: card.Brier, Interval: card.Interval{Value: 0.17133, Low: 0.14568, High: 0.1951}}},
		Baselines: []card.Baseline{{Name: "recency", Gain: card.Interval{Value: 0.01, Low: 0.002, High: 0.02}}},
		Drivers:   []card.Driver{{Name: "silence", Gain: card.Interval{Value: 0.003, Low: 0.001, High: 0.004}, Proven: true}, {Name: "score"}},
	}, Drift: &churn.Drift{Reasons: []string{"Risks have moved."}, Risk: churn.Shift{PSI: 0.31, Chance: 0.02}, Customers: 280, Forecast: 91.2, Happened: 60}}
	second := shownCard{Card: card.Card{
		Model: "churn", Kind: "purchases", Version: "churn-2", AsOf: 20515.4, Horizon: 90, Status: card.ThinData, Reasons: []string{"Too few left."},
		Data: card.Data{Customers: 10, Sampled: 8, LeftOut: card.LeftOut{"a time": 2}, Recency: map[string]int{"cooling": 8}},
	}}
	var out bytes.Buffer
	require.NoError(t, writeCards(&out, []shownCard{first, second}))
	require.Equal(t, `version            churn-1                              churn-2
forecasts          churn of purchases, 90 days ahead    churn of purchases, 90 days ahead
known until        2026-03-02                           2026-03-03
events             2023-03-05 to 2026-03-02             
decision           published                            refused: thin_data
customers          300                                  10
  of them used     300                                  8
  left out                                              2
  last purchase                                         0 recent, 8 cooling, 0 dormant
rows               1419                                 0
  that came to it  965                                  0
  cases            3                                    0
  purchases        1581                                 0
tested from        2025-03-07, 2025-06-05               
brier              0.1713 [0.1457, 0.1951]              
gain over recency  0.0100 [0.0020, 0.0200]              
gain by silence    0.0030 [0.0010, 0.0040], a driver    
gain by score      0.0000 [0.0000, 0.0000], not proven  
calibration        platt                                
risks moved since  0.310, 0.020 by chance               
left since         60 of 280, 91 forecast               

churn-1 since then: Risks have moved.

churn-2: Too few left.
`, out.String())
}

// A card of contracts tells how long they last.
func TestCardOfContracts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, writeCards(&out, []shownCard{{Card: card.Card{Lasting: &card.Lasting{
		Terms:   []card.Interval{{Value: 0.8, Low: 0.75, High: 0.84}, {Value: 0.7, Low: 0.6, High: 0.78}},
		Cohorts: []card.Cohort{{Name: "2024", Contracts: 90, Left: 20, First: 0.8, Second: 0.875}}, Alike: new(0.31),
	}}}, {}}))
	require.Regexp(t, `outlast term 1 +0.8000 \[0.7500, 0.8400\] *
outlast term 2 +0.7000 \[0.6000, 0.7800\] *
begun in 2024 +90, 20 left, renewed 0.80, then 0.88 *
cohorts alike +p = 0.310 *
`, out.String())
}

func TestCardsOfDifferentForecasts(t *testing.T) {
	t.Parallel()
	churned, value := shownCard{Card: card.Card{Model: "churn", Kind: "purchases"}}, shownCard{Card: card.Card{Model: "value", Kind: "purchases"}}
	var out bytes.Buffer
	require.NoError(t, writeCards(&out, []shownCard{churned, value}))
	require.Contains(t, out.String(), "They forecast different things")
}

func TestListOfModels(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	require.NoError(t, writeModels(&out, []shownModel{
		{Version: "churn-2", FittedAt: at, Status: survey.ModelNoBetter, Customers: 310, Reasons: []string{"No better.", "Too bold."}},
		{Version: "churn-1", FittedAt: at.AddDate(0, 0, -1), Published: true, Used: true, Status: survey.ModelOK, Customers: 300},
		{Version: "value-1", FittedAt: at.AddDate(0, 0, -1), Status: survey.ModelThinData, Customers: 300, Recency: map[string]int{"recent": 20, "dormant": 280}},
		{Version: "value-0", FittedAt: at.AddDate(0, 0, -2), Status: survey.ModelThinData, Customers: 290, Recency: map[string]int{"dormant": 290}},
	}))
	require.Equal(t, `VERSION  FITTED               DECISION  STATUS                CUSTOMERS  WHY
churn-2  2026-03-02 02:00:00  refused   not_better_than_base  310        No better. Too bold.
churn-1  2026-03-01 02:00:00  used      ok                    300        
value-1  2026-03-01 02:00:00  refused   thin_data             300        
value-0  2026-02-28 02:00:00  refused   thin_data             290        

Buyers by how long ago their last purchase was, at value-1: 20 recent, 0 cooling, 280 dormant.
`, out.String())
}

// The models have a schedule where somebody is to be forecast: nightly, or each scaled day.
func TestModelsAreScheduled(t *testing.T) {
	t.Parallel()
	c := &config.Config{Dev: config.DevSettings{TimeScale: 1}, Models: survey.Forecasting{Cron: "0 2 * * *"}}
	s := &setup{config: c}
	ids := func() []string {
		var ids []string
		for _, o := range s.wantedSchedules(time.Now()) {
			ids = append(ids, o.ID)
		}
		return ids
	}
	require.NotContains(t, ids(), workflows.ModelsID)
	c.Models.Customer = survey.ObjectContact
	require.Contains(t, ids(), workflows.ModelsID)
	require.Equal(t, []string{"0 2 * * *"}, s.cronSpec(c.Models.Cron, survey.Span(24*time.Hour)).CronExpressions)
	c.Dev.TimeScale = 2880
	require.Equal(t, 30*time.Second, s.cronSpec(c.Models.Cron, survey.Span(24*time.Hour)).Intervals[0].Every)
}
