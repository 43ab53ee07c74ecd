package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
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

func TestLeadsAreCounted(t *testing.T) {
	t.Parallel()
	figures := []store.ReferralFigure{{
		Program: "won", Leads: map[survey.LeadState]int{survey.LeadCreated: 2, survey.LeadOwn: 1}, Thanked: 1, Won: 1,
		Revenue: map[string]survey.Hundredths{"EUR": 120050, "": 100},
	}}
	var out bytes.Buffer
	require.NoError(t, writeLeadCounts(&out, figures, false))
	require.Equal(t, "PROGRAM  LEADS             THANKED  WON  REVENUE\nwon      created 2, own 1  1        1    1.00, 1200.50 EUR\n", out.String())
	out.Reset()
	require.NoError(t, writeLeadCounts(&out, figures, true))
	require.JSONEq(t, `{"program":"won","leads":{"created":2,"own":1},"thanked":1,"won":1,"revenue":{"EUR":"1200.50","":"1.00"}}`, out.String())
}
