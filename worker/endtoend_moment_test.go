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

// TestOtherTools takes an unhappy answer of another survey tool to its case, and keeps
// a comment that nobody asked for.
func TestOtherTools(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := startWorld(t, kind)
			body := []byte(`{"id":"r-1","source":"typeform","program":"order-csat","contact":{"id":"noor","email":"noor@other.example","first_name":"Noor"},
				"score":1,"comment":"Broken on arrival","answers":{"causes":["condition"]}}`)
			first := w.call(t, "/v1/responses", body)
			require.Equal(t, http.StatusOK, first.status, first.body)
			require.Equal(t, first.body, w.call(t, "/v1/responses", body).body)
			w.message(t, casesChannel, "Noor", "the answer", func(blocks string) bool {
				return strings.Contains(blocks, "1 of 5") && strings.Contains(blocks, "Broken on arrival")
			})
			require.Equal(t, 1, w.number(t, `SELECT count(*) FROM responses`))
			w.awaitNumber(t, 1, "the score is a signal", `SELECT count(*) FROM signals WHERE crm = 'shop' AND name = 'cx_csat_last' AND value = '1'`)
			// Who answered there is not asked here.
			w.happens(t, "order.delivered", "noor", "")
			w.awaitNumber(t, 1, "she is not asked again", `SELECT count(*) FROM invitations WHERE state = 'suppressed' AND rule = 'again_after'`)

			body = []byte(`{"id":"review-1","source":"g2","kind":"review","text":"Parcels come broken","rating":2,"contact":{"id":"noor"}}`)
			require.Equal(t, http.StatusOK, w.call(t, "/v1/feedback", body).status)
			require.Equal(t, 1, w.number(t, `SELECT count(*) FROM feedback WHERE kind = 'review' AND rating = 2`))
			require.Zero(t, w.number(t, `SELECT count(*) FROM feedback WHERE CAST(sealed AS TEXT) LIKE '%Parcels%'`))
		})
	}
}

func (w *world) call(t *testing.T, path string, body []byte) answer {
	t.Helper()
	return w.do(t, http.MethodPost, w.url+path+"?crm=shop", bearer(testSecret), body)
}
