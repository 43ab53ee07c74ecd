package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConditionsAndAudience(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	pay := func(id, since, tier string, amount int) {
		t.Helper()
		event := map[string]any{
			"id": id, "source": "test", "type": "order.paid",
			"data": map[string]any{
				"contact": map[string]any{"id": id, "email": id + "@customers.example", "since": since},
				"account": map[string]any{"id": "a" + id, "name": "Nordwind", "tier": tier}, "amount": amount,
			},
		}
		body, err := json.Marshal(event)
		require.NoError(t, err)
		a := w.do(t, http.MethodPost, w.url+"/v1/events?crm=shop", bearer(testSecret), body)
		require.Equal(t, http.StatusOK, a.status, "%s", a.body)
		require.JSONEq(t, fmt.Sprintf(`{"received":1,"listened":%d}`, map[bool]int{true: 1}[amount > 1000]), string(a.body))
	}
	pay("small", "2020-01-01", "gold", 1000)
	pay("silver", "2020-01-01", "silver", 2000)
	pay("new", "2999-01-01", "gold", 2000)
	pay("unknown", "", "gold", 2000)
	pay("odd", "last year", "gold", 2000)
	pay("good", "2020-01-01", "gold", 2000)
	w.mail(t, "good@customers.example", "invite")
	w.awaitNumber(t, 4, "each refusal is kept", `SELECT count(*) FROM invitations WHERE state = 'suppressed'`)
	rows, err := w.db.QueryContext(t.Context(), `SELECT rule, facts FROM invitations WHERE state = 'suppressed'`)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var got []string
	for rows.Next() {
		var rule, facts string
		require.NoError(t, rows.Scan(&rule, &facts))
		got = append(got, rule+" "+facts)
	}
	require.NoError(t, rows.Err())
	known := `{"found":true,"has_address":true,"condition":{"holds":`
	require.ElementsMatch(t, []string{
		"condition " + known + `false},"audience":{"holds":true}}`,
		"audience " + known + `true},"audience":{"holds":false}}`,
		"audience " + known + `true},"audience":{"holds":false,"missing":["contact.since"]}}`,
		"audience " + known + `true},"audience":{"holds":false,"invalid":["contact.since"]}}`,
	}, got)
	require.Empty(t, w.mails("small@customers.example"))
}
