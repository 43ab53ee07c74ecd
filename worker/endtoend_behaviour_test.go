package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
)

// What shops tell of orders is kept, whatever comes first, and what the CRM had before.
func TestBehaviourIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.config.CRM[0].Behaviour = config.Behaviour{Deals: true, Amount: "amount", Currency: "EUR"}
	_, err := w.sandbox.CreateDeal(map[string]string{"dealname": "Stands", "dealstage": "closedwon", "pipeline": "default", "amount": "1200.50"}, w.company(t, "Quay", "growth"))
	require.NoError(t, err)
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)
	c := w.customer(t, w.company(t, "Harbour", "growth"), "Priya", "en")
	tell := func(id, kind string, data map[string]any) {
		data["contact"], data["account"] = map[string]any{"id": c.id}, map[string]any{"id": "7"}
		event, err := json.Marshal(map[string]any{"specversion": "1.0", "id": id, "source": "shop", "type": kind, "data": data})
		require.NoError(t, err)
		a := w.do(t, http.MethodPost, w.url+"/v1/events?crm=hubspot", bearer(testSecret), event)
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.Contains(t, a.body, `"listened":1`)
	}
	tell("e1", "order.refunded", map[string]any{"order": map[string]any{"id": 1001}, "refund": map[string]any{"amount": "9.90"}})
	tell("e2", "order.paid", map[string]any{"order": map[string]any{"id": 1001, "amount": 49.9, "currency": "EUR"}})
	w.awaitNumber(t, 1, "an order with its refund", `SELECT count(*) FROM behaviour b JOIN behaviour_changes h ON h.key = b.key
		WHERE b.amount = 4990 AND b.currency = 'EUR' AND h.amount = 990 AND b.account_key <> ''`)
	w.awaitNumber(t, 1, "a deal that was won before", `SELECT count(*) FROM behaviour WHERE kind = 'purchase' AND amount = 120050 AND account_key <> ''`)
	w.awaitNumber(t, 1, "all is read", `SELECT count(*) FROM behaviour_cursors WHERE ended_at IS NOT NULL AND began_at IS NULL`)
	w.awaitWorkflows(t, 0, `ExecutionStatus = "Running" AND WorkflowType IN ("BehaviourWorkflow", "ReadBehaviourWorkflow")`)
}
