package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// TestTemporalDown takes an event while Temporal is down, and restarts: what was
// acknowledged is not lost. Bad input is refused meanwhile, and after.
func TestTemporalDown(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kind)
			require.NoError(t, w.setup().database(t.Context()))
			stop := w.startApp(t)
			w.refuses(t, w.badDeliveries(t))

			c := w.customer(t, w.company(t, "Nordwind", "growth"), "Camille", "fr")
			w.win(t, c.deal)
			w.awaitDelivery(t, "dealstage", sandbox.SourceUser, "closedwon")
			require.Equal(t, 1, w.number(t, `SELECT count(*) FROM inbox WHERE done_at IS NULL`))
			stop()
			w.startApp(t)
			w.startTemporal(t, searchAttributes())
			m := w.mail(t, c.email, "invite")
			w.awaitNumber(t, 1, "the mail is noted as delivered", `SELECT count(*) FROM invitations WHERE state = 'delivered'`)
			w.refuses(t, w.badAnswers(t, m))
			require.Equal(t, []string{"invite"}, w.mails(c.email))
		})
	}
}

// badRequest is a request that is refused.
type badRequest struct {
	name, method, url string
	header            http.Header
	body              string
	status            int
	says              string
}

// refuses sends requests and requires that each is refused and nothing is kept.
func (w *world) refuses(t *testing.T, requests []badRequest) {
	t.Helper()
	before := w.rows(t)
	for _, r := range requests {
		a := w.do(t, r.method, r.url, r.header, []byte(r.body))
		require.Equal(t, r.status, a.status, "%s: %s", r.name, a.body)
		require.Contains(t, a.body, r.says, r.name)
		require.Equal(t, before, w.rows(t), r.name)
	}
}

// rows counts what cxloop keeps.
func (w *world) rows(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range []string{
		"inbox", "claims", "contacts", "contacts WHERE unsubscribed_at IS NOT NULL", "accounts", "programs",
		"invitations", "invitations WHERE state = 'delivered'", "responses", "cases", "asks", "signals", "effects", "feedback",
	} {
		counts[table] = w.number(t, "SELECT count(*) FROM "+table)
	}
	return counts
}

// badDeliveries are webhooks, events and clicks that cannot be taken. Each differs
// from a good one in one thing.
func (w *world) badDeliveries(t *testing.T) []badRequest {
	now := time.Now()
	var all []badRequest
	add := func(name, path string, header http.Header, body string, status int, says string) {
		all = append(all, badRequest{name, http.MethodPost, w.url + path, header, body, status, says})
	}
	const hubSpot = "/hooks/hubspot"
	won := `[{"eventId":1,"subscriptionId":2,"portalId":3,"appId":4,"occurredAt":1700000000000,"subscriptionType":"deal.propertyChange",` +
		`"attemptNumber":0,"objectId":5,"propertyName":"dealstage","propertyValue":"closedwon","changeSource":"CRM_UI"}]`
	fromHubSpot := func(body string) http.Header { return hubSpotHeader(testSecret, w.url+hubSpot, []byte(body), now) }
	add("no signature", hubSpot, http.Header{}, won, 401, "missing")
	add("wrong secret", hubSpot, hubSpotHeader("another", w.url+hubSpot, []byte(won), now), won, 401, "signature")
	add("old signature", hubSpot, hubSpotHeader(testSecret, w.url+hubSpot, []byte(won), now.Add(-6*time.Minute)), won, 401, "older than 5m")
	add("other body", hubSpot, fromHubSpot(won), won+" ", 401, "signature")
	large := won + strings.Repeat(" ", testMaxBody)
	add("large body", hubSpot, fromHubSpot(large), large, 413, "larger than 65536 bytes")
	add("truncated", hubSpot, fromHubSpot(won[:40]), won[:40], 400, "not a JSON array")
	nothing := strings.Replace(won, `"objectId":5,`, "", 1)
	add("no object", hubSpot, fromHubSpot(nothing), nothing, 400, "[0].objectId is missing")
	add("unknown CRM", "/hooks/sap", fromHubSpot(won), won, 404, "no crm with this id")

	order := `{"id":"1","source":"test","type":"order.delivered","data":{"contact":{"id":"7"}}}`
	signed := func(secret, body string, at time.Time) http.Header {
		return webhookHeader(t, secret, "msg_1", []byte(body), at)
	}
	add("wrong secret of a webhook", "/hooks/shop", signed(testEventsSecret, order, now), order, 401, "does not match")
	add("old webhook", "/hooks/shop", signed(testShopSecret, order, now.Add(-6*time.Minute)), order, 401, "last 5m")
	add("truncated webhook", "/hooks/shop", signed(testShopSecret, order[:20], now), order[:20], 400, "JSON")
	nobody := strings.Replace(order, `"id":"7"`, `"name":"x"`, 1)
	add("nobody", "/hooks/shop", signed(testShopSecret, nobody, now), nobody, 400, "data.contact.id is missing")

	add("no token", "/v1/events?crm=shop", http.Header{}, order, 401, "missing")
	add("wrong token", "/v1/events?crm=shop", bearer("another-token"), order, 401, "token is not valid")
	add("no CRM named", "/v1/events", bearer(testSecret), order, 400, "want one of hubspot, shop")
	add("other CRM named", "/v1/events?crm=sap", bearer(testSecret), order, 400, `crm \"sap\" is not configured`)
	add("not JSON", "/v1/events?crm=shop", bearer(testSecret), "x=1", 400, "JSON")

	response := `{"id":"1","source":"tool","program":"order-csat","score":3,"contact":{"id":"7"}}`
	add("response without a token", "/v1/responses?crm=shop", http.Header{}, response, 401, "missing")
	high := strings.Replace(response, "3", "6", 1)
	add("second response out of range", "/v1/responses?crm=shop", bearer(testSecret), "["+response+","+high+"]", 400, "responses[1].score is none of csat: want a whole number of 1 to 5")
	comment := `{"id":"1","source":"g2","kind":"review","text":"Good","rating":9,"contact":{"id":"7"}}`
	add("rating out of range", "/v1/feedback?crm=shop", bearer(testSecret), comment, 400, "rating is not a number of 1 to 5")
	chat := `{"id":"1","program":"order-csat","contact":{"id":"7"}}`
	add("invitation by another kind", "/v1/invitations?crm=shop", bearer(testSecret), chat, 400, "program is transactional")

	click := "payload=" + url.QueryEscape(`{"type":"block_actions","user":{"id":"U0GRACE"},"channel":{"id":"C0CX00001"},`+
		`"container":{"message_ts":"1.0"},"actions":[{"action_id":"case_resolve","action_ts":"1.0","value":"x y"}]}`)
	add("wrong secret of Slack", "/hooks/slack", slackHeader("another", []byte(click), now), click, 401, "signature")
	add("old click", "/hooks/slack", slackHeader(testSecret, []byte(click), now.Add(-6*time.Minute)), click, 401, "last 5m")
	add("click on no case", "/hooks/slack", slackHeader(testSecret, []byte(click), now), click, 400, "names no case")
	add("truncated click", "/hooks/slack", slackHeader(testSecret, []byte(click[:40]), now), click[:40], 400, "")
	return all
}

// badAnswers are what the pages behind a mail's links do not take.
func (w *world) badAnswers(t *testing.T, m *sandbox.Mail) []badRequest {
	page, unsubscribe := link(t, m), unsubscribeLink(t, m)
	_, token, _ := strings.Cut(page, "/s/")
	form := func(fields ...string) string {
		values := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			values.Add(fields[i], fields[i+1])
		}
		return values.Encode()
	}
	var all []badRequest
	add := func(name, url, body string, status int, says string) {
		all = append(all, badRequest{name, http.MethodPost, url, formHeader(), body, status, says})
	}
	other := []byte(token)
	other[len(other)-3] ^= 1
	const badLink = "This link is not valid"
	for name, forged := range map[string]string{
		"forged": string(other), "incomplete": token[:len(token)-4], "no sum": strings.Split(token, ".")[0],
		"another's id": "x" + token, "long": strings.Repeat("x", 4000),
	} {
		add(name+" link", w.url+"/s/"+forged, form("score", "2"), 404, badLink)
	}
	add("survey's link to refer", w.url+"/r/"+token, "", 404, badLink)
	add("survey's link to unsubscribe", w.url+"/u/"+token, form("List-Unsubscribe", "One-Click"), 404, badLink)
	for _, score := range []string{"11", "-1", "7.5", "1e1", "nine", "", "0x5", "9 9", "99999999999999999999"} {
		add(fmt.Sprintf("score %q", score), page, form("score", score), 422, `role="alert"`)
	}
	add("no score", page, form("comment", "x"), 422, "Veuillez choisir ou écrire une réponse.")
	add("two scores", page, form("score", "2", "score", "9"), 422, "score is given 2 times")
	add("long comment", page, form("score", "2", "comment", strings.Repeat("é", survey.MaxComment+1)), 422, "at most 5000")
	add("comment that is not text", page, form("score", "2", "comment", "\xff"), 422, "UTF-8")
	add("large form", page, form("score", "2", "comment", string(bytes.Repeat([]byte("x"), 200<<10))), 413, "larger than")
	add("form that cannot be read", page, "score=%zz", 400, "cannot be read")
	add("unsubscribing by another form", unsubscribe, form("unsubscribe", "yes"), 422, "List-Unsubscribe=One-Click")
	all = append(all,
		badRequest{"JSON for a form", http.MethodPost, page, http.Header{"Content-Type": {"application/json"}}, `{"score":2}`, 415, "want a form"},
		badRequest{"score in a link", http.MethodGet, page + "?score=11", http.Header{}, "", 422, `role="alert"`},
		badRequest{"other method", http.MethodDelete, page, http.Header{}, "", 405, ""},
	)
	return all
}
