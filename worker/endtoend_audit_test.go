package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// TestAudits sends one auditor to two stores on one day, by events of a webhook CRM: the
// store that fails has a case with what failed, and the results tell of both.
func TestAudits(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	for _, store := range []string{"Harbour", "Market"} {
		event := fmt.Appendf(nil, `{"specversion":"1.0","id":"visit of %[1]s","source":"stores","type":"audit.due","data":{`+
			`"contact":{"id":"vera","email":"vera@audits.example","first_name":"Vera","locale":"de"},"account":{"id":"%[1]s","name":"%[1]s"}}}`, store)
		a := w.do(t, http.MethodPost, w.url+"/hooks/shop", webhookHeader(t, testShopSecret, "msg_"+store, event, time.Now()), event)
		require.Equal(t, http.StatusOK, a.status, a.body)
	}
	w.awaitNumber(t, 2, "both audits are asked for", `SELECT count(*) FROM invitations WHERE program = 'store-audit' AND state IN ('sent', 'delivered')`)
	pages := map[string]string{}
	w.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.MailsTo("vera@audits.example") {
			require.NotContains(t, m.HTML(), "score=")
			require.Contains(t, m.HTML(), ">Zur Prüfliste</a>")
			pages[m.Subject] = link(t, m)
		}
	})
	require.Len(t, pages, 2)
	harbour, market := pages["Ihr Besuch bei Harbour: die Prüfliste"], pages["Ihr Besuch bei Market: die Prüfliste"]

	require.Contains(t, w.get(t, harbour).body, "Was haben Sie bei Harbour vorgefunden?")
	refused := w.post(t, harbour, "item-clean", "yes")
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Bitte beantworten Sie jeden Punkt")
	failing := w.checklist(map[string]string{"receipt": "no", "knew-product": "no", "queue": "not_applicable"})
	require.Contains(t, w.post(t, harbour, append(failing, "comment", "Kein <Beleg>")...).body, "<b>66</b> / 100") // 12 of 18
	require.Contains(t, w.post(t, market, w.checklist(nil)...).body, "<b>100</b> / 100")

	for _, text := range []string{
		"66\u00a0% (failed)", "*Auditor*\\nVera", "Failed: 2 of 10 points", "• I got a receipt, and it was correct (weight 3)",
		"• My question about a product was answered correctly (weight 3)", "Kein &lt;Beleg&gt;",
	} {
		w.message(t, casesChannel, "Failed audit: Harbour", text, contains(text))
	}
	w.awaitNumber(t, 2, "both are recorded", `SELECT count(*) FROM responses WHERE recorded > 0 AND state = 'final'`)
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM cases`), "Market has none")
	require.Zero(t, w.number(t, `SELECT count(*) FROM asks`))
	require.Zero(t, w.number(t, `SELECT count(*) FROM signals WHERE object_type = 'contact'`), "nothing is told of the auditor")
	require.Zero(t, w.number(t, `SELECT count(*) FROM responses WHERE CAST(sealed AS TEXT) LIKE '%receipt%'`), "an answer is kept unsealed")
	w.mystery(t)
}

// checklist is a form that says yes to every item of the template but these.
func (w *world) checklist(but map[string]string) (fields []string) {
	for _, item := range config.Templates()["audit"].Checklist {
		answer := survey.ItemPassed
		if other, is := but[item.ID]; is {
			answer = other
		}
		fields = append(fields, "item-"+item.ID, answer)
	}
	return fields
}

// mystery wants the items as the results count them.
func (w *world) mystery(t *testing.T) {
	t.Helper()
	s, err := openStore(w.config)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	program, err := programOf(w.config, "store-audit")
	require.NoError(t, err)
	found, err := (&app{config: w.config, store: s}).resultsFound(t.Context(), program)
	require.NoError(t, err)
	require.Equal(t, []int{2, 2}, []int{found.Asked, found.Answered})
	audits, err := s.Checklists(t.Context(), program.ID)
	require.NoError(t, err)
	applied := map[string]int{}
	for _, item := range itemsOf(program, audits) {
		applied[item.ID] = item.N
	}
	require.Equal(t, 1, applied["queue"], "it did not apply at Harbour")
	require.Equal(t, 2, applied["receipt"])
}
