package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestInTheMoment asks a customer by a link that another system shows, and whoever
// opens the program's public link.
func TestInTheMoment(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	body := []byte(`{"id":"chat-1","program":"chat-csat","contact":{"id":"ines","email":"ines@other.example","first_name":"Inès","locale":"fr"}}`)
	a := w.do(t, http.MethodPost, w.url+"/v1/invitations?crm=shop", bearer(testSecret), body)
	require.Equal(t, http.StatusOK, a.status, a.body)
	var made struct{ URL, State string }
	require.NoError(t, json.Unmarshal([]byte(a.body), &made))
	require.Equal(t, "sent", made.State)
	a = w.post(t, made.URL, "score", "1", "comment", "Personne n’a répondu", "done", "1")
	require.Equal(t, http.StatusOK, a.status, a.body)
	w.message(t, casesChannel, "Inès", "the answer", func(blocks string) bool {
		return strings.Contains(blocks, "1 of 5") && strings.Contains(blocks, "Personne n’a répondu")
	})
	require.Empty(t, w.mails("ines@other.example"), "a mail was sent")

	link, err := programLink(w.config, "chat-csat")
	require.NoError(t, err)
	page := w.get(t, link)
	require.Equal(t, http.StatusOK, page.status)
	visit := regexp.MustCompile(`name="visit" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	a = w.post(t, link, "visit", visit, "score", "2")
	require.Equal(t, http.StatusOK, a.status, a.body)
	next := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(a.body)[1]
	a = w.post(t, w.url+next, "score", "2", "comment", "Trop de bruit", "done", "1")
	require.Equal(t, http.StatusOK, a.status, a.body)
	w.awaitNumber(t, 1, "the visitor's answer is recorded", `SELECT count(*) FROM responses WHERE contact_key = '' AND recorded = revision AND state = 'final'`)
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM cases`), "only the customer's answer is a case")
	require.Zero(t, w.number(t, `SELECT count(*) FROM signals WHERE record = '' OR crm = ''`), "nobody has signals")
}
