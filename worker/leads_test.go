package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
)

func TestRefusedLeadsAreListed(t *testing.T) {
	t.Parallel()
	leads := []store.Lead{{ID: "abc", Program: "won", CRM: "hubspot", Reason: "VALIDATION_ERROR", TakenAt: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}}
	var out bytes.Buffer
	require.NoError(t, writeLeads(&out, leads, false))
	require.Equal(t, "LEAD  PROGRAM  CRM      REFUSED              WHY\nabc   won      hubspot  2026-11-21 09:00:00  VALIDATION_ERROR\n", out.String())
	out.Reset()
	require.NoError(t, writeLeads(&out, leads, true))
	require.JSONEq(t, `{"lead":"abc","program":"won","crm":"hubspot","code":"VALIDATION_ERROR","at":"2026-11-21T09:00:00Z"}`, out.String())
	out.Reset()
	require.NoError(t, writeLeads(&out, nil, false))
	require.Equal(t, "No lead is refused.\n", out.String())
}
