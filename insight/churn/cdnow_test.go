package churn

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
)

// cdnow are the buyers of 1997 and 1998, with each of their purchases.
func cdnow(t *testing.T) (customers []Customer, asOf float64) {
	t.Helper()
	root := os.Getenv("CXLOOP_TESTDATA")
	if root == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	file, err := os.Open(filepath.Join(root, "data", "cdnow_master.csv"))
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // read only
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] { // in order of customers
		day, err := time.Parse("20060102", row[1])
		require.NoError(t, err)
		amount, err := strconv.ParseFloat(row[3], 64)
		require.NoError(t, err)
		at := float64(day.Unix()) / (24 * 60 * 60)
		if len(customers) == 0 || customers[len(customers)-1].ID != row[0] {
			customers = append(customers, Customer{ID: row[0]})
		}
		c := &customers[len(customers)-1]
		c.Purchases = append(c.Purchases, Purchase{At: at, Amount: amount})
		asOf = max(asOf, at+1)
	}
	return customers, asOf
}

func TestCDNOW(t *testing.T) {
	t.Parallel()
	customers, asOf := cdnow(t)
	require.Len(t, customers, 23570)
	_, c, err := Fit(customers, Options{AsOf: asOf})
	require.NoError(t, err)
	require.Equal(t, card.OK, c.Status, c.Reasons)
	require.Empty(t, c.Drivers, "there are no surveys")
	require.Equal(t, MaxCustomers, c.Data.Sampled)
	value := func(name string) float64 {
		m, ok := c.Metric(name)
		require.True(t, ok, name)
		return m.Value
	}
	require.Greater(t, value(card.AUC), 0.77)
	require.Less(t, value(card.ECE), 0.01)
	require.InDelta(t, 0, value(card.Bias), 0.02)
	require.InDelta(t, 1, value(card.Slope), 0.05)
	require.Greater(t, value(card.BrierSkill), 0.19)
}
