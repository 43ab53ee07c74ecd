package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestQuestions takes a customer from the mail through the causes of the score and a
// question for detractors alone to the comment, and the account team reads it all.
func TestQuestions(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	event := []byte(`{"specversion":"1.0","id":"review","source":"test","type":"account.reviewed",` +
		`"data":{"contact":{"id":"amelie","email":"amelie@other.example","first_name":"Amélie","locale":"fr-CA"}}}`)
	a := w.do(t, http.MethodPost, w.url+"/hooks/shop", webhookHeader(t, testShopSecret, "msg_1", event, time.Now()), event)
	require.Equal(t, http.StatusOK, a.status, a.body)
	m := w.mail(t, "amelie@other.example", "invite")
	require.Equal(t, "Après notre point : une question", m.Subject)
	page := link(t, m)

	step := func(want string, fields ...string) {
		t.Helper()
		a := w.post(t, page, append([]string{"score", "3"}, fields...)...)
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.Contains(t, a.body, want)
		require.Contains(t, a.body, `lang="fr"`)
	}
	step("Qu’est-ce qui a le plus compté dans votre note ?")
	step("Pouvons-nous vous appeler ?", "question", "causes", "answer", "response", "answer", "product", "answer", "other", "other", "Les <délais>")
	refused := w.post(t, page, "score", "3", "question", "call")
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Veuillez choisir ou écrire une réponse.")
	step(`name="comment"`, "question", "call", "answer", "yes")
	step("Les &lt;délais&gt;", "comment", "Trop d’attente", "done", "1")
	require.Equal(t, 4, w.number(t, `SELECT revision FROM responses`))

	for _, text := range []string{
		"3 of 10 (detractor)", "*What mattered most for your score?*", "How fast we respond · The product · “Les &lt;délais&gt;”",
		"*May we call you?*", "Yes, call me", "> Trop d’attente",
	} {
		w.message(t, casesChannel, "Amélie", text, func(blocks string) bool { return strings.Contains(blocks, text) })
	}
	for _, column := range []string{"delai", "délais", "attente"} {
		require.Zero(t, w.number(t, fmt.Sprintf(`SELECT count(*) FROM responses WHERE CAST(sealed AS TEXT) LIKE '%%%s%%'`, column)), "an answer is kept unsealed")
	}
}
